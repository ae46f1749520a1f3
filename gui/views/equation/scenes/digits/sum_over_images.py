"""One number of a gradient as a sum over the images of the minibatch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import Clipped, MapKind, Scale
from gui.paint.text import ui_face
from gui.paint.values import cell_name, number_text
from gui.views.equation.scenes.digits.cell_numbers import CellSum, CellSums, cell_sums
from gui.views.equation.scenes.digits.cell_telling import CellTelling
from gui.views.equation.scenes.digits.curve import CurvePainter
from gui.views.equation.scenes.digits.layout import NUMBER, Wanted
from gui.views.equation.scenes.digits.numbers import ImageSum
from gui.views.equation.scenes.digits.paint import Column, DigitsPainter, State
from gui.views.equation.scenes.digits.sum_scene import MEASURED, SumScene
from gui.views.equation.scenes.digits.telling import Telling
from gui.widgets.view import Table
from gui.words.datasets import shows_digits

NO_SCALE, NOTHING_CLIPPED = Scale(MapKind.SIGNED, -1.0, 1.0), Clipped(0, 0, 0)


class SumOverImages(SumScene):
    """One weight of a hidden layer, or one bias: what each image adds, and the curve of the sum."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._sum: CellSum | None = None
        self._is_largest = False
        self._curve = CurvePainter()
        self.inputs = self._add_box(self.tr("input {0}"), self.tr("Input"))
        self.units = self._add_box(self.tr("unit {0}"), self.tr("Unit"))
        self.inputs.unit_chosen.connect(self._on_input)
        self.units.unit_chosen.connect(self._on_unit)
        self.setAccessibleName(self.tr("Sum over the images of a number"))

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the stop makes a gradient of ours by adding over the images."""
        return cell_sums(snapshot) is not None

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return self.tr("Sum over images")

    @property
    def cell_sum(self) -> CellSum | None:
        """What is shown."""
        return self._sum

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw a stop that it fits."""
        sums = cell_sums(snapshot)
        if sums is None:
            return
        before = self._sum
        self._pin, self._snapshot = pin, snapshot
        largest = sums.largest()
        index = self._choice.cell(snapshot, self.chosen_cell) or largest
        self._is_largest = index == largest
        same = before is not None and before.sums.result is sums.result
        if not same or before is None or before.index != index:
            self._show_sum(snapshot, sums, index)
        self._arrange()

    def cell(self, snapshot: Snapshot) -> Index | None:
        """The cell whose summands are shown."""
        return None if self._sum is None else self._sum.index

    def places_of_arrays(self) -> Mapping[str, Sequence[QRectF]]:
        """The line of each operand under the images, and the curve of the sum."""
        room = self.room
        lines = [room.across(top, NUMBER * room.scale) for top in room.lines]
        return self._places_in(lines or [room.pushes])

    def tables(self) -> Sequence[Table]:
        """What each image adds, in order, with the sum so far."""
        total, snapshot = self._sum, self._snapshot
        if total is None or snapshot is None:
            return ()
        batch, order = snapshot.minibatch, total.order
        found = [order, batch.indices[order], batch.labels[order], total.weights[order]]
        values = np.column_stack([*found, total.running])
        columns = (
            self.tr("row"), self.tr("image"), self.tr("label"), self.tr("adds"), self.tr("sum"),
        )  # fmt: skip
        return (Table(cell_name(total.sums.name, total.index), values, columns),)

    def _show_sum(self, snapshot: Snapshot, sums: CellSums, index: Index) -> None:
        self._sum = CellSum(sums, index)
        weights = sums.inputs is not None
        self.inputs.setVisible(weights)
        if weights:
            self.inputs.show_unit(index[0], sums.result.shape[0])
        self.units.show_unit(index[-1], sums.result.shape[-1])
        self._begin(snapshot, index, len(self._sum))

    def _on_input(self, number: int) -> None:
        if self._sum is not None:
            self._choose((number, self._sum.index[-1]))

    def _on_unit(self, unit: int) -> None:
        if self._sum is None:
            return
        sums, index = self._sum.sums, self._sum.index
        self._choose((*index[:-1], unit) if sums.inputs is not None else (unit,))

    # For the base

    def _total(self) -> CellSum | None:
        return self._sum

    def _painter(self) -> DigitsPainter:
        return self._curve

    def _telling(self) -> CellTelling:
        assert self._sum is not None and self._snapshot is not None
        added = self.scrubber.value()
        return CellTelling(self._snapshot, self._sum, self._is_largest, added, self._pointed)

    def _update_large(self) -> None:
        self._curve.number = self._telling().number()

    def _lines(self, rank: int) -> tuple[str, ...]:
        total = self._sum
        assert total is not None
        if total.inputs is None:
            return ()
        row = total.order[rank]
        given, factor = float(total.inputs[row]), float(total.factors[row])
        return number_text(given, 3), f"× {number_text(factor, 3)}"

    def _column(self, rank: int) -> Column:
        assert self._sum is not None and self._snapshot is not None
        row, batch = int(self._sum.order[rank]), self._snapshot.minibatch
        label, weight = int(batch.labels[row]), self._sum.weight(rank)
        return Column(row, label, batch.images[row], weight, rank, None, self._lines(rank))

    def _wanted(self, snapshot: Snapshot, total: ImageSum) -> Wanted:
        images = snapshot.minibatch.images
        texts = [text for rank in range(min(MEASURED, len(total))) for text in self._lines(rank)]
        names = max(ui_face(13).width(text) for text in (*self._names(), self.tr("drag to add")))
        return Wanted(
            count=len(total),
            image=(int(images.shape[1]), int(images.shape[2])),
            words=self._words_width(snapshot, total, False, texts),
            short_words=self._words_width(snapshot, total, True, texts),
            names=min(names, px(120)) + px(10),
            asks=True,
            lines=len(self._lines(0)),
            sums=False,
        )

    def _names(self) -> tuple[str, ...]:
        """The names of the lines, and of what is added."""
        assert self._sum is not None
        sums = self._sum.sums
        if sums.inputs is None:
            return (sums.factor_text,)
        given = sums.input_text.removeprefix("self.")
        return given, self.tr("times {0}").format(sums.factor_text), self.tr("product")

    def _state(self, snapshot: Snapshot, total: ImageSum, telling: Telling) -> State:
        assert self._sum is not None
        return State(
            count=len(total),
            added=self.scrubber.value(),
            pointed=self._pointed,
            pin=self._pin,
            scale=NO_SCALE,
            large_scale=NO_SCALE,
            large_clipped=NOTHING_CLIPPED,
            large=self._sum.running,
            caption=telling.caption(),
            note=telling.note(),
            largest=total.largest(),
            push=self._names()[-1],
            digits=shows_digits(snapshot.setup),
            phase=self.theme.phase(snapshot.event.phase),
            lines=self._names()[:-1],
        )
