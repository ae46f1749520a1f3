"""A test of an array, as a scene: how its numbers are spread, and what the test found."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from engine.debug.explain.operation import Form
from engine.debug.reach.placeholders import FadedArray
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import array_text, is_drawable, is_scalar, number_text, scalar_text
from gui.views.equation.scenes.framed import BOLD, CENTRE, RIGHT, title
from gui.views.equation.scenes.scene import PaintedScene
from gui.widgets.view import Table

Array = np.ndarray[Any, Any]
MOST_BARS = 40  # of whole numbers that have a bar each
BINS = 41


class CheckScene(PaintedScene):
    """The array that a test asks about: how often each number is in it, and the test's parts.

    It fits a truth value or a number that is made from an array in scope.
    """

    least = (560, 200)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._name = ""
        self._array: Array = np.zeros(0)
        self._rows: list[tuple[str, str]] = []
        self._counts: tuple[list[str], Array] = ([], np.zeros(0, int))
        self.setAccessibleName(self.tr("Spread"))

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the cursor's result is one number, or truth value, about an array in scope."""
        return asked_of(snapshot) is not None

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return self.tr("Spread")

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw the test at the cursor."""
        asked, operation = asked_of(snapshot), snapshot.operation
        assert asked is not None and operation is not None
        self._snapshot = snapshot
        self._name, self._array = asked
        self._counts = _counts(self._array)
        self._rows = self._measures(snapshot)
        spoken = [f"{self._name} {array_text(self._array.shape)}"]
        spoken += [f"{words} {value}" for words, value in self._rows]
        self.setAccessibleDescription(", ".join(spoken))
        self.update()

    def tables(self) -> Sequence[Table]:
        """How often each number, or stretch of numbers, is in the array."""
        labels, counts = self._counts
        return [Table(self._name, counts.reshape(1, -1), columns=labels)]

    def _measures(self, snapshot: Snapshot) -> list[tuple[str, str]]:
        """The smallest and largest number, the numbers compared with, the parts, the result."""
        operation = snapshot.operation
        assert operation is not None
        finite = self._array[np.isfinite(self._array)]
        rows = []
        if finite.size:
            rows += [
                (self.tr("smallest of {0}").format(self._name), _text(finite.min())),
                (self.tr("largest of {0}").format(self._name), _text(finite.max())),
            ]
        if bad := self._array.size - finite.size:
            rows.append((self.tr("not finite"), str(bad)))
        names = names_in(source_of(snapshot))
        rows += [
            (v.name, scalar_text(v.value))
            for v in snapshot.variables
            if v.name in names and is_scalar(v.value)
        ]
        for operand in operation.operands:
            told = [words for words, _ in rows]
            if is_scalar(operand.value) and operand.text not in told:
                text = _text(operand.value)
                if text != operand.text.replace("-", "−"):
                    rows.append((operand.text, text))
        return rows

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars at the left, the test at the right."""
        if self._snapshot is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = min(max(0.36 * self.width(), px(280)), px(480))
        right = QRectF(self.width() - width - px(12), px(8), width, self.height() - px(18))
        left = QRectF(px(12), px(6), right.left() - px(32), self.height() - px(14))
        head = QRectF(left.left(), left.top(), left.width(), px(20))
        title(painter, head, self._name, array_text(self._array.shape), self.theme)
        self._paint_bars(painter, left.adjusted(0, px(28), 0, 0))
        self._paint_test(painter, right)
        self._dim_past(painter)

    def _paint_bars(self, painter: QPainter, room: QRectF) -> None:
        """A bar for each number, with its count above where there is room."""
        labels, counts = self._counts
        theme, face = self.theme, code_face(12)
        area = room.adjusted(0, px(18), 0, -px(40))
        most = max(int(counts.max()) if counts.size else 0, 1)
        step = area.width() / max(len(counts), 1)
        for number, count in enumerate(counts):
            high = float(count) / most * area.height()
            wide = min(step * 0.7, px(48))
            middle = area.left() + (number + 0.5) * step
            bar = QRectF(middle - wide / 2, area.bottom() - high, wide, high)
            painter.fillRect(bar, QColor(theme.zero))
            if face.width(str(most)) < step and count:
                above = QRectF(middle - step / 2, bar.top() - px(17), step, px(16))
                draw_text(painter, above, str(count), face, theme.text2, CENTRE)
        painter.setPen(QPen(QColor(theme.strong), 1))
        painter.drawLine(QLineF(area.left(), area.bottom(), area.right(), area.bottom()))
        line = QRectF(0, area.bottom() + px(2), px(80), px(18))
        line.setWidth(max((code_face(13).width(label) for label in labels), default=0) + 2)
        each = all(face.width(label) + 4 < step for label in labels)
        shown = range(len(labels)) if each else (0, len(labels) // 2, len(labels) - 1)
        for number in shown if labels else ():
            line.moveLeft(area.left() + (number + 0.5) * step - line.width() / 2)
            line.moveLeft(min(max(line.left(), room.left()), room.right() - line.width()))
            align = CENTRE if each or 0 < number < len(labels) - 1 else (
                RIGHT if number else Qt.AlignmentFlag.AlignLeft
            )  # fmt: skip
            draw_text(painter, line, labels[number], code_face(13), theme.text, align)
        words = self.tr("how many of the {0} numbers").format(self._array.size)
        foot = QRectF(room.left(), area.bottom() + px(20), room.width(), px(18))
        draw_text(painter, foot, words, ui_face(12), theme.text2, CENTRE)

    def _paint_test(self, painter: QPainter, area: QRectF) -> None:
        """The measured numbers, the test, and its result."""
        snapshot, theme = self._snapshot, self.theme
        assert snapshot is not None and snapshot.operation is not None
        operation = snapshot.operation
        painter.setBrush(QColor(theme.raised))
        painter.setPen(QColor(theme.border))
        painter.drawRoundedRect(area, 8, 8)
        inner = area.adjusted(px(14), px(10), -px(14), -px(10))
        foot = px(58)
        y = inner.top()
        for words, value in self._rows:
            if y + px(22) > inner.bottom() - foot:
                break
            line = QRectF(inner.left(), y, inner.width(), px(20))
            face = code_face(14)
            draw_text(painter, line, value, face, theme.text, RIGHT)
            room = line.adjusted(0, 0, -face.width(value) - px(8), 0)
            draw_text(painter, room, words, code_face(13), theme.text2)
            y += px(22)
        colour = theme.phase(snapshot.event.phase)
        box = QRectF(inner.left(), max(y + px(6), inner.top()), inner.width(), foot - px(4))
        painter.setBrush(mix(colour, theme.panel, 0.14))
        painter.setPen(QColor(colour))
        painter.drawRoundedRect(box, 6, 6)
        upper = QRectF(box.left() + px(10), box.top() + px(4), box.width() - px(20), px(20))
        draw_text(painter, upper, source_of(snapshot), code_face(13), theme.text2)
        lower = upper.translated(0, px(22))
        result = _text(operation.result)
        draw_text(painter, lower, f"= {result}", code_face(15, BOLD), theme.text)


def names_in(source: str) -> list[str]:
    """The variables in an expression, `x`, `self.W`, in their order; not those only counted."""
    try:
        tree = ast.parse(source.strip())
    except (SyntaxError, ValueError):
        return []
    counted = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "len" and node.args
    }
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in counted
    ]
    found.sort(key=lambda node: (node.lineno, node.col_offset, len(ast.unparse(node))))
    return [ast.unparse(node) for node in found]


