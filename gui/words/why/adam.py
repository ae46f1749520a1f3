"""Why Adam moves a parameter as it does."""

from __future__ import annotations

import numpy as np

from engine.debug.explain.operation import Form
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
from gui.words.why.update import ABOUT, CELL, WHOLE

_N = to_translate

_RUNNING_MEAN = (
    Line(
        _N(
            "words",
            "A gradient is of these images alone: the next minibatch has others. So a running "
            "mean is kept.",
        ),
        "{new}",
        "{what}",
    ),
    Line(
        _N("words", "The newest value is so far from the mean."),
        "{new} − {old:()} = {gap}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "The mean moves by the share {share} of that, and keeps {rest} of what it was.",
        ),
        "{old} + {share} × {gap:()} = {mean}",
        CELL,
    ),
    Line(
        _N("words", "That makes it a mean over about {updates} updates, the latest counting most."),
        "1 / {share} = {updates}",
        WHOLE,
    ),
)


def _mean(of: Evidence) -> Reason:
    """A running mean, of gradients or of their squares, at any of the three stops of its line."""
    cell, facts = example(of)
    dW, squares, place = of.array("dW"), "dW * dW" in of.operation.source, of.operation.form
    new = dW * dW if squares else dW
    share = 1 - of.number("self.beta2" if squares else "self.beta1")
    old = of.operand(0) if place is Form.IN_PLACE else of.array("v" if squares else "m")
    gap = new - old
    if place is Form.IN_PLACE:
        expected = old + share * gap
    else:
        expected = gap if of.operation.symbol == "−" else gap * share
    facts |= {
        "what": "dW²" if squares else "dW", "new": new[cell], "old": old[cell], "gap": gap[cell],
        "share": round(share, 12), "rest": round(1 - share, 12), "updates": round(1 / share, 6),
        "mean": old[cell] + share * gap[cell],
    }  # fmt: skip
    g, b = float(dW[cell]), float(old[cell])
    n = g * g if squares else g
    return Reason(
        ABOUT,
        facts,
        prove(
            _RUNNING_MEAN,
            (Equal("new", n),),
            (Equal("gap", n - b, abs(n) + abs(b)),),
            (Equal("mean", (1 - share) * b + share * n, abs(n) + abs(b)),),
            (Equal("updates", series(1 - share)), Same(of.result, expected)),
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
              "beta": round(share, 9)}  # fmt: skip
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
            (_COMPUTED, "dW - m"): (_WHY_GAP, _mean),
            (_COMPUTED, "(1 - self.beta1) * (dW - m)"): (_WHY_PART, _mean),
            (_RAN, "m += (1 - self.beta1) * (dW - m)"): (_WHY_MEAN, _mean),
            (_COMPUTED, "dW * dW"): (WHY_SQUARE, square),
            (_COMPUTED, "dW * dW - v"): (_WHY_GAP, _mean),
            (_COMPUTED, "(1 - self.beta2) * (dW * dW - v)"): (_WHY_PART, _mean),
            (_RAN, "v += (1 - self.beta2) * (dW * dW - v)"): (_WHY_MEAN, _mean),
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
