"""A walk from the stations of a session, and the place of a stop in its code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from engine.debug.bookmarks import Bookmark, stations_of
from engine.debug.names import LONGEST_TEXT
from engine.debug.snapshots.snapshot import Snapshot
from gui.walks.finding import source_at
from gui.walks.load import place_from
from gui.walks.walk import Place, Station, Walk
from gui.walks.write import place_text


def recorded_walk(bookmarks: Iterable[Bookmark], title: str) -> Walk | None:
    """The walk along a session's stations, each at its moment; None if there are none."""
    stations = tuple(_station(one) for one in stations_of(bookmarks))
    return Walk("", title, "", stations) if stations else None


def portable(walk: Walk) -> Walk:
    """A walk without moments of one session: its stations are at places in the code only."""
    stations = (replace(station, position=None, branch=0) for station in walk.stations)
    return replace(walk, stations=tuple(stations))


def code_of(snapshot: Snapshot) -> str:
    """The place of the cursor as a text that a walk can hold; "" if it has none.

    The layer is in it: the layers of a network share their functions.
    """
    event = snapshot.event
    place = Place(event.frame.function, source_at(snapshot), event.layer)
    text = place_text(place)
    return text if len(text) <= LONGEST_TEXT and place_from(text) == place else ""


def _station(one: Bookmark) -> Station:
    return Station(
        one.text,
        one.look,
        one.point,
        at=place_from(one.code),
        position=one.position,
        branch=one.branch,
    )
