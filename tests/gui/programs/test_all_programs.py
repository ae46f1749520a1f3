"""Each of the programs of tests/programs, stepped and trained with all panels open."""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager

import pytest

from gui.dialogs.dialog import ErrorDialog
from gui.window.actions.table import TABLE
from tests.gui.programs.making import action, dialogs, window_of
from tests.programs.loading import NAMES, load, undisturbed

pytestmark = pytest.mark.slow
STOPS, BATCHES = 150, 30


@contextmanager
def raising(monkeypatch):
    """Fail with the first exception that Qt has swallowed."""
    raised = []
    monkeypatch.setattr(sys, "excepthook", lambda *what: raised.append(what))
    yield
    said = ["".join(traceback.format_exception(*what)) for what in raised]
    assert not said, said[0]


@pytest.mark.parametrize("preset", ["learn", "debug"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_throws(qapp, tmp_path, settled, monkeypatch, name, preset):
    with (
        undisturbed(), load(name) as program, raising(monkeypatch),
        window_of(program, tmp_path, preset) as window,
    ):  # fmt: skip
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


# What opens a dialog of the system, ends the window, or covers it.
APART = ("open_session", "save_session", "save_session_as", "export_weights", "quit",
         "blank_screen", "full_screen", "pointer")  # fmt: skip


@pytest.mark.parametrize("name", ["caches", "lazy", "pairs"])
def test_every_entry_of_the_menus_does_something_or_says_why_not(
    qapp, tmp_path, settled, monkeypatch, name
):
    with (
        undisturbed(), load(name) as program, raising(monkeypatch),
        window_of(program, tmp_path) as window,
    ):  # fmt: skip
        settled(window)
        window.bridge.train(3)
        settled(window)
        for row in TABLE:
            entry = action(window, row.id)
            if not entry.isEnabled():
                assert len(entry.toolTip().split("\n", 1)[1]) > 15, row.id
            elif row.id not in APART and entry.isVisible():
                entry.trigger()
                if row.id.startswith("train") or row.id == "continue":
                    window.bridge.pause()
                window.playback.stop()
                settled(window)
                for dialog in dialogs(window):
                    assert not isinstance(dialog, ErrorDialog), (row.id, dialog.text.text())
                    dialog.reject()
                settled(window)
        for dock in window.docks.values():
            dock.show()
            dock.raise_()
            settled(window)
            for table in dock.view.tables():
                assert table.name and table.values.ndim in (1, 2)
