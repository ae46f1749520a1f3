"""The curves of a run: the loss of every minibatch, and the accuracy on the test set.

It is apart from the view, since importing pyqtgraph would delay the first window.
A curve is reduced to its pixels before pyqtgraph gets it, so that a million points cost no more
than a thousand. Pens are one pixel wide above 5,000 points; wider ones take ten times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.debug.snapshots.snapshot import RunHistory
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.paint.plots.batch_plot import AVERAGE, LEAST_LOSS, LONG, X_NAME_HEIGHT, PercentAxis, Plot
from gui.paint.plots.curves import MovingAverage, decimate, same_run
from gui.paint.plots.loss_gaps import LossGaps
from gui.paint.text import code_face
from gui.paint.values import number_text

_SHARES = 3, 2  # of the width, for loss and accuracy
CIRCLES = 60  # the most points of the test set that are drawn
TRAVEL_MS = 40  # between two positions that a drag requests
GAP = 4  # pixels between the cursor's line and its text
EDGE = 9  # pixels beyond 0 and 100 %, and before batch 0, in which their labels have room


class LossPlots(QWidget):
    """Loss at the left, test accuracy at the right; both share the horizontal axis."""

    batch_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._history: RunHistory | None = None
        self._batch = 0
        self._known = True
        self._log = False
        self._fitted = True
        self._fitting = False
        self._wanted: int | None = None  # where the line is being dragged
        self._travel = QTimer(self, interval=TRAVEL_MS, singleShot=True)
        self._travel.timeout.connect(self._on_travel)
        self._average = MovingAverage(AVERAGE)
        self._tested: tuple[object, ...] = ()
        self._averages = np.empty(0)
        self._titles = [QLabel(), QLabel()]
        self.loss, self.accuracy = Plot(), Plot(PercentAxis("left"))
        self.loss.setAccessibleName(self.tr("Loss of each batch"))
        self.accuracy.setAccessibleName(self.tr("Accuracy on the test set"))
        self.accuracy.setXLink(self.loss)
        layout = QHBoxLayout(self)
        self._columns = layout
        layout.setContentsMargins(4, 0, 12, 4)
        layout.setSpacing(16)
        for plot, title, share in zip(
            (self.loss, self.accuracy), self._titles, _SHARES, strict=True
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
        self.accuracy.getViewBox().sigResized.connect(self._fit_accuracy)
        self.accuracy.getViewBox().sigResized.connect(self._draw)
        self.set_theme(theme)

    def _make_items(self) -> None:
        self._raw = self.loss.plot([], [], connect="finite")
        self._smooth = self.loss.plot([], [], connect="finite", symbol=None, symbolSize=8)
        self._test = self.loss.plot([], [], pen=None, symbol="o", symbolSize=7)
        self._percent = self.accuracy.plot([], [], symbol="o", symbolSize=7)
        self._tag = pg.TextItem(anchor=(0, 0))
        self._share = pg.TextItem(anchor=(0, 0))
        self._cursors = []
        for plot, text in ((self.loss, self._tag), (self.accuracy, self._share)):
            cursor = pg.InfiniteLine(angle=90)
            cross = pg.InfiniteLine(angle=90)
            cross.hide()
            for item in (cursor, cross, text):
                item.setZValue(10)
                plot.addItem(item, ignoreBounds=True)
            self._cursors.append((cursor, cross))
        self._gaps = LossGaps(self.loss, self.theme)

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
        bold = ui_font(12, QFont.Weight.DemiBold)
        for text in (self._tag, self._share):
            text.setColor(theme.panel)
            text.fill = pg.mkBrush(theme.text)
            text.setFont(bold)
        self._gaps.set_theme(theme)
        self._say_titles()
        self._draw()

    def show_accuracy(self, shown: bool) -> None:
        """Show the plot of the test set, or leave it out where there is none."""
        if self.accuracy.isHidden() == shown:
            self.accuracy.setVisible(shown)
            self._titles[1].setVisible(shown)
            self._columns.setStretch(1, _SHARES[1] if shown else 0)
            self._say_titles()

    def set_log(self, log: bool) -> None:
        """Make the loss axis logarithmic or linear."""
        self._log = log
        self.loss.setLogMode(False, log)
        self._draw()

    def fit(self) -> None:
        """Show the whole run, and go on doing so while it grows."""
        self._fitted = True
        self._draw()

    def show_history(self, history: RunHistory) -> None:
        """Draw a run as far as it has come."""
        if not same_run(history, self._history):
            self._history = history
            finite = np.isfinite(history.losses)
            self._averages = np.where(finite, self._average.of(history.losses), np.nan)
            self._gaps.show(history.losses)
            self._draw()

    def show_batch(self, batch: int, known: bool = True) -> None:
        """Move the cursor's line to a batch, unless it is being dragged.

        `known`: whether the batch's loss is known at the cursor.
        """
        if not (self.loss.dragging or self.accuracy.dragging):
            self._move_cursor(batch, known)

    def _move_cursor(self, batch: int, known: bool) -> None:
        self._batch, self._known = batch, known
        self._draw_cursor()

    def _draw(self) -> None:
        """Set the curves' points for the run and the current width."""
        history = self._history
        if history is None or not history.reach or self._fitting:
            return
        reach, box = history.reach, self.loss.getViewBox()
        if self._fitted:
            # The axis and the plot beside it follow the signal; we have no need to draw again.
            self._fitting = True
            beside = self.accuracy.getViewBox().width()
            narrow = max(box.width() if self.accuracy.isHidden() else min(box.width(), beside), 50)
            # Half of the last label has to have room beyond the last batch.
            beyond = code_face(11).width(str(reach)) / 2 + px(3)
            end = reach * max(1.04, 1 + beyond / max(narrow - beyond - px(EDGE), 1))
            box.setXRange(-max(px(EDGE) * end / narrow, 0.04), end, padding=0)
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
        new = (
            history.test_batches.tobytes(), tested.tobytes(), history.test_accuracies.tobytes(),
            history.test_parts,
        )  # fmt: skip
        if new != self._tested:
            self._tested = new
            self._draw_tests(history, tested)
        self._fit_heights(np.concatenate([*ys, tested]))
        self._draw_cursor()

    def _draw_tests(self, history: RunHistory, losses: np.ndarray) -> None:
        """Set the measured points; of very many, an even selection that ends with the last."""
        count = len(losses)
        some = np.unique(np.linspace(0, count - 1, min(count, CIRCLES)).round().astype(int))
        finite = some[np.isfinite(losses[some])]  # pyqtgraph warns where there is none that is
        parts = dict(history.test_parts)
        for points, which, ys in (
            (self._test, finite, losses), (self._percent, some, 100 * history.test_accuracies)
        ):  # fmt: skip
            batches = history.test_batches[which]
            sizes = np.array([4 if int(batch) in parts else 7 for batch in batches], dtype=int)
            points.setData(batches, ys[which], symbolSize=sizes)
        self._say_titles()

    def _fit_heights(self, ys: np.ndarray) -> None:
        self._fit_accuracy()
        ys = ys[np.isfinite(ys)]
        if not ys.size:
            return
        low, high = float(ys.min()), float(ys.max())
        if self._log:
            low, high = np.log10(max(low, LEAST_LOSS)), np.log10(max(high, LEAST_LOSS))
        room = 0.08 * (high - low) or 0.1
        self.loss.setYRange(low - room, high + room, padding=0)

    def _fit_accuracy(self) -> None:
        """From 0 to 100 %, and as much more as the labels of both need."""
        height = self.accuracy.getViewBox().height()
        more = 100 * EDGE / max(height - 2 * EDGE, 20)
        self.accuracy.setYRange(-more, 100 + more, padding=0)
        self._draw_cursor()

    def _draw_cursor(self) -> None:
        for plot, (cursor, _) in zip((self.loss, self.accuracy), self._cursors, strict=True):
            plot.cursor_at = float(self._batch)
            cursor.setPos(self._batch)
        history = self._history
        text = self.tr("batch {0}").format(self._batch)
        if history is not None and self._known and self._batch < history.reach:
            text += f"  {number_text(float(history.losses[self._batch]), 4)}"
        self._place(self._tag, self.loss, self._batch, text)
        found = self._measured_before(self._batch)
        share = 0.0
        text = ""
        if found is not None:
            at, share, images = found
            texts = (
                self._share_text(at, share, images, self._batch),
                self._share_text(at, share, None, self._batch),
                self._share_text(at, share, None, at),
            )
            text = self._fitting_one(self._share, self.accuracy, texts)
        self._place(self._share, self.accuracy, self._batch, text, at_top=share < 0.5)
        gaps = self._gaps
        self._place(gaps.name, self.loss, gaps.first, gaps.text(), at_top=False)

    def _place(self, item: Any, plot: Plot, batch: int, text: str, at_top: bool = True) -> None:
        """Put a text beside a batch, at the top or the bottom, where none of it is cut."""
        box = plot.getViewBox()
        (left, right), (low, high) = box.viewRange()
        there = bool(text) and left <= batch <= right and box.width() > 0 and box.height() > 0
        item.setVisible(there)
        if not there:
            return
        item.setText(text)
        size = item.boundingRect()
        across, up = (right - left) / box.width(), (high - low) / box.height()
        x = (batch - left) / across
        beside = x + GAP if x + GAP + size.width() <= box.width() else x - GAP - size.width()
        beside = min(max(beside, 0.0), max(box.width() - size.width(), 0.0))
        y = high if at_top else low + size.height() * up
        item.setPos(left + beside * across, y)

    def _fitting_one(self, item: Any, plot: Plot, texts: Sequence[str]) -> str:
        """The first text for which there is room beside the cursor's line, or at all."""
        box, widths = plot.getViewBox(), []
        for text in texts:
            item.setText(text)
            widths.append(item.boundingRect().width())
        left, right = box.viewRange()[0]
        x = (self._batch - left) / max(right - left, 1e-9) * box.width()
        for room in (max(x, box.width() - x) - GAP, box.width()):
            for text, width in zip(texts, widths, strict=True):
                if width <= room:
                    return text
        return texts[-1]

    def _measured_before(self, batch: int) -> tuple[int, float, int | None] | None:
        """The last measurement at or before a batch: its batch, the share, of how many images."""
        history = self._history
        if history is None:
            return None
        place = int(np.searchsorted(history.test_batches, batch, side="right")) - 1
        if place < 0:
            return None
        at = int(history.test_batches[place])
        return at, float(history.test_accuracies[place]), dict(history.test_parts).get(at)

    def _share_text(self, at: int, share: float, images: int | None, batch: int) -> str:
        """An accuracy in words: where it was measured, if not here, and on how many images."""
        text = f"{100 * share:.1f} %"
        if at != batch:
            text = self.tr("{0} at batch {1}").format(text, at)
        if images is not None:
            text = self.tr("{0}, {1} images").format(text, images)
        return text

    def _say_titles(self, hover: str = "", share: str = "") -> None:
        legend = hover or (
            self.tr("each batch (thin), moving average")
            if self.accuracy.isHidden()
            else self.tr("each batch (thin), moving average, test ○")
        )
        grey = self.theme.text2
        heads = (self.tr("Loss"), self.tr("Test accuracy, %"))
        history = self._history
        if history is None or not len(history.test_accuracies):
            share = self.tr("not measured yet")
        elif not share and history.test_parts:
            share = self.tr("small ○: of {0} images").format(history.test_parts[0][1])
        tails = (legend, share)
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
        found = self._measured_before(batch)
        share = "" if found is None else self._share_text(*found, batch)
        words = self.tr("batch {0}: {1}, average {2}").format(batch, loss, average)
        self._say_titles(words, share)
