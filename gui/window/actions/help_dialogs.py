"""The dialogs of the help menu: the keys, and the description of this program."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from gui.dialogs.dialog import AboutDialog, KeysDialog
from gui.look.appearance import Appearance


class HelpDialogs(QObject):
    """Opens the dialogs.

    Args:
        rows: returns text and keys of each action that has keys.
        appearance: the theme.
        parent: the window.
    """

    def __init__(
        self, rows: Callable[[], Sequence[tuple[str, str]]], appearance: Appearance, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._rows, self._appearance, self._window = rows, appearance, parent

    def show_keys(self) -> None:
        """Show all actions with their keys."""
        KeysDialog(self._rows(), self._appearance.theme, self._window).open()

    def show_about(self) -> None:
        """Describe this program."""
        AboutDialog(self._appearance.theme, self._window).open()