def asked_of(snapshot: Snapshot) -> tuple[str, Array] | None:
    """The name and the values of the array that the cursor's number is about, or None."""
    source = source_of(snapshot)
    if not source or snapshot.event.index not in snapshot.operation_stops:
        return None
    values = {variable.name: variable.value for variable in snapshot.variables}
    arrays = [name for name in names_in(source) if _is_real(values.get(name))]
    return (arrays[0], values[arrays[0]]) if arrays else None


def source_of(snapshot: Snapshot) -> str:
    """The expression of the cursor's number: it has run, or the line before has stored it."""
    operation = snapshot.operation
    if operation is None or operation.error is not None or not is_scalar(operation.result):
        return ""
    if operation.form is Form.SCALAR:
        return operation.source
    if operation.form is not Form.ASSIGNMENT or snapshot.ran is None:
        return ""
    try:
        statement = ast.parse(snapshot.ran.source.strip()).body[0]
    except (SyntaxError, ValueError, IndexError):
        return ""
    value = getattr(statement, "value", None)
    return ast.unparse(value) if isinstance(value, ast.expr) else ""


def _is_real(value: Any) -> bool:
    return not isinstance(value, FadedArray) and is_drawable(value) and value.dtype.kind in "biuf"


def _text(value: Any) -> str:
    number = value.item() if isinstance(value, np.generic | np.ndarray) else value
    return str(number) if isinstance(number, bool) else number_text(number, 4)


def _counts(array: Array) -> tuple[list[str], Array]:
    """The bars' texts, and how many numbers each counts: of each whole number, or of stretches."""
    finite = array[np.isfinite(array)].ravel()
    if finite.size == 0:
        return [], np.zeros(0, int)
    low, high = finite.min().item(), finite.max().item()
    if array.dtype.kind in "biu" and int(high) - int(low) < MOST_BARS:
        counts = np.bincount(finite.astype(np.int64) - int(low))
        return [number_text(int(low) + n) for n in range(len(counts))], counts
    counts, edges = np.histogram(finite.astype(float), bins=BINS)
    middles = (edges[:-1] + edges[1:]) / 2
    return [number_text(float(middle)) for middle in middles], counts
