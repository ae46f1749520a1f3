"""Hides the mouse while it rests; a move brings it back, and so does all that ends the showing."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QCursor, QMouseEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

REST_MS = 3000
_SHAKE = 3  # pixels: a table that trembles is no move
_MOVES = frozenset({QEvent.Type.MouseMove, QEvent.Type.NonClientAreaMouseMove})
_ENDS = frozenset(
    {
        QEvent.Type.MouseButtonPress, QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked,
        QEvent.Type.ApplicationDeactivate, QEvent.Type.Close, QEvent.Type.ContextMenu,
        QEvent.Type.DragEnter, QEvent.Type.TouchBegin,
    }
)  # fmt: skip


class IdleMouse(QObject):
    """Hides the mouse over a window when it has not moved for `REST_MS`.

    While it is hidden, every event of the application is looked at, so that none brings it back
    too late; else only those of the window.

    Args:
        window: over which it is hidden.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._native: QWindow | None = None
        self._at = QPoint()  # where it was when it was hidden
        self.hidden = False
        self.rest = QTimer(self, interval=REST_MS, singleShot=True)
        self.rest.timeout.connect(self._hide)

    def watch(self, on: bool) -> None:
        """Hide it when it rests, or leave it in sight."""
        self._show()
        self.rest.stop()
        if self._native is not None:
            self._native.removeEventFilter(self)
            self._native = None
        if on:
            self._native = self._window.windowHandle()
            if self._native is not None:
                self._native.installEventFilter(self)
                self.rest.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note a move; bring the mouse back."""
        kind = event.type()
        if self.hidden:
            moved = kind in _MOVES and isinstance(event, QMouseEvent)
            if kind in _ENDS or (moved and self._has_moved()):
                self._show()
        if kind in _MOVES and not self.hidden and self._native is not None:
            self.rest.start()
        return False

    def _has_moved(self) -> bool:
        """Qt also tells of a move when a widget under the mouse appears or goes."""
        return (QCursor.pos() - self._at).manhattanLength() >= _SHAKE

    def _hide(self) -> None:
        if self.hidden or not self._may_hide():
            return
        self.hidden, self._at = True, QCursor.pos()
        QApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)
        self._app().installEventFilter(self)

    def _may_hide(self) -> bool:
        at = QApplication.widgetAt(QCursor.pos())
        return (
            self._window.isActiveWindow()
            and at is not None
            and at.window() is self._window
            and QApplication.activePopupWidget() is None
            and QApplication.activeModalWidget() is None
            and QApplication.mouseButtons() == Qt.MouseButton.NoButton
        )

    def _show(self) -> None:
        if self.hidden:
            self.hidden = False
            self._app().removeEventFilter(self)
            QApplication.restoreOverrideCursor()

    @staticmethod
    def _app() -> QApplication:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        return app
