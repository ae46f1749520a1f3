"""Why Adam moves a parameter as it does."""

from __future__ import annotations

from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import When
from gui.words.why.adagrad import (
    WHY_EPS,
    WHY_ROOT,
    WHY_SCALED,
    WHY_SQUARE,
    down,
    eps,
    root,
    scaled,
    square,
)
from gui.words.why.evidence import Evidence
from gui.words.why.momentum import (
    WHY_MINUS,
    WHY_RATE,
    WHY_ZEROS,
    example,
    rate,
    rules,
    series,
    zeros,
)
from gui.words.why.table import Equal, Line, Reason, Rules, Same, prove
from gui.words.why.update import ABOUT, CELL

_N = to_translate
Facts = dict[str, Any]


# AdaGrad and Adam --------------------------------------------------------------------------------


_DIFFERENCE = (
    Line(
        _N(
            "words",
            "The mean is to come a little nearer to the newest value. This is how far it is off.",
        ),
        "{new} − {mean:()} = {gap}",
        CELL,
    ),
)


def _difference(of: Evidence) -> Reason:
    cell, facts = example(of)
    new, mean = of.operand(0), of.operand(1)
    facts |= {"new": new[cell], "mean": mean[cell], "gap": of.result[cell]}
    return Reason(
        ABOUT,
        facts,
        prove(
            _DIFFERENCE,
            (
                Equal("gap", float(new[cell] - mean[cell]), abs(new[cell]) + abs(mean[cell])),
                Same(of.result, new - mean),
            ),
        ),
    )


_PART = (
    Line(
        _N(
            "words",
            "The share {share} of the way is gone: the mean keeps {rest} of what it was.",
        ),
        "{share} × {gap:()} = {part}",
        CELL,
    ),
    Line(
        _N("words", "So it is a mean over about so many updates, the latest counting most."),
        "1 / {share} = {updates}",
    ),
)


def _part(of: Evidence) -> Reason:
    cell, facts = example(of)
    share, gap = float(of.operation.operands[0].value), of.operand(1)
    facts |= {"share": share, "gap": gap[cell], "part": of.result[cell], "rest": 1 - share,
              "updates": 1 / share}  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        prove(
            _PART,
            (Equal("part", share * float(gap[cell])),),
            (Equal("updates", series(1 - share)), Same(of.result, gap * share)),
        ),
    )


_MOVED_MEAN = (
    Line(
        _N(
            "words",
            "The mean moves by that part: it follows the batches, and smooths what differs.",
        ),
        "{old} + {part:()} = {new}",
        CELL,
    ),
)


def _moved_mean(of: Evidence) -> Reason:
    cell, facts = example(of)
    old, part = of.operand(0), of.operand(1)
    facts |= {"old": old[cell], "part": part[cell], "new": of.result[cell]}
    return Reason(
        ABOUT,
        facts,
        prove(
            _MOVED_MEAN,
            (
                Equal("new", old[cell] + part[cell], abs(old[cell]) + abs(part[cell])),
                Same(of.result, old + part),
            ),
        ),
    )


_UNBIASED = (
    Line(
        _N(
            "words",
            "The mean began at 0. After {n} updates, the gradients have only part of the weight.",
        ),
        "1 − {beta}^{n} = {divisor}",
        _N("words", "update {n}"),
    ),
    Line(
        _N("words", "Divided by that part, it is a mean of gradients alone."),
        "{mean} / {divisor} = {new}",
        CELL,
    ),
)


def _unbiased(of: Evidence) -> Reason:
    cell, facts = example(of)
    mean, divisor = of.operand(0), float(of.operation.operands[1].value)
    n = int(of.number("self.n"))
    share = (1 - divisor) ** (1 / n) if divisor < 1 else 0.0
    facts |= {"mean": mean[cell], "divisor": divisor, "new": of.result[cell], "n": n,
              "beta": share}  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        prove(
            _UNBIASED,
            (Equal("divisor", float(((1 - share) * share ** np.arange(n)).sum()), 1.0),),
            (Equal("new", float(mean[cell]) / divisor), Same(of.result, mean / divisor)),
        ),
    )


_COMPUTED, _RAN = When.COMPUTED, When.RAN
_WHY_GAP = _N("words", "Why the difference?")
_WHY_PART = _N("words", "Why only a part?")
_WHY_MEAN = _N("words", "Why a mean?")
_WHY_UNBIASED = _N("words", "Why divide the mean?")

ADAM: Rules = {
    **rules(
        "Adam",
        {
            (_COMPUTED, "np.zeros_like(W)"): (WHY_ZEROS, zeros),
            (_COMPUTED, "dW - m"): (_WHY_GAP, _difference),
            (_COMPUTED, "(1 - self.beta1) * (dW - m)"): (_WHY_PART, _part),
            (_RAN, "m += (1 - self.beta1) * (dW - m)"): (_WHY_MEAN, _moved_mean),
            (_COMPUTED, "dW * dW"): (WHY_SQUARE, square),
            (_COMPUTED, "dW * dW - v"): (_WHY_GAP, _difference),
            (_COMPUTED, "(1 - self.beta2) * (dW * dW - v)"): (_WHY_PART, _part),
            (_RAN, "v += (1 - self.beta2) * (dW * dW - v)"): (_WHY_MEAN, _moved_mean),
            (_COMPUTED, "m / (1 - self.beta1**self.n)"): (_WHY_UNBIASED, _unbiased),
            (_COMPUTED, "v / (1 - self.beta2**self.n)"): (_WHY_UNBIASED, _unbiased),
            (_COMPUTED, "self.lr * m_hat"): (WHY_RATE, rate),
            (_COMPUTED, "np.sqrt(v_hat)"): (WHY_ROOT, root),
            (_COMPUTED, "np.sqrt(v_hat) + self.eps"): (WHY_EPS, eps),
            (_COMPUTED, "self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"): (WHY_SCALED, scaled),
            (_RAN, "W -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"): (WHY_MINUS, down),
        },
    ),
}
