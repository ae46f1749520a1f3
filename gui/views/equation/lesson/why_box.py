"""The box of a derivation, over the picture."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.words.why.derivation import Derivation, NoDerivation, Tried


class WhyBox(QWidget):
    """Shows a derivation in steps."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.hide()

    def show_derivation(self, found: Derivation | NoDerivation, tried: Tried | None) -> None:
        """Open with a derivation, or with the reason why there is none."""

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
