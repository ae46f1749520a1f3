"""The base of the sums over images: columns of images, a scrubber, and the sum at large."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.heatmap import MapKind
from gui.paint.text import code_face, ui_face
from gui.views.equation.scenes.digits.chosen_unit import UnitChoice
from gui.views.equation.scenes.digits.layout import DigitsLayout, Wanted, lay_out
from gui.views.equation.scenes.digits.numbers import ImageSum
from gui.views.equation.scenes.digits.paint import Column, DigitsPainter, State
from gui.views.equation.scenes.digits.scrubber import Scrubber
from gui.views.equation.scenes.digits.sentence import draw_sentence
from gui.views.equation.scenes.digits.telling import Telling
from gui.views.equation.scenes.digits.unit_box import UnitBox
from gui.views.equation.scenes.digits.words import image_text, signed_text
from gui.views.equation.scenes.scene import OF_RESULT, StopScene
from gui.views.equation.scenes.words import label_text

Array = np.ndarray[Any, Any]
MEASURED = 20  # images whose texts decide how wide a column is


class SumScene(StopScene):
    """Adds what each image contributes, the strongest first, as far as the scrubber says.

    An image under the mouse is shown alone; a click pins it. A subclass says what is added, and
    paints the sum.
    """

    least = (560, 176)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._pin: int | None = None
        self._columns: list[Column] = []
        self._aside: Column | None = None
        self._pointed = -1
        self._layout: DigitsLayout | None = None
        self._moment: tuple[object, ...] = ()
        self._choice = UnitChoice()
        self._boxes: list[UnitBox] = []
        self.scrubber = Scrubber(theme, self)
        self.scrubber.setAccessibleName(self.tr("How many images are added"))
        self.scrubber.setToolTip(
            self.tr("Drag, or use the arrow keys: how many are added. Return pins the last one.")
        )
        self.scrubber.valueChanged.connect(self._on_added)
        self.scrubber.pointed.connect(self._point)
        self.scrubber.picked.connect(self._pin_rank)
        self.setMouseTracking(True)

    # What a subclass says

    def _total(self) -> ImageSum | None:
        """What is shown."""
        raise NotImplementedError

    def _painter(self) -> DigitsPainter:
        """What paints it."""
        raise NotImplementedError

    def _telling(self) -> Telling:
        """The words for it."""
        raise NotImplementedError

    def _state(self, snapshot: Snapshot, total: ImageSum, telling: Telling) -> State:
        """What is drawn besides the columns."""
        raise NotImplementedError

    def _wanted(self, snapshot: Snapshot, total: ImageSum) -> Wanted:
        """What is to be laid out."""
        raise NotImplementedError

    def _make_columns(self, count: int) -> list[Column]:
        """The first columns."""
        return [self._column(rank) for rank in range(count)]

    def _column(self, rank: int) -> Column:
        """The image at a place of the order."""
        raise NotImplementedError

    def _update_large(self) -> None:
        """Compute what is shown at large."""

    # What is shown

    def map_of_result(self, snapshot: Snapshot) -> MapKind | None:
        """The sums are red above 0 and blue below."""
        return MapKind.SIGNED

    def _places_in(self, rows: Sequence[QRectF]) -> Mapping[str, Sequence[QRectF]]:
        """The places of the stop's operands, each in one of the rows, and that of the sum."""
        operation = None if self._snapshot is None else self._snapshot.operation
        if operation is None or self._total() is None:
            return {}
        texts = [operand.text for operand in operation.operands]
        found = {text: [row] for text, row in zip(texts, rows, strict=False)}
        return {**found, OF_RESULT: [self.room.final]}

    @property
    def room(self) -> DigitsLayout:
        """Where everything stands."""
        if self._layout is None:
            self._arrange()
        assert self._layout is not None
        return self._layout

    @property
    def pointed(self) -> int:
        """The place in the order of the image that is shown alone, or −1."""
        return self._pointed

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self.scrubber.set_theme(theme)
        for box in self._boxes:
            box.theme = theme
        self._layout = None

    def _add_box(self, noun: str, name: str) -> UnitBox:
        """A chooser at the left of the sentence."""
        box = UnitBox(self.theme, noun, name, self)
        self._boxes.append(box)
        QWidget.setTabOrder(box, self.scrubber)
        return box

    def _begin(self, snapshot: Snapshot, cell: Index, count: int) -> None:
        """Show another sum, of so many images: all are added, or as many as before at this stop."""
        moment = (snapshot.identity, snapshot.position, cell)
        added = self.scrubber.value() if moment == self._moment else count
        self._moment = moment
        self._columns, self._aside, self._pointed = [], None, -1
        self.scrubber.blockSignals(True)
        self.scrubber.setRange(1, count)
        self.scrubber.setValue(added)
        self.scrubber.blockSignals(False)
        self._layout = None

    def _follow(self) -> None:
        """Show the sum as far as it is added, or the image under the mouse alone."""
        total = self._total()
        if total is None:
            return
        added = self.scrubber.value()
        self._update_large()
        told = self._pointed if self._pointed >= 0 else added - 1
        at_rest = self._pointed < 0 and added == len(total)
        if at_rest or told < len(self._columns):
            self._aside = None
        elif self._aside is None or self._aside.rank != told:
            self._aside = self._column(told)
        telling = self._telling()
        self.setAccessibleDescription(telling.description())
        self.scrubber.setAccessibleDescription(telling.note())
        self.update()

    # The room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        total, snapshot = self._total(), self._snapshot
        if total is None or snapshot is None:
            return
        wanted = self._wanted(snapshot, total)
        self._layout = room = lay_out(self.width(), self.height(), wanted, SCALE.factor)
        shown = len(room.columns)
        if len(self._columns) != shown:
            self._columns = self._make_columns(shown)
        left, high = room.title.left(), px(24)
        for box in self._boxes:
            if not box.isHidden():
                wide = min(box.wanted_width(), room.title.right() - left)
                place = QRectF(left, room.title.center().y() - high / 2, wide, high)
                box.setGeometry(place.toRect())
                left += wide + px(6)
        self.scrubber.setGeometry(room.scrubber.toRect())
        pin = None if self._pin is None else total.rank(self._pin)
        self.scrubber.show_weights(total.weights[total.order], shown, pin)
        self._follow()

    def _words_width(
        self, snapshot: Snapshot, total: ImageSum, short: bool, others: Sequence[str] = ()
    ) -> float:
        """The width of the longest text in the first columns."""
        labels = snapshot.minibatch.labels
        bold, face, code = ui_face(13, QFont.Weight.DemiBold), ui_face(12), code_face(13)
        found = [float(px(60)), *(code.width(text) for text in others)]
        for rank in range(min(MEASURED, len(total))):
            row = int(total.order[rank])
            label = bold.width(label_text(int(labels[row]))) + px(5)
            found.append(label + face.width(image_text(row, short)))
            found.append(code.width(signed_text(total.weight(rank))))
        return max(found) + px(8)

    def _title(self) -> QRectF:
        ends = [box.geometry().right() for box in self._boxes if not box.isHidden()]
        title = QRectF(self.room.title)
        title.setLeft(max(ends, default=title.left()) + px(10))
        return title

    # Mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the image under the mouse alone."""
        rank = self._rank_at(event.position())
        pointing = Qt.CursorShape.PointingHandCursor
        self.setCursor(pointing if rank >= 0 else Qt.CursorShape.ArrowCursor)
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
        if self._total() is None:
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
        total = self._total()
        if total is None or self._snapshot is None:
            return
        row = int(total.order[rank])
        sample = int(self._snapshot.minibatch.indices[row])
        self.sample_pinned.emit(None if row == self._pin else sample)

    def _choose(self, index: Index) -> None:
        """Show another cell of the result, and tell."""
        if self._snapshot is not None:
            cell = self._choice.choose(self._snapshot, index)
            self.show_snapshot(self._snapshot, self._pin)
            self.cell_chosen.emit(cell)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sentence, the columns and the sum at large."""
        total, snapshot = self._total(), self._snapshot
        if total is None or snapshot is None:
            return
        painter = QPainter(self)
        telling, title = self._telling(), self._title()
        draw_sentence(painter, title, telling.sentence(title.width()), self.theme)
        state = self._state(snapshot, total, telling)
        self._painter().paint(painter, self.room, self._columns, self._aside, state, self.theme)
