"""The samples and the labels of a batch, and the predictions that meet the labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.facets.evidence import Batch
from engine.debug.facets.graph import NONE, Made, is_number
from engine.debug.facets.parameters import Changed
from engine.debug.facets.plans import Does
from engine.debug.reach.buffers import root_of
from engine.debug.reach.placeholders import FadedArray

_COMPARED = 3  # executions of a place


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Where predictions and labels meet in a batch.

    Attributes:
        first: the nodes that are computed from both, first of all, in order.
        predictions, labels, samples: nodes, or `NONE`.
        all_labels: the nodes of all that counts as labels.
    """

    first: Sequence[int] = ()
    predictions: int = NONE
    labels: int = NONE
    samples: int = NONE
    all_labels: Sequence[int] = ()


def differing(one: Batch, other: Batch, mixed: bytearray, end: int) -> list[int]:
    """The nodes of `one` before `end` that differ from batch to batch; none that are `mixed`."""
    graph = one.graph
    theirs = other.executions
    unlike: dict[int, bool] = {}
    counts: dict[int, int] = {}
    found: list[int] = []
    leaves: list[int] = []
    for node in range(end):
        made = graph.made[node]
        if mixed[node] or made is Made.WRITE or made is Made.STORE:
            continue
        if made is Made.LEAF:
            leaves.append(node)
            continue
        event = graph.at[node]
        number = one.raw[event][0]
        known = unlike.get(number)
        if known is None or not known:
            place = counts[number] = counts.get(number, -1) + 1
            same = theirs.get(number, ())
            if place < _COMPARED and place < len(same):
                here, there = one.raw[event][2], other.raw[same[place]][2]
                known = unlike[number] = not _alike(one, here, event, other, there, same[place])
        if known:
            found.append(node)
    return found + _differing_leaves(one, other, mixed, leaves)


def _differing_leaves(
    one: Batch, other: Batch, mixed: bytearray, leaves: Sequence[int]
) -> list[int]:
    """The leaves that differ from batch to batch, of those that meet a parameter directly."""
    children = one.terms
    wanted = {leaf for leaf in leaves if any(mixed[child] for child in children[leaf])}
    wanted = {leaf for leaf in wanted if one.shape(leaf) is not None}
    if not any(_may_be_data(one, leaf) for leaf in wanted):
        return []
    theirs: dict[tuple[int, int], list[int]] = {}
    for leaf, place in _numbered(other, other.graph.leaves):
        theirs.setdefault(place, []).append(leaf)
    others = {id(leaf.value) for leaf in other.graph.leaves.values()}
    unlike: dict[tuple[int, int], bool] = {}
    counts: dict[tuple[int, int], int] = {}
    found: list[int] = []
    for leaf, place in _numbered(one, one.graph.leaves):
        number = counts[place] = counts.get(place, -1) + 1
        if number < _COMPARED and not unlike.get(place):
            same = theirs.get(place, ())
            if number < len(same):
                there = same[number]
                unlike[place] = not _alike(
                    one, one.value(leaf), one.graph.at[leaf],
                    other, other.value(there), other.graph.at[there],
                )  # fmt: skip
            elif isinstance(one.value(leaf), np.ndarray):
                unlike[place] = id(one.graph.leaves[leaf].value) not in others
        if unlike.get(place) and leaf in wanted:
            found.append(leaf)
    return found


def _may_be_data(batch: Batch, leaf: int) -> bool:
    return (
        isinstance(batch.value(leaf), (np.ndarray, int)) or batch.graph.leaves[leaf].owner is None
    )


