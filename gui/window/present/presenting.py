"""The window in front of a class: pointer, black screen, full screen, clicker, resting mouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from gui.look.appearance import Appearance
from gui.window.panels.layout import Layout
from gui.window.panels.layout_presets import PRESENT, LayoutPreset
from gui.window.present.blank import Blank
from gui.window.present.idle_mouse import IdleMouse
from gui.window.present.spot import Spot

_CLICKER = (("PgDown", "step_operation"), ("PgUp", "step_back_operation"))


class Presenting(QObject):
    """What the window has for an audience; a part of it in the layout Present only.

    Args:
        actions: the actions by their ids.
        layout: tells of the layout.
        has_cell: says whether a cell is chosen, which Escape lets go before it does more.
        appearance: has the theme.
        window: the main window.

    Signals:
        walk_speaks: whether a walk is played in Present, whose strip then has the words.
    """

    walk_speaks = Signal(bool)

    def __init__(
        self,
        actions: Mapping[str, QAction],
        layout: Layout,
        has_cell: Callable[[], bool],
        appearance: Appearance,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._actions, self._has_cell, self._window = actions, has_cell, window
        self._presents = self._walks = False
        self.mouse = IdleMouse(window)
        self.spot = Spot(appearance.theme, window)
        self.blank = Blank(window)
        self._clicker = [self._shortcut(key, actions[id].trigger) for key, id in _CLICKER]
        self._escape = self._shortcut("Esc", partial(self._point, False))
        appearance.changed.connect(self.spot.set_theme)
        layout.preset_changed.connect(self._on_preset)
        self.blank.ended.connect(partial(actions["blank_screen"].setChecked, False))
        window.installEventFilter(self)

    def toggle_pointer(self) -> None:
        """Show the pointer, or hide it."""
        self._point(self.spot.isHidden())

    def toggle_blank(self) -> None:
        """Cover the window with black; a key brings it back."""
        if self.blank.isHidden():
            self.blank.begin()
        else:
            self.blank.end()

    def toggle_full_screen(self) -> None:
        """Fill the screen, or have the window in its frame again."""
        self._window.setWindowState(self._window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def follow_walk(self, walks: bool) -> None:
        """Leave the clicker to a walk while one is played."""
        self._walks = walks
        self._follow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window; on Escape, unless there is a cell to let go, leave full screen."""
        kind = event.type()
        if kind == QEvent.Type.WindowStateChange:
            self._actions["full_screen"].setChecked(self._window.isFullScreen())
        elif kind == QEvent.Type.Close:
            self.blank.end()
        elif (
            kind == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and self._window.isFullScreen()
            and not self._has_cell()
        ):
            self.toggle_full_screen()
            return True
        elif kind == QEvent.Type.Hide:
            self.mouse.watch(False)
        elif kind == QEvent.Type.Show:
            self._follow()
        return False

    def _shortcut(self, key: str, does: object) -> QShortcut:
        shortcut = QShortcut(QKeySequence(key), self._window)
        shortcut.setAutoRepeat(False)
        shortcut.setEnabled(False)
        shortcut.activated.connect(does)
        return shortcut

    def _point(self, on: bool) -> None:
        self._actions["pointer"].setChecked(on)
        self._escape.setEnabled(on)
        if on:
            self.spot.begin()
        else:
            self.spot.end()
        self._follow()

    def _on_preset(self, preset: LayoutPreset) -> None:
        self._presents = preset.id == PRESENT
        self._follow()

    def _follow(self) -> None:
        for shortcut in self._clicker:
            shortcut.setEnabled(self._presents and not self._walks)
        self.walk_speaks.emit(self._presents and self._walks)
        self.mouse.watch(self._presents and self.spot.isHidden() and self._window.isVisible())
