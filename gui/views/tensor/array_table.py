"""The numbers of a matrix as a table: read cell by cell, however large the matrix is."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QTableView, QWidget

from gui.look.theme import code_font
from gui.look.type_scale import px
from gui.paint.values import scalar_text

Array = np.ndarray[Any, Any]
Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class ArrayModel(QAbstractTableModel):
    """The Qt model of a matrix; it copies nothing, and makes texts for visible cells only."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.matrix: Array = np.zeros((0, 0))

    def show_matrix(self, matrix: Array) -> None:
        """Show another matrix; the selection stays if the shape is the same."""
        if matrix.shape == self.matrix.shape:
            self.matrix = matrix
            if matrix.size:
                last = self.index(matrix.shape[0] - 1, matrix.shape[1] - 1)
                self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self.matrix = matrix
        self.endResetModel()

    def rowCount(self, parent: Index = ROOT) -> int:
        """The number of rows of the matrix."""
        return 0 if parent.isValid() else self.matrix.shape[0]

    def columnCount(self, parent: Index = ROOT) -> int:
        """The number of columns of the matrix."""
        return 0 if parent.isValid() else self.matrix.shape[1]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The number in six significant digits; in full for the tooltip."""
        if not index.isValid():
            return None
        value = self.matrix[index.row(), index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return scalar_text(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"[{index.row()}, {index.column()}] {value}"
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"[{index.row()}, {index.column()}] {scalar_text(value)}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Indices, from 0."""
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None


class ArrayTable(QTableView):
    """The table; copying gives the selected cells in full precision, separated by tabs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.array_model = ArrayModel(self)
        self.setModel(self.array_model)
        self.setFont(code_font(12))
        self.setAccessibleName(self.tr("Numbers"))
        self.setToolTip(self.tr("Ctrl+C copies the selected numbers, separated by tabs"))
        for header in (self.verticalHeader(), self.horizontalHeader()):
            header.setFont(code_font(11))
            header.setHighlightSections(False)
        self.verticalHeader().setDefaultSectionSize(px(22))
        self.horizontalHeader().setDefaultSectionSize(px(104))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy the selection; the table handles other keys."""
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.selected_text())
        else:
            super().keyPressEvent(event)

    def selected_text(self) -> str:
        """The rectangle around the selected cells, tab-separated; other cells are empty."""
        chosen = np.zeros(self.array_model.matrix.shape, dtype=bool)
        selection = self.selectionModel().selection()
        for part in (selection.at(number) for number in range(selection.count())):
            chosen[part.top() : part.bottom() + 1, part.left() : part.right() + 1] = True
        rows, columns = (np.flatnonzero(chosen.any(axis=axis)) for axis in (1, 0))
        matrix = self.array_model.matrix
        return "\n".join(
            "\t".join(str(matrix[r, c]) if chosen[r, c] else "" for c in columns) for r in rows
        )
