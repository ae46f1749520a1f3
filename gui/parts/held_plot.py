"""How many bytes the forward pass holds for the backward pass, over the events of a batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF
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
        self._shown: tuple[object, ...] = ()
        self._cursor = 0
        self._pictures: tuple[object, list[QPixmap]] = (None, [])
        self._wanted = 60
        self.setMinimumHeight(24)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """As high as was asked for; not a fixed height, which would keep a panel from shrinking."""
        return QSize(280, self._wanted)

    def want_height(self, height: int) -> None:
        """Ask for a height, where there is room."""
        if height != self._wanted:
            self._wanted = height
            self.updateGeometry()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.update()

    @property
    def most(self) -> int:
        """The most bytes that are held at once."""
        return int(self._held.max(initial=0))

    def show_entries(self, entries: Sequence[CacheEntry], event_count: int, cursor: int) -> None:
        """Draw what the entries hold after each event of the batch, and the cursor."""
        shown = (event_count, *((e.written, e.reads, e.nbytes) for e in entries))
        if shown != self._shown:
            self._shown = shown
            self._held = held_bytes(entries, event_count)
            self._pictures = (None, [])
        self._cursor = cursor
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bright staircase up to the cursor, the dim one beyond it."""
        key = (self.size(), self.devicePixelRatioF(), self._theme.name)
        if self._pictures[0] != key:
            self._pictures = (key, self._draw())
        bright, dim = self._pictures[1]
        painter = QPainter(self)
        area = self._area()
        x = round(area.left() + area.width() * (self._cursor + 1) / max(len(self._held), 1))
        painter.drawPixmap(0, 0, dim)
        painter.setClipRect(0, 0, x, self.height())
        painter.drawPixmap(0, 0, bright)
        painter.setClipping(False)
        painter.fillRect(QRectF(x - 1, 0, 2, self.height()), QColor(self._theme.text))

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(1, 3, -1, -2)

    def _draw(self) -> list[QPixmap]:
        """The staircase in bright and dim colours."""
        theme, ratio = self._theme, self.devicePixelRatioF()
        # What is kept was kept by forward, so it wears forward's colour in every phase.
        looks = ((0.42, theme.forward), (0.14, theme.strong))
        pictures = []
        for share, line in looks:
            picture = QPixmap(self.size() * ratio)
            picture.setDevicePixelRatio(ratio)
            picture.fill(QColor(theme.panel))
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._fill(
                painter, self._staircase(self._area()), mix(theme.forward, theme.panel, share), line
            )
            painter.end()
            pictures.append(picture)
        return pictures

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
