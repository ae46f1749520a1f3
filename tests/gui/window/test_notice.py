"""What the window says of its own accord: why a run stopped, what was taken back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest

from engine import AtBatch, AtLine
from engine.nn import training


def said(window) -> str:
    return window.notice.text() if window.notice.isVisible() else ""


def test_it_says_at_which_breakpoint_a_run_has_stopped(window, settled):
    window.bridge.edit_breakpoints(lambda points: points.add(AtBatch(3), "batch > 1"))
    window.bridge.train(9)
    settled(window)
    assert window.snapshot.position.batch == 3
    assert said(window) == "Stopped at batch 3, batch > 1"
    row, notice = window.top, window.notice
    assert notice.geometry().top() > row.geometry().top() + row.height() - 8
    assert window.rect().contains(notice.geometry())
    QTest.mouseClick(notice, Qt.MouseButton.LeftButton)
    assert said(window) == ""
    window.bridge.train(2)
    settled(window)
    assert said(window) == ""


def test_a_condition_that_fails_is_told_where_it_has_stopped(window, settled):
    text = Path(training.__file__).read_text("utf-8")
    line = text.split("\n").index("    network.backward()") + 1
    place = AtLine(training.__file__, line)
    window.bridge.edit_breakpoints(lambda points: points.add(place, "los > 1"))
    window.bridge.train(2)
    settled(window)
    assert f"Stopped at training.py:{line}, los > 1: " in said(window) and "los" in said(window)


def test_going_back_past_all_hits_is_told(window, settled):
    window.bridge.train(4)
    settled(window)
    window.actions_by_id["reverse_continue"].trigger()
    settled(window)
    assert window.snapshot.position == (0, 0)
    assert "No breakpoint was hit earlier" in said(window)


def test_undo_and_redo_say_what_they_did(window, settled):
    window.bridge.edit_breakpoints(lambda points: points.add(AtBatch(3)))
    settled(window)
    window.actions_by_id["undo"].trigger()
    settled(window)
    assert said(window) == "Undone: breakpoint"
    window.actions_by_id["redo"].trigger()
    settled(window)
    assert said(window) == "Redone: breakpoint" and len(window.snapshot.breakpoints) == 1


def test_it_does_not_cover_the_words_about_the_stop(window, settled):
    for layout in ("learn", "debug"):
        window.layouts.choose(layout)
        settled(window)
        window.actions_by_id["step_operation"].trigger()
        settled(window)
        lesson = window.source.lesson
        assert lesson.isVisible() and lesson.plain_text()
        window.notice.say("Stopped at rise of the loss > 0.1 in 10 batches")
        words = QRect(lesson.mapTo(window, QPoint()), lesson.size())
        assert window.rect().contains(window.notice.geometry())
        assert not window.notice.geometry().intersects(words)


def test_links_have_room_where_a_line_without_any_was_in_sight(window, settled, qtbot):
    notice, followed = window.notice, []
    notice.say("Saved.")
    text = "This session holds a walk of 3 stations; the menu Teach has it"
    notice.say(text, [("Play it", lambda: followed.append(True))])
    (link,) = notice.links
    qtbot.waitUntil(lambda: link.isVisible() and link.width() >= link.sizeHint().width())
    assert link.height() >= link.sizeHint().height()
    label = notice._label
    assert label.width() >= label.fontMetrics().horizontalAdvance(text)
    assert notice.rect().contains(link.geometry())
    assert not label.geometry().intersects(link.geometry())
    QTest.mouseClick(link, Qt.MouseButton.LeftButton)
    assert followed and said(window) == ""
