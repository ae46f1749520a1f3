"""Moments of a run that a person has given a name, to come back to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.debug.events import Position
from engine.debug.names import checked_name


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A moment with a name."""

    id: int
    name: str
    position: Position


class Bookmarks:
    """The bookmarks of a session, earliest moment first.

    They belong to the run: where its future is cut off and is run anew, they stand at the same
    numbers, of batches and events that may then be others.
    """

    def __init__(self) -> None:
        self._all: dict[int, Bookmark] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Bookmark]:
        return iter(sorted(self._all.values(), key=lambda one: (one.position, one.id)))

    def add(self, name: str, position: Position) -> Bookmark:
        """Name a moment; raises BadValue for no name, or one of more than 80 characters."""
        one = Bookmark(self._next, checked_name(name), position)
        self._all[one.id] = one
        self._next += 1
        return one

    def rename(self, id: int, name: str) -> None:
        """Give one another name; raises as `add`."""
        self._all[id] = replace(self._all[id], name=checked_name(name))

    def remove(self, id: int) -> None:
        """Take one away."""
        del self._all[id]
