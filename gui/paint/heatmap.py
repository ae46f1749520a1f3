"""Heat maps: the colour map and scale of an array, shrinking it to pixels, and painting it.

The scale is kept from step to step: a rescaled axis makes gradients *look* vanished. It is widened
if it would clip more than a few cells, and the view says so. An array that
is larger than its place is shrunk by max-abs pooling in device pixels, so that a single hot cell,
or a single NaN, is never lost; a smaller array is enlarged by nearest neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPolygonF

from gui.look.theme import Theme

Array = np.ndarray[Any, Any]

STEPS = 255  # colours of a map; odd, so that zero has a colour of its own in the middle
NOT_FINITE = 255  # the index after them: NaN and infinities
PERCENTILE = 99.0
MOST_CLIPPED = 0.02  # the share of the cells outside of a kept scale beyond which it is widened
LEAST_INK = 0.3  # squares of gradients, which have the shape of weights, are far smaller
_SAMPLE = 200_000  # of larger arrays the percentile is taken from every k-th element
_HATCH = 6  # device pixels from one line of the hatching to the next


class MapKind(StrEnum):
    """The kind of values in an array, which decides its colours."""

    SIGNED = "signed"
    PIXELS = "pixels"
    ACTIVATIONS = "activations"
    ERROR = "error"  # powers of ten


class Scale(NamedTuple):
    """The values at the two ends of a colour map."""

    kind: MapKind
    low: float
    high: float


class Clipped(NamedTuple):
    """How many elements lie outside of a scale, and how many are not finite."""

    below: int
    above: int
    not_finite: int


@dataclass(frozen=True, slots=True)
class Viewport:
    """The part of a matrix that is in sight, in cells; the ends are excluded."""

    top: float
    left: float
    bottom: float
    right: float


def choose_map(values: Array, features: int | None = None) -> MapKind:
    """The colour map of an array.

    Signed if any value is negative, or if all are zero (zero is the neutral colour); pixels if all
    lie in 0..1, not all far below 1, and an axis is as long as an image (`features`); else
    activations.
    """
    if values.dtype == bool:
        return MapKind.ACTIVATIONS
    finite = finite_cells(values)
    if finite.size == 0 or finite.min() < 0 or not finite.any():
        return MapKind.SIGNED
    if values.ndim >= 2 and features in values.shape and LEAST_INK <= finite.max() <= 1:
        return MapKind.PIXELS
    return MapKind.ACTIVATIONS


def choose_scale(values: Array, kind: MapKind) -> Scale:
    """The scale that suits an array seen for the first time.

    Signed: symmetric, to the 99th percentile of |v|. Pixels: 0..1. Activations: 0..1 where that is
    their range (the largest lies in 0.5..1), else 0 to the 99th percentile; whole numbers to the
    largest. A percentile of zero gives way to the largest value, and so does that of so few cells
    that a single one is more than `MOST_CLIPPED` of them.
    """
    if kind is MapKind.PIXELS:
        return Scale(kind, 0.0, 1.0)
    magnitude = np.abs(finite_cells(values))
    largest = float(magnitude.max()) if magnitude.size else 0.0
    if largest == 0.0:
        return Scale(kind, -1.0 if kind is MapKind.SIGNED else 0.0, 1.0)
    if kind is MapKind.ACTIVATIONS and (0.5 <= largest <= 1 or values.dtype.kind in "bui"):
        return Scale(kind, 0.0, max(largest, 1.0))
    flat = magnitude.ravel()
    if flat.size * MOST_CLIPPED < 1:
        return Scale(kind, -largest if kind is MapKind.SIGNED else 0.0, largest)
    sample = flat[:: -(-flat.size // _SAMPLE)]
    limit = float(np.percentile(sample, PERCENTILE)) or largest
    return Scale(kind, -limit if kind is MapKind.SIGNED else 0.0, limit)


def count_clipped(values: Array, scale: Scale) -> Clipped:
    """How much of an array a scale does not show."""
    not_finite = values.size - int(np.count_nonzero(np.isfinite(values)))
    below = int(np.count_nonzero(values < scale.low)) - int(np.count_nonzero(values == -np.inf))
    above = int(np.count_nonzero(values > scale.high)) - int(np.count_nonzero(values == np.inf))
    return Clipped(below, above, not_finite)


def max_abs(a: Array, b: Array) -> Array:
    """The element with the larger magnitude; NaN wins."""
    return np.where(np.isnan(a) | (np.abs(a) >= np.abs(b)), a, b)


def shrink(values: Array, starts: Array, axis: int) -> Array:
    """Max-abs pooling of the runs that begin at `starts` (ascending) along an axis."""
    high: Array = np.maximum.reduceat(values, starts, axis=axis)
    if values.size == 0 or not (values < 0).any():
        return high  # maximum propagates NaN
    return max_abs(high, np.minimum.reduceat(values, starts, axis=axis))


def cells_of_pixels(start: float, stop: float, cells: int, pixels: int) -> tuple[Array, bool]:
    """Which cell each device pixel shows when the cells `start` to `stop` fill `pixels`.

    Returns the index of the first cell of every pixel, and whether pixels hold several cells (they
    are then to be pooled: the run of a pixel ends where the next one begins).
    """
    step = (stop - start) / pixels
    shrinks = step > 1
    at = start + (np.arange(pixels) + (0.0 if shrinks else 0.5)) * step
    return np.clip(np.floor(at + 1e-9).astype(np.intp), 0, cells - 1), shrinks


def pool(
    matrix: Array, width: int, height: int, window: Viewport | None = None
) -> tuple[Array, Array, Array]:
    """The part of a matrix in sight, shrunk where cells are smaller than device pixels.

    Returns the pooled matrix, and which of its rows and columns each device pixel shows, (height,)
    and (width,): pooling and colouring first and enlarging last keeps large pictures cheap.
    """
    rows, columns = matrix.shape
    w = window or Viewport(0, 0, rows, columns)
    shows = []
    for axis, start, stop, cells, pixels in (
        (0, w.top, w.bottom, rows, height),
        (1, w.left, w.right, columns, width),
    ):
        first, shrinks = cells_of_pixels(start, stop, cells, pixels)
        end = min(cells, max(int(np.ceil(stop - 1e-9)), int(first[-1]) + 1))
        if shrinks:
            matrix = shrink(matrix[:end] if axis == 0 else matrix[:, :end], first, axis)
            first = np.arange(pixels)
        else:
            begin = int(first[0])
            matrix = matrix[begin:end] if axis == 0 else matrix[:, begin:end]
            first = first - begin
        shows.append(first)
    return matrix, shows[0], shows[1]


def indices(values: Array, scale: Scale) -> Array:
    """The place of each value in its colour map, uint8; `NOT_FINITE` for NaN and infinities."""
    span = scale.high - scale.low or 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        place = (values - scale.low) * ((STEPS - 1) / span)
        place = np.clip(np.rint(place), 0, STEPS - 1)
        place = np.where(np.isfinite(values), place, NOT_FINITE)
        return place.astype(np.uint8)


@lru_cache(maxsize=16)
def colour_table(name: str, reverse: bool, nan_colour: str) -> Array:
    """(256,) uint32 0xffRRGGBB: the map in `STEPS` colours, and that of NaN.

    The maps are P. Kovesi's (CET) and N. Smith's and S. van der Walt's (viridis, inferno), from the
    files in pyqtgraph. They are read here, since importing it would delay the first window.
    """
    spec = find_spec("pyqtgraph")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pyqtgraph, whose colour maps are used, is not installed")
    path = Path(spec.origin).parent / "colors" / "maps" / f"{name}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    rgb = np.array([line.split(",")[:3] for line in lines if line[:1].isdigit()], dtype=float)
    if reverse:
        rgb = rgb[::-1]
    places = np.linspace(0, len(rgb) - 1, STEPS)
    steps = [np.interp(places, np.arange(len(rgb)), channel) for channel in rgb.T]
    red, green, blue = (np.rint(channel * 255).astype(np.uint32) for channel in steps)
    table = np.empty(256, dtype=np.uint32)
    table[:STEPS] = 0xFF000000 | red << 16 | green << 8 | blue
    table[NOT_FINITE] = QColor(nan_colour).rgb()
    return table


def table_for(kind: MapKind, theme: Theme) -> Array:
    """The colours of a kind of array in a theme."""
    name, reverse = {
        MapKind.SIGNED: (theme.signed_map, False),
        MapKind.PIXELS: (theme.pixel_map, theme.pixel_map_reversed),
        MapKind.ACTIVATIONS: (theme.activation_map, False),
        MapKind.ERROR: (theme.error_map, False),
    }[kind]
    return colour_table(name, reverse, theme.nan)


def as_matrix(values: Array) -> Array:
    """An array of at most two axes as a matrix: numbers as 1 × 1, vectors as a row."""
    return np.atleast_2d(values)


def finite_cells(values: Array) -> Array:
    """The finite elements; the array itself where all are."""
    if values.dtype.kind not in "fc":
        return values
    good = np.isfinite(values)
    return values if good.all() else values[good]


def colours(
    values: Array,
    scale: Scale,
    theme: Theme,
    width: int,
    height: int,
    window: Viewport | None = None,
) -> Array:
    """(height, width) uint32 pixels of a matrix; NaN and infinities are hatched."""
    matrix = values.astype(np.float32) if values.dtype.kind in "bui" else values
    pooled, rows, columns = pool(matrix, width, height, window)
    place = indices(pooled, scale)
    pixels = table_for(scale.kind, theme)[place].take(columns, axis=1).take(rows, axis=0)
    bad = place == NOT_FINITE
    if bad.any():
        ys, xs = np.nonzero(bad[rows[:, None], columns])
        line = (xs + ys) % _HATCH < 2
        pixels[ys[line], xs[line]] = QColor(theme.panel).rgb()
    return pixels


def to_image(pixels: Array, ratio: float = 1.0) -> QImage:
    """(height, width) uint32 pixels as a QImage of its own memory, for a device pixel ratio."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()
    image.setDevicePixelRatio(ratio)
    return image


