"""The row at the top, in windows that are wide, narrow, and as narrow as they get."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QDialog, QFrame, QMenuBar, QWidget

from gui.window.toolbar.parts import Pill, PositionChip


def place(widget: QWidget, row: QWidget) -> QRect:
    return QRect(widget.mapTo(row, QPoint(0, 0)), widget.size())


def parts(row: QWidget) -> list[QRect]:
    """Menus, groups of buttons, chip and choosers, from left to right."""
    groups = [f for f in row.findChildren(QFrame) if f.property("role") == "group"]
    widgets = [*row.findChildren(QMenuBar), *groups, *row.findChildren(PositionChip)]
    widgets += [pill for pill in row.findChildren(Pill) if pill.isVisible()]
    return sorted((place(widget, row) for widget in widgets), key=lambda rect: rect.left())


@pytest.mark.parametrize("width", [1130, 1180, 1250, 1366, 1700])
def test_no_part_of_the_row_overlaps_another(borrowed_window, qtbot, width):
    window = borrowed_window
    window.resize(width, 700)
    row = window.top

    def apart() -> bool:
        rects = parts(row)
        assert len(rects) == 1 + 4 + 1 + (4 if width > 1600 else 3)
        return all(a.right() < b.left() for a, b in pairwise(rects))

    qtbot.waitUntil(lambda: row.width() >= width - 12)
    qtbot.waitUntil(apart)  # a layout comes with the next event
    rects = parts(row)
    assert rects[-1].right() <= row.width()
    for group in (f for f in row.findChildren(QFrame) if f.property("role") == "group"):
        assert group.width() == group.sizeHint().width()


def test_the_chip_loses_words_before_the_choosers_do(borrowed_window, qtbot):
    window = borrowed_window
    chip, pills = window.top.chip, [p for p in window.top.findChildren(Pill) if p.isVisible()]
    last = window.snapshot.event_count - 1
    said = []
    for width in (1366, 1285, 1130):
        window.resize(width, 700)
        qtbot.waitUntil(lambda width=width: window.top.width() <= width)
        whole = all(pill.width() == pill.widths()[0] for pill in pills)
        said.append((*chip.shown(), whole))
    assert said[0] == ("Forward", f"stop 0 / {last}", True)
    assert said[1] == ("Forward", f"0 / {last}", True)
    assert said[2] == ("F", f"0 / {last}", False)


def test_the_window_does_not_get_smaller_than_its_row(borrowed_window):
    window = borrowed_window
    window.resize(300, 200)
    least = window.screen().availableGeometry().size()
    assert window.width() == min(1130, least.width())
    assert window.height() == min(640, least.height() - 40)


@pytest.mark.parametrize("name", ["step_batch_button", "position", "train_menu_button"])
def test_space_presses_nothing_and_return_does(borrowed_window, settled, name):
    window = borrowed_window
    button = window.findChild(QAbstractButton, name)
    button.setFocus()
    pressed = []
    button.clicked.connect(lambda: pressed.append(name))
    QTest.keyClick(button, Qt.Key.Key_Space)
    settled(window)
    assert not pressed
    assert window.snapshot.position == (0, 0)
    if name != "train_menu_button":
        QTest.keyClick(button, Qt.Key.Key_Return)
        settled(window)
        assert pressed
    for dialog in window.findChildren(QDialog):
        dialog.reject()


def test_the_focus_stays_where_it_was_when_the_panels_are_put_back(window):
    for kept in (window, window.timeline):
        kept.setFocus()
        window.actions_by_id["reset_layout"].trigger()
        assert window.focusWidget() is kept


def test_with_words_there_is_a_button_for_each_common_verb(window, settled):
    window.layouts.choose("learn")
    window.actions_by_id["every_stop"].trigger()
    word = {b.objectName(): b for b in window.top.findChildren(QAbstractButton) if b.isVisible()}
    assert word["step_into_word"].text() == "Step into  F11"
    QTest.mouseClick(word["step_into_word"], Qt.MouseButton.LeftButton)
    settled(window)
    assert window.snapshot.position == (0, 1)
    QTest.mouseClick(word["step_back_into_word"], Qt.MouseButton.LeftButton)
    settled(window)
    assert window.snapshot.position == (0, 0)
    assert not window.top.findChild(QAbstractButton, "pause_word").isVisible()
    rects = sorted(
        (place(b, window.top) for n, b in word.items() if n.endswith("_word")),
        key=lambda rect: rect.left(),
    )
    assert all(a.right() < b.left() for a, b in pairwise(rects))


@pytest.mark.parametrize("width", [1366, 1130])
def test_among_words_no_chooser_has_its_value_cut(window, settled, qtbot, width):
    window.layouts.choose("learn")
    window.actions_by_id["every_stop"].trigger()  # the longest word
    window.resize(width, 700)
    qtbot.waitUntil(lambda: window.top.width() <= width)
    pills = {p.objectName(): p for p in window.top.findChildren(Pill) if p.isVisible()}

    def said() -> set[str]:
        return {pill.shown() for pill in pills.values()}

    words = {pill.text() for pill in pills.values()}
    assert "784-50-10" in words
    values = {word.split()[-1] for word in words}
    qtbot.waitUntil(lambda: said() == (words if width == 1366 else values))

    def apart() -> bool:
        rects = [place(widget, window.top) for widget in (window.top.chip, *pills.values())]
        ends = [rect.right() for rect in rects]
        return all(end < rect.left() for end, rect in zip(ends, rects[1:], strict=False))

    qtbot.waitUntil(apart)
    assert all(place(p, window.top).right() <= window.top.width() for p in pills.values())
    assert window.top.chip.shown()[1].endswith(f"0 / {window.snapshot.event_count - 1}")
