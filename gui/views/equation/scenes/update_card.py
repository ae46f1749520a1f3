"""The numbers of a step: one weight's arithmetic, the scales, and how much has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import Scale
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import cell_name, number_text, scalar_text
from gui.views.equation.scenes.framed import BOLD, RIGHT
from gui.views.equation.scenes.update_parts import Step, Term, factors_of


@dataclass(frozen=True, slots=True)
class StepCard:
    """The texts of the card, from above.

    Attributes:
        rows: (words, number) of the arithmetic; the last is the result.
        scales: of each picture: `± 0.15`, `± 0.0051, enlarged 29 ×`.
        heading: the chosen weight: `W[212, 18]`.
        red, blue: what these colours mean in the step, or "".
        facts: sentences about all of it.
    """

    rows: tuple[tuple[str, str], ...]
    scales: tuple[str, ...]
    heading: str = ""
    red: str = ""
    blue: str = ""
    facts: tuple[str, ...] = ()

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""
        rows = [f"{words} {number}" for words, number in self.rows]
        return ". ".join(
            part for part in (self.heading, *rows, self.red, self.blue, *self.facts) if part
        )


def tr(text: str) -> str:
    """Translate a text of the scene."""
    return QCoreApplication.translate("UpdateScene", text)


def card_of(
    snapshot: Snapshot,
    step: Step,
    cell: tuple[int, ...],
    unit: int | None,
    scales: Sequence[Scale | None],
) -> StepCard:
    """The texts for one weight of a step."""
    array = next(term for term in step.terms if term.is_array)
    name = step.result.name if step.changes else array.name
    heading = cell_name(name, cell)
    red, blue = _colours(step)
    return StepCard(
        _rows(snapshot, step, cell),
        _scale_texts(step, scales),
        heading,
        red,
        blue,
        tuple(_facts(step, unit)),
    )


def _at(term: Term, cell: tuple[int, ...]) -> float:
    return float(term.value[cell]) if term.is_array else float(term.value)


def _digits(values: Sequence[float]) -> list[str]:
    """Numbers with as many decimals as the smallest of them needs for three digits."""
    finite = [abs(value) for value in values if np.isfinite(value) and value != 0]
    if not finite or min(finite) < 1e-7 or max(finite) >= 1e5:
        return [number_text(value, 4) for value in values]
    decimals = min(max(2 - int(np.floor(np.log10(min(finite)))), 2), 7)
    return [f"{value:.{decimals}f}".replace("-", "−") if np.isfinite(value) else number_text(value)
            for value in values]  # fmt: skip


def _rows(snapshot: Snapshot, step: Step, cell: tuple[int, ...]) -> tuple[tuple[str, str], ...]:
    """The arithmetic of one weight, a line each."""
    left, right, result = (_at(term, cell) for term in step.terms)
    values = (left, right, result)
    if step.sign in "+−":
        texts = _digits(values)
    else:
        texts = [
            number_text(value, 4) if term.is_array else scalar_text(value)
            for term, value in zip(step.terms, values, strict=True)
        ]
    first = tr("before") if step.changes else step.left.name
    last = tr("after") if step.changes else step.result.name
    factors = factors_of(snapshot, step.right, cell) if step.right.is_array else None
    middle = step.right.name
    if factors is not None:
        middle = f"{scalar_text(factors[0])} × {number_text(factors[1], 3)}"
    if last == f"{step.left.name} * {step.right.name}":
        last = ""
    return ((first, texts[0]), (f"{step.sign} {middle}", texts[1]), (f"= {last}".strip(), texts[2]))


def _scale_texts(step: Step, scales: Sequence[Scale | None]) -> tuple[str, ...]:
    texts = ["" if scale is None else f"± {number_text(scale.high)}" for scale in scales]
    for place, term in enumerate(step.terms):
        if term.is_array and not np.any(term.value):
            texts[place] = tr("all 0")
    first, second = scales[0], scales[1]
    if step.changes and first is not None and second is not None and texts[1] != tr("all 0"):
        factor = first.high / second.high
        if factor >= 1.5:
            texts[1] += tr(", enlarged {0} ×").format(
                number_text(round(factor, 1)) if factor < 10 else round(factor)
            )
    return tuple(texts)


def _colours(step: Step) -> tuple[str, str]:
    """What red and blue mean in the picture of the step."""
    up, down = tr("this number goes up"), tr("this number goes down")
    sign = step.sign if step.changes and step.right.is_array else step.target_sign
    if sign == "−":
        return down, up
    if sign == "+":
        return up, down
    return "", ""


def _facts(step: Step, unit: int | None) -> list[str]:
    """How large the step is, and how much of the array it changes."""
    moved = step.moved if unit is None else step.moved[:, unit]
    whole = step.left if step.changes else step.target
    if whole is None or not whole.is_array:
        return []
    before = whole.value if unit is None else whole.value[:, unit]
    facts = []
    if step.changes:
        after = step.result.value if unit is None else step.result.value[:, unit]
        changed = int(np.count_nonzero(before != after))
        facts.append(tr("{0} of {1} have changed.").format(changed, before.size))
    else:
        stays = int(np.count_nonzero(moved == 0))
        if stays:
            facts.append(tr("{0} of {1} stay as they are.").format(stays, before.size))
    if (step.sign if step.changes else step.target_sign) not in ("+", "−"):
        return facts
    with np.errstate(all="ignore"):
        ratio = float(np.linalg.norm(moved) / np.linalg.norm(before))
    if np.isfinite(ratio) and ratio > 0:
        text = tr("As a whole the step is {0} % as long as {1}.")
        facts.append(text.format(number_text(100 * ratio), whole.name))
    return facts


def paint_card(painter: QPainter, area: QRectF, card: StepCard, theme: Theme) -> None:
    """Draw the card in as many lines as there is room for."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(theme.raised))
    painter.setPen(QColor(theme.border))
    painter.drawRoundedRect(area, 8, 8)
    inner = area.adjusted(px(12), px(8), -px(12), -px(8))
    y = inner.top()
    draw_text(painter, _line(inner, y, 20), card.heading, code_face(13, BOLD), theme.text)
    y += px(24)
    for number, (words, value) in enumerate(card.rows):
        last = number == len(card.rows) - 1
        if last:
            painter.setPen(QColor(theme.strong))
            painter.drawLine(QLineF(inner.left(), y, inner.right(), y))
            y += px(3)
        line = _line(inner, y, 20)
        face = code_face(14, BOLD if last else code_face(14).font.weight())
        wide = face.width(value)
        draw_text(painter, line, value, face, theme.text, RIGHT)
        room = line.adjusted(0, 0, -wide - px(8), 0)
        draw_text(
            painter, room, words, code_face(13), theme.text2, elide=Qt.TextElideMode.ElideMiddle
        )
        y += px(21)
    y += px(8)
    for colour, words in ((theme.positive, card.red), (theme.negative, card.blue)):
        if words and y + px(18) <= inner.bottom():
            line = _line(inner, y, 18)
            painter.fillRect(QRectF(line.left(), y + px(4), px(11), px(11)), QColor(colour))
            name = tr("Red") if colour == theme.positive else tr("Blue")
            draw_text(painter, line.adjusted(px(18), 0, 0, 0), name, ui_face(12, BOLD), theme.text)
            rest = px(18) + ui_face(12, BOLD).width(name) + px(6)
            draw_text(painter, line.adjusted(rest, 0, 0, 0), words, ui_face(12), theme.text2)
            y += px(19)
    y += px(6)
    for fact in card.facts:
        height = _wrapped_height(fact, inner.width())
        if y + height > inner.bottom() + 2:
            break
        painter.setFont(ui_face(12).font)
        painter.setPen(QColor(theme.text2))
        painter.drawText(
            QRectF(inner.left(), y, inner.width(), height), Qt.TextFlag.TextWordWrap, fact
        )
        y += height + px(4)


def _line(inner: QRectF, y: float, height: int) -> QRectF:
    return QRectF(inner.left(), y, inner.width(), px(height))


def _wrapped_height(text: str, width: float) -> float:
    room = QRectF(0, 0, width, 10_000)
    return ui_face(12).metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, text).height()
