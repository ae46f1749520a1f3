"""Moments of a run that a person has given a name, to come back to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.debug.events import Position
from engine.debug.names import checked_name


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A moment with a name; `branch` is the one on which it was named."""

    id: int
    name: str
    position: Position
    branch: int = 0


class Bookmarks:
    """The bookmarks of a session, earliest moment first.

    They belong to a branch: where its future is cut off and is run anew, they stand at the same
    numbers, of batches and events that may then be others.
    """

    def __init__(self) -> None:
        self._all: dict[int, Bookmark] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Bookmark]:
        return iter(sorted(self._all.values(), key=lambda one: (one.position, one.id)))

    def add(self, name: str, position: Position, branch: int = 0) -> Bookmark:
        """Name a moment; raises BadValue for no name, or one of more than 80 characters."""
        one = Bookmark(self._next, checked_name(name), position, branch)
        self._all[one.id] = one
        self._next += 1
        return one

    def rename(self, id: int, name: str) -> None:
        """Give one another name; raises as `add`."""
        self._all[id] = replace(self._all[id], name=checked_name(name))

    def remove(self, id: int) -> None:
        """Take one away."""
        del self._all[id]

    def restore(self, bookmarks: Iterable[Bookmark]) -> None:
        """Have these in the place of those that there are."""
        self._all = {one.id: one for one in bookmarks}
        self._next = max([self._next, *(id + 1 for id in self._all)])
