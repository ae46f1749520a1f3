"""The card that explains one cell of a result: its arithmetic, the largest part first."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.terms import Index, Terms, terms_of
from engine.debug.reach.placeholders import FadedArray
from engine.debug.snapshots.snapshot import Minibatch
from gui.look.theme import Theme
from gui.look.type_scale import SCALE, px
from gui.paint.text import code_face, draw_text, paint_dimmed, ui_face
from gui.paint.values import cell_name, number_text, scalar_text
from gui.views.equation.picture.forms import row_of
from gui.views.equation.product_pictures import ProductPictures
from gui.views.equation.room import LINE
from gui.views.equation.running_sum import (
    ENOUGH,
    SUMS,
    SumStep,
    paint_lit,
    paint_steps,
    running_sum,
    words_of,
)
from gui.views.equation.running_sum import explained as share_of

Array = np.ndarray[Any, Any]
PADDING = 12.0
ROW = 19.0
_IN_LINE = 4  # terms of a sum in one line
GAP = 20.0  # pixels between two pictures
RIGHT, CENTRE = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter


def explained(operation: Operation) -> bool:
    """Whether the operation's result has cells to explain."""
    if not isinstance(operation.result, np.ndarray | np.generic) or operation.error is not None:
        return False
    if np.size(operation.result) == 0 or np.asarray(operation.result).dtype.kind not in "biufc":
        return False
    if any(isinstance(operand.value, FadedArray) for operand in operation.operands):
        return False
    row = row_of(operation)
    return row.lists or (row.cells and np.ndim(operation.result) > 0)


