"""The curve of a function of one array, with the batch's values as a rug beneath it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.debug.explain.operation import Operation
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.paint.values import number_text, scalar_text

Array = np.ndarray[Any, Any]
POINTS = 241
FLAT = 0.05  # a curve is flat where its slope is below this share of the steepest, or of 1
WIDEST = 30.0  # values beyond it are counted in words, so that the bend stays visible
RUG = 12.0
LABELS = 52.0  # pixels at the left for the numbers of the axis
BEND = 6.0  # a bounded curve, such as a sigmoid, is drawn as far as it bends


@dataclass(frozen=True, slots=True)
class Shape:
    """A curve, sampled.

    Attributes:
        x, y: (POINTS,) arguments and values; y is not finite where the function has no value.
        flat: the intervals (from, to) of x in which the curve is nearly level.
        rug: (bins,) the number of the batch's values in each bin of x, as a share of the
            fullest bin.
        below, above: the number of values beyond each end of x.
        bounds: the lowest and the highest y drawn.
    """

    x: Array
    y: Array
    flat: tuple[tuple[float, float], ...]
    rug: Array
    below: int
    above: int
    bounds: tuple[float, float]


def sample(operation: Operation, values: Array, bins: int = 160) -> Shape:
    """The curve of an operation over the range of its array's values."""
    assert operation.curve is not None
    finite = values[np.isfinite(values)] if values.dtype.kind == "f" else values.ravel()
    low, high = _range(finite)
    if low < 0 and high < BEND and _is_bounded(operation.curve):
        low, high = -BEND, BEND
    x = np.linspace(low, high, POINTS)
    with np.errstate(all="ignore"):
        y = np.asarray(operation.curve(x), dtype=np.float64)
    if y.shape != x.shape:
        y = np.full(x.shape, np.nan)
    seen = y[np.isfinite(y)]
    bounds = (float(seen.min()), float(seen.max())) if seen.size else (0.0, 1.0)
    if bounds[0] == bounds[1]:
        bounds = bounds[0] - 0.5, bounds[1] + 0.5
    counts, _ = np.histogram(finite, bins=bins, range=(low, high))
    rug = counts / max(int(np.max(counts)), 1)
    return Shape(
        x, y, _flat(x, y), rug, int((finite < low).sum()), int((finite > high).sum()), bounds
    )


def _is_bounded(curve: Callable[[Array], Array]) -> bool:
    """Whether a curve is level at both ends."""
    ends = np.asarray(curve(np.array([-200.0, -100.0, 100.0, 200.0])), dtype=np.float64)
    level = ends[0] == ends[1] or abs(ends[0] - ends[1]) < 1e-6
    return bool(np.isfinite(ends).all() and level and abs(ends[2] - ends[3]) < 1e-6)


def _range(values: Array) -> tuple[float, float]:
    if values.size == 0:
        return -6.0, 6.0
    low, high = float(values.min()), float(values.max())
    if low >= 0:
        reach = min(high, WIDEST * max(float(np.percentile(values, 99)), 1e-12)) or 1.0
        return 0.0, reach * 1.05
    reach = max(abs(low), abs(high))
    if reach > 1:
        reach = min(reach, WIDEST)
    return -reach * 1.1, reach * 1.1


def _flat(x: Array, y: Array) -> tuple[tuple[float, float], ...]:
    """The intervals at its ends in which a curve is level, while it rises in between."""
    with np.errstate(all="ignore"):
        slope = np.abs(np.gradient(y, x))
    if not np.isfinite(slope).all() or slope.max() == 0:
        return ()
    level = slope < FLAT * min(slope.max(), 1.0)  # e⁻ˣ may be steep without being flat elsewhere
    found = []
    for step in (1, -1):
        run = level[::step]
        length = int(np.argmin(run)) if not run.all() else 0
        if length > 3:
            ends = sorted((float(x[::step][0]), float(x[::step][length])))
            found.append((ends[0], ends[1]))
    return tuple(found)


class _Axes:
    """The axes of a curve: they map a pair of numbers to a point of an area."""

    def __init__(self, area: QRectF, shape: Shape) -> None:
        self.area = area
        self.low, self.high = float(shape.x[0]), float(shape.x[-1])
        self.bottom, self.top = shape.bounds

    def point(self, x: float, y: float) -> QPointF:
        """The point of (x, y)."""
        return QPointF(
            self.area.left() + (x - self.low) / (self.high - self.low) * self.area.width(),
            self.area.bottom() - (y - self.bottom) / (self.top - self.bottom) * self.area.height(),
        )


def paint_curve(
    painter: QPainter,
    rect: QRectF,
    shape: Shape,
    name: str,
    colour: str,
    theme: Theme,
    at: tuple[float, float] | None = None,
    tag: str = "",
) -> None:
    """Draw axes, curve and rug; `at` is the point of the cell pointed at, `tag` its text."""
    face = code_face(11)
    head = QRectF(rect.left(), rect.top(), rect.width(), px(18))
    draw_text(painter, head, name, code_face(12), theme.text, Qt.AlignmentFlag.AlignHCenter)
    area = rect.adjusted(px(LABELS), px(24), -8, -(px(RUG) + px(24)))
    if area.width() < 30 or area.height() < 24:
        return
    axes = _Axes(area, shape)
    low, high, bottom, top = axes.low, axes.high, axes.bottom, axes.top
    point = axes.point
    painter.save()
    labels = _paint_flat(painter, axes, shape, theme)
    _paint_levels(painter, axes, rect.left(), theme)
    _paint_rug(painter, area, shape, colour, theme)
    if low < 0 < high:
        painter.setPen(QColor(theme.strong))
        painter.drawLine(QLineF(point(0, bottom), point(0, top)))
    _paint_x_labels(painter, area, shape, point(0, 0).x() if low < 0 < high else None, theme)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    good = np.isfinite(shape.y)
    polygon = QPolygonF([point(x, y) for x, y in zip(shape.x[good], shape.y[good], strict=True)])
    painter.setPen(QPen(QColor(colour), 2))
    painter.drawPolyline(polygon)
    if at is not None and all(np.isfinite(at)):
        spot = point(min(max(at[0], low), high), min(max(at[1], bottom), top))
        painter.setPen(QPen(QColor(theme.panel), 2))
        painter.setBrush(QColor(theme.text))
        painter.drawEllipse(spot, 5, 5)
        box, tag = _place_tag(spot, tag, face, rect, polygon, labels)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 4, 4)
        draw_text(painter, box, tag, face, theme.panel, Qt.AlignmentFlag.AlignHCenter)
    painter.restore()


