"""Moments with names, and where the breakpoints lie in a batch."""

from __future__ import annotations

import pytest

from engine import AtLayer, AtLine, AtPass
from engine.debug.bookmarks import Bookmarks
from engine.debug.breakpoints.matching import occurrences
from engine.debug.events import Phase, Position
from engine.debug.run_control import around
from engine.errors import BadValue
from engine.nn import layers
from tests.engine.debug.networks import Recipe


def test_they_are_kept_by_their_moment():
    marks = Bookmarks()
    late = marks.add(" late ", Position(7, 3))
    early = marks.add("early", Position(0, 9))
    assert [one.name for one in marks] == ["early", "late"]
    marks.rename(late.id, "later")
    marks.remove(early.id)
    assert [(one.name, one.position) for one in marks] == [("later", Position(7, 3))]


@pytest.mark.parametrize("name", ["", "  ", "two\nlines", "x" * 81])
def test_a_name_is_one_short_line(name):
    with pytest.raises(BadValue, match="80 characters"):
        Bookmarks().add(name, Position(0, 0))


def test_stations_are_kept_in_the_order_in_which_they_were_recorded():
    marks = Bookmarks()
    marks.add("no station", Position(0, 1))
    late = marks.add_station("Late  in the run.", Position(7, 3), 2, "the `loss`", "loss", "f: x")
    early = marks.add_station("Back at the start.", Position(0, 0))
    last = marks.add_station("And on.", Position(3, 0))
    assert [one.text for one in marks.stations] == [
        "Late in the run.", "Back at the start.", "And on."
    ]  # fmt: skip
    assert (late.branch, late.look, late.point, late.code) == (2, "the `loss`", "loss", "f: x")
    assert [one.name for one in marks][:2] == ["Back at the start.", "no station"]
    marks.move_station(last.id, -1)
    assert [one.id for one in marks.stations] == [late.id, last.id, early.id]
    marks.move_station(late.id, 9)
    assert [one.id for one in marks.stations] == [last.id, early.id, late.id]
    marks.remove(early.id)
    new = marks.add_station("New.", Position(0, 0))
    assert marks.stations[-1] == new


def test_the_name_of_a_station_follows_its_text_until_it_gets_another():
    marks = Bookmarks()
    id = marks.add_station("One. " * 40, Position(0, 0)).id
    assert len(marks.stations[0].name) == 80 and marks.stations[0].name.endswith("…")
    marks.change_station(id, "Two.", "look", "source")
    (station,) = marks.stations
    assert (station.name, station.text, station.look) == ("Two.", "Two.", "look")
    marks.rename(id, "mine")
    marks.change_station(id, "Three.")
    (station,) = marks.stations
    assert (station.name, station.text, station.look, station.point) == ("mine", "Three.", "", "")


@pytest.mark.parametrize("text", ["", " \n ", "x" * 601, "a\0b", "a\x1bb", "\ud800"])
def test_a_text_that_no_walk_can_hold_is_refused(text):
    marks = Bookmarks()
    with pytest.raises(BadValue):
        marks.add_station(text, Position(0, 0))
    assert list(marks) == []
    id = marks.add_station("Text.", Position(0, 0)).id
    with pytest.raises(BadValue):
        marks.change_station(id, text)
    if text.strip():
        with pytest.raises(BadValue):
            marks.change_station(id, "Text.", look=text)
    assert marks.stations[0].text == "Text."


def test_a_text_of_unprintable_characters_has_a_name_all_the_same():
    assert Bookmarks().add_station("\u200d", Position(0, 0)).name == "station"


def test_a_snapshot_has_them_and_the_events_of_the_breakpoints():
    session = Recipe().session()
    session.bookmarks.add("here", session.position)
    add = session.breakpoints.add
    names = list(session.trace.layers)
    some = [add(AtLine(layers.__file__, 45)), add(AtLayer(names[0], Phase.BACKWARD)),
            add(AtPass(Phase.UPDATE))]  # fmt: skip
    off = add(AtPass(Phase.BACKWARD), enabled=False)
    snapshot = session.snapshot()
    assert [one.name for one in snapshot.bookmarks] == ["here"]
    there = {hit.event for one in some
             for hit in occurrences(one, session.trace, around(session))}  # fmt: skip
    assert snapshot.breakpoint_events == tuple(sorted(there)) and there
    (hit,) = occurrences(off, session.trace, around(session))
    assert hit.event not in snapshot.breakpoint_events
