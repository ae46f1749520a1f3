"""Why the sigmoid computes what it computes: the curve, in steps."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.why.curves import ABOUT, CELL, CURVED, LOWEST, NUDGE, fold, nearest, place, sigmoid
from gui.words.why.evidence import Evidence
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, counted, prove

_N = to_translate


def _forward(of: Evidence) -> tuple[dict[str, Any], float]:
    """The facts of a cell of x, and x itself."""
    x = of.array("x")
    cell = of.cell(x.shape, nearest(x, 1.5))
    at = float(x[cell])
    facts = {
        **place("x", cell), "x": at, "minus": -at, "e": math.exp(-at), "one": 1 + math.exp(-at),
        "y": 1 / (1 + math.exp(-at)), "size": counted(x.size), "low": x.min(), "high": x.max(),
    }  # fmt: skip
    return facts, at


_CLIPPED = (
    Line(
        _N(
            "words",
            "e⁻ˣ comes next. It grows 2.72 times for each 1 that x falls, and x = −80 "
            "gives a number of 35 digits.",
        ),
        "e^80 = {e80}",
        "x = −80",
    ),
    Line(
        _N("words", "e^{power} is more than the largest number of {dtype}. It would be ∞."),
        "e^{power} > {most}",
        "x = −{power}",
    ),
    Line(
        _N(
            "words",
            "So an x below −80 counts as −80. What it gives there is as good as the 0 of "
            "a smaller x.",
        ),
        "1 / (1 + e^80) = {y80}",
    ),
    Line(
        _N("words", "In this minibatch {below} of {size} numbers are below −80."),
        _N("words", "smallest: {low}"),
    ),
)


def _clipped(of: Evidence) -> Reason:
    x = of.operand(0)
    kept = np.asarray(of.operation.operands[0].value).dtype
    most = float(np.finfo(kept if kept.kind == "f" else np.float64).max)
    below = int(np.count_nonzero(x < LOWEST))
    facts = {
        "size": counted(x.size), "most": most, "dtype": str(kept), "low": x.min(), "below": below,
        "e80": math.exp(80), "power": math.floor(math.log(most)) + 1, "y80": 1 / (1 + math.exp(80)),
    }  # fmt: skip
    return Reason(
        _N("words", "all {size} numbers"),
        facts,
        prove(
            _CLIPPED,
            (Equal("e80", float(np.exp(40.0)) ** 2),),
            (Equal("power", float(math.ceil(math.log(most)))),),
            (Equal("y80", float(sigmoid(np.array(-200.0)))),),
            (
                Equal("below", float((np.minimum(x + 80, 0) < 0).sum())),
                Same(of.result, np.where(x < LOWEST, LOWEST, x)),
            ),
        ),
    )


_NEGATIVE = (
    Line(
        _N(
            "words",
            "The curve is to rise with x: near 1 where x is large, near 0 where it is low.",
        ),
        "x = {x}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "e⁻ˣ is part of the divisor, so it must fall as x rises: e to the −x.",
        ),
        "e^{minus} = {e}",
        CELL,
    ),
    Line(
        _N("words", "With e to the x instead, the curve is mirrored: it gives 1 − y."),
        "1 / (1 + e^{x}) = {mirror} = 1 − {y}",
        CELL,
    ),
    Line(
        _N("words", "The sign of each of {size} numbers is turned."),
        _N("words", "from {low} to {high}"),
        "x",
    ),
)


def _negative(of: Evidence) -> Reason:
    facts, x = _forward(of)
    facts |= {"mirror": 1 / (1 + math.exp(x))}
    return Reason(
        ABOUT,
        facts,
        prove(
            _NEGATIVE,
            (Equal("x", -float(of.result[of.cell(of.result.shape, nearest(-of.result, 1.5))])),),
            (Equal("e", 1 / math.exp(x)),),
            (Equal("mirror", 1 - 1 / (1 + math.exp(-x))),),
            (Same(of.result, 0 - of.operand(0)),),
        ),
    )


_POWER = (
    Line(
        _N(
            "words",
            "x may be any number. e⁻ˣ is always above 0, and near 0 where x is large.",
        ),
        "e^{minus} = {e}",
        CELL,
    ),
    Line(
        _N("words", "Each 1 that x grows divides it by e = {factor}."),
        "{e} / {factor} = {next}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "Of all bases e has the plainest slope: that of e⁻ˣ is −e⁻ˣ. The backward pass uses "
            "this.",
        ),
        _N("words", "slope {slope}, value {e}"),
        _N("words", "x moved by 0.001"),
    ),
    Line(
        _N("words", "The same for each of {size} numbers."),
        _N("words", "from {low} to {high}"),
        "x",
    ),
)


def _power(of: Evidence) -> Reason:
    facts, x = _forward(of)
    slope = (math.exp(-x - NUDGE) - math.exp(-x + NUDGE)) / (2 * NUDGE)
    facts |= {"slope": slope, "next": math.exp(-x - 1), "factor": math.e}
    return Reason(
        ABOUT,
        facts,
        prove(
            _POWER,
            (Equal("e", math.exp(-x / 2) ** 2),),
            (Equal("next", math.exp(-x) / math.e),),
            (Equal("slope", -math.exp(-x), tolerance=CURVED),),
            (Same(of.result, 1 / np.exp(of.array("x"))),),
        ),
    )


_PLUS_ONE = (
    Line(
        _N("words", "e⁻ˣ lies above 0, so 1 + e⁻ˣ lies above 1."),
        "1 + {e} = {one}",
        CELL,
    ),
    Line(
        _N("words", "1 divided by it then lies between 0 and 1, whatever x is."),
        "1 / {one} = {y}",
        CELL,
    ),
    Line(
        _N("words", "At x = 0 it is 1 / (1 + 1): the middle of the curve."),
        "1 / (1 + 1) = {half}",
        "x = 0",
    ),
    Line(
        _N("words", "The same for each of {size} numbers: none is below 1."),
        _N("words", "from {least} to {most}"),
        "1 + e⁻ˣ",
    ),
)


def _plus_one(of: Evidence) -> Reason:
    facts, x = _forward(of)
    facts |= {"half": 0.5, "least": of.result.min(), "most": of.result.max()}
    return Reason(
        ABOUT,
        facts,
        prove(
            _PLUS_ONE,
            (Equal("one", 1 + 1 / math.exp(x)),),
            (Equal("y", math.exp(x) / (math.exp(x) + 1)),),
            (Equal("half", float(sigmoid(np.array(0.0)))),),
            (Same(of.result, 1 + np.exp(-of.array("x"))),),
        ),
    )


_WHOLE_1 = (
    Line(
        _N(
            "words",
            "Any number becomes one between 0 and 1, and a larger x gives a larger y.",
        ),
        "1 / (1 + {e}) = {y}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "The odds, y / (1 − y), are eˣ: each 1 that x grows multiplies them by 2.72.",
        ),
        "{y} / {rest} = {odds}",
        CELL,
    ),
    Line(
        _N("words", "It treats both signs alike: −x gives 1 − y."),
        "1 − {y:4} = {mirror}",
        CELL,
    ),
)

_WHOLE_2 = (
    Line(
        _N("words", "The same for each of {size} numbers, each by itself."),
        _N("words", "x from {low} to {high}"),
    ),
)


def _whole(of: Evidence) -> Reason:
    facts, x = _forward(of)
    y = float(sigmoid(np.array(x)))
    more, lines = fold(of)
    facts |= {"odds": math.exp(x), "rest": 1 - y, "mirror": 1 / (1 + math.exp(x)), **more}
    return Reason(
        ABOUT,
        facts,
        (
            *prove(
                _WHOLE_1,
                (Equal("y", math.exp(x) / (1 + math.exp(x))),),
                (Equal("odds", y / (1 - y)),),
                (Equal("mirror", 1 - y),),
            ),
            *lines,
            *prove(
                _WHOLE_2,
                (Same(of.result, 0.5 * (1 + np.tanh(of.array("x") / 2))),),
            ),
        ),
    )


_FORWARD, _COMPUTED = "Sigmoid.forward", When.COMPUTED

SIGMOID: Rules = {
    Key(_FORWARD, _COMPUTED, "np.maximum(x, -80)"): Rule(_N("words", "Why −80?"), _clipped),
    Key(_FORWARD, _COMPUTED, "-x"): Rule(_N("words", "Why −x?"), _negative),
    Key(_FORWARD, _COMPUTED, "np.exp(-x)"): Rule(_N("words", "Why e⁻ˣ?"), _power),
    Key(_FORWARD, _COMPUTED, "1 + np.exp(-x)"): Rule(_N("words", "Why 1 + e⁻ˣ?"), _plus_one),
    Key(_FORWARD, _COMPUTED, "1 / (1 + np.exp(-x))"): Rule(_N("words", "Why this curve?"), _whole),
}
