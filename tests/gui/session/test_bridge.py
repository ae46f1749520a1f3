from __future__ import annotations

import gc
import subprocess
import sys
import threading
import weakref

import pytest

from engine.debug.events import Position, Verb
from engine.errors import RetrogradError
from gui.session import worker_commands
from gui.session.bridge import Bridge
from gui.session.stored_parameters import For, StoredWanted
from tests.gui.sessions import BATCHES, make_session


@pytest.fixture
def bridge(qtbot, session):
    bridge = Bridge(session)
    qtbot.waitUntil(lambda: not bridge.busy)
    yield bridge
    bridge.close()


def wanted(session, batch: int, use: For = For.SHOWN) -> StoredWanted:
    return StoredWanted(session.identity, batch, use)


def record(bridge: Bridge) -> list[str]:
    """Names of the signals, in the order in which they come."""
    seen: list[str] = []
    for name in ("run_started", "run_ended", "failed", "stopped", "exported", "opened"):
        getattr(bridge, name).connect(lambda *_, name=name: seen.append(name))
    return seen


def test_a_burst_of_steps_is_done_whole_and_drawn_once_or_twice(bridge, qtbot):
    snapshots = []
    bridge.stopped.connect(snapshots.append)
    for _ in range(50):
        bridge.step(Verb.INTO)
    qtbot.waitUntil(lambda: not bridge.busy)
    assert snapshots[-1].position == (0, 50)
    assert len(snapshots) < 50


def test_the_session_is_used_on_a_thread_of_its_own(bridge, qtbot):
    used_on = []
    bridge.export(lambda parameters: used_on.append(threading.get_ident()))
    qtbot.waitUntil(lambda: not bridge.busy)
    assert used_on != [threading.get_ident()]


def test_an_error_ends_the_command_and_nothing_else(bridge, session, qtbot):
    seen = record(bridge)
    bridge.goto(Position(77, 0))
    bridge.step(Verb.INTO)
    qtbot.waitUntil(lambda: not bridge.busy)
    assert (seen[0], seen[-1]) == ("failed", "stopped")
    assert seen.count("failed") == 1
    assert session.position == (0, 1)


def test_a_run_is_told_in_order(bridge, qtbot):
    seen = record(bridge)
    bridge.train(5)
    bridge.export(len)
    qtbot.waitUntil(lambda: not bridge.busy)
    assert seen == ["run_started", "run_ended", "exported", "stopped"]


def test_a_run_whose_line_is_not_known_ends(bridge, qtbot, monkeypatch):
    """Stopped in, a batch is not recorded, and has no line to run to."""

    def stopped_in_it(session):
        raise RetrogradError("not recorded")

    seen = record(bridge)
    monkeypatch.setattr(worker_commands, "line_of", stopped_in_it)
    bridge.run_to(None)
    qtbot.waitUntil(lambda: "failed" in seen)
    qtbot.waitUntil(lambda: not bridge.busy)
    assert not bridge.running and seen.count("run_ended") == 1


def test_the_test_set_is_measured_at_the_end_of_a_run(bridge, qtbot):
    with qtbot.waitSignal(bridge.stopped) as stopped:
        bridge.train(BATCHES + 1)
    history = stopped.args[0].history
    assert history.test_batches[-1] == BATCHES + 1
    assert len(history.test_batches) == len(set(history.test_batches))


def test_busy_is_said_once_at_each_end(bridge, qtbot):
    said = []
    bridge.busy_changed.connect(said.append)
    for _ in range(3):
        bridge.step(Verb.OVER)
    qtbot.waitUntil(lambda: not bridge.busy)
    assert said == [True, False]


def test_closing_drops_what_waits(qtbot):
    bridge = Bridge(make_session())
    for _ in range(1000):
        bridge.step(Verb.BATCH)
    bridge.close()
    assert bridge.finished


def test_a_bridge_that_is_forgotten_ends_its_thread(qtbot):
    bridge = Bridge(make_session())
    worker, gone = bridge._worker, weakref.ref(bridge)
    bridge.train(None)
    del bridge
    gc.collect()
    assert gone() is None
    assert worker.isFinished()


def test_a_process_that_just_ends_does_not_abort():
    code = (
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication(['x', '-platform', 'offscreen'])\n"
        "from gui.session.bridge import Bridge\n"
        "from tests.gui.sessions import make_session\n"
        "bridge = Bridge(make_session())\n"
        "bridge.train(None)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_stored_parameters_come_without_moving_anything(bridge, session, qtbot):
    bridge.train(5 * BATCHES)
    qtbot.waitUntil(lambda: not bridge.busy)
    bridge.goto(Position(7, 30))
    qtbot.waitUntil(lambda: not bridge.busy)
    stored = session.history().stored
    assert len(stored) > 1
    seen = record(bridge)
    with qtbot.waitSignal(bridge.stored_found) as found:
        bridge.ask_stored(wanted(session, stored[-1]))
    assert found.args[1] == stored[-1]
    assert (session.position, seen) == ((7, 30), [])
    session.goto(stored[-1])
    live = session.network.parameters()
    assert {n: a.tobytes() for n, a in found.args[2].items()} == {
        name: array.tobytes() for name, array in live.items()
    }


def test_of_many_requests_for_stored_parameters_the_last_is_answered(bridge, session, qtbot):
    bridge.train(5 * BATCHES)
    qtbot.waitUntil(lambda: not bridge.busy)
    found = []
    bridge.stored_found.connect(lambda question, batch, parameters: found.append(batch))
    for _ in range(100):
        bridge.ask_stored(wanted(session, session.history().stored[-1]))
        bridge.ask_stored(wanted(session, 0))
    qtbot.waitUntil(lambda: found[-1:] == [0])
    assert len(found) <= 3


def test_stored_parameters_come_while_it_trains(bridge, session, qtbot):
    bridge.train(None)
    with qtbot.waitSignal(bridge.stored_found) as found:
        bridge.ask_stored(wanted(session, 0))
    assert found.args[1] == 0
    assert bridge.running
    bridge.pause()
    qtbot.waitUntil(lambda: not bridge.busy)


def test_a_batch_that_is_not_stored_is_answered_by_the_nearest_before_it(bridge, session, qtbot):
    bridge.train(5 * BATCHES)
    qtbot.waitUntil(lambda: not bridge.busy)
    stored = session.history().stored
    with qtbot.waitSignal(bridge.stored_found) as found:
        bridge.ask_stored(wanted(session, stored[-1] + 1))
    assert found.args[1] == stored[-1]
