"""A recorded batch with its data flow, and what all rules ask of a node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from engine.debug.events import Kind
from engine.debug.facets.facets import Place, PlaceKey
from engine.debug.facets.graph import NONE, Graph, Made, is_number
from engine.debug.facets.plans import Expression, expression_plan, statement_plan
from engine.debug.facets.replay import flow_of
from engine.debug.facets.variables import Variable, last_stored, rebound_by
from engine.debug.instrument.sites import SITES, Site
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.trace import Trace


class Batch:
    """A recorded batch: its trace and its graph."""

    def __init__(self, trace: Trace, before: Batch | None = None) -> None:
        self.trace = trace
        self.raw = trace._raw
        self._before = before
        self._last_stored: dict[frozenset[Variable], Mapping[Variable, Any]] = {}

    @cached_property
    def graph(self) -> Graph:
        """Its data flow, which is drawn when it is first asked for."""
        before = self._before
        return flow_of(self.trace, None if before is None else before.last_stored)

    def last_stored(self, variables: set[Variable]) -> Mapping[Variable, Any]:
        """What each of some global variables held at the end, if the batch stored it."""
        wanted = frozenset(variables & self.rebound)
        if not wanted:
            return {}
        if wanted not in self._last_stored:
            found = last_stored(self.trace, wanted)
            if found is None:
                held = self.graph.variables
                found = {key: held[key][0] for key in wanted if key in held}
            self._last_stored[wanted] = found
        return self._last_stored[wanted]

    @cached_property
    def returned(self) -> int:
        """The node of what the step returned, if that is a number; else `NONE`."""
        if not self.raw or not is_number(self.trace.result):
            return NONE
        number, frame, _ = self.raw[-1]
        if SITES[number].kind is not Kind.RETURN or frame.parent is not None:
            return NONE
        return self.graph.of_event[len(self.raw) - 1]

    def value(self, node: int) -> Any:
        """The very object that a node is; None for a number that a statement stored."""
        graph = self.graph
        if node in graph.leaves:
            return graph.leaves[node].seen
        if node in graph.values:
            return graph.values[node]
        if graph.made[node] is Made.STORE:
            return None
        return self.raw[graph.at[node]][2]

    def shape(self, node: int) -> tuple[int, ...] | None:
        """The shape of a node's value: () for a number, None if it is no data."""
        if self.graph.made[node] is Made.STORE:
            return ()
        value = self.value(node)
        if isinstance(value, (np.ndarray, FadedArray)):
            return tuple(value.shape)
        return () if is_number(value) or isinstance(value, (bool, np.bool_)) else None

    def is_scalar(self, node: int) -> bool:
        """Whether a node is a single number."""
        return self.shape(node) == ()

    def is_real(self, node: int) -> bool:
        """Whether a node holds real numbers: no integers, no truth values."""
        value = self.value(node)
        if isinstance(value, np.ndarray):
            return value.dtype.kind in "fc"
        return value is None or isinstance(value, (float, complex, np.inexact, FadedArray))

    def original(self, node: int) -> int:
        """The node that made a value which others only handed on."""
        graph = self.graph
        while node >= 0 and graph.made[node] is Made.ALIAS and len(graph.parents[node]) == 1:
            node = graph.parents[node][0]
        return node

    def site(self, node: int) -> Site:
        """The place in the source of a node: of its event, or of the line that stored."""
        return SITES[self.raw[min(self.graph.at[node], len(self.raw) - 1)][0]]

    def key(self, node: int) -> int:
        """A number that tells nodes of one place in the source from those of others."""
        event = self.graph.at[node]
        number: int = self.raw[event if event < len(self.raw) else -1][0]
        return number * len(Made) + self.graph.made[node].value

    def plan(self, node: int) -> Expression:
        """What the expression of a node does."""
        event = self.graph.at[node]
        number = self.raw[event][0]
        return expression_plan(number, statement_plan(self.raw[self.graph.line_of[event]][0]))

    @cached_property
    def rebound(self) -> set[Variable]:
        """The file and name of the global variables that the batch stores."""
        return rebound_by(self.trace)

    @cached_property
    def executions(self) -> dict[int, list[int]]:
        """The events of each site, in order."""
        found: dict[int, list[int]] = {}
        for event, (number, _, _) in enumerate(self.raw):
            found.setdefault(number, []).append(event)
        return found

    def place(self, node: int) -> Place:
        """The place of a node, with the number of its execution, counted from the last one."""
        event = min(self.graph.at[node], len(self.raw) - 1)
        number = self.raw[event][0]
        site, same = SITES[number], self.executions[number]
        return Place(site.file, *site.span, same.index(event) - len(same), site.kind)

    def place_key(self, node: int) -> PlaceKey:
        """The place of a node, without the number of its execution."""
        site = self.site(node)
        return site.file, site.span, site.kind

    def events(self) -> Iterator[tuple[int, int]]:
        """Each event that has a node, and the node."""
        return ((event, node) for event, node in enumerate(self.graph.of_event) if node >= 0)

    def dataful(self, node: int) -> list[int]:
        """The parents of a node that depend on a leaf."""
        return [parent for parent in self.graph.parents[node] if self.holds_data[parent]]

    @cached_property
    def holds_data(self) -> bytearray:
        """Which nodes depend on a value from before the batch."""
        return self.graph.flow_from(self.graph.leaves)

    @cached_property
    def terms(self) -> dict[int, list[int]]:
        """By node, the nodes that were computed directly from it."""
        return dict(enumerate(self.graph.children()))


def batches_of(traces: Sequence[Trace]) -> list[Batch]:
    """The batches of some traces, in order."""
    found: list[Batch] = []
    for trace in traces:
        found.append(Batch(trace, found[-1] if found else None))
    return found


Step = Callable[..., Any]
