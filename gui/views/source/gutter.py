"""The strip left of the source: line numbers, breakpoints, and the cursor."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPolygonF,
)
from PySide6.QtWidgets import QWidget

from engine.debug.breakpoints.breakpoints import Breakpoint
from gui.dialogs.breakpoint_marks import paint_breakpoint
from gui.look.theme import Theme, mix
from gui.look.type_scale import SCALE, px
from gui.paint.text import code_face, draw_text, ui_face
from gui.views.source.code_places import CodePlaces

MARK_COLUMN = 26  # pixels left of the numbers: the bar, the arrow, and the breakpoints
NUMBER_GAP = 16  # pixels between the numbers and the code
_RAN_LEFT = 5  # of the word beside the bar
_ARROW = ((0, -5), (7, -5), (13, 0), (7, 5), (0, 5))
_ARROW_WIDE = 13
_AT_CURSOR = 1.55  # how many times as large a breakpoint's mark is at the cursor


class Gutter(QWidget):
    """The strip left of the code: line numbers, breakpoints, and the cursor.

    Signals:
        line_clicked: the line that was clicked.
    """

    line_clicked = Signal(int)

    def __init__(self, area: CodePlaces, theme: Theme) -> None:
        super().__init__(area)
        self._area = area
        self._theme = theme
        self._current: tuple[int, str] | None = None  # the cursor's line, the colour of its phase
        self._ran = range(0)  # the lines of the statement before it
        self.breakpoints: dict[int, Breakpoint] = {}
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(self.tr("Click beside a line to set a breakpoint there (F9)"))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self._theme = theme
        self.update()

    def set_current(self, line: int, colour: str, ran: range = range(0)) -> None:
        """Set the cursor's line for the next drawing, and the lines that are marked as run."""
        self._current, self._ran = (line, colour), ran

    def show_breakpoints(self, breakpoints: dict[int, Breakpoint]) -> None:
        """Mark the breakpoints, by line."""
        if breakpoints != self.breakpoints:
            self.breakpoints = breakpoints
            self.update()

    def line_at(self, y: float) -> int | None:
        """The line at a height, or None below the last line."""
        area = self._area
        block = area.firstVisibleBlock()
        while block.isValid():
            rect = area.line_rect(block.blockNumber() + 1)
            if rect.top() <= y < rect.bottom():
                return block.blockNumber() + 1
            block = block.next()
        return None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click sets or removes a breakpoint."""
        line = self.line_at(event.position().y())
        if event.button() is Qt.MouseButton.LeftButton and line is not None:
            self.line_clicked.emit(line)

    def sizeHint(self) -> QSize:
        """As wide as the largest line number needs."""
        digits = max(len(str(self._area.blockCount())), 2)
        number = code_face(12, QFont.Weight.Bold).width("0" * digits)
        return QSize(int(px(MARK_COLUMN) + number + px(NUMBER_GAP)), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the numbers of the visible lines and mark the current one."""
        area, theme = self._area, self._theme
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.panel))
        current, ink = self._current or (0, "")
        block = area.firstVisibleBlock()
        while block.isValid():
            line = block.blockNumber() + 1
            rect = area.line_rect(line)
            if rect.top() > event.rect().bottom():
                break
            if rect.bottom() < event.rect().top():
                block = block.next()
                continue
            rect = QRectF(0, rect.top(), self.width(), rect.height())
            if line == current:
                painter.fillRect(rect, mix(ink, theme.panel, 0.12))
                painter.fillRect(QRectF(1, rect.top(), 3, rect.height()), QColor(ink))
            rect.setHeight(rect.height() / max(block.lineCount(), 1))  # the line's first row
            if line == current and line not in self.breakpoints:
                self._paint_arrow(painter, rect, ink)
            elif line != current and line in self._ran:
                painter.fillRect(QRectF(1, rect.top(), 3, rect.height()), QColor(ink))
                if line == self._ran.start and line not in self.breakpoints:
                    self._paint_ran(painter, rect, ink)
            if line in self.breakpoints:
                self._paint_breakpoint(painter, rect, line, line == current)
            bold = QFont.Weight.Bold if line == current else QFont.Weight.Normal
            colour = theme.text if line == current else theme.text3
            inner = rect.adjusted(0, 0, -px(NUMBER_GAP), 0)
            right = Qt.AlignmentFlag.AlignRight
            face = code_face(12, bold)
            draw_text(painter, inner, str(line), face, colour, right)
            block = block.next()

    def _paint_breakpoint(self, painter: QPainter, rect: QRectF, line: int, current: bool) -> None:
        """A breakpoint's mark; at the cursor a larger one with the arrow on it.

        The mark alone, on an arrow of nearly its colour, could not be told from the arrow.
        """
        one, theme = self.breakpoints[line], self._theme
        middle = QPointF(px(MARK_COLUMN) / 2 + 2, rect.center().y())
        painter.save()
        if current:
            painter.translate(middle)
            painter.scale(_AT_CURSOR, _AT_CURSOR)
            middle = QPointF()
        paint_breakpoint(painter, middle, one, theme)
        painter.restore()
        if current:
            self._paint_arrow(painter, rect, theme.panel if one.enabled else theme.text2, 0.7)

    def _paint_ran(self, painter: QPainter, rect: QRectF, colour: str) -> None:
        left = px(_RAN_LEFT)
        place = QRectF(left, rect.top(), px(MARK_COLUMN) - left, rect.height())
        draw_text(painter, place, self.tr("ran"), ui_face(11), colour)

    def _paint_arrow(
        self, painter: QPainter, rect: QRectF, colour: str, share: float = 1.0
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        scale = SCALE.factor * share
        left = px(MARK_COLUMN) / 2 + 2 - _ARROW_WIDE / 2 * scale
        at = QPointF(left, rect.center().y())
        path = QPainterPath()
        path.addPolygon(QPolygonF([at + QPointF(x, y) * scale for x, y in _ARROW]))
        path.closeSubpath()
        painter.drawPath(path)
