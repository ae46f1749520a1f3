"""The sentence under the picture, on what it shows."""

from __future__ import annotations

from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.widgets.term_label import Link, TermLabel, sentence_html
from gui.words.terms import places_in

TYPE = 14  # pixels
LEAST_PANEL = 295  # pixels of the height below which the picture needs the room
LEAST_WIDTH = 300
_MOST_LINES = 2


class CaptionLabel(TermLabel):
    """A sentence; the terms of it that the words above the source do not have are marked."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setObjectName("caption")
        self.setAccessibleName(self.tr("Caption"))
        self._sentence = ""
        self._heights: dict[int, int] = {}  # by width
        self._wanted = True
        self.set_theme(theme)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is shown, with its marks of code; "" for nothing."""
        return self._sentence if self._wanted else ""

    def say(self, sentence: str) -> None:
        """Show another sentence; "" for none."""
        self._sentence = sentence
        self._write()

    def set_wanted(self, wanted: bool) -> None:
        """Show the words, or take no room."""
        self._wanted = wanted

    def set_theme(self, theme: Theme) -> None:
        """Write in another theme's colours."""
        self._link_theme = theme
        self.setFont(ui_font(TYPE))
        self._write()

    def height_in(self, width: int, height: int) -> int:
        """The height that it takes in a panel; 0 where there is too little room."""
        if not self.sentence or height < px(LEAST_PANEL) or width < px(LEAST_WIDTH):
            return 0
        if width not in self._heights:
            self._heights[width] = self._height_in(width)
        return self._heights[width]

    def _height_in(self, width: int) -> int:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(ui_font(TYPE))
        document.setHtml(self.text())
        document.setTextWidth(width)
        document.size()
        lines = document.firstBlock().layout().lineCount()
        return round(document.size().height()) if lines <= _MOST_LINES else 0

    def _write(self) -> None:
        self._heights.clear()
        colour = self._link_theme.text2
        links = [Link(*place) for place in places_in(self._sentence)]
        html = sentence_html(self._sentence, TYPE, colour, links)
        self.setText(f'<span style="color:{colour}">{html}</span>' if html else "")
        self.setAccessibleDescription(self._sentence.replace("`", ""))
