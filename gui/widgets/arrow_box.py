"""A combo box that draws its own arrow."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QWidget

from gui.look.theme import Theme

MOST_ROWS = 16


class ArrowBox(QComboBox):
    """A combo box that draws the arrow that a style sheet removes; it opens at its first entry."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setStyleSheet("QComboBox { combobox-popup: 0; }")  # a list below, with a scroll bar
        self.setMaxVisibleItems(MOST_ROWS)

    def showPopup(self) -> None:
        """Open the list at its top, where the entry for the cursor is."""
        super().showPopup()
        self.view().scrollToTop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow on the box."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.text2), 1.5))
        x, y = self.width() - 13.0, self.height() / 2 - 1
        painter.drawPolyline([QPointF(x - 4, y - 1), QPointF(x, y + 3), QPointF(x + 4, y - 1)])
