"""The glossary as a whole: a field to search, the list of terms, and the entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.dialogs.dialog import Dialog
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.window.glossary.entry_box import WIDTH, EntryBox
from gui.words.glossary import GLOSSARY, See, explained

_TERM = int(Qt.ItemDataRole.UserRole)
_LIST, _HEIGHT = 190, 320  # pixels
_MOVES = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class GlossaryDialog(Dialog):
    """All terms, in the order of the alphabet.

    Signals:
        see_asked: a place to go to; the dialog closes.
    """

    see_asked = Signal(object)

    def __init__(
        self,
        theme: Theme,
        offered: Callable[[Sequence[See]], Sequence[tuple[See, str]]],
        parent: QWidget,
    ) -> None:
        super().__init__("", "", theme, parent)
        title = self.tr("Glossary")
        self.setWindowTitle(title)
        self.headline.setText(title)
        self.setObjectName("glossary_dialog")
        self.setMinimumWidth(px(_LIST + WIDTH + 70))
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search the terms and their sentences"))
        self.search.setAccessibleName(self.tr("Search"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.installEventFilter(self)
        self.terms = QListWidget()
        self.terms.setAccessibleName(self.tr("Terms"))
        self.terms.setFixedWidth(px(_LIST))
        self.terms.setMinimumHeight(px(_HEIGHT))
        self._none = QLabel(self.tr("No term or sentence has this text."))
        self._none.setProperty("role", "secondary")
        self._none.hide()
        self.entry = EntryBox(theme, offered, self)
        self.entry.setFixedWidth(px(WIDTH))
        self.entry.see_asked.connect(self._on_see)
        self.entry.shown.connect(self._select)
        self._entries = {term: explained(term) for term in GLOSSARY}
        for entry in sorted(self._entries.values(), key=lambda one: one.title.casefold()):
            item = QListWidgetItem(entry.title)
            item.setData(_TERM, entry.term)
            self.terms.addItem(item)
        self.terms.currentItemChanged.connect(self._on_chosen)
        self._lay_out()
        self.add_button(self.tr("Close"), QDialogButtonBox.ButtonRole.RejectRole, "primary")
        self.terms.setCurrentRow(0)
        self.search.setFocus()

    def show_term(self, term: str) -> None:
        """Show the entry of a term."""
        self.search.clear()
        self.entry.show_term(term)

    def found(self) -> list[str]:
        """The terms in the list."""
        items = [self.terms.item(row) for row in range(self.terms.count())]
        return [str(item.data(_TERM)) for item in items if not item.isHidden()]

    def _lay_out(self) -> None:
        beside = QVBoxLayout()
        beside.addWidget(self._none)
        beside.addWidget(self.entry)
        beside.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(px(18))
        row.addWidget(self.terms)
        row.addLayout(beside, 1)
        self.content.addWidget(self.search)
        self.content.addLayout(row)

    def _filter(self, text: str) -> None:
        """Keep the terms that have the text; before them, in the choice, those that begin so."""
        wanted = text.strip().casefold()
        first: QListWidgetItem | None = None
        best: QListWidgetItem | None = None
        for row in range(self.terms.count()):
            item = self.terms.item(row)
            entry = self._entries[str(item.data(_TERM))]
            title = entry.title.casefold()
            fits = wanted in title or wanted in entry.text.casefold()
            item.setHidden(not fits)
            if fits:
                first = first or item
            if best is None and title.startswith(wanted):
                best = item
        self._none.setVisible(first is None)
        self.entry.setVisible(first is not None)
        chosen = best or first
        if chosen is not None and (wanted or self.terms.currentItem() is None):
            self.terms.setCurrentItem(chosen)

    def _on_chosen(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(_TERM) != self.entry.term:
            self.entry.show_term(str(item.data(_TERM)))

    def _select(self, term: str) -> None:
        """Show in the list which entry a link has led to."""
        for row in range(self.terms.count()):
            item = self.terms.item(row)
            if item.data(_TERM) == term:
                if item.isHidden():
                    self.search.clear()
                self.terms.setCurrentItem(item)

    def _on_see(self, see: See) -> None:
        self.accept()
        self.see_asked.emit(see)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys in the search field move in the list."""
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() in _MOVES
        ):
            self.terms.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)
