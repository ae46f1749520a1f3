"""The losses of a batch: one, or one for each round."""

from __future__ import annotations

from collections import Counter

from engine.debug.facets.evidence import Batch
from engine.debug.facets.graph import NONE, Made

_ADDS = frozenset({"Add", "USub"})
_SUMS = frozenset({"sum", "mean", "float", "item", "fsum"})
_MOST = 100_000


def original_loss(batch: Batch, node: int) -> int:
    """The node that made a returned number, which the step may only have converted.

    `float(loss)` or `loss.mean()` after the update is not where the loss was made; the value that
    it was converted from is.
    """
    node = batch.original(node)
    last = _last_write(batch)
    while node >= 0 and batch.graph.at[node] > last >= 0:
        parents = batch.dataful(node)
        if len(parents) != 1 or batch.graph.made[parents[0]] is Made.LEAF:
            break
        node = batch.original(parents[0])
    return node


def _last_write(batch: Batch) -> int:
    """The event of the last store of real numbers that live on, or -1."""
    graph = batch.graph
    return max(
        (graph.at[s.node] for s in graph.stores if s.node >= 0 and s.memory
         and any(p in graph.leaves for p in graph.parents[s.node])),
        default=-1,
    )  # fmt: skip


def rounds_of(batch: Batch, loss: int) -> list[int]:
    """The losses that a loss is the sum of, where one place of the source made several; else it."""
    graph = batch.graph
    terms: list[int] = []
    pending, seen = [loss], {loss}
    while pending and len(seen) < _MOST:
        node = pending.pop()
        parents = _addends(batch, node)
        if parents and all(map(batch.is_scalar, parents)):
            pending += [parent for parent in parents if parent not in seen]
            seen.update(parents)
        elif graph.made[node] is not Made.LEAF:
            terms.append(node)
    places = Counter(batch.key(node) for node in terms)
    if places:
        place, count = places.most_common(1)[0]
        if count > 1:
            return sorted(node for node in terms if batch.key(node) == place)
    return [loss] if loss >= 0 else []


def _addends(batch: Batch, node: int) -> list[int]:
    """What a number is the sum of, scaled or only handed on; empty if it is something else."""
    made = batch.graph.made[node]
    parents = batch.dataful(node)
    if made in (Made.STORE, Made.ALIAS):
        return parents
    if made is not Made.EVENT:
        return []
    plan = batch.plan(node)
    if plan.operator == "Mult":
        parents = [parent for parent in parents if batch.graph.made[parent] is not Made.LEAF]
        return parents if len(parents) == 1 else []
    if plan.operator == "Div":
        return parents[:1]
    adds = plan.operator in _ADDS or plan.function in _SUMS or plan.method in _SUMS
    return parents if adds else []


def grown_loss(batch: Batch, first: int, used: bytearray) -> int:
    """The number that a first value of a loss grows to, where no update uses it on the way.

    `p[rows, t]` is the first value computed from predictions and labels; the mean of its
    logarithms is the loss.
    """
    node, terms = first, batch.terms
    while True:
        later = [child for child in terms[node] if not used[child]]
        if len(later) != 1 or batch.graph.made[later[0]] in (Made.WRITE, Made.STORE):
            break
        if (
            batch.is_scalar(node)
            and batch.graph.line_of[batch.graph.at[later[0]]]
            != (batch.graph.line_of[batch.graph.at[node]])
        ):
            break
        node = later[0]
    node = batch.original(node)
    return node if batch.is_scalar(node) and batch.is_real(node) else NONE
