"""A slider whose handle moves to a click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle

HANDLE = 14  # pixels; about half of it lies beyond the value at either end


class Slider(QSlider):
    """A horizontal slider: a click in its groove moves the handle there, ready to drag."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Move the handle under the mouse, then press it as usual."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.setValue(self.value_at(round(event.position().x())))
        super().mousePressEvent(event)

    def value_at(self, x: int) -> int:
        """The value at a place in the groove."""
        return QStyle.sliderValueFromPosition(
            self.minimum(), self.maximum(), x - HANDLE // 2, self.width() - HANDLE
        )
