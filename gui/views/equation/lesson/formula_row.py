"""The formula of a stop, typeset."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.words.formula.formula import Formula


class FormulaRow(QWidget):
    """Shows a formula."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme

    def show_formula(self, formula: Formula | None, snapshot: Snapshot | None, phase: str) -> None:
        """Show a formula, or none. `phase`: the colour of the pass."""

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
