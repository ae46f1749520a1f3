"""The application: Qt, the window, and what happens when something fails that nobody foresaw."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.options import Options
from gui.autosave import SECONDS, Autosave, default_folder
from gui.collector import Collector
from gui.main_window import MainWindow


def run_window(options: Options, session: Path | None = None) -> int:
    """Show the window, read the data or the session behind it; return the status when it closed."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Retrograd")
    app.setApplicationDisplayName("Retrograd")
    app.setDesktopFileName("retrograd")
    window = MainWindow(options=options)
    window.session_files.asks_of_unsaved = True
    show_unexpected_errors(window)
    if window.layout_keeper.fills_screen:
        window.showMaximized()
    else:
        window.show()
    seconds = float(str(window.settings.value("autosave/seconds", SECONDS)))
    autosave = Autosave(window, default_folder(), seconds)

    def begin() -> None:
        if session is not None:
            window.session_files.open(session)
        else:
            window.open_session(options)
        autosave.offer()

    # The window's first picture goes before the data.
    QTimer.singleShot(0, window, begin)
    with Collector():
        status = app.exec()
        window.bridge.close()  # however the loop has ended
    return status


def show_unexpected_errors(window: MainWindow) -> None:
    """Let an exception in a slot be read and copied in a dialog, and the app go on."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        traceback.print_exception(kind, error, trace)
        if isinstance(error, KeyboardInterrupt):
            window.close()
        elif isinstance(error, Exception):
            window.show_error(error)

    sys.excepthook = hook
