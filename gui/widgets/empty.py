"""The empty state of a panel: what is missing, and how to get it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.paint.text import Face, ui_face


class EmptyState(QWidget):
    """A dashed box with a title and a sentence."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._title = self._text = ""

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.update()

    def say(self, title: str, text: str) -> None:
        """Show what is missing, and how to get it; both translated."""
        self._title, self._text = title, text
        self.setAccessibleName(title)
        self.setAccessibleDescription(text)
        self.setToolTip(text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box, as large as the widget."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.strong), 1, Qt.PenStyle.DashLine))
        box = QRectF(self.rect()).adjusted(12.5, 4.5, -12.5, -12.5)
        painter.drawRoundedRect(box, 8, 8)
        inner = box.adjusted(8, 4, -8, -4)
        title, text = ui_face(12, QFont.Weight.DemiBold), ui_face(12)
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap)
        heights = [
            _height(title, inner, self._title, flags),
            _height(text, inner, self._text, flags),
        ]
        top = max(inner.center().y() - (sum(heights) + 6) / 2, inner.top())
        pieces = ((title, self._title, theme.text2), (text, self._text, theme.text3))
        for (face, words, colour), height in zip(pieces, heights, strict=True):
            painter.setFont(face.font)
            painter.setPen(QColor(colour))
            painter.drawText(QRectF(inner.left(), top, inner.width(), height), flags, words)
            top += height + 6


def _height(face: Face, box: QRectF, text: str, flags: int) -> float:
    return face.metrics.boundingRect(QRectF(0, 0, box.width(), 1000), flags, text).height()
