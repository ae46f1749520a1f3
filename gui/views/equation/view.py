"""The current expression as a picture of its arithmetic, with the origin of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.debug.explain.examples import ExamplePlaces, example_cell, kept_cell
from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import Index, targets_of
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.mosaic import LEAST_PICTURE
from gui.views.equation.as_text import expression_text, value_line
from gui.views.equation.canvas import EquationCanvas
from gui.views.equation.card import CellCard, explained
from gui.views.equation.lesson.row import LessonRow
from gui.views.equation.lesson.why_box import WhyBox
from gui.views.equation.mismatch import MismatchBox
from gui.views.equation.picture.forms import row_of
from gui.views.equation.picture.make import has_content, make_picture
from gui.views.equation.picture.part_maker import is_drawable
from gui.views.equation.picture.parts import RESULT, Block, Manner
from gui.views.equation.scenes.scene import Scene
from gui.views.equation.scenes.stage import SceneStage
from gui.widgets.chosen_cell import ChosenCell, place_in
from gui.widgets.empty import EmptyState
from gui.widgets.icon_button import make_icon_button
from gui.widgets.past_note import PastNote, when
from gui.widgets.scale_chip import ScaleChip
from gui.widgets.segments import make_segments
from gui.widgets.view import Table, View, network_of
from gui.words.lesson import Lesson

MATRIX, PICTURES, SCENE = range(3)
LEAST_CANVAS = 330  # pixels of the canvas's width; below this the card is hidden
CARD_SHARE = 0.26
LINE = 28  # the height of a card of one line


class EquationView(View):
    """Draws the operation of the event at the cursor.

    If the event made only a number or a name, the last picture stays, dimmed, with a note.

    Signals:
        mode_chosen: True to draw images as pictures, False as rows of a matrix.
        scene_chosen: whether a scene is shown where one fits.
        why_asked: for the derivation of the cell of the result with this index, or None.
    """

    view_id = "equation"
    mode_chosen = Signal(bool)
    scene_chosen = Signal(bool)
    why_asked = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._drawn: Snapshot | None = None  # the snapshot of the picture
        self._kept = ExamplePlaces()
        self._example: Index | None = None
        self._wanted: int | None = None  # the mode that the person has chosen
        self._wants_scene = True
        self._pending = False
        self.top = LessonRow(theme, self)
        self.top.why_asked.connect(self.ask_why)
        self.stage = SceneStage(theme, self)
        self.stage.event_chosen.connect(self._on_event_chosen)
        self.stage.sample_pinned.connect(self.sample_pinned)
        self.stage.cell_chosen.connect(self.cell_chosen)
        self.canvas = EquationCanvas(theme, self)
        self.card = CellCard(theme, self)
        self.mismatch = MismatchBox(theme, self)
        self.past = PastNote(theme, self)
        self._empty = EmptyState(theme, self)
        self.why = WhyBox(theme, self)
        for part in (self.top, self.stage, self.card, self.mismatch, self.past, self._empty):
            part.hide()
        self.canvas.held.connect(self._on_held)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.event_chosen.connect(self._on_event_chosen)
        self.card.event_chosen.connect(self._on_event_chosen)
        self._make_controls()

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Equation")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The expression at the cursor as arithmetic on whole arrays: point at a cell of the "
            "result to see which cells made it, at a cell of an operand to see which cells it "
            "reaches. Equal dimensions are equally long and those that must agree share a "
            "colour, but lengths are not in proportion, or 784 would dwarf 50. The wheel zooms "
            "the array under the mouse, down to its numbers, and it grows into the free room; a "
            "double-click on it fits it again, as do 0 and Escape. Double-click a name to go "
            "where it was made. One cell is marked: the cell of the last stop at a cell or of a "
            "click (Escape releases it), else the cell that matters most."
        )

    def title_widgets(self) -> list[QWidget]:
        """The switch of matrix and pictures, the colour scales, and the button that ends a zoom."""
        return [self._modes, self.chip, self._fit]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        for part in (
            self.canvas, self.card, self.mismatch, self.past, self._empty, self.chip,
            self.top, self.stage, self.why,
        ):  # fmt: skip
            part.set_theme(theme)
        self._fit.setIcon(icon("screen-full", theme))
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the operation of the event at the cursor."""
        if self._snapshot is not None and network_of(self._snapshot) != network_of(snapshot):
            self.canvas.scales.clear()
            self._kept = ExamplePlaces()
        if self._snapshot is not None and self._snapshot.identity.session != (
            snapshot.identity.session
        ):
            self._drawn = None  # another session: its picture is gone
        self.canvas.scales.at((snapshot.identity, snapshot.position.batch))
        self._snapshot = snapshot
        self._pending = not self.isVisible()
        if not self._pending:
            self._refresh()

    def show_lesson(self, lesson: Lesson | None, snapshot: Snapshot) -> None:
        """Show the formula, the legend and the derivation's button of a stop."""
        self.top.show_lesson(lesson, snapshot, self.theme.phase(snapshot.event.phase))
        self._share()

    def set_words(self, on: bool) -> None:
        """Show words, or the formula alone."""
        self.top.set_words(on)
        self._share()

    def ask_why(self) -> None:
        """Ask for the derivation of the marked cell."""
        self.why_asked.emit(self._example)

    def show_pin(self, sample: int | None) -> None:
        """Mark the pinned sample's row."""
        super().show_pin(sample)
        if self.isVisible():
            self._refresh()

    def follow_type(self) -> None:
        """Divide the room for the new font size."""
        super().follow_type()
        self._share()

    def choose_mode(self, pictures: bool) -> None:
        """Draw images as pictures from now on, or as rows of a matrix."""
        self._wanted = PICTURES if pictures else MATRIX
        self._refresh()

    def choose_scene(self, wanted: bool) -> None:
        """Show a scene where one fits from now on, or the arithmetic."""
        self._wants_scene = wanted
        self._refresh()

    def tables(self) -> Sequence[Table]:
        """The numbers of the scene; else the result, and the operands that are arrays."""
        if self._scene is not None and self.stage.scene is not None:
            return self.stage.scene.tables()
        operation = self._operation()
        if operation is None:
            return ()
        found = [(operation.name, operation.result)]
        found += [(operand.text, operand.value) for operand in operation.operands]
        return [
            Table(name, np.asarray(value).reshape(-1, np.shape(value)[-1]))
            if np.ndim(value) > 2
            else Table(name, np.asarray(value))
            for name, value in found
            if is_drawable(value) and isinstance(value, np.ndarray)
        ]

    def picture(self) -> QWidget:
        """The equation itself, or the scene."""
        return self.canvas if self._scene is None else self.stage

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the snapshot that arrived while hidden."""
        super().showEvent(event)
        if self._pending:
            self._pending = False
            self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room."""
        super().resizeEvent(event)
        self._share()

    # Controls

    def _make_controls(self) -> None:
        self._modes, self._mode = make_segments(self, (self.tr("Matrix"), self.tr("Images"), ""))
        self._mode.button(SCENE).hide()
        self._mode.button(PICTURES).setChecked(True)
        self._mode.idClicked.connect(self._on_mode)
        self._fit = make_icon_button(self.tr("Fit all arrays (0)"), self.canvas.fit)
        self._fit.setIcon(icon("screen-full", self.theme))
        policy = self._fit.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # so that its neighbours do not move
        self._fit.setSizePolicy(policy)
        self._fit.hide()
        self.canvas.zoom_changed.connect(self._on_zoom_changed)
        self.chip = ScaleChip(self.theme)
        self.chip.rescale_asked.connect(self.canvas.rescale)
        self.chip.back_asked.connect(self.canvas.scale_back)
        self.canvas.scales_changed.connect(self._say_scales)

    def _on_zoom_changed(self, zoomed: bool) -> None:
        if self._fit.isHidden() == zoomed:
            self._fit.setVisible(zoomed)

    def _say_scales(self) -> None:
        self.chip.show_arrays(self.canvas.coloured())

    # Drawing

    def _operation(self) -> Operation | None:
        return self._drawn.operation if self._drawn is not None else None

    def _on_mode(self, mode: int) -> None:
        if mode == SCENE or self._scene is not None:
            self._wants_scene = mode == SCENE
            self.scene_chosen.emit(self._wants_scene)
        if mode == SCENE:
            self._refresh()
        elif self._mode.button(PICTURES).isEnabled():
            self.canvas.fit()  # the zoomed cells do not exist in the other mode
            self.choose_mode(mode == PICTURES)
            self.mode_chosen.emit(mode == PICTURES)

    def _refresh(self, *_: Any) -> None:
        snapshot = self._snapshot
        if snapshot is None or snapshot.operation is None:
            return
        operation = snapshot.operation
        # An operation that computes always has a picture.
        scene = self._choose_scene(snapshot)
        is_past = (
            scene is None
            and not row_of(operation).computes
            and not has_content(make_picture(operation, Manner()))
        )
        if not is_past:
            self._drawn = snapshot
        if scene is not None:
            self.stage.chosen_cell = self.chosen_cell
            self.stage.show_snapshot(scene, snapshot, self.pinned_row(snapshot))
        elif self._drawn is not None:
            self._draw(self._drawn)
        self._say_past(snapshot, is_past)
        self.canvas.show_past(is_past)
        self.card.show_past(is_past)
        self._share()
        where = snapshot.stack[0].function if snapshot.stack else ""
        about = operation.source.splitlines()[0]
        if self.chosen_cell is not None:  # replaces the source: both would be cut
            about = self.tr("{0} is chosen, Esc releases it").format(self.chosen_cell)
        self.subtitle_changed.emit(f"{where}   {about}")

    _scene: type[Scene] | None = None

    def _choose_scene(self, snapshot: Snapshot) -> type[Scene] | None:
        """The scene to show; offers its button."""
        offered = self.stage.offered(snapshot, self.width(), self.height())
        button = self._mode.button(SCENE)
        button.setVisible(offered is not None)
        self._scene = None
        if offered is not None:
            button.setText(self.stage.scene_for(offered).name(snapshot))
            if self._wants_scene:
                self._scene = offered
                button.setChecked(True)
                self._mode.button(PICTURES).setEnabled(True)  # unknown until these are drawn
        self.stage.setVisible(self._scene is not None)
        self.chip.setVisible(self._scene is None)  # its scales are those of the arithmetic
        return self._scene

    def _say_past(self, snapshot: Snapshot, is_past: bool) -> None:
        """Name the value at this stop, and the stop of the dimmed picture."""
        self.past.setVisible(is_past and self._drawn is not None)
        empty = is_past and self._drawn is None
        self._empty.setVisible(empty)
        # It may still have another network's picture.
        self.canvas.setVisible(not empty and self._scene is None)
        if not is_past or snapshot.operation is None:
            return
        value_text = value_line(snapshot.operation)
        if self._drawn is None or self._drawn.operation is None:
            text = self.tr("No array value_text; the next stop that makes one is drawn.")
            self._empty.say(value_text, text)
            return
        self.past.say(
            value_text, f"{expression_text(self._drawn.operation)}, {when(self._drawn, snapshot)}"
        )

    def _draw(self, snapshot: Snapshot) -> None:
        operation = snapshot.operation
        assert operation is not None
        image = (int(snapshot.minibatch.images.shape[1]), int(snapshot.minibatch.images.shape[2]))
        pictures = self._mode.button(PICTURES)
        if pictures.text() != (size := f"{image[0]} × {image[1]}"):
            pictures.setText(size)
        batch = len(snapshot.minibatch.labels)
        phase = self.theme.phase(snapshot.event.phase)
        self.mismatch.show_operation(operation)
        self._shown = explained(operation)
        self._share()
        wanted = self._wanted
        if wanted is None:
            large = image[0] * image[1] >= LEAST_PICTURE
            wanted = PICTURES if large or row_of(operation).captions else MATRIX
        manner = Manner(
            image,
            wanted == PICTURES,
            labels=snapshot.minibatch.labels,
            room=(float(self.canvas.width()), float(self.canvas.height())),
            scale=SCALE.factor,
        )
        pin = self.pinned_row(snapshot)
        place, self._example = self._choose(snapshot, operation, pin, batch)
        self.canvas.show_operation(operation, manner, phase, pin, batch, SCALE.factor)
        self.canvas.show_example(*place)
        self._say_scales()
        possible = self.canvas.picture is not None and self.canvas.picture.mode_possible
        if pictures.isEnabled() != possible:
            pictures.setEnabled(possible)
            none = self.tr("No axis of these arrays is as long as an image has pixels")
            pictures.setToolTip("" if possible else none)
        self._mode.button(wanted if possible else MATRIX).setChecked(True)
        self._on_pointed(self.canvas.index)

    # The cell that is marked while the person points at none

    def _choose(
        self, snapshot: Snapshot, operation: Operation, pin: int | None, batch: int
    ) -> tuple[tuple[int, Index | None], Index | None]:
        """The operand (or result) and cell to mark, and the cell of the result to explain."""
        found = _chosen_in(self.chosen_cell, snapshot, operation)
        shape, phase = np.shape(operation.result), snapshot.event.phase
        if not explained(operation):
            drawable = isinstance(operation.result, np.ndarray) and is_drawable(operation.result)
            if found is None and drawable and kept_cell(shape, batch, self._kept) is not None:
                found = RESULT, example_cell(operation, phase, batch, self._kept, pin)
            return found or (RESULT, None), None
        if found is None:
            cell = example_cell(operation, phase, batch, self._kept, pin)
            found = RESULT, cell
        elif found[0] == RESULT:
            cell = found[1]
        else:
            within = targets_of(operation, *found)
            cell = example_cell(operation, phase, batch, self._kept, pin, within)
        if row_of(operation).computes and np.ndim(operation.result):
            self._kept = self._kept.after(shape, cell, batch)
        return found, cell

    def _on_event_chosen(self, event: int) -> None:
        """Go to the event that made an operand, but not from a dimmed picture of another batch."""
        drawn, now = self._drawn, self._snapshot
        if drawn is not None and now is not None and (drawn.identity, drawn.position.batch) == (
            now.identity, now.position.batch
        ):  # fmt: skip
            self.event_chosen.emit(event)

    def _on_held(self, block: Block | None, index: Index | None) -> None:
        """Keep the cell that a person holds as the example; it replaces the chosen cell."""
        snapshot = self._drawn
        if snapshot is None:
            return
        if block is None or index is None:
            self.cell_chosen.emit(None)
            return
        batch = len(snapshot.minibatch.labels)
        self._kept = self._kept.after(np.shape(block.array), index, batch)
        chosen = self.chosen_cell
        if chosen is not None:
            result = block.operand == RESULT
            shows_cell = place_in(chosen, snapshot, block.name, block.array, result) is not None
            self.cell_chosen.emit(replace(chosen, index=index) if shows_cell else None)

    _shown = False

    def _share(self) -> None:
        """Place the row above the picture, the card beside or beneath it, and errors below."""
        width, height = self.width(), self.height()
        top = self.top.height_in(height)
        self.top.setGeometry(0, 0, width, top)
        self.top.setVisible(top > 0)
        height -= top
        operation = self._operation()
        aside = operation is not None and row_of(operation).lists
        least = px(288)
        card = min(max(least, round(CARD_SHARE * width)), px(460))
        line = px(LINE)
        with_card = self._shown and (not aside or width - card >= LEAST_CANVAS)
        with_card = with_card and operation is not None and self._scene is None
        if self.mismatch.wanted:
            below = self.mismatch.heightForWidth(width - 24)
            self.mismatch.setGeometry(QRect(12, top + height - below - 10, width - 24, below))
            height -= below + 10
        self.stage.setGeometry(0, top, width, height)
        if with_card and aside:
            self.canvas.setGeometry(0, top, width - card - 12, height)
            self.card.setGeometry(width - card - 12, top + 4, card, height - 12)
        elif with_card:
            self.canvas.setGeometry(0, top, width, height - line - 8)
            self.card.setGeometry(12, top + height - line - 8, width - 24, line)
        else:
            self.canvas.setGeometry(0, top, width, height)
        if self.card.isHidden() == with_card:
            self.card.setVisible(with_card)
        if self.mismatch.isHidden() == self.mismatch.wanted:
            self.mismatch.setVisible(self.mismatch.wanted)
        self._empty.setGeometry(0, top, width, self.height() - top)
        room = self.canvas.geometry()
        note = self.past.height_for(room.width() - 24)
        self.past.setGeometry(12, room.bottom() - note - 2, room.width() - 24, note)
        self.past.raise_()
        self.why.raise_()

    def _on_pointed(self, index: Any) -> None:
        snapshot, operation = self._drawn, self._operation()
        if snapshot is None or operation is None or not self._shown:
            self.card.clear()
            return
        index = self._example if index is None else index
        if index is not None:
            self.card.show_cell(operation, index, snapshot.minibatch)


def _chosen_in(
    chosen: ChosenCell | None, snapshot: Snapshot, operation: Operation
) -> tuple[int, Index] | None:
    """The operand (or `RESULT`) that has the chosen cell, and the cell's index; or None."""
    found = place_in(chosen, snapshot, operation.name, operation.result, result=True)
    if found is not None:
        return RESULT, found
    for number, operand in enumerate(operation.operands):
        found = place_in(chosen, snapshot, operand.text, operand.value)
        if found is not None:
            return number, found
    return None
