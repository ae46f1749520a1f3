"""Choosing one of the layouts, without losing the keyboard to a button."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.window.actions.qactions import Actions
from gui.window.panels.dock import Dock
from gui.window.panels.layout import Layout


class LayoutChoice(QObject):
    """Takes a layout, resets it, and opens panels in it.

    Args:
        layout: places the panels.
        docks: the panels by their id.
        actions: have a tick at the chosen layout.
        window: has the keyboard where its widget is gone.
    """

    def __init__(
        self, layout: Layout, docks: Mapping[str, Dock], actions: Actions, window: QWidget
    ) -> None:
        super().__init__(window)
        self._layout, self._docks, self._actions, self._window = layout, docks, actions, window

    def choose(self, id: str) -> None:
        """Take another of the layouts that are offered ready made."""
        focused = self._window.focusWidget()
        self._layout.choose(id)
        self._actions[f"layout_{self._layout.preset.id}"].setChecked(True)
        (focused if focused is not None and focused.isVisible() else self._window).setFocus()

    def reset(self) -> None:
        """Put the panels back where they were at first."""
        focused = self._window.focusWidget()
        self._layout.reset()
        (focused or self._window).setFocus()  # panels that move lose it to the first button

    def show_panel(self, id: str) -> None:
        """Open a panel where it is closed, and bring it to the front."""
        dock = self._docks[id]
        if dock.isHidden():
            self._layout.show_all()
        dock.show()
        dock.raise_()
