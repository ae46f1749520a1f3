"""Moments are named, marked along the timeline, and come back to."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine.debug.events import Position
from gui.dialogs.form_dialog import FormDialog
from tests.gui.menus import submenu


def form(window) -> FormDialog:
    return next(d for d in window.findChildren(FormDialog) if d.isVisible())


def step(window, settled, count: int) -> None:
    for _ in range(count):
        QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)


def active(window, qtbot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()


@pytest.fixture
def marked(window, qtbot, settled):
    """A bookmark `here` at event 5 of batch 0, and the cursor at the end of the run."""
    step(window, settled, 5)
    QTest.keyClick(window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    line = form(window).lines[0]
    assert line.selectedText() == line.text() != ""
    QTest.keyClicks(line, "here")
    QTest.keyClick(line, Qt.Key.Key_Return)
    settled(window)
    window.bridge.train(5)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    active(window, qtbot)
    assert window.snapshot.position.batch > 0
    return window


def entries(menu) -> dict[str, object]:
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def test_the_menu_leads_back(marked, settled):
    found = entries(marked.bookmarks_menu)
    found["here   batch 0, stop 5"].trigger()
    settled(marked)
    assert marked.snapshot.position == Position(0, 5)


def test_the_menu_counts_as_the_window_counts(marked, settled):
    QTest.keyClick(marked, Qt.Key.Key_A)  # every stop: off
    assert "here   batch 0" in entries(marked.bookmarks_menu)
    entries(marked.bookmarks_menu)["here   batch 0"].trigger()
    settled(marked)
    number = marked.snapshot.stop_number(5, False)
    assert number != 5
    assert f"here   batch 0, stop {number}" in entries(marked.bookmarks_menu)
    QTest.keyClick(marked, Qt.Key.Key_A)
    assert "here   batch 0, stop 5" in entries(marked.bookmarks_menu)


def test_a_click_on_a_flag_leads_back_and_the_mouse_tells_its_name(marked, qtbot, settled):
    timeline = marked.timeline
    ((flag, _),) = timeline.flags()
    assert timeline.tooltip_at(flag.center()) == "here: batch 0, stop 5"
    qtbot.mouseClick(timeline, Qt.MouseButton.LeftButton, pos=flag.center().toPoint())
    settled(marked)
    assert marked.snapshot.position == Position(0, 5)
    assert len(timeline.flags()) == 2  # in the row of this batch too


def test_one_is_named_anew_and_taken_away(marked, settled):
    entries(submenu(entries(marked.bookmarks_menu)["Rename"]))["here"].trigger()
    line = form(marked).lines[0]
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    assert not form(marked)._ok.isEnabled()
    QTest.keyClicks(line, "R&D")
    QTest.keyClick(line, Qt.Key.Key_Return)
    settled(marked)
    assert [one.name for one in marked.snapshot.bookmarks] == ["R&D"]
    entries(submenu(entries(marked.bookmarks_menu)["Remove"]))["R&&D"].trigger()
    settled(marked)
    assert marked.snapshot.bookmarks == () and marked.timeline.flags() == []
    assert list(entries(marked.bookmarks_menu)) == ["Bookmark this moment…"]


def test_one_of_another_branch_is_gone_to_over_there(marked, settled):
    batch = marked.snapshot.position.batch
    QTest.keyClick(marked, Qt.Key.Key_M)
    QTest.keyClick(form(marked).lines[0], Qt.Key.Key_Return)
    settled(marked)
    flags = len(marked.timeline.flags())
    marked.bridge.goto(Position(0, 0))
    settled(marked)
    marked.bridge.set_learning_rate(0.25)
    settled(marked)
    assert marked.snapshot.history.reach < batch
    assert len(marked.timeline.flags()) < flags
    (other,) = [a for text, a in entries(marked.bookmarks_menu).items() if f"batch {batch}" in text]
    assert other.text().endswith("(main)")
    other.trigger()
    settled(marked)
    assert marked.snapshot.position.batch == batch and marked.snapshot.setup.learning_rate == 0.1


def test_breakpoints_are_told_on_the_timeline(window, qtbot, settled):
    step(window, settled, 9)
    active(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_F9)
    settled(window)
    events = window.snapshot.breakpoint_events
    assert events
    timeline = window.timeline
    spot = QPoint(
        round(timeline.events().middle(events[0])), round(timeline.event_row().center().y())
    )
    assert timeline.tooltip_at(spot) == f"Forward, Affine1, breakpoint, stop {events[0]}"
