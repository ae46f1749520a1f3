"""Why AdaGrad moves a parameter as it does."""

from __future__ import annotations

import math

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import When
from gui.words.why.evidence import Array, Evidence
from gui.words.why.momentum import (
    WHY_MINUS,
    WHY_RATE,
    WHY_ZEROS,
    example,
    rate,
    rules,
    zeros,
)
from gui.words.why.table import Equal, Line, Reason, Rules, Same, counted, prove
from gui.words.why.update import ABOUT, CELL, WHOLE

_N = to_translate

# AdaGrad and Adam --------------------------------------------------------------------------------


_SQUARE = (
    Line(
        _N(
            "words",
            "The size of the gradient is wanted here, not its sign. A square is never below 0.",
        ),
        "({g})² = {square}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "Gradients of both signs do not cancel in a sum of squares. A root will undo "
            "the square.",
        ),
        "√{square} = {root}",
        CELL,
    ),
)


def square(of: Evidence) -> Reason:
    """The square of the gradient."""
    cell, facts = example(of)
    g = float(facts["g"])
    facts |= {"square": of.result[cell], "size": facts["size"], "root": math.sqrt(g * g)}
    return Reason(
        ABOUT,
        facts,
        prove(
            _SQUARE,
            (Equal("square", g**2),),
            (Equal("root", abs(g)), Same(of.result, np.abs(of.array("dW")) ** 2)),
        ),
    )


_SUM_OF_SQUARES = (
    Line(
        _N(
            "words",
            "`h` adds up the squares of all gradients so far, for each number by itself.",
        ),
        "{old} + {square} = {new}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "It never falls: a number that was moved much will be moved in shorter steps.",
        ),
    ),
)


def _sum_of_squares(of: Evidence) -> Reason:
    cell, facts = example(of)
    old, square = of.operand(0), of.operand(1)
    facts |= {"old": old[cell], "square": square[cell], "new": of.result[cell]}
    return Reason(
        ABOUT,
        facts,
        prove(
            _SUM_OF_SQUARES,
            (Equal("new", old[cell] + float(facts["g"]) ** 2),),
            (Same(of.result, old + of.array("dW") ** 2),),
        ),
    )


_ROOT = (
    Line(
        _N(
            "words",
            "It is made of squares. The root brings it back to the scale of the gradient itself.",
        ),
        "√{h} = {root}",
        CELL,
    ),
    Line(
        _N("words", "So it can be compared with the gradient, and divide it."),
        _N("words", "|gradient| {g}, root {root}"),
        CELL,
    ),
)


def root(of: Evidence) -> Reason:
    """The root of a sum or mean of squares."""
    cell, facts = example(of)
    h = of.operand(0)
    facts |= {"h": h[cell], "root": of.result[cell], "g": abs(float(facts["g"]))}
    return Reason(
        ABOUT,
        facts,
        prove(
            _ROOT,
            (Equal("root", float(h[cell]) ** 0.5),),
            (Same(of.result, h**0.5),),
        ),
    )


_EPS = (
    Line(
        _N(
            "words",
            "Where all gradients were 0 so far, the root is 0. Nothing can be divided by 0.",
        ),
        _N("words", "{none} of {size} are 0"),
    ),
    Line(
        _N(
            "words",
            "A small number, added, makes each divisor larger than 0. Elsewhere it changes little.",
        ),
        "{root} + {eps} = {sum}",
        CELL,
    ),
    Line(
        _N("words", "The smallest divisor of all."),
        "{least}",
        WHOLE,
    ),
)


def eps(of: Evidence) -> Reason:
    """The small number that is added to the root."""
    cell, facts = example(of)
    h, eps = of.operand(0), of.number("self.eps")
    zeros = int((h == 0).sum())
    facts |= {"root": math.sqrt(h[cell]), "eps": eps, "sum": of.result[cell], "zeros": zeros,
              "none": counted(zeros),
              "least": of.result.min()}  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        prove(
            _EPS,
            (Equal("zeros", float(h.size - np.count_nonzero(h))),),
            (Equal("sum", float(h[cell]) ** 0.5 + eps),),
            (Equal("least", math.sqrt(h.min()) + eps), Same(of.result, h**0.5 + eps)),
        ),
    )


