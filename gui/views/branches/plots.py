"""The losses of all branches in one plot; the part that branches share is drawn once.

Kept apart from the view because it imports pyqtgraph, which takes longer than the first window may.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.debug.snapshots.snapshot import BranchState
from gui.look.theme import Theme, mix, ui_font
from gui.look.type_scale import px
from gui.paint.plots.batch_plot import AVERAGE, LEAST_LOSS, LONG, X_NAME_HEIGHT, Plot
from gui.paint.plots.curves import MovingAverage, decimate
from gui.paint.text import draw_text, ui_face
from gui.paint.values import number_text
from gui.views.branches.look import Look, look_of
from gui.widgets.elided_label import ElidedLabel

Array = np.ndarray[Any, Any]
LABEL, SWATCH, GAP = 16, 22, 6  # pixels: height of a name, length of its line, between the two
MOST_LABEL = 190
FAINT = 0.45  # opacity of a curve's single batches


@dataclass(eq=False)
class _Curve:
    """A branch on the screen: its average, its single batches, and the circle where it leaves."""

    state: BranchState
    average: MovingAverage
    values: Array
    line: pg.PlotDataItem
    single: pg.PlotDataItem
    leaves: pg.PlotDataItem
    dressed: tuple[object, ...] = ()
    left: Array = field(default_factory=lambda: np.empty(0))  # position of the circle

    @property
    def start(self) -> int:
        """The first batch to draw: the last one shared with the parent, to join the curves."""
        return max(self.state.batch - 1, 0) if self.state.parent is not None else 0


@dataclass(frozen=True, slots=True)
class Label:
    """The name of a curve, with the height of the curve's end and of the name."""

    name: str
    look: Look
    end: float
    strong: bool


class Names(QWidget):
    """Draws the curves' names beside their ends, each with a piece of its line."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._labels: tuple[Label, ...] = ()

    def show_labels(self, labels: Sequence[Label], theme: Theme) -> None:
        """Show these names, from top to bottom."""
        self._theme, self._labels = theme, tuple(sorted(labels, key=lambda label: label.end))
        self.setAccessibleName(", ".join(label.name for label in self._labels))
        self.setToolTip("\n".join(label.name for label in self._labels))
        widths = [_face(label.strong).width(label.name) for label in self._labels]
        wanted = SWATCH + GAP + 4 + round(max(widths, default=0))
        around = self.parentWidget()
        share = around.width() // 3 if around is not None else wanted
        self.setFixedWidth(min(wanted, px(MOST_LABEL), share))
        self.update()

    def places(self) -> list[float]:
        """The vertical middle of each name: beside its curve's end if there is room."""
        places: list[float] = []
        for label in self._labels:
            above = places[-1] + px(LABEL) if places else px(LABEL) / 2
            places.append(max(label.end, above))
        below = self.height() - px(LABEL) / 2
        for number in range(len(places) - 1, -1, -1):
            places[number] = min(places[number], below)
            below = places[number] - px(LABEL)
        return places

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the names; if not all fit, the last line says how many are missing."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = max(self.height() // px(LABEL), 1)
        labels, places = self._labels, self.places()
        if len(labels) > room:
            chosen = sorted(range(len(labels)), key=lambda n: (not labels[n].strong, n))
            kept = sorted(chosen[: room - 1])
            more = self.tr("+ {0} more").format(len(labels) - len(kept))
            labels = tuple(labels[n] for n in kept)
            places = [px(LABEL) * (n + 0.5) for n in range(len(kept))]
            rect = QRectF(SWATCH + GAP, px(LABEL) * len(kept), self.width(), px(LABEL))
            draw_text(painter, rect, more, _face(False), self._theme.text3)
        for label, place in zip(labels, places, strict=True):
            painter.setPen(label.look.pen(2.0 if label.strong else 1.0))
            middle = round(place) + (0.0 if label.strong else 0.5)  # a sharp line
            painter.drawLine(QPointF(0, middle), QPointF(SWATCH, middle))
            left = SWATCH + GAP
            face, width = _face(label.strong), self.width() - left
            text = face.metrics.elidedText(label.name, Qt.TextElideMode.ElideMiddle, width)
            rect = QRectF(left, place - px(LABEL) / 2, width, px(LABEL))
            draw_text(painter, rect, text, face, label.look.colour)


def _face(strong: bool) -> Any:
    return ui_face(12, QFont.Weight.DemiBold if strong else QFont.Weight.Normal)


