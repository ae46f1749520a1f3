"""The parameters: places that a batch reads, that the loss depends on, and that it then updates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.facets.evidence import Batch, Step
from engine.debug.facets.facets import ParameterFacet
from engine.debug.facets.graph import NONE, Leaf, is_float_array
from engine.debug.facets.past import Past
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import attributes_of, dictionary_of, is_a
from engine.debug.reach.paths import Access, Path, Way, paths_from, text_of
from engine.debug.reach.placeholders import MISSING


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A place that a batch gave a new value.

    Attributes:
        path: the shortest path to it.
        value: the new value.
        node: that of the new value.
        leaf: that of the value from before the batch.
        from_itself: whether the new value was computed from the old one.
    """

    path: Path
    value: Any
    node: int
    leaf: int
    from_itself: bool


class Reached:
    """Everything that a step reaches now, by path."""

    def __init__(self, step: Step) -> None:
        self.paths = list(paths_from(step))
        self.objects: dict[int, Path] = {}
        for path, value in self.paths:
            self.objects.setdefault(id(value), path)

    def path_of(self, owner: Any, key: Any) -> Path | None:
        """The path of an attribute of an object, or of an item of a container."""
        path = self.objects.get(id(owner))
        if path is None:
            return None
        way = Way.ITEM if is_a(owner, (list, tuple, dict)) else Way.ATTRIBUTE
        return (*path, Access(way, key))

    def aliases(self, wanted: Mapping[int, Any]) -> dict[int, list[Path]]:
        """By id of each wanted object, the paths that lead to it."""
        found: dict[int, list[Path]] = {key: [] for key in wanted}
        for path, value in self.paths:
            if id(value) in wanted:
                found[id(value)].append(path)
            elif is_a(value, (list, tuple)):
                for place, item in enumerate(value):
                    if id(item) in wanted:
                        found[id(item)].append((*path, Access(Way.ITEM, place)))
            elif is_a(value, dict):
                for key, item in value.items():
                    if id(item) in wanted:
                        found[id(item)].append((*path, Access(Way.ITEM, key)))
            elif dictionary_of(value) is not None and not is_a(value, np.ndarray):
                for name, item in attributes_of(value).items():
                    if id(item) in wanted:
                        found[id(item)].append((*path, Access(Way.ATTRIBUTE, name)))
        return found


def changed_places(batch: Batch, number: int, past: Past, reached: Reached) -> list[Changed]:
    """The places of real numbers that a batch gave a new value, and that it had read before."""
    graph = batch.graph
    by_identity: dict[int, int] = {}
    by_place: dict[tuple[int, Any], int] = {}
    by_variable: dict[str, int] = {}
    for leaf_node, held in graph.leaves.items():
        by_identity.setdefault(id(held.value), leaf_node)
        if held.owner is not None:
            by_place.setdefault((id(held.owner), held.name), leaf_node)
        if held.variable is not None:
            by_variable.setdefault(held.variable[1], leaf_node)
    found: list[Changed] = []
    is_last = number == len(past.batches) - 1
    for path, value in reached.paths:
        after = value if is_last else past.at(path, number + 1)
        node = _node_after(batch, path, after, past, number)
        if node < 0 or node in graph.leaves:
            continue
        before = past.at(path, number)
        leaf = NONE
        if is_a(before, np.ndarray):
            root = root_of(before)
            if root.size == before.size:  # and no selection of it
                leaf = by_identity.get(id(root), NONE)
        elif len(path) > 1 and type(path[-1].key) in (int, str):
            owner = past.at(path[:-1], number)
            leaf = by_place.get((id(owner), path[-1].key), NONE)
        if leaf < 0 and len(path) == 1 and path[0].way is Way.GLOBAL:
            leaf = by_variable.get(path[0].key, NONE)
        if leaf < 0 and before is not MISSING:
            leaf = by_identity.get(id(before), NONE)
        if leaf >= 0:
            found.append(Changed(path, after, node, leaf, leaf in graph.back_from(node)))
    return found


def _node_after(batch: Batch, path: Path, after: Any, past: Past, number: int) -> int:
    """The node of what a place holds after a batch; `NONE` if the batch has not touched it."""
    graph = batch.graph
    if is_float_array(after):
        node = graph.memory.get(id(root_of(after)), NONE)
        return max(node, graph.views.get(id(after), NONE)) if node >= 0 else NONE
    if not is_a(after, (float, np.floating, int)) or is_a(after, bool):
        return NONE
    if len(path) == 1:
        if path[0].way is Way.GLOBAL:
            for (_, name), (_, node) in graph.variables.items():
                if name == path[0].key:
                    return node
        return graph.numbers.get(id(after), NONE)
    owner, key = past.at(path[:-1], number + 1), path[-1].key
    if type(key) not in (int, str):
        return NONE
    if path[-1].way is Way.ITEM:
        return graph.items.get((id(owner), key), graph.numbers.get(id(after), NONE))
    return graph.attributes.get((id(owner), key), (None, NONE))[1]


