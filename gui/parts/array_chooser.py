"""Which array is shown: the one that the cursor is about, or one that was pinned."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QToolButton, QVBoxLayout, QWidget

from gui.theme import Theme, code_font, ui_font

MOST_ROWS = 16


class ArrowBox(QComboBox):
    """A combo box with its arrow, which a style sheet takes away; it opens at its first entry."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setStyleSheet("QComboBox { combobox-popup: 0; }")  # a list below, with a scroll bar
        self.setMaxVisibleItems(MOST_ROWS)

    def showPopup(self) -> None:
        """Open the list at its top: there is the way back to the cursor."""
        super().showPopup()
        self.view().scrollToTop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow upon the box."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.text2), 1.5))
        x, y = self.width() - 13.0, self.height() / 2 - 1
        painter.drawPolyline([QPointF(x - 4, y - 1), QPointF(x, y + 3), QPointF(x + 4, y - 1)])


class ArrayChooser(QWidget):
    """The box with the names, and, while one of them is pinned, the way back to the cursor.

    Signals:
        chosen: the name of an array, or empty to follow the cursor.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = box = ArrowBox(theme)
        box.setAccessibleName(self.tr("Which array is shown"))
        box.setFont(code_font(12))
        box.setMinimumContentsLength(8)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.activated.connect(lambda i: self.chosen.emit(box.itemData(i)))
        self._unpin = QToolButton()
        self._unpin.setText(self.tr("× follow the cursor"))
        self._unpin.setAccessibleName(self.tr("Follow the cursor"))
        self._unpin.setToolTip(self.tr("Show what the cursor is about again"))
        self._unpin.setProperty("role", "link")
        self._unpin.setFont(ui_font(12))
        self._unpin.clicked.connect(self._on_unpinned)
        self._unpin.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(box)
        column.addWidget(self._unpin)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._box.theme = theme
        self._box.update()

    def show_names(self, names: Sequence[str], pinned: str | None) -> None:
        """Offer these arrays, and the pinned one wherever it is."""
        names = [*names, *([pinned] if pinned and pinned not in names else [])]
        wanted = [(self.tr("follows the cursor"), ""), *((name, name) for name in names)]
        box = self._box
        if [(box.itemText(i), box.itemData(i)) for i in range(box.count())] != wanted:
            box.clear()
            for text, data in wanted:
                box.addItem(text, data)
        box.setCurrentIndex(names.index(pinned) + 1 if pinned else 0)
        self._unpin.setVisible(bool(pinned))

    def _on_unpinned(self) -> None:
        self._box.setFocus()  # the link that was clicked goes
        self.chosen.emit("")
