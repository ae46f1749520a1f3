"""A black screen in place of the window, until a key or a click."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

_HELD = (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class Blank(QWidget):
    """Lies over the whole window; while it is there, a key does nothing but end it.

    Args:
        window: what it covers.

    Signals:
        ended: a key or a click has brought the window back.
    """

    ended = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._focused: QWidget | None = None
        self.setObjectName("blank")
        self.setAccessibleName(self.tr("Black screen"))
        self.setAccessibleDescription(self.tr("Any key brings the window back"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.BlankCursor)
        window.installEventFilter(self)
        self.hide()

    def begin(self) -> None:
        """Cover the window."""
        self._focused = self._window.focusWidget()
        self._place()
        self.show()
        self.setFocus()

    def end(self) -> None:
        """Show the window again, with the keyboard focus where it was."""
        if self.isHidden():
            return
        self.hide()
        focused, self._focused = self._focused, None
        (focused if focused is not None and focused.isVisible() else self._window).setFocus()
        self.ended.emit()

    def event(self, event: QEvent) -> bool:
        """Keep every key from the actions of the window."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def focusNextPrevChild(self, next: bool) -> bool:
        """Keep Tab, too."""
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show the window again."""
        if event.key() not in _HELD and not event.isAutoRepeat():
            self.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Show the window again."""
        self.end()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Black, as of a projector without a picture."""
        QPainter(self).fillRect(event.rect(), Qt.GlobalColor.black)

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        self.raise_()