class HeatMap:
    """Paints a matrix, and remembers the picture while its matrix, scale, place and theme last."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._values: Array | None = None
        self._image = QImage()

    def paint(
        self,
        painter: QPainter,
        rect: QRectF,
        values: Array,
        scale: Scale,
        theme: Theme,
        window: Viewport | None = None,
    ) -> None:
        """Draw a matrix (or its part in sight) into `rect`, which is moved to device pixels."""
        ratio = painter.device().devicePixelRatioF()
        width = max(1, round(rect.width() * ratio))
        height = max(1, round(rect.height() * ratio))
        key = (scale, theme.name, width, height, ratio, window)
        if self._values is not values or key != self._key:
            pixels = colours(values, scale, theme, width, height, window)
            self._image = to_image(pixels, ratio)
            self._values, self._key = values, key
        corner = QPointF(round(rect.x() * ratio) / ratio, round(rect.y() * ratio) / ratio)
        painter.drawImage(corner, self._image)


def paint_colour_bar(
    painter: QPainter, rect: QRectF, scale: Scale, theme: Theme, clipped: Clipped
) -> None:
    """A horizontal bar of the map; an arrow at each end beyond which values are clipped.

    Its labels are the caller's: they are text, and the bar is often narrower.
    """
    table = table_for(scale.kind, theme)
    ratio = painter.device().devicePixelRatioF()
    arrow = rect.height()
    bar = rect.adjusted(arrow, 0, -arrow, 0)
    width, height = max(1, round(bar.width() * ratio)), max(1, round(bar.height() * ratio))
    places = np.linspace(0, STEPS - 1, width).astype(np.intp)
    strip = np.broadcast_to(table[places], (height, width))
    painter.drawImage(bar.topLeft(), to_image(strip, ratio))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    middle = bar.center().y()
    for count, place, base, tip in (
        (clipped.below, 0, bar.left(), rect.left()),
        (clipped.above, STEPS - 1, bar.right(), rect.right()),
    ):
        if count:
            painter.setBrush(QColor.fromRgb(int(table[place])))
            corners = [QPointF(base, bar.top()), QPointF(base, bar.bottom()), QPointF(tip, middle)]
            painter.drawPolygon(QPolygonF(corners))
    painter.restore()


class Cover:
    """Covers the cells of a matrix that are not known yet, and remembers how.

    Where many cells share a pixel, one that is known lets it be seen.
    """

    def __init__(self) -> None:
        self._known: Array | None = None
        self._key: tuple[object, ...] = ()
        self._image = QImage()

    def paint(self, painter: QPainter, rect: QRectF, known: Array, theme: Theme) -> None:
        """Draw what hides the cells; `known` (rows, columns) says which not to."""
        ratio = painter.device().devicePixelRatioF()
        height, width = max(1, round(rect.height() * ratio)), max(1, round(rect.width() * ratio))
        key = (height, width, ratio, theme.name)
        if known is not self._known or key != self._key:
            self._known, self._key = known, key
            self._image = self._drawn(_pooled(known, height, width), theme, ratio)
        corner = QPointF(round(rect.x() * ratio) / ratio, round(rect.y() * ratio) / ratio)
        painter.drawImage(corner, self._image)

    @staticmethod
    def _drawn(seen: Array, theme: Theme, ratio: float) -> QImage:
        ground, line = (
            0xFF000000 | QColor(c).rgb() & 0xFFFFFF for c in (theme.raised, theme.strong)
        )
        height, width = seen.shape
        diagonal = (np.arange(height)[:, None] + np.arange(width)) % (2 * _HATCH) < 1
        cover = np.where(diagonal, np.uint32(line), np.uint32(ground))
        cover[seen] = 0
        form = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(cover.data, width, height, width * 4, form).copy()
        image.setDevicePixelRatio(ratio)
        return image


def _pooled(known: Array, height: int, width: int) -> Array:
    """(height, width): for each pixel whether any of its cells is known."""
    for axis, pixels in ((0, height), (1, width)):
        size = known.shape[axis]
        starts = np.arange(pixels) * size // pixels
        if size > pixels:
            known = np.logical_or.reduceat(known, starts, axis=axis)
        else:
            known = np.take(known, starts, axis=axis)
    return known
