"""Finds the facets of a program in its first recorded batches, by data flow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.debug.facets.evidence import Batch, Step, batches_of
from engine.debug.facets.facets import (
    Facet,
    Found,
    FoundFacets,
    GradientFacet,
    LayerFacet,
    ParameterFacet,
    PhaseTable,
    Place,
)
from engine.debug.facets.gradients import Updates, name_of
from engine.debug.facets.graph import NONE
from engine.debug.facets.layers import layers_of
from engine.debug.facets.losses import grown_loss, original_loss, rounds_of
from engine.debug.facets.parameters import (
    Changed,
    Reached,
    changed_places,
    leaf_path,
    may_be_parameter,
    name_parameters,
    parameters_of,
)
from engine.debug.facets.passes import knows, learn, phases_by_flow
from engine.debug.facets.past import Past
from engine.debug.facets.phases import Phases, own_phases, spread
from engine.debug.facets.sources import Meetings, meetings_of
from engine.debug.reach.paths import Path, text_of
from engine.debug.record.recorder import no_collections
from engine.debug.record.trace import Trace


@dataclass(slots=True, eq=False)
class _Seen:
    """What one batch shows.

    Attributes:
        loss: the node of the loss of the whole batch, or `NONE`.
        losses: those of its rounds; where no loss is known, what stands in its place.
        returned: whether the step returned the loss.
    """

    batch: Batch
    number: int
    changed: list[Changed]
    loss: int = NONE
    losses: list[int] = field(default_factory=list)
    returned: bool = False
    meetings: Meetings = field(default_factory=Meetings)
    parameters: list[Changed] = field(default_factory=list)


def find(traces: Sequence[Trace], step: Step) -> FoundFacets:
    """The facets of a program.

    Args:
        traces: of batches that ran one after the other, two at least; the step's state is as after
            the last of them.
        step: the step, from which everything is reached.
    """
    batches = batches_of(traces)
    reached, past = Reached(step), Past(batches, step)
    with no_collections():
        seen = [_look(batches, len(batches) - 1, past, reached)]
        if (
            len(batches) > 2 or not seen[0].parameters
        ):  # those before tell when it was first updated
            seen = [_look(batches, n, past, reached) for n in range(len(batches) - 1)] + seen
        return _Facets(seen, batches, reached).found()


def _look(batches: Sequence[Batch], number: int, past: Past, reached: Reached) -> _Seen:
    batch = batches[number]
    other = batches[number - 1] if number else batches[1] if len(batches) > 1 else batch
    seen = _Seen(batch, number, changed_places(batch, number, past, reached))
    from_itself = [one for one in seen.changed if one.from_itself and may_be_parameter(one)]
    if batch.returned >= 0:
        seen.loss = original_loss(batch, batch.returned)
        seen.losses = rounds_of(batch, seen.loss)
        seen.parameters = parameters_of(batch, from_itself, seen.losses)
        seen.returned = bool(seen.parameters) or batch.is_real(seen.loss)
        if _comes_too_late(seen):
            seen.loss, seen.losses, seen.parameters, seen.returned = NONE, [], [], False
    if seen.losses and (seen.parameters or not _stands_in(seen, other, from_itself)):
        within = batch.graph.slice_of(seen.losses, [one.node for one in seen.parameters])
        seen.meetings = meetings_of(batch, other, seen.parameters or from_itself, within)
    elif not seen.parameters:
        _stands_in(seen, other, from_itself)
        _grow(seen)
    _drop_states(seen)
    return seen


def _stands_in(seen: _Seen, other: Batch, from_itself: list[Changed]) -> bool:
    """Put the first value of both predictions and labels in the place of the loss, if it fits."""
    meetings = meetings_of(seen.batch, other, from_itself, None)
    parameters = parameters_of(seen.batch, from_itself, meetings.first)
    if parameters or not seen.losses:
        seen.meetings, seen.losses = meetings, list(meetings.first)
        seen.parameters = parameters
    return bool(parameters)


def _comes_too_late(seen: _Seen) -> bool:
    """Whether the returned number was computed from parameters that the batch had updated."""
    graph = seen.batch.graph
    if not seen.losses:
        return False
    first = graph.slice_of(seen.losses[:1])
    real = [one for one in seen.changed if one.from_itself and seen.batch.is_real(one.node)]
    updated = [one for one in real if first[one.node]]
    return bool(updated) and not seen.parameters


def _grow(seen: _Seen) -> None:
    """Follow the first value of both predictions and labels to the number that is the loss."""
    if not seen.parameters or seen.returned:
        return
    graph = seen.batch.graph
    used = graph.slice_of(one.node for one in seen.parameters)
    grown = [grown_loss(seen.batch, first, used) for first in seen.losses]
    if NONE not in grown:
        seen.losses = grown
        seen.loss = grown[-1]


def _drop_states(seen: _Seen) -> None:
    """Of the parameters, keep those whose new value the labels had a part in, if any has."""
    if not seen.meetings.all_labels:
        return
    taught = seen.batch.graph.flow_from(seen.meetings.all_labels)
    kept = [one for one in seen.parameters if taught[one.node]]
    if kept:
        seen.parameters = kept


class _Facets:
    """Puts together what the batches show."""

    def __init__(
        self, seen: Sequence[_Seen], batches: Sequence[Batch], reached: Reached
    ) -> None:  # fmt: skip
        self.seen = seen
        self.batches = batches
        self.reached = reached
        with_updates = [one for one in seen if one.parameters]
        self.main = with_updates[-1] if with_updates else seen[-1]
        self.parameters: dict[str, tuple[ParameterFacet, Changed]] = {}
        first: dict[Path, int] = {}
        for one in seen:
            for parameter in one.parameters:
                first.setdefault(parameter.path, one.number)
        named = name_parameters(self.main.batch, self.main.parameters, reached, self.main.number)
        for name, (facet, changed) in named.items():
            number = first.get(changed.path, self.main.number)
            updated_in = 0 if number <= 1 else number
            self.parameters[name] = (
                ParameterFacet(name, facet.path, facet.also, updated_in), changed
            )  # fmt: skip
        self.gradient_nodes: dict[str, tuple[int, bool]] = {}
        self.updates: Updates | None = None
        if self.parameters and self.main.losses:
            updated = {name: one for name, (_, one) in self.parameters.items()}
            self.updates = Updates(self.main.batch, updated, self.main.changed, self.main.losses)
            self.gradient_nodes = {
                name: gradient for name in updated
                if (gradient := self.updates.gradient(name))[0] >= 0
            }  # fmt: skip

    def found(self) -> FoundFacets:
        """All facets."""
        table, own = self._passes()
        layers: Facet[tuple[LayerFacet, ...]]
        layers = _missing("no pair of functions shares an object or a cache")
        if own is not None:
            phases = spread(self.main.batch.trace, own)
            pairs = layers_of(
                self.main.batch, phases, self.main.batch.graph.at[self.main.losses[0]], self.reached
            )
            if pairs:
                how = "a forward and a backward function share an object, a cache or a closure"
                layers = Facet(pairs, how, True)
        met = self.main.meetings
        return FoundFacets(
            self._parameters(), self._gradients(), self._loss(), self._rate(), layers,
            self._place(met.predictions, "what first meets the labels"),
            self._place(met.labels, "differs from batch to batch, and meets the predictions"),
            self._place(met.samples, "differs from batch to batch, and meets parameters"),
            table,
        )  # fmt: skip

    def _parameters(self) -> Facet[Mapping[str, ParameterFacet]]:
        if not self.parameters:
            return _missing("no place is read by the loss and then updated from its own old value")
        facets = {name: facet for name, (facet, _) in self.parameters.items()}
        later = [facet.updated_in for facet in facets.values() if facet.updated_in]
        if later:
            how = f"the loss depends on them; first updated in batch {min(later)}"
            return Facet(facets, how, True, Found.UPDATED_LATER)
        how = "the loss depends on them, and after it they are computed from their own old values"
        return Facet(facets, how, True)

    def _gradients(self) -> Facet[Mapping[str, GradientFacet]]:
        if not self.gradient_nodes:
            return _missing("no update of a parameter uses an array of its shape")
        batch = self.main.batch
        facets = {
            name: GradientFacet(name, batch.place(node), name_of(batch, node), other)
            for name, (node, other) in self.gradient_nodes.items()
        }
        how = "the last array of its shape that a parameter's update uses, without its other terms"
        return Facet(facets, how, len(facets) == len(self.parameters))

    def _loss(self) -> Facet[Place]:
        main = self.main
        if main.returned:
            place = main.batch.place(main.loss)
            return Facet(place, "the number that the step returns", True, Found.RETURNED)
        if main.loss >= 0 and self.parameters:
            how = "the number that grows from predictions and labels"
            return Facet(main.batch.place(main.loss), how, True)
        if main.losses and self.parameters:
            how = "the first value computed from both predictions and labels"
            return Facet(main.batch.place(main.losses[-1]), how, False, Found.AMBIGUOUS)
        return _missing("the step returns no number")

    def _rate(self) -> Facet[Path]:
        if self.updates is None:
            return _missing("no parameter is updated")
        batch = self.main.batch
        paths: list[Path] = []
        for leaf in sorted(self.updates.rates):
            path = leaf_path(batch.graph.leaves[leaf], self.reached)
            if path is not None and path not in paths:
                paths.append(path)
        if not paths:
            return _missing("no number that the step reaches scales the updates")
        how = f"{text_of(paths[0])} scales the updates"
        if len(paths) > 1:
            others = ", ".join(map(text_of, paths[1:]))
            return Facet(paths[0], f"{how}; so do {others}", False, Found.AMBIGUOUS)
        return Facet(paths[0], how, True)

    def _place(self, node: int, how: str) -> Facet[Place]:
        if node < 0 or not self.parameters:
            return _missing("no value fits")
        return Facet(self.main.batch.place(node), how, True)

    def _passes(self) -> tuple[PhaseTable, Phases | None]:
        if self.updates is None:
            return PhaseTable(), None
        main = self.main
        batch, writes = main.batch, self.updates.writes()
        gradients = [node for node, _ in self.gradient_nodes.values()]
        losses = [*main.losses, main.loss] if main.loss >= 0 else list(main.losses)
        own = own_phases(batch, losses, gradients, writes)
        table = PhaseTable(
            {},
            frozenset(batch.place_key(node) for node in losses),
            frozenset(batch.place_key(node) for node in gradients),
            frozenset(batch.place_key(node) for node in writes),
        )
        table = learn([(batch, own)], table)
        for one in self.batches:  # the first ones may run lines that the later ones do not
            if one is not batch and not knows(one.trace, table):
                table = learn([(one, phases_by_flow(one, table))], table)
        return table, own


def _missing(how: str) -> Facet[Any]:
    return Facet(None, f"not found: {how}", False, Found.NOT_FOUND)
