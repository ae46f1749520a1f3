"""The application: Qt, the window, Ctrl+C, and a dialog for unexpected errors.

Ctrl+C in the terminal closes the window. An idle Qt loop runs no Python, and so no signal handler.
Therefore Python writes a byte to a socket for each signal, which wakes the loop.
"""

from __future__ import annotations

import signal
import socket
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import QLocale, QObject, QSocketNotifier, Signal
from PySide6.QtWidgets import QApplication

from engine.options import Options
from gui.look.languages import install_translation
from gui.session.collector import Collector
from gui.window.autosave import Autosave, default_folder, seconds_of
from gui.window.main_window import MainWindow


def run_window(options: Options, session: Path | None = None) -> int:
    """Show the window, read the data or the session, and return the exit status at the end."""
    ctrl_c = CtrlCHandler()
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Retrograd")
    app.setApplicationDisplayName("Retrograd")
    app.setDesktopFileName("retrograd")
    install_translation(app, QLocale.system())
    window = MainWindow(options=options)
    window.session_files.asks_of_unsaved = True
    show_unexpected_errors(window)
    ctrl_c.listen(window)
    ctrl_c.pressed.connect(window.closing.interrupt)
    if window.layout_keeper.fills_screen:
        window.showMaximized()
    else:
        window.show()
    autosave = Autosave(window, default_folder(), seconds_of(window.settings))

    def begin() -> None:
        autosave.offer_once_drawn()
        if session is not None:
            window.session_files.open(session)
        else:
            window.run_settings.open_session(options)
            window.guides.welcoming.open_if_new()

    window.first_picture.drawn.connect(begin)  # read the data after the window is drawn
    with Collector():
        status = app.exec()
        window.bridge.close()  # even if the loop ended without a close event
    ctrl_c.close()
    return window.closing.status or status


class CtrlCHandler(QObject):
    """Emits a signal for Ctrl+C; presses before `listen` are emitted then.

    Signals:
        pressed: Ctrl+C was pressed; once for each press.
    """

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._presses = 0
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._before = (
            signal.signal(signal.SIGINT, self._on_signal),
            signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False),
        )

    def listen(self, parent: QObject) -> None:
        """Wake the event loop at each press; `parent` becomes the owner."""
        self.setParent(parent)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)

    def close(self) -> None:
        """Restore the handler that was there before."""
        handler, descriptor = self._before
        signal.set_wakeup_fd(descriptor)
        signal.signal(signal.SIGINT, handler)
        self._reader.close()
        self._writer.close()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._presses += 1

    def _on_woken(self) -> None:
        with suppress(BlockingIOError):  # everything was already read
            self._reader.recv(4096)
        presses, self._presses = self._presses, 0
        for _ in range(presses):
            self.pressed.emit()


def show_unexpected_errors(window: MainWindow) -> None:
    """Show an exception in a slot in a dialog, where it can be copied; the app continues."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KeyboardInterrupt):
            window.closing.interrupt()
            return
        traceback.print_exception(kind, error, trace)
        if isinstance(error, Exception):
            window.messages.show_error(error)

    sys.excepthook = hook
