"""Arrays in frames: the pictures that scenes are made of, with caption and range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.cell_marks import paint_seams
from gui.paint.cell_numbers import paint_numbers
from gui.paint.grid import Grid
from gui.paint.heatmap import HeatMap, MapKind, Scale, choose_map, choose_scale
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.paint.values import is_drawable, number_text

Array = np.ndarray[Any, Any]
CENTRE = Qt.AlignmentFlag.AlignHCenter
RIGHT = Qt.AlignmentFlag.AlignRight
BOLD = QFont.Weight.DemiBold
MOST_NUMBERS = 200  # cells with their numbers; more would take longer than a frame to paint


def matrix_of(array: Array) -> Array:
    """(N, ...) as (N, M); a vector as a row."""
    if array.dtype.kind == "c":
        array = np.abs(array)
    if array.ndim <= 1:
        return array.reshape(1, -1)
    return array.reshape(array.shape[0], -1)


def scale_of(values: Array, features: int | None = None) -> Scale:
    """The colours that suit an array: ink, activations, or red and blue around 0."""
    return choose_scale(values, choose_map(values, features))


def widened(values: Array) -> Scale:
    """A signed scale to the largest magnitude, so that no cell is clipped."""
    finite = np.abs(values[np.isfinite(values)]) if values.dtype.kind == "f" else np.abs(values)
    most = float(finite.max()) if finite.size else 0.0
    return Scale(MapKind.SIGNED, -most or -1.0, most or 1.0)


def range_of(values: Any) -> str:
    """`−0.14 … 0.16`; `all 0`-like arrays as one number; "NaN" where nothing is finite."""
    if not is_drawable(values):
        return ""
    finite = values[np.isfinite(values)]
    if finite.size == 0:
        return "NaN"
    low, high = number_text(finite.min().item()), number_text(finite.max().item())
    return low if low == high else f"{low} … {high}"


class Frames:
    """Paints arrays; each frame has a key and remembers its picture."""

    def __init__(self) -> None:
        self._maps: dict[str, HeatMap] = {}
        self._digits: dict[str, tuple[Array, tuple[int, ...], Array]] = {}

    def paint(
        self,
        painter: QPainter,
        key: str,
        rect: QRectF,
        values: Array,
        scale: Scale,
        theme: Theme,
        border: QColor | str = "",
        numbers: bool = True,
    ) -> None:
        """A matrix in a frame; the numbers in its cells where they fit."""
        heat = self._maps.setdefault(key, HeatMap())
        heat.paint(painter, rect, values, scale, theme)
        rows, columns = values.shape
        if numbers and values.size <= MOST_NUMBERS:
            grid = Grid(rows, columns, rect.width(), rect.height(), capped=False)
            paint_numbers(painter, rect, values, scale, grid, theme)
        outline(painter, rect, border or theme.strong, 2 if border else 1)

    def digits(
        self, painter: QPainter, key: str, rect: QRectF, images: Array, theme: Theme, most: int = 9
    ) -> QRectF:
        """As many images as fit well, side by side in rows; returns where they are."""
        count = min(len(images), most)
        across = max(1, min(count, round((count * rect.width() / max(rect.height(), 1)) ** 0.5)))
        down = -(-count // across)
        side = min(rect.width() / across, rect.height() / down)
        known = self._digits.get(key)
        if known is None or known[0] is not images or known[1] != (across, count):
            known = self._digits[key] = (images, (across, count), _tiled(images[:count], across))
        area = QRectF(0, 0, side * across, side * down)
        area.moveCenter(rect.center())
        scale = Scale(MapKind.PIXELS, 0.0, 1.0)
        self.paint(painter, key, area, known[2], scale, theme, numbers=False)
        rows, columns = known[2].shape
        grid = Grid(rows, columns, area.width(), area.height(), capped=False)
        paint_seams(painter, area, grid, (images.shape[1], images.shape[2]), theme)
        return area


def _tiled(images: Array, across: int) -> Array:
    """(n, rows, columns) uint8 as a matrix of pictures, 0 to 1."""
    count, rows, columns = images.shape
    down = -(-count // across)
    tiles = np.zeros((down * across, rows, columns), np.float32)
    tiles[:count] = images / 255 if images.dtype.kind in "ui" else images
    rows_of_tiles = tiles.reshape(down, across, rows, columns).transpose(0, 2, 1, 3)
    return np.ascontiguousarray(rows_of_tiles.reshape(down * rows, across * columns))


def outline(painter: QPainter, rect: QRectF, colour: QColor | str, width: float = 1) -> None:
    """A border around a picture."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colour), width))
    painter.drawRect(rect)


def arrow(
    painter: QPainter, start: QPointF, end: QPointF, colour: QColor | str, dashed: bool = False
) -> None:
    """An arrow along a row or a column."""
    style = Qt.PenStyle.DotLine if dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(QColor(colour), 1.5 if dashed else 2.5, style, Qt.PenCapStyle.FlatCap))
    line = QLineF(start, end)
    length = max(line.length(), 0.01)
    ahead = (end - start) / length
    aside = QPointF(-ahead.y(), ahead.x()) * 5
    neck = end - ahead * 8
    painter.drawLine(QLineF(start, neck))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPolygon(QPolygonF([end, neck + aside, neck - aside]))


def draw_parts(
    painter: QPainter, place: QRectF, parts: Sequence[tuple[str, Face, QColor | str]]
) -> float:
    """Texts one after another in a line, the last one elided; returns where they end."""
    x = place.left()
    for text, face, colour in parts:
        room = place.right() - x
        if room <= 0:
            break
        width = min(face.width(text), room)
        draw_text(painter, QRectF(x, place.top(), width + 1, place.height()), text, face, colour)
        x += width
    return x


def title(painter: QPainter, place: QRectF, name: str, detail: str, theme: Theme) -> None:
    """A name in the code's font and, where it fits, a grey detail at the right."""
    face, small = code_face(13, BOLD), ui_face(12)
    draw_text(painter, place, name, face, theme.text)
    rest = place.adjusted(min(face.width(name), place.width()) + px(8), 0, 0, 0)
    if detail and small.width(detail) <= rest.width():
        draw_text(painter, rest, detail, small, theme.text2, RIGHT)
