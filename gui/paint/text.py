"""Painted text: fonts with metrics, an elided line, a chip; and the dimming of old pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from gui.look.theme import Theme, code_font, mix, ui_font
from gui.look.type_scale import SCALE, px

ROW_HEIGHT = 24
DIM = 0.55  # of the ground's colour over what is of an earlier stop


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A font with its metrics; made once, since both are slow to make."""

    font: QFont
    metrics: QFontMetricsF

    def width(self, text: str) -> float:
        """Pixels that a text takes."""
        return _width(self, text)

    def elided(self, text: str, width: float, mode: Qt.TextElideMode) -> str:
        """As much of a text as fits, where that is not all."""
        return self.metrics.elidedText(text, mode, width)


@lru_cache(maxsize=8192)
def _width(face: Face, text: str) -> float:
    """Measured once: most texts on the screen are those of the step before."""
    return face.metrics.horizontalAdvance(text)


def code_face(pixels: int = 12, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    """The code font in one of the scale's sizes."""
    return _face(code_font, pixels, weight, SCALE.factor)


def ui_face(pixels: int = 12, weight: QFont.Weight = QFont.Weight.Normal) -> Face:
    """The interface's font in one of the scale's sizes."""
    return _face(ui_font, pixels, weight, SCALE.factor)


@cache
def _face(make: Callable[..., QFont], pixels: int, weight: QFont.Weight, factor: float) -> Face:
    """Made once for each factor."""
    font = make(pixels, weight)
    return Face(font, QFontMetricsF(font))


def elide_dotted(text: str, face: Face, width: float) -> str:
    """`SoftmaxWithLoss.y` as `Softmax….y`: the name after the last dot is kept longest."""
    if face.width(text) <= width:
        return text
    head, dot, tail = text.rpartition(".")
    room = width - face.width(dot + tail)
    if not dot or room < face.width("MM…"):
        return face.metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
    return face.metrics.elidedText(head, Qt.TextElideMode.ElideRight, room) + dot + tail


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    face: Face,
    colour: str | QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """One line of text, centred upright, elided where the rectangle is too narrow for it."""
    if rect.width() <= 0:
        return
    if face.width(text) > rect.width() + 0.5:
        text = face.elided(text, rect.width(), elide)
    painter.setFont(face.font)
    painter.setPen(QColor(colour))
    painter.drawText(rect, _upright(align), text)


@cache
def _upright(align: Qt.AlignmentFlag) -> Qt.AlignmentFlag:
    """With the text centred upright; Python takes long to join two flags."""
    return align | Qt.AlignmentFlag.AlignVCenter


def paint_dimmed(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Dim a picture of an earlier stop."""
    veil = QColor(theme.panel)
    veil.setAlphaF(DIM)
    painter.fillRect(rect, veil)


def chip_width(text: str) -> float:
    """Pixels that a chip with this text takes."""
    return ui_face(11).width(text) + px(12)


def draw_chip(
    painter: QPainter, left: float, middle: float, text: str, colour: str, ground: str
) -> None:
    """A small rounded word in a colour on a tint of it, such as `set`."""
    rect = QRectF(left, middle - px(8), chip_width(text), px(16))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(colour, ground, 0.2))
    painter.drawRoundedRect(rect, px(8), px(8))
    draw_text(painter, rect, text, ui_face(11), colour, Qt.AlignmentFlag.AlignHCenter)
