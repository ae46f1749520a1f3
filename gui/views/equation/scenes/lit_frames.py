"""The frames around what is pointed at elsewhere, over a scene."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme

_AROUND = 3.0  # pixels between a picture and its frame
_WIDE = 2


class LitFrames(QWidget):
    """Lies over a scene and lets every click through.

    Attributes:
        places: what is framed.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.places: tuple[QRectF, ...] = ()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_places(self, places: Sequence[QRectF]) -> None:
        """Frame these places; none: it is hidden."""
        if tuple(places) != self.places:
            self.places = tuple(places)
            self.setVisible(bool(places))
            self.raise_()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a frame around each place, within the widget."""
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self.theme.accent), _WIDE))
        room = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        for place in self.places:
            painter.drawRect(place.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND) & room)
