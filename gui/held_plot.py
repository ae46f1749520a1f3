"""How many bytes the forward pass holds for the backward pass, over the events of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.debug.snapshot import CacheEntry
from gui.theme import Theme, mix


def held_bytes(entries: Sequence[CacheEntry], event_count: int) -> np.ndarray:
    """(event_count,) the bytes held after each event.

    A value is held from the event that wrote it until its last read, or to the end of the batch.
    """
    change = np.zeros(event_count + 1, np.int64)
    for entry in entries:
        last = max(entry.reads, default=event_count)
        first = min(entry.written, event_count)
        change[first] += entry.nbytes
        change[max(min(last, event_count), first)] -= entry.nbytes
    return np.cumsum(change)[:event_count]


class HeldPlot(QWidget):
    """A filled staircase with the cursor; what lies ahead of it is dim."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._held = np.zeros(1, np.int64)
        self._cursor = 0
        self.setMinimumHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """About as in the side column."""
        return QSize(280, 64)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.update()

    def show_held(self, held: np.ndarray, cursor: int) -> None:
        """Draw the bytes after each event, and the cursor."""
        self._held, self._cursor = held, cursor
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the staircase twice: dim as a whole, bright up to the cursor."""
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(1, 3, -1, -2)
        x = area.left() + area.width() * (self._cursor + 1) / max(len(self._held), 1)
        # What is kept was kept by forward, so it wears forward's colour in every phase.
        shape = self._staircase(area)
        dim, bright = mix(theme.forward, theme.panel, 0.14), mix(theme.forward, theme.panel, 0.42)
        self._fill(painter, shape, dim, theme.strong)
        painter.setClipRect(QRectF(0, 0, x, self.height()))
        self._fill(painter, shape, bright, theme.forward)
        painter.setClipping(False)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(round(x) - 1, 0, 2, self.height()), QColor(theme.text))

    def _staircase(self, area: QRectF) -> QPolygonF:
        """The outline, one step wherever the bytes change."""
        held = self._held
        top = max(int(held.max(initial=0)), 1)
        starts = np.flatnonzero(np.diff(held, prepend=-1))
        points = [QPointF(area.left(), area.bottom())]
        y = area.bottom()
        for start in starts.tolist():
            x = area.left() + area.width() * start / len(held)
            points.append(QPointF(x, y))
            y = area.bottom() - area.height() * int(held[start]) / top
            points.append(QPointF(x, y))
        points += [QPointF(area.right(), y), QPointF(area.right(), area.bottom())]
        return QPolygonF(points)

    @staticmethod
    def _fill(painter: QPainter, shape: QPolygonF, fill: QColor, line: str) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(shape)
        painter.setPen(QPen(QColor(line), 1.2))
        painter.drawPolyline(shape)
