"""Where the scenes are shown: one at a time, each made when it is first needed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.views.equation.scenes.lit_frames import LitFrames
from gui.views.equation.scenes.scene import OF_RESULT, StopScene
from gui.widgets.chosen_cell import ChosenCell
from gui.words.formula.formula import RESULT, Symbol


class SceneHolder(QWidget):
    """Holds the scene of a stop.

    Attributes:
        scene: that is shown, or None.

    Signals:
        pointed: the place in the scene that the mouse is at, or None.
    """

    pointed = Signal(object)
    event_chosen = Signal(int)
    sample_pinned = Signal(object)
    cell_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._made: dict[type[StopScene], StopScene] = {}
        self.scene: StopScene | None = None
        self.chosen_cell: ChosenCell | None = None  # set before the snapshot is shown
        self._symbol: Symbol | None = None
        self.lit = LitFrames(theme, self)

    def offered(self, snapshot: Snapshot, width: int, height: int) -> type[StopScene] | None:
        """The scene that fits a stop and a size; None if there is none."""
        # Imported late: the first picture of the window has no stop yet.
        from gui.views.equation.scenes.table import scene_of

        kind = scene_of(snapshot)
        if kind is None or width < px(kind.least[0]) or height < px(kind.least[1]):
            return None
        return kind

    def scene_for(self, kind: type[StopScene]) -> StopScene:
        """The scene of a kind."""
        scene = self._made.get(kind)
        if scene is None:
            scene = self._made[kind] = kind(self.theme, self)
            scene.hide()
            scene.setMouseTracking(True)
            scene.installEventFilter(self)
            scene.event_chosen.connect(self.event_chosen)
            scene.sample_pinned.connect(self.sample_pinned)
            scene.cell_chosen.connect(self.cell_chosen)
        return scene

    def show_snapshot(self, kind: type[StopScene], snapshot: Snapshot, pin: int | None) -> None:
        """Draw a stop that a kind of scene fits."""
        scene = self.scene_for(kind)
        if self.scene is not scene:
            if self.scene is not None:
                self.scene.hide()
            self.scene = scene
        scene.setGeometry(self.rect())
        scene.chosen_cell = self.chosen_cell
        scene.show_snapshot(snapshot, pin)
        scene.show()
        self._frame()

    def light(self, symbol: Symbol | None) -> None:
        """Frame the array of a symbol, where the scene draws it; None: nothing."""
        self._symbol = symbol
        self._frame()

    def shows(self, symbol: Symbol, place: QPointF) -> bool:
        """Whether the scene draws the array of a symbol at a place."""
        return any(found.contains(place) for found in self._places_of(symbol))

    def _places_of(self, symbol: Symbol) -> Sequence[QRectF]:
        if self.scene is None:
            return ()
        places = self.scene.places_of_arrays()
        if symbol.operand == RESULT:
            return places.get(OF_RESULT, ())
        names = (name for name in (symbol.source, symbol.variable) if name in places and name)
        return places[name] if (name := next(names, "")) else ()

    def _frame(self) -> None:
        self.lit.setGeometry(self.rect())
        self.lit.show_places(() if self._symbol is None else self._places_of(self._symbol))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell where the mouse is in the scene."""
        if isinstance(event, QMouseEvent) and event.type() is QEvent.Type.MouseMove:
            self.pointed.emit(event.position())
        elif event.type() is QEvent.Type.Leave:
            self.pointed.emit(None)
        return super().eventFilter(watched, event)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = self.lit.theme = theme
        for scene in self._made.values():
            scene.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the scene all the room."""
        if self.scene is not None:
            self.scene.setGeometry(self.rect())
            self._frame()
