from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QTimer

from gui import app
from gui.dialogs.dialog import ErrorDialog


@pytest.fixture
def hook(monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # puts the old one back


def test_an_exception_in_a_slot_is_shown_and_the_app_goes_on(window, hook, settled, qtbot, capfd):
    def fail() -> None:
        raise RuntimeError("nobody foresaw this")

    app.show_unexpected_errors(window)
    QTimer.singleShot(0, window, fail)
    qtbot.waitUntil(lambda: window.findChild(ErrorDialog) is not None)
    assert "nobody foresaw this" in window.findChild(ErrorDialog).text.text()
    assert "nobody foresaw this" in capfd.readouterr().err
    window.bridge.refresh()
    settled(window)
    assert window.actions_by_id["step_into"].isEnabled()
