"""The update as a scene: the weights before, the step, and the weights after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QWidget

from engine.debug.events import Phase
from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, Scale, choose_scale
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import number_text, scalar_text
from gui.views.equation.scenes.framed import (
    BOLD,
    CENTRE,
    MOST_NUMBERS,
    Frames,
    draw_parts,
    matrix_of,
    outline,
    title,
)
from gui.views.equation.scenes.scene import OF_RESULT, PaintedScene
from gui.views.equation.scenes.update_bars import bar_at, paint_bars
from gui.views.equation.scenes.update_card import StepCard, card_of, paint_card
from gui.views.equation.scenes.update_parts import Step, Term, has_units, largest_cell, step_of
from gui.widgets.arrow_box import ArrowBox
from gui.widgets.chosen_cell import place_in
from gui.widgets.view import Table

Array = np.ndarray[Any, Any]
HEAD = 32  # the line with the chooser
CARD = 250  # the least width of the numbers at the right
_BROAD = 1.35  # times as broad as its pixels is a picture whose cells have numbers
MOST_UNITS = 2000  # of a layer whose units are offered one by one


class UpdateScene(PaintedScene):
    """W before, the step, W after: one unit's weights as an image, or a matrix, or bars.

    The step is much smaller than W, so that it has colours of its own, and their factor is said.
    A click on a cell, or the arrows, choose the weight whose arithmetic stands at the right. The
    chosen cell of all panels comes first, and moves with a choice that is made here.
    """

    least = (620, 186)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._step: Step | None = None
        self._card = StepCard((), ())
        self._cell: tuple[int, ...] = ()
        self._units: dict[str, int] = {}  # by parameter, the unit that the person has chosen
        self._unit: int | None = None
        self._frames = Frames()
        self._scales: tuple[Scale | None, ...] = ()
        self._shown: list[Array | None] = []
        self.box = ArrowBox(theme, self)
        self.box.setProperty("role", "pill")
        self.box.setFont(ui_font(12))
        self.box.setAccessibleName(self.tr("Unit"))
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.box.activated.connect(self._on_unit)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Update"))

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the cursor is at the arithmetic of an update."""
        return step_of(snapshot) is not None

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return self.tr("Step")

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw the step at the cursor."""
        step = step_of(snapshot)
        self._snapshot, self._step = snapshot, step
        if step is None:
            return
        rows, columns = snapshot.minibatch.images.shape[1:]
        shape = step.result.value.shape
        units = has_units(shape, (rows, columns)) and shape[1] <= MOST_UNITS
        unit = self._units.get(step.label) if units else None
        cell = self._chosen_here() or largest_cell(
            step.moved, unit if unit is not None and unit < shape[1] else None
        )
        self._unit = cell[1] if units else None
        self._offer(shape[1] if units else 0)
        self._choose_cell(cell)

    def map_of_result(self, snapshot: Snapshot) -> MapKind | None:
        """All its arrays are red above 0 and blue below."""
        return MapKind.SIGNED

    def cell(self, snapshot: Snapshot) -> Index | None:
        """The weight whose arithmetic stands at the right."""
        return self._cell or None

    def places_of_arrays(self) -> Mapping[str, Sequence[QRectF]]:
        """Left, right and result; before and after have one name, under which both are."""
        if self._step is None:
            return {}
        found: dict[str, list[QRectF]] = {}
        places = self.places()
        for term, place in zip(self._step.terms, places, strict=True):
            found.setdefault(term.name, []).append(place)
        return {**found, OF_RESULT: [places[-1]]}

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.box.theme = theme
        super().set_theme(theme)

    def tables(self) -> Sequence[Table]:
        """The arrays of the step, of the unit on the screen."""
        if self._step is None:
            return ()
        return [
            Table(f"{term.name} {term.moment}".strip(), matrix_of(np.asarray(shown)))
            for term, shown in zip(self._step.terms, self._shown, strict=False)
            if shown is not None
        ]

    # What is shown

    def _offer(self, count: int) -> None:
        """Fill the chooser with the units of this parameter."""
        self.box.setFont(ui_font(12))  # the type may have another size by now
        self.box.setVisible(count > 1)
        if self.box.count() != count:
            self.box.clear()
            self.box.addItems([self.tr("unit {0}").format(n) for n in range(count)])
        if self._unit is not None:
            self.box.setCurrentIndex(self._unit)
        self._place_box()

    def _on_unit(self, unit: int) -> None:
        if self._step is not None:
            self._units[self._step.label] = self._unit = unit
            self._pick(largest_cell(self._step.moved, unit))

    def _chosen_here(self) -> Index | None:
        """The index of the chosen cell of all panels, if one of the step's arrays has it."""
        snapshot, step = self._snapshot, self._step
        if snapshot is None or step is None:
            return None
        for term in (step.result, step.left, step.right):
            is_result = term is step.result
            found = place_in(self.chosen_cell, snapshot, term.name, term.value, is_result)
            if found is not None:
                return found
        return None

    def _pick(self, cell: tuple[int, ...]) -> None:
        """Show a weight that the person picked here; it replaces the chosen cell of its array."""
        moves = self._chosen_here() is not None
        self._choose_cell(cell)
        if moves and self.chosen_cell is not None:
            self.cell_chosen.emit(replace(self.chosen_cell, index=cell))

    def _choose_cell(self, cell: tuple[int, ...]) -> None:
        snapshot, step = self._snapshot, self._step
        assert snapshot is not None and step is not None
        self._cell = cell
        self._shown = [self._part(snapshot, term) for term in step.terms]
        self._scales = _scales(step, self._shown)
        self._card = card_of(snapshot, step, cell, self._unit, self._scales)
        self.setAccessibleDescription(self._card.spoken)
        self.update()

    def _part(self, snapshot: Snapshot, term: Term) -> Array | None:
        """The matrix that is drawn of a term: the unit's image, or all of it."""
        if not term.is_array:
            return None
        if self._unit is not None:
            rows, columns = snapshot.minibatch.images.shape[1:]
            part: Array = term.value[:, self._unit].reshape(rows, columns)
            return part
        return term.value.reshape(1, -1) if self._bars else matrix_of(term.value)

    @property
    def _bars(self) -> bool:
        """Whether the array has one axis that is longer than 1."""
        if self._step is None:
            return False
        array = self._step.result.value
        return bool(array.size == max(array.shape))

    # Mouse and keys

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the chooser."""
        self._place_box()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the font."""
        super().changeEvent(event)
        self._place_box()

    def _place_box(self) -> None:
        size = self.box.sizeHint()
        self.box.setGeometry(px(12), px(3), size.width(), min(size.height(), px(HEAD - 4)))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the weight under the mouse."""
        for place, shown in zip(self.places(), self._shown, strict=False):
            if shown is None or not place.contains(event.position()):
                continue
            rows, columns = shown.shape
            x = (event.position().x() - place.left()) / place.width()
            y = (event.position().y() - place.top()) / place.height()
            if self._bars:
                self._point(0, bar_at(x, columns))
            else:
                self._point(min(int(y * rows), rows - 1), min(int(x * columns), columns - 1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows choose another weight."""
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        move = moves.get(Qt.Key(event.key()))
        if move is None or not self._cell:
            super().keyPressEvent(event)
            return
        row, column = self._drawn_cell()
        shown = next(part for part in self._shown if part is not None)
        row = min(max(row + move[0], 0), shown.shape[0] - 1)
        column = min(max(column + move[1], 0), shown.shape[1] - 1)
        self._point(row, column)

    def _point(self, row: int, column: int) -> None:
        """Choose the weight of a drawn cell."""
        if self._step is None or self._snapshot is None:
            return
        shape = self._step.result.value.shape
        if self._unit is not None:
            across = int(self._snapshot.minibatch.images.shape[2])
            self._pick((row * across + column, self._unit))
        else:
            flat = np.unravel_index(row * self._columns() + column, shape)
            self._pick(tuple(int(i) for i in flat))

    def _drawn_cell(self) -> tuple[int, int]:
        """Row and column, as drawn, of the chosen weight."""
        assert self._step is not None and self._snapshot is not None
        if self._unit is not None:
            return divmod(self._cell[0], int(self._snapshot.minibatch.images.shape[2]))
        shape = self._step.result.value.shape
        flat = int(np.ravel_multi_index(self._cell, shape))
        return divmod(flat, self._columns())

    def _columns(self) -> int:
        """The columns that are drawn of an array that is no unit's image."""
        return next(int(part.shape[1]) for part in self._shown if part is not None)

    # Painting

    def _card_width(self) -> float:
        return max(px(CARD), min(0.23 * self.width(), px(380)))

    def places(self) -> list[QRectF]:
        """Where the pictures of left, right and result are; a number's place is narrow."""
        left, right = px(12), self.width() - self._card_width() - px(24)
        top, foot = px(HEAD + 24), self.height() - px(30)
        sign = px(24)
        arrays = max(sum(part is not None for part in self._shown), 1)
        plain = [term.name for term in self._step.terms if not term.is_array] if self._step else []
        number = max([px(76), *(code_face(12).width(name) + px(8) for name in plain)])
        number = min(number, px(130))
        room = right - left - 2 * sign - (3 - arrays) * number
        wide, tall = room / arrays, float(max(foot - top, px(40)))
        shape = next((part.shape for part in self._shown if part is not None), (1, 1))
        if self._unit is not None:
            side = min(wide, tall * shape[1] / shape[0])
            broad = _BROAD if shape[0] * shape[1] <= MOST_NUMBERS else 1.0
            wide, tall = min(wide, side * broad), side * shape[0] / shape[1]
        elif not self._bars:
            wide = min(wide, max(tall * 1.15, shape[1] * px(36)))
        used = arrays * wide + (3 - arrays) * number + 2 * sign
        x = left + max((right - left - used) / 2, 0)
        found = []
        for part in self._shown:
            width = number if part is None else wide
            found.append(QRectF(x, top, width, tall))
            x += width + sign
        return found

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pictures, the signs and the numbers."""
        step, snapshot = self._step, self._snapshot
        if step is None or snapshot is None:
            return
        painter = QPainter(self)
        self._paint_head(painter, step)
        places = self.places()
        for number, (term, place) in enumerate(zip(step.terms, places, strict=True)):
            self._paint_term(painter, number, term, place)
        for number, sign in enumerate((step.sign, "=")):
            left, right = places[number], places[number + 1]
            between = QRectF(left.right(), left.top(), right.left() - left.right(), left.height())
            draw_text(painter, between, sign, code_face(28), self.theme.text2, CENTRE)
        width = self._card_width()
        area = QRectF(self.width() - width - px(12), px(6), width, self.height() - px(16))
        paint_card(painter, area, self._card, self.theme)
        self._dim_past(painter)

    def _paint_head(self, painter: QPainter, step: Step) -> None:
        left = px(12) if self.box.isHidden() else self.box.geometry().right() + px(10)
        place = QRectF(left, px(3), self.width() - left - self._card_width() - px(36), px(HEAD - 4))
        bold, plain = ui_face(13, BOLD), ui_face(13)
        theme = self.theme
        if self._unit is None:
            words = [(step.label, code_face(13, BOLD), theme.text)]
        else:
            asked = self._units.get(step.label) == self._unit
            largest = largest_cell(step.moved)[1] == self._unit
            text = self.tr("has the largest step of {0}.") if largest else self.tr("of {0}.")
            words = [(text.format(step.label), bold, theme.text)]
            hint = "  " + self.tr("Choose another at the left.")
            used = sum(face.width(part) for part, face, _ in words)
            if not asked and used + plain.width(hint) <= place.width():
                words.append((hint, plain, theme.text2))
        draw_parts(painter, place, words)

    def _paint_term(self, painter: QPainter, number: int, term: Term, place: QRectF) -> None:
        theme, shown, scale = self.theme, self._shown[number], self._scales[number]
        head = QRectF(place.left(), place.top() - px(22), place.width(), px(20))
        if shown is None or scale is None:
            face = code_face(14)
            text = scalar_text(term.value)
            if face.width(text) > place.width():
                text = number_text(float(term.value), 3)
            draw_text(painter, place, text, face, theme.text, CENTRE)
            above = QRectF(place.left(), place.center().y() - px(32), place.width(), px(18))
            if text != term.name.replace("-", "−"):
                draw_text(painter, above, term.name, code_face(12), theme.text2, CENTRE)
            return
        moments = {"before": self.tr("before"), "after": self.tr("after")}
        title(painter, head, term.name, moments.get(term.moment, ""), theme)
        result = number == 2
        border = theme.phase(Phase.UPDATE) if result else ""
        row, column = self._drawn_cell()
        if self._bars:
            before = self._shown[0] if result and self._step and self._step.changes else None
            paint_bars(painter, place, shown[0], scale, column, theme, before, border)
        else:
            self._frames.paint(painter, str(number), place, shown, scale, theme, border)
            self._mark(painter, place, shown.shape, row, column)
        foot = QRectF(place.left(), place.bottom() + px(4), place.width(), px(18))
        text = self._card.scales[number]
        short = text.partition(",")[0]
        face = ui_face(12)
        text = text if face.width(text) <= foot.width() else short
        draw_text(painter, foot, text, face, theme.text2, CENTRE)

    def _mark(
        self, painter: QPainter, place: QRectF, shape: tuple[int, ...], row: int, column: int
    ) -> None:
        """Frame the chosen weight; a frame is never smaller than can be seen."""
        wide, high = place.width() / shape[1], place.height() / shape[0]
        middle = QPointF(place.left() + (column + 0.5) * wide, place.top() + (row + 0.5) * high)
        box = QRectF(0, 0, max(wide, px(7)), max(high, px(7)))
        box.moveCenter(middle)
        outline(painter, box.adjusted(-1, -1, 1, 1), self.theme.panel, 1)
        outline(painter, box, self.theme.text, 2)


def _scales(step: Step, shown: Sequence[Array | None]) -> tuple[Scale | None, ...]:
    """A signed scale for each array; before and after share theirs."""
    found: list[Scale | None] = [
        None if part is None else choose_scale(part, MapKind.SIGNED) for part in shown
    ]
    if step.changes:
        was_zero = shown[0] is not None and not np.any(shown[0])
        found[0] = found[2] = found[2] if was_zero else found[0]
    return tuple(found)
