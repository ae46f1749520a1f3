"""Whether the formulas have the tutorial's names."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction

from gui.settings import NOTATION, one_of
from gui.words.formula.notation import Notation


class NotationSwitch:
    """Keeps the switch, which is off at first, in the settings.

    Args:
        settings: where it is remembered.
        action: shows whether it is on.
        follow: is called with the notation whenever it is set.
    """

    def __init__(
        self, settings: QSettings, action: QAction, follow: Callable[[Notation], None]
    ) -> None:
        self._settings, self._action, self._follow = settings, action, follow
        notation = Notation(one_of(settings, NOTATION, list(Notation), Notation.SOURCE))
        action.setChecked(notation is Notation.TUTORIAL)
        follow(notation)

    def toggle(self) -> None:
        """Follow the action, which has just been triggered, and remember it."""
        notation = Notation.TUTORIAL if self._action.isChecked() else Notation.SOURCE
        self._settings.setValue(NOTATION, notation.value)
        self._follow(notation)
