"""The current theme (light, dark or the system's, saved in the settings) and the type scale."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from gui.look.style import apply_theme, refit
from gui.look.theme import DARK, LIGHT, Theme
from gui.look.type_scale import SCALE
from gui.settings import THEME, one_of


class Choice(StrEnum):
    """The choices of a theme."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Appearance(QObject):
    """Applies the theme, and announces changes.

    Args:
        parent: the window, which gets the style sheet.
        system: returns the system's colour scheme; by default Qt's.

    Signals:
        changed: the new `Theme`.
        scaled: the type scale has changed.
    """

    changed = Signal(object)
    scaled = Signal()

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
        self._window = parent if isinstance(parent, QWidget) else None
        self._settings = settings
        self._fitted = SCALE.factor  # the type scale of the window's widgets
        self.choice = Choice(one_of(settings, THEME, list(Choice), Choice.SYSTEM))
        self.theme = self._wanted()
        apply_theme(app, self.theme, self._window)
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def choose(self, choice: Choice) -> None:
        """Choose a theme, and save the choice."""
        self.choice = choice
        self._settings.setValue(THEME, choice.value)
        self._follow()

    def set_type_scale(self, now: float) -> None:
        """Set the type scale, and adapt all fonts and fixed sizes of widgets."""
        before = self._fitted
        if before == now == SCALE.factor:
            return
        SCALE.factor = self._fitted = now
        if self._window is not None:
            refit(self._window, before, now)
        apply_theme(self._app, self.theme, self._window)
        self.scaled.emit()

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted is not self.theme:
            self.theme = wanted
            apply_theme(self._app, wanted, self._window)
            self.changed.emit(wanted)

    def _wanted(self) -> Theme:
        if self.choice is Choice.SYSTEM:
            light = self._system() is Qt.ColorScheme.Light
            return LIGHT if light else DARK
        return LIGHT if self.choice is Choice.LIGHT else DARK
