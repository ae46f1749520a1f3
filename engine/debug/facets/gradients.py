"""The gradient of a parameter, and the learning rate, in the slice of its update."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.debug.facets.evidence import Batch
from engine.debug.facets.graph import NONE, Made, is_number
from engine.debug.facets.parameters import Changed
from engine.debug.facets.plans import Does, Stores, statement_plan

_SCALES = frozenset({"Mult", "Div", "USub", "UAdd"})
_SUMS = frozenset({"Add", "Sub"})
_LINEAR = frozenset({"Add", "Sub", "Mult", "USub", "UAdd"})
_LINEAR_CALLS = frozenset({"add", "subtract", "multiply", "negative", "copy"})
_MOST_STEPS = 64
_MOST_TRIED = 16


class Updates:
    """The updates of a batch.

    Args:
        batch: the batch.
        parameters: by name.
        changed: all places that the batch gave a new value.
        losses: the nodes of the losses.
    """

    def __init__(
        self, batch: Batch, parameters: Mapping[str, Changed], changed: Iterable[Changed],
        losses: Sequence[int],
    ) -> None:  # fmt: skip
        self.batch, self.graph = batch, batch.graph
        self.parameters = parameters
        own = {one.leaf for one in parameters.values()}
        self.losses = losses
        self.forward = batch.graph.slice_of(losses, self.writes())
        self.state = {  # m, v, running means, counters
            one.leaf for one in changed if one.leaf not in own and not self.forward[one.leaf]
        }
        self.mixed = self.graph.flow_from(own)
        self.fed = self.graph.flow_from(
            node for node in range(len(self.graph))
            if self.forward[node] and self.mixed[node] and node not in self.graph.leaves
        )  # fmt: skip
        self.older = {id(leaf.value) for leaf in batch.graph.leaves.values()}
        self.rates = self._rates()
        self.spoilt = self.graph.flow_from([*self.state, *self._settings()], self.writes())

    def writes(self) -> list[int]:
        """The nodes of the parameters' new values, and of all writes to their memory."""
        memory = {
            self.graph.roots_of_writes.get(one.node) for one in self.parameters.values()
        } - {None}  # fmt: skip
        found = {one.node for one in self.parameters.values()}
        places = {
            (id(store.owner), store.key) for store in self.graph.stores
            if store.node in found and not store.memory and _is_key(store.key)
        }  # fmt: skip
        found |= {
            store.node for store in self.graph.stores
            if store.node >= 0 and not store.memory and _is_key(store.key)
            and (id(store.owner), store.key) in places
        }  # fmt: skip
        found |= {n for n, root in self.graph.roots_of_writes.items() if root in memory}
        return sorted(found)

    def gradient(self, name: str) -> tuple[int, bool]:
        """The node of a parameter's gradient, or `NONE`; whether the update adds other terms."""
        one = self.parameters[name]
        shape = self.batch.shape(one.node)
        behind = self.graph.back_from(one.node, self.forward)
        last = max(self.losses)
        made = [
            node for node in behind
            if last < node < one.node and not self.spoilt[node]
            and self.fed[node] and self.batch.shape(node) == shape and self._is_made_here(node)
        ]  # fmt: skip
        if not made:
            return NONE, False
        node = self._without_scale(self._gateway(sorted(made, reverse=True), one), one)
        term, added = self._without_terms(node, one)
        return term, added or self._adds_terms(one, term)

    def _gateway(self, made: Sequence[int], one: Changed) -> int:
        """The last of some nodes through which all of the earlier ones reach the update.

        A square of the gradient, which only a running mean of squares uses, is no such node.
        """
        for node in made[:_MOST_TRIED]:
            around = self._around(one.node, node)
            earlier = self.graph.back_from(node)
            if not any(other in around and other in earlier for other in made if other < node):
                return node
        return made[0]

    def _around(self, start: int, avoided: int) -> set[int]:
        """The nodes that `start` was computed from by ways that do not lead through `avoided`."""
        found = {start}
        pending = [start]
        while pending:
            for parent in self.graph.parents[pending.pop()]:
                if parent not in found and parent != avoided and not self.forward[parent]:
                    found.add(parent)
                    pending.append(parent)
        return found

    def _adds_terms(self, one: Changed, gradient: int) -> bool:
        """Whether what an update adds up holds a momentum or a decay of the parameter.

        A running mean that the gradient is divided by is no term.
        """
        write = self.batch.original(one.node)
        pending = [
            parent for parent in self._terms_of(write) if self.batch.original(parent) != one.leaf
        ]
        found = {write, gradient, *pending}
        while pending:
            node = pending.pop()
            if node == gradient:
                continue
            if node == one.leaf or (node in self.state and self.batch.is_real(node)):
                return True
            for parent in self._terms_of(node):
                if parent not in found:
                    found.add(parent)
                    pending.append(parent)
        return False

    def _terms_of(self, node: int) -> Sequence[int]:
        """The parents of a node that it is proportional to, or a sum of."""
        parents = self.graph.parents[node]
        if self.graph.made[node] is not Made.EVENT:
            return parents
        plan = self.batch.plan(node)
        if plan.operator in ("Div", "FloorDiv") or plan.does is Does.SUBSCRIPT:
            return parents[:1]
        linear = plan.operator in _LINEAR or plan.method in _LINEAR_CALLS
        return parents if linear else ()

    def _is_made_here(self, node: int) -> bool:
        """Whether a node is a value of this batch, and no buffer from before it."""
        made = self.graph.made[node]
        if made is Made.WRITE:
            return self.graph.roots_of_writes[node] not in self.older
        return made is Made.EVENT or made is Made.STORE

    def _without_scale(self, node: int, one: Changed) -> int:
        """A gradient that the update's own statement multiplies by a constant, without it."""
        graph = self.graph
        shape = self.batch.shape(node)
        stores = [s.line for s in graph.stores if s.node == one.node]
        while graph.made[node] is Made.EVENT and graph.line_of[graph.at[node]] in stores:
            inner = [
                parent for parent in graph.parents[node]
                if self.batch.shape(parent) == shape and self.fed[parent]
                and parent > max(self.losses)
            ]  # fmt: skip
            if self.batch.plan(node).operator not in _SCALES or len(inner) != 1:
                break
            others = [parent for parent in graph.parents[node] if parent != inner[0]]
            if any(not self.batch.is_scalar(other) for other in others):
                break
            node = self.batch.original(inner[0])
        return node

    def _without_terms(self, node: int, one: Changed) -> tuple[int, bool]:
        """A gradient without the terms of weight decay that its expression adds to it."""
        graph, shape = self.graph, self.batch.shape(node)
        added = False
        while graph.made[node] is Made.EVENT and self.batch.plan(node).operator in _SUMS:
            parents = [self.batch.original(parent) for parent in graph.parents[node]]
            decays = [p for p in parents if self._is_decay(p, one)]
            inner = [p for p in parents if p not in decays and self.batch.shape(p) == shape
                     and self._is_made_here(p)]  # fmt: skip
            if not decays or len(inner) != 1:
                break
            node, added = inner[0], True
        return node, added

    def _is_decay(self, node: int, one: Changed) -> bool:
        """Whether a term is computed from the parameter alone."""
        behind = self.graph.back_from(node)
        return one.leaf in behind and all(
            leaf == one.leaf or self.batch.is_scalar(leaf)
            for leaf in behind if leaf in self.graph.leaves
        )  # fmt: skip

    def _settings(self) -> list[int]:
        """The leaves that are real numbers and no part of the forward pass: rates, decays."""
        return [
            leaf for leaf in self.graph.leaves
            if not self.forward[leaf] and self.batch.is_scalar(leaf) and self.batch.is_real(leaf)
        ] + list(self.rates)  # fmt: skip

    def _rates(self) -> set[int]:
        """The leaves of the learning rate: what scales the change of each parameter."""
        found = (self._rate(one) for one in self.parameters.values())
        return {leaf for leaf in found if leaf >= 0}

    def _rate(self, one: Changed) -> int:
        graph, batch = self.graph, self.batch
        node, behind = one.node, {one.leaf}
        for _ in range(_MOST_STEPS):
            parents = [batch.original(parent) for parent in graph.parents[node]]
            if graph.made[node] is Made.EVENT and batch.plan(node).operator in _SCALES:
                for parent in parents:
                    rate = self._factor(parent)
                    if rate >= 0:
                        return rate
            moving = [p for p in parents if p not in behind and p != one.leaf]
            moving = [p for p in moving if not self._only_old(p, one)] or moving
            arrays = [p for p in moving if batch.shape(p) == batch.shape(one.node)] or moving
            if not arrays:
                return NONE
            node = self._term(arrays)
            if node in graph.leaves or self.forward[node]:
                return NONE
        return NONE

    def _term(self, nodes: Sequence[int]) -> int:
        """The term of a sum that holds the gradient, and not only what lives on (`mu * v`)."""
        state = self.state
        fresh = [
            node for node in nodes
            if node not in self.graph.leaves and not state & self.graph.back_from(node)
        ]  # fmt: skip
        last = max(self.losses)
        return max((n for n in fresh if n > last), default=nodes[0])

    def _only_old(self, node: int, one: Changed) -> bool:
        """Whether a term is the old parameter, scaled or not."""
        behind = self.graph.back_from(node)
        return one.leaf in behind and all(
            other in self.graph.leaves or other < max(self.losses) or self._is_decay(other, one)
            for other in behind
        )

    def _factor(self, node: int) -> int:
        """The leaf of real numbers that a number is a multiple of, or `NONE`."""
        graph, batch = self.graph, self.batch
        for _ in range(_MOST_STEPS):
            if not batch.is_scalar(node):
                return NONE
            if node in graph.leaves:
                value = batch.value(node)
                real = is_number(value) and not isinstance(value, int) and not self.forward[node]
                return node if real else NONE
            parents = graph.parents[node]
            scales = graph.made[node] is Made.EVENT and batch.plan(node).operator in _SCALES
            if len(parents) > 1:
                factors = map(self._factor, parents) if scales else ()
                return next((one for one in factors if one >= 0), NONE)
            if not parents:
                return NONE
            node = parents[0]
        return NONE


def _is_key(key: Any) -> bool:
    return isinstance(key, (str, int, tuple)) and key != ()


def name_of(batch: Batch, node: int) -> str:
    """The variable or place that a value is stored in at once, as the source writes it, or ""."""
    graph = batch.graph
    event = graph.at[node]
    line = graph.line_of[event] if event < len(graph.line_of) else event
    plan = statement_plan(batch.raw[line][0])
    if plan.stores not in (Stores.ASSIGN, Stores.AUGMENT) or not plan.targets:
        return ""
    if graph.made[node] is Made.EVENT:
        site = batch.site(node)
        if plan.value is None or plan.value.span != site.span or len(plan.targets) != 1:
            return ""
    return plan.targets[0].text if not plan.targets[0].parts else ""
