"""The texts of a card: what the numbers of a sample are at a stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.data.hand_drawn import is_hand_drawn
from gui.paint.values import MINUS, number_text
from gui.views.equation.scenes.loss.bars import Bars
from gui.views.equation.scenes.loss.numbers import (
    DIFFERENCES,
    Judged,
    Stop,
    less_one_text,
    share_text,
    three,
)

translate = QCoreApplication.translate
# Numbers that are shares or powers, from 0 to 1.
_SHARES = (
    Stop.PROBABILITIES, Stop.LOG_SUMS, Stop.SURPRISES, Stop.TOTAL, Stop.MEAN, Stop.FOUND,
)  # fmt: skip
_POWERS = (Stop.POWERS, Stop.SUMS)
_UP_TO_ONE = (*_SHARES, *_POWERS)


def guess_text(guess: int) -> str:
    """`guess 7`."""
    return translate("loss", "guess {0}").format(guess)


def image_text(row: int, index: int = 0) -> str:
    """`image 29`, the row of the minibatch; `drawn`, where the index is that of a drawn one."""
    if is_hand_drawn(index):
        return translate("loss", "drawn")
    return translate("loss", "image {0}").format(row)


def origin_text(index: int) -> str:
    """Which image of the training set a row is: `image 15391 of the training set`."""
    if is_hand_drawn(index):
        return translate("loss", "drawn")
    return translate("loss", "image {0} of the training set").format(index)


def _with_asked(number: float, text: str) -> str:
    """A gradient and what it asks of its score, against which a step goes: `+0.474 lower`."""
    if number > 0:
        return f"+{text} {translate('loss', 'lower')}"
    return f"{text} {translate('loss', 'raise')}" if number < 0 else text


def divided(number: float) -> str:
    """A difference divided by N, with three significant digits."""
    return number_text(number, 3)


def sum_text(judged: Judged, row: int) -> str:
    """The sum of a row, without the rounding of floating point numbers."""
    total = float(judged.bars[row].sum())
    small = abs(total) < 1e-5 * judged.unit
    return "0" if small else three(total)


def scale_of(judged: Judged, rows: Sequence[int]) -> tuple[float, float]:
    """The ends of the scale that the bars of some samples share; 0 lies between them."""
    if judged.stop in DIFFERENCES:
        return -judged.unit, judged.unit
    if judged.stop in _UP_TO_ONE:
        return 0.0, 1.0
    values = judged.bars[list(rows)]
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    return min(0.0, low), max(0.0, high)


def bars_of(judged: Judged, row: int, scale: tuple[float, float]) -> Bars:
    """The bars of a sample."""
    values = judged.bars[row]
    label, top = int(judged.labels[row]), _top(judged, row)
    if judged.stop in DIFFERENCES:
        return _difference_bars(judged, row, label, scale)
    is_signed = judged.stop not in _UP_TO_ONE
    line = (1.0, "p = 1") if judged.stop in _SHARES else None
    first = (label,) if top == label else (label, top)
    texts = tuple(three(float(value)) for value in values)
    return Bars(values, label, scale, texts, first, signed=is_signed, line=line)


def _difference_bars(judged: Judged, row: int, label: int, scale: tuple[float, float]) -> Bars:
    values = judged.bars[row]
    outlines = judged.outlines
    assert outlines is not None
    unit = judged.unit
    if judged.stop is Stop.COPY:
        first = tuple(dict.fromkeys((label, _top(judged, row))))
        texts = tuple(three(float(value)) for value in values)
        return Bars(values, label, scale, texts, first, values, unit, line=(1.0, "t = 1"))
    others = np.where(np.arange(len(values)) == label, -np.inf, values)
    other = int(np.argmax(np.where(np.isnan(others), -np.inf, others)))
    text = divided if judged.stop is Stop.DIVIDED else three
    texts = tuple(_with_asked(float(value), text(float(value))) for value in values)
    return Bars(values, label, scale, texts, (label, other), outlines[row], signed=True)


def _top(judged: Judged, row: int) -> int:
    return int(judged.guesses[row])


def sum_of(judged: Judged, row: int) -> tuple[str, str]:
    """The arithmetic of the label's number at a stop, and its result: `−log 0.9661 =`, `0.034`."""
    label = int(judged.labels[row])
    steps = {step: float(judged.of_label(values)[row]) for step, values in judged.steps.items()}
    value = float(judged.bars[row, label])
    match judged.stop:
        case Stop.SCORES:
            return "max z =", three(float(judged.bars[row].max()))
        case Stop.SHIFTED if Stop.SCORES in steps:
            largest = float(judged.steps[Stop.SCORES][row].max())
            return f"{three(steps[Stop.SCORES])} {_less(largest)} =", three(value)
        case Stop.POWERS if Stop.SHIFTED in steps:
            return f"exp({three(steps[Stop.SHIFTED])}) =", three(value)
        case Stop.SUMS if Stop.SUMS in steps:
            return "Σ e =", three(steps[Stop.SUMS])
        case Stop.PROBABILITIES if Stop.POWERS in steps and Stop.SUMS in steps:
            return f"{four(steps[Stop.POWERS])} ÷ {four(steps[Stop.SUMS])} =", three(value)
        case Stop.LOG_SUMS if Stop.SUMS in steps and Stop.LOG_SUMS in steps:
            return f"log {four(steps[Stop.SUMS])} =", three(steps[Stop.LOG_SUMS])
        case Stop.LOGS if Stop.SHIFTED in steps and Stop.LOG_SUMS in steps:
            return f"{three(steps[Stop.SHIFTED])} {_less(steps[Stop.LOG_SUMS])} =", three(value)
        case Stop.SURPRISES | Stop.TOTAL | Stop.MEAN if judged.surprises is not None:
            surprise = float(judged.surprises[row])
            return f"{MINUS}log {share_text(value, surprise)} =", three(surprise)
        case Stop.DIFFERENCE:
            return f"{less_one_text(value)} {MINUS} 1 =", three(value)
        case Stop.DIVIDED:
            return f"{three(value / judged.unit)} ÷ {len(judged.bars)} =", divided(value)
    name = "y" if judged.stop is Stop.COPY else "p"
    return f"{name}[{label}] =", three(value)


def _less(number: float) -> str:
    """`− 2.1`, and `+ 2.1` where a negative number is taken off."""
    return f"+ {three(-number)}" if number < 0 else f"{MINUS} {three(number)}"


def four(number: float) -> str:
    """Four significant digits; 1 and 0 are whole."""
    return str(int(number)) if number in (0, 1) else number_text(number, 4)
