"""The breakpoints as a table whose cells can be edited; what cannot be used is said while typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
    QWidget,
)

from engine.debug.breakpoints import (
    AtData,
    Breakpoint,
    LastHit,
    Named,
    NotFinite,
    Place,
    condition_of,
    message_of,
    parse_hits,
    sight_of,
)
from engine.errors import Described
from gui.parts.breakpoint_marks import breakpoint_icon
from gui.theme import Theme, code_font, ui_font
from gui.type_scale import px

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PLACE, CONDITION, HITS, LOG, LAST = range(5)
FIELDS = {CONDITION: "condition", HITS: "hits", LOG: "log"}
ROW = 24
WIDTHS = (168, 124, 56, 124)


def problem_of(column: int, text: str) -> str:
    """Why a text cannot be used in a column, or ""."""
    try:
        if column == CONDITION:
            condition_of(text)
        elif column == LOG:
            message_of(text)
        elif column == HITS and text.strip():
            parse_hits(text)
    except Described as error:
        return str(error)
    return ""


def doubt_of(column: int, text: str, place: Place) -> str:
    """Which name in a usable text is not in sight at a place, or ""; the run has the last word."""
    there = sight_of(place)
    asks = {CONDITION: condition_of, LOG: message_of}.get(column)
    what = asks(text) if asks is not None else None
    try:
        if there is not None and what is not None:
            what.check(there)
    except Described as error:
        return str(error)
    return ""


class BreakpointModel(QAbstractTableModel):
    """A row for each breakpoint.

    Signals:
        edited: the id of one, the field and its new value.
    """

    edited = Signal(int, str, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: Sequence[Breakpoint] = ()
        self._hits: Mapping[int, LastHit] = {}

    def show_rows(self, rows: Sequence[Breakpoint], hits: Mapping[int, LastHit]) -> None:
        """Show these."""
        if [one.id for one in rows] != [one.id for one in self.rows]:
            self.beginResetModel()
            self.rows, self._hits = rows, hits
            self.endResetModel()
        elif rows != self.rows or hits != self._hits:
            self.rows, self._hits = rows, hits
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, LAST))

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Place, condition, hits, log, last hit."""
        return 0 if parent.isValid() else LAST + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings, with what they mean."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        names = (
            self.tr("where"), self.tr("condition"), self.tr("hits"), self.tr("log"),
            self.tr("last hit"),
        )  # fmt: skip
        tips = (
            "",
            self.tr("A numpy expression over the variables in sight: abs(dout).max() > 1"),
            self.tr("Which of the hits count, from the first batch on: >= 3, == 5, % 100"),
            self.tr("A message with {expression}s; it is noted, and nothing stops"),
            "",
        )
        if role == Qt.ItemDataRole.DisplayRole:
            return names[section]
        if role == Qt.ItemDataRole.ToolTipRole:
            return tips[section]
        if role == Qt.ItemDataRole.FontRole:
            return ui_font(11)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Boxes before the places; the rest can be edited, but for the last hit."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        one = self.rows[index.row()]
        if index.column() == PLACE:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        fixed = isinstance(one.place, (NotFinite, AtData, Named)) and index.column() == CONDITION
        if index.column() in FIELDS and not fixed:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        one, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            if column in FIELDS:
                return getattr(one, FIELDS[column])
            return str(one.place) if column == PLACE else self._last(one)
        if role == Qt.ItemDataRole.CheckStateRole and column == PLACE:
            return Qt.CheckState.Checked if one.enabled else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == PLACE:
            return breakpoint_icon(one, self.theme)
        if role == Qt.ItemDataRole.ForegroundRole:
            if column == LAST and one.id in self._hits and self._hits[one.id].problem:
                return QColor(self.theme.error)
            return QColor(self.theme.text if one.enabled else self.theme.text3)
        if role == Qt.ItemDataRole.ToolTipRole:
            hit = self._hits.get(one.id)
            return hit.problem if hit is not None and hit.problem else str(one.place)
        return None

    def _last(self, one: Breakpoint) -> str:
        hit = self._hits.get(one.id)
        if hit is None:
            return ""
        words = self.tr("batch {0}, event {1}").format(*hit.position)
        return f"⊗ {hit.problem}" if hit.problem else words

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for a change, if it can be used."""
        one, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == PLACE:
            self.edited.emit(one.id, "enabled", Qt.CheckState(value) is Qt.CheckState.Checked)
            return True
        if role != Qt.ItemDataRole.EditRole or column not in FIELDS:
            return False
        text = str(value).strip() if column != LOG else str(value)
        if text == getattr(one, FIELDS[column]) or problem_of(column, text):
            return False
        self.edited.emit(one.id, FIELDS[column], text)
        return True


class _Editor(QStyledItemDelegate):
    """A line to type in, red with the reason while what is typed cannot be used."""

    def __init__(self, model: BreakpointModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """The line, which is checked with every letter."""
        line = QLineEdit(parent)
        line.setFont(code_font(12))
        line.setAccessibleName(
            str(self._model.headerData(index.column(), Qt.Orientation.Horizontal))
        )
        column, place = index.column(), self._model.rows[index.row()].place
        line.textEdited.connect(lambda text: self._check(line, column, text, place))
        return line

    def _check(self, line: QLineEdit, column: int, text: str, place: Place) -> None:
        problem = problem_of(column, text) or doubt_of(column, text, place)
        colour = self._model.theme.error if problem else self._model.theme.accent
        line.setStyleSheet(f"QLineEdit {{ border: 2px solid {colour}; padding: 0 4px; }}")
        line.setToolTip(problem)
        line.setAccessibleDescription(problem)
        if problem:
            QToolTip.showText(line.mapToGlobal(line.rect().bottomLeft()), problem, line)
        else:
            QToolTip.hideText()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """A row's."""
        return QSize(super().sizeHint(option, index).width(), px(ROW))


class BreakpointTable(QTableView):
    """The table."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.breakpoints = BreakpointModel(theme, self)
        self.setModel(self.breakpoints)
        self.setItemDelegate(_Editor(self.breakpoints, self))
        self.setFont(code_font(12))
        self.setAccessibleName(self.tr("Breakpoints"))
        self.setShowGrid(False)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QTableView.EditTrigger.DoubleClicked | QTableView.EditTrigger.EditKeyPressed
        )
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(px(ROW))
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setMinimumSectionSize(44)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(WIDTHS):
            head.resizeSection(column, px(width))
        head.setStretchLastSection(True)

    def chosen(self) -> Breakpoint | None:
        """The one that is selected."""
        row = self.currentIndex().row()
        rows = self.breakpoints.rows
        return rows[row] if 0 <= row < len(rows) else None
