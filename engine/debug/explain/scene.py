"""What stood in an expression when it ran: the values of its names, attributes and parts."""

from __future__ import annotations

import ast
import builtins
import inspect
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from operator import itemgetter
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.debug.events import Frame, Kind, Span
from engine.debug.explain.operation import Operand
from engine.debug.instrument.swaps import swaps
from engine.debug.memory.undo_log import MISSING, item_of
from engine.debug.record.syntax import span_of, text_of
from engine.debug.record.trace import Trace

UNKNOWN = MISSING  # the value of what cannot be told without running it again
_moment_of = itemgetter(0)


class Scene:
    """What an event's operation saw: values of the nodes of its statement.

    Args:
        trace: that it is in.
        event: the parts that count are those evaluated before it.
        moment: values are as they were at this event; as a rule the one before, since the
            operation itself may overwrite what it was given.
        named: names stand for what they were bound to at this event; as a rule its own.
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
        self._names = _index_of(trace).names_in(self.frame)

    def operand(self, node: ast.expr) -> Operand:
        """A node with its value and where that was made; a value that cannot be told is None."""
        found = self.event_of(node)
        raw = self.raw(node) if found is None else self.trace.raw(found)
        value = None if raw is UNKNOWN else self.then(raw)
        made = self.made(raw) if found is None else found
        return Operand(text_of(node), value, made, span_of(node))

    def event_of(self, node: ast.expr) -> int | None:
        """The event at which this part of the statement was evaluated last, if it has one."""
        if isinstance(node, (ast.Name, ast.Constant)):
            return None
        span = span_of(node)
        found = self._parts.get(span)
        while found is None and self._next >= 0:
            event = self._own[self._next]
            site = self.trace.site(event)
            self._next -= 1
            # What lies before the last time that this very place was evaluated is no part of now.
            if site.kind is Kind.LINE or site.kind is Kind.CALL or site is self._site:
                self._next = -1
            elif site.kind is Kind.EXPRESSION and site.span not in self._parts:
                self._parts[site.span] = event
                if site.span == span:
                    found = event
        return found

    def value(self, node: ast.expr) -> Any:
        """A node's value at this moment; `UNKNOWN` where it cannot be told."""
        return self.then(self.raw(node))

    def then(self, value: Any) -> Any:
        """A live value as it was at this moment."""
        return value if value is UNKNOWN else self.trace.as_of(value, self.moment)

    def raw(self, node: ast.expr) -> Any:
        """The very object that a node stood for; `UNKNOWN` where that cannot be told."""
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
        """Whether a part of the statement has its value, and has it from this turn of a loop."""
        found = self.event_of(node)
        if found is None:
            return self.raw(node) is not UNKNOWN
        return not any(moment > found for moment, _, _ in self.frame.bindings)

    def made(self, value: Any) -> int | None:
        """The event before this one at which an array became what it is; None: it is older.

        That is where it was made, or where it was last written into.
        """
        if not isinstance(value, np.ndarray):
            return None
        events = [_index_of(self.trace).makers.get(id(value))]
        events.append(self.trace.history.last_write(value, self.event))
        return max((e for e in events if e is not None and e < self.event), default=None)

    def is_followed(self, node: ast.expr) -> bool:
        """Whether it is known what a target was: global names and a class's attributes are not."""
        if isinstance(node, ast.Name):
            return node.id in self._names
        if isinstance(node, ast.Attribute):
            return id(self.raw(node.value)) in self.trace.history.objects
        return True

    def is_bound_now(self, name: ast.Name) -> bool:
        """Whether a name was bound just before this moment, or is not the function's own."""
        moments, _ = self._names.get(name.id, ([self.named], []))
        place = bisect_right(moments, self.named) - 1
        return place >= 0 and moments[place] == self.named

    def _name(self, name: str) -> Any:
        moments, values = self._names.get(name, _UNBOUND)
        place = bisect_right(moments, self.named) - 1
        if place >= 0 and values[place] is not MISSING:
            return values[place]
        found = _globals_of(self.frame).get(name, UNKNOWN)
        return getattr(builtins, name, UNKNOWN) if found is UNKNOWN else found

    def _slice(self, node: ast.Slice) -> Any:
        ends = [
            None if end is None else self.raw(end) for end in (node.lower, node.upper, node.step)
        ]
        return UNKNOWN if any(end is UNKNOWN for end in ends) else slice(*ends)

    def _attribute(self, thing: Any, name: str) -> Any:
        if thing is UNKNOWN:
            return UNKNOWN
        if inspect.ismodule(thing):
            return vars(thing).get(name, UNKNOWN)
        if isinstance(thing, (np.ndarray, np.generic)):
            return getattr(thing, name, UNKNOWN)
        if name.startswith("__") and not name.endswith("__"):
            name = f"_{self.frame.function.rpartition('.')[0].rpartition('.')[2].lstrip('_')}{name}"
        stored = self.trace.history.attributes_at(thing, self.moment)
        if name in stored:
            return stored[name]
        kept = inspect.getattr_static(thing, name, UNKNOWN)
        if isinstance(kept, (staticmethod, classmethod)):
            return kept.__func__
        return UNKNOWN if isinstance(kept, property) else kept

    def _item(self, thing: Any, key: Any) -> Any:
        """What a container holds; whatever else can be indexed is left alone, it may run code."""
        return item_of(self.trace.history.contents_at(thing, self.moment), key)


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
    """What is looked up in a trace again and again."""

    def __init__(self, trace: Trace) -> None:
        # Not the trace itself, which could never be freed.
        self._names: dict[int, _Names] = {}
        self.makers = _makers(trace)

    def names_in(self, frame: Frame) -> _Names:
        """By local name when it was bound, and to what."""
        found = self._names.get(id(frame))
        if found is None:
            found = self._names[id(frame)] = {}
            for moment, name, value in frame.bindings:
                moments, values = found.setdefault(name, ([], []))
                moments.append(moment)
                values.append(value)
        return found


_indices: WeakKeyDictionary[Trace, _Index] = WeakKeyDictionary()


def _index_of(trace: Trace) -> _Index:
    found = _indices.get(trace)
    if found is None:
        found = _indices[trace] = _Index(trace)
    return found


def _makers(trace: Trace) -> dict[int, int]:
    """By id of an array the first expression that had it as its value, and so has computed it.

    Arrays that the objects had before are not among them: those were looked up and not made.
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
    """The arrays that were there before the trace: what was passed, what objects kept."""
    for record in trace.history.objects.values():
        for value in record.first.values():
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
