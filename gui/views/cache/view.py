"""The forward cache: arrays kept for backward, where each is written and read, and its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QSizePolicy,
    QStackedLayout,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from engine.debug.snapshots.snapshot import CacheEntry, CacheState, Snapshot
from gui.dialogs.facet_words import is_missing
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, elide_dotted, ui_face
from gui.paint.values import bytes_text, shape_text
from gui.views.cache.plot import HeldPlot
from gui.widgets.empty import EmptyState
from gui.widgets.row_view import AnyIndex, RowView, draw_ground
from gui.widgets.view import Table, View

EntryRole = Qt.ItemDataRole.UserRole
WRITTEN, READ = 0, 1  # columns
ROW = 22
BYTES_WIDTH = 54.0
MARK_WIDTH = 21.0  # pixels of the state mark before the name
LEAST_READER = 72  # pixels below which readers cannot be told apart


class CacheModel(QAbstractTableModel):
    """The Qt model: a row per entry of the forward cache, with the array and its reader."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: Sequence[CacheEntry] = ()

    def show_entries(self, entries: Sequence[CacheEntry]) -> None:
        """Take the entries; the same names keep selection and scrolling."""
        before = self._entries
        if [e.name for e in entries] != [e.name for e in before]:
            self.beginResetModel()
            self._entries = entries
            self.endResetModel()
            return
        self._entries = entries
        for row, (old, new) in enumerate(zip(before, entries, strict=True)):
            if _facts(old) != _facts(new):
                self.dataChanged.emit(self.index(row, WRITTEN), self.index(row, READ))

    @property
    def entries(self) -> Sequence[CacheEntry]:
        """All entries."""
        return self._entries

    def entry(self, index: AnyIndex) -> CacheEntry:
        """The entry of a valid index."""
        return self._entries[index.row()]

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        """See QAbstractItemModel."""
        return 0 if parent.isValid() else len(self._entries)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        """See QAbstractItemModel."""
        return 2

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The entry for the delegate, texts for other roles."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        written = index.column() == WRITTEN
        if role == EntryRole:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name if written else self.reader(entry)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._written_words(entry) if written else self._read_words(entry)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            words = self._written_words(entry) if written else self._read_words(entry)
            return ", ".join(words.split("\n"))
        return None

    def reader(self, entry: CacheEntry) -> str:
        """The backward method that reads the entry."""
        return entry.read_by[0] if entry.read_by else self.tr("never read")

    def state(self, entry: CacheEntry) -> str:
        """The state of an entry in words."""
        return {
            CacheState.NOT_YET: self.tr("not yet"),
            CacheState.HELD: self.tr("held"),
            CacheState.RELEASED: self.tr("used for the last time"),
        }[entry.state]

    def size(self, entry: CacheEntry) -> str:
        """The bytes of an entry, or the entry that shares its memory."""
        return self.tr("shared") if entry.shared_with else bytes_text(entry.nbytes)

    def _written_words(self, entry: CacheEntry) -> str:
        lines = [f"{entry.name}  {shape_text(entry.shape)}  {entry.dtype}".rstrip()]
        lines.append(self.state(entry))
        if entry.shared_with:
            lines.append(self.tr("the same memory as {0}").format(entry.shared_with))
        else:
            lines.append(bytes_text(entry.nbytes))
        lines.append(self.tr("written at stop {0}").format(entry.written))
        if entry.writer:
            lines.append(self.tr("by {0}").format(entry.writer))
        return "\n".join(lines)

    def _read_words(self, entry: CacheEntry) -> str:
        if not entry.reads:
            return self.tr("The backward pass never reads {0}.").format(entry.name)
        events = ", ".join(str(read) for read in entry.reads)
        readers = ", ".join(entry.read_by)
        words = self.tr("{0} is read in {1}, stop {2}").format(entry.name, readers, events)
        return "\n".join([words, *dict.fromkeys(entry.readers)])


def _facts(entry: CacheEntry) -> tuple[object, ...]:
    """The facts that a row shows; entries themselves compare by identity."""
    return tuple(getattr(entry, field.name) for field in fields(entry))


