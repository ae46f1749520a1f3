"""A view's picture without its marks, cached as pixels until it changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEngine, QPainter, QPixmap

Paint = Callable[[QPainter], None]


class Backdrop:
    """A picture that is kept, in the pixels of whatever it was last drawn on.

    On a screen it is kept between two frames. Saved as a picture of more pixels it is painted in
    those; saved as lines and letters (SVG) it is painted straight there, and nothing is kept.
    """

    def __init__(self) -> None:
        self._kept: QPixmap | None = None

    def forget(self) -> None:
        """Paint it again when it is next drawn."""
        self._kept = None

    def draw(self, painter: QPainter, size: QSize, paint: Paint) -> None:
        """Draw it, of this size, from the painter's origin on; `paint` makes it."""
        if painter.paintEngine().type() is QPaintEngine.Type.SVG:
            painter.save()
            paint(painter)
            painter.restore()
            return
        ratio = painter.deviceTransform().m11()
        if self._kept is None or self._kept.size() != size * ratio:
            self._kept = QPixmap(size * ratio)
            self._kept.setDevicePixelRatio(ratio)
            fresh = QPainter(self._kept)
            try:  # a painter that is left open when its picture goes ends the process
                paint(fresh)
            finally:
                fresh.end()
        painter.drawPixmap(0, 0, self._kept)

    def draw_part(self, painter: QPainter, part: QRectF, paint: Paint) -> None:
        """Draw a part of it again, over later painting."""
        if self._kept is None:
            painter.save()
            painter.setClipRect(part)
            paint(painter)
            painter.restore()
            return
        ratio = self._kept.devicePixelRatioF()
        source = QRectF(part.topLeft() * ratio, part.size() * ratio)
        painter.drawPixmap(part, self._kept, source)
