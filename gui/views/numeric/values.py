"""A parameter's gradient by two methods: side by side, their difference, and its relative error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QLabel, QWidget

from engine.numeric import Method
from engine.numeric.checks.judge import FLOOR, relative_errors
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, Scale, choose_scale
from gui.paint.tiles.canvas import TileCanvas
from gui.paint.tiles.tile import Tile
from gui.paint.values import shape_text
from gui.views.numeric.methods import short_name_of
from gui.widgets.arrow_box import ArrowBox
from gui.widgets.view import Table

Array = np.ndarray[Any, Any]
GAP = 12.0
TILES = ("numeric", "backprop", "difference", "error")
ALONE = ("numeric", "backprop")  # the picture without a gradient to compare with
LOW = 130  # pixels of height; below this the choosers are beside the maps
ROOMY = 300  # pixels of height; from this on the texts are beneath the maps
NEXT_MS = 25  # ms between drawing two maps
DECADES = 8  # the powers of ten of relative errors that the colours distinguish


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """Place all maps in one row."""
    count = max(len(tiles), 1)
    w = (width - GAP * (count + 1)) / count
    return [QRectF(GAP + n * (w + GAP), 2, w, height - 6) for n in range(len(tiles))]


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The shown parameter's gradient by a method (NaN: not known yet) and by backpropagation.

    `right` is None if backpropagation has no gradient of this shape; `missing` says why.
    """

    name: str
    left: Array
    right: Array | None
    missing: str = ""


