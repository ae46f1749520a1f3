"""Which theme is on: light, dark, or whatever the system has; remembered."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QApplication

from gui.settings import THEME, one_of
from gui.style import apply_theme
from gui.theme import DARK, LIGHT, Theme


class Choice(StrEnum):
    """What a person can choose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Appearance(QObject):
    """Dresses the application, and says when it has changed.

    Args:
        system: tells the system's colour scheme; by default Qt does.

    Signals:
        changed: the `Theme` that is on now.
    """

    changed = Signal(object)

    def __init__(
        self,
        app: QApplication,
        settings: QSettings,
        parent: QObject,
        system: Callable[[], Qt.ColorScheme] | None = None,
    ) -> None:
        super().__init__(parent)
        self._system = system or app.styleHints().colorScheme
        self._app = app
        self._settings = settings
        self.choice = Choice(one_of(settings, THEME, list(Choice), Choice.SYSTEM))
        self.theme = self._wanted()
        apply_theme(app, self.theme)
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, choice: Choice) -> None:
        """Take a theme, and remember the choice."""
        self.choice = choice
        self._settings.setValue(THEME, choice.value)
        self._follow()

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is not self.theme:
            self.theme = wanted
            apply_theme(self._app, wanted)
            self.changed.emit(wanted)

    def _wanted(self) -> Theme:
        if self.choice is Choice.SYSTEM:
            light = self._system() is Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self.choice is Choice.LIGHT else DARK
