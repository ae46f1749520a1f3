"""The base classes of the scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.paint.heatmap import MapKind
from gui.paint.text import paint_dimmed
from gui.widgets.chosen_cell import ChosenCell
from gui.widgets.view import Table
from gui.words.captions import LegendEntry

OF_RESULT = ""  # the name under which a scene has the places of the stop's result


class StopScene(QWidget):
    """A picture of certain stops, which stands where the arithmetic of whole arrays would.

    It is drawn from the snapshot alone.

    Attributes:
        least: width and height in pixels, at a type scale of 1, below which it is not offered.
    """

    least = (560, 280)
    event_chosen = Signal(int)  # an event of the batch to go to
    sample_pinned = Signal(object)  # a sample's index in the training set, or None
    cell_chosen = Signal(object)  # the `ChosenCell` to choose, or None

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.chosen_cell: ChosenCell | None = None  # set before the snapshot is shown

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the scene shows this stop."""
        raise NotImplementedError

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button, translated: "Sum of digits"."""
        raise NotImplementedError

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw a stop that it fits. `pin`: the minibatch's row of the pinned sample."""
        raise NotImplementedError

    def legend(self, snapshot: Snapshot) -> tuple[LegendEntry, ...]:
        """What its marks and colours mean, where the words of its map do not tell; else ()."""
        return ()

    def map_of_result(self, snapshot: Snapshot) -> MapKind | None:
        """The colours in which it shows what the stop's caption is about; None if in none."""
        return None

    def cell(self, snapshot: Snapshot) -> Index | None:
        """The cell of the stop's result that it tells about, for its derivation; None: no one."""
        return None

    def places_of_arrays(self) -> Mapping[str, Sequence[QRectF]]:
        """Where each array of the stop is drawn, by its text in the source, or `OF_RESULT`."""
        return {}

    def show_past(self, past: bool) -> None:
        """Dim the scene as that of an earlier stop."""
        self.setEnabled(not past)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def tables(self) -> Sequence[Table]:
        """The numbers on the screen, for copying and saving."""
        return ()


class PaintedScene(StopScene):
    """A scene that is one picture: that of an earlier stop is dimmed, and can still be used."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._past = False

    def show_past(self, past: bool) -> None:
        """Dim the scene as that of an earlier stop."""
        self._past = past
        self.update()

    def _dim_past(self, painter: QPainter) -> None:
        """Dim what has been painted, if it is of an earlier stop."""
        if self._past:
            paint_dimmed(painter, self.rect(), self.theme)
