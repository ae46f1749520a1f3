"""A list to choose the array shown: the one at the cursor, or a pinned one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QToolButton, QVBoxLayout, QWidget

from gui.look.theme import Theme, code_font, ui_font
from gui.widgets.arrow_box import ArrowBox


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
