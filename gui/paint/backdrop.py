"""A view's picture without its marks, cached as pixels until it changes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPaintEngine, QPainter, QPixmap

Paint = Callable[[QPainter], None]


class Backdrop:
    """A cached picture, with the pixels of the device that it was last drawn on.

    On a screen it is cached between frames. Saved at a higher resolution, it is painted at that
    resolution; saved as SVG, it is painted directly, and nothing is cached.
    """

    def __init__(self) -> None:
        self._kept: QPixmap | None = None

    def forget(self) -> None:
        """Drop the cached picture."""
        self._kept = None

    def draw(self, painter: QPainter, size: QSize, paint: Paint) -> None:
        """Draw it at the painter's origin in this size; `paint` paints it if it is not cached."""
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
            try:  # an open painter on a destroyed picture would abort the process
                paint(fresh)
            finally:
                fresh.end()
        painter.drawPixmap(0, 0, self._kept)

    def draw_part(self, painter: QPainter, part: QRectF, paint: Paint) -> None:
        """Draw a part again, over later painting."""
        if self._kept is None:
            painter.save()
            painter.setClipRect(part)
            paint(painter)
            painter.restore()
            return
        ratio = self._kept.devicePixelRatioF()
        source = QRectF(part.topLeft() * ratio, part.size() * ratio)
        painter.drawPixmap(part, self._kept, source)