class ValuesPane(QWidget):
    """Four heat maps of a parameter's gradient by a method; both can be chosen.

    Signals:
        chosen: the person chose another parameter or method.
    """

    chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.at_work = False  # whether the shown gradient is being computed
        self._shown: _Shown | None = None
        self._tiles: dict[str, Tile] = {}
        self._stale: list[str] = []
        self._next = QTimer(self, interval=NEXT_MS, singleShot=True)
        self._next.timeout.connect(self._refresh_one)
        self.parameter = ArrowBox(theme)
        self.parameter.setAccessibleName(self.tr("Parameter that is shown"))
        self.method = ArrowBox(theme)
        self.method.setAccessibleName(self.tr("Method whose gradient is shown"))
        self.canvas = TileCanvas(theme, arrange)
        self.canvas.setAccessibleName(self.tr("Numerical gradient beside backpropagation's"))
        self._beside, self._below = QLabel(), QLabel()
        for label in (self._beside, self._below):
            label.setProperty("role", "secondary")
            label.setFont(code_font(11))
            label.setMinimumWidth(10)
        self._below.setWordWrap(True)
        self._below.setContentsMargins(12, 0, 12, 4)
        self._below.hide()
        row = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        for box in (self.parameter, self.method):
            box.setFont(ui_font(12))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.activated.connect(self._on_activated)
            row.addWidget(box)
        row.addWidget(self._beside, 1)
        column = self._column = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.canvas, 1)
        column.addWidget(self._below)
        self.canvas.pointed.connect(self._on_pointed)

    def words(self) -> str:
        """The text about the parameter that is shown."""
        return "\n".join(self._lines)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the text if there is room for it; in a low panel at the left."""
        super().resizeEvent(event)
        low = self.height() < px(LOW)
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._column.setDirection(across if low else down)
        self._row.setDirection(down if low else across)
        self._beside.setVisible(not low)
        self._say_lines()

    def _say_lines(self) -> None:
        roomy = self.height() >= px(ROOMY)
        self._below.setText("\n".join(self._lines))
        self._below.setVisible(roomy and bool(self._lines))
        self.canvas.setToolTip("" if roomy else "\n".join(self._lines))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.canvas.set_theme(theme)
        for box in (self.parameter, self.method):
            box.theme = theme
            box.update()

    def offer(self, parameters: Sequence[str], methods: Sequence[Method]) -> None:
        """Offer these parameters and methods; a choice stays if it is still offered."""
        names = [short_name_of(method) for method in methods]
        values = (*parameters,), (*parameters,)
        for box, texts, data in (
            (self.parameter, *values),
            (self.method, tuple(names), tuple(methods)),
        ):
            offered = [box.itemData(n) for n in range(box.count())]
            if offered == list(data):
                continue
            kept = box.currentData()
            box.clear()
            for text, value in zip(texts, data, strict=True):
                box.addItem(text, value)
            box.setCurrentIndex(max(box.findData(kept), 0))

    def show_method(self, method: Method) -> None:
        """Choose a method if it is offered."""
        place = self.method.findData(method)
        if place >= 0:
            self.method.setCurrentIndex(place)

    def show_values(
        self, numeric: Mapping[str, Array], backprop: Mapping[str, Array], lines: Sequence[str],
        shapes: Mapping[str, tuple[int, ...]] | None = None, missing: str = "",
    ) -> None:  # fmt: skip
        """Draw the chosen parameter; NaN in `numeric` means not known yet.

        Args:
            numeric: the numerical gradients by parameter.
            backprop: backpropagation's gradients by parameter, where comparable.
            lines: the lines of text about the parameter.
            shapes: the shapes of all parameters.
            missing: the reason why `backprop` lacks the chosen parameter.
        """
        self._lines = list(lines)
        self._say_lines()
        name = self.parameter.currentData()
        if name is None or name not in (backprop if shapes is None else shapes):
            self._shown, self._stale = None, []
            self._next.stop()
            self.canvas.show_tiles([self._missing()])
            return
        right = backprop.get(name)
        shape = right.shape if right is not None else (shapes or {})[name]
        left = numeric.get(name)
        if left is None:
            left = np.full(shape, np.nan)
        before = self._shown
        if before is None or (before.name, before.right is right) != (name, True):
            self._tiles = {}
        self._shown = _Shown(name, left, right, missing)
        self._words = shape_text(shape)
        wanted = TILES if right is not None else ALONE
        self._stale = [id for id in wanted if id != "backprop" or id not in self._tiles]
        if self._tiles:
            self._refresh_one()
        else:
            self._refresh_all()

    def refresh(self) -> None:
        """Draw the waiting maps at once."""
        if self._stale:
            self._refresh_all()

    def _refresh_all(self) -> None:
        for id in self._stale:
            self._tiles[id] = self._make(id)
        self._stale = []
        self._show_tiles()

    def _refresh_one(self) -> None:
        """Redraw one map, and the next a little later: together they take more than a frame."""
        if self._stale:
            id = self._stale.pop(0)
            self._tiles[id] = self._make(id)
            self._show_tiles()
        if self._stale:
            self._next.start()

    def _show_tiles(self) -> None:
        self.canvas.show_tiles([self._tiles[id] for id in TILES if id in self._tiles])
        self._on_pointed()

    def _make(self, id: str) -> Tile:
        assert self._shown is not None
        name, left, right = self._shown.name, self._shown.left, self._shown.right
        if right is None:
            return self._make_without_backprop(id, self._shown)
        if id == "backprop":
            scale = choose_scale(right, MapKind.SIGNED)
            return self._tile(id, self.tr("backprop"), self.tr("one pass"), name, right, scale)
        known = ~np.isnan(left)
        found = np.where(known, left, 0.0)
        if id == "numeric":
            share = int(100 * np.count_nonzero(known) / max(known.size, 1))
            done = self.tr("{0} % done").format(share)
            scale = choose_scale(right, MapKind.SIGNED)
            return self._tile(id, self.tr("numeric"), done, name, found, scale, known)
        if id == "difference":
            off = np.where(known, found - right, 0.0)
            scale = choose_scale(off, MapKind.SIGNED)
            return self._tile(
                id, self.tr("difference"), self.tr("own scale"), name, off, scale, known
            )
        floor = FLOOR * float(np.abs(right).max(initial=0))
        error = np.where(known, relative_errors(right, found, floor), 0.0)
        return self._error_tile(name, error, known)

    def _make_without_backprop(self, id: str, shown: _Shown) -> Tile:
        """Make the numerical gradient's tile, and a text in place of the missing gradient."""
        if id == "backprop":
            return Tile("backprop", self.tr("backprop"), missing=(shown.missing, None))
        known = ~np.isnan(shown.left)
        found = np.where(known, shown.left, 0.0)
        scale = choose_scale(found, MapKind.SIGNED)
        return self._tile("numeric", self.tr("numeric"), "", shown.name, found, scale, known)

    def tables(self) -> list[Table]:
        """The maps that are drawn."""
        if self._shown is None:
            return []
        name, left, right = self._shown.name, self._shown.left, self._shown.right
        named = [(self.tr("numeric"), left)]
        if right is not None:
            named += [(self.tr("backprop"), right), (self.tr("difference"), left - right)]
        return [
            Table(f"{name} {text}", values.reshape(len(values), -1) if values.ndim > 2 else values)
            for text, values in named
        ]

    _words = ""
    _lines: Sequence[str] = ()

    def _missing(self) -> Tile:
        text = self.tr("none")
        if self.parameter.count():
            text = self.tr("under way") if self.at_work else self.tr("not yet: press Start")
        return Tile("missing", self.tr("numeric"), missing=(text, None))

    def _tile(
        self, id: str, title: str, hint: str, name: str, values: Array, scale: Scale,
        known: Array | None = None,
    ) -> Tile:  # fmt: skip
        shown, turned = self._laid_out(values)
        mask = None if known is None or known.all() else self._laid_out(known)[0]

        def label(row: int, column: int) -> str:
            if values.ndim == 1:
                return f"{name}[{column}]"
            at = [column, row] if turned else [row, column]
            return f"{name}{at}"

        return Tile(id, title, hint, shown, scale, label_of=label, known=mask, legend=True,
                    array=shown)  # fmt: skip

    def _error_tile(self, name: str, error: Array, known: Array) -> Tile:
        with np.errstate(divide="ignore"):
            log = np.log10(np.maximum(error, 1e-17))
        exponents = log[known] if known.any() else np.array([-DECADES, 0.0])
        high = float(np.ceil(exponents.max()))
        scale = Scale(MapKind.ERROR, max(float(np.floor(np.median(exponents))) - 2, high - DECADES),
                      high)  # fmt: skip
        if scale.high - scale.low < 1:
            scale = Scale(MapKind.ERROR, high - 1, high)
        title = self.tr("relative error")
        tile = self._tile("error", title, self.tr("log"), name, log, scale, known)
        tile.truth = self._laid_out(error)[0]
        return tile

    def _laid_out(self, values: Array) -> tuple[Array, bool]:
        """The matrix to draw, transposed if that suits the room."""
        matrix = np.atleast_2d(values.reshape(values.shape[0], -1) if values.ndim > 2 else values)
        wide = self.canvas.width() / 4 > self.canvas.height()
        turned = wide and values.ndim == 2 and matrix.shape[0] > 2 * matrix.shape[1]
        return (matrix.T if turned else matrix), turned

    def _on_pointed(self, *_: object) -> None:
        self._beside.setText(self.canvas.cell_text() or self._words)

    def _on_activated(self, _: int) -> None:
        self.chosen.emit()
