"""The "?" of the timeline, which has no title row as other panels have."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from gui.look.icons import icon
from gui.look.theme import Theme
from gui.look.type_scale import px

SIDE = 24.0  # pixels at a type scale of 1


class HelpButton(QToolButton):
    """Asks for the help of a panel; `about` is its name."""

    def __init__(self, theme: Theme, about: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "icon")
        self.setAccessibleName(self.tr("What is this?"))
        self.setAccessibleDescription(about)
        self.setToolTip(self.accessibleName())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(px(14), px(14)))
        self.setFixedSize(px(SIDE), px(SIDE))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.setIcon(icon("question", theme, theme.text3))