class CellCard(QWidget):
    """Explains a cell.

    Signals:
        event_chosen: the event at which an operand was made.
    """

    event_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._operation: Operation | None = None
        self._index: Index = ()
        self._terms: Terms | None = None
        self._past = False
        self._lit: int | None = None  # a row of the list
        self._pictures = ProductPictures()
        self._parts: Array | None = None  # the terms of the cell, if the form is a sum
        self._links: list[tuple[QRectF, int]] = []
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("How this cell was made"))

    @property
    def scale(self) -> float:
        """The scale of the font."""
        return SCALE.factor

    def sizeHint(self) -> QSize:
        """Room for a line of the sum."""
        return QSize(px(288), 200)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_cell(self, operation: Operation, index: Index, batch: Minibatch) -> None:
        """Explain the cell `index` of an operation's result."""
        self._operation, self._index = operation, index
        self._terms = terms_of(operation, index, most=40)
        self._parts = row_of(operation).contributions(operation, self._terms)
        self._pictures.show(operation, index, self._terms, batch)
        self.setAccessibleDescription(" ".join(self.lines()))
        self.update()

    def show_past(self, past: bool) -> None:
        """Dim the card of an earlier stop."""
        if past != self._past:
            self._past = past
            self.update()

    def light(self, row: int | None) -> None:
        """Light a row of the list, whose numbers are spoken of; None: none."""
        if row != self._lit:
            self._lit = row
            self.update()

    def clear(self) -> None:
        """Explain nothing."""
        self._operation = self._terms = None
        self.update()

    def title(self) -> str:
        """`(x @ self.W)[66, 18]`."""
        if self._operation is None:
            return ""
        name = self._operation.name
        if len(name) > 18:
            name = self.tr("result")
        return cell_name(name, self._index)

    def value(self) -> str:
        """The cell's value."""
        return scalar_text(self._terms.result) if self._terms is not None else ""

    @property
    def adds(self) -> bool:
        """Whether the cell is made of many others, which the card lists; else it is one line."""
        return self._operation is not None and row_of(self._operation).lists

    def lines(self) -> list[str]:
        """The card as text."""
        if self._operation is None or self._terms is None:
            return []
        found = [f"{self.title()} = {self.value()}"]
        if self.adds:
            found.append(self.counted())
            for term in self._terms.terms:
                factors = " × ".join(number_text(factor, 3) for factor in term.factors)
                found.append(f"{self._at(term.at)} {factors} = {number_text(term.value, 3)}")
            found += [f"{words_of(step, False)} {number_text(step.value, 3)}"
                      for step in self.steps(2) if not step.at]  # fmt: skip
        else:
            found += self._arithmetic()
        return found

    def steps(self, lines: int) -> list[SumStep]:
        """The sum as a running total in `lines` lines; empty if the form is no sum."""
        if self._terms is None or self._parts is None:
            return []
        return running_sum(self._terms, self._parts, lines)

    def explains(self, lines: int) -> bool:
        """Whether the largest terms, in `lines` lines, are most of the sum."""
        steps = self.steps(lines)
        return self._parts is None or not steps or share_of(steps, self._parts) >= ENOUGH

    def counted(self) -> str:
        """`232 of 784 are not 0`."""
        assert self._terms is not None
        return self.tr("{0} of {1} are not 0").format(self._terms.nonzero, self._terms.count)

    def _at(self, at: Index) -> str:
        return str(at[0]) if len(at) == 1 else str(list(at))

    def _arithmetic(self) -> list[str]:
        assert self._operation is not None and self._terms is not None
        if self.adds:
            return [self._sum(_IN_LINE)]
        return row_of(self._operation).arithmetic(self._operation, self._terms)

    def _sum(self, most: int) -> str:
        """`1 × −0.57 + 0.8 × −0.33 + … = −2.20021`, the largest first; the value of no sum."""
        assert self._terms is not None
        if self._parts is None:
            return self.value()
        terms = [" × ".join(number_text(f, 2) for f in term.factors) for term in self._terms.terms]
        more = ["…"] if self._terms.nonzero > most else []
        return f"{' + '.join(terms[:most] + more)} = {self.value()}"

    # Input; the names are Qt's

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Follow a link to the event that made an operand."""
        for rect, target in self._links:
            if rect.contains(event.position()):
                self.event_chosen.emit(target)
                return

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand over a link."""
        over = any(rect.contains(event.position()) for rect, _ in self._links)
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        painter = QPainter(self)
        self._paint(painter)
        if self._past:
            paint_dimmed(painter, self.rect(), self.theme)

    def _paint(self, painter: QPainter) -> None:
        theme = self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.border))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._links = []
        if self._operation is None or self._terms is None:
            return
        if not self.adds or self.height() <= px(LINE):
            self._paint_line(painter)
            return
        room = QRectF(self.rect()).adjusted(PADDING, 8, -PADDING, -8)
        top = self._paint_head(painter, room)
        foot = self._paint_links(painter, room)
        if self._pictures and foot - top > 165 * self.scale:
            beneath = top + self._pictures.side(room, top, foot) + 24 * self.scale
            if self.explains(int((foot - beneath - 20 * self.scale) // (ROW * self.scale))):
                top = self._pictures.paint(painter, room, top, foot, theme)
            else:
                beneath = foot - (20 + 2 * ROW) * self.scale
                top = self._pictures.paint_large(painter, room, top, beneath, theme)
                lines = max(int((foot - top - 20 * self.scale) // (ROW * self.scale)), 2)
                self._paint_title(painter, room, top, listed=lines > 2)
                self._paint_steps(painter, room, top + 20 * self.scale, lines)
                return
        self._paint_terms(painter, room, top, foot)

    def _paint_line(self, painter: QPainter) -> None:
        """Paint one line: the cell, its arithmetic, and the links at the right."""
        theme = self.theme
        room = QRectF(self.rect()).adjusted(PADDING, 0, -PADDING, 0)
        face = code_face(12)
        bold = code_face(13, QFont.Weight.Bold)
        middle = room.center().y()
        right = self._paint_links_in_line(painter, room)
        x = room.left()
        arithmetic = "   ".join(self._arithmetic())
        left = right - room.left() - face.width(self.title()) - 20
        for most in range(_IN_LINE, 0, -1) if self.adds else ():
            arithmetic = self._sum(most)
            if bold.width(arithmetic) <= left:
                break
        for text, words, colour in (
            (self.title(), face, theme.text2),
            (arithmetic or self.value(), bold, theme.text),
        ):
            box = QRectF(x, middle - px(12), min(words.width(text) + 2, right - x), px(24))
            draw_text(painter, box, text, words, colour)
            x = box.right() + 18

    def _paint_links_in_line(self, painter: QPainter, room: QRectF) -> float:
        """Paint links to the operands' events; returns their left end."""
        texts = self._link_texts()
        face = ui_face(11)
        width = sum(face.width(text) + 16 for text, _ in texts)
        if width > 0.4 * room.width():
            texts, width = [], 0.0
        x = room.right() - width
        for text, target in texts:
            box = QRectF(x, room.center().y() - px(8), face.width(text) + 2, px(16))
            self._paint_link(painter, box, text, target)
            x += face.width(text) + 16
        return room.right() - width

    def _link_texts(self) -> list[tuple[str, int]]:
        assert self._operation is not None
        found: dict[int, str] = {}
        for operand in self._operation.operands:
            if operand.event is not None and len(operand.text) <= 22:
                found.setdefault(operand.event, operand.text)
        made = self.tr("go to {0}")
        return [(made.format(text), event) for event, text in found.items()]

    def _paint_link(self, painter: QPainter, box: QRectF, text: str, target: int) -> None:
        draw_text(painter, box, text, ui_face(11), self.theme.accent)
        painter.setPen(QPen(QColor(self.theme.accent), 1))
        painter.drawLine(QLineF(QPointF(box.left(), box.bottom()), box.bottomRight()))
        self._links.append((box, target))

    def _paint_head(self, painter: QPainter, room: QRectF) -> float:
        theme = self.theme
        height = 24 * self.scale
        bold = code_face(15, QFont.Weight.Bold)
        value = self.value()
        line = QRectF(room.left(), room.top(), room.width(), height)
        wide = bold.width(value) + 8
        draw_text(painter, line, value, bold, theme.text, RIGHT)
        line.setRight(line.right() - wide)
        draw_text(painter, line, self.title(), code_face(13), theme.text)
        return line.bottom() + 6

    def _paint_title(
        self, painter: QPainter, room: QRectF, top: float, listed: bool = True
    ) -> None:
        """Paint the title of the lines beneath."""
        assert self._operation is not None
        scale, theme = self.scale, self.theme
        small = ui_face(11)
        line = QRectF(room.left(), top, room.width(), 18 * scale)
        draw_text(painter, line, self.counted(), small, theme.text2, RIGHT)
        adds = self._operation.form is Form.PRODUCT or self._operation.symbol in SUMS
        title = self.tr("Compared")
        if adds:
            title = self.tr("Largest of the sum") if listed else self.tr("The sum")
        line.setRight(line.right() - small.width(self.counted()) - 8)
        bold = ui_face(11, QFont.Weight.DemiBold)
        draw_text(painter, line, title, bold, theme.text2)

    def _paint_steps(self, painter: QPainter, room: QRectF, top: float, lines: int) -> bool:
        """Paint the running total; returns whether the form has one."""
        steps = self.steps(lines)
        if steps:
            box = QRectF(room.left(), top, room.width(), room.bottom() - top)
            paint_steps(painter, box, steps, ROW * self.scale, self.theme, self._lit)
        return bool(steps)

    def _paint_terms(self, painter: QPainter, room: QRectF, top: float, foot: float) -> None:
        terms, theme, scale = self._terms, self.theme, self.scale
        assert terms is not None and self._operation is not None
        self._paint_title(painter, room, top)
        top += 20 * scale
        row = ROW * scale
        lines = int((foot - top) // row)
        if lines >= 2 and self._paint_steps(painter, room, top, lines):
            return
        count = min(lines, len(terms.terms))
        if count <= 0:
            return
        shown = terms.terms[:count]
        largest = max((abs(term.value) for term in shown if np.isfinite(term.value)), default=0.0)
        face = code_face(11)
        at_width = max(face.width(self._at(term.at)) for term in shown) + 8
        texts = [" × ".join(number_text(f, 2) for f in term.factors) for term in shown]
        factor_width = max(face.width(text) for text in texts) + 8
        values = [number_text(term.value, 3) for term in shown]
        value_width = max(face.width(text) for text in values) + 6
        bar_room = max(room.width() - at_width - factor_width - value_width - 6, 0.0)
        for number, term in enumerate(shown):
            box = QRectF(room.left(), top + number * row, room.width(), row)
            if number == self._lit:
                paint_lit(painter, box, theme)
            draw_text(painter, box, self._at(term.at), face, theme.text3)
            draw_text(painter, box.adjusted(at_width, 0, 0, 0), texts[number], face, theme.text2)
            draw_text(painter, box, values[number], face, theme.text, RIGHT)
            if largest and np.isfinite(term.value) and bar_room > 12:
                length = bar_room * abs(term.value) / largest
                colour = theme.positive if term.value >= 0 else theme.negative
                left = room.left() + at_width + factor_width
                painter.fillRect(QRectF(left, box.center().y() - 4, length, 8), QColor(colour))

    def _paint_links(self, painter: QPainter, room: QRectF) -> float:
        """Paint links to the operands' events along the lower edge; returns their top."""
        face = ui_face(11)
        x, y = room.left(), room.bottom() - 16 * self.scale
        for text, target in self._link_texts():
            box = QRectF(x, y, face.width(text) + 4, 16 * self.scale)
            if box.right() > room.right():
                break
            self._paint_link(painter, box, text, target)
            x = box.right() + 12
        return y - 4 if self._links else room.bottom()
