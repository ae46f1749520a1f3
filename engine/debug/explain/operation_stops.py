"""The operation stops of a trace: the events that show what numpy has computed, tested or stored.

The other events are plumbing: calls, look-ups, views, indices, and values shown once already.
One scan over the trace finds all stops. It reads syntax, types and the logged attribute stores. It
does not read the contents, the memory or the identity of arrays, because a batch over budget keeps
only outlines of some arrays, and its stops have to be the same each time that it is recorded.
"""

from __future__ import annotations

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.debug.events import Frame, Kind
from engine.debug.memory.namespaces import CellStores
from engine.debug.reach.placeholders import MISSING, FadedArray, item_of
from engine.debug.record.trace import Trace


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ARRAYS = (np.ndarray, FadedArray)
_RESULTS = (np.generic, float, bool)
_NUMBERS = (np.number, float)  # each is an object of its own; bools and small ints are shared

# By the last name of a function or a method. They return an item, a part or a view.
_LOOK_UPS = _words(
    "getattr next get pop popleft popitem setdefault item "
    "reshape ravel transpose view squeeze swapaxes moveaxis rollaxis expand_dims diagonal "
    "broadcast_to broadcast_arrays atleast_1d atleast_2d atleast_3d asarray asanyarray "
    "ascontiguousarray asfortranarray flip fliplr flipud rot90 split array_split hsplit vsplit "
    "dsplit sliding_window_view as_strided frombuffer matrix_transpose"
)
# They make indices, or memory without values.
_INDICES = _words(
    "arange indices ix_ nonzero flatnonzero argwhere meshgrid unravel_index ravel_multi_index "
    "diag_indices diag_indices_from tril_indices tril_indices_from triu_indices triu_indices_from "
    "mask_indices empty empty_like"
)
# They tell of an array what does not depend on its values.
_MEASURES = _words("len ndim size shape isinstance hasattr id str repr format print")
_SHOW_NOTHING = _LOOK_UPS | _INDICES | _MEASURES
# They make one number of an array, which may be one of Python's.
_REDUCTIONS = _words("sum max min any all mean count_nonzero allclose array_equal array_equiv")
# They write into an array, and return None.
_WRITERS = _words(
    "copyto fill sort partition put place putmask shuffle fill_diagonal put_along_axis at"
)
_CALL_BACK = ("apply_along_axis", "apply_over_axes", "fromfunction")  # they call a person's code
_IDENTITY = (ast.Is, ast.IsNot, ast.In, ast.NotIn)
_Place = tuple[int, int, int | None, int | None]

_found: WeakKeyDictionary[Trace, tuple[int, ...]] = WeakKeyDictionary()


def operation_stops(trace: Trace) -> tuple[int, ...]:
    """The operation stops of a trace in order.

    Event 0 is one, so that each batch begins at a stop, and so is the exception that ends a trace.
    """
    found = _found.get(trace)
    if found is None:
        found = _found[trace] = tuple(_Scan(trace).stops())
    return found


def stop_number(stops: Sequence[int], event: int) -> int:
    """The number of the last stop at or before an event, counted from 0."""
    return max(bisect_right(stops, event) - 1, 0)


class _Running:
    """A running frame: its variables, and the parts of its statement that have been evaluated."""

    __slots__ = ("_bindings", "_names", "_next", "line", "namespace", "parts", "statement")

    def __init__(self, frame: Frame) -> None:
        self._bindings = frame.bindings
        self.namespace = frame.namespace
        self._next = 0  # the first binding that is not in `_names`
        self._names: dict[str, Any] = {}
        self.line = -1  # the event of the statement
        self.statement: ast.AST | None = None
        self.parts: dict[_Place, int] = {}  # the event of each part

    def name(self, name: str, event: int) -> Any:
        """The value of a local variable at an event, or `MISSING`; events in order."""
        bindings = self._bindings
        while self._next < len(bindings) and bindings[self._next][0] <= event:
            _, bound, value = bindings[self._next]
            self._names[bound] = value
            self._next += 1
        return self._names.get(name, MISSING)


