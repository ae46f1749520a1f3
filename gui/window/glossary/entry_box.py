"""An entry of the glossary: its sentences, in which terms are links, and where it is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.widgets.code_html import CODE_LESS, Link, code_html
from gui.widgets.term_label import TermLabel
from gui.words.glossary import GLOSSARY, See, explained
from gui.words.terms import places_in

_TYPE = 14  # pixels
WIDTH = 380


class EntryBox(QWidget):
    """Shows an entry; a link in it shows another one in its place.

    Args:
        theme: the colours.
        offered: the places of an entry that can be gone to now, each with the text of its button.

    Signals:
        see_asked: a place to go to.
        shown: the term that is shown.
    """

    see_asked = Signal(object)
    shown = Signal(str)

    def __init__(
        self,
        theme: Theme,
        offered: Callable[[Sequence[See]], Sequence[tuple[See, str]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._theme, self._offered = theme, offered
        self.term = ""
        self.head = QLabel()
        self.head.setFont(ui_font(16, QFont.Weight.DemiBold))
        self.text = TermLabel(theme)
        self.text.setFont(ui_font(_TYPE))
        self.text.setTextInteractionFlags(  # without a caret
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.text.term_asked.connect(lambda term, _: self.show_term(term))
        self._places = QVBoxLayout()
        self._places.setSpacing(px(2))
        self.buttons: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        column.addWidget(self.head)
        column.addWidget(self.text)
        column.addLayout(self._places)

    def show_term(self, term: str) -> None:
        """Show the entry of a term."""
        entry = explained(term)
        self.term = term
        self.head.setText(entry.title)
        links = [
            Link(*place, new=True)
            for place in places_in(entry.text)
            if place.term != term and place.term in GLOSSARY
        ]
        colour = self._theme.text
        html = code_html(entry.text, _TYPE - CODE_LESS, links, colour)
        self.text.setText(f'<span style="color:{colour}">{html}</span>')
        self.text.setAccessibleName(entry.title)
        self.text.setAccessibleDescription(entry.text.replace("`", ""))
        self.text.setMinimumHeight(self.text.heightForWidth(px(WIDTH)))
        self._show_places(entry.see)
        self.shown.emit(term)

    def _show_places(self, see: Sequence[See]) -> None:
        for button in self.buttons:
            self._places.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for place, text in self._offered(see):
            button = QPushButton(text)
            button.setProperty("role", "link")
            button.setAutoDefault(False)
            button.clicked.connect(partial(self.see_asked.emit, place))
            self.buttons.append(button)
            self._places.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
