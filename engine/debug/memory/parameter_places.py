"""Where a network stores its parameters, and what was stored there at an event of a batch.

An update may write into a parameter's array (`W -= lr * dW`) or store another array in its place
(`layer.W = layer.W - lr * dW`, `params["W"] = ...`). The place stays the same. It is found by the
arrays that the network returned as parameters before and after the batch, or known by its path.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.memory.path_places import PathPlace
from engine.debug.memory.undo_log import UndoLog
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import dictionary_of
from engine.debug.reach.paths import Path
from engine.debug.reach.placeholders import item_of

Array = np.ndarray[Any, Any]
_DEPTH = 3  # of nested containers and objects


@dataclass(frozen=True, slots=True, eq=False)
class ParameterPlace:
    """An attribute of an object, or an item of a container in such an attribute.

    Attributes:
        owner: the object.
        name: the name of the attribute.
        keys: the keys or indices into the attribute, outermost container first.
    """

    owner: Any
    name: str
    keys: tuple[Any, ...] = ()

    def at(self, history: UndoLog, event: int) -> Any:
        """The very object that was there at an event, or `MISSING`."""
        value = history.attribute_at(self.owner, self.name, event)
        for key in self.keys:
            value = item_of(history.contents_at(value, event), key)
        return value


class ParameterPlaces:
    """Finds the places of the parameters of a recorded batch.

    Args:
        history: the undo log of its trace.
        parts: the objects that take part in the batch.
        first: the parameters before the batch, by name.
        last: the parameters after the batch, by name.
        end: the number of events.
    """

    def __init__(
        self, history: UndoLog, parts: Sequence[Any], first: Mapping[str, Array],
        last: Mapping[str, Array], end: int,
    ) -> None:  # fmt: skip
        self._history = history
        self._parts = parts
        self._first, self._last, self._end = dict(first), dict(last), end
        self._found: dict[str, ParameterPlace | None] = {}
        self._by_path: dict[str, PathPlace] = {}

    @classmethod
    def from_paths(
        cls, history: UndoLog, step: Any, paths: Mapping[str, Path], end: int
    ) -> ParameterPlaces:
        """The places at known paths from a step, by name of the parameter."""
        places = cls(history, (), {}, {}, end)
        for name, path in paths.items():
            place = places._by_path[name] = PathPlace(step, path)
            places._first[name], places._last[name] = place.at(history, -1), place.at(history, end)
            owned = place.owned(history)
            places._found[name] = None if owned is None else ParameterPlace(*owned)
        return places

    def place_of(self, name: str) -> ParameterPlace | None:
        """The place of a parameter; None if no part holds it, as with a view made at each look.

        With a known path, the owner is that of event 0.
        """
        if name not in self._found:
            first, last = self._first.get(name), self._last.get(name)
            self._found[name] = next(
                (
                    place
                    for place in self._holders(first)
                    if place.at(self._history, self._end) is last
                ),
                None,
            )
        return self._found[name]

    def value(self, name: str, event: int) -> Array | None:
        """A parameter as it was at an event, read-only; None if no parameter had this name.

        A parameter without a place changes with the last event of the batch.
        """
        if event <= 0:
            array: Any = self._first.get(name)
        elif event >= self._end:
            array = self._last.get(name)
        elif name in self._by_path:
            array = self._by_path[name].at(self._history, event)
        else:
            place = self.place_of(name)
            array = self._first.get(name) if place is None else place.at(self._history, event)
        value = self._history.as_of(array, event)
        return value if isinstance(value, np.ndarray) else None

    def writes(self, name: str) -> list[int] | None:
        """The moments, in order, at which a parameter was written or rebound.

        None if the parameter has no place, so that the moments are unknown.
        """
        if name in self._by_path:
            return self._by_path[name].writes(self._history)
        place, history = self.place_of(name), self._history
        if place is None:
            return None
        found: set[int] = set()
        record = history.objects.get(id(place.owner))
        if record is not None:
            stores = zip(record.at, record.stores, strict=True)
            found.update(moment for moment, (stored, _) in stores if stored == place.name)
        for event in sorted({0, *found}):
            value = history.attributes_at(place.owner, event).get(place.name)
            for key in place.keys:
                container = history.containers.get(id(value))
                found.update(container.at if container is not None else ())
                value = item_of(history.contents_at(value, event), key)
        for event in sorted({0, *found}):
            array = place.at(history, event)
            if isinstance(array, np.ndarray):
                writes = history.arrays.get(id(root_of(array)))
                found.update(writes.at if writes is not None else ())
        return sorted(found)

    def _holders(self, array: Array | None) -> Iterator[ParameterPlace]:
        """The places that held an array before the batch, those with the shortest path first."""
        pending, seen = list(self._parts), set[int]()
        for _ in range(_DEPTH):
            inner: list[Any] = []
            for owner in pending:
                if id(owner) in seen:
                    continue
                seen.add(id(owner))
                for name, value in self._history.attributes_at(owner, 0).items():
                    for keys, item in self._items(value, _DEPTH):
                        if item is array:
                            yield ParameterPlace(owner, name, keys)
                        elif dictionary_of(item) is not None and not callable(item):
                            inner.append(item)
            pending = inner

    def _items(self, value: Any, depth: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
        """A value and, if it is a container, its items before the batch, with the keys to them."""
        yield (), value
        if depth and isinstance(value, (dict, list, tuple)):
            held = self._history.contents_at(value, 0)
            for key, item in held.items() if isinstance(held, dict) else enumerate(held):
                for keys, within in self._items(item, depth - 1):
                    yield (key, *keys), within
