"""Finds the values that an expression's names, attributes and parts had when it ran."""

from __future__ import annotations

import ast
import builtins
import inspect
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.debug.events import Frame, Kind, Span
from engine.debug.explain.operation import Operand
from engine.debug.instrument.swaps import swaps
from engine.debug.memory.undo_log import UndoLog
from engine.debug.reach.placeholders import MISSING, item_of
from engine.debug.record.syntax import span_of, text_of
from engine.debug.record.trace import Trace

UNKNOWN = MISSING  # the value of a node that only running it again would give


class Scene:
    """The values of the syntax nodes of an event's statement.

    Args:
        trace: the trace of the event.
        event: parts evaluated before this event count.
        moment: values are those at this event. By default it is the previous event, since the
            operation itself may overwrite its operands.
        named: names have their bindings at this event; by default `event`.
    """

    def __init__(
        self, trace: Trace, event: int, moment: int | None = None, named: int | None = None
    ) -> None:
        self.trace = trace
        self.event = event
        self.moment = event - 1 if moment is None else moment
        self.named = event if named is None else named
        self.frame = trace.frame(event)
        self._site = trace.site(event)
        self._own = trace.events_of[id(self.frame)]
        self._next = bisect_left(self._own, event) - 1
        self._parts: dict[Span, int] = {}
        self._names = _index_of(trace).names_in(self.frame, trace.history)

    def operand(self, node: ast.expr) -> Operand:
        """A node with its value and the event that made the value; an unknown value is None."""
        found = self.event_of(node)
        raw = self.raw(node) if found is None else self.trace.raw(found)
        value = None if raw is UNKNOWN else self.then(raw)
        made = self.made(raw) if found is None else found
        return Operand(text_of(node), value, made, span_of(node))

    def event_of(self, node: ast.expr) -> int | None:
        """The event at which this part of the statement was last evaluated, or None."""
        if isinstance(node, (ast.Name, ast.Constant)):
            return None
        span = span_of(node)
        found = self._parts.get(span)
        while found is None and self._next >= 0:
            event = self._own[self._next]
            site = self.trace.site(event)
            self._next -= 1
            # Events before the previous evaluation of this place belong to an earlier turn.
            if site.kind is Kind.LINE or site.kind is Kind.CALL or site is self._site:
                self._next = -1
            elif site.kind is Kind.EXPRESSION and site.span not in self._parts:
                self._parts[site.span] = event
                if site.span == span:
                    found = event
        return found

    def value(self, node: ast.expr) -> Any:
        """A node's value at this moment, or `UNKNOWN`."""
        return self.then(self.raw(node))

    def then(self, value: Any) -> Any:
        """The contents of a live object at this moment."""
        return value if value is UNKNOWN else self.trace.as_of(value, self.moment)

    def raw(self, node: ast.expr) -> Any:
        """The live object that a node evaluated to, or `UNKNOWN`."""
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Constant):
            return node.value
        found = self.event_of(node)
        if found is not None:
            return self.trace.raw(found)
        if isinstance(node, ast.Attribute):
            return self._attribute(self.raw(node.value), node.attr)
        if isinstance(node, ast.Subscript):
            return self._item(self.raw(node.value), self.raw(node.slice))
        if isinstance(node, ast.Slice):
            return self._slice(node)
        if isinstance(node, ast.Tuple):
            parts = tuple(self.raw(element) for element in node.elts)
            return UNKNOWN if any(part is UNKNOWN for part in parts) else parts
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return UNKNOWN

    def is_known_now(self, node: ast.expr) -> bool:
        """Whether a part of the statement has a value from this turn of a loop."""
        found = self.event_of(node)
        if found is None:
            return self.raw(node) is not UNKNOWN
        return not any(moment > found for moment, _, _ in self.frame.bindings)

    def made(self, value: Any) -> int | None:
        """The last event before this one at which an array was made or written; None if older."""
        if not isinstance(value, np.ndarray):
            return None
        events = [_index_of(self.trace).makers.get(id(value))]
        events.append(self.trace.history.last_write(value, self.event))
        return max((e for e in events if e is not None and e < self.event), default=None)

    def is_followed(self, node: ast.expr) -> bool:
        """Whether the trace follows a target; not all class attributes are followed."""
        if isinstance(node, ast.Name):
            return node.id in self._names
        if isinstance(node, ast.Attribute):
            return id(self.raw(node.value)) in self.trace.history.objects
        return True

    def is_bound_now(self, name: ast.Name) -> bool:
        """Whether a name was bound just before this moment, or is not followed."""
        moments, _ = self._names.get(name.id, ([self.named], []))
        place = bisect_right(moments, self.named) - 1
        return place >= 0 and moments[place] == self.named

    def _name(self, name: str) -> Any:
        moments, values = self._names.get(name, _UNBOUND)
        place = bisect_right(moments, self.named) - 1
        if place >= 0 and values[place] is not MISSING:
            return values[place]
        found: Any = UNKNOWN
        if name not in self.frame.global_names:  # which did not exist at this moment
            found = _globals_of(self.frame).get(name, UNKNOWN)
        return getattr(builtins, name, UNKNOWN) if found is UNKNOWN else found

    def _slice(self, node: ast.Slice) -> Any:
        ends = [
            None if end is None else self.raw(end) for end in (node.lower, node.upper, node.step)
        ]
        return UNKNOWN if any(end is UNKNOWN for end in ends) else slice(*ends)

    def _attribute(self, owner: Any, name: str) -> Any:
        if owner is UNKNOWN:
            return UNKNOWN
        if inspect.ismodule(owner):
            return vars(owner).get(name, UNKNOWN)
        if isinstance(owner, (np.ndarray, np.generic)):
            return getattr(owner, name, UNKNOWN)
        if name.startswith("__") and not name.endswith("__"):
            name = f"_{self.frame.function.rpartition('.')[0].rpartition('.')[2].lstrip('_')}{name}"
        stored = self.trace.history.attributes_at(owner, self.moment)
        if name in stored:
            return stored[name]
        kept = inspect.getattr_static(owner, name, UNKNOWN)
        if isinstance(kept, (staticmethod, classmethod)):
            return kept.__func__
        return UNKNOWN if isinstance(kept, property) else kept

    def _item(self, container: Any, key: Any) -> Any:
        """An item of a built-in container; indexing other objects is unknown, it may run code."""
        return item_of(self.trace.history.contents_at(container, self.moment), key)