class CacheDelegate(QStyledItemDelegate):
    """Paints the rows."""

    def __init__(self, theme: Theme, model: CacheModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.theme = theme
        self.with_bytes = True  # there is room beside the longest name
        self._model = model

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        """All rows have the same height."""
        return QSize(0, px(ROW))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        """Draw one of the two columns of an entry."""
        entry: CacheEntry = index.data(EntryRole)
        painter.save()
        draw_ground(painter, option, self.theme)
        rect = QRectF(option.rect)
        if index.column() == WRITTEN:
            self._paint_written(painter, rect, entry)
        else:
            self._paint_reader(painter, rect.adjusted(4, 0, -2, 0), entry)
        painter.restore()

    def _paint_written(self, painter: QPainter, rect: QRectF, entry: CacheEntry) -> None:
        theme = self.theme
        paint_state(painter, QPointF(rect.left() + px(10), rect.center().y()), entry.state, theme)
        held = entry.state is CacheState.HELD
        inner, face = rect.adjusted(px(MARK_WIDTH), 0, -2, 0), code_face(12)
        place = inner.adjusted(0, 0, -px(BYTES_WIDTH) - 2 if self.with_bytes else 0, 0)
        ink = theme.text if held else theme.text3
        draw_text(painter, place, elide_dotted(entry.name, face, place.width()), face, ink)
        if self.with_bytes:
            size = inner.adjusted(inner.width() - px(BYTES_WIDTH), 0, 0, 0)
            ink = theme.text2 if held else theme.text3
            draw_text(painter, size, self._model.size(entry), code_face(11), ink)

    def _paint_reader(self, painter: QPainter, rect: QRectF, entry: CacheEntry) -> None:
        """Paint `→ Affine1.backward`; the mark before the name shows the state."""
        text, small = self._model.reader(entry), code_face(11)
        if entry.read_by:
            text = f"→ {text}"
            # Every reader is a backward method; the layer tells them apart.
            if small.width(text) > rect.width():
                text = text.removesuffix(".backward")
        ink = self.theme.text2 if entry.state is CacheState.HELD else self.theme.text3
        draw_text(painter, rect, text, small, ink)


def paint_state(painter: QPainter, centre: QPointF, state: CacheState, theme: Theme) -> None:
    """Paint ○ for not yet, ● for held, ✓ for used for the last time."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x, y = centre.x(), centre.y()
    if state is CacheState.HELD:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.forward))
        painter.drawEllipse(centre, 4.5, 4.5)
        return
    painter.setPen(QPen(QColor(theme.text3), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if state is CacheState.NOT_YET:
        painter.drawEllipse(centre, 3.8, 3.8)
    else:
        tick = (QPointF(x - 4, y), QPointF(x - 1, y + 3), QPointF(x + 4, y - 4))
        painter.drawPolyline(QPolygonF(tick))


class HeldLine(QWidget):
    """A line: `held over this batch`, and the bytes held of their peak."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.amount = ""
        self.setFixedHeight(px(20))

    def say(self, amount: str) -> None:
        """Show an amount such as `306 of 331 KiB`."""
        if amount == self.amount:
            return
        self.amount = amount
        self.setAccessibleName(self.tr("held over this batch: {0}").format(amount))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words at the left, the amount at the right."""
        painter = QPainter(self)
        rect = QRectF(self.rect()).adjusted(6, 0, -4, 0)
        small = code_face(11)
        words = rect.adjusted(0, 0, -small.width(self.amount) - 8, 0)
        draw_text(painter, words, self.tr("held over this batch"), ui_face(11), self.theme.text2)
        right = Qt.AlignmentFlag.AlignRight
        draw_text(painter, rect, self.amount, small, self.theme.text, right)


class CacheView(View):
    """Lists the arrays that layers keep; choosing one goes to its write or its read."""

    view_id = "cache"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._model = CacheModel(self)
        self._rows = RowView(self)
        self._rows.setAccessibleName(self.tr("Values kept by forward"))
        self._rows.setModel(self._model)
        self._delegate = CacheDelegate(theme, self._model, self._rows)
        self._rows.setItemDelegate(self._delegate)
        self._rows.setSelectionBehavior(RowView.SelectionBehavior.SelectItems)
        self._rows.chosen.connect(self._on_chosen)
        self._rows.header().setStretchLastSection(False)
        self._rows.resized.connect(self._size_columns)
        self._line = HeldLine(theme, self)
        self._plot = HeldPlot(theme, self)
        self._plot.event_chosen.connect(self.event_chosen)
        self._empty = EmptyState(theme, self)
        full = QWidget(self)
        column = QVBoxLayout(full)
        column.setContentsMargins(8, 2, 8, 6)
        column.setSpacing(0)
        self._rows.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        column.addWidget(self._rows, 1)
        column.addWidget(self._line)
        column.addWidget(self._plot)
        self._layout = QStackedLayout(self)
        self._say_empty()
        self._layout.addWidget(self._empty)
        self._layout.addWidget(full)
        self.setFocusProxy(self._rows)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Cache")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The arrays that each forward keeps so that its backward computes nothing twice: "
            "choose a name to go to the stop that stored it, or its reader to go to the stop "
            "that uses it. The curve is the memory of these arrays: it grows through forward "
            "and is free only after backward."
        )

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._delegate.theme = theme
        self._line.theme = theme
        self._line.update()
        self._plot.set_theme(theme)
        self._empty.set_theme(theme)
        self._rows.viewport().update()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """List the arrays kept in the snapshot's batch, and those held at its cursor."""
        self._snapshot = snapshot
        entries = snapshot.cache
        self.subtitle_changed.emit(self.tr("kept by forward") if entries else "")
        self._layout.setCurrentIndex(1 if entries else 0)
        self._say_empty(is_missing(snapshot, "layers"), bool(snapshot.facets))
        self._model.show_entries(entries)
        self._size_columns()
        self._share_height()
        held = sum(entry.nbytes for entry in entries if entry.state is CacheState.HELD)
        self._plot.show_held(snapshot.held_bytes, snapshot.event_count, snapshot.position.event)
        self._line.say(self._amount(held, max(self._plot.most, held)))

    def _say_empty(self, no_layers: bool = False, is_program: bool = False) -> None:
        if no_layers:
            words = self.tr("No layers were found in this program, so what one keeps is not known.")
            self._empty.say(self.tr("Nothing to list"), words)
            return
        if is_program:  # whose layers may be functions that hand on what they need
            words = self.tr(
                "What a layer's forward stores on its object for its backward is listed here. What "
                "functions hand on stands in Variables."
            )
            self._empty.say(self.tr("Nothing kept on an object"), words)
            return
        self._empty.say(
            self.tr("Nothing kept yet"),
            self.tr("What a layer's forward stores for its backward will be listed here."),
        )

    def tables(self) -> Sequence[Table]:
        """The arrays kept, their writers and readers; and the total at each event."""
        if self._snapshot is None or not self._snapshot.cache:
            return ()
        rows = [
            (
                e.name, " × ".join(map(str, e.shape)), e.dtype, e.nbytes, e.shared_with,
                e.writer, "; ".join(dict.fromkeys(e.readers)), e.state.value,
            )
            for e in self._snapshot.cache
        ]  # fmt: skip
        names = [
            self.tr("name"), self.tr("shape"), self.tr("dtype"), self.tr("bytes"),
            self.tr("shared with"), self.tr("written by"), self.tr("read by"), self.tr("state"),
        ]  # fmt: skip
        found = [Table(self.title(), np.array(rows, dtype=object), names)]
        if self._snapshot.held_bytes is not None:
            found.append(Table(self.tr("bytes held at each stop"), self._snapshot.held_bytes))
        return found

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the height between rows and plot."""
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """Rows come first; the plot gets the rest of the height, within bounds."""
        left = self.height() - self._model.rowCount() * px(ROW) - self._line.height() - 8
        self._plot.want_height(max(min(int(self.height() * 0.28), left, px(120)), px(36)))

    def _size_columns(self) -> None:
        """Size the columns: readers give way first, then the bytes, names last."""
        width = self._rows.viewport().width()
        longest = max((code_face(12).width(e.name) for e in self._model.entries), default=0.0)
        name = ceil(px(MARK_WIDTH) + longest) + 4
        both = name + px(BYTES_WIDTH) + 2
        with_reader = width >= both + px(LEAST_READER)
        share = int(width * (0.565 if width < px(400) else 0.5))
        self._delegate.with_bytes = width >= both
        self._rows.setColumnHidden(READ, not with_reader)
        written = max(share, both) if with_reader else width
        header = self._rows.header()
        header.resizeSection(WRITTEN, written)
        header.resizeSection(READ, width - written)

    def _on_chosen(self, index: QModelIndex) -> None:
        entry = self._model.entry(index)
        if index.column() == WRITTEN:
            self.event_chosen.emit(entry.written)
        elif entry.reads:
            self.event_chosen.emit(entry.reads[0])

    def _amount(self, held: int, most: int) -> str:
        """`306 of 331 KiB`; with two units if they differ."""
        first, second = bytes_text(held), bytes_text(most)
        number, unit = first.split()
        if held == 0 or unit == second.split()[1]:
            first = number
        return self.tr("{0} of {1}").format(first, second)
