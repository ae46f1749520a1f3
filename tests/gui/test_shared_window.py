"""What a test has changed of a window that others look at after it is noticed."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAction

from engine import AtBatch, SetLearningRate
from engine.debug.events import Position
from gui.look.appearance import Choice
from tests.gui.conftest import state_of

CHANGES = {
    "cursor": lambda window: window.bridge.goto(Position(0, 5)),
    "branches": lambda window: window.bridge.edit(SetLearningRate(0.2)),
    "breakpoints": lambda window: window.bridge.edit_breakpoints(lambda all: all.add(AtBatch(3))),
    "preset": lambda window: window.findChild(QAction, "layout_learn").trigger(),
    "panels": lambda window: window.docks["loss"].close(),
    "size": lambda window: window.resize(window.width() + 40, window.height() + 10),
    "theme": lambda window: window.appearance.choose(
        Choice.LIGHT if window.appearance.theme.dark else Choice.DARK
    ),
    "dialogs": lambda window: window.findChild(QAction, "about").trigger(),
}


@pytest.mark.slow
@pytest.mark.parametrize("part", CHANGES)
def test_each_change_is_noticed(window, settled, part):
    before = state_of(window)
    assert state_of(window) == before
    CHANGES[part](window)
    settled(window)
    assert state_of(window)[part] != before[part]
