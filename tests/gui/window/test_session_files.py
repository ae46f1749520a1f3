"""Saving, opening, closing, and what is left after a crash; as a person meets them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton

from engine import SGD, Session, train_step
from engine.data import tiny_digits
from engine.debug.events import Position
from engine.debug.session import open_session as load_now
from engine.debug.session_file import format as session_file
from engine.debug.session_file import opening as opening_module
from engine.debug.travel.edits import SetLearningRate
from engine.nn.models import tiny_net
from engine.options import Options, build_session
from gui.dialogs.dialog import ConfirmDialog, Dialog, ErrorDialog, MessageDialog
from gui.dialogs.opening import OpeningDialog
from gui.session import session_writer, worker_commands
from gui.window.autosave import Autosave
from gui.window.main_window import MainWindow

pytestmark = pytest.mark.slow

TINY = Options(network="16-4-3")


@pytest.fixture
def session():
    return build_session(TINY)


@pytest.fixture
def window(qtbot, session, settled):
    window = MainWindow(session, TINY)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    yield window
    window.session_files.path = None  # nobody is there to be asked
    window.close()


def active(window, qtbot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def choose_file(window, qtbot, path: Path) -> None:
    """Type a name into the file dialog that is open, and press Return."""
    type_file(window, qtbot, path)
    active(window, qtbot)


def type_file(window, qtbot, path: Path) -> None:
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None)
    dialog = window.findChild(QFileDialog)
    line = dialog.findChild(QLineEdit)
    line.setText(str(path))
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None)


def save(window, qtbot, path: Path) -> None:
    active(window, qtbot)
    with qtbot.waitSignal(window.bridge.saved):
        QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
        choose_file(window, qtbot, path)


def press(window, text: str) -> None:
    for dialog in window.findChildren(Dialog):
        for button in dialog.findChildren(QPushButton):
            if button.text() == text and dialog.isVisible():
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)
                return
    raise AssertionError(text)


def test_a_session_is_saved_and_opened_by_its_keys(window, qtbot, settled, tmp_path):
    window.bridge.train(30)
    settled(window)
    window.bridge.goto(Position(12, 20))
    settled(window)
    window.bridge.edit(SetLearningRate(0.25), note="slower")
    settled(window)
    seen, source = window.snapshot, window.snapshot.event.source
    save(window, qtbot, tmp_path / "lesson")
    assert (tmp_path / "lesson.retrograd").exists()
    assert window.windowTitle().startswith("lesson.retrograd")
    assert not window.isWindowModified()
    window.bridge.train(5)
    settled(window)
    assert window.isWindowModified()
    active(window, qtbot)
    with qtbot.waitSignal(window.bridge.loaded):
        choose_to_open(window, qtbot, tmp_path / "lesson.retrograd")
        press(window, "Open without saving")
    settled(window)
    now = window.snapshot
    assert now.position == (12, 20) and now.event.source == source
    assert [one.name for one in now.branches] == ["main", "learning rate 0.25"]
    assert now.branches[1].note == "slower" and now.branches[0].reach == 30
    assert now.breakpoints == seen.breakpoints
    assert now.setup == seen.setup and window.options == TINY
    assert window.findChild(MessageDialog) is None and not window.isWindowModified()
    active(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(window)
    assert window.snapshot.branches[1].reach == 17  # back to what was open before


def test_the_layout_comes_with_it(window, qtbot, settled, tmp_path):
    window.layouts.choose("learn")
    save(window, qtbot, tmp_path / "a.retrograd")
    window.layouts.choose("debug")
    assert not window.docks["log"].isHidden()
    window.session_files.open(tmp_path / "a.retrograd")
    settled(window)
    assert window.layout_keeper.preset.id == "learn" and window.docks["log"].isHidden()


def test_what_is_no_session_is_refused_and_the_run_goes_on(window, qtbot, settled, tmp_path):
    window.bridge.train(3)
    settled(window)
    bad = tmp_path / "bad.retrograd"
    bad.write_bytes(b"nothing of the kind")
    window.session_files.open(bad)
    settled(window)
    text = window.findChild(ErrorDialog).text.text()
    assert str(bad) in text and "Nothing was changed" in text
    assert window.snapshot.history.reach == 3
    assert not window.actions_by_id["undo"].isEnabled()


def test_it_can_be_saved_while_it_trains(window, qtbot, settled, tmp_path):
    window.bridge.train(None)
    path = tmp_path / "a.retrograd"
    with qtbot.waitSignal(window.bridge.saved):
        window.session_files.save_to(path)
    assert window.bridge.running
    window.bridge.pause()
    settled(window)
    reach = window.snapshot.history.reach
    losses = window.snapshot.history.losses
    window.session_files.open(path)
    settled(window)
    saved = window.snapshot.history
    assert 0 < saved.reach <= reach
    assert saved.losses.tolist() == losses[: saved.reach].tolist()


def test_a_full_disk_is_told_and_nothing_is_lost(window, qtbot, settled, tmp_path, monkeypatch):
    window.bridge.train(3)
    settled(window)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with qtbot.waitSignal(window.bridge.failed):
        window.session_files.save_to(tmp_path / "a.retrograd")
    assert "No space left" in window.findChild(ErrorDialog).text.text()
    assert list(tmp_path.glob("*.retrograd")) == [] and window.snapshot.history.reach == 3


def test_closing_asks_only_where_something_saved_was_changed(window, qtbot, settled, tmp_path):
    save(window, qtbot, tmp_path / "a.retrograd")
    window.bridge.train(2)
    settled(window)
    assert not window.close()
    press(window, "Cancel")
    qtbot.waitUntil(lambda: window.findChild(ConfirmDialog) is None)
    assert window.isVisible()
    assert not window.close()
    press(window, "Save and close")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert build_session(TINY).load(tmp_path / "a.retrograd").reach == 2


def test_a_run_that_was_never_saved_is_asked_about(window, qtbot, settled, tmp_path):
    window.session_files.asks_of_unsaved = True
    window.bridge.train(120)
    settled(window)
    assert not window.close()
    press(window, "Save and close")
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None)
    window.findChild(QFileDialog).reject()
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None)
    save(window, qtbot, tmp_path / "first")  # which closes nothing, since that was left
    assert window.isVisible()
    window.bridge.train(1)
    settled(window)
    assert not window.close()
    press(window, "Save and close")
    qtbot.waitUntil(lambda: not window.isVisible())
    assert build_session(TINY).load(tmp_path / "first.retrograd").reach == 121


def choose_to_open(window, qtbot, path) -> None:
    """Ctrl+O, and the file."""
    active(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    type_file(window, qtbot, path)


def test_opening_another_asks_before_an_unsaved_run_goes(window, qtbot, settled, tmp_path):
    other = build_session(TINY)
    other.run(batches=2)
    other.save(tmp_path / "other.retrograd")
    window.session_files.asks_of_unsaved = True
    window.bridge.train(120)
    settled(window)
    choose_to_open(window, qtbot, tmp_path / "other.retrograd")
    assert "120 batches is not saved" in window.findChild(ConfirmDialog).text.text()
    press(window, "Cancel")
    qtbot.waitUntil(lambda: window.findChild(ConfirmDialog) is None)
    settled(window)
    assert window.snapshot.history.reach == 120
    qtbot.waitUntil(lambda: window.findChild(QFileDialog) is None)
    choose_to_open(window, qtbot, tmp_path / "other.retrograd")
    press(window, "Save and open")
    type_file(window, qtbot, tmp_path / "mine")
    qtbot.waitUntil(lambda: window.windowTitle().startswith("other.retrograd"))
    settled(window)
    assert window.snapshot.history.reach == 2
    assert build_session(TINY).load(tmp_path / "mine.retrograd").reach == 120
    window.bridge.train(3)
    settled(window)
    choose_to_open(window, qtbot, tmp_path / "mine.retrograd")
    assert "other.retrograd has changed" in window.findChild(ConfirmDialog).text.text()
    press(window, "Open without saving")
    qtbot.waitUntil(lambda: window.windowTitle().startswith("mine.retrograd"))
    settled(window)
    assert window.snapshot.history.reach == 120
    choose_to_open(window, qtbot, tmp_path / "other.retrograd")  # nothing would be lost
    qtbot.waitUntil(lambda: window.windowTitle().startswith("other.retrograd"))
    settled(window)
    assert window.snapshot.history.reach == 2


def test_undoing_an_open_brings_the_file_back_too(window, qtbot, settled, tmp_path):
    save(window, qtbot, tmp_path / "a.retrograd")
    window.bridge.train(3)
    settled(window)
    window.session_files.open(build_session(TINY).save(tmp_path / "b.retrograd"))
    settled(window)
    assert window.windowTitle().startswith("b.retrograd") and not window.isWindowModified()
    window.actions_by_id["undo"].trigger()
    settled(window)
    assert window.windowTitle().startswith("a.retrograd") and window.isWindowModified()
    assert window.snapshot.history.reach == 3


CRASH = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication
from engine.debug.session_file.format import read
from engine.options import Options, build_session
from gui.window.autosave import Autosave
from gui.window.main_window import MainWindow
folder = Path(sys.argv[1])
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[1])
app = QApplication([])
options = Options(network="16-4-3")
window = MainWindow(build_session(options), options)
autosave = Autosave(window, folder / "autosave", 0.05)
def tell(path, quiet):
    print(len(read(path)[1]["branch0.losses"]), flush=True)
window.bridge.saved.connect(tell)
window.show()
def go_on():
    window.bridge.train(300)
window.bridge.run_ended.connect(lambda: QTimer.singleShot(0, go_on))
go_on()
app.exec()
"""


