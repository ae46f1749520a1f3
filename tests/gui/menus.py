"""Menus within menus."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu


def submenu(action: QAction) -> QMenu | None:
    """The menu that an entry opens.

    `QAction.menu()` of PySide6 up to 6.11.0 has it deleted with the Python object of the entry.
    """
    return QMenu.menuInAction(action)
