"""The plot of the bytes that the forward pass keeps for the backward pass, by event."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gui.look.theme import Theme, mix
from gui.paint.values import bytes_text


class HeldPlot(QWidget):
    """A filled step plot with the cursor; the part after the cursor is dim.

    Signals:
        event_chosen: the event that was clicked.
    """

    event_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._held = np.zeros(1, np.int64)
        self._cursor = 0
        self._pictures: tuple[object, list[QPixmap]] = (None, [])
        self._wanted = 60
        self.setMinimumHeight(24)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def sizeHint(self) -> QSize:
        """The height that was asked for; a fixed height would keep a panel from shrinking."""
        return QSize(280, self._wanted)

    def want_height(self, height: int) -> None:
        """Ask for a height, given if there is room."""
        if height != self._wanted:
            self._wanted = height
            self.updateGeometry()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.update()

    @property
    def most(self) -> int:
        """The peak of the bytes held."""
        return int(np.max(self._held, initial=0))

    def show_held(self, held: np.ndarray | None, event_count: int, cursor: int) -> None:
        """Draw the bytes held after each event of the batch, (event_count,), and the cursor."""
        held = np.zeros(event_count, np.int64) if held is None else held
        if not np.array_equal(held, self._held):
            self._held = held
            self._pictures = (None, [])
        self._cursor = cursor
        self.update()

    def event_at(self, x: float) -> int:
        """The event drawn at a horizontal position."""
        area = self._area()
        place = (x - area.left()) / max(area.width(), 1.0) * len(self._held)
        return min(max(int(place), 0), len(self._held) - 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the bytes held at the event under the mouse."""
        at = self.event_at(event.position().x())
        text = self.tr("stop {0}: {1} held").format(at, bytes_text(int(self._held[at])))
        self.setToolTip(text)
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the event under the mouse."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.event_chosen.emit(self.event_at(event.position().x()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the steps bright up to the cursor and dim after it."""
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
        """The steps in bright and dim colours."""
        theme, ratio = self._theme, self.devicePixelRatioF()
        # The forward pass keeps the arrays, so the plot has forward's colour in every phase.
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
        """The outline: a step wherever the bytes change."""
        held = self._held
        top = max(int(np.max(held, initial=0)), 1)
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
