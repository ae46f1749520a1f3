"""The histogram of an array, with bars in the colours of the heat map."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, Scale
from gui.paint.text import code_face, draw_text
from gui.paint.values import number_text

Array = np.ndarray[Any, Any]
BINS = 41  # odd, so that zero is in the middle of a bin

_known: dict[tuple[int, float, float], tuple[weakref.ref[Any], Array]] = {}


def counts_of(array: Array, low: float, high: float, bins: int = BINS) -> Array:
    """How many finite values fall on each of `bins` equal stretches of low..high.

    What lies beyond is counted at the ends, so the counts add up to all finite values. An array
    that is read-only is counted once, as long as it lives.
    """
    key = (id(array), low, high)
    known = _known.get(key)
    if known is not None and known[0]() is array and known[1].size == bins:
        return known[1]
    values = array[np.isfinite(array)] if array.dtype.kind in "fc" else array.ravel()
    span = (high - low) or 1.0
    with np.errstate(all="ignore"):
        places = np.clip((values - low) * (bins / span), 0, bins - 1).astype(np.intp)
    counts = np.bincount(places.ravel(), minlength=bins)
    if not array.flags.writeable:
        _known[key] = (weakref.ref(array, lambda _: _known.pop(key, None)), counts)
    return counts


def paint_histogram(
    painter: QPainter, rect: QRectF, array: Array, scale: Scale, theme: Theme, log: bool = True
) -> None:
    """Bars upright over the range of a colour scale; the height is the count, or its logarithm."""
    if array.size == 0 or array.dtype.kind not in "biuf":
        return
    counts = counts_of(array, scale.low, scale.high)
    heights = np.log1p(counts) if log else counts.astype(float)
    most = float(heights.max()) or 1.0
    area = rect.adjusted(0, 0, 0, -px(15))
    painter.fillRect(area, QColor(theme.raised))
    width = area.width() / counts.size
    middle = (counts.size - 1) / 2 if scale.kind is MapKind.SIGNED else -1.0
    for place in np.flatnonzero(counts):
        height = max(area.height() * float(heights[place]) / most, 1.0)
        colour = theme.positive if place > middle else theme.negative
        if place == middle:
            colour = theme.zero
        elif middle < 0:
            colour = theme.accent
        left = area.left() + float(place) * width
        bar = QRectF(left, area.bottom() - height, max(width - 0.5, 0.8), height)
        painter.fillRect(bar, QColor(colour))
    painter.setPen(QColor(theme.strong))
    painter.drawLine(QLineF(area.left(), area.bottom(), area.right(), area.bottom()))
    face = code_face(11)
    line = QRectF(rect.left() - 4, area.bottom() + 1, rect.width() + 8, px(14))
    if scale.kind is MapKind.SIGNED:
        text = f"± {number_text(scale.high)}"
    else:
        text = f"{number_text(scale.low)}…{number_text(scale.high)}"
    draw_text(painter, line, text, face, theme.text2, Qt.AlignmentFlag.AlignHCenter)
