"""A variable over time: a local variable, an attribute, or an item of either.

`variable_in_scope` resolves a name at the cursor to a `TracedVariable`, which may be valid across
batches. A `VariableHistory` gives its values and its writes in one trace.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.debug.cells import cells_of
from engine.debug.events import Frame
from engine.debug.memory.namespaces import variables_of
from engine.debug.memory.undo_log import UndoLog
from engine.debug.reach.buffers import root_of
from engine.debug.reach.placeholders import MISSING, item_of
from engine.debug.record.trace import Trace
from engine.debug.travel.cursor import Cursor
from engine.errors import BadValue, NotInSight

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class TracedVariable:
    """A variable that a name refers to.

    Attributes:
        name: of the local variable, or of the attribute.
        frame: the call that owns a local variable; None for an attribute.
        owner: the object that owns an attribute, or the namespace of a global. For a parameter that
            is no attribute of its layer, the array itself; then `name` is empty.
        keys: the keys by which it is indexed, as in `self.v['Affine1.W']`.
        lives_on: whether it exists in other batches, too.
    """

    name: str
    frame: Frame | None
    owner: Any
    keys: tuple[Any, ...] = ()
    lives_on: bool = False

    def now(self) -> Any:
        """The value of an attribute, or of an item of it, in the live objects."""
        value = variables_of(self.owner).get(self.name, MISSING) if self.name else self.owner
        for key in self.keys:
            value = item_of(value, key)
        return value


def variable_in_scope(cursor: Cursor, name: str) -> TracedVariable:
    """The variable of a name at the cursor.

    Args:
        cursor: the moment.
        name: of a local variable, `self.W`, a layer's attribute `Affine1.x`, a parameter, or an
            item of one of these: `self.v['Affine1.W']`.

    Raises:
        NotInSight: there is no variable of this name at the cursor.
    """
    trace, event = cursor.trace, cursor.position.event
    frame = trace.frame(event)
    parameters = cursor.parameters()
    # A parameter of any program may have a name such as `params[0]`.
    head, keys = (name.strip(), ()) if name.strip() in parameters else _without_keys(name.strip())
    owner_name, _, own_name = head.rpartition(".")
    owner = frame.owner if owner_name == "self" else trace.layers.get(owner_name)
    parameter = parameters.get(head)
    place = None if parameter is None else trace.parameter_places.place_of(head)
    is_local = not owner_name and trace.locals_at(event, frame).keys() >= {own_name}
    if is_local:
        variable = TracedVariable(own_name, frame, None, keys)
    elif place is not None:
        variable = TracedVariable(
            place.name, None, place.owner, (*place.keys, *keys), lives_on=True
        )
    elif owner is None and parameter is not None:
        variable = TracedVariable("", None, parameter, keys, lives_on=True)
    elif not owner_name and own_name in trace.global_bindings_at(event, frame):
        variable = TracedVariable(own_name, None, frame.namespace, keys, lives_on=True)
    else:
        variable = TracedVariable(own_name, None, owner, keys, cursor.program.keeps(owner))
    if (not is_local and variable.owner is None) or VariableHistory(trace, variable).raw(
        event
    ) is MISSING:
        known = [*trace.variables(event), *parameters]
        raise NotInSight(name=name, known=", ".join(known))
    return variable


def parameter_in_scope(cursor: Cursor, name: str) -> str:
    """The full name of the parameter to which a name at the cursor, such as `self.W`, refers.

    Raises:
        BadValue: the name does not refer to a parameter.
    """
    parameters = cursor.parameters()
    if name.strip() in parameters:
        return name.strip()
    try:
        value = VariableHistory(cursor.trace, variable_in_scope(cursor, name)).raw(
            cursor.position.event
        )
    except NotInSight:
        value = None
    for full, array in parameters.items():
        if array is value:
            return full
    raise BadValue("parameter", name, f"one of {', '.join(parameters)}")


class VariableHistory:
    """The values and the writes of a variable in one trace."""

    def __init__(self, trace: Trace, variable: TracedVariable) -> None:
        self.trace, self.variable = trace, variable
        self._moments: list[int] = []  # each value holds from its moment on
        self._values: list[Any] = []
        self._inner: dict[int, frozenset[int]] = {}  # by id of a container: moments of its writes
        for moment, value in self._bindings():
            self._moments.append(moment)
            self._values.append(value)

    def _bindings(self) -> Iterator[tuple[int, Any]]:
        variable = self.variable
        if variable.frame is not None:
            yield from (
                (m, value) for m, name, value in variable.frame.bindings if name == variable.name
            )
            return
        record = self.trace.history.objects.get(id(variable.owner)) if variable.name else None
        if record is None:
            yield -1, replace(variable, keys=()).now()
            return
        yield -1, record.first.get(variable.name, MISSING)
        for moment, (name, value) in zip(record.at, record.stores, strict=True):
            if name == variable.name:
                yield moment, value

    def raw(self, event: int) -> Any:
        """The object itself at an event; `MISSING` if the variable does not exist."""
        place = bisect_right(self._moments, event) - 1
        value = self._values[place] if place >= 0 else MISSING
        for key in self.variable.keys:
            value = item_of(self.trace.history.contents_at(value, event), key)
        return value

    def cells(self, event: int, cells: str) -> Array:
        """The cells of the array at an event; raises BadValue if there are no such cells."""
        value = self.raw(event)
        if not isinstance(value, np.ndarray):
            raise BadValue(
                "index of cells", cells, f"an array to take them of, not {type(value).__name__}"
            )
        return cells_of(self.trace.history.as_of(value, event), cells)

    def last_write(self, before: int, cells: str = "", *, changed: bool = False) -> int | None:
        """The last moment before `before` at which the variable was written; see `was_written`."""
        moments = range(min(before - 1, len(self.trace)), -1, -1)
        return next((m for m in moments if self.was_written(m, cells, changed=changed)), None)

    def was_written(self, moment: int, cells: str = "", *, changed: bool = False) -> bool:
        """Whether the variable was bound, stored, put into its container or written at a moment.

        With `cells`, a write into the array counts only if it changed one of them. With `changed`,
        replacing the array counts only if it changed one of them, too.
        """
        before, after = self.raw(moment - 1), self.raw(moment)
        if after is MISSING:
            return False
        if isinstance(after, np.ndarray) and after is before:
            writes = self.trace.history.arrays.get(id(root_of(after)))
            # `W -= dW` binds W to the same array again: only the write into the array counts.
            if writes is not None and _holds(writes.at, moment):
                return self._changed(after, moment, cells)
        elif changed and isinstance(after, np.ndarray) and isinstance(before, np.ndarray):
            return self._differ(before, after, moment, cells)
        return (
            _holds(self._moments, moment)
            or after is not before
            or (not isinstance(after, np.ndarray) and moment in self._writes_within(after))
        )

    def _changed(self, array: Array, moment: int, cells: str) -> bool:
        """Whether a write into an array's memory changed the array, or these cells of it."""
        if not cells.strip() and array.nbytes == root_of(array).nbytes:
            return True
        return self._differ(array, array, moment, cells)

    def _differ(self, first: Array, second: Array, moment: int, cells: str) -> bool:
        """Whether cells of `first` before a moment differ from those of `second` after it."""
        history = self.trace.history
        try:
            before = cells_of(history.as_of(first, moment - 1), cells)
            after = cells_of(history.as_of(second, moment), cells)
        except BadValue:  # an array of another shape has no such cells
            return False
        return before.dtype.hasobject or before.tobytes() != after.tobytes()

    def _writes_within(self, value: Any) -> frozenset[int]:
        found = self._inner.get(id(value))
        if found is None:
            found = self._inner[id(value)] = frozenset(
                moment for moments in writes_to(self.trace.history, value) for moment in moments
            )
        return found


def writes_to(history: UndoLog, value: Any, depth: int = 3) -> Iterator[list[int]]:
    """The moments of the writes to an array, or to a container and each of its items, in order."""
    if isinstance(value, np.ndarray):
        array = history.arrays.get(id(root_of(value)))
        if array is not None:
            yield array.at
        return
    container = history.containers.get(id(value))
    if container is not None:
        yield container.at
    if depth and isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, (np.ndarray, dict, list, tuple)):
                yield from writes_to(history, item, depth - 1)


def _without_keys(name: str) -> tuple[str, tuple[Any, ...]]:
    """`self.v['Affine1.W']` as `self.v` and ('Affine1.W',); any other name without keys."""
    try:
        node = ast.parse(name, mode="eval").body
        keys: list[Any] = []
        while isinstance(node, ast.Subscript):
            keys.insert(0, ast.literal_eval(node.slice))
            node = node.value
    except (SyntaxError, ValueError):
        return name, ()
    return (ast.unparse(node), tuple(keys)) if keys else (name, ())


def _holds(moments: list[int], moment: int) -> bool:
    place = bisect_left(moments, moment)
    return place < len(moments) and moments[place] == moment
