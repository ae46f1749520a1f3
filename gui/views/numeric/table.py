"""The contest as a table: evaluations and time of each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from engine.numeric import Contestant, Method
from gui.look.theme import Theme, code_font, ui_font
from gui.look.type_scale import px
from gui.views.numeric.durations import count_text, multiple_text, seconds_text
from gui.views.numeric.methods import ORDER, colour_of, explain, explain_of_program, name_of, swatch

GAP = 8  # pixels between two columns

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
NAME, EVALUATIONS, TIME, ONE_RUN, MULTIPLE = range(5)


class ContestModel(QAbstractTableModel):
    """The Qt model: a row for each method, with a checkbox to include it.

    Signals:
        chosen_changed: the person changed the set of methods.
    """

    chosen_changed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, methods: Sequence[Method] = ORDER
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.methods = methods
        self.rows: Mapping[Method, Contestant] = {}
        self.running: Method | None = None
        self.chosen: set[Method] = set(methods)

    def show_rows(self, rows: Mapping[Method, Contestant], running: Method | None) -> None:
        """Show the results so far; `running` is the running method."""
        self.rows, self.running = rows, running
        self.changed()

    def changed(self) -> None:
        """Redraw every cell."""
        self.dataChanged.emit(self.index(0, 0), self.index(len(self.methods) - 1, MULTIPLE))

    def rowCount(self, parent: Index = ROOT) -> int:
        """One row per method."""
        return 0 if parent.isValid() else len(self.methods)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Five: method, evaluations, time, one run, multiple of backpropagation."""
        return 0 if parent.isValid() else MULTIPLE + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The heading of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.FontRole:
            return ui_font(11)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if section else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                self.tr("method"),
                self.tr("evaluations"),
                self.tr("time"),
                self.tr("one run"),
                self.tr("× backprop"),
            )[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The first column has checkboxes; backpropagation, the unit, always takes part."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == NAME and self.methods[index.row()] is not Method.BACKPROP:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Include or exclude a method."""
        if role != Qt.ItemDataRole.CheckStateRole or index.column() != NAME:
            return False
        method = self.methods[index.row()]
        if Qt.CheckState(value) is Qt.CheckState.Checked:
            self.chosen.add(method)
        else:
            self.chosen.discard(method)
        self.changed()
        self.chosen_changed.emit()
        return True

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, checkbox, colour or tooltip."""
        method, column = self.methods[index.row()], index.column()
        row = self.rows.get(method)
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(method, row, column)
        if role == Qt.ItemDataRole.TextAlignmentRole and column != NAME:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.FontRole:
            weight = QFont.Weight.DemiBold if column in (NAME, TIME) else QFont.Weight.Normal
            return ui_font(12, weight) if column == NAME else code_font(12, weight)
        if role == Qt.ItemDataRole.ForegroundRole:
            dim = column in (EVALUATIONS, ONE_RUN) or method not in self.chosen
            return QColor(self.theme.text2 if dim else self.theme.text)
        if role == Qt.ItemDataRole.BackgroundRole and method is self.running:
            return QColor(self.theme.hover)
        if role == Qt.ItemDataRole.CheckStateRole and column == NAME:
            takes_part = method in self.chosen
            return Qt.CheckState.Checked if takes_part else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == NAME:
            guessed = row is not None and row.extrapolated
            return swatch(colour_of(method, self.theme), guessed, self.theme, 2.0)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tip(method, row)
        return None

    def _text(self, method: Method, row: Contestant | None, column: int) -> str:
        if column == NAME:
            return name_of(method)
        if row is None:
            return ""
        if row.refused:
            return self.tr("refused") if column == EVALUATIONS else ""
        about = "≈ " if row.extrapolated else ""
        if column == EVALUATIONS:
            if method is Method.BACKPROP:
                return self.tr("1 pass")
            needed = count_text(row.evaluations_needed)
            if not row.extrapolated:
                return needed
            return self.tr("{0} / {1}").format(count_text(row.evaluations_done), needed)
        if not row.evaluations_done:
            return ""
        if column == TIME:
            return about + seconds_text(row.seconds_total)
        if column == ONE_RUN:
            return seconds_text(row.seconds_per_evaluation)
        return about + multiple_text(row.times_backprop)

    def _tip(self, method: Method, row: Contestant | None) -> str:
        words = explain(method) if self.methods is ORDER else explain_of_program(method)
        if row is None:
            return words
        if row.refused:
            return f"{words}\n{row.refused}"
        measured = self.tr("{0} evaluations were measured, in {1}").format(
            count_text(row.evaluations_done), seconds_text(row.seconds_measured)
        )
        if row.extrapolated:
            measured += self.tr("; ≈: the time for all {0} is extrapolated from them").format(
                count_text(row.evaluations_needed)
            )
        return f"{words}\n{measured}."


class ContestTable(QTableView):
    """The contest's table, as wide as its texts."""

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, methods: Sequence[Method] = ORDER
    ) -> None:
        super().__init__(parent)
        self.contest = ContestModel(theme, self, methods)
        self.setModel(self.contest)
        self.setAccessibleName(self.tr("Methods and their times"))
        self.setShowGrid(False)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(14)
        head = self.horizontalHeader()
        head.setFont(ui_font(11))
        head.setHighlightSections(False)
        head.setMinimumSectionSize(30)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.contest.dataChanged.connect(self.fit_columns)
        self.fit_columns()

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.contest.theme = theme
        self.contest.changed()

    def fit_columns(self) -> None:
        """Fit the columns to their texts at once; they do not shrink while a method runs.

        The header alone would do this later than the text changes, which would be cut until then.
        """
        head = self.horizontalHeader()
        for column in range(EVALUATIONS, MULTIPLE + 1):
            wanted = max(self.sizeHintForColumn(column) + px(GAP), head.sectionSizeHint(column))
            if wanted > head.sectionSize(column) or self.contest.running is None:
                head.resizeSection(column, wanted)

    def share_height(self, height: int) -> int:
        """Give the rows as much of a height as they can use; returns the height taken."""
        head = px(24) if height > px(150) else px(19) if height > px(98) else px(16)
        row = min(max((height - head - 2) // len(self.contest.methods), px(14)), px(29))
        self.horizontalHeader().setFixedHeight(head)
        self.verticalHeader().setDefaultSectionSize(row)
        return head + row * len(self.contest.methods) + 2
