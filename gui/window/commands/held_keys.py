"""Detects whether a shortcut comes from a held key that repeats."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class HeldKeys(QObject):
    """Watches the shortcuts of the main window and of floating panels."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._repeating = False
        self._over = QTimer(self, interval=0, singleShot=True)
        self._over.timeout.connect(self._on_over)

    def take(self) -> bool:
        """Return whether the current shortcut comes from a held key; call it once per shortcut."""
        repeating, self._repeating = self._repeating, False
        return repeating

    def watch(self, widget: QWidget, watch: bool = True) -> None:
        """Start or stop watching a window."""
        widget.removeEventFilter(self)
        if watch:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note whether the key of a shortcut repeats.

        The shortcut follows at once; a later click does not belong to it.
        """
        if event.type() == QEvent.Type.ShortcutOverride:
            self._repeating = cast(QKeyEvent, event).isAutoRepeat()
            if self._repeating:
                self._over.start()
        return False

    def _on_over(self) -> None:
        self._repeating = False
