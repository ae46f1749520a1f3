"""Does what a station asks for, in place of the person: for a presenter's clicker."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


def deed_actions(window: QWidget, keys: str) -> list[QAction]:
    """The actions that a station's keys trigger: each word is a shortcut, or an action's name.

    Raises KeyError for a word that is neither.
    """
    actions = window.findChildren(QAction)
    return [_action(actions, word) for word in keys.split()]


def _action(actions: Iterable[QAction], word: str) -> QAction:
    wanted = QKeySequence(word)
    for action in actions:
        if action.objectName() == word or wanted in action.shortcuts():
            return action
    raise KeyError(word)
