"""The switch "every stop": in Learn a step leads from operation to operation, in Debug not."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from engine.debug.events import Position, Verb
from gui.session.playback import PlayDirection
from gui.window.main_window import MainWindow
from tests.gui.sessions import make_session
from tests.gui.window.test_main_window import NO, SHIFT, chip
from tests.gui.window.test_verbs import hold_down, slow  # noqa: F401 (a fixture)

S, A = Qt.Key.Key_S, Qt.Key.Key_A


@pytest.fixture
def learn(window, settled):
    window.layouts.choose("learn")
    settled(window)
    return window


def operations(count: int) -> list[Position]:
    """Where so many operation steps lead, from the beginning of a session like the window's."""
    session, found = make_session(), []
    for _ in range(count):
        session.step_operation()
        found.append(session.position)
    return found


def test_in_learn_s_leads_to_the_next_operation_and_shift_s_back(learn, settled):
    places = operations(6)
    for there in places:
        QTest.keyClick(learn, S)
        settled(learn)
        assert learn.snapshot.position == there
    for there in [*reversed(places[:-1]), Position(0, 0)]:
        QTest.keyClick(learn, S, SHIFT)
        settled(learn)
        assert learn.snapshot.position == there
    assert not learn.actions_by_id["step_back_operation"].isEnabled()
    assert learn.actions_by_id["step_operation"].isEnabled()


def test_the_big_button_does_what_its_key_does(learn, settled):
    button = learn.top.findChild(QAbstractButton, "step_operation_word")
    assert button.isVisible() and button.text() == "Step  S"
    assert not learn.top.findChild(QAbstractButton, "step_into_word").isVisible()
    for there in operations(3):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        settled(learn)
        assert learn.snapshot.position == there
    QTest.mouseClick(
        learn.top.findChild(QAbstractButton, "step_back_operation_word"), Qt.MouseButton.LeftButton
    )
    settled(learn)
    assert learn.snapshot.position == operations(2)[-1]


def test_f11_stays_the_next_event_and_s_goes_on_from_there(learn, settled):
    for _ in range(2):
        QTest.keyClick(learn, Qt.Key.Key_F11)
    settled(learn)
    assert learn.snapshot.position == (0, 2)
    QTest.keyClick(learn, S)
    settled(learn)
    assert learn.snapshot.position == operations(1)[0]


def test_the_switch_in_the_title_of_the_source_gives_s_to_every_event(learn, settled):
    switch = learn.source.every_stop
    assert switch.isVisible() and not switch.isChecked()
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    assert switch.isChecked() and learn.actions_by_id["every_stop"].isChecked()
    assert learn.top.findChild(QAbstractButton, "step_into_word").isVisible()
    QTest.keyClick(learn, S)
    settled(learn)
    assert learn.snapshot.position == (0, 1)
    QTest.keyClick(learn, A)
    assert not switch.isChecked()
    QTest.keyClick(learn, S)
    settled(learn)
    assert learn.snapshot.position == operations(1)[0]


def test_no_two_actions_have_one_key_whatever_the_switch_says(learn):
    for _ in range(2):
        keys = [
            key.toString(QKeySequence.SequenceFormat.PortableText)
            for action in learn.actions()
            for key in action.shortcuts()
        ]
        assert "S" in keys and "Shift+S" in keys
        assert len(keys) == len(set(keys))
        tip = learn.actions_by_id["step_operation"].toolTip()
        every = learn.actions_by_id["every_stop"].isChecked()
        assert ("(O)" in tip) is every
        learn.actions_by_id["every_stop"].trigger()


def test_each_layout_remembers_its_switch(qtbot, settled, tmp_path):
    settings = QSettings(str(tmp_path / "own.ini"), QSettings.Format.IniFormat)

    def open_window() -> MainWindow:
        window = MainWindow(make_session(), settings=settings)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        return window

    def says() -> dict[str, bool]:
        found = {}
        for id in ("learn", "debug", "present", "numeric"):
            window.layouts.choose(id)
            found[id] = window.actions_by_id["every_stop"].isChecked()
        return found

    window = open_window()
    assert says() == {"learn": False, "debug": True, "present": False, "numeric": True}
    window.layouts.choose("learn")
    window.actions_by_id["every_stop"].trigger()
    window.layouts.choose("debug")
    window.actions_by_id["every_stop"].trigger()
    window.close()
    window.bridge.close()
    window = open_window()
    assert says() == {"learn": True, "debug": False, "present": False, "numeric": True}
    window.bridge.close()


def test_chip_and_timeline_count_operations_while_every_stop_is_off(learn, settled):
    for _ in range(3):
        QTest.keyClick(learn, S)
    settled(learn)
    last = len(learn.snapshot.operation_stops) - 1
    assert 30 <= last <= 50
    assert chip(learn).endswith(f"stop 3 / {last}")
    assert f"stop 3 of {last}" in learn.timeline.accessibleDescription()
    QTest.keyClick(learn, Qt.Key.Key_F11)  # to an event that is no operation
    settled(learn)
    event, events = learn.snapshot.position.event, learn.snapshot.event_count
    number = learn.snapshot.stop_number(event, False)
    assert chip(learn).endswith(f"stop {number} / {last}")
    QTest.keyClick(learn, A)
    assert chip(learn).endswith(f"stop {event} / {events - 1}")
    assert f"stop {event} of {events - 1}" in learn.timeline.accessibleDescription()


def test_the_arrows_on_the_timeline_step_as_s_does(learn, settled):
    learn.timeline.setFocus()
    places = operations(2)
    for key, there in ((Qt.Key.Key_Right, places[0]), (Qt.Key.Key_Right, places[1]),
                       (Qt.Key.Key_Left, places[0])):  # fmt: skip
        QTest.keyClick(learn.timeline, key)
        settled(learn)
        assert learn.snapshot.position == there


def test_operations_go_on_in_the_next_batch_and_back(learn, settled):
    last = len(learn.snapshot.operation_stops) - 1
    for _ in range(last + 2):
        QTest.keyClick(learn, S)
    settled(learn)
    assert learn.snapshot.position == (1, learn.snapshot.operation_stops[1])
    for _ in range(2):
        QTest.keyClick(learn, S, SHIFT)
    settled(learn)
    assert learn.snapshot.position == (0, learn.snapshot.operation_stops[-1])


@pytest.mark.parametrize("direction", PlayDirection)
def test_playing_walks_the_operations(learn, settled, qtbot, direction):
    forwards = direction is PlayDirection.FORWARDS
    learn.bridge.goto(Position(0, 0))
    learn.bridge.step(Verb.BATCH)
    settled(learn)
    passed = []
    learn.bridge.stopped.connect(lambda snapshot: passed.append(snapshot.position))
    learn.playback.speed = 20
    QTest.keyClick(learn, Qt.Key.Key_P, NO if forwards else SHIFT)
    qtbot.waitUntil(lambda: len(passed) >= 4)
    QTest.keyClick(learn, Qt.Key.Key_P, NO if forwards else SHIFT)
    settled(learn)
    session = make_session()
    session.step_batch()
    for there in passed:
        session.step_operation() if forwards else session.step_back_operation()
        assert there == session.position


def test_a_key_held_down_steps_one_operation_at_a_time(learn, slow, settled):  # noqa: F811
    QTest.keyClick(learn, S)
    for _ in range(3):
        for _ in range(6):
            hold_down(learn, learn, "step_operation")
        slow.release()
        settled(learn)
        hold_down(learn, learn, "step_operation")
    slow.release(100)
    settled(learn)
    assert learn.snapshot.position == operations(4)[-1]
