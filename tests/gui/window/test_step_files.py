"""Copies of the session of a program: they are made, and offered after a crash with a sentence."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton

from engine.debug.session import Session
from engine.options import Options, build_session
from gui.dialogs.dialog import Dialog, ErrorDialog
from gui.window.autosave import Autosave
from gui.window.main_window import MainWindow
from tests.programs.loading import load

pytestmark = pytest.mark.slow


@pytest.fixture
def shown(qtbot, settled):
    """Shows a window of a session."""
    windows = []

    def show(session, options=None):
        window = MainWindow(session, options)
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        settled(window)
        return window

    yield show
    for window in windows:
        window.session_files.path = None  # nobody is there to be asked
        window.close()


def press(window, text):
    next(one for one in window.findChildren(QPushButton) if one.text() == text).click()


def test_a_copy_is_made_on_the_way_and_goes_on_with_its_step(shown, qtbot, settled, tmp_path):
    with load("lists") as program, load("lists") as fresh:
        window = shown(Session.from_step(program.step))
        window.bridge.train(20)
        settled(window)
        autosave = Autosave(window, tmp_path, 3600)
        with qtbot.waitSignal(window.bridge.saved):
            autosave.save()
        session = Session.load(autosave.path, step=fresh.step)
        assert session.loaded.exact and session.reach == window.snapshot.history.reach == 20


def test_a_copy_whose_step_no_file_has_is_kept_and_a_sentence_says_so(
    shown, qtbot, settled, tmp_path
):
    with load("lists") as program:
        session = Session.from_step(program.step)
        session.run(3)
        left = session.save(tmp_path / "old.retrograd")
        options = Options(network="16-4-3")
        window = shown(build_session(options), options)
        before = window.snapshot.setup.network
        autosave = Autosave(window, tmp_path, 3600)
        assert autosave.offer()
        qtbot.waitUntil(lambda: window.findChild(Dialog, "autosave_dialog") is not None)
        press(window, "Continue")
        qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None)
        dialog = window.findChild(ErrorDialog)
        said = f"{dialog.headline.text()} {dialog.text.text()}"
        assert "step" in said and program.file.name in said and "Session.load(path, step=" in said
        dialog.reject()
        settled(window)
        assert window.snapshot.setup.network == before
        assert left.exists() and autosave.offer()  # its lock is free again
        press(window, "Later")
        left.unlink()