def _paint_flat(painter: QPainter, axes: _Axes, shape: Shape, theme: Theme) -> list[QRectF]:
    """Shade the intervals in which the curve is level; returns the rectangles of their labels."""
    face = ui_face(11)
    labels: list[QRectF] = []
    for start, end in shape.flat:
        left, right = axes.point(start, 0).x(), axes.point(end, 0).x()
        band = QRectF(left, axes.area.top(), right - left, axes.area.height())
        painter.fillRect(band, mix(theme.warning, theme.panel, 0.16))
        text = QCoreApplication.translate("Equation", "flat")
        if face.width(text) + 6 < band.width():
            line = QRectF(band.left() + 3, axes.area.top() + 2, band.width() - 6, px(16))
            draw_text(painter, line, text, face, theme.warning)
            labels.append(QRectF(line.topLeft(), QSizeF(face.width(text), line.height())))
    return labels


def _paint_levels(painter: QPainter, axes: _Axes, left: float, theme: Theme) -> None:
    """Draw the lowest, the middle and the highest level, their numbers starting at `left`."""
    face = code_face(11)
    for level in (axes.bottom, (axes.bottom + axes.top) / 2, axes.top):
        y = axes.point(axes.low, level).y()
        painter.setPen(QColor(theme.border))
        painter.drawLine(QLineF(axes.area.left(), y, axes.area.right(), y))
        label = QRectF(left, y - px(8), px(LABELS) - 5, px(16))
        level = 0.0 if abs(level) < 1e-3 * (axes.top - axes.bottom) else level
        text = number_text(level, 1 if round(level, 3) in (-1.0, 1.0) else 2)
        draw_text(painter, label, text, face, theme.text2, Qt.AlignmentFlag.AlignRight)


def _place_tag(
    spot: QPointF, tag: str, face: Face, rect: QRectF, curve: QPolygonF, labels: Sequence[QRectF]
) -> tuple[QRectF, str]:
    """Place the tag of a point clear of the curve and of labels; drop its cell's index if needed.

    The index stands beside the arrays, too.
    """
    points = [curve.at(number) for number in range(curve.size())]

    def hidden(box: QRectF) -> int:
        wide = box.adjusted(-4, -4, 4, 4)
        words = sum(box.intersects(label) for label in labels)
        return sum(wide.contains(point) for point in (*points, spot)) + len(points) * words

    def boxes(width: float) -> Iterator[QRectF]:
        for down in (12, -32, px(32), px(64), -px(64), px(96), -px(96)):
            y = spot.y() + down
            for x in (spot.x() + 10, spot.x() - 10 - width):
                box = QRectF(x, y, width, px(20))
                box.moveLeft(min(max(box.left(), rect.left()), rect.right() - width))
                box.moveTop(min(max(box.top(), rect.top() + px(20)), rect.bottom() - px(20)))
                yield box

    short = tag.rpartition("] ")[2]
    best = min(boxes(face.width(tag) + px(12)), key=hidden)
    if hidden(best):
        return min(boxes(face.width(short) + px(12)), key=hidden), short
    return best, tag


def _paint_rug(painter: QPainter, area: QRectF, shape: Shape, colour: str, theme: Theme) -> None:
    width = area.width() / shape.rug.size
    for place in np.flatnonzero(shape.rug):
        share = 0.25 + 0.75 * float(shape.rug[place])
        x = area.left() + float(place) * width
        painter.fillRect(
            QRectF(x, area.bottom() + 4, max(width, 1.0), px(RUG)), mix(colour, theme.panel, share)
        )


def _paint_x_labels(
    painter: QPainter, area: QRectF, shape: Shape, zero: float | None, theme: Theme
) -> None:
    face = code_face(11)
    line = QRectF(area.left(), area.bottom() + px(RUG) + 5, area.width(), px(16))
    low, high = float(shape.x[0]), float(shape.x[-1])
    left = number_text(low, 2) if not shape.below else f"← {shape.below}"
    right = number_text(high, 2) if not shape.above else f"{shape.above} →"
    draw_text(painter, line, left, face, theme.text2)
    draw_text(painter, line, right, face, theme.text2, Qt.AlignmentFlag.AlignRight)
    if zero is not None and area.width() > 120:
        spot = QRectF(zero - px(10), line.top(), px(20), px(16))
        draw_text(painter, spot, "0", face, theme.text2, Qt.AlignmentFlag.AlignHCenter)


def tag_of(index: tuple[int, ...], x: Any, y: Any) -> str:
    """`[66, 18] 4.59 → 0.990`."""
    return f"{list(index)} {scalar_text(x)} → {scalar_text(y)}"
