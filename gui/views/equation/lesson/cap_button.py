"""A button that is a word and the cap of its key: `close [Esc]`."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
)

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text, ui_face

_HEIGHT, _CAP, _BETWEEN, _IN_CAP = 26, 20, 8, 6


class CapButton(QToolButton):
    """The word is painted in one colour of the theme, the key in the outline of a cap.

    Args:
        theme: the colours.
        word: translated.
        key: as the system writes it.
        role: of the style sheet; `why` has a frame, its word is in the accent colour.
    """

    def __init__(self, theme: Theme, word: str, key: str, role: str = "icon") -> None:
        super().__init__()
        self.theme = theme
        self._key, self._framed = key, role == "why"
        self._around = 12 if self._framed else 4
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.say(word)

    def say(self, word: str) -> None:
        """Show another word."""
        if word != self.text():
            self.setText(word)
            self.setAccessibleName(word)
            self.updateGeometry()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Room for the word and the key."""
        between = px(2 * self._around + _BETWEEN)
        height = px(_HEIGHT + (6 if self._framed else 0))
        return QSize(round(self._face().width(self.text()) + between + self._cap()), height)

    def minimumSizeHint(self) -> QSize:
        """All of it, always."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the frame, the word, and the key."""
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        theme = self.theme
        colour = theme.accent if self._framed else theme.text2
        around = px(self._around)
        room = QRectF(self.rect()).adjusted(around, 0, -around, 0)
        draw_text(painter, room, self.text(), self._face(), colour)
        cap, high = self._cap(), px(_CAP)
        box = QRectF(room.right() - cap, room.center().y() - high / 2, cap, high)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colour if self._framed else theme.strong), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        draw_text(painter, box, self._key, code_face(12), colour, Qt.AlignmentFlag.AlignHCenter)

    def _face(self) -> Face:
        weight = QFont.Weight.DemiBold if self._framed else QFont.Weight.Normal
        return ui_face(13, weight)

    def _cap(self) -> float:
        return max(code_face(12).width(self._key) + px(2 * _IN_CAP), px(_CAP))
