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
    """Values of a view, to be copied or written to a file.

    Attributes:
        name: what they are, as a heading or part of a file's name: `Affine1.W`.
        values: an array of one or two axes, of numbers or of text (as object or str).
        columns: headings of the columns, or empty.
        rows: headings of the rows, or empty.
    """

    name: str
    values: np.ndarray[Any, Any]
    columns: Sequence[str] = ()
    rows: Sequence[str] = ()


def network_of(snapshot: Snapshot) -> tuple[object, ...]:
    """What another value of means other tensors; a changed learning rate does not."""
    setup = snapshot.setup
    return setup.network, setup.dataset, setup.dtype, setup.seed


class View(QWidget):
    """A panel that draws snapshots and keeps nothing of its own but how it is shown.

    A subclass sets `view_id` (its dock's objectName) and overrides the methods below. A view that
    is told to draw while hidden is free to wait: the window calls `show_snapshot` again when it is
    shown. A `patient` view is drawn after the others are on the screen, so that another batch,
    which changes them all, does not keep the window from what else there is to do for longer than
    a frame.
    """

    view_id = ""
    patient = False
    subtitle_changed = Signal(str)  # the grey text beside the title, in the code font
    help_asked = Signal()  # from a view with a "?" of its own, having no title row
    event_chosen = Signal(int)  # the person wants the cursor at this event of the current batch
    batch_chosen = Signal(int)  # the person wants it at the beginning of this batch
    position_chosen = Signal(object)  # the person wants it at this `Position`
    sample_pinned = Signal(object)  # a sample's index in the training set is pinned; None: no more
    cell_chosen = Signal(object)  # a `ChosenCell` is to be the chosen one; None: none

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.pinned: int | None = None  # a sample's index in the training set
        self.chosen_cell: ChosenCell | None = None  # set before the snapshot that it is marked in

    def title(self) -> str:
        """The panel's name, translated."""
        raise NotImplementedError

    def short_title(self) -> str:
        """The name where it is one of several in a row of tabs."""
        return self.title()

    def help_text(self) -> str:
        """Two translated sentences for the "?": what one sees, and what to look for."""
        raise NotImplementedError

    def title_widgets(self) -> list[QWidget]:
        """Controls that belong in the panel's title row, left to right; made once."""
        return []

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme; the window shows the snapshot again after it."""
        self.theme = theme
        self.update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw what is true at the cursor."""
        raise NotImplementedError

    def show_history(self, history: RunHistory, running: int | None = None) -> None:
        """Draw the run as far as it has come, while batch `running` trains."""

    def set_running(self, kind: RunKind | None) -> None:
        """Take note of the run that is under way; None: there is none."""

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
        """Take over another scale of type, where it is not asked for anew at each drawing.

        The view's widgets have their fonts and fixed sizes already. What has a theme's colours has
        its fonts with them; the window shows the snapshot again after it.
        """
        self.set_theme(self.theme)

    def tables(self) -> Sequence[Table]:
        """The values that are on the screen, to be copied or saved; the first is the main one."""
        return ()

    def picture(self) -> QWidget:
        """What is saved as a picture: the view without its controls."""
        return self
