"""The column beside the array: the array chooser, the slice boxes, the colour bar and its note."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.debug.health.arrays import health_of
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.scales import Shown
from gui.paint.values import bad_text
from gui.views.tensor.array_chooser import ArrayChooser
from gui.views.tensor.slice_boxes import SliceBoxes
from gui.widgets.colour_bar import ColourBar
from gui.widgets.scale_note import ScaleNote

WIDTH = 168


class SideColumn(QWidget):
    """Stacks the four parts; the view connects their signals."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(px(WIDTH))
        self.chooser = ArrayChooser(theme)
        self.slices = SliceBoxes()
        self.bar = ColourBar(theme)
        self.note = ScaleNote(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(5)
        column.addWidget(self.chooser)
        column.addLayout(self.slices)
        column.addWidget(self.bar)
        column.addWidget(self.note)
        column.addStretch()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        for part in (self.chooser, self.bar, self.note):
            part.set_theme(theme)

    def show_scale(self, value: np.ndarray[Any, Any], shown: Shown) -> None:
        """Show the scale of an array, and a note on it."""
        self.bar.show_scale(shown.scale, shown.clipped)
        health = health_of(value)
        self.note.say(shown, bad_text(health) if health is not None and health.bad else "")
