"""The Qt model of the breakpoints: a row for each, in five columns."""

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
from gui.views.breakpoints.editor import scope_warning

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
PLACE, CONDITION, HITS, LOG, LAST = range(5)
FIELDS = {CONDITION: "condition", HITS: "hits", LOG: "log"}


class BreakpointModel(QAbstractTableModel):
    """A row for each breakpoint.

    Signals:
        edited: a breakpoint's id, and the new values of its fields by name.
    """

    edited = Signal(int, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: Sequence[Breakpoint] = ()
        self._hits: Mapping[int, LastHit] = {}
        self._warnings: dict[int, dict[str, str]] = {}

    def show_rows(self, rows: Sequence[Breakpoint], hits: Mapping[int, LastHit]) -> None:
        """Show these rows; a row that stays keeps its index and its open editor."""
        if rows == self.rows and hits == self._hits:
            return
        self._hits = hits
        ids = {breakpoint.id for breakpoint in rows}
        for row in reversed(range(len(self.rows))):
            if self.rows[row].id not in ids:
                self.beginRemoveRows(ROOT, row, row)
                self.rows = (*self.rows[:row], *self.rows[row + 1 :])
                self.endRemoveRows()
        for row, breakpoint in enumerate(rows):
            if row >= len(self.rows) or self.rows[row].id != breakpoint.id:
                self.beginInsertRows(ROOT, row, row)
                self.rows = (*self.rows[:row], breakpoint, *self.rows[row:])
                self.endInsertRows()
        if len(self.rows) > len(rows):  # the order has changed
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()
        self.rows = tuple(rows)
        self._warnings = {breakpoint.id: _warnings(breakpoint) for breakpoint in rows}
        self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, LAST))

    def hit(self, row: int) -> LastHit | None:
        """The position of the last hit of a row's breakpoint."""
        return self._hits.get(self.rows[row].id)

    def warning(self, row: int, field: str) -> str:
        """A warning about a name in its condition or message that is not in scope, or ""."""
        return self._warnings.get(self.rows[row].id, {}).get(field, "")

    def rowCount(self, parent: Index = ROOT) -> int:
        """The number of breakpoints."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        """Five: place, condition, hits, log, last hit."""
        return 0 if parent.isValid() else LAST + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The headings, for a table that is copied or saved."""
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        names = (
            self.tr("where"), self.tr("condition"), self.tr("hits"), self.tr("log"),
            self.tr("last hit"),
        )  # fmt: skip
        return names[section]

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Each row has a checkbox and can be edited."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.column() == PLACE:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell's text, checkbox, tooltip or spoken text."""
        breakpoint, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column in FIELDS:
                return getattr(breakpoint, FIELDS[column])
            return place_words(breakpoint.place) if column == PLACE else self._last(breakpoint)
        if role == Qt.ItemDataRole.CheckStateRole and column == PLACE:
            return Qt.CheckState.Checked if breakpoint.enabled else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.DecorationRole and column == PLACE:
            return breakpoint_icon(breakpoint, self.theme)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(self._summary(index.row()))
        if role == Qt.ItemDataRole.AccessibleTextRole and column == PLACE:
            return ", ".join(self._summary(index.row()))
        return None

    def _summary(self, row: int) -> list[str]:
        """The whole row as text."""
        breakpoint, hit = self.rows[row], self.hit(row)
        lines = [place_words(breakpoint.place)]
        lines += [self.tr("if {0}").format(breakpoint.condition)] if breakpoint.condition else []
        lines += [self.tr("hits {0}").format(breakpoint.hits)] if breakpoint.hits else []
        lines += [self.tr("log {0}").format(breakpoint.log)] if breakpoint.log else []
        lines += [
            warning for field in ("condition", "log") if (warning := self.warning(row, field))
        ]
        lines += (
            [self.tr("last hit: {0}").format(self._last(breakpoint))] if hit is not None else []
        )
        return lines

    def _last(self, breakpoint: Breakpoint) -> str:
        hit = self._hits.get(breakpoint.id)
        if hit is None:
            return ""
        words = self.tr("batch {0}, stop {1}").format(*hit.position)
        return f"⊗ {hit.problem}" if hit.problem else words

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for a change if it is valid."""
        breakpoint, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.CheckStateRole and column == PLACE:
            enabled = Qt.CheckState(value) is Qt.CheckState.Checked
            # At once, so that a second click before the answer toggles again.
            row = index.row()
            ticked = replace(breakpoint, enabled=enabled)
            self.rows = (*self.rows[:row], ticked, *self.rows[row + 1 :])
            self.dataChanged.emit(self.index(row, 0), self.index(row, LAST))
            self.edited.emit(breakpoint.id, {"enabled": enabled})
            return True
        return False


def _warnings(breakpoint: Breakpoint) -> dict[str, str]:
    return {
        f: scope_warning(f, getattr(breakpoint, f), breakpoint.place) for f in ("condition", "log")
    }
