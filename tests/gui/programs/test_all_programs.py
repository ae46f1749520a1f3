"""Each of the programs of tests/programs, stepped and trained with all panels open."""

from __future__ import annotations

import sys
import traceback

import pytest

from engine.debug.session import Session
from tests.gui.programs.making import action, dialogs, window_on
from tests.programs.loading import NAMES, load, undisturbed

pytestmark = pytest.mark.slow
STOPS, BATCHES = 150, 30


@pytest.mark.parametrize("preset", ["learn", "debug"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_throws(qapp, tmp_path, settled, monkeypatch, name, preset):
    raised = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: raised.append(what))
    with undisturbed(), load(name) as program:
        session = Session.from_step(program.step)
        with window_on(session, tmp_path, preset) as window:
            settled(window)
            for dock in window.docks.values():
                dock.show()
            settled(window)
            first = window.snapshot.position
            for stop in range(STOPS):
                action(window, "step_into").trigger()
                settled(window)
                if stop % 10 == 0:  # those behind others draw as well
                    list(window.docks.values())[stop // 10 % len(window.docks)].raise_()
                    settled(window)
            assert window.snapshot.position > first
            before = window.snapshot.position.batch
            window.bridge.train(BATCHES)
            settled(window)
            for dock in window.docks.values():
                dock.raise_()
                settled(window)
            assert window.snapshot.position.batch == before + BATCHES
            assert not dialogs(window), [one.text.text() for one in dialogs(window)]
    said = ["".join(traceback.format_exception(*what)) for what in raised]
    assert not said, said[0]
