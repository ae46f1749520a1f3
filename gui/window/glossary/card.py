"""The card of a term, beside the sentence that uses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.window.glossary.entry_box import WIDTH, EntryBox
from gui.words.glossary import See

_GAP = 6  # pixels from the term


class TermCard(QFrame):
    """An entry that pops up; Escape or a click elsewhere closes it.

    Signals:
        see_asked: a place to go to.
        all_asked: for the whole glossary, at the term that is shown.
    """

    see_asked = Signal(object)
    all_asked = Signal(str)

    def __init__(
        self,
        theme: Theme,
        offered: Callable[[Sequence[See]], Sequence[tuple[See, str]]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("term_card")
        self.setProperty("role", "bubble")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.entry = EntryBox(theme, offered, self)
        self.entry.see_asked.connect(self._on_see)
        self.entry.shown.connect(self._on_shown)
        self._all = QPushButton(self.tr("All terms"))
        self._all.setProperty("role", "link")
        self._all.clicked.connect(self._on_all)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(12), px(14), px(10))
        column.addWidget(self.entry)
        column.addWidget(self._all, 0, Qt.AlignmentFlag.AlignRight)
        self.entry.setFixedWidth(px(WIDTH))
        self._beside = QRect()

    def show_beside(self, term: str, place: QRect) -> None:
        """Show a term's entry beside its place on the screen."""
        self._beside = place
        self.entry.show_term(term)
        self.show()
        self.entry.text.setFocus(Qt.FocusReason.PopupFocusReason)

    def _on_shown(self, term: str) -> None:
        self.setAccessibleName(self.entry.head.text())
        self.setAccessibleDescription(self.entry.text.accessibleDescription())
        self.adjustSize()
        self._place()

    def _place(self) -> None:
        """Stay on the screen: below the term, or above it."""
        place, screen = self._beside, self.screen().availableGeometry()
        top = place.bottom() + 1 + px(_GAP)
        if top + self.height() > screen.bottom():
            top = place.top() - px(_GAP) - self.height()
        left = min(place.left(), screen.right() - self.width())
        self.move(QPoint(max(left, screen.left()), max(top, screen.top())))

    def _on_see(self, see: See) -> None:
        self.close()
        self.see_asked.emit(see)

    def _on_all(self) -> None:
        term = self.entry.term
        self.close()
        self.all_asked.emit(term)
