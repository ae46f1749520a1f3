"""The legend of a picture: what its colours mean."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.words.captions import Caption


class LegendBox(QWidget):
    """Shows the legend of a caption."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def show_caption(self, caption: Caption | None) -> None:
        """Show a legend, or none."""

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
