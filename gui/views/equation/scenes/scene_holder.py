"""Where the scenes are shown: one at a time, each made when it is first needed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.views.equation.scenes.scene import StopScene
from gui.widgets.chosen_cell import ChosenCell


class SceneHolder(QWidget):
    """Holds the scene of a stop.

    Attributes:
        scene: that is shown, or None.
    """

    event_chosen = Signal(int)
    sample_pinned = Signal(object)
    cell_chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._made: dict[type[StopScene], StopScene] = {}
        self.scene: StopScene | None = None
        self.chosen_cell: ChosenCell | None = None  # set before the snapshot is shown

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

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        for scene in self._made.values():
            scene.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the scene all the room."""
        if self.scene is not None:
            self.scene.setGeometry(self.rect())
