"""The current expression as a picture of its arithmetic, with the origin of each cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.icons import icon
from gui.look.theme import Theme
from gui.look.type_scale import SCALE
from gui.views.equation.as_text import expression_text, place_line, tables_of, value_line
from gui.views.equation.canvas import EquationCanvas
from gui.views.equation.card import CellCard, explained
from gui.views.equation.lesson.lesson_part import LessonPart
from gui.views.equation.mismatch import MismatchBox
from gui.views.equation.picture.example import Example, held_instead
from gui.views.equation.picture.make import has_picture, manner_of
from gui.views.equation.picture.parts import Block, Manner
from gui.views.equation.room import CardPlace, Room, card_place, divide, readable
from gui.views.equation.scenes.scene import StopScene
from gui.views.equation.scenes.scene_holder import SceneHolder
from gui.widgets.empty import EmptyState
from gui.widgets.icon_button import make_icon_button
from gui.widgets.past_note import PastNote, when
from gui.widgets.scale_chip import ScaleChip
from gui.widgets.segments import make_segments
from gui.widgets.view import Table, View, is_same_stop, network_of
from gui.words.lesson import Lesson
from gui.words.why.derivation import Derivation, NoDerivation, Tried

MATRIX, PICTURES, SCENE = range(3)


class EquationView(View):
    """Draws the operation of the event at the cursor.

    If the event made only a number or a name, the last picture stays, dimmed, with a note.

    Signals:
        mode_chosen: True to draw images as pictures, False as rows of a matrix.
        scene_chosen: whether a scene is shown where one fits.
        why_asked: for the derivation of the cell of the result with this index, or None.
        term_asked: a term of the caption, and its place on the screen.
    """

    view_id = "equation"
    mode_chosen = Signal(bool)
    scene_chosen = Signal(bool)
    why_asked = Signal(object)
    term_asked = Signal(str, QRect)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._drawn: Snapshot | None = None  # the snapshot of the picture
        self._example = Example()
        self._wanted: bool | None = None  # pictures, as the person has chosen
        self._wants_scene = True
        self._pending = False
        self.scenes = SceneHolder(theme, self)
        self.scenes.event_chosen.connect(self._on_event_chosen)
        self.scenes.sample_pinned.connect(self.sample_pinned)
        self.scenes.cell_chosen.connect(self.cell_chosen)
        self.canvas = EquationCanvas(theme, self)
        self._lesson = lesson = LessonPart(theme, self.canvas, self.scenes, self)
        self.top, self.caption, self.why = lesson.top, lesson.caption, lesson.why
        self.symbols = lesson.symbols
        self.top.why_asked.connect(self.ask_why)
        self.top.formula.event_chosen.connect(self.event_chosen)
        self.caption.term_asked.connect(self.term_asked)
        self.card = CellCard(theme, self)
        self.mismatch = MismatchBox(theme, self)
        self.past = PastNote(theme, self)
        self._empty = EmptyState(theme, self)
        self.why.closed.connect(self._refresh)
        self.why.term_lit.connect(self.card.light)
        for part in (self.scenes, self.card, self.mismatch, self.past, self._empty):
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
            self.scenes, self._lesson,
        ):  # fmt: skip
            part.set_theme(theme)
        self._fit.setIcon(icon("screen-full", theme))
        self._refresh()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the operation of the event at the cursor."""
        if self._snapshot is not None and network_of(self._snapshot) != network_of(snapshot):
            self.canvas.scales.clear()
            self._example.forget()
        if self._snapshot is not None and self._snapshot.identity.session != (
            snapshot.identity.session
        ):
            self._drawn = None  # another session: its picture is gone
        if self._snapshot is not None and not is_same_stop(self._snapshot, snapshot):
            self.why.put_away()
        self.canvas.scales.at((snapshot.identity, snapshot.position.batch))
        self._mode.button(PICTURES).setVisible(len(snapshot.minibatch.images) > 0)
        self._snapshot = snapshot
        self._pending = not self.isVisible()
        if not self._pending:
            self._refresh()

    def show_lesson(self, lesson: Lesson | None, snapshot: Snapshot) -> None:
        """Show the formula, the legend and the derivation's button of a stop."""
        self._lesson.show_lesson(lesson, snapshot, self.theme.phase(snapshot.event.phase))
        if snapshot is self._snapshot:  # else the picture of this stop comes next
            self._say_caption()
            self._share()

    def set_words(self, on: bool) -> None:
        """Show words, or the formula alone."""
        self._lesson.set_words(on)
        self._share()

    def set_spare(self, spare: bool) -> None:
        """Keep the formula in a lower panel, for a projector."""
        self.top.set_spare(spare)
        self._share()

    def ask_why(self) -> None:
        """Ask for the derivation of the cell that the card explains; close it if it is open."""
        if self.why.is_open:
            self.why.close_box()
            return
        snapshot = self._snapshot
        if snapshot is not None and snapshot.operation is not None:
            pin, scene = self.pinned_row(snapshot), self._shown_scene
            cell = scene.cell(snapshot) if scene is not None else None
            if cell is not None:  # the arithmetic beside the derivation marks it, too
                self._example.keep(snapshot.operation.result, cell, len(snapshot.minibatch.labels))
            self._example.choose(snapshot, snapshot.operation, self.chosen_cell, pin)
            self.why_asked.emit(self._example.cell if cell is None else cell)

    def show_why(
        self, found: Derivation | NoDerivation, tried: Tried | None = None, problem: str = ""
    ) -> None:
        """Show the derivation of the stop at the cursor, or why there is none."""
        was_open = self.why.is_open
        self.why.show_derivation(found, tried, problem)
        if not was_open:
            self._refresh()  # the numbers are those of the card, which a scene hides

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
        self._wanted = pictures
        self._refresh()

    def choose_scene(self, wanted: bool) -> None:
        """Show a scene where one fits from now on, or the arithmetic."""
        self._wants_scene = wanted
        self._refresh()

    def tables(self) -> Sequence[Table]:
        """The numbers of the scene; else the result, and the operands that are arrays."""
        if self._shown_scene is not None:
            return self._shown_scene.tables()
        operation = self._operation()
        return () if operation is None else tables_of(operation)

    def picture(self) -> QWidget:
        """The equation itself, or the scene."""
        return self.canvas if self._scene is None else self.scenes

    def showEvent(self, event: QShowEvent) -> None:
        """Draw the snapshot that arrived while hidden."""
        super().showEvent(event)
        if self._pending:
            self._pending = False
            self._refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Divide the room; a scene may have its room only now."""
        super().resizeEvent(event)
        snapshot = self._snapshot
        seen = snapshot if self.isVisible() and not self._pending else None
        offered = seen and self.scenes.offered(seen, self.width(), self.height())
        if seen is not None and offered is not self._offered:
            self._refresh()
        else:
            self._share()

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
        self.canvas.zoom_changed.connect(self._fit.setVisible)
        self.chip = ScaleChip(self.theme)
        self.chip.rescale_asked.connect(self.canvas.rescale)
        self.chip.back_asked.connect(self.canvas.scale_back)
        self.canvas.scales_changed.connect(self._say_scales)

    def _say_scales(self) -> None:
        self.chip.show_arrays(self.canvas.coloured())

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
            self._say_caption()
            self._share()
            return
        operation = snapshot.operation
        scene = self._choose_scene(snapshot)
        is_past = scene is None and not has_picture(operation)
        if not is_past:
            self._drawn = snapshot
        if scene is not None:
            self.scenes.chosen_cell = self.chosen_cell
            self.scenes.show_snapshot(scene, snapshot, self.pinned_row(snapshot))
        elif self._drawn is not None:
            self._draw(self._drawn)
        self._say_past(snapshot, is_past)
        self.canvas.show_past(is_past)
        self.card.show_past(is_past)
        self._say_caption()
        self._share()
        chosen = self.chosen_cell  # replaces the source: both would be cut
        about = "" if chosen is None else self.tr("{0} is chosen, Esc releases it").format(chosen)
        self.subtitle_changed.emit(place_line(snapshot, about))

    def _say_caption(self) -> None:
        self._lesson.say(
            self._snapshot, self._shown_scene, self.canvas.past, self.canvas.coloured()
        )

    @property
    def _shown_scene(self) -> StopScene | None:
        return self.scenes.scene if self._scene is not None else None

    _scene: type[StopScene] | None = None
    _offered: type[StopScene] | None = None  # for the size of now
    _shown = False  # whether the operation's cells are explained

    def _choose_scene(self, snapshot: Snapshot) -> type[StopScene] | None:
        """The scene to show; offers its button."""
        offered = self.scenes.offered(snapshot, self.width(), self.height())
        button = self._mode.button(SCENE)
        button.setVisible(offered is not None)
        self._scene, self._offered = None, offered
        if offered is not None:
            self._name_pictures(snapshot.minibatch.images.shape[1:])
            button.setText(self.scenes.scene_for(offered).name(snapshot))
            if self._wants_scene and not self.why.is_open:
                self._scene = offered
                button.setChecked(True)
                self._mode.button(PICTURES).setEnabled(True)  # unknown until these are drawn
        self.scenes.setVisible(self._scene is not None)
        self.chip.setVisible(self._scene is None)  # its scales are those of the arithmetic
        return self._scene

    def _name_pictures(self, image: tuple[int, ...]) -> None:
        button, text = self._mode.button(PICTURES), f"{image[0]} × {image[1]}"
        if button.text() != text:
            button.setText(text)

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
            text = self.tr("No array; the next stop that makes one is drawn.")
            self._empty.say(value_text, text)
            return
        then = when(self._drawn, snapshot, self.counts_events)
        self.past.say(value_text, f"{expression_text(self._drawn.operation)}, {then}")

    def _draw(self, snapshot: Snapshot) -> None:
        operation = snapshot.operation
        assert operation is not None
        self.mismatch.show_operation(operation)
        self._shown = explained(operation)
        manner = self._manner(snapshot, operation)
        pictures = self._mode.button(PICTURES)
        self._name_pictures(manner.image)
        batch = len(snapshot.minibatch.labels)
        phase = self.theme.phase(snapshot.event.phase)
        pin = self.pinned_row(snapshot)
        place = self._example.choose(snapshot, operation, self.chosen_cell, pin)
        self.canvas.show_operation(operation, manner, phase, pin, batch, SCALE.factor)
        self.canvas.show_example(*place)
        self._say_scales()
        possible = self.canvas.picture is not None and self.canvas.picture.mode_possible
        if pictures.isEnabled() != possible:
            pictures.setEnabled(possible)
            none = self.tr("No axis of these arrays is as long as an image has pixels")
            pictures.setToolTip("" if possible else none)
        self._mode.button(PICTURES if manner.pictures and possible else MATRIX).setChecked(True)
        self._on_pointed(self.canvas.index)

    def _manner(self, snapshot: Snapshot, operation: Operation) -> Manner:
        """How an operation is to be shown in the room of now."""
        room, told = self._divide(known=False)
        told = told and self._has_caption()
        canvas = self._lesson.above_caption(room.canvas, self.height(), told)
        size = (float(canvas.width()), float(canvas.height()))
        return manner_of(snapshot, operation, self._wanted, size)

    def _fold_again(self) -> None:
        """Draw the arithmetic anew where rows of pictures or numbers were for another room."""
        drawn, operation = self._drawn, self._operation()
        if drawn is None or operation is None or self._scene is not None:
            return
        if self.canvas.is_for_another(self._manner(drawn, operation)):
            self._draw(drawn)

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
        self._example.keep(block.array, index, len(snapshot.minibatch.labels))
        if self.chosen_cell is not None:
            self.cell_chosen.emit(held_instead(self.chosen_cell, snapshot, block, index))

    def _divide(self, known: bool = True) -> tuple[Room, bool]:
        """The room of each part, and whether the caption has any.

        `known`: whether the canvas has the picture that it is for, which may be in need of room.
        """
        below = self.mismatch.heightForWidth(self.width() - 24) if self.mismatch.wanted else 0
        scene = self._scene
        top = self.top.height_in(self.height(), 0 if scene is None else scene.least[1])
        card = card_place(self._operation() if self._shown and self._scene is None else None)

        def digits_with(card: CardPlace, told: bool) -> int:
            room = divide(self.width(), self.height(), top, below, card)
            told = told and self._has_caption()
            picture = self._lesson.above_caption(room.canvas, self.height(), told)
            return self.canvas.digits_in(picture.size())

        told = True
        if known and self._scene is None and not self.why.is_open:
            card, told = readable(card, digits_with)
        return divide(self.width(), self.height(), top, below, card), told

    def _has_caption(self) -> bool:
        return self._scene is None and not self.canvas.isHidden() and not self.why.is_open

    def _share(self) -> None:
        """Place the row above the picture, the card beside or beneath it, and errors below."""
        self._fold_again()
        room, told = self._divide()
        self._lesson.place_top(room.top)
        self.scenes.setGeometry(room.picture)
        told = told and self._has_caption()
        self.canvas.setGeometry(self._lesson.place_caption(room.canvas, self.height(), told))
        for part, place in ((self.card, room.card), (self.mismatch, room.message)):
            if place is not None:
                part.setGeometry(place)
            if part.isHidden() == (place is not None):
                part.setVisible(place is not None)
        self._empty.setGeometry(room.body)
        picture = self.canvas.geometry()
        note = self.past.height_for(picture.width() - 24)
        self.past.setGeometry(12, picture.bottom() - note - 2, picture.width() - 24, note)
        self.past.raise_()
        beside = self._lesson.place_why(room)
        if beside is not None:
            self.canvas.setGeometry(beside)

    def _on_pointed(self, index: Any) -> None:
        snapshot, operation = self._drawn, self._operation()
        if snapshot is None or operation is None or not self._shown:
            self.card.clear()
            return
        index = self._example.cell if index is None else index
        if index is not None:
            self.card.show_cell(operation, index, snapshot.minibatch)
