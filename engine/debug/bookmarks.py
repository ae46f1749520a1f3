"""Bookmarks: named moments of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.debug.events import Position
from engine.debug.names import checked_name


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named moment of a branch."""

    id: int
    name: str
    position: Position
    branch: int = 0


class Bookmarks:
    """The bookmarks of a session, the earliest moment first.

    If the batches of a branch are dropped and run again, its bookmarks keep their numbers of batch
    and event, even though those events may differ.
    """

    def __init__(self) -> None:
        self._all: dict[int, Bookmark] = {}
        self._next = 1

    def __iter__(self) -> Iterator[Bookmark]:
        return iter(sorted(self._all.values(), key=lambda mark: (mark.position, mark.id)))

    def add(self, name: str, position: Position, branch: int = 0) -> Bookmark:
        """Add a bookmark; raises BadValue if the name is empty or longer than 80 characters."""
        bookmark = Bookmark(self._next, checked_name(name), position, branch)
        self._all[bookmark.id] = bookmark
        self._next += 1
        return bookmark

    def rename(self, id: int, name: str) -> None:
        """Rename a bookmark; raises as `add`."""
        self._all[id] = replace(self._all[id], name=checked_name(name))

    def remove(self, id: int) -> None:
        """Remove a bookmark."""
        del self._all[id]

    def restore(self, bookmarks: Iterable[Bookmark]) -> None:
        """Replace all bookmarks."""
        self._all = {bookmark.id: bookmark for bookmark in bookmarks}
        self._next = max([self._next, *(id + 1 for id in self._all)])
