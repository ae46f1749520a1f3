"""Time that runs by itself, either way, and stands still when somebody else moves the cursor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.debug.events import Kind, Position
from gui.playback import SPEEDS, Direction, Unit, next_position
from tests.gui.menus import submenu

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
    fast.playback.unit = Unit.BATCH
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
        if action.text() == "Playing"
    )  # fmt: skip
    entries = {action.text(): action for action in menu.actions()}
    assert entries["By event"].isChecked() and entries["5 a second"].isChecked()
    entries["By layer"].trigger()
    entries["20 a second"].trigger()
    assert (window.playback.unit, window.playback.speed) == (Unit.LAYER, 20)
    assert not entries["By event"].isChecked()


@pytest.mark.parametrize("unit", [Unit.EVENT, Unit.LINE, Unit.LAYER])
def test_forwards_and_back_come_to_the_same_places(window, unit):
    snapshot = window.snapshot

    def walk(start: Position, direction: Direction) -> list[Position]:
        found = [start]
        while at := next_position(replace(snapshot, position=found[-1]), unit, direction):
            found.append(at)
        return found

    there = walk(Position(0, 0), Direction.FORWARDS)
    back = walk(there[-1], Direction.BACKWARDS)
    assert set(there) == set(back)
    if unit is Unit.LINE:
        assert all(snapshot.kinds[at.event] is Kind.LINE for at in there[1:])