def _numbered(batch: Batch, leaves: Iterable[int]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Leaves, each with its place: the site, and how many were read there before it."""
    at_event: dict[int, int] = {}
    for leaf in leaves:
        event = batch.graph.at[leaf]
        order = at_event[event] = at_event.get(event, 0) + 1
        yield leaf, (batch.key(leaf), order)


def _alike(
    one: Batch, here: Any, event: int, other: Batch, there: Any, same: int
) -> bool:  # fmt: skip
    """Whether a value at an event of one batch is that at an event of another batch."""
    if isinstance(here, np.ndarray) and isinstance(there, np.ndarray):
        if here.shape != there.shape:
            return False
        if here.dtype.hasobject or there.dtype.hasobject:
            return True  # they are containers, whose elements are compared where they are read
        if root_of(here) is root_of(there) and _layout(here) == _layout(there):
            histories = (one.trace.history.arrays, other.trace.history.arrays)
            if not any(id(root_of(here)) in written for written in histories):
                return True
        if here.size > 1 << 22:
            return root_of(here) is root_of(there) and _layout(here) == _layout(there)
        here = one.trace.as_of(here, event)
        there = other.trace.as_of(there, same)
        if isinstance(here, FadedArray) or isinstance(there, FadedArray):
            return here is there
        return bool(np.array_equal(here, there))
    if is_number(here) and is_number(there):
        return bool(here == there)
    return True


def _layout(array: Any) -> Any:
    return array.__array_interface__["data"], array.strides


def meetings_of(
    batch: Batch, other: Batch, changed: Iterable[Changed], within: bytearray | None
) -> Meetings:
    """Where predictions and labels meet.

    Args:
        batch: the batch that is asked about.
        other: another one, to compare it with.
        changed: the places of what may be parameters.
        within: the slice of the losses; None if no loss is known.
    """
    graph = batch.graph
    parameters = [one.leaf for one in changed]
    mixed = graph.flow_from(parameters)
    end = len(graph) if within is None else within.rfind(1) + 1
    drawn = graph.flow_from(differing(batch, other, mixed, end))
    feeds = _feeds(batch, mixed, drawn, end)
    first, labels = _first_meetings(batch, mixed, drawn, feeds, end, within)
    if not first:
        samples = next((n for n in range(end) if feeds[n] and drawn[n]), NONE)
        return Meetings(samples=_selection(batch, samples, drawn, mixed))
    met = first[-1]
    both = [p for p in graph.parents[met] if mixed[p] and drawn[p]]
    given = [p for p in graph.parents[met] if p in labels]
    fed = [
        node for node in range(end)
        if feeds[node] and drawn[node] and not mixed[node]
        and any(mixed[child] for child in batch.terms[node])
    ]  # fmt: skip
    return Meetings(
        first,
        _prediction(batch, both[0], mixed, drawn),
        _selection(batch, given[0], drawn, mixed),
        _selection(batch, fed[0], drawn, mixed) if fed else NONE,
        tuple(labels),
    )


def _first_meetings(
    batch: Batch, mixed: bytearray, drawn: bytearray, feeds: bytearray, end: int,
    within: bytearray | None,
) -> tuple[list[int], list[int]]:  # fmt: skip
    """The nodes of one place that are computed from predictions and labels first; the labels."""
    graph = batch.graph
    first: list[int] = []
    labels: list[int] = []
    after = bytearray(len(graph))

    def is_label(node: int) -> bool:
        if not drawn[node] or mixed[node] or not _is_label(batch, node, feeds, drawn):
            return False
        return within is not None or not _is_made_of_samples(batch, node, feeds, drawn)

    for node in range(end):
        parents = graph.parents[node]
        if not mixed[node] or (within is not None and not within[node]):
            continue
        if any(after[parent] for parent in parents):
            after[node] = 1
        elif graph.made[node] is not Made.ALIAS and any(mixed[p] and drawn[p] for p in parents):
            given = [parent for parent in parents if is_label(parent)]
            if given:
                after[node] = 1
                first.append(node)
                labels += given
    place = batch.key(first[0]) if first else None
    return [node for node in first if batch.key(node) == place], labels


def _is_made_of_samples(batch: Batch, node: int, feeds: bytearray, drawn: bytearray) -> bool:
    """Whether a value is computed from samples, as `x.T` is in a backward pass."""
    graph = batch.graph
    node = batch.original(node)
    if graph.made[node] is not Made.EVENT or batch.plan(node).does is Does.SUBSCRIPT:
        return False
    source = graph.parents[node][:1]
    return bool(source) and bool(feeds[source[0]]) and bool(drawn[source[0]])


def _feeds(batch: Batch, mixed: bytearray, drawn: bytearray, end: int) -> bytearray:
    """The nodes without parameters that go, also by way of others, into one with a parameter.

    What they meet there is a parameter alone, as in `x @ W`, and no prediction.
    """
    graph = batch.graph
    feeds = bytearray(len(graph))
    for node in range(end - 1, -1, -1):
        parents = graph.parents[node]
        if mixed[node]:
            if not any(mixed[p] and not drawn[p] for p in parents):
                continue
            if not any(mixed[p] and drawn[p] for p in parents):
                for parent in parents:
                    if not mixed[parent] and drawn[parent]:
                        feeds[parent] = 1
        elif feeds[node]:
            for parent in parents:
                if not mixed[parent]:
                    feeds[parent] = 1
    return feeds


def _is_label(batch: Batch, node: int, feeds: bytearray, drawn: bytearray) -> bool:
    """Whether a value that meets a prediction is data, and neither a sample nor a random mask."""
    if feeds[node]:
        return False
    leaves = batch.graph.leaves
    return any(
        drawn[leaf]
        or batch.shape(leaf) not in (None, ())
        or isinstance(leaves[leaf].owner, (list, tuple, dict))
        for leaf in batch.graph.back_from(node)
        if leaf in leaves
    )


def _prediction(batch: Batch, node: int, mixed: bytearray, drawn: bytearray) -> int:
    """What meets the labels, without a function that only the loss applies to it (`np.log`)."""
    graph = batch.graph
    while graph.made[node] is Made.EVENT and len(batch.terms[node]) == 1:
        above = [p for p in graph.parents[node] if mixed[p] and drawn[p]]
        parents = batch.dataful(node)
        same = len(above) == 1 and batch.shape(above[0]) == batch.shape(node)
        if not same or len(parents) != 1 or len(batch.terms[above[0]]) < 2:
            break
        node = above[0]
    while graph.made[node] is Made.ALIAS and batch.plan(node).does is Does.SUBSCRIPT:
        node = graph.parents[node][0]
    return node


def _selection(batch: Batch, node: int, drawn: bytearray, mixed: bytearray) -> int:
    """The node that selects what another one was prepared from; or the leaf itself."""
    graph = batch.graph
    while node >= 0:
        while graph.made[node] is Made.ALIAS:
            handed = graph.parents[node][0]
            if handed in graph.leaves and not drawn[handed]:
                return node  # an item of a container, selected by an index that differs
            node = handed
        parents = [p for p in graph.parents[node] if not mixed[p]]
        data = [
            p for p in parents
            if p in graph.leaves and not drawn[p] and batch.shape(p) not in (None, ())
        ]  # fmt: skip
        if data or node in graph.leaves:
            return node
        prepared = [p for p in parents if drawn[p] and batch.shape(p) is not None]
        if not prepared:
            return node
        arrays = [p for p in prepared if not batch.is_scalar(p)]
        above = batch.original((arrays or prepared)[0])
        if not arrays and not batch.is_scalar(node) and graph.made[node] is not Made.WRITE:
            return node
        node = above
    return node
