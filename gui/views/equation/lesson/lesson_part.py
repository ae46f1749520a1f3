"""What a stop's lesson puts around the picture: the row above it, its caption, the derivation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.scales import Coloured
from gui.views.equation.canvas import EquationCanvas
from gui.views.equation.lesson.caption import CaptionLabel
from gui.views.equation.lesson.legends import legend_of
from gui.views.equation.lesson.row import LessonRow
from gui.views.equation.lesson.symbol_links import SymbolLinks
from gui.views.equation.lesson.why_box import WhyBox
from gui.views.equation.room import Room, why_room
from gui.views.equation.scenes.scene import StopScene
from gui.views.equation.scenes.scene_holder import SceneHolder
from gui.words.lesson import Lesson

_MARGIN = 14  # of the caption


class LessonPart(QObject):
    """Holds the widgets of a lesson and places them in the panel.

    Args:
        canvas: the picture of the arithmetic.
        scenes: has the scenes.
        panel: which the widgets are in.

    Attributes:
        top: formula, button of the derivation, legend.
        symbols: the links from the formula to the picture, the variables and the source.
    """

    def __init__(
        self, theme: Theme, canvas: EquationCanvas, scenes: SceneHolder, panel: QWidget
    ) -> None:
        super().__init__(panel)
        self._lesson: Lesson | None = None
        self.top = LessonRow(theme, panel)
        self.top.hide()
        self.symbols = SymbolLinks(self.top.formula, canvas, scenes, self)
        self.caption = CaptionLabel(theme, panel)
        self.why = WhyBox(theme, panel)
        self.top.why_moved.connect(self._on_why_moved)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        for part in (self.top, self.caption, self.why):
            part.set_theme(theme)

    def set_words(self, on: bool) -> None:
        """Show words, or the formula alone."""
        self.top.set_words(on)
        self.caption.set_wanted(on)

    def show_lesson(self, lesson: Lesson | None, snapshot: Snapshot, phase: str) -> None:
        """Show the formula and the derivation's button of a stop. `phase`: the pass's colour."""
        self._lesson = lesson
        self.top.show_lesson(lesson, snapshot, phase)

    def say(
        self,
        snapshot: Snapshot | None,
        scene: StopScene | None,
        past: bool,
        coloured: Sequence[Coloured],
    ) -> None:
        """Say what the picture shows and what its colours mean, if it is the picture of now.

        `past`: the arithmetic is that of an earlier stop. `coloured`: its arrays in colours.
        """
        lesson = self._lesson
        if lesson is None or snapshot is None or (scene is None and past):
            self.caption.say("")
            self.top.show_legend(())
            return
        self.caption.say(lesson.caption.text if scene is None else "")
        self.top.show_legend(legend_of(lesson.caption, snapshot, scene, coloured))

    def place_top(self, place: QRect) -> None:
        """Place the row; of no height, it is hidden."""
        self.top.setGeometry(place)
        self.top.setVisible(place.height() > 0)

    def above_caption(self, room: QRect, height: int, wanted: bool) -> QRect:
        """What is left of the picture's room above the caption.

        `height`: of the panel, which decides whether there is room for one.
        """
        said = self.caption.height_in(room.width() - 2 * _MARGIN, height) if wanted else 0
        return room.adjusted(0, 0, 0, -(said + px(8))) if said else room

    def place_caption(self, room: QRect, height: int, wanted: bool) -> QRect:
        """Place the caption at the foot of the picture's room; returns what is left of it."""
        left = self.above_caption(room, height, wanted)
        said = max(room.bottom() - left.bottom() - px(8), 0)
        top = room.bottom() + 1 - said - px(8)
        self.caption.setGeometry(_MARGIN, top, room.width() - 2 * _MARGIN, said)
        self.caption.setVisible(said > 0)
        return left

    def _on_why_moved(self) -> None:
        """Let the derivation point at its button, which moves as a formula comes."""
        if self.why.is_open:
            self.why.point_at(self.top.why_x)

    def place_why(self, room: Room) -> QRect | None:
        """Place the derivation, if it is open; returns the room of the picture beside it."""
        self.why.raise_()
        if not self.why.is_open:
            return None
        place, picture = why_room(room, self.why.widest)
        whole = room.body if picture == room.canvas else None  # else the picture is beside it
        self.why.place(place, self.top.why_x, whole)
        return picture if self.why.covers else room.canvas
