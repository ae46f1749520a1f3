"""Samples as a grid of pictures, each with its label and its prediction."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.data.hand_drawn import is_hand_drawn
from engine.debug.snapshots.snapshot import Minibatch
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.heatmap import MapKind, Scale, choose_scale, colours, to_image
from gui.paint.text import code_face, draw_text
from gui.paint.values import number_text, taken_text

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PICTURE = 28  # pixels of a side: MNIST's own size, so that its pixels stay whole
TOGETHER = 32  # pictures that are made at a time: one by one takes ten times as long
# The space around a picture: beside it, below it, and below it without the probability.
ASIDE, BELOW_IT, LEAST_BELOW = 14, 33, 20
APART = 9  # between the words below two pictures
PARTS = (
    "indices", "images", "labels", "predictions", "input_gradient", "losses", "probabilities",
)  # fmt: skip
SHARE = int(Qt.ItemDataRole.UserRole) + 1
PINNED = int(Qt.ItemDataRole.UserRole) + 2
WRONG = int(Qt.ItemDataRole.UserRole)
PIXELS = Scale(MapKind.PIXELS, 0.0, 255.0)


def same_samples(a: Minibatch, b: Minibatch | None, names: Sequence[str] = PARTS) -> bool:
    """Whether two minibatches are the same in all, or some, of their parts."""
    if a is b or b is None:
        return a is b
    return all(_same(getattr(a, name), getattr(b, name)) for name in names)


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b or (a is not None and b is not None and np.array_equal(a, b))


def _picture_side() -> int:
    """The side of a picture: a whole multiple of its own size, so that its pixels are even."""
    return PICTURE * max(1, round(SCALE.factor + 0.25))


def _least_width() -> int:
    """The least width of a cell, with room for the picture and for the words below it."""
    words = ceil(code_face(11).width(taken_text(0, 0)))
    return max(_picture_side() + px(ASIDE), words + px(APART))


class SampleModel(QAbstractListModel):
    """The samples in the order of the minibatch, or the worst first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._batch: Minibatch | None = None
        self._order: np.ndarray = np.arange(0)
        self.pinned: int | None = None  # a row of the minibatch

    def show_minibatch(self, batch: Minibatch, worst_first: bool = False) -> None:
        """Show another minibatch, newer results of the same minibatch, or another order."""
        if worst_first and batch.losses is not None:
            self._order = np.argsort(-batch.losses, kind="stable")
        else:
            self._order = np.arange(len(batch.labels))
        if self._batch is not None and self.rowCount() == len(batch.labels):
            self._batch = batch
            if len(batch.labels):
                self.dataChanged.emit(self.index(0), self.index(len(batch.labels) - 1))
            return
        self.beginResetModel()
        self._batch = batch
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many samples there are."""
        return 0 if parent.isValid() or self._batch is None else len(self._batch.labels)

    def row_of(self, index: Index) -> int:
        """The row of the minibatch that an item shows."""
        return int(self._order[index.row()])

    def origin_text(self, row: int, index: int, label: int) -> str:
        """The text that identifies an image."""
        if is_hand_drawn(index):
            return self.tr("row {0}: drawn, a {1}").format(row, label)
        words = self.tr("row {0}: image {1} of the training set, a {2}")
        return words.format(row, index, label)

    def prediction(self, row: int) -> int | None:
        """The predicted label of a sample, once it is known."""
        if self._batch is None or self._batch.predictions is None:
            return None
        return int(self._batch.predictions[row])

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """`5`, or `5 → 2` where a 5 was taken for a 2."""
        batch = self._batch
        if batch is None or not index.isValid():
            return None
        row = self.row_of(index)
        label, prediction = int(batch.labels[row]), self.prediction(row)
        wrong = prediction is not None and prediction != label
        if role == Qt.ItemDataRole.DisplayRole:
            return taken_text(label, prediction) if wrong else str(label)
        if role == WRONG:
            return wrong
        if role == PINNED:
            return row == self.pinned
        if role == SHARE:
            if batch.probabilities is None:
                return ""
            return f"{100 * float(batch.probabilities[row, label]):.0f} %"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            text = self.origin_text(row, int(batch.indices[row]), label)
            if prediction is None:
                return text
            text += f", {self.tr('taken for a {0}').format(prediction)}"
            if batch.losses is None or batch.probabilities is None:
                return text
            share, loss = float(batch.probabilities[row, label]), float(batch.losses[row])
            words = self.tr("probability of {0}: {1}; loss {2}")
            return f"{text}\n{words.format(label, number_text(share, 3), number_text(loss, 3))}"
        return None


class SampleDelegate(QStyledItemDelegate):
    """Draws a picture and its label; a wrong prediction has a border in the error's colour."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._batch: Minibatch | None = None
        self._saliency = False
        self._scale = PIXELS
        self._pictures: dict[tuple[int, int], QImage] = {}

    def show(self, batch: Minibatch, saliency: bool, theme: Theme) -> None:
        """Show the pixels, or the gradient of the loss with respect to them."""
        same = same_samples(batch, self._batch, ("images", "input_gradient"))
        if not same or saliency != self._saliency or theme != self.theme:
            self._pictures.clear()
        self._batch, self._saliency, self.theme = batch, saliency, theme
        if saliency and batch.input_gradient is not None:
            self._scale = choose_scale(batch.input_gradient, MapKind.SIGNED)
        else:
            self._scale = PIXELS

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As high as the rows of the grid."""
        rows = option.widget
        high = rows.gridSize().height() if isinstance(rows, QListView) else 0
        side = _picture_side()
        return QSize(_least_width(), max(side + px(LEAST_BELOW), high))

    def _picture(self, row: int, ratio: float) -> QImage:
        side = round(_picture_side() * ratio)
        if (row, side) not in self._pictures:
            assert self._batch is not None
            first = row - row % TOGETHER
            some = self._batch.images[first : first + TOGETHER]
            if self._saliency and self._batch.input_gradient is not None:
                some = self._batch.input_gradient[first : first + TOGETHER].reshape(some.shape)
            count, rows, columns = some.shape
            stacked = some.reshape(count * rows, columns)
            pixels = colours(stacked, self._scale, self.theme, side, count * side)
            for i in range(count):
                picture = to_image(pixels[i * side : (i + 1) * side], ratio)
                self._pictures[first + i, side] = picture
        return self._pictures[row, side]

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one sample."""
        if self._batch is None:
            return
        theme, cell = self.theme, QRectF(option.rect)
        wrong = bool(index.data(WRONG))
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        side = _picture_side()
        left = round(cell.center().x() - side / 2)
        box = QRectF(left, cell.top() + px(4), side, side)
        ratio = painter.device().devicePixelRatioF()
        model = index.model()
        assert isinstance(model, SampleModel)
        painter.drawImage(box.topLeft(), self._picture(model.row_of(index), ratio))
        pinned = bool(index.data(PINNED))
        colour = theme.error if wrong else theme.text2 if hovered else theme.strong
        if selected or pinned:
            colour = theme.accent
        width = 2 if selected or wrong or pinned else 1
        grow = 0.5 + (width - 1) / 2
        painter.save()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour), width))
        painter.drawRect(box.adjusted(-grow, -grow, grow, grow))
        label = QRectF(cell.left(), box.bottom() + 1, cell.width(), px(14))
        ink = theme.error if wrong else theme.accent if selected else theme.text2
        text = str(index.data())
        draw_text(painter, label, text, code_face(11), ink, Qt.AlignmentFlag.AlignHCenter)
        label.translate(0, px(13))
        share = str(index.data(SHARE)) if cell.height() >= side + px(BELOW_IT) else ""
        draw_text(painter, label, share, code_face(11), theme.text3, Qt.AlignmentFlag.AlignHCenter)
        if pinned:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(theme.panel), 1.5))
            painter.setBrush(QColor(theme.accent))
            painter.drawEllipse(box.topRight(), px(4.5), px(4.5))
        painter.restore()


class SampleList(QListView):
    """A grid whose columns and rows divide the size evenly, so that none is cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Choose as many columns and rows as fit."""
        # Always with room for the scroll bar, or it would appear and disappear.
        width = self.contentsRect().width() - self.verticalScrollBar().sizeHint().width()
        height = self.viewport().height()
        side = _picture_side()
        wide, high, least = _least_width(), side + px(BELOW_IT), side + px(LEAST_BELOW)
        columns, rows = max(1, (width - 1) // wide), max(1, height // high)
        if height // rows > high * 1.3 and height // (rows + 1) >= least:
            rows += 1  # which are then too low for the probability
        # A row that is exactly as wide as the list would be wrapped before its last picture.
        self.setGridSize(QSize((width - 1) // columns, max(height // rows, least)))
        super().resizeEvent(event)
