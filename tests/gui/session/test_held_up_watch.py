"""A batch that does not come back, as a person at the window meets it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from engine.debug.session import Session
from engine.debug.session_file.format import write
from engine.debug.travel import run
from gui.dialogs.dialog import ConfirmDialog, Dialog, ErrorDialog
from gui.session import held_up_watch, session_writer, worker_link
from gui.session.bridge import Bridge
from gui.window import closing
from gui.window.autosave import Autosave
from gui.window.closing import HeldUpDialog
from gui.window.commands import session_files
from gui.window.main_window import MainWindow
from tests.gui.stuck import BACK, Deaf, Endless, EndlessWhenMeasured, stuck_session

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def impatient(monkeypatch):
    """What is said after seconds is said sooner."""
    monkeypatch.setattr(held_up_watch, "HELD_UP_SECONDS", 0.2)
    monkeypatch.setattr(held_up_watch, "DEAF_SECONDS", 0.2)
    monkeypatch.setattr(held_up_watch, "LOOK_MS", 20)
    monkeypatch.setattr(closing, "ASKED_MS", 100)


@pytest.fixture
def gate():
    """Shut; whatever happens in the test, it is open afterwards."""
    Deaf.gate.acquire()
    yield Deaf.gate
    if Deaf.gate.locked():
        Deaf.gate.release()


def open_window(qtbot, layer: Endless, batches: int = 0) -> MainWindow:
    session = stuck_session(layer)
    session.run(batches=batches)
    window = MainWindow(session)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    qtbot.waitUntil(lambda: not window.bridge.busy)
    return window


def in_it(window: MainWindow) -> bool:
    """Whether it trains, and the batch is running that does not come back."""
    interruption = window.bridge._worker.interruption
    return window.actions_by_id["pause"].isEnabled() and interruption.seconds > 0.1


def strip(window: MainWindow) -> str:
    """What the strip says; "" while it is not there."""
    label = window.findChild(QLabel, "held_up_text")
    return label.text() if label.isVisible() else ""


def click(window, name: str) -> None:
    button = next(b for kind in (QPushButton, QToolButton) if (b := window.findChild(kind, name)))
    assert button.isVisible() and button.isEnabled()
    QTest.mouseClick(button, LEFT)


def bits(session: Session) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in session.network.parameters().items()}


def loaded(path: Path) -> Session:
    fresh = stuck_session(Deaf())
    return Session.load(
        path, network=fresh.network, dataset=fresh.dataset, optimizer=fresh.optimizer
    )


def test_it_is_paused_and_stopped_in(qtbot, impatient):
    window = open_window(qtbot, Endless())
    intact = stuck_session(Endless())
    intact.run(batches=BACK)
    assert not window.actions_by_id["stop_in_it"].isEnabled()
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    assert strip(window) == ""  # nobody wants it to end
    click(window, "pause_button")
    qtbot.waitUntil(lambda: strip(window) != "")
    assert f"Batch {BACK} has not returned" in strip(window)
    assert "Endless.forward (stuck.py:" in strip(window)
    assert window.actions_by_id["stop_in_it"].isEnabled()
    assert "Shift+F6" in window.actions_by_id["stop_in_it"].toolTip()
    assert "taken back" in window.findChild(QPushButton, "stop_in_it_button").toolTip()
    click(window, "stop_in_it_button")
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    assert strip(window) == ""
    session = window.bridge._worker.session
    assert window.snapshot.position == (BACK, window.snapshot.event_count - 1)
    assert window.snapshot.event.layer == "Endless1"
    assert bits(session) == bits(intact)
    assert f"Batch {BACK} was stopped in Endless1" in window.notice.text()
    assert window.notice.isVisible()
    assert window.findChild(ErrorDialog) is None
    assert not window.actions_by_id["stop_in_it"].isEnabled()
    assert "stopped here" in window.actions_by_id["step_into"].toolTip()
    click(window, "step_back_into_button")
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert window.snapshot.position == (BACK, window.snapshot.event_count - 2)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_it_is_told_although_more_was_asked_for_after_the_pause(qtbot, impatient, gate):
    window = open_window(qtbot, Deaf())
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    for key in (Qt.Key.Key_F6, Qt.Key.Key_F5):
        QTest.keyClick(window, key)
    qtbot.waitUntil(lambda: strip(window) != "")
    assert f"Batch {BACK} has not returned" in strip(window)
    assert not window.actions_by_id["step_into"].isEnabled()
    window.bridge.pause()
    gate.release()
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert strip(window) == ""
    window.close()


def test_its_keys_stop_in_it(qtbot, impatient):
    window = open_window(qtbot, Endless())
    QTest.keyClick(window, Qt.Key.Key_F5)
    qtbot.waitUntil(lambda: in_it(window))
    QTest.keyClick(window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: strip(window) != "")
    QTest.keyClick(window, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    assert window.snapshot.position.batch == BACK
    window.close()


def test_a_batch_that_comes_back_after_all_needs_no_stopping(qtbot, impatient, gate):
    window = open_window(qtbot, Deaf())
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    click(window, "pause_button")
    qtbot.waitUntil(lambda: strip(window) != "")
    gate.release()
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert strip(window) == "" and window.snapshot.position.batch > BACK
    window.close()


def test_a_call_inside_c_is_said_not_to_stop_and_what_has_run_can_be_saved(
    qtbot, impatient, gate, tmp_path
):
    window = open_window(qtbot, Deaf())
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    click(window, "pause_button")
    qtbot.waitUntil(lambda: strip(window) != "")
    assert not window.findChild(QPushButton, "save_held_up").isVisible()
    click(window, "stop_in_it_button")
    qtbot.waitUntil(lambda: "into C cannot be stopped" in strip(window))
    assert "Waiting for it to end" in strip(window)
    assert window.findChild(QPushButton, "save_held_up").isVisible()
    assert window.findChild(QPushButton, "close_held_up").isVisible()
    with qtbot.waitSignal(window.bridge.saved):
        window.session_files.save_to(tmp_path / "held.retrograd")
    opened = loaded(tmp_path / "held.retrograd")
    assert opened.reach == BACK and opened.position == (BACK, 0)
    gate.release()
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert strip(window) == ""
    window.close()


def test_closing_asks_and_stops_in_it(qtbot, impatient):
    window = open_window(qtbot, Endless())
    closed = []
    window.closed.connect(lambda: closed.append(True))
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    assert not window.close()
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is not None)
    dialog = window.findChild(HeldUpDialog)
    qtbot.waitUntil(lambda: "has not returned" in dialog.text.text())
    assert "copy" in dialog.text.text()
    assert [b.text() for b in dialog.buttons.buttons()].count("Wait") == 1
    QTest.mouseClick(dialog.stop, LEFT)
    qtbot.waitUntil(lambda: bool(closed), timeout=20_000)
    assert window.bridge.finished


def test_closing_waits_for_what_comes_back(qtbot, impatient, gate):
    window = open_window(qtbot, Deaf())
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    assert not window.close()
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is not None)
    dialog = window.findChild(HeldUpDialog)
    QTest.mouseClick(next(b for b in dialog.buttons.buttons() if b.text() == "Wait"), LEFT)
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is None)
    assert window.isVisible()
    assert not window.close()  # and it asks again
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is not None)
    gate.release()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert window.bridge.finished


def test_what_never_comes_back_ends_with_the_app(qtbot, impatient, gate, tmp_path):
    window = open_window(qtbot, Deaf())
    autosave = Autosave(window, tmp_path / "copies", 1000)
    ended = []
    window.closing._end = ended.append
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    window.close()
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is not None)
    dialog = window.findChild(HeldUpDialog)
    qtbot.waitUntil(lambda: "has not returned" in dialog.text.text())
    QTest.mouseClick(dialog.end, LEFT)
    qtbot.waitUntil(lambda: ended == [0])
    assert loaded(autosave.path).reach == BACK
    gate.release()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert autosave.path.exists()  # it is offered at the next start
    other = open_window(qtbot, Endless())
    assert Autosave(other, tmp_path / "copies", 1000).offer()
    offered = other.findChild(Dialog, "autosave_dialog")
    assert "contains all batches that had run" in offered.text.text()
    assert "lost" not in offered.text.text()
    offered.reject()


def test_the_app_ends_after_the_last_copy_and_not_after_one_before_it(
    qtbot, impatient, gate, tmp_path, monkeypatch
):
    monkeypatch.setattr(closing, "LAST_SAVE_MS", 60_000)
    turns = {"earlier": Event(), "last": Event()}
    waiting = iter(turns.values())

    def write_in_turn(path, content):
        assert next(waiting).wait(60)
        write(path, content)

    monkeypatch.setattr(session_writer, "write", write_in_turn)
    window = open_window(qtbot, Deaf())
    autosave = Autosave(window, tmp_path / "copies", 1000)
    ended = []
    window.closing._end = ended.append
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    window.close()
    qtbot.waitUntil(lambda: window.bridge.holding_up is not None)
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is not None)
    autosave.save()
    QTest.mouseClick(window.findChild(HeldUpDialog).end, LEFT)
    with qtbot.waitSignal(window.bridge.saved):
        turns["earlier"].set()
    assert not ended
    turns["last"].set()
    qtbot.waitUntil(lambda: ended == [0])
    gate.release()
    qtbot.waitUntil(lambda: not window.isVisible())


def test_stopping_does_not_wait_for_a_copy_that_is_being_taken(
    qtbot, impatient, tmp_path, monkeypatch
):
    asked, answers, answered = Event(), Event(), Event()
    pack = Session.pack

    def pack_slowly(session, *args, **how):  # as where a network is long about its parameters
        asked.set()
        answers.wait(20)
        answered.set()
        return pack(session, *args, **how)

    window = open_window(qtbot, Endless())
    autosave = Autosave(window, tmp_path / "copies", 1000)
    held_up_in(qtbot, window)
    monkeypatch.setattr(Session, "pack", pack_slowly)
    autosave.save()
    assert asked.wait(20)
    click(window, "stop_in_it_button")
    assert not answered.is_set()
    assert strip(window).startswith(f"Stopping batch {BACK}")
    answers.set()
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    assert window.snapshot.position.batch == BACK
    window.session_files.asks_of_unsaved = False
    window.close()


def test_the_measurement_of_the_test_set_is_told_from_a_batch(qtbot, impatient):
    window = open_window(qtbot, EndlessWhenMeasured())
    window.bridge.train(2)
    qtbot.waitUntil(lambda: in_it(window))
    window.bridge.pause()
    qtbot.waitUntil(lambda: strip(window) != "")
    assert strip(window).startswith("The measurement of the test set has not returned.")
    assert "It is in EndlessWhenMeasured.forward (stuck.py:" in strip(window)
    click(window, "stop_in_it_button")
    assert strip(window) in ("", "Stopping the measurement of the test set…")
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    assert strip(window) == "" and window.snapshot.position == (0, 0)
    assert window.findChild(ErrorDialog) is None  # it is what was asked for
    assert "Batch 0 was stopped in stuck.py:" in window.notice.text()
    window.close()


def test_a_recording_that_ends_early_is_told(qtbot, impatient, monkeypatch):
    monkeypatch.setattr(run, "MOST_EVENTS", 5_000)
    window = open_window(qtbot, Endless(), BACK - 1)
    window.actions_by_id["step_batch"].trigger()
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    assert window.snapshot.position == (BACK, 0)
    assert f"Batch {BACK} has more than 5,000 stops" in window.notice.text()
    window.bridge.held_up.emit(None)  # as where the strip goes right after that
    assert window.notice.isVisible()
    window.notice.say("")
    window.actions_by_id["step_into"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.position == (BACK, 1))
    assert not window.notice.isVisible()  # it was said
    window.close()


@pytest.fixture
def worth_keeping(monkeypatch):
    """A run as short as that of these tests is one that a person would miss."""
    monkeypatch.setattr(session_files, "WORTH_KEEPING", BACK)


def held_up_in(qtbot, window: MainWindow) -> None:
    """Train until a batch does not come back, and be told so."""
    window.session_files.asks_of_unsaved = True
    window.actions_by_id["train_until_paused"].trigger()
    qtbot.waitUntil(lambda: in_it(window))
    window.bridge.pause()
    qtbot.waitUntil(lambda: strip(window) != "")


def press_in(dialog, text: str) -> None:
    button = next(b for b in dialog.buttons.buttons() if b.text() == text)
    QTest.mouseClick(button, LEFT)


@pytest.mark.parametrize("before", [0, BACK - 1])
def test_closing_asks_about_an_unsaved_run_that_is_held_up(
    qtbot, impatient, worth_keeping, gate, tmp_path, before
):
    window = open_window(qtbot, Deaf(), before)
    autosave = Autosave(window, tmp_path / "copies", 1000)
    held_up_in(qtbot, window)
    with qtbot.waitSignal(window.bridge.saved):
        autosave.save()
    assert not window.close()
    assert window.findChild(HeldUpDialog) is None
    dialog = window.findChild(ConfirmDialog)
    assert f"run of {BACK} batches is not saved" in dialog.text.text()
    dialog.reject()
    gate.release()
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert window.isVisible() and autosave.path.exists()
    window.session_files.asks_of_unsaved = False
    window.close()


@pytest.mark.parametrize("paused", [True, False])
def test_a_run_that_is_held_up_is_saved_and_closed(
    qtbot, impatient, worth_keeping, tmp_path, monkeypatch, paused
):
    window = open_window(qtbot, Endless())
    if paused:
        held_up_in(qtbot, window)
    else:
        window.session_files.asks_of_unsaved = True
        window.actions_by_id["train_until_paused"].trigger()
        qtbot.waitUntil(lambda: window.bridge._worker.interruption.seconds > 0.5)
    target = tmp_path / "held.retrograd"
    monkeypatch.setattr(session_files, "ask_where_to_write", lambda *args: args[-1](target))
    assert not window.close()
    press_in(window.findChild(ConfirmDialog), "Save and close")
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is not None)
    assert loaded(target).reach == BACK
    QTest.mouseClick(window.findChild(HeldUpDialog).stop, LEFT)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert window.bridge.finished


def test_a_run_that_is_held_up_is_closed_without_saving(qtbot, impatient, worth_keeping):
    window = open_window(qtbot, Endless())
    held_up_in(qtbot, window)
    assert not window.close()
    press_in(window.findChild(ConfirmDialog), "Close without saving")
    qtbot.waitUntil(lambda: window.findChild(HeldUpDialog) is not None)
    QTest.mouseClick(window.findChild(HeldUpDialog).stop, LEFT)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=20_000)
    assert window.bridge.finished


def test_a_recorded_batch_is_stopped_in_without_a_pause(qtbot, impatient, gate):
    window = open_window(qtbot, Deaf(), BACK - 1)
    window.actions_by_id["step_batch"].trigger()
    qtbot.waitUntil(lambda: strip(window) != "")
    assert f"Batch {BACK} has not returned" in strip(window)
    gate.release()
    qtbot.waitUntil(lambda: not window.bridge.busy)
    assert strip(window) == "" and window.snapshot.position == (BACK, 0)
    window.close()


def test_a_bridge_that_goes_stops_what_does_not_come_back(qtbot, monkeypatch):
    # Where the stop takes longer than STOP_SECONDS, the process ends, and the tests with it.
    monkeypatch.setattr(worker_link, "GRACE_SECONDS", 0.2)
    monkeypatch.setattr(worker_link, "STOP_SECONDS", 60)
    bridge = Bridge(stuck_session(Endless()))
    qtbot.waitUntil(lambda: not bridge.busy)
    bridge.train(None)
    qtbot.waitUntil(lambda: bridge._worker.interruption.seconds > 0.1)
    bridge.close()
    assert bridge.finished


@pytest.mark.parametrize(("layer", "stop_seconds"), [("Endless", 30), ("Deaf", 0.3)])
def test_a_process_that_just_ends_ends_and_does_not_abort(layer, stop_seconds):
    code = (
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication(['x', '-platform', 'offscreen'])\n"
        "from gui.session import bridge, worker_link\n"
        f"worker_link.GRACE_SECONDS, worker_link.STOP_SECONDS = 0.3, {stop_seconds}\n"
        "from tests.gui.stuck import Deaf, Endless, stuck_session\n"
        "Deaf.gate.acquire()\n"
        f"one = bridge.Bridge(stuck_session({layer}()))\n"
        "one.train(None)\n"
        "while one._worker.interruption.seconds < 0.1: app.processEvents()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT,
        timeout=60,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0 if layer == "Endless" else 1, "")
