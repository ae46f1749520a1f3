"""A text editor that finds the rectangles of its lines and columns.

All positions come from the layout of the text itself, so that tabs and wide characters are right.
"""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QTextBlock, QTextLine
from PySide6.QtWidgets import QPlainTextEdit

from gui.views.source.source_file import utf16_length


class CodePlaces(QPlainTextEdit):
    """Lines count from 1 and columns from 0, as in Python; rectangles are in the viewport."""

    def block_of(self, line: int) -> QTextBlock:
        """The block of a line of the file, counting from 1."""
        return self.document().findBlockByNumber(line - 1)

    def line_rect(self, line: int) -> QRectF:
        """The rectangle of a line; empty if the file has no such line."""
        block = self.block_of(line)
        if not block.isValid():
            return QRectF()
        rect = self.blockBoundingGeometry(block).translated(self.contentOffset())
        return QRectF(0, rect.top(), self.viewport().width(), rect.height())

    def x_of(self, line: int, column: int) -> float:
        """The x of a column (in characters) of a line, in its row."""
        block = self.block_of(line)
        if not block.isValid():
            return 0.0
        offset = self.blockBoundingGeometry(block).translated(self.contentOffset()).left()
        position = _position(block, column)
        return offset + _x_in(_row_at(block, position), position)

    def row_rect(self, line: int, column: int) -> QRectF:
        """The rectangle of the row that has a column of a line; empty if there is none."""
        rect, block = self.line_rect(line), self.block_of(line)
        if not rect.isValid():
            return rect
        row = _row_at(block, _position(block, column))
        return QRectF(0, rect.top() + row.y(), rect.width(), row.height())

    def end_of(self, line: int) -> float:
        """The end of the text of a line."""
        return self.x_of(line, len(self.block_of(line).text()))

    def pieces(self, line: int, start: int, end: int) -> list[QRectF]:
        """The rectangles of the text between two columns, one per row."""
        block, place = self.block_of(line), self.line_rect(line)
        if not place.isValid():
            return []
        offset = self.blockBoundingGeometry(block).translated(self.contentOffset()).left()
        first, last = _position(block, start), _position(block, end)
        pieces = []
        for number in range(block.layout().lineCount()):
            row = block.layout().lineAt(number)
            begin = max(first, row.textStart())
            stop = min(last, row.textStart() + row.textLength())
            if begin < stop:
                left, right = offset + _x_in(row, begin), offset + _x_in(row, stop)
                top = place.top() + row.y()
                # Past the first row, the box must not be cut at the left.
                edge = left - 3 if number == 0 else max(left - 3, 1.0)
                pieces.append(QRectF(edge, top, right + 3 - edge, row.height()))
        return pieces

    def place_at(self, position: QPointF) -> tuple[int, int] | None:
        """The line and the column of the character at a point of the viewport, if one is there."""
        cursor = self.cursorForPosition(position.toPoint())
        line, text = cursor.blockNumber() + 1, cursor.block().text()
        units = cursor.positionInBlock()  # the nearest gap between two characters
        column = len(text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore"))
        if position.x() < self.x_of(line, column):
            column -= 1
        if not 0 <= column < len(text):
            return None
        found = any(rect.contains(position) for rect in self.pieces(line, column, column + 1))
        return (line, column) if found else None

    def visible_lines(self) -> int:
        """The number of whole rows that fit."""
        return max(int(self.viewport().height() // max(self.row_height(), 1)), 1)

    def row_height(self) -> float:
        """The height of a row in pixels."""
        block = self.document().firstBlock()
        return self.blockBoundingRect(block).height() / max(block.lineCount(), 1)

    def rows_of(self, line: int) -> tuple[int, int]:
        """The first and the last row of a line; the same row if lines are not wrapped."""
        block = self.block_of(line)
        if not block.isValid():
            return line - 1, line - 1
        self.blockBoundingRect(block)  # lays the line out, so that its rows are known
        first = block.firstLineNumber()
        return first, first + max(block.lineCount(), 1) - 1


def _position(block: QTextBlock, column: int) -> int:
    """Convert a column from Python's characters to Qt's UTF-16 units."""
    return min(utf16_length(block.text()[:column]), block.length() - 1)


def _row_at(block: QTextBlock, position: int) -> QTextLine:
    row = block.layout().lineForTextPosition(position)
    return row if row.isValid() else block.layout().lineAt(0)


def _x_in(row: QTextLine, position: int) -> float:
    place = row.cursorToX(position)  # PySide also returns the position; the stubs leave it out
    return float(place[0]) if isinstance(place, tuple) else float(cast(float, place))