def crashed(folder: Path) -> int:
    """Run the window in a process, kill it in the middle of a training; what was told as saved."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-c", CRASH, str(folder)],
        stdout=subprocess.PIPE, text=True, env=environment, cwd=Path(__file__).parents[3],
    ) as process:  # fmt: skip
        assert process.stdout is not None
        told = 0
        while told < 50:  # a copy of a run that has come this far
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
    return told


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
def test_after_a_kill_the_next_start_offers_to_go_on(window, qtbot, settled, tmp_path):
    told = crashed(tmp_path)
    folder = tmp_path / "autosave"
    (left,) = folder.glob("*.retrograd")
    autosave = Autosave(window, folder, 3600)
    assert autosave.offer()
    qtbot.waitUntil(lambda: window.findChild(Dialog, "autosave_dialog") is not None)
    said = window.findChild(Dialog, "autosave_dialog").text.text()
    assert "Changes in the minute after that are lost" in said
    with qtbot.waitSignal(window.bridge.saved):  # a copy of our own comes before it goes
        press(window, "Continue")
    settled(window)
    assert window.snapshot.history.reach >= told
    plain = build_session(TINY)
    plain.run(window.snapshot.history.reach)
    assert window.snapshot.history.losses.tolist() == plain.losses.tolist()
    assert not left.exists()
    assert [path.name for path in folder.glob("*.retrograd")] == [autosave.path.name]
    window.close()
    assert list(folder.iterdir()) == []


def test_a_copy_of_a_window_that_is_open_is_left_alone(window, qtbot, settled, tmp_path):
    first = Autosave(window, tmp_path, 3600)
    with qtbot.waitSignal(window.bridge.saved):
        first.save()
    assert first.left_behind() == [] and first.path.exists()
    other = Autosave(window, tmp_path, 3600)
    assert not other.offer()


def test_a_copy_that_is_not_wanted_goes_and_later_is_later(window, qtbot, settled, tmp_path):
    left = tmp_path / "old.retrograd"
    build_session(TINY).save(left)
    autosave = Autosave(window, tmp_path, 3600)
    assert autosave.offer()
    press(window, "Later")
    qtbot.waitUntil(lambda: window.findChild(Dialog, "autosave_dialog") is None)
    assert left.exists() and autosave.offer()
    press(window, "Delete the copy")
    qtbot.waitUntil(lambda: window.findChild(Dialog, "autosave_dialog") is None)
    assert not left.exists() and not autosave.offer()


def test_the_offer_waits_for_the_first_picture_of_the_run(qtbot, settled, tmp_path):
    build_session(TINY).save(tmp_path / "old.retrograd")
    window = MainWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    autosave = Autosave(window, tmp_path, 3600)
    offered, drawn = [], []
    show, chip = autosave.offer, window.top.chip
    autosave.offer = lambda: (drawn.append((chip.text(), window.snapshot)), offered.append(show()))
    autosave.offer_once_drawn()
    window.run_settings.open_session(TINY)
    assert chip.text() == "Reading the data…" and not offered
    qtbot.waitUntil(lambda: offered == [True])
    assert drawn[0][1] is not None and "stop 0" in drawn[0][0]
    press(window, "Later")
    window.bridge.refresh()
    settled(window)
    assert len(offered) == 1
    window.bridge.close()


def test_where_no_run_can_be_opened_the_copy_is_offered_all_the_same(qtbot, tmp_path):
    build_session(TINY).save(tmp_path / "old.retrograd")
    window = MainWindow()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    autosave = Autosave(window, tmp_path, 3600)
    autosave.offer_once_drawn()
    window.session_files.open(tmp_path / "nowhere.retrograd")
    qtbot.waitUntil(lambda: window.findChild(Dialog, "autosave_dialog") is not None)
    window.bridge.close()


def test_a_damaged_copy_is_told_and_the_run_goes_on(window, qtbot, settled, tmp_path):
    left = tmp_path / "old.retrograd"
    left.write_bytes(b"half of i")
    window.bridge.train(2)
    settled(window)
    autosave = Autosave(window, tmp_path, 3600)
    assert autosave.offer()
    press(window, "Continue")
    settled(window)
    assert window.findChild(ErrorDialog) is not None and window.snapshot.history.reach == 2
    assert left.exists()


def test_nothing_is_written_while_nothing_changes(window, qtbot, settled, tmp_path):
    autosave = Autosave(window, tmp_path, 3600)
    with qtbot.waitSignal(window.bridge.saved):
        autosave.save()
    written = autosave.path.stat().st_mtime_ns
    with qtbot.assertNotEmitted(window.bridge.saved, wait=100):
        autosave.save()
        window.bridge.refresh()
        settled(window)
    assert autosave.path.stat().st_mtime_ns == written
    with qtbot.waitSignal(window.bridge.saved):
        window.bridge.train(1)
        settled(window)
        autosave.save()


def test_a_copy_that_cannot_be_written_is_told_once(window, qtbot, settled, tmp_path):
    folder = tmp_path / "file" / "autosave"
    folder.parent.write_text("in the way")
    autosave = Autosave(window, folder, 3600)
    for _ in range(3):
        autosave.save()
    assert len(window.findChildren(ErrorDialog)) == 1


@pytest.mark.parametrize("owner, what", [(Session, "pack"), (session_writer, "write")])
def test_a_copy_that_was_not_written_is_tried_again(
    window, qtbot, settled, tmp_path, monkeypatch, owner, what
):
    autosave = Autosave(window, tmp_path, 3600)
    with monkeypatch.context() as patched:
        patched.setattr(owner, what, lambda *_: 1 / 0)
        for _ in range(2):
            with qtbot.waitSignal(window.bridge.autosave_failed):
                autosave.save()
    assert len(window.findChildren(ErrorDialog)) == 1
    with qtbot.waitSignal(window.bridge.saved):
        autosave.save()
    assert autosave.path.exists()


def test_elsewhere_it_says_that_the_last_digits_may_differ(window, qtbot, settled, tmp_path):
    path = build_session(TINY).save(tmp_path / "a.retrograd")
    document, arrays = session_file.read(path)
    document["surroundings"]["numpy"] = "1.26.4"
    path.write_bytes(session_file.to_bytes(document, arrays))
    window.session_files.open(path)
    settled(window)
    dialog = window.findChild(MessageDialog)
    assert "last digits" in dialog.headline.text() and "numpy 1.26.4 -> " in dialog.text.text()
    assert window.windowTitle().startswith("a.retrograd")


def test_a_file_that_was_copied_is_saved_where_it_was_opened(window, qtbot, settled, tmp_path):
    save(window, qtbot, tmp_path / "a.retrograd")
    other = tmp_path / "b.retrograd"
    other.write_bytes((tmp_path / "a.retrograd").read_bytes())
    window.session_files.open(other)
    settled(window)
    assert window.session_files.path == other
    window.bridge.train(1)
    settled(window)
    before = (tmp_path / "a.retrograd").read_bytes()
    with qtbot.waitSignal(window.bridge.saved):
        window.session_files.save()
    assert (tmp_path / "a.retrograd").read_bytes() == before
    assert build_session(TINY).load(other).reach == 1


def test_a_copy_of_a_saved_session_is_saved_where_that_is(window, qtbot, settled, tmp_path):
    save(window, qtbot, tmp_path / "a.retrograd")
    folder = tmp_path / "autosave"
    autosave = Autosave(window, folder, 3600)
    with qtbot.waitSignal(window.bridge.saved):
        autosave.save()
    left = folder / "left.retrograd"
    left.write_bytes(autosave.path.read_bytes())
    assert autosave.offer()
    with qtbot.waitSignal(window.bridge.saved):
        press(window, "Continue")
    settled(window)
    assert window.session_files.path == tmp_path / "a.retrograd"
    assert window.isWindowModified() and not left.exists()


def reworded(path: Path, **changes) -> Path:
    """The same file with other things in its document."""
    document, arrays = session_file.read(path)
    path.write_bytes(session_file.to_bytes({**document, **changes}, arrays))
    return path


@pytest.mark.parametrize("elsewhere", [False, True])
def test_numbers_that_came_out_otherwise_are_told(window, qtbot, settled, tmp_path, elsewhere):
    path = reworded(build_session(TINY).save(tmp_path / "a.retrograd"), digest="0")
    if elsewhere:
        document, _ = session_file.read(path)
        reworded(path, surroundings={**document["surroundings"], "numpy": "1.26.4"})
    window.session_files.open(path)
    settled(window)
    dialog = window.findChild(MessageDialog)
    assert "differ from the saved numbers" in dialog.headline.text()
    assert ("numpy 1.26.4 -> " in dialog.text.text()) is elsewhere
    assert window.windowTitle().startswith("a.retrograd")


def my_step(network, optimizer, x, t):
    return train_step(network, optimizer, x, t)


def test_a_session_with_a_step_of_its_own_is_refused_by_name(window, qtbot, settled, tmp_path):
    session = Session(tiny_net(), tiny_digits(), SGD(lr=0.5), 6, step=my_step)
    session.run(4)
    window.bridge.train(3)
    settled(window)
    window.session_files.open(session.save(tmp_path / "own.retrograd"))
    settled(window)
    text = window.findChild(ErrorDialog).text.text()
    assert "my_step of test_session_files.py" in text and "Session.load(path, step=...)" in text
    assert window.snapshot.history.reach == 3 and window.session_files.path is None


@pytest.fixture
def slow(monkeypatch):
    """The opening of files waits, when it tells how far it is for the first time, for this."""
    go_on = Event()

    def load(path, progress, cancel):
        def told(opening):
            progress(opening)
            assert go_on.wait(60)

        return load_now(path, progress=told, cancel=cancel)

    monkeypatch.setattr(opening_module, "REPORT_SECONDS", 0)
    monkeypatch.setattr(worker_commands, "OPENING_SECONDS", 0)
    monkeypatch.setattr(worker_commands, "open_session", load)
    yield go_on
    go_on.set()


def opening(window, qtbot) -> OpeningDialog:
    qtbot.waitUntil(lambda: window.findChild(OpeningDialog) is not None)
    return window.findChild(OpeningDialog)


def test_what_takes_its_time_to_open_is_shown_and_called_off(
    window, qtbot, settled, tmp_path, slow
):
    other = build_session(TINY)
    other.run(40)
    window.bridge.train(3)
    settled(window)
    window.session_files.open(other.save(tmp_path / "large.retrograd"))
    dialog = opening(window, qtbot)
    assert "Reading" in dialog.text.text() and 0 < dialog.bar.value() < dialog.bar.maximum()
    QTest.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    slow.set()
    settled(window)
    assert "cancelled" in window.notice.text()
    assert window.snapshot.history.reach == 3 and window.session_files.path is None
    assert window.findChild(ErrorDialog) is None
    qtbot.waitUntil(lambda: window.findChild(OpeningDialog) is None)
    window.session_files.open(tmp_path / "large.retrograd")  # and now it is left to end
    settled(window)
    assert window.snapshot.history.reach == 40
    qtbot.waitUntil(lambda: window.findChild(OpeningDialog) is None)


def test_closing_the_window_calls_an_opening_off(window, qtbot, settled, tmp_path, slow):
    window.session_files.open(build_session(TINY).save(tmp_path / "large.retrograd"))
    opening(window, qtbot)
    slow.set()
    assert window.close()
    assert window.bridge.finished


def test_a_copy_whose_opening_is_called_off_is_offered_again(
    window, qtbot, settled, tmp_path, slow
):
    left = tmp_path / "old.retrograd"
    build_session(TINY).save(left)
    autosave = Autosave(window, tmp_path, 3600)
    assert autosave.offer()
    press(window, "Continue")
    QTest.keyClick(opening(window, qtbot), Qt.Key.Key_Escape)
    slow.set()
    settled(window)
    assert left.exists() and autosave.offer()
    press(window, "Later")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_place_of_a_session_or_of_breakpoints_is_refused(
    window, qtbot, settled, tmp_path
):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    window.session_files.open(pipe)
    settled(window)
    (dialog,) = window.findChildren(ErrorDialog)
    assert "a device or a pipe" in dialog.text.text()
    dialog.reject()
    qtbot.waitUntil(lambda: not window.findChildren(ErrorDialog))
    window.breakpoints.import_asked.emit()
    type_file(window, qtbot, pipe)
    qtbot.waitUntil(lambda: window.findChildren(ErrorDialog) != [])
    (dialog,) = window.findChildren(ErrorDialog)
    assert "a device or a pipe" in dialog.text.text()


LOCK = """
import os, signal, sys
from PySide6.QtCore import QLockFile
lock = QLockFile(sys.argv[1])
assert lock.tryLock(0)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 on this system")
def test_what_killed_processes_have_left_beside_the_copies_goes(window, qtbot, tmp_path):
    folder = tmp_path / "autosave"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", LOCK, str(folder / "gone.lock")], check=False)
    (folder / f".retrograd-{'0' * 16}.new").write_bytes(b"half of i")
    assert len(list(folder.iterdir())) == 2
    assert not Autosave(window, folder, 3600).offer()
    assert list(folder.iterdir()) == []
