"""Bookmarks: named moments of a run; those with a text are the stations of a walk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from engine.debug.events import Position
from engine.debug.names import LONGEST, checked_name, checked_text


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A named moment of a branch.

    Attributes:
        id: its number.
        name: a short line.
        position, branch: the moment.
        text: what a station says there; "" for a bookmark that is no station.
        look: what to look for there.
        point: the name of the panel or widget that the station points at; "" for none.
        code: the function and the source of the stop, as in "Affine.forward: x @ self.W".
        order: stations are played by this number.
    """

    id: int
    name: str
    position: Position
    branch: int = 0
    text: str = ""
    look: str = ""
    point: str = ""
    code: str = ""
    order: int = 0


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

    @property
    def stations(self) -> tuple[Bookmark, ...]:
        """The stations, in the order in which they are played."""
        return stations_of(self._all.values())

    def add_station(
        self,
        text: str,
        position: Position,
        branch: int = 0,
        look: str = "",
        point: str = "",
        code: str = "",
    ) -> Bookmark:
        """Add a station after all others; its text gives its name.

        Raises BadValue for an empty text, and for one that no file can hold.
        """
        text, look, point, code = _station_texts(text, look, point, code)
        order = max((one.order for one in self.stations), default=0) + 1
        bookmark = self.add(name_from(text), position, branch)
        station = replace(bookmark, text=text, look=look, point=point, code=code, order=order)
        self._all[station.id] = station
        return station

    def change_station(self, id: int, text: str, look: str = "", point: str = "") -> None:
        """Change what a station says; raises as `add_station`.

        The name follows the text unless the user has chosen another.
        """
        before = self._all[id]
        text, look, point, _ = _station_texts(text, look, point, "")
        name = name_from(text) if before.name == name_from(before.text) else before.name
        self._all[id] = replace(before, name=name, text=text, look=look, point=point)

    def move_station(self, id: int, by: int) -> None:
        """Move a station to an earlier (`by` < 0) or later place among the stations."""
        stations = list(self.stations)
        here = next(number for number, one in enumerate(stations) if one.id == id)
        station = stations.pop(here)
        stations.insert(min(max(here + by, 0), len(stations)), station)
        for order, one in enumerate(stations, start=1):
            self._all[one.id] = replace(one, order=order)

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


def stations_of(bookmarks: Iterable[Bookmark]) -> tuple[Bookmark, ...]:
    """The bookmarks that are stations, in the order in which they are played."""
    return tuple(
        sorted((one for one in bookmarks if one.text), key=lambda one: (one.order, one.id))
    )


def name_from(text: str) -> str:
    """The name of a station that says `text`: its beginning, without what cannot be printed."""
    printable = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(printable) > LONGEST:
        printable = printable[: LONGEST - 1].rstrip() + "…"
    return printable or "station"


def _station_texts(text: str, look: str, point: str, code: str) -> tuple[str, str, str, str]:
    return (
        checked_text("text", text, least=1),
        checked_text("text to look for", look),
        checked_text("thing to point at", point),
        checked_text("code of a station", code),
    )
