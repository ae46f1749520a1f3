"""Reports when a window has been drawn for the first time, so that slow work can begin.

A timer started when the window is shown would fire too early: the system requests the picture
later, and the slow work would delay it.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

LATEST_MS = 2000  # a minimised window, or a window on another desktop, is not drawn


class FirstPicture(QObject):
    """Waits for the first picture of a window, at most `LATEST_MS` after it is shown.

    Signals:
        drawn: once, when the picture is on its way to the screen.
    """

    drawn = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)
        window.installEventFilter(self)

    def import_later(self, *modules: str) -> None:
        """Import slow modules while the data is being read, which begins just before."""
        for module in modules:
            self.drawn.connect(partial(import_module, module), Qt.ConnectionType.QueuedConnection)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Detect the window's first show event, and its first paint event."""
        if event.type() == QEvent.Type.Show and not self._timer.isActive():
            self._timer.start(LATEST_MS)
        elif event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            self._timer.start(0)  # the panels are drawn first, all in one go
        return False

    def _on_timeout(self) -> None:
        self._window.removeEventFilter(self)
        self.drawn.emit()
