"""Goes through a recorded batch once, event by event, and draws its data flow.

Each expression gets a node, whose parents are the nodes of its operands: variables, attributes, and
the expressions within it that the same statement has evaluated before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import GeneratorType, ModuleType
from typing import Any

import numpy as np

from engine.debug.events import Kind, Span
from engine.debug.facets.graph import NONE, Graph, Made
from engine.debug.facets.plans import (
    Does,
    Expression,
    Operand,
    Stores,
    expression_plan,
    statement_plan,
)
from engine.debug.facets.shadows import PLAIN_NUMBERS, Shadow
from engine.debug.facets.stores import NOTHING, StoreReplay
from engine.debug.facets.variables import Variable, rebound_by
from engine.debug.instrument.sites import SITES
from engine.debug.memory.mutations import CONTAINERS
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import is_a
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.recording import ELIDABLE
from engine.debug.record.trace import Trace

_HANDS_ON = frozenset({"next", "getattr", "iter"})
_ndarray = np.ndarray

_plans: dict[int, Expression] = {}  # by number of the site


def flow_of(
    trace: Trace, before: Callable[[set[Variable]], Mapping[Variable, Any]] | None = None
) -> Graph:
    """The data flow of a trace; `before` gives what global variables held before it."""
    rebound = rebound_by(trace)
    known = before(rebound) if before is not None and rebound else {}
    return _Replay(trace, known, rebound).run()


class _Replay(StoreReplay):
    """Goes through the expressions of a trace, and between them through its stores."""

    def __init__(
        self, trace: Trace, before: Mapping[Variable, Any], rebound: set[Variable]
    ) -> None:
        super().__init__(trace, before, rebound)
        self.frames: dict[int, Shadow] = {}
        self.returned = NONE  # the last event, if it is a return

    def run(self) -> Graph:
        """Draw the graph."""
        graph, raw, shadows, frames = self.graph, self.raw, self.shadows, self.frames
        of_event, line_of = graph.of_event, graph.line_of
        writes = self.writes
        due = writes[0][0] if writes else len(raw)
        places: dict[int, tuple[Kind, Span]] = {}
        nothing: list[Any] = []
        for event, (number, frame, value) in enumerate(raw):
            shadows.event = event
            shadow = frames.get(id(frame))
            if shadow is None:
                parent = frames.get(id(frame.parent)) if frame.parent is not None else None
                shadow = frames[id(frame)] = Shadow(frame, parent, event, NOTHING)
            place = places.get(number)
            if place is None:
                place = places[number] = SITES[number].kind, SITES[number].span
            kind, span = place
            node = NONE
            pending = nothing
            if due <= event:
                pending = self._catch_up(event, shadow, kind)
                due = writes[self.done][0] if self.done < len(writes) else len(raw) + 1
            bindings = frame.bindings
            if shadow.bound < len(bindings) and bindings[shadow.bound][0] <= event:
                self._bind(event, shadow, kind)
            if kind is Kind.EXPRESSION:
                plan = _plans.get(number)
                if plan is None:
                    plan = _plans[number] = expression_plan(number, shadow.line)
                if pending:
                    self._written_by_call(event, shadow, plan, pending, value)
                node = self._expression(event, shadow, plan, value)
                shadow.evals[span] = event
            elif kind is Kind.LINE:
                self._store_variables(event, shadow)
                shadow.line, shadow.line_event = statement_plan(number), event
                if shadow.line.stores is not Stores.ITERATE:
                    shadow.evals = {}
            elif kind is Kind.RETURN:
                self._store_variables(event, shadow)
                node = self._returns(event, shadow, value)
            of_event.append(node)
            line_of.append(shadow.line_event)
            self.returned = event if kind is Kind.RETURN else NONE
        self._finish()
        return graph

    def _finish(self) -> None:
        """What the last statement stored after the last event."""
        if self.raw:
            shadow = self.frames[id(self.raw[-1][1])]
            self._catch_up(len(self.raw) + 1, shadow, Kind.LINE)
        for _, frame, _ in self.raw[-1:]:
            self._bind(len(self.raw) + 1, self.frames[id(frame)], Kind.LINE)

    # Expressions.

    def _expression(self, event: int, shadow: Shadow, plan: Expression, value: Any) -> int:
        kind = type(value)
        called: int | None = None  # what a function returned that this call has called back
        if event and self.returned == event - 1:
            handed, frame = self.raw[event - 1][2], self.raw[event - 1][1]
            if frame.parent is shadow.frame:
                returned = self.graph.of_event[event - 1]
                if _is_same(handed, value):
                    return self._handed_on(event, value, returned)
                called = returned if returned >= 0 else None
        is_array = kind is _ndarray or is_a(value, np.ndarray)
        does = plan.does
        if not (is_array or kind in PLAIN_NUMBERS or kind is FadedArray or is_a(value, np.generic)):
            return self._no_data(event, shadow, plan, value)
        found: list[int] = []
        if does is Does.SUBSCRIPT:
            return self._subscript(event, shadow, plan, value, is_array)
        if does is Does.CHOOSE:
            for operand in plan.operands:
                held, node = self.shadows.entry(operand, shadow)
                if held is value:
                    return self._handed_on(event, value, self.shadows.node_of(held, node))
        if does is Does.CALL and self._hands_on(plan, shadow):
            return self._handed_on(event, value, self.shadows.node_of(value, NONE))
        self._collect(plan.operands, shadow, found, does is Does.CALL)
        if called is not None:
            found.append(called)
        return self._made(event, value, found, is_array)

    def _no_data(self, event: int, shadow: Shadow, plan: Expression, value: Any) -> int:
        """The node of an expression whose value is no data itself, but may hold some."""
        does, found = plan.does, list[int]()
        if does is Does.COMPREHEND:
            self._comprehended(event, shadow, plan, value)
        elif does is Does.COLLECT and type(value) is GeneratorType:
            self._collect(plan.operands, shadow, found, True)
            return self.graph.add(Made.EVENT, event, found)
        elif does is Does.CALL:
            if value is None and plan.base is not None:
                self._collect(plan.operands[1:], shadow, found, False)
                self.graph.given[event] = found
            elif is_a(value, (tuple, list)) and not self._hands_on(plan, shadow):
                self._collect(plan.operands, shadow, found, True)
                return self._several(event, plan, value, found)
        return NONE

    def _collect(
        self, operands: Iterable[Operand], shadow: Shadow, found: list[int], within: bool
    ) -> None:
        """Add the nodes of operands; the most common kinds are written out for speed."""
        env, evals, memory = shadow.env, shadow.evals, self.graph.memory
        for operand in operands:
            if operand.name:
                known = env.get(operand.name)
                if known is None:
                    known = self.shadows.global_entry(operand.name, shadow)
                value, node = known
            else:
                event = evals.get(operand.span)
                if event is None:
                    self.shadows.collect(operand, shadow, found, within)
                    continue
                value, node = self.raw[event][2], self.graph.of_event[event]
            kind = type(value)
            if kind in PLAIN_NUMBERS and node >= 0:
                found.append(node)
            elif kind is _ndarray and value.base is None and id(value) in memory:
                written = memory[id(value)]
                found.append(node if node > written else written)
            else:
                self.shadows.collect(operand, shadow, found, within)

    def _comprehended(self, event: int, shadow: Shadow, plan: Expression, value: Any) -> None:
        """Note the nodes of the integers of a list, which have no identity."""
        if not plan.operands or not value or type(value[0]) is not int:
            return
        last = shadow.evals.get(plan.operands[0].span)
        if last is None:
            return
        number, place = self.raw[last][0], len(value)
        while place and last > shadow.line_event:
            if self.raw[last][0] == number and self.raw[last][1] is shadow.frame:
                place -= 1
                self.graph.items[id(value), place] = self.graph.of_event[last]
            last -= 1

    def _made(self, event: int, value: Any, found: list[int], is_array: bool) -> int:
        """The node of a value that an expression has computed."""
        graph = self.graph
        if not is_array:
            node = graph.add(Made.EVENT, event, found)
            kind = type(value)
            if kind is not int and kind is not bool and kind is not FadedArray:
                graph.numbers[id(value)] = node
            return node
        root = value if value.base is None else root_of(value)
        written = graph.memory.get(id(root), NONE)
        if written >= 0 and root is value:
            return graph.add(Made.ALIAS, event, (written,))
        if written >= 0 and written not in found:
            found.append(written)
        node = graph.add(Made.EVENT, event, found)
        if written < 0:
            graph.memory[id(root)] = node
        graph.views[id(value)] = node
        return node

    def _handed_on(self, event: int, value: Any, source: int) -> int:
        node = self.shadows.node_of(value, source)
        if node < 0:
            if type(value) not in (int, bool, FadedArray):
                return NONE
            return self.graph.add(Made.EVENT, event, ())
        alias = self.graph.add(Made.ALIAS, event, (node,))
        memory = self.graph.memory
        known = memory.get(id(value), NONE)
        if 0 <= known <= node and self.graph.made[known] in (Made.EVENT, Made.ALIAS):
            memory[id(value)] = alias  # so that the call is a part of where the array came from
        return alias

    def _hands_on(self, plan: Expression, shadow: Shadow) -> bool:
        """Whether a call that is not recorded only gives out what a container holds."""
        if plan.function:
            return plan.function in _HANDS_ON and plan.function not in shadow.env
        if plan.base is None:
            return False
        kind = type(self.shadows.entry(plan.base, shadow)[0])
        if kind is ModuleType or kind is _ndarray:
            return False
        return issubclass(kind, (tuple, *CONTAINERS)) or hasattr(kind, "__next__")

    def _several(self, event: int, plan: Expression, value: Any, found: list[int]) -> int:
        """A call has returned several values, some of which it may have made."""
        graph = self.graph
        if not found:
            return NONE
        fresh = [
            item for item in value
            if (is_a(item, np.ndarray) and id(root_of(item)) not in graph.memory)
            or ((type(item) is float or is_a(item, np.generic)) and id(item) not in graph.numbers)
        ] if len(value) <= 64 else []  # fmt: skip
        if not fresh:
            return NONE
        node = graph.add(Made.EVENT, event, found)
        for item in fresh:
            if is_a(item, np.ndarray):
                graph.memory[id(root_of(item))] = graph.views[id(item)] = node
            else:
                graph.numbers[id(item)] = node
        return node

    def _subscript(
        self, event: int, shadow: Shadow, plan: Expression, value: Any, is_array: bool
    ) -> int:
        assert plan.base is not None or plan.operands
        base, *index = plan.operands if plan.base is not None else (Operand(), *plan.operands)
        thing, _ = self.shadows.entry(base, shadow)
        if not is_a(thing, (np.ndarray, FadedArray)):
            key = self._key(index[0], shadow) if index else plan.key
            return self._item(event, thing, key, value)
        found: list[int] = []
        self._collect(plan.operands, shadow, found, False)
        return self._made(event, value, found, is_array)

    def _item(self, event: int, thing: Any, key: Any, value: Any) -> int:
        """The node of an item of a container, of which a number may be known by its place."""
        known = NONE
        if type(value) is not _ndarray and type(key) in (int, str):
            if type(key) is int and key < 0 and is_a(thing, (list, tuple)):
                key += len(thing)
            known = self.graph.items.get((id(thing), key), NONE)
            if known < 0 and type(value) in (int, float):
                known = self._item_leaf(thing, key, value)
        return self._handed_on(event, value, known)

    def _returns(self, event: int, shadow: Shadow, value: Any) -> int:
        line = shadow.line
        source = NONE
        if line.stores is Stores.RETURN and line.value is not None:
            held, node = self.shadows.entry(line.value, shadow)
            if _is_same(held, value):
                source = node
        node = self.shadows.node_of(value, source)
        return NONE if node < 0 else self.graph.add(Made.ALIAS, event, (node,))


def _is_same(handed: Any, value: Any) -> bool:
    """Whether a value is the one handed on, or the trace's copy of it."""
    if handed is value:
        return True
    kind = type(value)
    if kind is not type(handed) or kind not in (_ndarray, FadedArray):
        return False
    if kind is _ndarray and (value.nbytes < ELIDABLE or value.flags.c_contiguous):
        return False
    same: bool = handed.shape == value.shape
    return same
