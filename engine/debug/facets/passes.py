"""The passes and gradients of any recorded batch of a program whose facets are known.

Which pass a place in the source belongs to was learnt from the first batches. Only where a place
is unknown, or has belonged to several passes, is the data flow of the batch drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from engine.debug.events import Kind, Phase
from engine.debug.facets.evidence import Batch
from engine.debug.facets.facets import (
    BatchPasses,
    Chain,
    FoundFacets,
    PhaseTable,
    PlaceKey,
)
from engine.debug.facets.graph import Made
from engine.debug.facets.phases import Phases, own_phases, spread
from engine.debug.instrument.sites import SITES
from engine.debug.record.trace import Trace

Array = np.ndarray[Any, Any]
_NO_MORE = object()


def learn(batches: Sequence[tuple[Batch, Phases]], table: PhaseTable) -> PhaseTable:
    """The table with the passes of the events of more batches; what it knows stays."""
    known: dict[tuple[PlaceKey, Chain], tuple[Phase | None, ...]] = {}
    for batch, phases in batches:
        found: dict[tuple[PlaceKey, Chain], list[Phase | None]] = {}
        places = _Places(batch.trace)
        for number, phase in zip(places.of_event, phases, strict=True):
            found.setdefault(places.keys[number], []).append(phase)
        for key, executions in found.items():
            alike = len(set(executions)) == 1
            known[key] = (executions[0],) if alike else tuple(executions)
    return PhaseTable({**known, **table.phases}, table.losses, table.gradients, table.writes)


def knows(trace: Trace, table: PhaseTable) -> bool:
    """Whether a table has all places of a trace."""
    return all(key in table.phases for key in _Places(trace).keys)


class _Places:
    """The place of each event of a trace, with the chain of calls that led to it.

    Attributes:
        keys: the different ones.
        of_event: by event, the index of its own in `keys`.
    """

    def __init__(self, trace: Trace) -> None:
        self.keys: list[tuple[PlaceKey, Chain]] = []
        self.of_event: list[int] = []
        known: dict[tuple[int, int], int] = {}  # by site and number of the chain
        chains: dict[Chain, int] = {}
        all_chains: list[Chain] = []
        chain_of: dict[int, int] = {}
        lines: dict[int, int] = {}
        is_line: dict[int, bool] = {}
        for number, frame, _ in trace._raw:
            chain = chain_of.get(id(frame))
            if chain is None:
                parent = frame.parent
                path: Chain = ()
                if parent is not None:
                    path = (*all_chains[chain_of[id(parent)]], lines.get(id(parent), 0))
                chain = chains.setdefault(path, len(all_chains))
                if chain == len(all_chains):
                    all_chains.append(path)
                chain_of[id(frame)] = chain
            index = known.get((number, chain))
            if index is None:
                site = SITES[number]
                index = known[number, chain] = len(self.keys)
                self.keys.append(((site.file, site.span, site.kind), all_chains[chain]))
                is_line[number] = site.kind is Kind.LINE
            if is_line[number]:
                lines[id(frame)] = SITES[number].span.line
            self.of_event.append(index)


def passes_of(trace: Trace, found: FoundFacets) -> BatchPasses:
    """The pass of each event of a recorded batch."""
    table = found.passes
    if not table.losses:
        return BatchPasses((Phase.OTHER,) * len(trace))
    places = _Places(trace)
    own = _looked_up(places, table)
    if own is None:
        own = phases_by_flow(Batch(trace), table) if trace.is_whole else _likely(places, table)
    makes_loss = {n for n, (place, _) in enumerate(places.keys) if place in table.losses}
    losses = [event for event, key in enumerate(places.of_event) if key in makes_loss]
    return BatchPasses(spread(trace, own), _rounds(losses, own))


def _rounds(losses: Sequence[int], own: Phases) -> tuple[int, ...]:
    """Of several losses, those after which a backward pass or an update comes; and the last one."""
    ends = [*losses[1:], None] if losses else []  # a batch that raised may have none
    return tuple(
        loss for loss, end in zip(losses, ends, strict=True)
        if end is None or Phase.BACKWARD in own[loss:end] or Phase.UPDATE in own[loss:end]
    )  # fmt: skip


def _looked_up(places: _Places, table: PhaseTable) -> Phases | None:
    """The pass of each event by its place; None if a place is unknown or ambiguous."""
    known = [table.phases.get(key) for key in places.keys]
    if None in known:
        return None
    alone = [phases[0] if phases is not None else None for phases in known]
    several = {n: iter(phases) for n, phases in enumerate(known) if phases and len(phases) > 1}
    if not several:
        return [alone[number] for number in places.of_event]
    own: Phases = []
    for number in places.of_event:
        if number not in several:
            own.append(alone[number])
            continue
        phase = next(several[number], _NO_MORE)
        if phase is _NO_MORE:
            return None
        own.append(cast("Phase | None", phase))
    return None if any(next(left, _NO_MORE) is not _NO_MORE for left in several.values()) else own


def _likely(places: _Places, table: PhaseTable) -> Phases:
    """The most likely pass of each event, where the arrays that would tell were not kept."""
    by_place: dict[PlaceKey, tuple[Phase | None, ...]] = {}
    for (place, _), phases in table.phases.items():
        by_place[place] = by_place.get(place, ()) + phases
    known = [table.phases.get(key) or by_place.get(key[0]) or (None,) for key in places.keys]
    counts = [0] * len(known)
    own: Phases = []
    for number in places.of_event:
        phases = known[number]
        own.append(phases[min(counts[number], len(phases) - 1)])
        counts[number] += 1
    return own


def phases_by_flow(batch: Batch, table: PhaseTable) -> Phases:
    """The pass of each event by the data flow of its own batch, where the places are known."""
    graph = batch.graph
    losses: list[int] = []
    gradients: list[int] = []
    writes: list[int] = []
    for node in range(len(graph)):
        made = graph.made[node]
        if made is Made.LEAF or made is Made.ALIAS:
            continue
        key = batch.place_key(node)
        if key in table.losses:
            losses.append(node)
        elif key in table.gradients:
            gradients.append(node)
        elif key in table.writes:
            writes.append(node)
    return own_phases(batch, losses, gradients, writes)


def written_by_line(trace: Trace, line: int) -> tuple[int, Array] | None:
    """The moment at which the statement of a line event wrote to an array, and the array."""
    own = trace.events_of[id(trace.frame(line))]
    after = next((e for e in own if e > line and trace.kind(e) is not Kind.EXPRESSION), len(trace))
    best: tuple[int, Array] | None = None
    for writes in trace.history.arrays.values():
        for moment in writes.at:
            if line < moment <= after and (best is None or moment >= best[0]):
                best = moment, writes.root
    return best
