"""What was compared so far: a row a trial, to be set side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from engine.numeric import Contestant, Method
from gui.parts.empty import EmptyState
from gui.parts.numeric.durations import multiple_text, seconds_text
from gui.parts.numeric.methods import ORDER, short_name_of
from gui.parts.values import number_text
from gui.theme import Theme, code_font, ui_font
from gui.type_scale import px

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A trial that has ended.

    Attributes:
        at: the time of day.
        network, batch, images: what was differentiated, on which minibatch.
        elements, h, dtype: how.
        rows: what each method took.
        verdict: in words; largest: the largest relative error, or None.
    """

    at: str
    network: str
    batch: int
    images: int
    elements: str
    h: str
    dtype: str
    rows: Mapping[Method, Contestant]
    verdict: str
    largest: float | None

    def cells(self) -> list[str]:
        """As they read in the table; ≈ before what was extrapolated."""
        texts = [self.at, self.network, str(self.batch), str(self.images), self.elements,
                 self.h, self.dtype]  # fmt: skip
        for method in ORDER:
            row = self.rows.get(method)
            if row is None or row.refused or not row.seconds_total:
                texts.append("")
                continue
            about = "≈ " if row.extrapolated else ""
            text = about + seconds_text(row.seconds_total)
            if method is not Method.BACKPROP:
                text += f"  ({multiple_text(row.times_backprop)} ×)"
            texts.append(text)
        largest = number_text(self.largest) if self.largest is not None else ""
        return [*texts, largest, self.verdict]


class ResultsModel(QAbstractTableModel):
    """The results, the newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results: list[Result] = []

    def add(self, result: Result) -> None:
        """Put a result on top."""
        self.beginInsertRows(ROOT, 0, 0)
        self.results.insert(0, result)
        self.endInsertRows()

    def columns(self) -> list[str]:
        """What stands above the columns."""
        return [
            self.tr("time"), self.tr("network"), self.tr("batch"), self.tr("images"),
            self.tr("elements"), "h", self.tr("dtype"), *map(short_name_of, ORDER),
            self.tr("largest error"), self.tr("verdict"),
        ]  # fmt: skip

    def rowCount(self, parent: Index = ROOT) -> int:
        """One a trial."""
        return 0 if parent.isValid() else len(self.results)

    def columnCount(self, parent: Index = ROOT) -> int:
        """See `columns`."""
        return 0 if parent.isValid() else len(self.columns())

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.FontRole:
            return ui_font(11)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return self.columns()[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return self.results[index.row()].cells()[index.column()]
        return None

    def values(self) -> np.ndarray[Any, Any]:
        """All cells, for a file."""
        cells = [result.cells() for result in self.results]
        return np.array(cells, dtype=object).reshape(len(cells), self.columnCount())


class ResultsTable(QTableView):
    """The table of them; before there is any it says what will be here."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = EmptyState(theme, self)
        self._empty.say(
            self.tr("No results yet"), self.tr("Each comparison is kept here, the newest first.")
        )
        self.results = ResultsModel(self)
        self.setModel(self.results)
        self.setFont(code_font(12))
        self.setAccessibleName(self.tr("Results"))
        self.setShowGrid(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(px(26))
        head = self.horizontalHeader()
        head.setFont(ui_font(11))
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setStretchLastSection(True)
        head.hide()
        self.results.rowsInserted.connect(self._empty.hide)
        self.results.rowsInserted.connect(head.show)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._empty.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the empty place as large as the table."""
        super().resizeEvent(event)
        self._empty.setGeometry(self.rect())
        self._empty.raise_()
