"""Opens the glossary, at a term or as a whole, and goes to the places where terms are seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, QRect
from PySide6.QtWidgets import QWidget

from gui.look.appearance import Appearance
from gui.session.bridge import Bridge
from gui.window.glossary.card import TermCard
from gui.window.glossary.dialog import GlossaryDialog
from gui.window.panels.dock import Dock
from gui.words.glossary import GLOSSARY, See, can_go


class Glossary(QObject):
    """The glossary of the window.

    Args:
        bridge: goes to a stop.
        docks: the panels, by id.
        show_panel: opens the panel with this id, and raises it.
        appearance: the theme.
        parent: the window.
    """

    def __init__(
        self,
        bridge: Bridge,
        docks: Mapping[str, Dock],
        show_panel: Callable[[str], None],
        appearance: Appearance,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._bridge, self._docks, self._show_panel = bridge, docks, show_panel
        self._appearance, self._window = appearance, parent

    def show_term(self, term: str, place: QRect) -> None:
        """Show the card of a term beside its place on the screen; a link without entry has none."""
        if term not in GLOSSARY:
            return
        card = TermCard(self._appearance.theme, self.offered, self._window)
        card.see_asked.connect(self.go)
        card.all_asked.connect(self.show_all)
        card.show_beside(term, place)

    def show_all(self, term: str = "") -> None:
        """Show the whole glossary, at a term."""
        dialog = GlossaryDialog(self._appearance.theme, self.offered, self._window)
        dialog.see_asked.connect(self.go)
        if term:
            dialog.show_term(term)
        dialog.open()

    def offered(self, see: Sequence[See]) -> list[tuple[See, str]]:
        """The places that can be gone to now, each with the text of its button."""
        snapshot = self._bridge.snapshot
        return [(place, self._text(place)) for place in see if can_go(place, snapshot)]

    def go(self, see: See) -> None:
        """Show a panel, or the stop in this batch."""
        if see.panel:
            self._show_panel(see.panel)
        else:
            self._bridge.goto_source(see.function, see.source)

    def _text(self, see: See) -> str:
        if see.panel:
            return self.tr("Show the panel {0}").format(self._docks[see.panel].view.title())
        return self.tr("Go to {0}").format(see.source)
