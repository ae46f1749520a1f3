"""The drop-down list that chooses the array: the cursor's array, or a pinned array."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QToolButton, QVBoxLayout, QWidget

from gui.look.theme import Theme, code_font, ui_font
from gui.widgets.arrow_box import ArrowBox


class ArrayChooser(QWidget):
    """The list of names, and a link back to the cursor while an array is pinned.

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
        self._unpin.setToolTip(self.tr("Show the value at the cursor again"))
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
        """Offer these arrays, and the pinned array even if it is out of scope."""
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
        self._box.setFocus()  # the clicked link disappears
        self.chosen.emit("")
