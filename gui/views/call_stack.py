"""The call stack: the current expression, then the functions that are running, innermost first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QVBoxLayout, QWidget

from engine.debug.events import Kind
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import ROW_HEIGHT, code_face, draw_text
from gui.widgets.row_view import AnyIndex, RowView, draw_ground
from gui.widgets.short_path import short_path
from gui.widgets.view import Table, View

RowRole = Qt.ItemDataRole.UserRole
USUAL_DEPTH = 4  # rows: the expression, the layer's method, the network's method, train_step


@dataclass(frozen=True, slots=True)
class FrameRow:
    """The texts of a row, and the event that it goes to."""

    text: str
    place: str
    tooltip: str
    event: int
    current: bool


class CallStackModel(QAbstractListModel):
    """The Qt model of the rows, innermost first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[FrameRow] = []

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Take the stack of a snapshot; rows that stay keep the selection."""
        rows = [self._current(snapshot)]
        for entry in snapshot.stack:
            place = f"{Path(entry.file).name}:{entry.line}"
            tooltip = f"{entry.function}\n{short_path(entry.file)}:{entry.line}"
            rows.append(FrameRow(entry.function, place, tooltip, entry.event, False))
        old, new = len(self._rows), len(rows)
        if new < old:
            self.beginRemoveRows(QModelIndex(), new, old - 1)
            self._rows = self._rows[:new]
            self.endRemoveRows()
        elif new > old:
            self.beginInsertRows(QModelIndex(), old, new - 1)
            self._rows = self._rows + rows[old:]
            self.endInsertRows()
        before, self._rows = self._rows, rows
        for i, (was, now) in enumerate(zip(before, rows, strict=True)):
            if was != now:
                self.dataChanged.emit(self.index(i), self.index(i))

    def _current(self, snapshot: Snapshot) -> FrameRow:
        event = snapshot.event
        kinds = {
            Kind.LINE: self.tr("line"),
            Kind.EXPRESSION: self.tr("expression"),
            Kind.CALL: self.tr("call"),
            Kind.RETURN: self.tr("return"),
            Kind.EXCEPTION: self.tr("exception"),
        }
        text = " ".join(event.source.split())
        where = f"{short_path(event.file)}:{event.line}"
        return FrameRow(text, kinds[event.kind], f"{event.source}\n{where}", event.index, True)

    def row(self, index: AnyIndex) -> FrameRow:
        """The row of a valid index."""
        return self._rows[index.row()]

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        """See QAbstractItemModel."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row for the delegate, texts for other roles."""
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.text
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.tooltip
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.text}, {row.place}"
        return None


class CallStackDelegate(QStyledItemDelegate):
    """Paints the rows."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.phase_colour = theme.forward
        self.row_height = ROW_HEIGHT  # at a scale of 1

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """All rows have the same height."""
        return QSize(0, px(self.row_height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw the function at the left, its file and line at the right."""
        row: FrameRow = index.data(RowRole)
        theme = self.theme
        painter.save()
        draw_ground(painter, option, theme, self.phase_colour if row.current else "")
        rect = QRectF(option.rect)
        if row.current:
            _paint_arrow(painter, rect.left() + px(6), rect.center().y(), self.phase_colour)
        face, small = code_face(12), code_face(11)
        inner = rect.adjusted(px(18), 0, -8, 0)
        place_width = min(small.width(row.place), inner.width() * 0.5)
        place = inner.adjusted(inner.width() - place_width, 0, 0, 0)
        right = Qt.AlignmentFlag.AlignRight
        left_out = Qt.TextElideMode.ElideLeft
        draw_text(painter, place, row.place, small, theme.text3, right, left_out)
        draw_text(painter, inner.adjusted(0, 0, -place_width - 8, 0), row.text, face, theme.text)
        painter.restore()


def _paint_arrow(painter: QPainter, x: float, y: float, colour: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawPolygon(QPolygonF([QPointF(x, y - 4), QPointF(x + 7, y), QPointF(x, y + 4)]))


class CallStackView(View):
    """Lists the running functions; choosing a row goes to the last event of that frame."""

    view_id = "call_stack"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._model = CallStackModel(self)
        self._rows = RowView(self)
        self._rows.setAccessibleName(self.tr("Call stack"))
        self._rows.setModel(self._model)
        self._delegate = CallStackDelegate(theme, self._rows)
        self._rows.setItemDelegate(self._delegate)
        self._rows.setUniformRowHeights(True)
        self._rows.chosen.connect(self._on_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 4)
        layout.addWidget(self._rows)
        self.setFocusProxy(self._rows)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Call stack")

    def short_title(self) -> str:
        """The name on a tab."""
        return self.tr("Stack")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The call stack: the current line or expression, and below it each calling function, "
            "up to train_step. Choose a row to go to the last stop of that function."
        )

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._delegate.theme = theme
        self._rows.viewport().update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List the frames of a snapshot."""
        self._snapshot = snapshot
        colour = self.theme.phase(snapshot.event.phase)
        if colour != self._delegate.phase_colour:
            self._delegate.phase_colour = colour
            self._rows.viewport().update()
        self._model.show_snapshot(snapshot)

    def tables(self) -> Sequence[Table]:
        """Function, file and line of each running call."""
        if self._snapshot is None:
            return ()
        rows = [(e.function, Path(e.file).name, e.line, e.event) for e in self._snapshot.stack]
        names = [self.tr("function"), self.tr("file"), self.tr("line"), self.tr("stop")]
        return [Table(self.title(), np.array(rows, dtype=object), names)] if rows else ()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place rows closer in a low panel, so that the stack of a layer's method fits."""
        super().resizeEvent(event)
        height = ROW_HEIGHT if self.height() >= USUAL_DEPTH * px(ROW_HEIGHT) + 6 else ROW_HEIGHT - 2
        if height != self._delegate.row_height:
            self._delegate.row_height = height
            self._rows.scheduleDelayedItemsLayout()

    def _on_chosen(self, index: QModelIndex) -> None:
        self.event_chosen.emit(self._model.row(index).event)
