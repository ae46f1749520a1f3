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
