"""A plot of errors or times on two logarithmic axes, each curve with its name beside it.

Kept apart from the view because it imports pyqtgraph, which takes longer than the first window may.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.paint.plots.batch_plot import Axis
from gui.paint.values import number_text
from gui.views.numeric.chart import Chart, Marked, Series
from gui.views.numeric.label_places import along, beside, costs, crowd

Array = np.ndarray[Any, Any]
LEAST_TICK, LEAST_ROW = 52, 22  # pixels between ticks at a scale of 1, across and down
LOW = 150  # pixels of height; below this the axes' names are hidden
MARGIN = 4  # pixels that a text of pyqtgraph keeps free around itself
LEADER = 26  # pixels from a curve's end to its name in a low panel
NEAR = 14  # pixels around a point that count as on it for the mouse


class DecadeAxis(Axis):
    """A logarithmic axis with ticks at the powers of ten; a short axis also has their doubles."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """The ticks' positions, in powers of ten."""
        apart = px(LEAST_TICK if self.orientation == "bottom" else LEAST_ROW)
        step = max(1, math.ceil((high - low) * apart / max(size, 1.0)))
        first, last = math.ceil(low), math.floor(high)
        decades = [float(n) for n in range(first, last + 1) if n % step == 0]
        if len(decades) > 1 or high - low > 2:
            return [(float(step), decades or [float(first)])]
        between = [n + math.log10(k) for n in range(first - 1, last + 1) for k in (1, 2, 5)]
        return [(0.3, [value for value in between if low <= value <= high])]


@dataclass(slots=True, eq=False)
class _Label:
    """A text and the points (n, 2) beside one of which it is placed; None for a lower end.

    `curve` says that it is the name of a curve, of the colour `colour`.
    """

    item: Any
    points: Array | None = None
    at_right: bool = False
    curve: bool = False
    colour: str = ""


def _end(label: _Label, right: bool) -> Array:
    """(2,) the end of a curve, in powers of ten."""
    assert label.points is not None
    order = np.argmax if right else np.argmin
    end: Array = label.points[order(label.points[:, 0])]
    return end


