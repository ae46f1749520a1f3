"""The words at every stop, as a person meets them in the window."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QSettings, Qt, QTranslator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from engine.debug.events import Position
from gui.session import worker as worker_module
from gui.window.main_window import MainWindow
from gui.words.lesson import lesson_of
from tests.gui.sessions import make_session
from tests.gui.words import foreign

L, S, SHIFT = Qt.Key.Key_L, Qt.Key.Key_S, Qt.KeyboardModifier.ShiftModifier


def strip_of(window: MainWindow) -> QLabel:
    found = window.findChild(QLabel, "lesson")
    assert isinstance(found, QLabel)
    return found


def said(window: MainWindow) -> str:
    return strip_of(window).accessibleDescription()


def expected(window: MainWindow) -> str:
    lesson = lesson_of(window.snapshot)
    return f"{lesson.happened}\nNext: {lesson.next}".replace("`", "")


@pytest.fixture
def open_window(qtbot, settled, tmp_path):
    """Opens windows of one person, whose settings stay."""
    settings = QSettings(str(tmp_path / "own.ini"), QSettings.Format.IniFormat)

    def open_it(session=None, preset="learn") -> MainWindow:
        settings.setValue("layout/preset", preset)
        window = MainWindow(make_session() if session is None else session, settings=settings)
        qtbot.addWidget(window)
        windows.append(window)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        return window

    windows: list[MainWindow] = []
    yield open_it
    for window in windows:
        window.bridge.close()


@pytest.mark.parametrize("every_stop", [False, True])
def test_the_words_follow_each_step_and_each_step_back(open_window, settled, every_stop):
    window = open_window()
    if every_stop:
        QTest.keyClick(window, Qt.Key.Key_A)
    assert window.actions_by_id["every_stop"].isChecked() is every_stop
    found = [said(window)]
    for _ in range(6):
        QTest.keyClick(window, S)
        settled(window)
        assert strip_of(window).isVisible() and said(window) == expected(window)
        found.append(said(window))
    assert len(set(found)) > 5
    for before in reversed(found[:-1]):
        QTest.keyClick(window, S, SHIFT)
        settled(window)
        assert said(window) == before


def test_the_words_stand_above_the_code_and_leave_its_line_in_sight(open_window, settled):
    window = open_window()
    window.resize(1366, 768)
    for _ in range(4):
        QTest.keyClick(window, S)
        settled(window)
        strip = strip_of(window)
        bottom = strip.mapTo(window, strip.rect().bottomLeft()).y()
        viewport, line = window.source.current_line()
        assert viewport.mapTo(window, line.topLeft()).y() > bottom
        assert viewport.rect().contains(line)


def test_they_are_computed_on_the_thread_of_the_worker(open_window, settled, monkeypatch):
    window = open_window()
    threads = set()

    def recorded(snapshot):
        threads.add(threading.current_thread())
        return lesson_of(snapshot)

    monkeypatch.setattr(worker_module, "lesson_of", recorded)
    QTest.keyClick(window, S)
    settled(window)
    assert threads and threading.main_thread() not in threads


def test_words_that_fail_leave_no_old_words_and_no_dead_window(open_window, settled, monkeypatch):
    window = open_window()

    def fail(snapshot):
        raise RuntimeError("a fault in the words")

    monkeypatch.setattr(worker_module, "lesson_of", fail)
    QTest.keyClick(window, S)
    settled(window)
    assert window.snapshot.position > Position(0, 0)
    assert strip_of(window).text() == said(window) == ""


def test_without_words_the_code_has_their_room_and_the_next_start_too(open_window, settled, qtbot):
    window = open_window()
    code = window.source.current_line()[0]
    before = code.height()
    QTest.keyClick(window, L)
    settled(window)
    assert not strip_of(window).isVisible()
    qtbot.waitUntil(lambda: code.height() > before)
    assert not window.actions_by_id["words"].isChecked()
    QTest.keyClick(window, S)
    settled(window)
    assert not strip_of(window).isVisible()
    window.close()

    again = open_window()
    assert not strip_of(again).isVisible() and not again.actions_by_id["words"].isChecked()
    QTest.keyClick(again, S)
    settled(again)
    again.actions_by_id["words"].trigger()
    assert strip_of(again).isVisible() and said(again) == expected(again)
    again.close()
    assert strip_of(open_window()).isVisible()


def test_every_layout_that_has_the_source_has_words_that_fit(open_window, settled, qtbot):
    window = open_window()
    window.resize(1366, 768)
    heights = {}
    for id in ("learn", "debug", "present"):
        window.layouts.choose(id)
        qtbot.waitUntil(lambda: not window.layout_keeper.following)
        for event in (0, 9, 64, 97, 108, 133, 231):
            window.bridge.goto(Position(0, event))
            settled(window)
            strip = strip_of(window)
            assert strip.isVisible() and strip.toolTip() == "", (id, said(window))
            assert strip.heightForWidth(strip.width()) <= strip.height()
            code, line = window.source.current_line()
            assert code.mapTo(window.source, code.rect().topLeft()).y() >= strip.height()
            assert code.rect().contains(line) and code.height() >= 4 * line.height()
            heights.setdefault(id, set()).add(strip.height())
    assert all(len(found) == 1 for found in heights.values()), heights
    (learn,), (debug,), (present,) = heights.values()
    assert debug < learn < present


def test_a_floating_source_takes_its_words_along(open_window, settled, qtbot):
    window = open_window()
    dock = window.docks["source"]
    dock.setFloating(True)
    dock.resize(360, 400)
    QTest.keyClick(window, S)
    settled(window)
    strip = strip_of(window)
    assert strip.window() is dock and strip.isVisible()
    qtbot.waitUntil(lambda: strip.width() < 400)
    assert strip.heightForWidth(strip.width()) <= strip.height()
    assert said(window) == expected(window)


def test_they_take_the_colours_of_another_theme(open_window, settled):
    window = open_window()
    dark = window.appearance.theme
    before = strip_of(window).text()
    assert dark.text in before
    window.top.theme_asked.emit()
    settled(window)
    light = window.appearance.theme
    assert light is not dark
    assert light.text in strip_of(window).text() and dark.text not in strip_of(window).text()


def test_while_a_training_runs_the_words_of_the_last_stop_are_dimmed(open_window, settled, qtbot):
    window = open_window()
    theme = window.appearance.theme
    window.bridge.train(None)
    qtbot.waitUntil(lambda: theme.text3 in strip_of(window).text())
    window.bridge.pause()
    settled(window)
    qtbot.waitUntil(lambda: theme.text in strip_of(window).text())
    assert said(window) == expected(window)


@pytest.mark.parametrize("name", foreign.networks())
def test_code_of_other_people_has_words_too(open_window, settled, name):
    window = open_window(foreign.networks()[name])
    for _ in range(5):
        QTest.keyClick(window, S)
        settled(window)
        assert strip_of(window).isVisible() and said(window) == expected(window)
        assert len(said(window)) > 20


def test_an_exception_of_other_peoples_code_is_said(open_window, settled):
    session = foreign.broken()
    session.goto(0, len(session.trace) - 1)
    window = open_window(session)
    assert said(window) == expected(window)
    assert window.appearance.theme.error == strip_of(window).colour


def test_before_the_data_is_read_there_is_nothing(qtbot):
    window = MainWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    assert not strip_of(window).isVisible() and said(window) == ""
    window.bridge.close()


class Marked(QTranslator):
    """Another language: every sentence begins with a mark."""

    def translate(self, context, text, disambiguation=None, n=-1):
        return {"words": f"¡{text}", "LessonStrip": text.replace("Next:", "Luego:")}.get(context)

    def isEmpty(self):
        return False


def test_another_language_is_that_of_the_words(open_window, settled, qapp):
    translator = Marked()
    assert qapp.installTranslator(translator)
    try:
        window = open_window()
        QTest.keyClick(window, S)
        settled(window)
        first, second = said(window).split("\n")
        assert first.startswith("¡") and second.startswith("Luego: ¡")
    finally:
        qapp.removeTranslator(translator)
