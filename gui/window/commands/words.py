"""Whether the window has words at every stop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction

from gui.settings import WORDS, one_of

_ON, _OFF = "on", "off"


class WordsSwitch:
    """Keeps the switch, which is on at first, in the settings.

    Args:
        settings: where it is remembered.
        action: shows whether it is on.
        follow: is called with its state whenever it is set.
    """

    def __init__(
        self, settings: QSettings, action: QAction, follow: Callable[[bool], None]
    ) -> None:
        self._settings, self._action, self._follow = settings, action, follow
        on = one_of(settings, WORDS, (_ON, _OFF), _ON) == _ON
        action.setChecked(on)
        follow(on)

    def toggle(self) -> None:
        """Follow the action, which has just been triggered, and remember it."""
        on = self._action.isChecked()
        self._settings.setValue(WORDS, _ON if on else _OFF)
        self._follow(on)
