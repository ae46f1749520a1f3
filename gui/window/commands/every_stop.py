"""The switch "every stop": steps, playback and counts use every event, or operations only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QAction

from gui.settings import EVERY_STOP, one_of
from gui.window.panels.layout_presets import LayoutPreset

_ON, _OFF = "on", "off"


class EveryStop(QObject):
    """Remembers the switch of each layout, and calls what depends on it.

    Args:
        settings: where the switch of each layout is remembered.
        switch: the action that shows whether the switch is on.
        followers: are called with the state of the switch whenever it is set.
        parent: the window.
    """

    def __init__(
        self,
        settings: QSettings,
        switch: QAction,
        followers: Sequence[Callable[[bool], None]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._settings, self._switch, self._followers = settings, switch, followers
        self._preset: LayoutPreset | None = None

    def take_preset(self, preset: LayoutPreset) -> None:
        """Set the switch as the person left it in a layout, or as the layout has it at first."""
        self._preset = preset
        default = _ON if preset.every_stop else _OFF
        key = EVERY_STOP.format(preset.id)
        self._apply(one_of(self._settings, key, (_ON, _OFF), default) == _ON)

    def toggle(self) -> None:
        """Follow the action, which has just been triggered, and remember it."""
        on = self._switch.isChecked()
        if self._preset is not None:
            self._settings.setValue(EVERY_STOP.format(self._preset.id), _ON if on else _OFF)
        self._apply(on)

    def _apply(self, on: bool) -> None:
        self._switch.setChecked(on)
        for follow in self._followers:
            follow(on)
