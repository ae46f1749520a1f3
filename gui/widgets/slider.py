"""A slider that goes to where it is clicked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle

HANDLE = 14  # pixels; about half of it lies beyond the value at either end


class Slider(QSlider):
    """A horizontal one: a click in its groove takes the handle there, to be drawn on from there."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Bring the handle under the mouse first; then it is pressed as ever."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setValue(self.value_at(round(event.position().x())))
        super().mousePressEvent(event)

    def value_at(self, x: int) -> int:
        """The value that a place in the groove stands for."""
        return QStyle.sliderValueFromPosition(
            self.minimum(), self.maximum(), x - HANDLE // 2, self.width() - HANDLE
        )
