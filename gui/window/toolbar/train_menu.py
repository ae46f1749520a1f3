"""The menu of the button that trains."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

_ENTRIES = ("continue", "train_100", "train_until_95", "train_until_paused")


def train_menu(actions: Mapping[str, QAction], parent: QWidget) -> QMenu:
    """The actions that train, by their ids."""
    menu = QMenu(QCoreApplication.translate("TopRow", "Train"), parent)
    menu.setToolTipsVisible(True)  # the tooltip of a disabled entry says why
    for id in _ENTRIES:
        menu.addAction(actions[id])
    return menu