def _globals_of(frame: Frame) -> Mapping[str, Any]:
    """The global names of a running function."""
    name = frame.function.rpartition(".")[2]
    method = inspect.getattr_static(type(frame.owner), name, None)
    if isinstance(method, FunctionType) and method.__code__.co_filename == frame.file:
        return method.__globals__
    for known, code, _ in reversed(list(swaps.known.values())):
        function = known() if code.co_filename == frame.file else None
        if function is not None:
            return function.__globals__
    return {}


_Names = dict[str, tuple[list[int], list[Any]]]
_UNBOUND: tuple[list[int], list[Any]] = ([], [])


class _Index:
    """Lookup tables of a trace."""

    def __init__(self, trace: Trace) -> None:
        # Holds no reference to the trace, which could otherwise never be freed.
        self._names: dict[int, _Names] = {}
        self.makers = _makers(trace)

    def names_in(self, frame: Frame, history: UndoLog) -> _Names:
        """By name of a variable, local or global, the moments and the values of its bindings."""
        found = self._names.get(id(frame))
        if found is None:
            found = self._names[id(frame)] = {}
            for moment, name, value in frame.bindings:
                moments, values = found.setdefault(name, ([], []))
                moments.append(moment)
                values.append(value)
            record = history.record_of(frame.namespace)
            if record is not None:
                for name in frame.global_names:
                    moments, values = record.stores_of(name)
                    first = record.first.get(name, MISSING)
                    found.setdefault(name, ([-1, *moments], [first, *values]))
        return found


_indices: WeakKeyDictionary[Trace, _Index] = WeakKeyDictionary()


def _index_of(trace: Trace) -> _Index:
    found = _indices.get(trace)
    if found is None:
        found = _indices[trace] = _Index(trace)
    return found


def _makers(trace: Trace) -> dict[int, int]:
    """By id of an array, the event of the first expression with it as its value: its maker.

    Arrays that existed before the trace are left out: expressions only looked them up.
    """
    known: dict[int, int] = {}
    older = {id(array) for array in _older(trace)}
    for event in range(len(trace)):
        value = trace.raw(event)
        if (
            isinstance(value, np.ndarray)
            and id(value) not in older
            and trace.kind(event) is Kind.EXPRESSION
        ):
            known.setdefault(id(value), event)
    return known


def _older(trace: Trace) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays that existed before the trace: arguments, and attributes of objects."""
    for record in trace.history.objects.values():
        for value in record.first_values():
            yield from _arrays_in(trace, value)
    for frame in trace.frames[:1]:
        for moment, _, value in frame.bindings:
            if moment == 0:
                yield from _arrays_in(trace, value)


def _arrays_in(trace: Trace, value: Any, depth: int = 3) -> Iterator[np.ndarray[Any, Any]]:
    if isinstance(value, np.ndarray):
        yield value
    elif depth and isinstance(value, (dict, list, tuple)):
        writes = trace.history.containers.get(id(value))
        state = value if writes is None else writes.contents_before(0)
        for item in state.values() if isinstance(state, dict) else state:
            yield from _arrays_in(trace, item, depth - 1)
