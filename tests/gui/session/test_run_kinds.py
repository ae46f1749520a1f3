from __future__ import annotations

from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.debug.run_control import Stopped, StopReason
from gui.run_kind import RunKind, busy_text, pause_first_text, run_name
from gui.session import worker_commands
from gui.session.bridge import Bridge
from tests.gui.session.test_measuring import gated
from tests.gui.sessions import BATCHES


def told(bridge) -> list[tuple[str, RunKind]]:
    """What is told of the beginnings and ends of runs."""
    seen: list[tuple[str, RunKind]] = []
    bridge.run_started.connect(lambda kind: seen.append(("started", kind)))
    bridge.run_ended.connect(lambda kind: seen.append(("ended", kind)))
    return seen


@pytest.fixture
def slow(window, monkeypatch):
    """A session whose searches and comparisons look through batch 7 until this is set."""
    over, session = Event(), window.bridge._worker.session
    stopped = Stopped(StopReason.PAUSED, session.position)

    def search(answer):
        def look(*asked):
            *_, progress, cancel = [one for one in asked if callable(one)][:2]
            while not (over.wait(0.01) or cancel()):
                progress(7)
            return answer

        return look

    monkeypatch.setattr(worker_commands, "SEARCH_SECONDS", 0.0)
    for name, answer in (
        ("last_write", None), ("reverse_continue", stopped), ("compare", None),
    ):  # fmt: skip
        monkeypatch.setattr(session, name, search(answer))
    window.bridge.compared.disconnect()
    yield over
    over.set()


RUNS = {
    RunKind.SEARCH: lambda window: (
        window.tensor.choose("loss"), QTest.keyClick(window, Qt.Key.Key_W)
    ),
    RunKind.REVERSE: lambda window: window.bridge.continue_back(),
    RunKind.COMPARISON: lambda window: window.bridge.compare(0, 0),
}  # fmt: skip


@pytest.mark.parametrize(
    "kind, name, busy, pause",
    [
        (
            RunKind.SEARCH, "Searching", "A search is running. Pause first (F6).",
            "Pause the search first",
        ),
        (
            RunKind.REVERSE, "Going back",
            "The run is going back to a breakpoint. Pause first (F6).",
            "Pause going back first",
        ),
        (
            RunKind.COMPARISON, "Comparing", "Two branches are being compared. Pause first (F6).",
            "Pause the comparison first",
        ),
    ],
)  # fmt: skip
def test_a_run_is_said_to_be_what_it_is(window, slow, settled, qtbot, kind, name, busy, pause):
    seen, said = told(window.bridge), []
    window.bridge.run_started.connect(lambda _: said.append(window.top.chip.text()))
    settled(window)
    RUNS[kind](window)
    qtbot.waitUntil(lambda: window.top.chip.text() == f"{name} batch 7")
    assert said == [f"{name}…"]
    assert window.bridge.running is kind
    step = window.actions_by_id["step_into"]
    assert not step.isEnabled() and step.toolTip().endswith(busy)
    assert window.actions_by_id["pause"].isEnabled()
    assert window.numeric.controls.start.toolTip() == pause
    assert window.confusion.measure.toolTip() == pause
    assert busy in window.branches.buttons.new.toolTip()
    slow.set()
    settled(window)
    assert seen == [("started", kind), ("ended", kind)]
    assert window.bridge.running is None and step.isEnabled()


def test_a_search_that_ends_at_once_is_told_of_only_at_its_end(window, settled):
    window.bridge.train(BATCHES)
    settled(window)
    seen = told(window.bridge)
    window.bridge.continue_back()
    settled(window)
    assert seen == [("ended", RunKind.REVERSE)]


def test_a_training_that_waits_for_its_last_measurement_says_so(qtbot):
    session, gate = gated()
    bridge = Bridge(session)
    try:
        seen = told(bridge)
        bridge.train(BATCHES)
        qtbot.waitUntil(lambda: bridge.running is RunKind.MEASUREMENT)
        gate.open.set()
        qtbot.waitUntil(lambda: not bridge.busy)
    finally:
        gate.open.set()
        bridge.close()
    assert seen == [
        ("started", RunKind.TRAINING),
        ("started", RunKind.MEASUREMENT),
        ("ended", RunKind.MEASUREMENT),
    ]


@pytest.mark.parametrize("kind", RunKind)
def test_each_kind_has_words_of_its_own(kind):
    for words in (run_name, busy_text, pause_first_text):
        assert words(kind) and sum(words(one) == words(kind) for one in RunKind) == 1
    assert busy_text(None) == pause_first_text(None) == ""
