"""The sheet of a formula: what is typeset, and how large."""

from __future__ import annotations

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.typeset import Label, Sheet
from gui.views.equation.lesson.formula_paint import LABEL, label_of, label_width
from gui.words.formula.formula import RUNNING, Formula

SIZE, READABLE, LEAST_SIZE = 24, 19, 15  # of the type, in pixels at a type scale of 1
PAD = (7, 3)  # of the box around the running part, across and upright


def sheet_of(formula: Formula, width: float, height: int, theme: Theme) -> Sheet:
    """A formula with the labels of its symbols, for a room.

    `width` in pixels, `height` in pixels at a type scale of 1.
    """
    labels = tuple(
        Label(symbol.id, label_width(symbol), bool(symbol.match))
        for symbol in formula.symbols
        if label_of(symbol)
    )
    return Sheet(
        formula.mathml,
        px(SIZE),
        px(READABLE),
        px(LEAST_SIZE),
        width,
        px(height) - 2,
        theme.text,
        RUNNING,
        (px(PAD[0]), px(PAD[1])),
        labels,
        px(LABEL + 2),
    )
