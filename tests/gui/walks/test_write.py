"""A walk that was written is read as it was; what a session recorded becomes one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.bookmarks import Bookmarks
from engine.debug.events import Position
from engine.debug.explain.operation_stops import operation_stops
from engine.options import Options, build_session
from gui.walks.finding import find_stop, is_at
from gui.walks.load import place_from, read_walk, shipped_walks
from gui.walks.recorded import code_of, portable, recorded_walk
from gui.walks.walk import Deed, Goal, Place, Station, Walk
from gui.walks.write import walk_text

# Any text that UTF-8 can hold, with single spaces between its words, as walks have them.
TEXT = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: " ".join(text.split()))
SAID = TEXT.filter(bool)
PLACE = st.builds(Place, st.sampled_from(["f", "A.forward"]), SAID, st.sampled_from(["", "A1"]))
WITH_OBJECT = [Deed.ACTION, Deed.PANEL, Deed.LAYOUT, Deed.NETWORK]
GOAL = st.one_of(
    st.sampled_from([Goal(Deed.NEXT), Goal(Deed.CELL), Goal(Deed.BATCHES, "3")]),
    st.builds(Goal, st.sampled_from(WITH_OBJECT), SAID),
    st.builds(lambda place: Goal(Deed.STOP, place=place), PLACE),
)
STATION = st.builds(
    Station,
    SAID,
    TEXT,
    TEXT,
    GOAL,
    TEXT,
    st.one_of(st.none(), PLACE),
    bright=TEXT,
    alone=st.booleans(),
)
NUMBER = st.one_of(st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False))
WALK = st.builds(
    Walk, st.just("a"), SAID, TEXT, st.lists(STATION, min_size=1).map(tuple), TEXT,
    st.dictionaries(TEXT, st.one_of(NUMBER, TEXT)), TEXT,
)  # fmt: skip


@given(WALK)
def test_what_was_written_is_read_again(walk):
    assert read_walk(walk_text(walk), "a.toml") == walk


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_a_string_of_toml(text):
    walk = Walk("a", text, "", (Station(text),))
    document = tomllib.loads(walk_text(walk))
    assert document["title"] == document["station"][0].get("say", "") == text


def test_shipped_walks_are_written_as_they_were():
    for id, walk in shipped_walks().items():
        assert read_walk(walk_text(walk), f"{id}.toml") == walk


def test_the_walk_in_the_documentation_is_one():
    text = (Path(__file__).parents[3] / "docs" / "formats.md").read_text("utf-8")
    (found,) = re.findall(r"## Walks\n\n(.*?)\n\n\*Teach", text, re.DOTALL)
    walk = read_walk(dedent(found), "docs.toml")
    assert walk.stations[0].at == Place("Affine.forward", "x @ self.W + self.b", "Affine1")
    assert walk.settings == {"seed": 3}
    session = build_session(Options(network=walk.network, seed=3))
    assert find_stop(session, walk.stations[0].at) is not None


def test_stations_of_a_session_are_a_walk_in_their_order():
    marks = Bookmarks()
    marks.add("no station", Position(0, 1))
    assert recorded_walk(marks, "Mine") is None
    marks.add_station("Late.", Position(7, 3), 2, "there", "loss", "A.forward [A1]: x @ W")
    marks.add_station("Early.", Position(0, 0), code="no place")
    walk = recorded_walk(marks, "Mine")
    late, early = walk.stations
    assert (walk.id, walk.title) == ("", "Mine")
    assert late == Station(
        "Late.", "there", "loss", at=Place("A.forward", "x @ W", "A1"),
        position=Position(7, 3), branch=2,
    )  # fmt: skip
    assert early == Station("Early.", position=Position(0, 0))
    plain = portable(walk)
    assert [one.position for one in plain.stations] == [None, None]
    assert read_walk(walk_text(plain), ".toml") == plain


@pytest.mark.parametrize("network", ["784-50-10", "16-4-3"])
def test_every_operation_stop_has_a_code_that_leads_back(network):
    session = build_session(Options(network=network))
    for event in operation_stops(session.trace):
        session.goto(0, event)
        snapshot = session.snapshot()
        place = place_from(code_of(snapshot))
        assert place is not None and is_at(snapshot, place)
        found = find_stop(session, place)
        assert found is not None and found <= event  # the first of those with the same code
        assert is_at(session.snapshot(), place)
