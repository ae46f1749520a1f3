"""What the panel says on a program without a network, in place of its pages."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.views.numeric.words import not_a_network
from gui.widgets.empty import EmptyState


class NotHere(EmptyState):
    """A sentence that covers the whole panel, its parent."""

    def __init__(self, theme: Theme, panel: QWidget) -> None:
        super().__init__(theme, panel)
        self._panel = panel
        self.say(*not_a_network())
        self.hide()
        panel.installEventFilter(self)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Cover the panel if the session has no network."""
        self.setVisible(bool(snapshot.facets))
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint over the pages."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._theme.panel))
        painter.end()
        super().paintEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the panel."""
        if event.type() is QEvent.Type.Resize and watched is self._panel:
            self.setGeometry(self._panel.rect())
        return False
