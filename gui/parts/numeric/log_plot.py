"""Curves on two logarithmic axes, each with its name beside it: errors and times.

Kept apart from the view because it imports pyqtgraph, which takes longer than the first window may.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QMouseEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.parts.loss_plots import Axis
from gui.parts.values import number_text
from gui.theme import Theme, code_font, ui_font

Array = np.ndarray[Any, Any]
LEAST_TICK = 52  # pixels from one tick to the next
BETWEEN = 8  # places on a line from point to point that a name is kept off
NEAR = 14  # pixels from a point within which the mouse is upon it


class DecadeAxis(Axis):
    """A logarithmic axis whose ticks are the powers of ten; of a short one their doubles, too."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Where the ticks are, in powers of ten."""
        step = max(1, round((high - low) * LEAST_TICK / max(size, 1.0) + 0.49))
        first, last = math.ceil(low), math.floor(high)
        decades = [float(n) for n in range(first, last + 1) if n % step == 0]
        if len(decades) > 1:
            return [(float(step), decades)]
        between = [n + math.log10(k) for n in range(first - 1, last + 1) for k in (1, 2, 5)]
        return [(0.3, [value for value in between if low <= value <= high])]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A curve.

    Attributes:
        name: stands beside it.
        x, y: (n,) above 0; points that are not are left out.
        colour: of line and points.
        mark: pyqtgraph's letter for the form of the points, which tells it apart without colour.
        hollow: whether the points are rings.
        dashed: whether the line is, as of what was not measured.
        points: whether there are any.
    """

    name: str
    x: Array
    y: Array
    colour: str
    mark: str = "o"
    hollow: bool = False
    dashed: bool = False
    points: bool = True


@dataclass(frozen=True, slots=True)
class Marked:
    """A point that is circled, and a line down to the axis with a word beside it."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """All that a plot shows.

    Attributes:
        title, hint: above it, in bold and beside it in grey.
        x_name, y_name: of the axes, with their units.
        series: the curves.
        marked: points that stand out.
        left, right: words at the lower ends of the horizontal axis.
    """

    title: str
    hint: str
    x_name: str
    y_name: str
    series: Sequence[Series] = ()
    marked: Sequence[Marked] = ()
    left: str = ""
    right: str = ""


@dataclass(slots=True, eq=False)
class _Label:
    item: Any
    points: list[tuple[float, float]] = field(default_factory=list)  # log10 of where it may stand


class LogPlot(QWidget):
    """Draws a chart; wheel and drag zoom and pan, a double click shows all of it again."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.chart: Chart | None = None
        self._labels: list[_Label] = []
        self._points: list[tuple[str, Array, Array]] = []
        self._title = QLabel()
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title.setFont(ui_font(12))
        self._title.setMinimumWidth(40)
        self.axes = {"left": DecadeAxis("left"), "bottom": DecadeAxis("bottom")}
        self.plot = pg.PlotWidget(axisItems=self.axes)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setLogMode(True, True)
        self.plot.getViewBox().setDefaultPadding(0.04)
        self.plot.setMouseTracking(True)
        self.plot.viewport().setMouseTracking(True)
        self.plot.scene().sigMouseMoved.connect(self._on_mouse)
        self.plot.scene().sigMouseClicked.connect(self._on_clicked)
        self.axes["left"].setWidth(58)
        for axis in self.axes.values():
            axis.setTickFont(code_font(11))
            axis.setStyle(tickLength=4, hideOverlappingLabels=True, maxTickLevel=0)
            axis.enableAutoSIPrefix(False)
        self._due = QTimer(self, interval=0, singleShot=True)
        self._due.timeout.connect(self._place_labels)
        self.plot.getViewBox().sigRangeChanged.connect(self._due.start)
        self.plot.getViewBox().sigResized.connect(self._due.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 10, 2)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self.plot, 1)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme; the colours of the series are whoever shows them to choose."""
        self.theme = theme
        self.plot.setBackground(theme.panel)
        for axis in self.axes.values():
            axis.setPen(pg.mkPen(theme.strong))
            axis.setTextPen(pg.mkPen(theme.text2))
            axis.setGrid(28 if theme.dark else 40)
            axis.label.setFont(ui_font(11))

    def show_chart(self, chart: Chart, fit: bool = True) -> None:
        """Draw another chart."""
        self.chart = chart
        theme, plot = self.theme, self.plot
        grey = f"<span style='color:{theme.text2}'>&nbsp; {chart.hint}</span>"
        self._title.setText(f"<b>{chart.title}</b>{grey}")
        self.axes["bottom"].setLabel(chart.x_name)
        self.axes["left"].setLabel(chart.y_name)
        self.plot.setAccessibleName(chart.title)
        plot.clear()
        self._labels, self._points = [], []
        for series in chart.series:
            self._add(series)
        for marked in chart.marked:
            self._mark(marked)
        for text, anchor in ((chart.left, (0, 1)), (chart.right, (1, 1))):
            if text:
                item = pg.TextItem(text, color=theme.text2, anchor=anchor)
                item.setFont(ui_font(12))
                item.setZValue(5)
                plot.addItem(item, ignoreBounds=True)
                self._labels.append(_Label(item))
        if fit:
            plot.getViewBox().autoRange()
        self._due.start()

    def point_text(self) -> str:
        """What is under the mouse."""
        return self.plot.toolTip()

    def _add(self, series: Series) -> None:
        good = (series.x > 0) & (series.y > 0) & np.isfinite(series.x) & np.isfinite(series.y)
        x, y = np.asarray(series.x)[good], np.asarray(series.y)[good]
        if not len(x):
            return
        style = Qt.PenStyle.DashLine if series.dashed else Qt.PenStyle.SolidLine
        fill = self.theme.panel if series.hollow else series.colour
        self.plot.plot(
            x, y, pen=pg.mkPen(series.colour, width=2, style=style),
            symbol=series.mark if series.points else None, symbolSize=8,
            symbolPen=pg.mkPen(series.colour, width=1.5), symbolBrush=QColor(fill),
        )  # fmt: skip
        self._points.append((series.name, x, y))
        if not series.name:
            return
        item = pg.TextItem(series.name, color=series.colour, anchor=(0, 0))
        item.setFont(ui_font(12, QFont.Weight.DemiBold))
        item.setZValue(6)
        self.plot.addItem(item, ignoreBounds=True)
        self._labels.append(_Label(item, list(zip(np.log10(x), np.log10(y), strict=True))))

    def _mark(self, marked: Marked) -> None:
        line = pg.InfiniteLine(
            pos=np.log10(marked.x), angle=90,
            pen=pg.mkPen(self.theme.text2, width=1, style=Qt.PenStyle.DotLine),
        )  # fmt: skip
        self.plot.addItem(line, ignoreBounds=True)
        self.plot.plot(
            [marked.x], [marked.y], pen=None, symbol="o", symbolSize=15, symbolBrush=None,
            symbolPen=pg.mkPen(self.theme.text, width=2),
        )  # fmt: skip
        item = pg.TextItem(marked.text, color=self.theme.text, anchor=(0, 0))
        item.setFont(ui_font(12, QFont.Weight.DemiBold))
        item.setZValue(7)
        self.plot.addItem(item, ignoreBounds=True)
        self._labels.append(_Label(item, [(np.log10(marked.x), np.log10(marked.y))]))

    # Names beside the curves

    def _place_labels(self) -> None:
        """Put each name where it covers the fewest points, and no other name."""
        box = self.plot.getViewBox()
        (left, right), (low, high) = box.viewRange()
        width, height = box.width(), box.height()
        if width < 20 or height < 20 or right <= left or high <= low:
            return
        sx, sy = width / (right - left), height / (high - low)
        dots = []
        for _, x, y in self._points:
            places = np.linspace(0, len(x) - 1, BETWEEN * (len(x) - 1) + 1)
            across = (np.interp(places, np.arange(len(x)), np.log10(x)) - left) * sx
            down = (high - np.interp(places, np.arange(len(y)), np.log10(y))) * sy
            dots += [QPointF(a, b) for a, b in zip(across.tolist(), down.tolist(), strict=True)]
        taken: list[QRectF] = []
        for label in sorted(self._labels, key=lambda label: bool(label.points)):
            size = label.item.boundingRect()
            if not label.points:  # at the lower ends
                at_right = label.item.anchor.x() > 0
                x, y = (width - size.width() - 4) if at_right else 4.0, height - size.height() - 2
                best = QRectF(x, y, size.width(), size.height())
            else:
                best = self._best(label, size, (left, high, sx, sy), (width, height), dots, taken)
            taken.append(best)
            label.item.setAnchor((0, 0))
            label.item.setPos(left + best.left() / sx, high - best.top() / sy)

    def _best(
        self, label: _Label, size: QRectF, scale: tuple[float, float, float, float],
        room: tuple[float, float], dots: list[QPointF], taken: list[QRectF],
    ) -> QRectF:  # fmt: skip
        left, high, sx, sy = scale
        w, h = size.width(), size.height()
        best, least = QRectF(0, 0, w, h), float("inf")
        for a, b in label.points:
            x, y = (a - left) * sx, (high - b) * sy
            for dx, dy in ((10, -h / 2), (6, -h - 4), (-w / 2, -h - 6), (-w - 10, -h / 2),
                           (-w / 2, 6), (6, 4), (-w - 6, 4), (-w - 6, -h - 4)):  # fmt: skip
                there = QRectF(x + dx, y + dy, w, h)
                outside = there.left() < 0 or there.top() < 0
                outside = outside or there.right() > room[0] or there.bottom() > room[1]
                cost = 1000.0 * outside + 100.0 * sum(there.intersects(other) for other in taken)
                cost += sum(there.contains(dot) for dot in dots)
                if cost < least:
                    best, least = there, cost
        return best

    # The mouse

    def _on_mouse(self, at: QPointF) -> None:
        """Say the values of the point under the mouse."""
        box = self.plot.getViewBox()
        found, least = "", float(NEAR)
        for name, x, y in self._points:
            for a, b in zip(x, y, strict=True):
                place = box.mapViewToScene(QPointF(np.log10(a), np.log10(b)))
                distance = (place - at).manhattanLength()
                if distance < least:
                    least, found = distance, f"{name}: {number_text(a, 3)}, {number_text(b, 3)}"
        if found != self.plot.toolTip():
            self.plot.setToolTip(found)

    def _on_clicked(self, event: Any) -> None:
        if event.double():
            self.plot.getViewBox().autoRange()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show all of it again."""
        self.plot.getViewBox().autoRange()
