"""The rows that the side panels use: painted by a delegate, driven by mouse or keys."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeView, QWidget

AnyIndex = QModelIndex | QPersistentModelIndex


# The delegate draws a row's ground, rounded; the style's would stand out at the corners.
_SHEET = """
QTreeView { background: transparent; }
QTreeView::item, QTreeView::item:hover, QTreeView::item:selected, QTreeView::branch {
    background: transparent; border: none;
}
"""


class RowView(QTreeView):
    """Rows without header and branches; `chosen` follows a click, Enter or Return."""

    chosen = Signal(QModelIndex)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setExpandsOnDoubleClick(False)
        self.setStyleSheet(_SHEET)
        self.header().setStretchLastSection(True)
        self.header().setMinimumSectionSize(10)
        self.clicked.connect(self.chosen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Return choose the current row."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex())
            event.accept()
            return
        super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Two rows: a panel may be made small."""
        return QSize(80, 44)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell whoever shares the width out among columns."""
        super().resizeEvent(event)
        self.resized.emit()
