"""What the mouse and the keys draw on the sheet."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from gui.dialogs.drawing.pad import SIDE, DrawingPad
from gui.look.theme import DARK, LIGHT
from gui.paint.heatmap import MapKind, table_for

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


@pytest.fixture
def pad(qtbot) -> DrawingPad:
    pad = DrawingPad(DARK)
    qtbot.addWidget(pad)
    pad.show()
    qtbot.waitExposed(pad)
    return pad


def drag(pad: DrawingPad, *points: tuple[int, int], button=LEFT) -> None:
    places = [QPoint(round(x * pad.width() / SIDE), round(y * pad.width() / SIDE))
              for x, y in points]  # fmt: skip
    QTest.mousePress(pad, button, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(pad, place)
    QTest.mouseRelease(pad, button, pos=places[-1])


def test_a_drag_leaves_soft_ink_along_its_way(pad, qtbot):
    with qtbot.waitSignal(pad.changed):
        drag(pad, (60, 140), (140, 140), (220, 140))
    ink = pad.ink
    assert ink.shape == (SIDE, SIDE) and (ink[140, 60:220] == 255).all()
    assert not ink[:120].any() and not ink[160:].any()
    column = ink[120:160, 140]
    assert len(np.unique(column)) > 4  # from paper to ink by degrees
    assert column.tolist() == column[::-1].tolist()  # the same above and below


def test_a_click_leaves_a_dot(pad):
    QTest.mouseClick(pad, LEFT, pos=QPoint(pad.width() // 2, pad.width() // 2))
    assert pad.ink[140, 140] == 255 and 0 < np.count_nonzero(pad.ink) < 900


def test_where_strokes_cross_ink_does_not_add_up(pad):
    drag(pad, (60, 140), (220, 140))
    alone = pad.ink[127, 100]
    assert 0 < alone < 255
    drag(pad, (60, 140), (220, 140))
    assert abs(int(pad.ink[127, 100]) - int(alone)) <= 40


def test_the_right_button_erases_and_undo_takes_back_stroke_by_stroke(pad):
    drag(pad, (60, 140), (220, 140))
    drawn = pad.ink
    drag(pad, (140, 100), (140, 180), button=RIGHT)
    assert pad.ink[140, 140] == 0 and pad.ink[140, 80] == 255
    pad.undo()
    assert np.array_equal(pad.ink, drawn)
    pad.undo()
    assert not pad.ink.any() and not pad.strokes
    pad.undo()
    drag(pad, (60, 140), (220, 140))
    drag(pad, (60, 100), (220, 100))
    pad.clear()
    assert not pad.ink.any() and not pad.strokes


def test_moving_without_a_button_draws_nothing(pad):
    QTest.mouseMove(pad, QPoint(100, 100))
    QTest.mouseMove(pad, QPoint(150, 150))
    assert not pad.ink.any()


def test_leaving_the_sheet_within_a_stroke_is_no_harm(pad):
    drag(pad, (200, 140), (400, 140), (-50, 600), (100, 140))
    assert pad.ink[140, 279] == 255


def test_the_arrow_keys_draw_with_shift_and_erase_with_ctrl(pad):
    pad.setFocus()
    for _ in range(4):
        QTest.keyClick(pad, Qt.Key.Key_Down)
    assert not pad.ink.any()
    for _ in range(5):
        QTest.keyClick(pad, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(pad.strokes) == 1 and (pad.ink[112:158, 140] == 255).all()
    QTest.keyClick(pad, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert pad.ink[150, 140] == 0 and pad.ink[112, 140] == 255 and len(pad.strokes) == 2


def test_where_pixels_are_large_the_pen_is_as_wide_as_one(qtbot):
    pad = DrawingPad(DARK, 4)
    qtbot.addWidget(pad)
    drag(pad, (105, 35), (105, 245))
    blocks = pad.ink.reshape(4, 70, 4, 70).mean(axis=(1, 3))
    assert blocks[:, 1].min() > 0.75 * 255 and blocks[:, [0, 2, 3]].max() < 20


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_it_is_painted_in_the_theme(pad, theme):
    pad.set_theme(theme)
    drag(pad, (60, 140), (220, 140))
    shown = pad.grab().toImage()
    table = table_for(MapKind.PIXELS, theme)
    at = shown.pixelColor(pad.width() // 2, pad.width() // 2).rgb()
    assert at == table[254] and shown.pixelColor(20, 20).rgb() == table[0]
