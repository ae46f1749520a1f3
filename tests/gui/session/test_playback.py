"""Time that runs by itself, either way, and stands still when somebody else moves the cursor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QMessageBox, QToolButton

from engine.debug.events import Kind, Position, Verb
from gui.session.playback import SPEEDS, PlayDirection, PlayUnit, next_position
from tests.gui.menus import submenu

pytestmark = pytest.mark.slow

SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def fast(window):
    window.playback.speed = SPEEDS[-1]
    return window


def played(window, qtbot, count: int) -> list[Position]:
    """The next positions that are seen."""
    seen = []
    window.bridge.stopped.connect(lambda snapshot: seen.append(snapshot.position))
    qtbot.waitUntil(lambda: len(seen) >= count, timeout=20_000)
    return seen[:count]


def test_it_plays_by_event_and_back_again(fast, qtbot, settled):
    QTest.keyClick(fast, Qt.Key.Key_P)
    assert fast.actions_by_id["play"].isChecked()
    assert played(fast, qtbot, 4) == [(0, 1), (0, 2), (0, 3), (0, 4)]
    QTest.keyClick(fast, Qt.Key.Key_P)
    assert not fast.actions_by_id["play"].isChecked()
    settled(fast)
    at = fast.snapshot.position.event
    QTest.keyClick(fast, Qt.Key.Key_P, SHIFT)
    assert fast.actions_by_id["play_back"].isChecked()
    assert played(fast, qtbot, 2) == [(0, at - 1), (0, at - 2)]
    qtbot.waitUntil(lambda: fast.playback.direction is None, timeout=20_000)  # at the beginning
    assert fast.snapshot.position == (0, 0)
    assert not fast.actions_by_id["play_back"].isChecked()


def test_it_plays_by_batch_into_what_has_not_run_yet(fast, qtbot):
    fast.playback.unit = PlayUnit.BATCH
    QTest.keyClick(fast, Qt.Key.Key_P)
    assert played(fast, qtbot, 3) == [(1, 0), (2, 0), (3, 0)]


def test_it_goes_back_into_the_batch_before(fast, qtbot, settled):
    fast.bridge.train(2)
    qtbot.waitUntil(lambda: not fast.bridge.busy, timeout=20_000)
    settled(fast)
    QTest.keyClick(fast, Qt.Key.Key_P, SHIFT)
    first, second = played(fast, qtbot, 2)
    assert first.batch == second.batch == 1 and second.event == first.event - 1


def test_a_step_of_ones_own_and_training_stop_it(fast, qtbot, settled):
    QTest.keyClick(fast, Qt.Key.Key_P)
    played(fast, qtbot, 1)
    fast.bridge.goto(Position(0, 40))
    qtbot.waitUntil(lambda: fast.playback.direction is None, timeout=20_000)
    settled(fast)
    assert fast.snapshot.position == (0, 40)
    QTest.keyClick(fast, Qt.Key.Key_P)
    fast.bridge.train(1)
    qtbot.waitUntil(lambda: fast.playback.direction is None, timeout=20_000)


def test_the_menu_chooses_the_unit_and_the_speed(window):
    menu = next(
        submenu(action)
        for bar in window.top.menu_bar.actions() for action in submenu(bar).actions()
        if action.text() == "Play"
    )  # fmt: skip
    entries = {action.text(): action for action in menu.actions()}
    assert entries["By stop"].isChecked() and entries["5 a second"].isChecked()
    entries["By layer"].trigger()
    entries["20 a second"].trigger()
    assert (window.playback.unit, window.playback.speed) == (PlayUnit.LAYER, 20)
    assert not entries["By stop"].isChecked()


@pytest.mark.parametrize("unit", [PlayUnit.EVENT, PlayUnit.LINE, PlayUnit.LAYER])
def test_forwards_and_back_come_to_the_same_places(window, unit):
    snapshot = window.snapshot

    def walk(start: Position, direction: PlayDirection) -> list[Position]:
        found = [start]
        while at := next_position(replace(snapshot, position=found[-1]), unit, direction):
            found.append(at)
        return found

    there = walk(Position(0, 0), PlayDirection.FORWARDS)
    back = walk(there[-1], PlayDirection.BACKWARDS)
    assert set(there) == set(back)
    if unit is PlayUnit.LINE:
        assert all(snapshot.kinds[at.event] is Kind.LINE for at in there[1:])


# Pausing


@pytest.mark.parametrize("way", ["Space", "F6", "button", "word"])
def test_what_plays_is_paused_as_what_trains(fast, qtbot, settled, way):
    """The button is live, and in the colour of what can be pressed to begin and to end."""
    if way == "word":
        fast.layouts.choose("learn")
    button = fast.findChild(QToolButton, "pause_word" if way == "word" else "pause_button")
    assert not button.isEnabled() and "Nothing is running" in button.toolTip()
    QTest.keyClick(fast, Qt.Key.Key_P)
    assert button.isEnabled() and "Stop playback" in button.toolTip()
    played(fast, qtbot, 2)
    assert button.isEnabled() and button.isVisible()
    lit = button.grab().toImage()
    accent = QColor(fast.appearance.theme.accent)
    assert any(
        lit.pixelColor(x, y) == accent for x in range(lit.width()) for y in range(lit.height())
    )
    if way in ("Space", "F6"):
        QTest.keyClick(fast, Qt.Key[f"Key_{way}"])
    else:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.isEnabled() and not fast.actions_by_id["play"].isChecked()
    settled(fast)
    there = fast.snapshot.position
    QTest.keyClick(fast, Qt.Key.Key_F11)  # into, in each layout
    settled(fast)
    assert fast.snapshot.position == (0, there.event + 1)  # nothing else has moved it


def ask_for_a_file(window) -> None:
    window.actions_by_id["open_session"].trigger()


def ask_where_to_go(window) -> None:
    QTest.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)


def show_an_error(window) -> None:
    window.messages.show_error(ValueError("something"))


def show_a_message_box(window) -> None:
    box = QMessageBox(QMessageBox.Icon.Information, "Title", "Text", parent=window)
    box.open()


def show_a_modal_dialog_of_the_application(window) -> None:
    box = QMessageBox(QMessageBox.Icon.Information, "Title", "Text")
    box.setWindowModality(Qt.WindowModality.ApplicationModal)
    box.setParent(window, Qt.WindowType.Dialog)
    box.show()


def show_a_dialog_of_the_system_s(window) -> None:
    """Qt's own is not on the screen, and blocks the window all the same."""
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    dialog.open()


