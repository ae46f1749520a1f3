"""The spin boxes for the leading axes of a deep array, which choose the matrix on the screen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox


class SliceBoxes(QHBoxLayout):
    """A row with one spin box per axis.

    Signals:
        changed: the person chose another index.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._boxes: list[QSpinBox] = []
        self.setSpacing(4)

    def indices(self, leading: tuple[int, ...]) -> tuple[int, ...]:
        """Show a box for each axis of these lengths; returns the boxes' indices."""
        while len(self._boxes) > len(leading):
            box = self._boxes.pop()
            self.removeWidget(box)
            box.deleteLater()
        while len(self._boxes) < len(leading):
            self._add_box()
        for box, length in zip(self._boxes, leading, strict=True):
            box.blockSignals(True)
            box.setMaximum(length - 1)
            box.blockSignals(False)
        return tuple(box.value() for box in self._boxes)

    def _add_box(self) -> None:
        box = QSpinBox()
        box.setAccessibleName(self.tr("Index along axis {0}").format(len(self._boxes)))
        box.setToolTip(box.accessibleName())
        box.valueChanged.connect(self.changed)
        self.addWidget(box)
        self._boxes.append(box)
