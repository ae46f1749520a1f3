"""A sum as a running total: its largest terms one by one, then the others, positive and negative.

Every bar begins where the previous bar ended, and the last bar ends at the value, so the picture
explains the whole value, however many terms the sum has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import Index, Terms
from gui.look.theme import Theme, mix
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import number_text

Array = np.ndarray[Any, Any]
SUMS = ("sum", "mean")
ENOUGH = 0.5  # from this share of all positive and negative terms on, a list explains the sum
RIGHT = Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class SumStep:
    """A line of the running total.

    Attributes:
        at, factors: of a single term; empty for several terms together.
        count: the number of terms in the line.
        value: their sum.
        start: the total before the line.
    """

    at: Index
    factors: tuple[float, ...]
    count: int
    value: float
    start: float

    @property
    def end(self) -> float:
        """The total after the line."""
        return self.start + self.value


def contributions_of_product(operation: Operation, terms: Terms) -> Array | None:
    """The product of each pair of cells, in order; None if they are not two vectors."""
    if len(terms.factors) != 2:
        return None
    row, column = (np.ravel(factor).astype(np.float64) for factor in terms.factors)
    if row.size != column.size:
        return None
    with np.errstate(all="ignore"):
        products: Array = row * column
    return products


def contributions_of_sum(operation: Operation, terms: Terms) -> Array | None:
    """The contribution of each cell to a sum or mean, in order; None for anything else."""
    if operation.symbol not in SUMS or not terms.factors:
        return None
    cells = np.ravel(terms.factors[0])
    if cells.dtype.kind not in "biuf" or not cells.size:
        return None
    share = cells.size if operation.symbol == "mean" else 1
    return cells.astype(np.float64) / share


def running_sum(terms: Terms, parts: Array, lines: int) -> list[SumStep]:
    """The steps of a sum in at most `lines` lines (at least two); empty if a term is not finite.

    The largest terms have a line each. If the lines do not suffice, the last two are the sums of
    the other positive and of the other negative terms.
    """
    lines = max(lines, 2)
    if not np.isfinite(parts).all():
        return []
    nonzero = int(np.count_nonzero(parts))
    single = min(nonzero, len(terms.terms))
    if nonzero > lines or single < nonzero:
        single = min(single, lines - 2)
    steps: list[SumStep] = []
    total = 0.0
    rest = parts.copy()
    for place, term in zip(np.argsort(-np.abs(parts), kind="stable"), terms.terms[:single],
                           strict=False):  # fmt: skip
        steps.append(SumStep(term.at, term.factors, 1, float(parts[place]), total))
        total += float(parts[place])
        rest[place] = 0.0
    for group in (rest[rest > 0], rest[rest < 0]):
        if group.size:
            steps.append(SumStep((), (), int(group.size), float(group.sum()), total))
            total += float(group.sum())
    return steps


def explained(steps: Sequence[SumStep], parts: Array) -> float:
    """The single terms' share of all positive and negative terms."""
    whole = float(np.abs(parts).sum())
    shown = sum(abs(step.value) for step in steps if step.at)
    return shown / whole if whole else 1.0


def words_of(step: SumStep, others: bool) -> str:
    """`94 add`, `7 take away`, after single terms `94 others add`; empty for a single term."""
    translate = QCoreApplication.translate
    if step.at:
        return ""
    if step.value > 0:
        words = (
            translate("RunningSum", "{0} others add")
            if others
            else translate("RunningSum", "{0} add")
        )
    elif others:
        words = translate("RunningSum", "{0} others take away")
    else:
        words = translate("RunningSum", "{0} take away")
    return words.format(step.count)


def paint_lit(painter: QPainter, line: QRectF, theme: Theme) -> None:
    """The ground of a line that is spoken of, with a bar at its left."""
    painter.fillRect(line.adjusted(-6, 0, 6, 0), mix(theme.accent, theme.raised, 0.22))
    painter.fillRect(QRectF(line.left() - 6, line.top(), 3, line.height()), QColor(theme.accent))


def paint_steps(
    painter: QPainter, room: QRectF, steps: Sequence[SumStep], row: float, theme: Theme,
    lit: int | None = None,
) -> None:  # fmt: skip
    """Draw the lines from the top of a rectangle down, `row` pixels each; `lit` is one's number."""
    face, small = code_face(11), ui_face(11)
    singles = [step for step in steps if step.at]
    names = {id(step): str(step.at[0]) if len(step.at) == 1 else str(list(step.at))
             for step in singles}  # fmt: skip
    at_width = max((face.width(name) for name in names.values()), default=0.0) + 8
    texts = {id(step): " × ".join(number_text(f, 2) for f in step.factors) for step in singles}
    others = bool(singles)
    words = max((small.width(words_of(step, others)) for step in steps), default=0.0)
    head = max((at_width + face.width(text) for text in texts.values()), default=0.0)
    values = [number_text(step.value, 3) for step in steps]
    value_width = max(face.width(text) for text in values) + 6
    bars = QRectF(room)
    bars.setLeft(room.left() + max(head, words) + 8)
    bars.setRight(room.right() - value_width - 4)
    ends = [0.0, *(step.end for step in steps)]
    low, high = min(ends), max(ends)

    def x_of(total: float) -> float:
        return bars.left() + (total - low) / ((high - low) or 1.0) * bars.width()

    drawn = bars.width() > 16
    if drawn:
        painter.setPen(QPen(QColor(theme.strong), 1))
        painter.drawLine(QLineF(x_of(0), room.top() + 1, x_of(0), room.top() + row * len(steps)))
    for number, step in enumerate(steps):
        line = QRectF(room.left(), room.top() + number * row, room.width(), row)
        if number == lit and step.at:
            paint_lit(painter, line, theme)
        if step.at:
            draw_text(painter, line, names[id(step)], face, theme.text3)
            factors = line.adjusted(at_width, 0, 0, 0)
            draw_text(painter, factors, texts[id(step)], face, theme.text2)
        else:
            draw_text(painter, line, words_of(step, others), small, theme.text2)
        draw_text(painter, line, values[number], face, theme.text, RIGHT)
        if drawn:
            left, right = sorted((x_of(step.start), x_of(step.end)))
            colour = theme.positive if step.value >= 0 else theme.negative
            middle = line.center().y()
            bar = QRectF(left, middle - 4, max(right - left, 1.0), 8)
            painter.fillRect(bar, QColor(colour))
            painter.setPen(QPen(QColor(theme.text2), 1))
            end = x_of(step.end)  # the start of the next bar, or the value
            below = row if number < len(steps) - 1 else 6.0
            painter.drawLine(QLineF(end, middle - 5, end, middle - 4 + below))