class _Scan:
    """One pass over the events of a trace, which keeps the values of names and attributes."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._event = 0
        self._frames: dict[int, _Running] = {}
        self._stops: list[int] = []
        self._derived: set[int] = set()  # events whose value is a number or a test from an array
        self._numbers: set[int] = set()  # ids of such numbers
        self._arithmetic: set[int] = set()  # stops at arithmetic with such numbers, and at tests
        self._attributes: dict[int, dict[str, Any]] = {}
        self._stores: list[tuple[int, int, str, Any]] = []  # the latest first
        for key, record in trace.history.objects.items():
            if isinstance(record, CellStores):  # a closure's variable is one of its frame, too
                continue
            self._attributes[key] = dict(record.first)
            for moment, (name, value) in zip(record.at, record.stores, strict=True):
                self._stores.append((moment, key, name, value))
        self._stores.sort(key=lambda store: -store[0])
        self._shown_by: dict[type[ast.AST], Callable[[Any, Any, _Running], bool]] = {
            ast.BinOp: self._shows_binary,
            ast.UnaryOp: self._shows_unary,
            ast.Compare: self._shows_comparison,
            ast.BoolOp: self._shows_logic,
            ast.Call: self._shows_call,
            ast.Subscript: self._shows_subscript,
        }

    def stops(self) -> list[int]:
        """All stops."""
        stops, frames = self._stops, self._frames
        places: dict[int, _Place] = {}  # by id of a site
        returned: Frame | None = None  # the frame that the event before has left
        for event, (site, frame, value) in enumerate(self._trace.records()):
            self._event = event
            stored = bool(self._stores) and self._follow_stores()
            running = frames.get(id(frame))
            if running is None:
                running = frames[id(frame)] = _Running(frame)
            kind, node = site.kind, site.node
            if kind is Kind.EXPRESSION:
                shows = self._shown_by.get(type(node))
                shown = shows is not None and shows(node, value, running)
                if stored or (shown and not _was_returned(returned, node, frame)):
                    stops.append(event)
                place = places.get(id(site))
                if place is None:
                    place = places[id(site)] = _place(node)
                running.parts[place] = event
            elif kind is not Kind.CALL:
                ends = event == 0 or kind is Kind.EXCEPTION
                if ends or (running.statement and self._shows_write(running, stored)):
                    stops.append(event)
                running.line, running.parts = event, {}
                running.statement = node if kind is Kind.LINE else None
            returned = frame if kind is Kind.RETURN else None
        last = len(self._trace) - 1
        if self._trace.error is not None and last > 0 and stops[-1] != last:
            stops.append(last)
        return stops

    # What the code can see --------------------------------------------------------------------

    def _follow_stores(self) -> bool:
        """Take over the stores up to this event; whether an array was stored."""
        stored = False
        while self._stores and self._stores[-1][0] <= self._event:
            _, key, name, value = self._stores.pop()
            self._attributes[key][name] = value
            stored = stored or isinstance(value, _ARRAYS)
        return stored

    def _raw(self, node: ast.AST, running: _Running) -> Any:
        """The object that a node of the running statement evaluated to, or `MISSING`."""
        if isinstance(node, ast.Name):
            value = running.name(node.id, self._event)
            if value is MISSING and running.namespace is not None:
                return self._attributes[id(running.namespace)].get(node.id, MISSING)
            return value
        if isinstance(node, ast.Constant):
            return node.value
        event = running.parts.get(_place(node))
        if event is not None:
            return self._trace.raw(event)
        if isinstance(node, ast.Attribute):
            owner = self._raw(node.value, running)
            return self._attributes.get(id(owner), {}).get(node.attr, MISSING)
        return MISSING

    def _is_array(self, node: ast.AST, running: _Running) -> bool:
        return isinstance(self._raw(node, running), _ARRAYS)

    def _any_array(self, nodes: Sequence[ast.expr], running: _Running) -> bool:
        return any(self._is_array(node, running) for node in nodes)

    def _is_derived(self, node: ast.AST, running: _Running) -> bool:
        """Whether a node is a number or a test that was computed from an array."""
        if not self._derived or isinstance(node, ast.Constant):
            return False
        if not isinstance(node, ast.Name) and running.parts.get(_place(node)) in self._derived:
            return True
        value = self._raw(node, running)
        return isinstance(value, _NUMBERS) and id(value) in self._numbers

    # Expressions ------------------------------------------------------------------------------

    def _shows_binary(self, node: ast.BinOp, value: Any, running: _Running) -> bool:
        if isinstance(value, _ARRAYS):
            return True
        if isinstance(node.op, ast.MatMult) and self._is_array(node.left, running):
            return self._note_number(value)  # the product of two vectors
        return self._shows_number((node.left, node.right), value, running)

    def _shows_unary(self, node: ast.UnaryOp, value: Any, running: _Running) -> bool:
        if isinstance(value, _ARRAYS):
            return True
        is_test = isinstance(node.op, ast.Not)
        return self._shows_number((node.operand,), value, running, is_test)

    def _shows_comparison(self, node: ast.Compare, value: Any, running: _Running) -> bool:
        if isinstance(value, _ARRAYS):
            return True
        if any(isinstance(op, _IDENTITY) for op in node.ops):
            return False
        parts = (node.left, *node.comparators)
        return self._shows_number(parts, value, running, is_test=True)

    def _shows_logic(self, node: ast.BoolOp, value: Any, running: _Running) -> bool:
        if isinstance(value, _ARRAYS):  # one of its parts
            return False
        return self._shows_number(node.values, value, running, is_test=True)

    def _shows_call(self, node: ast.Call, value: Any, running: _Running) -> bool:
        name = _called(node)
        if name in _SHOW_NOTHING:
            return False
        if isinstance(value, _ARRAYS):
            return True
        operands = list(node.args)
        if isinstance(node.func, ast.Attribute):
            operands.append(node.func.value)
        if value is None:
            return name in _WRITERS and self._any_array(operands, running)
        if isinstance(value, tuple):  # such as the two results of `np.linalg.eigh`
            return isinstance(item_of(value, 0), _ARRAYS)
        if (isinstance(value, np.generic) or name in _REDUCTIONS) and self._any_array(
            operands, running
        ):
            return self._note_number(value)
        if any(self._is_derived(operand, running) for operand in operands):
            self._note_number(value)  # such as `float(loss)`
        return False

    def _shows_subscript(self, node: ast.Subscript, value: Any, running: _Running) -> bool:
        return isinstance(value, _ARRAYS) and self._gathers(node.slice, running)

    def _gathers(self, node: ast.expr, running: _Running) -> bool:
        """Whether an index takes cells out one by one; any other index gives a view or an item."""
        if isinstance(node, (ast.Constant, ast.Slice)):
            return False
        if isinstance(node, ast.Tuple):
            return any(self._gathers(part, running) for part in node.elts)
        return isinstance(node, ast.List) or isinstance(self._raw(node, running), (*_ARRAYS, list))

    def _shows_number(
        self, parts: Sequence[ast.expr], value: Any, running: _Running, is_test: bool = False
    ) -> bool:
        """Whether arithmetic or a test goes on with a number that was computed from an array.

        Of `-total / n` and of `a.min() < 0 or a.max() > 1` only the whole is a stop.
        """
        if not isinstance(value, _RESULTS):
            return False
        one_cell = is_test and self._any_array(parts, running)  # an array whose truth is asked
        if not one_cell and not any(self._is_derived(part, running) for part in parts):
            return False
        for part in parts:
            event = running.parts.get(_place(part), -1)
            if event in self._arithmetic or (is_test and event in self._derived):
                self._take_away(event)
        self._arithmetic.add(self._event)
        return self._note_number(value)

    def _take_away(self, event: int) -> None:
        place = bisect_left(self._stops, event)
        if self._stops[place : place + 1] == [event]:
            del self._stops[place]

    def _note_number(self, value: Any) -> bool:
        self._derived.add(self._event)
        if isinstance(value, _NUMBERS):
            self._numbers.add(id(value))
        return True

    # Stores and writes ------------------------------------------------------------------------

    def _shows_write(self, running: _Running, stored: bool) -> bool:
        """Whether the statement that has just run has written into an array, or stored one."""
        statement = running.statement
        if isinstance(statement, ast.AugAssign):
            return self._is_written(statement, running, stored)
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            return stored
        given = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        targets = [end for target in given for end in _ends(target)]
        into = [target.value for target in targets if isinstance(target, ast.Subscript)]
        if self._any_array(into, running):
            return True
        if not stored and not self._is_put(into, statement.value, running):
            return False
        return not self._was_shown(statement.value, running)

    def _is_written(self, statement: ast.AugAssign, running: _Running, stored: bool) -> bool:
        """Whether a statement such as `W -= lr * dW` has written into an array."""
        target = statement.target
        if isinstance(target, ast.Attribute):
            return stored
        if isinstance(target, ast.Subscript):
            return self._any_array((target.value, statement.value), running)
        return self._is_array(target, running)

    def _is_put(self, into: Sequence[ast.expr], value: ast.expr, running: _Running) -> bool:
        """Whether an array was put into a container that an object owns, as `self.v[name]`."""
        owned = [part for part in into if isinstance(part, ast.Attribute)]
        return self._is_array(value, running) and any(
            isinstance(self._raw(part, running), (dict, list)) for part in owned
        )

    def _was_shown(self, value: ast.expr, running: _Running) -> bool:
        """Whether the stored value is that of a stop in this statement."""
        last = value.elts[-1] if isinstance(value, ast.Tuple) and value.elts else value
        event = running.parts.get(_place(last), -1)
        place = bisect_left(self._stops, event)
        return event > running.line and self._stops[place : place + 1] == [event]


def _was_returned(returned: Frame | None, node: ast.AST, frame: Frame) -> bool:
    """Whether a recorded call has just returned this value, which was shown inside."""
    if returned is None or returned.parent is not frame:
        return False
    if isinstance(node, ast.Call):
        return _called(node) not in _CALL_BACK
    return returned.function.rpartition(".")[2].startswith("__")  # an overloaded operator


def _called(node: ast.Call) -> str:
    """The last name of what is called: `sum` of `x.sum()`, of `np.sum(x)` and of `sum(x)`."""
    function = node.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _place(node: ast.AST) -> _Place:
    """Where a node stands, which is the same in each copy of the tree."""
    assert isinstance(node, (ast.expr, ast.stmt))
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset


def _ends(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _ends(element)
    elif isinstance(target, ast.Starred):
        yield target.value
    else:
        yield target
