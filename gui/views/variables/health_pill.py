"""The health pill: the shares of an array's cells that are negative, zero, positive, or not finite.

Colours never stand alone: the range, or the problem, is written beside each pill.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen

from engine.debug.health.arrays import Health
from gui.look.theme import Theme

GAP = 1.0
LEAST = 2.0  # pixels of the smallest share above zero


def segments(health: Health, width: float) -> list[tuple[str, float]]:
    """The pill's parts from left to right: the colour's token and the width in pixels.

    A share above zero keeps at least two pixels, so that one NaN in a million stays visible.
    """
    counts = {
        "nan": health.bad,
        "negative": health.negative,
        "zero": health.zero,
        "positive": health.positive,
    }
    present = {token: count for token, count in counts.items() if count}
    if not present:
        return []
    room = max(width - GAP * (len(present) - 1), LEAST * len(present))
    widths = {token: max(room * n / health.count, LEAST) for token, n in present.items()}
    widest = max(widths, key=lambda token: widths[token])
    widths[widest] -= sum(widths.values()) - room
    return list(widths.items())


def paint_pill(painter: QPainter, rect: QRectF, health: Health, theme: Theme) -> None:
    """Draw an array's pill with rounded ends into a rectangle; an empty array has an outline."""
    ratio = painter.device().devicePixelRatio()
    parts = tuple((token, round(width, 1)) for token, width in segments(health, rect.width()))
    painter.drawImage(rect.topLeft(), _pill(parts, rect.width(), rect.height(), theme, ratio))


@lru_cache(maxsize=512)
def _pill(
    parts: tuple[tuple[str, float], ...], width: float, height: float, theme: Theme, ratio: float
) -> QImage:
    """The cached picture of a pill, because clipping its parts to the round outline is slow."""
    image = QImage(
        ceil(width * ratio), ceil(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outline = QPainterPath()
    outline.addRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
    if not parts:
        painter.setPen(QPen(QColor(theme.strong), 2))
        painter.setClipPath(outline)
        painter.drawPath(outline)
    left = 0.0
    for token, share in parts:
        piece = QPainterPath()
        piece.addRect(QRectF(left, 0, share, height))
        piece = piece.intersected(outline)
        painter.fillPath(piece, QColor(getattr(theme, token)))
        if token == "nan":
            painter.fillPath(piece, QBrush(QColor(theme.panel), Qt.BrushStyle.BDiagPattern))
        left += share + GAP
    painter.end()
    return image