_SCALED = (
    Line(
        _N("words", "The step is divided by the root of all its squared gradients so far."),
        "{step} / {root:()} = {new}",
        CELL,
    ),
    Line(
        _N("words", "More pushed so far, a number takes shorter steps. None is longer than {lr}."),
        _N("words", "largest step {most}"),
        WHOLE,
    ),
)
_SCALED_BY_MEAN = (
    Line(
        _N("words", "The step is divided by the usual size of this number's gradient."),
        "{step} / {root:()} = {new}",
        CELL,
    ),
    Line(
        _N("words", "A gradient of its usual size gives a step of about the learning rate, {lr}."),
        _N("words", "largest step {most}"),
        WHOLE,
    ),
)
_NEARER = _N("words", "The sizes of the steps are nearer to one another than before.")
_FURTHER = _N("words", "The sizes of the steps, compared with one another, before and now.")


def scaled(of: Evidence) -> Reason:
    """The step, divided by the root."""
    cell, facts = example(of)
    step, root, lr = of.operand(0), of.operand(1), of.number("self.lr")
    moved = np.abs(of.result)
    before, after = (np.abs(part).max() / _smallest(part) for part in (step, moved))
    facts |= {"step": step[cell], "root": root[cell], "new": of.result[cell], "lr": lr,
              "most": moved.max(), "before": before, "after": after}  # fmt: skip
    by_mean = "v_hat" in of.operation.source
    return Reason(
        ABOUT,
        facts,
        (
            *prove(
                _SCALED_BY_MEAN if by_mean else _SCALED,
                (Equal("new", float(step[cell]) / float(root[cell])),),
                (Equal("most", float((np.abs(step) / root).max())),),
            ),
            Line(
                _NEARER if after < before else _FURTHER,
                "{before} → {after}",
                _N("words", "largest / smallest step"),
                (Same(of.result, step / root),),
            ),
        ),
    )


def _smallest(values: Array) -> float:
    sizes = np.abs(values[values != 0])
    return float(sizes.min()) if sizes.size else 1.0


_DOWN = (
    Line(
        _N(
            "words",
            "The step has the sign of the gradients, along which the loss grows. So it "
            "is taken off.",
        ),
        "{old} − {step:()} = {new}",
        CELL,
    ),
    Line(
        _N("words", "By this batch's gradients, the loss should change by −Σ step × dW."),
        "−Σ step × dW = {gain}",
        WHOLE,
    ),
)


def down(of: Evidence) -> Reason:
    """The step, taken off the parameter."""
    cell, facts = example(of)
    old, step, dW = of.operand(0), of.operand(1), of.array("dW")
    facts |= {"old": old[cell], "step": step[cell], "new": of.result[cell],
              "gain": -float((step * dW).sum())}  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        prove(
            _DOWN,
            (Equal("new", old[cell] - step[cell], abs(old[cell])),),
            (
                Equal("gain", -float(np.vdot(step, dW)), float(np.abs(step * dW).sum())),
                Same(of.result, old - step),
            ),
        ),
    )


_COMPUTED, _RAN = When.COMPUTED, When.RAN
WHY_ROOT = _N("words", "Why the root?")
WHY_EPS = _N("words", "Why + eps?")
WHY_SQUARE = _N("words", "Why the square?")
WHY_SCALED = _N("words", "Why divide by the root?")

ADAGRAD: Rules = {
    **rules(
        "AdaGrad",
        {
            (_COMPUTED, "np.zeros_like(W)"): (WHY_ZEROS, zeros),
            (_COMPUTED, "dW * dW"): (WHY_SQUARE, square),
            (_RAN, "h += dW * dW"): (_N("words", "Why add up squares?"), _sum_of_squares),
            (_COMPUTED, "self.lr * dW"): (WHY_RATE, rate),
            (_COMPUTED, "np.sqrt(h)"): (WHY_ROOT, root),
            (_COMPUTED, "np.sqrt(h) + self.eps"): (WHY_EPS, eps),
            (_COMPUTED, "self.lr * dW / (np.sqrt(h) + self.eps)"): (WHY_SCALED, scaled),
            (_RAN, "W -= self.lr * dW / (np.sqrt(h) + self.eps)"): (WHY_MINUS, down),
        },
    ),
}
