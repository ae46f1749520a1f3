"""The curves of a run: the loss of every minibatch, and the accuracy on the test set.

Kept apart from the view because it imports pyqtgraph, which takes longer than the first window may.
A curve is shortened to the pixels it has before pyqtgraph sees it, so a million points cost no more
than a thousand. Pens are one pixel wide above 5,000 points; wider ones take ten times as long.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.debug.snapshot import History
from gui.parts.curves import MovingAverage, decimate, same_run
from gui.parts.values import MINUS, number_text
from gui.theme import Theme, code_font, ui_font
from gui.type_scale import px

LONG = 5_000
AVERAGE = 10  # batches: the average follows a fall, and still stills the noise
CIRCLES = 60  # the most points of the test set that are drawn
LEAST_LOSS = 1e-12  # a logarithm is drawn down to here
CLICK = 4  # pixels that a click may move; further is a drag
GRIP = 6  # pixels beside the cursor's line from which it can be dragged
TRAVEL_MS = 40  # from one moment that a drag asks for to the next
X_NAME_HEIGHT = 190  # pixels from which the horizontal axis has room for its name


class Axis(pg.AxisItem):
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


class Plot(pg.PlotWidget):
    """A plot without menus whose horizontal axis is the batch; a click is not a drag.

    The line of the cursor can be dragged; a drag that begins elsewhere pans.
    """

    clicked = Signal(float)  # x in batches
    dragged = Signal(float, bool)  # x in batches of the cursor's line; whether it was let go
    hovered = Signal(object)  # x in batches, or None when the mouse has left

    def __init__(self) -> None:
        axes = {"left": Axis("left"), "bottom": BatchAxis("bottom")}
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
        line = self.getViewBox().mapViewToScene(QPointF(self.cursor_at, 0)).x()
        return abs(self.mapToScene(position.toPoint()).x() - line) <= GRIP

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


class LossPlots(QWidget):
    """Loss at the left, test accuracy at the right; both share the horizontal axis."""

    batch_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._history: History | None = None
        self._batch = 0
        self._known = True
        self._log = False
        self._fitted = True
        self._fitting = False
        self._wanted: int | None = None  # where the line is being dragged
        self._travel = QTimer(self, interval=TRAVEL_MS, singleShot=True)
        self._travel.timeout.connect(self._on_travel)
        self._average = MovingAverage(AVERAGE)
        self._tested: tuple[np.ndarray, ...] = (np.array([-1]),) * 3
        self._averages = np.empty(0)
        self._titles = [QLabel(), QLabel()]
        self.loss, self.accuracy = Plot(), Plot()
        self.loss.setAccessibleName(self.tr("Loss of each batch"))
        self.accuracy.setAccessibleName(self.tr("Accuracy on the test set"))
        self.accuracy.setXLink(self.loss)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 12, 4)
        layout.setSpacing(16)
        for plot, title, share in zip(
            (self.loss, self.accuracy), self._titles, (3, 2), strict=True
        ):
            column = QVBoxLayout()
            column.setSpacing(0)
            title.setFont(ui_font(12))
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)
            title.setMinimumWidth(40)
            column.addWidget(title)
            column.addWidget(plot, 1)
            layout.addLayout(column, share)
            plot.clicked.connect(self._on_clicked)
            plot.dragged.connect(self._on_dragged)
            plot.hovered.connect(self._on_hovered)
            plot.getViewBox().sigRangeChangedManually.connect(self._on_zoomed)
            plot.axes["bottom"].setLabel(self.tr("batch"))
        self._make_items()
        self.loss.getViewBox().sigResized.connect(self._draw)
        self.loss.getViewBox().sigXRangeChanged.connect(self._draw)
        self.set_theme(theme)

    def _make_items(self) -> None:
        self._raw = self.loss.plot([], [], connect="finite")
        self._smooth = self.loss.plot([], [], connect="finite", symbol=None, symbolSize=8)
        self._test = self.loss.plot([], [], pen=None, symbol="o", symbolSize=7)
        self._percent = self.accuracy.plot([], [], symbol="o", symbolSize=7)
        self._tag = pg.TextItem()
        self._last = pg.TextItem(anchor=(1, 1))
        self._cursors = []
        for plot, text in ((self.loss, self._tag), (self.accuracy, self._last)):
            cursor = pg.InfiniteLine(angle=90)
            cross = pg.InfiniteLine(angle=90)
            cross.hide()
            for item in (cursor, cross, text):
                item.setZValue(10)
                plot.addItem(item, ignoreBounds=True)
            self._cursors.append((cursor, cross))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.loss.dress(theme)
        self.accuracy.dress(theme)
        for cursor, cross in self._cursors:
            cursor.setPen(pg.mkPen(theme.text, width=1.5))
            cross.setPen(pg.mkPen(theme.text3, style=Qt.PenStyle.DashLine))
        for points in (self._test, self._percent):
            points.setSymbolPen(pg.mkPen(theme.accent, width=1.5))
            points.setSymbolBrush(QColor(theme.panel))
        self._smooth.setSymbolPen(None)
        self._smooth.setSymbolBrush(QColor(theme.accent))
        self._percent.setPen(pg.mkPen(theme.accent, width=2))
        self._last.setColor(theme.text)
        self._tag.setColor(theme.panel)
        self._tag.fill = pg.mkBrush(theme.text)
        bold = ui_font(12, QFont.Weight.DemiBold)
        for text in (self._tag, self._last):
            text.setFont(bold)
        self._say_titles()
        self._draw()

    def set_log(self, log: bool) -> None:
        """Make the loss axis logarithmic or linear."""
        self._log = log
        self.loss.setLogMode(False, log)
        self._draw()

    def fit(self) -> None:
        """Show the whole run, and go on doing so while it grows."""
        self._fitted = True
        self._draw()

    def show_history(self, history: History) -> None:
        """Draw a run as far as it has come."""
        if not same_run(history, self._history):
            self._history = history
            self._averages = self._average.of(history.losses)
            self._draw()

    def show_batch(self, batch: int, known: bool = True) -> None:
        """Put the cursor's line at a batch, whose loss is `known` where the cursor is in it.

        While a person drags it, it stays in their hand.
        """
        if not (self.loss.dragging or self.accuracy.dragging):
            self._move_cursor(batch, known)

    def _move_cursor(self, batch: int, known: bool) -> None:
        self._batch, self._known = batch, known
        self._draw_cursor()

    def _draw(self) -> None:
        """Set what the curves show of the run, as wide as they are now."""
        history = self._history
        if history is None or not history.reach or self._fitting:
            return
        reach, box = history.reach, self.loss.getViewBox()
        if self._fitted:
            # The axis and the plot beside it follow the signal; we have no need to draw again.
            self._fitting = True
            box.setXRange(-max(0.01 * reach, 0.04), 1.04 * reach, padding=0)
            self._fitting = False
        low, high = box.viewRange()[0]
        first = min(max(int(low) - 1, 0), reach - 1)
        last = max(min(int(high) + 2, reach), first + 1)
        points = max(50, int(box.width()))
        ys = []
        for curve, values in ((self._raw, history.losses), (self._smooth, self._averages)):
            x, y = decimate(values, first, last, points)
            y = np.where(np.isfinite(y), y, np.nan)
            ys.append(np.maximum(y, LEAST_LOSS) if self._log else y)
            curve.setData(x, ys[-1])
        wide = last - first <= LONG
        self._raw.setPen(pg.mkPen(self.theme.text3, width=1))
        self._smooth.setSymbol("o" if reach == 1 else None)  # a line needs two points
        self._smooth.setPen(pg.mkPen(self.theme.accent, width=2 if wide else 1))
        tested = np.maximum(history.test_losses, LEAST_LOSS)
        new = (history.test_batches, tested, history.test_accuracies)
        if not all(map(np.array_equal, new, self._tested)):
            self._tested = new
            self._draw_tests(history, tested)
        self._fit_heights(np.concatenate([*ys, tested]))
        self._draw_cursor()

    def _draw_tests(self, history: History, losses: np.ndarray) -> None:
        """Set the points that were measured; of very many a spread that ends with the last."""
        count = len(losses)
        some = np.unique(np.linspace(0, count - 1, min(count, CIRCLES)).round().astype(int))
        finite = some[np.isfinite(losses[some])]  # pyqtgraph warns where there is none that is
        self._test.setData(history.test_batches[finite], losses[finite])
        self._percent.setData(history.test_batches[some], history.test_accuracies[some] * 100)
        self._say_titles()

    def _fit_heights(self, ys: np.ndarray) -> None:
        self.accuracy.setYRange(0, 104, padding=0)
        ys = ys[np.isfinite(ys)]
        if not ys.size:
            return
        low, high = float(ys.min()), float(ys.max())
        if self._log:
            low, high = np.log10(max(low, LEAST_LOSS)), np.log10(max(high, LEAST_LOSS))
        room = 0.08 * (high - low) or 0.1
        self.loss.setYRange(low - room, high + room, padding=0)
        last = self._history.test_accuracies if self._history else ys[:0]
        self._last.setVisible(len(last) > 0)
        if len(last) and self._history is not None:
            self._last.setText(self.tr("{0} %").format(f"{100 * last[-1]:.1f}"))
            below = last[-1] > 0.6
            self._last.setAnchor((1, 0) if below else (1, 1))
            self._last.setPos(float(self._history.test_batches[-1]), 100 * float(last[-1]))

    def _draw_cursor(self) -> None:
        for plot, (cursor, _) in zip((self.loss, self.accuracy), self._cursors, strict=True):
            plot.cursor_at = float(self._batch)
            cursor.setPos(self._batch)
        history = self._history
        box = self.loss.getViewBox()
        (left, right), (_, top) = box.viewRange()
        text = self.tr("batch {0}").format(self._batch)
        if history is not None and self._known and self._batch < history.reach:
            text += f"  {number_text(float(history.losses[self._batch]), 4)}"
        self._tag.setText(text)
        self._tag.setAnchor((1.04, 0) if self._batch > (left + right) / 2 else (-0.04, 0))
        self._tag.setPos(self._batch, top)
        self._tag.setVisible(left <= self._batch <= right)

    def _say_titles(self, hover: str = "") -> None:
        legend = hover or self.tr("each batch (thin), moving average, test ○")
        grey = self.theme.text2
        heads = (self.tr("Loss"), self.tr("Test accuracy, %"))
        measured = self._history is not None and len(self._history.test_accuracies) > 0
        tails = (legend, "" if measured else self.tr("not measured yet"))
        for label, head, tail in zip(self._titles, heads, tails, strict=True):
            label.setText(f'<b>{head}</b> &nbsp;<span style="color:{grey}">{tail}</span>')

    def resizeEvent(self, event: Any) -> None:
        """Give the horizontal axis its name where there is room for it."""
        super().resizeEvent(event)
        for plot in (self.loss, self.accuracy):
            named = self.height() >= px(X_NAME_HEIGHT)
            plot.axes["bottom"].showLabel(named)
            # An axis that chooses its own height is laid out, and painted, twice.
            plot.axes["bottom"].setHeight(px(38 if named else 22))

    def _on_zoomed(self) -> None:
        self._fitted = False

    def _on_clicked(self, x: float) -> None:
        if self._history is not None and self._history.reach:
            self.batch_chosen.emit(min(max(round(x), 0), self._history.reach))

    def _on_dragged(self, x: float, let_go: bool) -> None:
        """Travel with the line: at most so often, and in the end to where it was let go."""
        if self._history is None or not self._history.reach:
            return
        self._wanted = min(max(round(x), 0), self._history.reach)
        self._move_cursor(self._wanted, self._wanted < self._history.reach)
        if let_go:
            self._travel.stop()
            self._on_travel()
        elif not self._travel.isActive():
            self._travel.start()

    def _on_travel(self) -> None:
        if self._wanted is not None:
            self.batch_chosen.emit(self._wanted)
            self._wanted = None

    def _on_hovered(self, x: float | None) -> None:
        history = self._history
        inside = x is not None and history is not None and 0 <= round(x) < history.reach
        for _, cross in self._cursors:
            cross.setVisible(inside)
        if not inside or history is None or x is None:
            self._say_titles()
            return
        batch = round(x)
        for _, cross in self._cursors:
            cross.setPos(batch)
        loss, average = (number_text(float(v[batch]), 4) for v in (history.losses, self._averages))
        self._say_titles(self.tr("batch {0}: {1}, average {2}").format(batch, loss, average))
