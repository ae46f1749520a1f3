"""The buttons that choose how an array is drawn: as a map, as pictures or as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from gui.paint.mosaic import LEAST_PICTURE
from gui.paint.values import is_whole_vector
from gui.widgets.segments import make_segments

MAP, PICTURES, TABLE = range(3)


class ModeButtons(QObject):
    """Offers the modes that suit an array; `frame` is the widget with the buttons.

    Signals:
        changed: the person chose another mode.
    """

    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        names = (self.tr("Map"), self.tr("Pictures"), self.tr("Numbers"))
        self.frame, self._group = make_segments(parent, names)
        self._group.button(MAP).setChecked(True)
        self._group.idClicked.connect(self._on_clicked)
        self._wanted: int | None = None  # the person's choice, even if it does not suit

    def offer(self, value: np.ndarray[Any, Any], axis: int | None, image: tuple[int, int]) -> int:
        """Enable the modes that suit an array; returns the mode to use.

        `axis` is the axis of the pixels of an `image`, or None.
        """
        pictures = self._group.button(PICTURES)
        pictures.setEnabled(axis is not None)
        pictures.setVisible(0 not in image)
        if pictures.text() != (size := f"{image[0]} × {image[1]}"):
            pictures.setText(size)
        tip = self.tr("Each {0} of the array as a picture").format(
            self.tr("column") if axis == 0 else self.tr("row")
        )
        none = self.tr("No axis of this array is as long as an image has pixels")
        pictures.setToolTip(tip if axis is not None else none)
        mode = self._wanted
        if mode is None:
            mode = PICTURES if image[0] * image[1] >= LEAST_PICTURE else MAP
        whole = is_whole_vector(value)
        self._group.button(MAP).setEnabled(not whole)
        words = self.tr("Labels and indices are numbers; colours would say nothing")
        self._group.button(MAP).setToolTip(words if whole else "")
        if whole:
            mode = TABLE
        if mode == PICTURES and axis is None:
            mode = MAP
        self._group.button(mode).setChecked(True)
        return mode

    def set_enabled(self, enabled: bool) -> None:
        """Enable or disable every mode."""
        for button in self._group.buttons():
            button.setEnabled(enabled)

    def _on_clicked(self, mode: int) -> None:
        self._wanted = mode
        self.changed.emit()
