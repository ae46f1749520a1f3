"""Where the panels are: at first, as they were left, and one alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QWidget

from gui.dock import Dock

# To be counted up when the panels change, so that an old layout is not forced upon new ones.
VERSION = 1

_COLUMNS = (
    (("network", 0.68), ("samples", 0.32)),
    (("source", 0.29), ("equation", 0.46), ("loss", 0.25)),
    (("variables", 0.41), ("cache", 0.37), ("call_stack", 0.22)),
)
_TIMELINE_HEIGHT = 66
_FIRST_SIZE = (1366, 768)
_LEAST_SIZE = (1100, 640)  # what the row at the top and three columns need
_FRAME = 40  # what a window manager may put round it


class Layout(QObject):
    """Arranges a main window's docks, which are nested in one area for equal gaps."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, Dock], settings: QSettings) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._settings = settings
        self._before_maximise: QByteArray | None = None
        self._settled = False
        self.fills_screen = False  # whether a first window would rather be maximised
        window.setDockNestingEnabled(True)
        window.setAnimated(False)
        centre = QWidget()
        centre.setFixedHeight(0)
        window.setCentralWidget(centre)
        for dock in docks.values():
            dock.maximise_asked.connect(self._on_maximise_asked)
        self._arrange()

    def settle(self) -> None:
        """Give the panels their sizes; once, after the window was shown."""
        if not self._settled:
            self._settled = True
            if not self._restore_state():
                self.reset()

    def restore_window(self) -> None:
        """Give the window the size and place that it had; before it is shown."""
        available = self._available()
        self._window.setMinimumSize(
            min(_LEAST_SIZE[0], available[0]), min(_LEAST_SIZE[1], available[1] - _FRAME)
        )
        geometry = self._settings.value("layout/geometry")
        if not (isinstance(geometry, QByteArray) and self._window.restoreGeometry(geometry)):
            self._window.resize(
                min(_FIRST_SIZE[0], available[0]), min(_FIRST_SIZE[1], available[1])
            )
            self.fills_screen = (
                available[0] <= _FIRST_SIZE[0] or available[1] < _FIRST_SIZE[1] + _FRAME
            )

    def _available(self) -> tuple[int, int]:
        area = self._window.screen().availableGeometry()
        return area.width(), area.height()

    def save(self) -> None:
        """Remember how the panels were left."""
        if not self._settled:
            return
        state = self._before_maximise or self._window.saveState(VERSION)
        self._settings.setValue("layout/geometry", self._window.saveGeometry())
        self._settings.setValue("layout/state", state)

    def reset(self) -> None:
        """Put every panel back where it was at first."""
        self._before_maximise = None
        for dock in self._docks.values():
            dock.setFloating(False)
            dock.show()
        self._arrange()
        width, height = self._window.width(), self._window.height()
        left = round(min(max(188.0, 0.125 * width), 260.0))
        right = round(min(max(312.0, 0.21 * width), 430.0))
        tops = [self._docks[column[0][0]] for column in _COLUMNS]
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self._window.resizeDocks(tops, [left, width - left - right, right], horizontal)
        above = height - 44 - _TIMELINE_HEIGHT
        for column in _COLUMNS:
            docks = [self._docks[name] for name, _ in column]
            self._window.resizeDocks(docks, [round(part * above) for _, part in column], vertical)
        pair = [tops[1], self._docks["timeline"]]
        self._window.resizeDocks(pair[1:], [_TIMELINE_HEIGHT], vertical)

    def _arrange(self) -> None:
        window, docks = self._window, self._docks
        area = Qt.DockWidgetArea.TopDockWidgetArea
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        for dock in docks.values():
            window.removeDockWidget(dock)
        tops = [docks[column[0][0]] for column in _COLUMNS]
        window.addDockWidget(area, tops[0])
        window.splitDockWidget(tops[0], docks["timeline"], vertical)
        for before, after in pairwise(tops):
            window.splitDockWidget(before, after, horizontal)
        for column in _COLUMNS:
            for (before, _), (after, _) in pairwise(column):
                window.splitDockWidget(docks[before], docks[after], vertical)
        for dock in docks.values():
            dock.show()

    def _restore_state(self) -> bool:
        state = self._settings.value("layout/state")
        if not (isinstance(state, QByteArray) and self._window.restoreState(state, VERSION)):
            return False
        # A window manager keeps a panel in front of the window only if it knew the window first.
        for dock in self._docks.values():
            if dock.isFloating() and not dock.isHidden():
                dock.hide()
                QTimer.singleShot(0, dock, dock.show)
        return True

    def _on_maximise_asked(self) -> None:
        """Show the panel that asks alone, with the timeline; or, asked again, all as before."""
        if self._before_maximise is not None:
            state, self._before_maximise = self._before_maximise, None
            self._window.restoreState(state, VERSION)
            return
        self._before_maximise = self._window.saveState(VERSION)
        kept = {self.sender(), self._docks["timeline"]}
        for dock in self._docks.values():
            if dock not in kept and not dock.isFloating():
                dock.hide()
