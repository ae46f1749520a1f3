"""A small icon button, for title rows and beside lists."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QToolButton

from gui.look.type_scale import px


def make_icon_button(text: str, act: Callable[..., object] | None = None) -> QToolButton:
    """A button with the translated `text` as its tooltip; the icon is set with the theme.

    A click calls `act`.
    """
    button = QToolButton()
    button.setProperty("role", "icon")
    button.setAccessibleName(text)
    button.setToolTip(text)
    button.setIconSize(QSize(px(14), px(14)))
    button.setFixedSize(px(24), px(24))
    if act is not None:
        button.clicked.connect(act)
    return button