def parameters_of(batch: Batch, changed: Iterable[Changed], losses: Sequence[int]) -> list[Changed]:
    """The changed places on which the losses depend, and whose last write comes after them."""
    if not losses:
        return []
    graph = batch.graph
    used = graph.slice_of(losses)
    last = max(losses)
    candidates = [
        one for one in changed
        if one.from_itself and used[one.leaf] and one.node > last and may_be_parameter(one)
    ]  # fmt: skip
    mixed = graph.flow_from(one.leaf for one in candidates)
    found = []
    for one in candidates:
        behind = graph.back_from(one.node)
        if any(used[node] and mixed[node] and node not in graph.leaves for node in behind):
            found.append(one)
    return found


def may_be_parameter(one: Changed) -> bool:
    """Whether a place holds real numbers: no counter, and nothing else that only counts."""
    if is_float_array(one.value):
        return True
    return is_a(one.value, (float, np.floating)) and one.path[-1].way in (
        Way.ITEM, Way.ATTRIBUTE, Way.GLOBAL, Way.CELL
    )  # fmt: skip


def name_parameters(
    batch: Batch, found: Sequence[Changed], reached: Reached, updated_in: int
) -> dict[str, tuple[ParameterFacet, Changed]]:
    """The parameters by name, in the order of their first read."""
    ordered: list[tuple[Changed, Path, tuple[Path, ...]]] = []
    arrays = {id(one.value): one.value for one in found if is_a(one.value, np.ndarray)}
    aliases = reached.aliases(arrays)
    seen: set[int] = set()
    for one in sorted(found, key=lambda one: one.leaf):
        if is_a(one.value, np.ndarray):
            if id(one.value) in seen:
                continue
            seen.add(id(one.value))
        paths = list(dict.fromkeys([one.path, *aliases.get(id(one.value), ())]))
        through = _written_through(batch, one, reached)
        path = through if through is not None and through in paths else min(paths, key=len)
        ordered.append((one, path, tuple(other for other in paths if other != path)))
    names = _names([path for _, path, _ in ordered])
    return {
        name: (ParameterFacet(name, path, also, updated_in), one)
        for name, (one, path, also) in zip(names, ordered, strict=True)
    }


def _written_through(batch: Batch, one: Changed, reached: Reached) -> Path | None:
    """The path of the container or object that the update stored a parameter in."""
    for store in reversed(batch.graph.stores):
        if store.owner is not None and store.node >= 0 and (
            store.value is one.value or store.node == one.node
        ):  # fmt: skip
            path = reached.path_of(store.owner, store.key)
            if path is not None:
                return path
    return None


def _names(paths: Sequence[Path]) -> list[str]:
    """The shortest ends of paths that tell them apart; one length more wherever two are alike."""
    lengths = [_extended(path, 1) for path in paths]
    while True:
        names = [text_of(path[-length:]) for path, length in zip(paths, lengths, strict=True)]
        names = [_plain(name, path) for name, path in zip(names, paths, strict=True)]
        alike = {name for name in names if names.count(name) > 1}
        longer = [
            _extended(path, length + 1) if name in alike else length
            for path, length, name in zip(paths, lengths, names, strict=True)
        ]
        if not alike or longer == lengths:
            return names
        lengths = longer


def _extended(path: Path, length: int) -> int:
    """A length of at least so much, at which the end of a path does not begin with an index."""
    length = min(length, len(path))
    while length < len(path) and path[-length].way is Way.ITEM and (
        length > 1 or not isinstance(path[-1].key, str)
    ):  # fmt: skip
        length += 1
    return length


def _plain(name: str, path: Path) -> str:
    """`W1` in place of `['W1']`."""
    last = path[-1]
    if last.way is Way.ITEM and isinstance(last.key, str) and name == f"[{last.key!r}]":
        return last.key
    return name


def leaf_path(leaf: Leaf, reached: Reached) -> Path | None:
    """The path of the place that a leaf was read from, if the step reaches it."""
    if leaf.owner is not None:
        path = reached.path_of(leaf.owner, leaf.name)
        if path is not None:
            return path
    if leaf.variable is not None:
        for path, _ in reached.paths:
            if len(path) == 1 and path[0].way is Way.GLOBAL and path[0].key == leaf.variable[1]:
                return path
    # A number that was handed on is known by its identity alone. A constant of the code is one
    # object, too, so that a class's attribute may be another place's number.
    own = {path for path, _ in reached.paths}
    for path, value in reached.paths:
        if value is leaf.value and (len(path) == 1 or path[:-1] in own):
            return path
    return None
