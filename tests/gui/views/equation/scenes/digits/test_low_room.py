"""Where the sum of digits has little height, words give way before the pictures get small."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF

from gui.look.theme import DARK
from gui.look.type_scale import SCALE
from gui.views.equation.scenes.digits import paint
from gui.views.equation.scenes.digits.layout import DigitsLayout, Wanted, lay_out
from gui.views.equation.scenes.digits.sum_of_digits import SumOfDigits
from tests.gui.views.equation.scenes.digits.moments import stop

WANTED = Wanted(100, (28, 28), words=120, short_words=80, names=110, asks=True)


def rows(room: DigitsLayout) -> list[tuple[float, float]]:
    """Top and bottom of what stands in a column, from above, and of the scrubber."""
    found = [(room.digit, room.digit + room.side[1]), (room.bar, room.number)]
    found.append((room.number, room.number + 17 * room.scale))
    if room.asks is not None:
        found.append((room.asks, room.asks + 17 * room.scale))
    if room.sum is not None:
        found.append((room.sum, room.sum + room.side[1]))
    if room.after is not None:
        found.append((room.after, room.after + 18 * room.scale))
    return [*found, (room.scrubber.top(), room.scrubber.bottom())]


@pytest.mark.parametrize("scale", [1.0, 1.15, 1.42])
@pytest.mark.parametrize("height", range(180, 700, 20))
def test_no_row_covers_another_and_all_are_in_the_room(height, scale):
    height = round(height * scale)
    room = lay_out(1078, height, WANTED, scale)
    found = rows(room)
    assert room.title.bottom() <= room.label < room.digit
    for (_, bottom), (top, _) in pairwise(found):
        assert bottom <= top + 0.01
    assert found[-1][1] <= height
    # What is asked is said in a row or by an arrow, not twice.
    assert room.arrows == (room.asks is None) or height < 230 * scale


def test_below_the_formula_on_a_small_screen_the_sums_are_as_large_as_the_digits():
    room = lay_out(1078, 301, WANTED, 1.15)  # in Learn
    assert room.side == (84, 84) and room.sum is not None and room.arrows


def test_on_a_projector_the_digits_keep_their_size_without_sums():
    room = lay_out(1040, 265, WANTED, 1.42)  # in Present, while a walk is played
    assert room.side >= (84, 84) and room.sum is None and room.arrows


def test_with_enough_height_no_word_is_left_out():
    room = lay_out(1078, 345, WANTED, 1.0)
    assert room.asks is not None and room.after is not None and not room.arrows


def test_the_pictures_do_not_get_smaller_in_a_higher_room():
    with_sums = [lay_out(1078, height, WANTED, 1.15) for height in range(290, 700, 5)]
    assert all(room.sum is not None for room in with_sums[4:])
    sides = [room.side for room in with_sums[4:]]
    assert sides == sorted(sides)


@pytest.mark.parametrize(("width", "height", "scale"), [(1040, 265, 1.42), (1078, 301, 1.15)])
def test_the_names_of_the_rows_do_not_cover_each_other(qtbot, monkeypatch, width, height, scale):
    monkeypatch.setattr(SCALE, "factor", scale)
    scene = SumOfDigits(DARK)
    qtbot.addWidget(scene)
    scene.resize(width, height)
    scene.show_snapshot(stop(), None)
    found: list[tuple[float, float]] = []

    def note(_: object, rect: QRectF, *__: object) -> None:
        if rect.left() == scene.room.names.left():
            found.append((rect.top(), rect.bottom()))

    monkeypatch.setattr(paint, "draw_text", note)
    scene.grab()
    assert len(found) >= 4
    found.sort()
    assert all(bottom <= top + 3 for (_, bottom), (top, _) in pairwise(found))
    assert found[-1][1] <= height + 1
