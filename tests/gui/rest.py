"""When a window has followed its size."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.look.type_scale import SCALE
from gui.window.main_window import MainWindow


def at_rest(window: MainWindow, qtbot: QtBot) -> None:
    """Wait until type and panels have followed the window's size."""
    keeper = window.layout_keeper
    qtbot.waitUntil(lambda: SCALE.factor == keeper.type_scale() and not keeper.following)
    QApplication.processEvents()