def ask_in_a_loop_of_its_own(window) -> None:
    """As what blocks until it is answered."""
    box = QMessageBox(QMessageBox.Icon.Question, "Title", "Text", parent=window)
    QTimer.singleShot(0, box.reject)
    box.exec()


@pytest.mark.parametrize(
    "opened",
    [ask_for_a_file, ask_where_to_go, show_an_error, show_a_message_box,
     show_a_modal_dialog_of_the_application, show_a_dialog_of_the_system_s,
     ask_in_a_loop_of_its_own],
)  # fmt: skip
@pytest.mark.parametrize("key", [(Qt.Key.Key_P, Qt.KeyboardModifier.NoModifier),
                                 (Qt.Key.Key_P, SHIFT)])  # fmt: skip
def test_it_stops_by_itself_when_a_dialog_opens(fast, qtbot, settled, opened, key):
    fast.bridge.goto(Position(0, 0))
    for _ in range(9):
        fast.bridge.step(Verb.INTO)
    settled(fast)
    QTest.keyClick(fast, *key)
    played(fast, qtbot, 1)
    opened(fast)
    qtbot.waitUntil(lambda: fast.playback.direction is None)
    assert not fast.actions_by_id["pause"].isEnabled()
    settled(fast)
    for dialog in fast.findChildren(QDialog):
        dialog.close()
