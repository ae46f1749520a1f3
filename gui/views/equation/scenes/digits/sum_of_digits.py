"""The gradient of a unit's weights as the sum of the images, each times its number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.heatmap import Clipped, MapKind, Scale, choose_scale, count_clipped
from gui.paint.text import code_face, ui_face
from gui.views.equation.scenes.digits.chosen_unit import UnitChoice
from gui.views.equation.scenes.digits.layout import DigitsLayout, Wanted, lay_out
from gui.views.equation.scenes.digits.numbers import (
    ImageProduct,
    UnitSum,
    image_product,
)
from gui.views.equation.scenes.digits.paint import Column, DigitsPainter, State
from gui.views.equation.scenes.digits.scrubber import Scrubber
from gui.views.equation.scenes.digits.sentence import (
    draw_sentence,
)
from gui.views.equation.scenes.digits.telling import Telling
from gui.views.equation.scenes.digits.unit_box import UnitBox
from gui.views.equation.scenes.digits.words import (
    column_name,
    image_text,
    label_text,
    shows_digits,
    signed_text,
)
from gui.views.equation.scenes.scene import Scene
from gui.widgets.view import Table

Array = np.ndarray[Any, Any]
TOLD = 6  # images that a screen reader is told
MEASURED = 20  # images whose texts decide how wide a column is


class SumOfDigits(Scene):
    """One unit of dW: the digits by their push, their running sum, and all of them as a scrubber.

    The large picture is the sum as far as it was added; a digit under the mouse is shown there
    alone.
    """

    least = (560, 180)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._sum: UnitSum | None = None
        self._pin: int | None = None
        self._largest_unit = 0
        self._columns: list[Column] = []
        self._aside: Column | None = None
        self._pointed = -1
        self._scale = Scale(MapKind.SIGNED, -1.0, 1.0)
        self._clipped = Clipped(0, 0, 0)
        self._large_scale, self._large_clipped = self._scale, self._clipped
        self._large: Array = np.zeros((1, 1))
        self._layout: DigitsLayout | None = None
        self._painter = DigitsPainter()
        self._choice = UnitChoice()
        self.units = UnitBox(theme, self)
        self.units.unit_chosen.connect(self._on_unit)
        self.scrubber = Scrubber(theme, self)
        self.scrubber.setAccessibleName(self.tr("How many images are added"))
        self.scrubber.setToolTip(
            self.tr("Drag, or use the arrow keys: how many are added. Return pins the last one.")
        )
        self.scrubber.valueChanged.connect(self._on_added)
        self.scrubber.pointed.connect(self._point)
        self.scrubber.picked.connect(self._pin_rank)
        self.setMouseTracking(True)

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the stop is a product of the minibatch's images, transposed."""
        return image_product(snapshot) is not None

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return self.tr("Sum of digits") if shows_digits(snapshot) else self.tr("Sum of images")

    @property
    def unit_sum(self) -> UnitSum | None:
        """What is shown."""
        return self._sum

    @property
    def large(self) -> Array:
        """(rows, columns) of the large picture."""
        return self._large

    @property
    def room(self) -> DigitsLayout:
        """Where everything stands."""
        if self._layout is None:
            self._arrange()
        assert self._layout is not None
        return self._layout

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw a stop that it fits."""
        product = image_product(snapshot)
        if product is None:
            return
        self._pin = pin
        before = self._sum
        self._snapshot = snapshot
        self._largest_unit = product.largest_unit()
        unit = self._choice.unit(snapshot, self.chosen_cell, product.units, self._largest_unit)
        same = before is not None and (before.product.result is product.result)
        if not same or before is None or before.unit != unit:
            self._show_sum(product, unit)
        self._arrange()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self.scrubber.set_theme(theme)
        self.units.theme = theme
        self._layout = None

    def tables(self) -> Sequence[Table]:
        """What each image pushes, in order, and the large picture."""
        total, snapshot = self._sum, self._snapshot
        if total is None or snapshot is None:
            return ()
        batch, order = snapshot.minibatch, total.order
        values = np.column_stack(
            [order, batch.indices[order], batch.labels[order], total.weights[order]]
        )
        columns = (
            self.tr("row"), self.tr("image"), self.tr("label"), total.product.factor_text
        )  # fmt: skip
        name = column_name(total.product.name, total.unit)
        return Table(self.tr("Summands of {0}").format(name), values, columns), Table(
            name, self._large
        )

    # What is shown

    def _show_sum(self, product: ImageProduct, unit: int) -> None:
        self._sum = total = UnitSum(product, unit)
        self._scale = choose_scale(total.result, MapKind.SIGNED)
        self._clipped = count_clipped(total.result, self._scale)
        self._columns, self._aside, self._pointed = [], None, -1
        self.units.show_unit(unit, product.units)
        self.scrubber.blockSignals(True)
        self.scrubber.setRange(1, len(total))
        self.scrubber.setValue(len(total))
        self.scrubber.blockSignals(False)
        self._layout = None
        self._follow()

    def _picture(self, cells: Array) -> Array:
        assert self._snapshot is not None
        return np.asarray(cells).reshape(self._snapshot.minibatch.images.shape[1:])

    def _column(self, rank: int, total: Array | None) -> Column:
        assert self._sum is not None and self._snapshot is not None
        row, batch = int(self._sum.order[rank]), self._snapshot.minibatch
        return Column(
            row, int(batch.labels[row]), batch.images[row], self._sum.weight(rank), total, rank
        )

    def _follow(self) -> None:
        """Show the sum as far as it is added, or the image under the mouse alone."""
        total = self._sum
        if total is None:
            return
        added = self.scrubber.value()
        if self._pointed >= 0:
            cells = total.alone(self._pointed)
            # One image of a hundred would be invisible on the scale of their sum.
            self._large_scale = choose_scale(cells, MapKind.SIGNED)
            self._large_clipped = count_clipped(cells, self._large_scale)
        else:
            cells = total.result if added == len(total) else total.after(added)
            self._large_scale, self._large_clipped = self._scale, self._clipped
        self._large = self._picture(cells)
        told = self._pointed if self._pointed >= 0 else added - 1
        at_rest = self._pointed < 0 and added == len(total)
        if at_rest or told < len(self._columns):
            self._aside = None
        elif self._aside is None or self._aside.rank != told:
            self._aside = self._column(told, None)
        self._describe()
        self.update()

    def _describe(self) -> None:
        assert self._sum is not None and self._snapshot is not None
        telling = self._telling()
        self.setAccessibleName(self.tr("Sum of the images of a unit"))
        self.setAccessibleDescription(telling.description())
        self.scrubber.setAccessibleDescription(telling.note())

    def _telling(self) -> Telling:
        assert self._sum is not None and self._snapshot is not None
        added = self.scrubber.value()
        return Telling(self._snapshot, self._sum, self._largest_unit, added, self._pointed)

    # The room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        total, snapshot = self._sum, self._snapshot
        if total is None or snapshot is None:
            return
        images = snapshot.minibatch.images
        wanted = Wanted(
            count=len(total),
            image=(int(images.shape[1]), int(images.shape[2])),
            words=self._words_width(short=False),
            short_words=self._words_width(short=True),
            names=_names_width(self.tr("all on one scale"), total.product.factor_text),
            asks=total.product.sign_known,
        )
        self._layout = room = lay_out(self.width(), self.height(), wanted, SCALE.factor)
        shown = len(room.columns)
        if len(self._columns) != shown:
            sums = total.first(shown)
            self._columns = [self._column(rank, self._picture(sums[rank])) for rank in range(shown)]
        self.units.setGeometry(self._unit_place(room))
        self.scrubber.setGeometry(room.scrubber.toRect())
        pin = None if self._pin is None else total.rank(self._pin)
        self.scrubber.show_weights(total.weights[total.order], shown, pin)
        self._follow()

    def _words_width(self, short: bool) -> float:
        """The width of the longest text in the first columns."""
        total = self._sum
        assert total is not None and self._snapshot is not None
        labels = self._snapshot.minibatch.labels
        bold, face, code = ui_face(13, QFont.Weight.DemiBold), ui_face(12), code_face(13)
        found = [float(px(60))]
        for rank in range(min(MEASURED, len(total))):
            row = int(total.order[rank])
            label = bold.width(label_text(int(labels[row]))) + px(5)
            found.append(label + face.width(image_text(row, short)))
            found.append(code.width(signed_text(total.weight(rank))))
        return max(found) + px(8)

    def _unit_place(self, room: DigitsLayout) -> Any:
        high = px(24)
        place = QRectF(room.title)
        wide = min(self.units.sizeHint().width() + px(8), place.width())
        return QRectF(place.left(), place.center().y() - high / 2, wide, high).toRect()

    def _title(self) -> QRectF:
        return self.room.title.adjusted(self.units.width() + px(10), 0, 0, 0)

    # Mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the image under the mouse alone."""
        rank = self._rank_at(event.position())
        self.setCursor(
            Qt.CursorShape.PointingHandCursor if rank >= 0 else Qt.CursorShape.ArrowCursor
        )
        # An image aside goes away with the mouse's own choice, so it is no choice itself.
        self._point(rank if rank < len(self._columns) else -1)

    def leaveEvent(self, event: QEvent) -> None:
        """Show the sum again."""
        self._point(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pin the image."""
        rank = self._rank_at(event.position())
        if event.button() is Qt.MouseButton.LeftButton and rank >= 0:
            self._pin_rank(rank)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape releases the unit."""
        if event.key() == Qt.Key.Key_Escape and self._snapshot is not None:
            self._choice.release()
            self.cell_chosen.emit(None)
            self.show_snapshot(self._snapshot, self._pin)
        else:
            super().keyPressEvent(event)

    def _rank_at(self, place: QPointF) -> int:
        """The place in the order of the image at a place of the scene, or −1."""
        if self._sum is None:
            return -1
        column = self.room.column_at(place.x(), place.y())
        if column is None:
            return -1
        if column < len(self._columns):
            return column
        return -1 if self._aside is None else self._aside.rank

    def _point(self, rank: int) -> None:
        if rank != self._pointed:
            self._pointed = rank
            self._follow()

    def _on_added(self, _count: int) -> None:
        self._pointed = -1
        self._follow()

    def _pin_rank(self, rank: int) -> None:
        if self._sum is None or self._snapshot is None:
            return
        row = int(self._sum.order[rank])
        sample = int(self._snapshot.minibatch.indices[row])
        self.sample_pinned.emit(None if row == self._pin else sample)

    def _on_unit(self, unit: int) -> None:
        if self._sum is None or self._snapshot is None:
            return
        row = int(np.argmax(np.abs(self._sum.product.result[:, unit])))
        cell = self._choice.choose(self._snapshot, (row, unit))
        self.show_snapshot(self._snapshot, self._pin)
        self.cell_chosen.emit(cell)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sentence, the columns and the large picture."""
        total, snapshot = self._sum, self._snapshot
        if total is None or snapshot is None:
            return
        painter = QPainter(self)
        telling, title = self._telling(), self._title()
        draw_sentence(painter, title, telling.sentence(title.width()), self.theme)
        finite = total.weights[np.isfinite(total.weights)]
        state = State(
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
            largest=float(np.abs(finite).max(initial=0.0)) or 1.0,
            factor=total.product.factor_text,
            digits=shows_digits(snapshot),
            phase=self.theme.phase(snapshot.event.phase),
        )
        self._painter.paint(painter, self.room, self._columns, self._aside, state, self.theme)


def _names_width(scale_words: str, factor: str) -> float:
    """The width of the names of the rows."""
    face = ui_face(13)
    wide = max(ui_face(12).width(scale_words), face.width(f"times {factor}"))
    return min(wide, 1.4 * ui_face(12).width(scale_words)) + px(10)
