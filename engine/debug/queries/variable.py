"""What a name stands for from event to event: a local variable, an attribute, an item of either.

A name that a person points at becomes a `TracedVariable`, which holds across batches where it can.
A `VariableHistory` says when it was written in one trace, and what it was at each event.
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
from engine.debug.memory.buffers import root_of
from engine.debug.memory.contents import attributes_of
from engine.debug.memory.undo_log import MISSING, UndoLog, item_of
from engine.debug.record.trace import Trace
from engine.debug.travel.cursor import Cursor
from engine.errors import BadValue, NotInSight

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class TracedVariable:
    """What a name stands for.

    Attributes:
        name: of the local variable, or of the attribute.
        frame: the call whose variable it is; None of an attribute.
        owner: the object whose attribute it is; of a parameter that is no attribute of its layer,
            the array itself, and `name` is empty.
        keys: what it is indexed with, as of `self.v['Affine1.W']`.
        lives_on: whether it is there in other batches, too.
    """

    name: str
    frame: Frame | None
    owner: Any
    keys: tuple[Any, ...] = ()
    lives_on: bool = False

    def now(self) -> Any:
        """What an attribute, or an item of it, is in the live objects."""
        value = attributes_of(self.owner).get(self.name, MISSING) if self.name else self.owner
        for key in self.keys:
            value = item_of(value, key)
        return value


def thing_in_sight(cursor: Cursor, name: str) -> TracedVariable:
    """What a name stands for at the cursor.

    Args:
        cursor: where the cursor is.
        name: of a local variable, `self.W`, a layer's attribute `Affine1.x`, a parameter, or an
            item of one of these: `self.v['Affine1.W']`.

    Raises:
        NotInSight: there is nothing of this name at the cursor.
    """
    trace, event = cursor.trace, cursor.position.event
    frame = trace.frame(event)
    head, keys = _without_keys(name.strip())
    owner_name, _, own_name = head.rpartition(".")
    owner = frame.owner if owner_name == "self" else trace.layers.get(owner_name)
    parts = (*cursor.layers.values(), cursor.network, cursor.optimizer)
    parameter = cursor.network.parameters().get(head)
    home = None if parameter is None else trace.homes.home(head)
    is_local = not owner_name and trace.locals_at(event, frame).keys() >= {own_name}
    if is_local:
        thing = TracedVariable(own_name, frame, None, keys)
    elif home is not None:
        thing = TracedVariable(home.name, None, home.owner, (*home.keys, *keys), lives_on=True)
    elif owner is None and parameter is not None:
        thing = TracedVariable("", None, parameter, keys, lives_on=True)
    else:
        thing = TracedVariable(own_name, None, owner, keys, any(owner is part for part in parts))
    if (not is_local and thing.owner is None) or VariableHistory(trace, thing).raw(
        event
    ) is MISSING:
        known = [*trace.variables(event), *cursor.network.parameters()]
        raise NotInSight(name=name, known=", ".join(known))
    return thing


def parameter_in_sight(cursor: Cursor, name: str) -> str:
    """The full name of a parameter that a name in sight stands for, such as `self.W`.

    Raises:
        BadValue: it stands for something else.
    """
    parameters = cursor.network.parameters()
    if name.strip() in parameters:
        return name.strip()
    try:
        value = VariableHistory(cursor.trace, thing_in_sight(cursor, name)).raw(
            cursor.position.event
        )
    except NotInSight:
        value = None
    for full, array in parameters.items():
        if array is value:
            return full
    raise BadValue("parameter", name, f"one of {', '.join(parameters)}")


class VariableHistory:
    """A thing in one trace."""

    def __init__(self, trace: Trace, thing: TracedVariable) -> None:
        self.trace, self.thing = trace, thing
        self._moments: list[int] = []  # from which on the values hold
        self._values: list[Any] = []
        self._inner: dict[int, frozenset[int]] = {}  # of a container: the moments of its writes
        for moment, value in self._bindings():
            self._moments.append(moment)
            self._values.append(value)

    def _bindings(self) -> Iterator[tuple[int, Any]]:
        thing = self.thing
        if thing.frame is not None:
            yield from ((m, value) for m, name, value in thing.frame.bindings if name == thing.name)
            return
        record = self.trace.history.objects.get(id(thing.owner)) if thing.name else None
        if record is None:
            yield -1, replace(thing, keys=()).now()
            return
        yield -1, record.first.get(thing.name, MISSING)
        for moment, (name, value) in zip(record.at, record.stores, strict=True):
            if name == thing.name:
                yield moment, value

    def raw(self, event: int) -> Any:
        """The very object at an event; `MISSING` where there is none."""
        place = bisect_right(self._moments, event) - 1
        value = self._values[place] if place >= 0 else MISSING
        for key in self.thing.keys:
            value = item_of(self.trace.history.contents_at(value, event), key)
        return value

    def cells(self, event: int, cells: str) -> Array:
        """The cells of the array as they were at an event; raises BadValue where it has none."""
        value = self.raw(event)
        if not isinstance(value, np.ndarray):
            raise BadValue(
                "index of cells", cells, f"an array to take them of, not {type(value).__name__}"
            )
        return cells_of(self.trace.history.as_of(value, event), cells)

    def last_write(self, before: int, cells: str = "", *, changed: bool = False) -> int | None:
        """The last moment before another at which the thing was written; see `was_written`."""
        moments = range(min(before - 1, len(self.trace)), -1, -1)
        return next((m for m in moments if self.was_written(m, cells, changed=changed)), None)

    def was_written(self, moment: int, cells: str = "", *, changed: bool = False) -> bool:
        """Whether it was bound, stored or put in its container at a moment, or written into.

        With cells, a write into the array counts where it has changed one of them. With `changed`,
        so does another array in its place.
        """
        before, after = self.raw(moment - 1), self.raw(moment)
        if after is MISSING:
            return False
        if isinstance(after, np.ndarray) and after is before:
            writes = self.trace.history.arrays.get(id(root_of(after)))
            # `W -= dW` binds W anew, but to the same array: what counts is the write into it.
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
        """Whether a write into the memory of an array concerns the array, or those cells of it."""
        if not cells.strip() and array.nbytes == root_of(array).nbytes:
            return True
        return self._differ(array, array, moment, cells)

    def _differ(self, first: Array, second: Array, moment: int, cells: str) -> bool:
        """Whether cells of what was before a moment are others in what is there since."""
        history = self.trace.history
        try:
            before = cells_of(history.as_of(first, moment - 1), cells)
            after = cells_of(history.as_of(second, moment), cells)
        except BadValue:  # an array of another shape, which has no such cells
            return False
        return before.dtype.hasobject or before.tobytes() != after.tobytes()

    def _writes_within(self, value: Any) -> frozenset[int]:
        found = self._inner.get(id(value))
        if found is None:
            found = self._inner[id(value)] = frozenset(writes_to(self.trace.history, value))
        return found


def writes_to(history: UndoLog, value: Any, depth: int = 3) -> Iterator[int]:
    """The moments of all writes to an array, or to a container and what it holds."""
    if isinstance(value, np.ndarray):
        array = history.arrays.get(id(root_of(value)))
        yield from array.at if array is not None else ()
        return
    container = history.containers.get(id(value))
    yield from container.at if container is not None else ()
    if depth and isinstance(value, (dict, list, tuple)):
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, (np.ndarray, dict, list, tuple)):
                yield from writes_to(history, item, depth - 1)


def _without_keys(name: str) -> tuple[str, tuple[Any, ...]]:
    """`self.v['Affine1.W']` as `self.v` and the keys; a name that is no such thing as it is."""
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
