"""A label that ends in an ellipsis if it has too little room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

LEAST_READ = 6  # letters of a text, the ellipsis among them


class ElidedLabel(QLabel):
    """A line of text that ends in an ellipsis where it does not fit.

    (superqt has such a label, but its import would delay the first window by 0.3 s.)
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def text(self) -> str:
        """The whole text."""
        return self._text

    def setText(self, text: str) -> None:
        """Show another text; QLabel's own would lay out the whole window again."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as fits; the whole is in the tooltip then."""
        text = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        tip = self._text if text != self._text else ""
        if tip != self.toolTip():
            self.setToolTip(tip)
        if text != self._text and len(text) < LEAST_READ:  # of which nothing can be read
            return
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.rect(),
            Qt.AlignmentFlag.AlignVCenter,
            self.palette(),
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )
