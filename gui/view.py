"""What every view of the window has in common."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.debug.snapshot import Snapshot
from gui.theme import Theme


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

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def title(self) -> str:
        """The panel's name, translated."""
        raise NotImplementedError

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
