"""The gradient of a unit's weights as the sum of the images, each times its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip, QWidget

from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import Clipped, MapKind, Scale, choose_scale, count_clipped
from gui.paint.text import ui_face
from gui.views.equation.scenes.digits.layout import Wanted
from gui.views.equation.scenes.digits.numbers import (
    ImageProduct,
    ImageSum,
    UnitSum,
    image_product,
)
from gui.views.equation.scenes.digits.paint import Column, DigitsPainter, State
from gui.views.equation.scenes.digits.sum_scene import SumScene
from gui.views.equation.scenes.digits.telling import Telling, UnitTelling
from gui.views.equation.scenes.digits.words import column_name, signed_text
from gui.widgets.view import Table
from gui.words.datasets import shows_digits

Array = np.ndarray[Any, Any]


class SumOfDigits(SumScene):
    """One unit of dW: the digits by their push, their running sum, and all of them as a scrubber.

    The large picture is the sum as far as it was added; a digit under the mouse is shown there
    alone.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._sum: UnitSum | None = None
        self._largest_unit = 0
        self._scale = Scale(MapKind.SIGNED, -1.0, 1.0)
        self._clipped = Clipped(0, 0, 0)
        self._large_scale, self._large_clipped = self._scale, self._clipped
        self._large: Array = np.zeros((1, 1))
        self._pictures = DigitsPainter()
        self.units = self._add_box(self.tr("unit {0}"), self.tr("Unit"))
        self.units.unit_chosen.connect(self._on_unit)
        self.setAccessibleName(self.tr("Sum of the images of a unit"))

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the stop is a product of the minibatch's images, transposed."""
        return image_product(snapshot) is not None

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return (
            self.tr("Sum of digits") if shows_digits(snapshot.setup) else self.tr("Sum of images")
        )

    @property
    def unit_sum(self) -> UnitSum | None:
        """What is shown."""
        return self._sum

    @property
    def large(self) -> Array:
        """(rows, columns) of the large picture."""
        return self._large

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw a stop that it fits."""
        product = image_product(snapshot)
        if product is None:
            return
        before = self._sum
        self._pin, self._snapshot = pin, snapshot
        self._largest_unit = product.largest_unit()
        cell = self._choice.cell(snapshot, self.chosen_cell)
        unit = self._largest_unit if cell is None else cell[-1]
        same = before is not None and before.product.result is product.result
        if not same or before is None or before.unit != unit:
            self._show_sum(snapshot, product, unit)
        self._arrange()

    def cell(self, snapshot: Snapshot) -> Index | None:
        """The chosen cell, else the pixel of the shown unit that all images push most."""
        total = self._sum
        if total is None:
            return None
        chosen = self._choice.cell(snapshot, self.chosen_cell)
        if chosen is not None and len(chosen) == 2 and chosen[-1] == total.unit:
            return chosen
        column = np.abs(np.nan_to_num(total.product.result[:, total.unit]))
        return int(column.argmax()), total.unit

    def places_of_arrays(self) -> Mapping[str, Sequence[QRectF]]:
        """The images, what each is multiplied by, and the unit's picture."""
        room = self.room
        return self._places_in((room.across(room.digit, room.side[1]), room.pushes))

    def tables(self) -> Sequence[Table]:
        """What each image pushes, in order, and the large picture."""
        total, snapshot = self._sum, self._snapshot
        if total is None or snapshot is None:
            return ()
        batch, order = snapshot.minibatch, total.order
        values = np.column_stack(
            [order, batch.indices[order], batch.labels[order], total.weights[order]]
        )
        factor = total.product.factor_text
        columns = (self.tr("row"), self.tr("image"), self.tr("label"), factor)
        name = column_name(total.product.name, total.unit)
        summands = Table(self.tr("Summands of {0}").format(name), values, columns)
        return summands, Table(name, self._large)

    def _show_sum(self, snapshot: Snapshot, product: ImageProduct, unit: int) -> None:
        self._sum = total = UnitSum(product, unit)
        self._scale = choose_scale(total.result, MapKind.SIGNED)
        self._clipped = count_clipped(total.result, self._scale)
        self.units.show_unit(unit, product.units)
        self._begin(snapshot, (unit,), len(total))

    def _picture(self, cells: Array) -> Array:
        assert self._snapshot is not None
        return np.asarray(cells).reshape(self._snapshot.minibatch.images.shape[1:])

    def _on_unit(self, unit: int) -> None:
        if self._sum is not None:
            column = self._sum.product.result[:, unit]
            self._choose((int(np.argmax(np.abs(column))), unit))

    # For the base

    def _total(self) -> UnitSum | None:
        return self._sum

    def _painter(self) -> DigitsPainter:
        return self._pictures

    def _telling(self) -> UnitTelling:
        assert self._sum is not None and self._snapshot is not None
        added = self.scrubber.value()
        return UnitTelling(self._snapshot, self._sum, self._largest_unit, added, self._pointed)

    def _make_columns(self, count: int) -> list[Column]:
        assert self._sum is not None
        columns, sums = super()._make_columns(count), self._sum.first(count)
        for column, total in zip(columns, sums, strict=True):
            column.total = self._picture(total)
        return columns

    def _column(self, rank: int) -> Column:
        assert self._sum is not None and self._snapshot is not None
        row, batch = int(self._sum.order[rank]), self._snapshot.minibatch
        label, weight = int(batch.labels[row]), self._sum.weight(rank)
        return Column(row, label, batch.images[row], weight, rank)

    def pixel_text(self, place: QPointF) -> str:
        """The number at a place of the large picture: `pixel 381: +0.0145`; elsewhere ""."""
        if self._sum is None or not self.room.final.contains(place):
            return ""
        inside, (rows, columns) = place - self.room.final.topLeft(), self._large.shape
        row = min(int(inside.y() * rows / self.room.final.height()), rows - 1)
        column = min(int(inside.x() * columns / self.room.final.width()), columns - 1)
        words = self.tr("pixel {0}: {1}")
        return words.format(row * columns + column, signed_text(float(self._large[row, column])))

    def event(self, event: QEvent) -> bool:
        """Tell the number under the mouse."""
        if isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.pixel_text(QPointF(event.pos())), self)
            return True
        return super().event(event)

    def _update_large(self) -> None:
        total, added = self._sum, self.scrubber.value()
        assert total is not None
        if self._pointed >= 0:
            cells = total.alone(self._pointed)
            # One image of a hundred would be invisible on the scale of their sum.
            self._large_scale = choose_scale(cells, MapKind.SIGNED)
            self._large_clipped = count_clipped(cells, self._large_scale)
        else:
            cells = total.result if added == len(total) else total.after(added)
            self._large_scale, self._large_clipped = self._scale, self._clipped
        self._large = self._picture(cells)

    def _wanted(self, snapshot: Snapshot, total: ImageSum) -> Wanted:
        assert self._sum is not None
        images, product = snapshot.minibatch.images, self._sum.product
        scale_words = ui_face(12).width(self.tr("all on one scale"))
        names = max(scale_words, ui_face(13).width(f"times {product.factor_text}"))
        return Wanted(
            count=len(total),
            image=(int(images.shape[1]), int(images.shape[2])),
            words=self._words_width(snapshot, total, short=False),
            short_words=self._words_width(snapshot, total, short=True),
            names=min(names, 1.4 * scale_words) + px(10),
            asks=product.sign_known,
        )

    def _state(self, snapshot: Snapshot, total: ImageSum, telling: Telling) -> State:
        assert self._sum is not None
        factor = self._sum.product.factor_text
        return State(
            count=len(total),
            added=self.scrubber.value(),
            pointed=self._pointed,
            pin=self._pin,
            scale=self._scale,
            large_scale=self._large_scale,
            large_clipped=self._large_clipped,
            large=self._large,
            caption=telling.caption(),
            note=telling.note(),
            largest=total.largest(),
            push=self.tr("times {0}").format(factor),
            digits=shows_digits(snapshot.setup),
            phase=self.theme.phase(snapshot.event.phase),
        )
