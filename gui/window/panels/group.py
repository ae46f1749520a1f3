"""All panels of the window as a group: show a snapshot, adapt to theme and type, mark a sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.session.bridge import Bridge
from gui.views.source.view import SourceView
from gui.widgets.view import View
from gui.window.panels.dock import Dock


class PanelGroup(QObject):
    """The panels of a window.

    Args:
        bridge: has the snapshot.
        docks: the panels by their id.
        source: the source view, whose current line nothing may cover.
        window: the panels' window.

    Signals:
        moved: panels have other places or sizes; once for all that move together.
    """

    moved = Signal()

    def __init__(
        self, bridge: Bridge, docks: Mapping[str, Dock], source: SourceView, window: QWidget
    ) -> None:
        super().__init__(window)
        self._bridge, self._docks, self._source, self._window = bridge, docks, source, window
        self.views: Sequence[View] = [dock.view for dock in docks.values()]
        self._moving = QTimer(self, interval=0, singleShot=True)
        self._moving.timeout.connect(self.moved)
        for dock in docks.values():
            dock.resized.connect(self._moving.start)
            dock.visibilityChanged.connect(self._moving.start)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw a snapshot."""
        for dock in self._docks.values():
            dock.show_snapshot(snapshot)

    def show_again(self) -> None:
        """Redraw the current snapshot, if any."""
        if self._bridge.snapshot is not None:
            self.show_snapshot(self._bridge.snapshot)

    def set_theme(self, theme: Theme) -> None:
        """Draw in another theme."""
        for dock in self._docks.values():
            dock.set_theme(theme)
        self.show_again()

    def follow_type(self) -> None:
        """Draw in another type scale."""
        for view in self.views:
            view.follow_type()
        self.show_again()
        self._moving.start()

    def set_spare(self, spare: bool) -> None:
        """Hide secondary parts and wrap long lines of code, or not."""
        for dock in self._docks.values():
            dock.set_spare(spare)
        self._source.set_wrapped(spare)

    def pin(self, sample: int | None) -> None:
        """Mark a sample in every view; None: no sample."""
        for view in self.views:
            view.show_pin(sample)
        self.show_again()

    def not_to_be_covered(self) -> list[QRect]:
        """The titles of the panels, the words about the stop, and the cursor's line of code.

        They are rectangles of the window.
        """
        seen: list[tuple[QWidget, QRect]] = [
            (dock.row, dock.row.rect())
            for dock in self._docks.values()
            if not dock.isFloating() and not dock.row.visibleRegion().isEmpty()
        ]
        lesson = self._source.lesson
        seen += [(lesson, lesson.rect())] if not lesson.visibleRegion().isEmpty() else []
        line = self._source.current_line()
        seen += [line] if line is not None and not line[0].visibleRegion().isEmpty() else []
        return [
            QRect(widget.mapTo(self._window, rect.topLeft()), rect.size()) for widget, rect in seen
        ]