class BranchPlots(QWidget):
    """The curves with their names at the right; above them the title and the controls.

    Signals:
        batch_chosen: the person wants to go to this batch.
    """

    batch_chosen = Signal(int)

    def __init__(
        self, theme: Theme, controls: Sequence[QWidget] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self._curves: dict[int, _Curve] = {}
        self._strong: frozenset[int] = frozenset()
        self._batch, self._reach = 0, 0  # the present branch's
        self._log = False
        self._fitted, self._fitting = True, False
        self.plot = Plot()
        self.plot.setAccessibleName(self.tr("Losses of all branches"))
        self.plot.axes["bottom"].setLabel(self.tr("batch"))
        self.names = Names(theme)
        self._head = ElidedLabel()
        self._head.setFont(ui_font(12))
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.plot, 1)
        row.addWidget(self.names)
        top = QHBoxLayout()
        top.setSpacing(GAP)
        top.addWidget(self._head, 1)
        for control in controls:
            top.addWidget(control)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 0, 8, 4)
        column.setSpacing(0)
        column.addLayout(top)
        column.addLayout(row, 1)
        self._cursor, self._cross = pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90)
        self._cross.hide()
        for line in (self._cursor, self._cross):
            line.setZValue(10)
            self.plot.addItem(line, ignoreBounds=True)
        box = self.plot.getViewBox()
        box.disableAutoRange()
        box.sigResized.connect(self._draw)
        box.sigXRangeChanged.connect(self._draw)
        box.sigRangeChangedManually.connect(self._on_zoomed)
        self.plot.clicked.connect(self._on_clicked)
        self.plot.dragged.connect(self._on_dragged)
        self.plot.hovered.connect(self._on_hovered)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.plot.dress(theme)
        self._cursor.setPen(pg.mkPen(theme.text, width=1.5))
        self._cross.setPen(pg.mkPen(theme.text3, style=Qt.PenStyle.DashLine))
        self._say_head()
        self._draw()

    def set_log(self, log: bool) -> None:
        """Make the loss axis logarithmic or linear."""
        self._log = log
        self.plot.setLogMode(False, log)
        self._draw()

    def fit(self) -> None:
        """Show all branches whole, also while they grow."""
        self._fitted = True
        self._draw()

    def show_branches(self, branches: Sequence[BranchState], chosen: frozenset[int]) -> None:
        """Draw these branches; the chosen branches, or else the present one, stand out."""
        current = frozenset(branch.id for branch in branches if branch.current)
        strong = chosen or current
        same = strong == self._strong and len(branches) == len(self._curves)
        if same and all(
            _looks_unchanged(branch, self._curves.get(branch.id)) for branch in branches
        ):
            return
        self._strong = strong
        self._reach = max((branch.reach for branch in branches if branch.current), default=0)
        for gone in set(self._curves) - {branch.id for branch in branches}:
            curve = self._curves.pop(gone)
            for item in (curve.line, curve.single, curve.leaves):
                self.plot.removeItem(item)
        for branch in branches:
            curve = self._curves.get(branch.id) or self._new_curve(branch)
            self._curves[branch.id] = curve
            if curve.state.losses is not branch.losses or not len(curve.values):
                average = curve.average.of(branch.losses)
                curve.values = np.where(np.isfinite(branch.losses), average, np.nan)
            curve.state = branch
        self._draw()

    def show_batch(self, batch: int) -> None:
        """Move the cursor's line to a batch, unless the person is dragging it."""
        if not self.plot.dragging:
            self._move_cursor(batch)

    def labels(self) -> list[Label]:
        """The names of the curves, each with the height of its curve's end."""
        box = self.plot.getViewBox()
        found = []
        for id, curve in self._curves.items():
            end = _last_finite(curve.values)
            y = self._scaled(end) if end is not None else box.viewRange()[1][1]
            place = self.plot.mapFromScene(box.mapViewToScene(QPointF(0, y))).y()
            look = look_of(id, self.theme)
            found.append(Label(curve.state.name, look, float(place), id in self._strong))
        return found

    def _new_curve(self, state: BranchState) -> _Curve:
        items = [
            self.plot.plot([], [], connect="finite", symbol=symbol, symbolSize=8)
            for symbol in (None, None, "o")
        ]
        return _Curve(state, MovingAverage(AVERAGE), np.empty(0), *items)

    def _scaled(self, loss: float) -> float:
        """The position of a loss on the vertical axis."""
        return float(np.log10(max(loss, LEAST_LOSS))) if self._log else loss

    def _draw(self) -> None:
        """Set the curves' data for their current width."""
        longest = max((len(curve.values) for curve in self._curves.values()), default=0)
        if not longest or self._fitting:
            return
        box = self.plot.getViewBox()
        if self._fitted:
            self._fitting = True
            room = max(0.02 * longest, 0.04)
            box.setXRange(-room, longest - 1 + room, padding=0)
            self._fitting = False
        low, high = box.viewRange()[0]
        ys = [
            self._draw_curve(id, curve, low, high, max(50, int(box.width())))
            for id, curve in self._curves.items()
        ]
        self._fit_height(np.concatenate(ys))
        self.names.show_labels(self.labels(), self.theme)

    def _draw_curve(self, id: int, curve: _Curve, low: float, high: float, points: int) -> Array:
        """Draw a curve; returns its visible heights."""
        look, strong = look_of(id, self.theme), id in self._strong
        reach, start = len(curve.values), curve.start
        first = max(int(low) - 1, start)
        last = min(int(high) + 2, reach)
        x, y = decimate(curve.values, first, last, points) if first < last else _NOTHING
        y = np.maximum(y, LEAST_LOSS) if self._log else y
        curve.line.setData(x, y)
        single_x, single_y = _NOTHING
        if strong and first < last:
            single_x, single_y = decimate(curve.state.losses, first, last, points)
            single_y = np.where(np.isfinite(single_y), single_y, np.nan)
            single_y = np.maximum(single_y, LEAST_LOSS) if self._log else single_y
        if strong or curve.single.xData is not None:
            curve.single.setData(single_x, single_y)
        at = curve.values[start : start + 1] if curve.state.parent is not None else _NOTHING[1]
        at = at[np.isfinite(at)]
        at = np.maximum(at, LEAST_LOSS) if self._log else at
        alone = reach - start == 1  # a line needs two points
        self._set_pens(curve, look, strong, strong and last - first <= LONG, alone)
        if not np.array_equal([start, *at], curve.left):
            curve.left = np.array([start, *at])
            curve.leaves.setData([start] * len(at), at)
        return np.concatenate([y, single_y])

    def _set_pens(self, curve: _Curve, look: Look, strong: bool, wide: bool, alone: bool) -> None:
        """Set a curve's colours; each pen that is set costs as much as a drawing."""
        key = (look, self.theme.name, strong, wide, alone)
        if key == curve.dressed:
            return
        curve.dressed = key
        curve.line.setPen(look.pen(2.0 if wide else 1.0))
        curve.line.setZValue(2 if strong else 1)
        curve.line.setSymbol("o" if alone else None)
        curve.line.setSymbolBrush(QColor(look.colour))
        curve.line.setSymbolPen(None)
        curve.single.setPen(pg.mkPen(mix(look.colour, self.theme.panel, FAINT), width=1))
        curve.leaves.setPen(None)
        curve.leaves.setSymbolBrush(QColor(self.theme.panel))
        curve.leaves.setSymbolPen(pg.mkPen(look.colour, width=2))
        curve.leaves.setZValue(3)

    def _fit_height(self, ys: Array) -> None:
        ys = ys[np.isfinite(ys)]
        if not ys.size:
            return
        low, high = self._scaled(float(ys.min())), self._scaled(float(ys.max()))
        room = 0.08 * (high - low) or 0.1
        self.plot.setYRange(low - room, high + room, padding=0)

    def _move_cursor(self, batch: int) -> None:
        self._batch = batch
        self.plot.cursor_at = float(batch)
        self._cursor.setPos(batch)

    def _say_head(self, words: str = "") -> None:
        self._head.setText(words or self.tr("Loss by batch, averaged; ○ leaves"))

    def resizeEvent(self, event: Any) -> None:
        """Name the horizontal axis if there is room."""
        super().resizeEvent(event)
        named = self.height() >= px(X_NAME_HEIGHT)
        self.plot.axes["bottom"].showLabel(named)
        self.plot.axes["bottom"].setHeight(px(38 if named else 22))

    def _on_zoomed(self) -> None:
        self._fitted = False

    def _on_clicked(self, x: float) -> None:
        self.batch_chosen.emit(min(max(round(x), 0), self._reach))

    def _on_dragged(self, x: float, released: bool) -> None:
        """Move the line with the mouse; go to the batch where it is released."""
        self._move_cursor(min(max(round(x), 0), self._reach))
        if released:
            self.batch_chosen.emit(self._batch)

    def _on_hovered(self, x: float | None) -> None:
        batch = round(x) if x is not None else -1
        found = [
            (id not in self._strong, id, f"{c.state.name} {number_text(float(c.values[batch]), 4)}")
            for id, c in self._curves.items()
            if c.start <= batch < len(c.values)
        ]
        self._cross.setVisible(bool(found))
        if not found:
            self._say_head()
            return
        self._cross.setPos(batch)
        words = "   ".join(text for _, _, text in sorted(found))
        self._say_head(self.tr("batch {0}:").format(batch) + f" {words}")


_NOTHING = (np.empty(0), np.empty(0))


def _looks_unchanged(branch: BranchState, curve: _Curve | None) -> bool:
    """Whether two states of a branch are drawn the same."""
    if curve is None:
        return False
    old = curve.state
    now = (branch.name, branch.parent, branch.batch, branch.current)
    before = (old.name, old.parent, old.batch, old.current)
    return branch.losses is old.losses and now == before


def _last_finite(values: Array) -> float | None:
    """The last finite value."""
    good = np.flatnonzero(np.isfinite(values))
    return float(values[good[-1]]) if good.size else None