class LogPlot(QWidget):
    """Draws a chart; the wheel zooms, a drag pans, a double click shows the whole chart again."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.chart: Chart | None = None
        self._labels: list[_Label] = []
        self._points: list[tuple[str, Array, Array]] = []
        self._curves: list[Any] = []  # items are made once and used again
        self._rings: list[Any] = []
        self._lines: list[Any] = []
        self._leaders: list[Any] = []
        self._texts: list[Any] = []
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
        for axis in self.axes.values():
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
        """Redraw in another theme; the caller chooses the colours of the series."""
        self.theme = theme
        self.plot.setBackground(theme.panel)
        for axis in self.axes.values():
            axis.setPen(pg.mkPen(theme.strong))
            axis.setTextPen(pg.mkPen(theme.text2))
            axis.setGrid(28 if theme.dark else 40)
            axis.label.setFont(ui_font(11))
            axis.setTickFont(code_font(11))
        self.axes["left"].setWidth(px(58))

    def show_chart(self, chart: Chart, fit: bool = True) -> None:
        """Draw another chart."""
        self.chart = chart
        theme = self.theme
        grey = f"<span style='color:{theme.text2}'>&nbsp; {chart.hint}</span>"
        self._title.setText(f"<b>{chart.title}</b>{grey}")
        self._name_axes()
        self.plot.setAccessibleName(chart.title)
        self._labels, self._points = [], []
        for pool in (self._curves, self._rings, self._lines, self._leaders, self._texts):
            for item in pool:
                item.hide()
        for series in chart.series:
            self._add(series)
        for marked in chart.marked:
            self._mark(marked)
        for text, at_right in ((chart.left, False), (chart.right, True)):
            if text:
                item = self._text(text, theme.text2, QFont.Weight.Normal)
                self._labels.append(_Label(item, at_right=at_right))
        if fit:
            self._fit()
        self._due.start()

    def _fit(self) -> None:
        """Show the whole chart; in a low panel with room at an end for the curves' names."""
        box = self.plot.getViewBox()
        box.autoRange(items=self._shown())
        curves = self._curve_labels()
        if not self._is_low(self.height()) or not curves:
            return
        room = max(label.item.boundingRect().width() for label in curves) + LEADER
        (left, right), width = box.viewRange()[0], box.width()
        if width > 2 * room:
            more = (right - left) * room / (width - room)
            at_right = self._ends_at_right(curves)
            left, right = (left, right + more) if at_right else (left - more, right)
            box.setXRange(left, right, padding=0)

    def _curve_labels(self) -> list[_Label]:
        return [label for label in self._labels if label.curve and label.points is not None]

    def _ends_at_right(self, labels: Sequence[_Label]) -> bool:
        """Whether the curves are further apart at the right end."""

        def spread(right: bool) -> float:
            heights = np.sort([_end(label, right)[1] for label in labels])
            gaps = np.diff(heights)
            return float(np.minimum(gaps, (heights[-1] - heights[0]) / len(heights)).sum())

        return spread(True) >= spread(False)

    def _shown(self) -> list[Any]:
        return [item for item in (*self._curves, *self._rings) if item.isVisible()]

    def _pooled(self, pool: list[Any], make: Callable[[], Any]) -> Any:
        """An unused item, or else a new one, because items are slow to make."""
        for item in pool:
            if not item.isVisible():
                item.show()
                return item
        item = make()
        pool.append(item)
        self.plot.addItem(item, ignoreBounds=pool in (self._lines, self._leaders, self._texts))
        return item

    def _text(self, words: str, colour: str, weight: QFont.Weight) -> Any:
        item = self._pooled(self._texts, lambda: pg.TextItem("", anchor=(0, 0)))
        item.setZValue(6)
        item.setText(words, color=colour)
        item.setFont(ui_font(12, weight))
        return item

    def _name_axes(self) -> None:
        """Name the axes if there is room."""
        if self.chart is None:
            return
        low = self._is_low(self.height())
        names = (self.chart.x_name, self.chart.y_name)
        for axis, name in zip((self.axes["bottom"], self.axes["left"]), names, strict=True):
            if axis.labelText != name:
                axis.setLabel(name)
            if axis.label.isVisible() == low:
                axis.showLabel(not low)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the names that there is room for."""
        was_low = self._is_low(event.oldSize().height())
        super().resizeEvent(event)
        self._name_axes()
        low = self._is_low(self.height())
        self._title.setVisible(not low)
        if low or was_low:
            QTimer.singleShot(0, self, self._fit)  # after the plot has its size

    @staticmethod
    def _is_low(height: int) -> bool:
        """Whether the axes' names are hidden and the curves' names are at their ends."""
        return height < px(LOW)

    def _add(self, series: Series) -> None:
        good = (series.x > 0) & (series.y > 0) & np.isfinite(series.x) & np.isfinite(series.y)
        x, y = np.asarray(series.x)[good], np.asarray(series.y)[good]
        if not len(x):
            return
        style = Qt.PenStyle.DashLine if series.dashed else Qt.PenStyle.SolidLine
        fill = self.theme.panel if series.hollow else series.colour
        curve = self._pooled(self._curves, pg.PlotDataItem)
        curve.setLogMode(True, True)
        curve.setData(
            x, y, pen=pg.mkPen(series.colour, width=2, style=style),
            symbol=series.mark if series.points else None, symbolSize=8,
            symbolPen=pg.mkPen(series.colour, width=1.5), symbolBrush=QColor(fill),
        )  # fmt: skip
        self._points.append((series.name, x, y))
        if series.name:
            item = self._text(series.name, series.colour, QFont.Weight.DemiBold)
            points = np.column_stack([np.log10(x), np.log10(y)])
            self._labels.append(_Label(item, points, curve=True, colour=series.colour))

    def _mark(self, marked: Marked) -> None:
        line = self._pooled(self._lines, lambda: pg.InfiniteLine(angle=90))
        line.setPen(pg.mkPen(self.theme.text2, width=1, style=Qt.PenStyle.DotLine))
        line.setPos(np.log10(marked.x))
        ring = self._pooled(self._rings, pg.PlotDataItem)
        ring.setLogMode(True, True)
        ring.setData(
            [marked.x], [marked.y], pen=None, symbol="o", symbolSize=15, symbolBrush=None,
            symbolPen=pg.mkPen(self.theme.text, width=2),
        )  # fmt: skip
        item = self._text(marked.text, self.theme.text, QFont.Weight.DemiBold)
        self._labels.append(_Label(item, np.log10([[marked.x, marked.y]])))

    # Names beside the curves

    def _place_labels(self) -> None:
        """Place each name where it covers the fewest points and no other name."""
        box = self.plot.getViewBox()
        (left, right), (low, high) = box.viewRange()
        width, height = box.width(), box.height()
        if width < 20 or height < 20 or right <= left or high <= low:
            return
        sx, sy = width / (right - left), height / (high - low)
        corner, scale = np.array([left, high]), np.array([sx, -sy])
        dots = np.concatenate([np.zeros((0, 2)), *map(along, self._points)])
        dots = (dots - corner) * scale
        taken = np.zeros((0, 4))
        labels = sorted(self._labels, key=lambda label: label.points is not None)
        for item in self._leaders:
            item.hide()
        low_panel = self._is_low(self.height())
        if low_panel:
            taken = self._place_at_the_end(corner, scale, width, height)
            labels = [label for label in labels if not label.curve]
        for label in labels:
            size = label.item.boundingRect()
            w, h = size.width(), size.height()
            if label.points is None:  # the texts at the lower ends
                corners = np.array([[width - w - 4 if label.at_right else 4.0, height - h - 2]])
            else:
                at = (label.points - corner) * scale
                corners = (at[:, None, :] + beside(w, h)[None]).reshape(-1, 2)
                near = np.repeat(crowd(at, dots), len(corners) // len(at))
            boxes = np.column_stack([corners, corners + np.array([w, h])])
            bad = costs(boxes, dots, taken, width, height)
            best = boxes[np.argmin(bad if label.points is None else bad + near)]
            taken = np.vstack([taken, best])
            label.item.setPos(left + best[0] / sx, high - best[1] / sy)
            label.item.setOpacity(0.0 if low_panel and label.points is None else 1.0)

    def _place_at_the_end(self, corner: Array, scale: Array, width: float, height: float) -> Array:
        """Stack the names beyond the curves' ends, each with a line to its curve.

        Returns the names' boxes (n, 4).
        """
        labels = self._curve_labels()
        if not labels:
            return np.zeros((0, 4))
        at_right = self._ends_at_right(labels)
        ends = (np.array([_end(label, at_right) for label in labels]) - corner) * scale
        order = np.argsort(ends[:, 1], kind="stable")
        each = labels[0].item.boundingRect().height()
        room = height - each + 2 * MARGIN
        row = min(each - 3, room / max(len(labels) - 1, 1))
        tops = np.empty(len(labels))
        floor = -MARGIN
        for place in order:
            floor = tops[place] = max(ends[place, 1] - each / 2, floor)
            floor += row
        roof = height - each + MARGIN
        for place in order[::-1]:
            roof = tops[place] = min(tops[place], roof)
            roof -= row
        boxes = []
        for label, end, top in zip(labels, ends, tops, strict=True):
            wide = label.item.boundingRect().width()
            x = end[0] + LEADER if at_right else end[0] - LEADER - wide
            x = min(max(x, 0.0), width - wide)
            at = np.array([x, top]) / scale + corner
            label.item.setPos(*at)
            label.item.setOpacity(1.0)
            near = np.array([x if at_right else x + wide, top + each / 2]) / scale + corner
            line = self._pooled(self._leaders, pg.PlotCurveItem)
            line.setPen(pg.mkPen(label.colour, width=1))
            begin = end / scale + corner
            line.setData([begin[0], near[0]], [begin[1], near[1]])
            boxes.append([x, top, x + wide, top + each])
        return np.array(boxes)

    # The mouse

    def _on_mouse(self, at: QPointF) -> None:
        """Show the values of the point under the mouse."""
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
            self._fit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole chart again."""
        self._fit()
