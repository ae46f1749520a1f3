"""The row, the column and the products behind a cell of a matrix product, as pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.terms import Index, Terms
from engine.debug.snapshots.snapshot import Minibatch
from gui.look.theme import Theme
from gui.look.type_scale import SCALE
from gui.paint.heatmap import HeatMap, MapKind, Scale, choose_scale
from gui.paint.text import code_face, draw_text, ui_face

Array = np.ndarray[Any, Any]
GAP = 20.0  # pixels between two pictures
MARGIN = 12.0  # pixels at the left of a caption
CENTRE = Qt.AlignmentFlag.AlignHCenter


@dataclass(frozen=True, slots=True)
class _Picture:
    caption: str
    values: Array
    scale: Scale


class ProductPictures:
    """Draws row × column = products, if their length is an image's number of pixels."""

    def __init__(self) -> None:
        self._pictures: tuple[_Picture, ...] = ()
        self._maps = tuple(HeatMap() for _ in range(3))

    def __bool__(self) -> bool:
        return bool(self._pictures)

    def show(self, operation: Operation, index: Index, terms: Terms, batch: Minibatch) -> None:
        """Show the row and column of the cell `index`; nothing if they are no images."""
        self._pictures = _pictures_of(operation, index, terms, batch)

    def side(self, room: QRectF, top: float, foot: float) -> float:
        """The side of each of three pictures in a row."""
        return min((room.width() - 2 * GAP * SCALE.factor) / 3, (foot - top) * 0.4)

    def paint(
        self, painter: QPainter, room: QRectF, top: float, foot: float, theme: Theme
    ) -> float:
        """Draw the pictures side by side; returns their lower end."""
        gap, side = GAP * SCALE.factor, self.side(room, top, foot)
        x = room.left() + (room.width() - 3 * side - 2 * gap) / 2
        for number in range(3):
            rect = self._paint_picture(painter, number, QRectF(x, top, side, side), theme)
            if number < 2:
                between = QRectF(rect.right(), rect.top(), gap, rect.height())
                _paint_operator(painter, between, "×" if number == 0 else "=", theme)
            x += side + gap
        return top + side + 24 * SCALE.factor

    def paint_large(
        self, painter: QPainter, room: QRectF, top: float, foot: float, theme: Theme
    ) -> float:
        """Paint the products large, at their left row and column; returns the lower end."""
        caption, gap = 18 * SCALE.factor, GAP * SCALE.factor
        tall = foot - top
        face = ui_face(11)
        words = max(face.width(picture.caption) for picture in self._pictures[:2]) + 4
        large = min(tall - caption, 0.62 * room.width(), room.width() - words - 2 * gap)
        small = min((tall - 2 * caption - 8) / 2, room.width() - large - 2 * gap)
        column = max(small, words)
        left = room.left() + max(0.0, (room.width() - column - gap - large) / 2)
        x = left + (column - small) / 2
        down = small + caption + 8
        self._paint_picture(painter, 0, QRectF(x, top, small, small), theme)
        second = self._paint_picture(painter, 1, QRectF(x, top + down, small, small), theme)
        right = QRectF(left + column + gap, top, large, large)
        right.moveTop(top + max(0.0, (second.bottom() - top - large) / 2))
        products = self._paint_picture(painter, 2, right, theme)
        times = QRectF(x - gap, second.top(), gap, second.height())
        _paint_operator(painter, times, "×", theme)
        equals = QRectF(left + column, products.top(), gap, products.height())
        _paint_operator(painter, equals, "=", theme)
        return max(second.bottom(), products.bottom()) + caption + 4

    def _paint_picture(self, painter: QPainter, number: int, box: QRectF, theme: Theme) -> QRectF:
        """Paint a picture with its caption; returns the rectangle of its pixels."""
        picture = self._pictures[number]
        rows, columns = picture.values.shape
        rect = QRectF(box.left(), box.top(), box.width(), box.width() * rows / columns)
        self._maps[number].paint(painter, rect, picture.values, picture.scale, theme)
        painter.setPen(QColor(theme.strong))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect)
        face = ui_face(11)
        width = face.width(picture.caption) + 4
        caption = QRectF(0, rect.bottom() + 2, width, 16 * SCALE.factor)
        caption.moveLeft(max(rect.center().x() - caption.width() / 2, MARGIN))
        draw_text(painter, caption, picture.caption, face, theme.text2, CENTRE)
        return rect


def _paint_operator(painter: QPainter, box: QRectF, sign: str, theme: Theme) -> None:
    draw_text(painter, box, sign, code_face(14), theme.text2, CENTRE)


def _pictures_of(
    operation: Operation, index: Index, terms: Terms, batch: Minibatch
) -> tuple[_Picture, ...]:
    image = batch.images.shape[1:]
    if operation.form is not Form.PRODUCT or len(terms.factors) != 2:
        return ()
    row, column = terms.factors
    if row.size != image[0] * image[1] or row.size < 2:
        return ()
    with np.errstate(all="ignore"):
        products = row * column
    translate = QCoreApplication.translate
    captions = [
        _row_caption(operation, index, batch),
        translate("CellCard", "column {0}").format(index[-1] if index else 0),
        translate("CellCard", "{0} products").format(row.size),
    ]
    found = []
    for caption, values in zip(captions, (row, column, products), strict=True):
        pixels = values is row and values.min() >= 0 and values.max() <= 1
        kind = MapKind.PIXELS if pixels else MapKind.SIGNED
        found.append(_Picture(caption, values.reshape(image), choose_scale(values, kind)))
    return tuple(found)


def _row_caption(operation: Operation, index: Index, batch: Minibatch) -> str:
    translate = QCoreApplication.translate
    if not index:
        return translate("CellCard", "row")
    row, result = index[0], np.asarray(operation.result)
    if result.ndim == 2 and result.shape[0] == len(batch.labels):
        return translate("CellCard", "row {0}: a {1}").format(row, int(batch.labels[row]))
    return translate("CellCard", "row {0}").format(row)
