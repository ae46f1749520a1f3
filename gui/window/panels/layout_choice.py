"""The commands for layouts: choose one, reset it, open a panel; the keyboard focus is kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow

from gui.window.panels.dock import Dock
from gui.window.panels.layout import Layout

LARGE = 0.33  # of the window's height, in which the numbers of a panel can be read


class LayoutChoice(QObject):
    """Chooses and resets layouts, and opens panels in them.

    Args:
        layout: arranges the panels.
        docks: the panels by their id.
        actions: the actions by their id; the action of the chosen layout has the tick.
        window: gets the keyboard focus if its widget was hidden.
    """

    def __init__(
        self,
        layout: Layout,
        docks: Mapping[str, Dock],
        actions: Mapping[str, QAction],
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._layout, self._docks, self._actions, self._window = layout, docks, actions, window

    def choose(self, id: str) -> None:
        """Choose another preset."""
        focused = self._window.focusWidget()
        self._layout.choose(id)
        self._actions[f"layout_{self._layout.preset.id}"].setChecked(True)
        (focused if focused is not None and focused.isVisible() else self._window).setFocus()

    def reset(self) -> None:
        """Put the panels back in their original places."""
        focused = self._window.focusWidget()
        self._layout.reset()
        (focused or self._window).setFocus()  # panels that move lose the focus to the first button

    def show_panel(self, id: str) -> None:
        """Open a panel if it is closed, and bring it to the front."""
        dock = self._docks[id]
        if dock.isHidden():
            self._layout.show_all()
        dock.show()
        dock.raise_()

    def show_panel_large(self, id: str) -> None:
        """The same, and give it much of the window's height, unless it has it."""
        self.show_panel(id)
        # A panel that was closed has its size when the window has been laid out.
        QTimer.singleShot(0, self, partial(self._enlarge, self._docks[id]))

    def _enlarge(self, dock: Dock) -> None:
        """Let the highest panel of a column give height to another one."""
        more = round(LARGE * self._window.height()) - dock.height()
        above = [
            other
            for other in self._docks.values()
            if other.isVisible() and other.x() == dock.x() and other.y() < dock.y()
        ]
        if more <= 0 or dock.isFloating() or not above:
            return
        gives = max(above, key=lambda other: other.height())
        heights = [gives.height() - more, dock.height() + more]
        self._window.resizeDocks([gives, dock], heights, Qt.Orientation.Vertical)
