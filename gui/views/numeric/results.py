"""The table of past trials, a row each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QResizeEvent
from PySide6.QtWidgets import QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text
from gui.views.numeric.methods import ORDER, colour_of, short_name_of
from gui.views.numeric.result import SEPARATOR, Result
from gui.widgets.empty import EmptyState

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()
Piece = tuple[QRectF, str, str]  # rectangle, text, colour
PAD, LINE, BETWEEN = 12.0, 18.0, 18.0  # pixels at a scale of 1


class ResultsModel(QAbstractListModel):
    """The Qt model of the results, newest first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.results: list[Result] = []

    def add(self, result: Result) -> None:
        """Put a result on top."""
        self.beginInsertRows(ROOT, 0, 0)
        self.results.insert(0, result)
        self.endInsertRows()

    def columns(self) -> list[str]:
        """The column headings for a file."""
        return [
            self.tr("time"), self.tr("network"), self.tr("batch"), self.tr("images"),
            self.tr("elements"), "h", self.tr("dtype"), *map(short_name_of, ORDER),
            self.tr("largest error"), self.tr("verdict"),
        ]  # fmt: skip

    def rowCount(self, parent: Index = ROOT) -> int:
        """One row per trial."""
        return 0 if parent.isValid() else len(self.results)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The texts of a trial, one per line."""
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
        if role not in (*roles, Qt.ItemDataRole.AccessibleTextRole):
            return None
        result = self.results[index.row()]
        times = "   ".join(f"{short_name_of(method)} {text}" for method, text in result.times())
        return "\n".join(line for line in (result.how(), times, result.outcome()) if line)

    def values(self) -> np.ndarray[Any, Any]:
        """All cells, for a file."""
        cells = [result.cells() for result in self.results]
        return np.array(cells, dtype=object).reshape(len(cells), len(self.columns()))


class ResultDelegate(QStyledItemDelegate):
    """Draws a trial in as many lines as its width needs, so that nothing is cut."""

    def __init__(self, theme: Theme, parent: QListView) -> None:
        super().__init__(parent)
        self.theme = theme
        self._list = parent

    def pieces(self, result: Result, width: float) -> tuple[list[Piece], float]:
        """The texts with their rectangles, and the total height."""
        theme, face = self.theme, code_face(12)
        inner = width - 2 * px(PAD)
        lines: list[list[tuple[str, str]]] = [
            [(part, theme.text2) for part in result.how().split(SEPARATOR)]
        ]
        lines.append([])
        for method, text in result.times():
            name = short_name_of(method)
            lines[-1].append((f"{name} {text}", colour_of(method, theme)))
        lines.append([(result.outcome(), theme.text)])
        found: list[Piece] = []
        y = px(PAD) / 2
        for line in lines:
            if not line or not line[0][0]:
                continue
            x = 0.0
            for words, colour in _split(line, face, inner):
                wide = face.width(words)
                if x > 0 and x + wide > inner:
                    x, y = 0.0, y + px(LINE)
                found.append((QRectF(px(PAD) + x, y, wide + 4, px(LINE)), words, colour))
                x += wide + px(BETWEEN)
            y += px(LINE)
        return found, y + px(PAD) / 2

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """As wide as the list, and as high as its lines."""
        width = self._list.viewport().width()
        return QSize(width, round(self.pieces(_of(index), width)[1]))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw the texts, and a rule beneath."""
        box = QRectF(option.rect)
        for room, words, colour in self.pieces(_of(index), box.width())[0]:
            draw_text(painter, room.translated(box.topLeft()), words, code_face(12), colour)
        painter.fillRect(
            QRectF(box.left() + px(PAD), box.bottom() - 1, box.width() - 2 * px(PAD), 1),
            QColor(self.theme.border),
        )


def _of(index: Index) -> Result:
    model = index.model()
    assert isinstance(model, ResultsModel)
    return model.results[index.row()]


def _split(line: Sequence[tuple[str, str]], face: Face, width: float) -> Iterator[tuple[str, str]]:
    """The parts of a line; a part that is too wide is broken between words."""
    for words, colour in line:
        part = ""
        for word in words.split(" "):
            longer = f"{part} {word}" if part else word
            if part and face.width(longer) > width:
                yield part, colour
                part = word
            else:
                part = longer
        yield part, colour


class ResultsTable(QListView):
    """The list of results; before the first result, it says what will be listed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._empty = EmptyState(theme, self)
        self._empty.say(
            self.tr("No results yet"), self.tr("Each comparison is kept here, the newest first.")
        )
        self.results = ResultsModel(self)
        self.setModel(self.results)
        self.drawn_by = ResultDelegate(theme, self)
        self.setItemDelegate(self.drawn_by)
        self.setAccessibleName(self.tr("Results"))
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.results.rowsInserted.connect(self._empty.hide)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.drawn_by.theme = theme
        self._empty.set_theme(theme)
        self.scheduleDelayedItemsLayout()  # its font size may have changed
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the lines again, and keep the empty state as large as the list."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()
        self._empty.setGeometry(self.rect())
        self._empty.raise_()
