"""Whether the key that was pressed last is held down, and repeats itself."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class HeldKeys(QObject):
    """Watches the shortcuts of windows: the main window's, and those of floating panels."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._repeating = False
        self._over = QTimer(self, interval=0, singleShot=True)
        self._over.timeout.connect(self._on_over)

    def take(self) -> bool:
        """Whether the shortcut that runs now is of a key that is held down; asked once for each."""
        repeating, self._repeating = self._repeating, False
        return repeating

    def watch(self, widget: QWidget, watch: bool = True) -> None:
        """Watch a window, or no longer."""
        widget.removeEventFilter(self)
        if watch:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note the key of the shortcut that may follow.

        The shortcut follows at once, so a click that comes later is none of it.
        """
        if event.type() == QEvent.Type.ShortcutOverride:
            self._repeating = cast(QKeyEvent, event).isAutoRepeat()
            if self._repeating:
                self._over.start()
        return False

    def _on_over(self) -> None:
        self._repeating = False
