"""Paints a typeset formula: the box of the running part, the glyphs, the shapes beneath."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtSvg import QSvgRenderer

from gui.look.theme import Theme, mix
from gui.look.type_scale import SCALE
from gui.paint.text import Face, code_face
from gui.paint.typeset import Box, Typeset
from gui.words.formula.formula import Symbol

LABEL = 12  # pixels of the labels' type at a type scale of 1
RADIUS = 4.0
SHARE = 0.24  # of the phase's colour in the box


def label_parts(symbol: Symbol) -> list[tuple[str, bool]]:
    """The pieces of the label of a symbol, each with whether it must agree with another's."""
    shape = symbol.shape
    if not symbol.labelled:
        return []
    if not shape:
        return [(symbol.number, False)] if symbol.number else []
    sizes = [(str(size), axis in symbol.match) for axis, size in enumerate(shape)]
    if len(sizes) == 1:
        return [("(", False), sizes[0], (",)", False)]
    parts = [sizes[0]]
    for size in sizes[1:]:
        parts += [(" × ", False), size]
    return parts


def label_of(symbol: Symbol) -> str:
    """The text under a symbol: `100 × 784`; or ""."""
    return "".join(text for text, _ in label_parts(symbol))


def label_width(symbol: Symbol) -> float:
    """Pixels that the text under a symbol takes."""
    return _label_width(symbol, SCALE.factor)


@lru_cache(maxsize=1024)
def _label_width(symbol: Symbol, scale: float) -> float:
    return sum(_face(bold).width(text) for text, bold in label_parts(symbol))


def _face(bold: bool) -> Face:
    return code_face(LABEL, QFont.Weight.Bold if bold else QFont.Weight.Normal)


def paint_formula(
    painter: QPainter,
    formula: Typeset,
    symbols: Iterable[Symbol],
    phase: str,
    theme: Theme,
) -> None:
    """Paint a formula from the painter's origin; `phase` is the colour of the running part."""
    if formula.frame is not None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(phase), 1.6))
        painter.setBrush(mix(phase, theme.panel, SHARE))
        painter.drawRoundedRect(_rect(formula.frame), RADIUS, RADIUS)
    renderer = QSvgRenderer(QByteArray(formula.svg))
    renderer.render(painter, _rect(formula.ink))
    for symbol in symbols:
        place = formula.labels.get(symbol.id)
        if place is not None:
            _paint_label(painter, place, symbol, theme)


def _paint_label(painter: QPainter, place: Box, symbol: Symbol, theme: Theme) -> None:
    left = place.left
    for text, bold in label_parts(symbol):
        face = _face(bold)
        painter.setFont(face.font)
        painter.setPen(QColor(theme.match if bold else theme.text3))
        width = face.width(text)
        painter.drawText(
            QRectF(left, place.top, width + 2, place.height),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            text,
        )
        left += width


def paint_frame(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Frame a symbol that is pointed at."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.accent), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, RADIUS, RADIUS)


def _rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.width, box.height)
