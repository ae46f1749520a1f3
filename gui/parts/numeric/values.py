"""A parameter's gradient by two methods: side by side, their difference, and its relative error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.numeric import Method
from engine.numeric.check import FLOOR, relative_errors
from gui.parts.arrow_box import ArrowBox
from gui.parts.heatmap import MapKind, Scale, choose_scale
from gui.parts.numeric.methods import short_name_of
from gui.parts.tiles import Tile, TileCanvas
from gui.parts.values import number_text, shape_text
from gui.theme import Theme, code_font, ui_font
from gui.view import Table

Array = np.ndarray[Any, Any]
GAP = 12.0
DECADES = 8  # of relative errors that the colours tell apart


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """All in one row."""
    count = max(len(tiles), 1)
    w = (width - GAP * (count + 1)) / count
    return [QRectF(GAP + n * (w + GAP), 2, w, height - 6) for n in range(len(tiles))]


class ValuesPane(QWidget):
    """Four heat maps of one parameter, which can be chosen, as can the method.

    Signals:
        chosen: another parameter or method is to be shown.
    """

    chosen = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._drawn: tuple[Any, ...] = ()
        self._tables: list[Table] = []
        self.parameter = ArrowBox(theme)
        self.parameter.setAccessibleName(self.tr("Parameter that is shown"))
        self.method = ArrowBox(theme)
        self.method.setAccessibleName(self.tr("Method whose gradient is shown"))
        self.canvas = TileCanvas(theme, arrange)
        self.canvas.setAccessibleName(self.tr("Numerical gradient beside backpropagation's"))
        self._under = QLabel()
        self._under.setProperty("role", "hint")
        self._under.setFont(code_font(11))
        self._under.setMinimumWidth(10)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        for box in (self.parameter, self.method):
            box.setFont(ui_font(12))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.activated.connect(self._on_activated)
            row.addWidget(box)
        row.addWidget(self._under, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row)
        column.addWidget(self.canvas, 1)
        self.canvas.pointed.connect(self._on_pointed)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.canvas.set_theme(theme)
        for box in (self.parameter, self.method):
            box.theme = theme
            box.update()

    def offer(self, parameters: Sequence[str], methods: Sequence[Method]) -> None:
        """Offer these; what was chosen stays where it is among them."""
        names = [short_name_of(method) for method in methods]
        values = (*parameters,), (*parameters,)
        for box, texts, data in (
            (self.parameter, *values),
            (self.method, tuple(names), tuple(methods)),
        ):
            there = [box.itemData(n) for n in range(box.count())]
            if there == list(data):
                continue
            kept = box.currentData()
            box.clear()
            for text, value in zip(texts, data, strict=True):
                box.addItem(text, value)
            box.setCurrentIndex(max(box.findData(kept), 0))

    def show_method(self, method: Method) -> None:
        """Choose a method, if it is offered."""
        place = self.method.findData(method)
        if place >= 0:
            self.method.setCurrentIndex(place)

    def show_values(
        self, numeric: Mapping[str, Array], backprop: Mapping[str, Array], words: str
    ) -> None:
        """Draw the chosen parameter; NaN in `numeric` is what is not known yet."""
        name = self.parameter.currentData()
        if name is None or name not in backprop:
            self._tables = []
            self.canvas.show_tiles([self._missing()])
            return
        right = np.asarray(backprop[name], np.float64)
        left = np.asarray(numeric.get(name, np.full(right.shape, np.nan)), np.float64)
        known = ~np.isnan(left)
        found = np.where(known, left, 0.0)
        off = np.where(known, found - right, 0.0)
        floor = FLOOR * float(np.abs(right).max(initial=0))
        error = np.where(known, relative_errors(right, found, floor), 0.0)
        self._tables = [
            Table(f"{name} {text}", values) for text, values in
            ((self.tr("numeric"), left), (self.tr("backprop"), right),
             (self.tr("difference"), np.where(known, off, np.nan)))
        ]  # fmt: skip
        scale = choose_scale(right, MapKind.SIGNED)
        share = int(100 * np.count_nonzero(known) / max(known.size, 1))
        done = self.tr("{0} % done").format(share)
        self.canvas.show_tiles([
            self._tile("numeric", self.tr("numeric"), done, name, found, scale, known),
            self._tile("backprop", self.tr("backprop"), self.tr("one pass"), name, right, scale),
            self._tile("difference", self.tr("difference"), self.tr("own scale"), name, off,
                       choose_scale(off, MapKind.SIGNED), known),
            self._error_tile(name, error, known),
        ])  # fmt: skip
        self._words = f"{shape_text(right.shape)}   {words}"
        self._on_pointed()

    def tables(self) -> list[Table]:
        """What is drawn."""
        return self._tables

    _words = ""

    def _missing(self) -> Tile:
        text = self.tr("not yet: press Start")
        return Tile("missing", self.tr("numeric"), missing=(text, None))

    def _tile(
        self, id: str, title: str, hint: str, name: str, values: Array, scale: Scale,
        known: Array | None = None,
    ) -> Tile:  # fmt: skip
        shown, turned = self._laid(values)
        mask = None if known is None or known.all() else self._laid(known)[0]

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
        there = log[known] if known.any() else np.array([-DECADES, 0.0])
        high = float(np.ceil(there.max()))
        scale = Scale(MapKind.ERROR, max(float(np.floor(np.median(there))) - 2, high - DECADES),
                      high)  # fmt: skip
        if scale.high - scale.low < 1:
            scale = Scale(MapKind.ERROR, high - 1, high)
        title = self.tr("relative error")
        tile = self._tile("error", title, self.tr("log"), name, log, scale, known)
        tile.truth = self._laid(error)[0]
        return tile

    def _laid(self, values: Array) -> tuple[Array, bool]:
        """As it is drawn: a matrix, turned where that suits the room."""
        matrix = np.atleast_2d(values.reshape(values.shape[0], -1) if values.ndim > 2 else values)
        wide = self.canvas.width() / 4 > self.canvas.height()
        turned = wide and values.ndim == 2 and matrix.shape[0] > 2 * matrix.shape[1]
        return (matrix.T if turned else matrix), turned

    def _on_pointed(self, *_: object) -> None:
        self._under.setText(self.canvas.cell_text() or self._words)

    def _on_activated(self, _: int) -> None:
        self.chosen.emit()


def worst_text(numeric: float, backprop: float) -> str:
    """`numeric −1.0e−7   backprop −1.0e−7`."""
    return f"numeric {number_text(numeric, 6)}   backprop {number_text(backprop, 6)}"
