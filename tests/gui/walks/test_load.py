"""A walk is read from its file; a broken one is refused with its line and the reason."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.walks.load import WalkBroken, read_walk
from gui.walks.walk import Deed, Goal, Place, Walk

GOOD = """\
title = "A walk"
about = "two stations"
network = "16-4-3"

[[station]]
say = "Press Step."
at = "Affine.forward [Affine1]: x @ self.W"
until = "stop Affine.forward: x @ self.W + self.b"
keys = "S"

[[station]]
say = "Train."
until = "batches 100"
"""


def test_a_walk_is_read():
    walk = read_walk(GOOD, "a.toml")
    assert (walk.id, walk.title, walk.network) == ("a", "A walk", "16-4-3")
    first, second = walk.stations
    assert first.at == Place("Affine.forward", "x @ self.W", "Affine1")
    assert first.goal == Goal(Deed.STOP, place=Place("Affine.forward", "x @ self.W + self.b"))
    assert second.goal == Goal(Deed.BATCHES, "100")
    assert (first.line, second.line) == (5, 11)


@pytest.mark.parametrize(
    ("changed", "into", "line", "reason"),
    [
        ('title = "A walk"', "", 1, "title is missing"),
        ('title = "A walk"', "title = A walk", 1, "invalid value"),
        ('say = "Train."', "", 11, "say is missing"),
        ('say = "Press Step."', "", 5, "say is missing"),
        ('say = "Train."', "say = 3", 12, "say is not a text"),
        ('"batches 100"', '"batches many"', 13, "whole number of batches"),
        ('"batches 100"', '"dance"', 13, "begins with one of next, action"),
        ('"batches 100"', '"next 3"', 13, "nothing follows next"),
        ('"batches 100"', '"panel"', 13, "which panel is missing"),
        ('"batches 100"', '"setting dtype"', 13, "an option and its value"),
        ('"batches 100"', '"press"', 13, "which press is missing"),
        ('"batches 100"', '"contest now"', 13, "nothing follows contest"),
        ('keys = "S"', 'alone = "yes"', 9, "neither true nor false"),
        ("Affine.forward [Affine1]: x @ self.W", "nowhere", 7, "is no place"),
        ('keys = "S"', 'kyes = "S"', 9, "kyes is not known"),
        ('about = "two stations"', 'abuot = "two"', 2, "abuot is not known"),
        ('keys = "S"\n', 'keys = "S\n', 9, "ill"),
    ],
)
def test_a_broken_walk_is_refused_with_its_line(changed, into, line, reason):
    assert changed in GOOD
    with pytest.raises(WalkBroken) as raised:
        read_walk(GOOD.replace(changed, into), "a.toml")
    assert raised.value.line == line
    assert reason in raised.value.reason
    assert f"line {line}" in str(raised.value) and "a.toml" in str(raised.value)


def test_without_stations_it_is_no_walk():
    with pytest.raises(WalkBroken) as raised:
        read_walk('title = "A"\n', "a.toml")
    assert "no [[station]]" in raised.value.reason


@given(st.text(max_size=300), st.integers(0, len(GOOD)), st.integers(0, 30))
def test_whatever_is_in_the_file_is_a_walk_or_refused(text, at, gone):
    for broken in (text, GOOD[:at] + text + GOOD[at + gone :]):
        try:
            assert isinstance(read_walk(broken, "a.toml"), Walk)
        except WalkBroken as error:
            assert 1 <= error.line <= broken.count("\n") + 2
