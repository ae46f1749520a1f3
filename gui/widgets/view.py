"""The base class of all views, and the tables that a view exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from gui.look.theme import Theme
from gui.run_kind import RunKind
from gui.widgets.chosen_cell import ChosenCell


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Values of a view, for copying or writing to a file.

    Attributes:
        name: a heading, also used in file names: `Affine1.W`.
        values: an array of one or two axes, of numbers or of text (as object or str).
        columns: headings of the columns, or empty.
        rows: headings of the rows, or empty.
    """

    name: str
    values: np.ndarray[Any, Any]
    columns: Sequence[str] = ()
    rows: Sequence[str] = ()


def network_of(snapshot: Snapshot) -> tuple[object, ...]:
    """A key of the network; it changes if the tensors are others, not with the learning rate."""
    setup = snapshot.setup
    return setup.network, setup.dataset, setup.dtype, setup.seed


def is_same_stop(snapshot: Snapshot, other: Snapshot) -> bool:
    """Whether two snapshots are of the same event of the same run."""
    return (snapshot.identity, snapshot.position) == (other.identity, other.position)


class View(QWidget):
    """A panel that draws snapshots; its only state is how it shows them.

    A subclass sets `view_id` (its dock's objectName) and overrides the methods below. A hidden
    view need not draw: the window calls `show_snapshot` again when it is shown. A `patient` view is
    drawn after the others are on the screen, so that a new batch, which changes all views, does not
    block the window for longer than a frame.
    """

    view_id = ""
    patient = False
    subtitle_changed = Signal(str)  # the grey text beside the title, in the code font
    help_asked = Signal()  # from a view that has its own "?", and no title row
    event_chosen = Signal(int)  # an event of the current batch to move the cursor to
    batch_chosen = Signal(int)  # a batch to move the cursor to the beginning of
    position_chosen = Signal(object)  # a `Position` to move the cursor to
    sample_pinned = Signal(object)  # a sample's index in the training set, or None to unpin
    cell_chosen = Signal(object)  # the `ChosenCell` to choose, or None

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.pinned: int | None = None  # a sample's index in the training set
        self.chosen_cell: ChosenCell | None = None  # set before the snapshot is shown
        self.counts_events = True  # whether each event is a stop, or operations only

    def title(self) -> str:
        """The panel's name, translated."""
        raise NotImplementedError

    def short_title(self) -> str:
        """The name in a row of tabs."""
        return self.title()

    def help_text(self) -> str:
        """Two translated sentences for the "?": the contents, and what to look for."""
        raise NotImplementedError

    def title_widgets(self) -> list[QWidget]:
        """The controls in the panel's title row, left to right; made once."""
        return []

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme; the window then shows the snapshot again."""
        self.theme = theme
        self.update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the state at the cursor."""
        raise NotImplementedError

    def set_every_stop(self, on: bool) -> None:
        """Count stops by events from now on, or by operations only."""
        self.counts_events = on
        self.update()

    def show_history(self, history: RunHistory, running: int | None = None) -> None:
        """Draw the run as far as it has come, while batch `running` trains."""

    def set_running(self, kind: RunKind | None) -> None:
        """Note the current run; None: there is none."""

    def show_pin(self, sample: int | None) -> None:
        """Mark the row of this sample (an index into the training set) from now on; None: none."""
        self.pinned = sample
        self.update()

    def pinned_row(self, snapshot: Snapshot) -> int | None:
        """The row of the pinned sample in the snapshot's minibatch, or None: it is not in it."""
        if self.pinned is None:
            return None
        found = np.flatnonzero(snapshot.minibatch.indices == self.pinned)
        return int(found[0]) if found.size else None

    def follow_type(self) -> None:
        """Adapt to another type scale whatever is not computed at each drawing.

        Fonts and fixed sizes of the view's widgets are already adapted; parts with the theme's
        colours get their fonts with them. The window then shows the snapshot again.
        """
        self.set_theme(self.theme)

    def tables(self) -> Sequence[Table]:
        """The values on the screen, for copying and saving; the first table is the main table."""
        return ()

    def picture(self) -> QWidget:
        """The widget that is saved as a picture: the view without its controls."""
        return self
