"""The image as the network gets it, and the network's probabilities as bars."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import HeatMap, MapKind, Scale
from gui.paint.text import code_face, draw_text

Array = np.ndarray[Any, Any]
_PIXELS = Scale(MapKind.PIXELS, 0.0, 255.0)
_PICTURE, _BARS = 140, 260  # lengths of the picture and of the bars
_ROW, _NUMBER, _SHARE = 24, 30, 62  # height of a bar; width of the digit and of its share
_RIGHT = Qt.AlignmentFlag.AlignRight


class ImagePreview(QWidget):
    """The prepared image, enlarged."""

    def __init__(self, theme: Theme, image: Array, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._map = HeatMap()
        self.image = image
        self.setFixedSize(px(_PICTURE), px(_PICTURE))
        self.setAccessibleName(self.tr("The image as the network gets it"))
        self.show_image(image)

    def show_image(self, image: Array) -> None:
        """Draw another image, (rows, columns) uint8."""
        self.image = image
        words = self.tr("{0} × {1} pixels, {2} of them with ink")
        self.setAccessibleDescription(words.format(*image.shape, int(np.count_nonzero(image))))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the image and its border."""
        painter = QPainter(self)
        room = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        self._map.paint(painter, room, self.image, _PIXELS, self.theme)
        painter.setPen(QColor(self.theme.strong))
        painter.drawRect(room)


class GuessBars(QWidget):
    """A bar for the probability of each class; the largest is marked."""

    def __init__(self, theme: Theme, classes: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._classes = theme, classes
        self.shares: Array | None = None  # (K,)
        self.setMinimumSize(self.sizeHint())
        self.setAccessibleName(self.tr("Probabilities"))

    def sizeHint(self) -> QSize:
        """Room for a row for each class."""
        return QSize(px(_BARS), self._classes * px(_ROW))

    def show_shares(self, shares: Array | None) -> None:
        """Draw these probabilities (K,); None: there are none."""
        self.shares = shares
        texts = [] if shares is None else map(percent, shares)
        self.setAccessibleDescription(", ".join(f"{k}: {text}" for k, text in enumerate(texts)))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars."""
        painter, theme = QPainter(self), self.theme
        shares = self.shares
        best = -1 if shares is None else int(np.argmax(shares))
        height = self.height() / self._classes
        for k in range(self._classes):
            line = QRectF(0, k * height, self.width(), height)
            weight = QFont.Weight.Bold if k == best else QFont.Weight.Normal
            face, ink = code_face(12, weight), theme.text if k == best else theme.text2
            draw_text(painter, line, f"{k}{' ←' if k == best else ''}", face, ink)
            track = line.adjusted(px(_NUMBER), height * 0.22, -px(_SHARE), -height * 0.22)
            painter.fillRect(track, QColor(theme.raised))
            if shares is None:
                continue
            share = float(shares[k])
            track.setWidth(track.width() * (share if np.isfinite(share) else 0))
            painter.fillRect(track, QColor(theme.accent if k == best else theme.strong))
            draw_text(painter, line, percent(share), face, ink, _RIGHT)


def percent(share: float) -> str:
    """A probability in percent: `97.3 %`, `< 0.1 %`."""
    if not np.isfinite(share):
        return "NaN"
    return "< 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"
