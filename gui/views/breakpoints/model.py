"""The breakpoints as a model: a row for each, with what is known of it in five columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QWidget

from engine.debug.breakpoints.breakpoints import Breakpoint, LastHit
from gui.dialogs.breakpoint_kinds import place_words
from gui.dialogs.breakpoint_marks import breakpoint_icon
from gui.look.theme import Theme
from gui.views.breakpoints.editor import doubt_of

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PLACE, CONDITION, HITS, LOG, LAST = range(5)
FIELDS = {CONDITION: "condition", HITS: "hits", LOG: "log"}


class BreakpointModel(QAbstractTableModel):
    """A row for each breakpoint.

    Signals:
        edited: the id of one, and the new values of its fields by their names.
    """

    edited = Signal(int, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: Sequence[Breakpoint] = ()
        self._hits: Mapping[int, LastHit] = {}
        self._doubts: dict[int, dict[str, str]] = {}

    def show_rows(self, rows: Sequence[Breakpoint], hits: Mapping[int, LastHit]) -> None:
        """Show these; a row that stays keeps its place, and what is typed in it."""
        if rows == self.rows and hits == self._hits:
            return
        self._hits = hits
        there = {one.id for one in rows}
        for row in reversed(range(len(self.rows))):
            if self.rows[row].id not in there:
                self.beginRemoveRows(ROOT, row, row)
                self.rows = (*self.rows[:row], *self.rows[row + 1 :])
                self.endRemoveRows()
        for row, one in enumerate(rows):
            if row >= len(self.rows) or self.rows[row].id != one.id:
                self.beginInsertRows(ROOT, row, row)
                self.rows = (*self.rows[:row], one, *self.rows[row:])
                self.endInsertRows()
        if len(self.rows) > len(rows):  # they have come in another order
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()
        self.rows = tuple(rows)
        self._doubts = {one.id: _doubts(one) for one in rows}
        self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, LAST))

    def hit(self, row: int) -> LastHit | None:
        """Where the one in a row was hit last."""
        return self._hits.get(self.rows[row].id)

    def doubt(self, row: int, field: str) -> str:
        """Which name of its condition or message is not in sight there, or ""."""
        return self._doubts.get(self.rows[row].id, {}).get(field, "")

    def rowCount(self, parent: Index = ROOT) -> int:
        """How many there are."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Place, condition, hits, log, last hit."""
        return 0 if parent.isValid() else LAST + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings, for a table that is copied or saved."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        names = (
            self.tr("where"), self.tr("condition"), self.tr("hits"), self.tr("log"),
            self.tr("last hit"),
        )  # fmt: skip
        return names[section]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Boxes before the places."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == PLACE:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell."""
        one, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column in FIELDS:
                return getattr(one, FIELDS[column])
            return place_words(one.place) if column == PLACE else self._last(one)
        if role == Qt.ItemDataRole.CheckStateRole and column == PLACE:
            return Qt.CheckState.Checked if one.enabled else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == PLACE:
            return breakpoint_icon(one, self.theme)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(self._told(index.row()))
        if role == Qt.ItemDataRole.AccessibleTextRole and column == PLACE:
            return ", ".join(self._told(index.row()))
        return None

    def _told(self, row: int) -> list[str]:
        """All that there is to say of a row, in full."""
        one, hit = self.rows[row], self.hit(row)
        lines = [place_words(one.place)]
        lines += [self.tr("if {0}").format(one.condition)] if one.condition else []
        lines += [self.tr("hits {0}").format(one.hits)] if one.hits else []
        lines += [self.tr("log {0}").format(one.log)] if one.log else []
        lines += [doubt for field in ("condition", "log") if (doubt := self.doubt(row, field))]
        lines += [self.tr("last hit: {0}").format(self._last(one))] if hit is not None else []
        return lines

    def _last(self, one: Breakpoint) -> str:
        hit = self._hits.get(one.id)
        if hit is None:
            return ""
        words = self.tr("batch {0}, stop {1}").format(*hit.position)
        return f"⊗ {hit.problem}" if hit.problem else words

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for a change, if it can be used."""
        one, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == PLACE:
            enabled = Qt.CheckState(value) is Qt.CheckState.Checked
            # At once, so that a second tick that comes before the answer is another one.
            row = index.row()
            ticked = replace(one, enabled=enabled)
            self.rows = (*self.rows[:row], ticked, *self.rows[row + 1 :])
            self.dataChanged.emit(self.index(row, 0), self.index(row, LAST))
            self.edited.emit(one.id, {"enabled": enabled})
            return True
        return False


def _doubts(one: Breakpoint) -> dict[str, str]:
    return {f: doubt_of(f, getattr(one, f), one.place) for f in ("condition", "log")}
