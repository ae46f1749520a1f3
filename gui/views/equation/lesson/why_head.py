"""The head of a derivation: its title, what it is about, and the two keys."""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui.look.theme import Theme, ui_font
from gui.views.equation.lesson.cap_button import CapButton
from gui.widgets.code_html import plain
from gui.widgets.elided_label import ElidedLabel


class WhyHead(QWidget):
    """Shows the title.

    Attributes:
        next: the button that explains one step after the other.
        close_button: the button that closes the derivation.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._title = QLabel(self)
        self._about = ElidedLabel()
        self._about.setProperty("role", "secondary")
        self.next = CapButton(theme, self.tr("one at a time"), self.tr("Space"))
        self.close_button = CapButton(theme, self.tr("close"), self.tr("Esc"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self._title)
        row.addWidget(self._about, 1)
        row.addWidget(self.next)
        row.addWidget(self.close_button)

    def say(self, title: str, about: str, steps: bool) -> None:
        """Show a title. `steps`: whether there are steps to explain."""
        self._title.setText(plain(title))
        self._about.setText(plain(about))
        self.next.setVisible(steps)

    def say_walk(self, walking: bool) -> None:
        """Say what the key does: whether steps are being explained one by one."""
        self.next.say(self.tr("next step") if walking else self.tr("one at a time"))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.next.set_theme(theme)
        self.close_button.set_theme(theme)

    def follow_type(self) -> None:
        """Write in the scale's sizes."""
        self._title.setFont(ui_font(15, QFont.Weight.Bold))
        self._about.setFont(ui_font(13))
