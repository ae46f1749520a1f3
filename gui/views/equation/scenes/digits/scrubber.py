"""The scrubber: a bar for each image, and a cursor behind the last one that is added."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSlider, QWidget

from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.backdrop import Backdrop

Array = np.ndarray[Any, Any]
MARGIN = 6  # pixels at both ends, for the cursor's caps
LATER = 0.3  # of the colour of bars that are not added


class Scrubber(QSlider):
    """Chooses how many of the images are added.

    A slider, so that keys, wheel and screen readers work as with any other.

    Signals:
        pointed: the place in the order of the bar under the mouse, or −1.
        picked: the place in the order of the image that was added last, by the Return key.
    """

    pointed = Signal(int)
    picked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.theme = theme
        self._weights: Array = np.zeros(1)
        self._shown = 0
        self._pin: int | None = None
        self._pointed = -1
        self._bars = Backdrop()
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setRange(1, 1)
        self.setSingleStep(1)
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def show_weights(self, weights: Array, shown: int, pin: int | None) -> None:
        """Draw the bars, in the order in which they are added.

        Args:
            weights: (N,) signed lengths.
            shown: how many of the first are drawn as images; they are framed.
            pin: the place of the pinned image, or None.
        """
        self._weights, self._shown, self._pin = weights, shown, pin
        self._pointed = -1
        self._bars.forget()
        self.setMaximum(len(weights))
        self.setPageStep(max(1, len(weights) // 10))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._bars.forget()
        self.update()

    def rank_at(self, x: float) -> int:
        """The place in the order of the bar at a place of the widget."""
        at = int((x - MARGIN) * len(self._weights) / max(self.width() - 2 * MARGIN, 1))
        return min(max(at, 0), len(self._weights) - 1)

    def x_after(self, count: int) -> float:
        """Where the bars of the first `count` images end."""
        return MARGIN + count * (self.width() - 2 * MARGIN) / len(self._weights)

    # Mouse and keys

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Add the images up to the mouse."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Add the images up to the mouse, or tell which one it points at."""
        if self.isSliderDown():
            self._drag(event)
            return
        rank = self.rank_at(event.position().x())
        # After a drag the mouse stands on the last image: the sum stays until it leaves that.
        self._point(-1 if rank == self.value() - 1 and self._pointed < 0 else rank)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the drag."""
        self.setSliderDown(False)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at no image."""
        self._point(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return picks the image that was added last; the others are a slider's keys."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.picked.emit(self.value() - 1)
        else:
            super().keyPressEvent(event)

    def _drag(self, event: QMouseEvent) -> None:
        self._point(-1)
        self.setValue(self.rank_at(event.position().x()) + 1)

    def _point(self, rank: int) -> None:
        if rank != self._pointed:
            self._pointed = rank
            self.pointed.emit(rank)
            self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars from their cached picture, and the cursor over them."""
        painter = QPainter(self)
        self._bars.draw(painter, self.size(), self._paint_bars)
        end = self.x_after(self.value())
        veil = QColor(self.theme.panel)
        veil.setAlphaF(1 - LATER)
        painter.fillRect(QRectF(end, 0, self.width() - end, self.height()), veil)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._pointed >= 0:
            left, right = self.x_after(self._pointed), self.x_after(self._pointed + 1)
            painter.setPen(QPen(QColor(self.theme.text), 1))
            painter.drawRect(QRectF(left - 1, 1, max(right - left, 2) + 2, self.height() - 2))
        self._paint_pin(painter)
        self._paint_cursor(painter, end)

    def _paint_bars(self, painter: QPainter) -> None:
        theme, height = self.theme, self.height()
        painter.fillRect(self.rect(), QColor(theme.panel))
        count = len(self._weights)
        room = self.width() - 2 * MARGIN
        finite = np.where(np.isfinite(self._weights), self._weights, 0)
        largest = float(np.abs(finite).max()) or 1.0
        middle, half = height / 2, height / 2 - px(5)
        # More bars than pixels: of each run, the largest of either sign.
        starts = np.unique(np.arange(min(count, room)) * count // max(min(count, room), 1))
        wide = room / max(len(starts), 1)
        gap = 1.0 if wide >= 3 else 0.0
        for extreme, colour in (
            (np.maximum.reduceat(finite, starts), theme.positive),
            (np.minimum.reduceat(finite, starts), theme.negative),
        ):
            for place, value in enumerate(extreme):
                long = float(value) / largest * half
                if long and (long > 0) == (colour == theme.positive):
                    tall = max(abs(long), 1.0)
                    top = middle - tall if long > 0 else middle
                    bar = QRectF(MARGIN + place * wide, top, wide - gap, tall)
                    painter.fillRect(bar, QColor(colour))
        painter.setPen(QPen(QColor(theme.strong), 1))
        painter.drawLine(QLineF(MARGIN, middle, self.width() - MARGIN, middle))
        if self._shown < count:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.text3), 1))
            framed = QRectF(MARGIN - 2, 1.5, self.x_after(self._shown) - MARGIN + 3, height - 3)
            painter.drawRoundedRect(framed, px(4), px(4))

    def _paint_pin(self, painter: QPainter) -> None:
        if self._pin is None:
            return
        x = (self.x_after(self._pin) + self.x_after(self._pin + 1)) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.accent))
        painter.drawEllipse(QPointF(x, self.height() - px(4)), px(3.5), px(3.5))

    def _paint_cursor(self, painter: QPainter, x: float) -> None:
        colour = QColor(self.theme.accent if self.hasFocus() else self.theme.text)
        painter.setPen(QPen(mix(self.theme.panel, self.theme.panel, 1.0), 4))
        painter.drawLine(QLineF(x, 3, x, self.height() - 3))
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QLineF(x, 1, x, self.height() - 1))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        cap, foot = float(px(4)), float(self.height())
        for base, tip in ((0.0, cap * 1.2), (foot, foot - cap * 1.2)):
            corners = [QPointF(x - cap, base), QPointF(x + cap, base), QPointF(x, tip)]
            painter.drawPolygon(QPolygonF(corners))
