"""A plot over the batches of a run, and its axes.

It is apart from the views, since importing pyqtgraph would delay the first window.
"""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent

from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.paint.values import MINUS, number_text

CLICK = 4  # pixels that a click may move; further is a drag
GRIP = 6  # pixels beside the cursor's line from which it can be dragged
PERCENTS = (10, 20, 25, 50, 100)  # between two ticks of the accuracy
LEAST_ROW = 19  # pixels from one of them to the next
LONG = 5_000  # points, above which a line is one pixel wide: a wider one takes ten times as long
AVERAGE = 10  # batches: the average follows a fall, and still stills the noise
LEAST_LOSS = 1e-12  # a logarithm is drawn down to here
X_NAME_HEIGHT = 190  # pixels from which the horizontal axis has room for its name


class Axis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
    """An axis with the minus sign of the rest of the window."""

    def tickStrings(self, values: Any, scale: float, spacing: float) -> list[str]:
        """Labels of the ticks; powers of ten in full on a logarithmic axis."""
        if self.logMode:
            few = [v for v in values if round(10 ** (v % 1)) in (1, 2, 5)]
            named = few if len(few) > 1 else values  # between decades there is not room for all
            return [number_text(10.0**v, 1) if v in named else "" for v in values]
        return [t.replace("-", MINUS) for t in super().tickStrings(values, scale, spacing)]


class BatchAxis(Axis):
    """An axis of batches, which are whole numbers."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        """As it would be, but never below 1."""
        spacings = super().tickSpacing(low, high, size)
        return [(max(spacing, 1.0), offset) for spacing, offset in spacings]


class PercentAxis(Axis):
    """An axis from 0 to 100, both of which are always named."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """As many as there is room for."""
        room = size / max(high - low, 1e-9)
        step = next((one for one in PERCENTS if one * room >= px(LEAST_ROW)), PERCENTS[-1])
        return [(float(step), [float(n) for n in range(0, 101, step)])]


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph ships no types
    """A plot without menus whose horizontal axis is the batch; a click is not a drag.

    The line of the cursor can be dragged; a drag that begins elsewhere pans.
    """

    clicked = Signal(float)  # x in batches
    dragged = Signal(float, bool)  # x in batches of the cursor's line; whether it was let go
    hovered = Signal(object)  # x in batches, or None when the mouse has left

    def __init__(self, left: Axis | None = None) -> None:
        axes = {"left": left or Axis("left"), "bottom": BatchAxis("bottom")}
        super().__init__(axisItems=axes)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=True, y=False)
        self.getViewBox().setDefaultPadding(0)
        self.axes = axes
        for axis in axes.values():
            axis.setStyle(tickLength=4, hideOverlappingLabels=True, maxTickLevel=0)
        self._pressed: QPointF | None = None
        self.dragging = False
        self.cursor_at = 0.0  # x in batches
        self.setMouseTracking(True)

    def dress(self, theme: Theme) -> None:
        """Take on a theme's colours."""
        self.setBackground(theme.panel)
        self.axes["left"].setWidth(px(48))
        for axis in self.axes.values():
            axis.setPen(pg.mkPen(theme.strong))
            axis.setTextPen(pg.mkPen(theme.text2))
            axis.setGrid(28 if theme.dark else 40)
            axis.label.setFont(ui_font(11))
            axis.setTickFont(code_font(11))

    def x_at(self, position: QPointF) -> float | None:
        """The batch (a fraction) at a point of the widget, or None beside the curves."""
        at = self.mapToScene(position.toPoint())
        box = self.getViewBox()
        if not box.sceneBoundingRect().contains(at):
            return None
        return float(box.mapSceneToView(at).x())

    def _batch_under(self, position: QPointF) -> float:
        """The batch at a point, also beyond the curves' ends."""
        return float(self.getViewBox().mapSceneToView(self.mapToScene(position.toPoint())).x())

    def _on_line(self, position: QPointF) -> bool:
        """Whether a point is as good as on the cursor's line."""
        if self.x_at(position) is None:
            return False
        line = float(self.getViewBox().mapViewToScene(QPointF(self.cursor_at, 0)).x())
        return abs(float(self.mapToScene(position.toPoint()).x()) - line) <= GRIP

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where, to tell a click from a drag."""
        self._pressed = event.position()
        left = event.button() is Qt.MouseButton.LeftButton
        self.dragging = left and self._on_line(event.position())
        if not self.dragging:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Report a click, or where the cursor's line was let go."""
        pressed, self._pressed = self._pressed, None
        if self.dragging:
            self.hovered.emit(None)
            self.dragging = False
            moved = pressed is not None and event.position() != pressed
            if moved:
                self.dragged.emit(self._batch_under(event.position()), True)
            return
        super().mouseReleaseEvent(event)
        if pressed is None or event.button() is not Qt.MouseButton.LeftButton:
            return
        x = self.x_at(event.position())
        if x is not None and (event.position() - pressed).manhattanLength() <= CLICK:
            self.clicked.emit(x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the cursor's line, or report what is under the mouse."""
        if self.dragging:
            self.dragged.emit(self._batch_under(event.position()), False)
            return
        over = self._on_line(event.position())
        self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)
        self.hovered.emit(self.x_at(event.position()))

    def leaveEvent(self, event: Any) -> None:
        """Nothing is under the mouse any more."""
        super().leaveEvent(event)
        self.hovered.emit(None)
