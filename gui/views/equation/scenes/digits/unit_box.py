"""Chooses a unit or an input: a column or a row of a matrix, or a number of a vector."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.widgets.arrow_box import ArrowBox

ARROW = 28  # pixels for it, with the air on both sides


class UnitBox(ArrowBox):
    """A list of the units, by their numbers.

    Args:
        noun: of one of them, with its number: "unit {0}".
        name: of the list, for a screen reader.

    Signals:
        unit_chosen: by a person.
    """

    unit_chosen = Signal(int)

    def __init__(self, theme: Theme, noun: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._noun = noun
        self.setProperty("role", "pill")
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self.unit_chosen)

    def show_unit(self, unit: int, units: int) -> None:
        """Show one of so many units."""
        with QSignalBlocker(self):
            if self.count() != units:
                self.clear()
                self.addItems([self._noun.format(number) for number in range(units)])
            self.setCurrentIndex(unit)

    def wanted_width(self) -> int:
        """Pixels for the longest entry and the arrow."""
        longest = self._noun.format("8" * len(str(max(self.count() - 1, 0))))
        return round(self.fontMetrics().horizontalAdvance(longest)) + px(18) + ARROW

    def showPopup(self) -> None:
        """Open the list at the unit that is shown."""
        super().showPopup()
        self.view().scrollTo(
            self.model().index(self.currentIndex(), 0),
            QAbstractItemView.ScrollHint.PositionAtCenter,
        )
