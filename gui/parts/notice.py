"""A line under the row at the top that says what has just happened, and goes again by itself."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QMouseEvent
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import ui_font

SHOWN_MS = 6000
READING_MS = 80  # a character, of what takes longer to be read


class Notice(QLabel):
    """Lies over the panels, and takes no keys; a click puts it away."""

    def __init__(self, above: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self._above = above
        self.setObjectName("notice")
        self.setProperty("role", "notice")
        self.setFont(ui_font(12))
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._timer = QTimer(self, interval=SHOWN_MS, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def say(self, text: str) -> None:
        """Show a line; an empty one puts the last away."""
        self._timer.stop()
        self.setVisible(bool(text))
        if not text:
            return
        self.setText(text)
        self.setAccessibleName(text)
        self.setWordWrap(False)
        self.setMinimumWidth(0)
        self.adjustSize()
        widest = self.parentWidget().width() - 16
        if self.width() > widest:
            self.setWordWrap(True)
            self.setMinimumWidth(widest)
            self.adjustSize()
        middle = self._above.mapTo(self.parentWidget(), QPoint(self._above.width() // 2, 0)).x()
        room = self.parentWidget().width() - self.width() - 8
        bottom = self._above.mapTo(self.parentWidget(), QPoint(0, self._above.height())).y()
        self.move(max(min(middle - self.width() // 2, room), 8), bottom + 8)
        self.raise_()
        self._timer.start(max(SHOWN_MS, READING_MS * len(text)))
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Put it away."""
        self.say("")
