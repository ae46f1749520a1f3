"""Why Momentum moves a parameter as it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.why.evidence import Cell, Evidence, largest
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, prove
from gui.words.why.update import ABOUT, CELL, WHOLE, parameter, rise_line

_N = to_translate
Facts = dict[str, Any]


def example(of: Evidence) -> tuple[Cell, Facts]:
    """The cell with the largest gradient, or the one that was asked for, and its facts."""
    cell = of.cell(default=largest(of.array("dW")))
    return cell, parameter(of, cell)


_ZEROS = (
    Line(
        _N(
            "words",
            "The optimizer remembers a number for each number of `{p}`: here they are made.",
        ),
        "{shape}",
        "`{p}`",
    ),
    Line(
        _N("words", "Nothing has gone before this update, so all of them begin at 0."),
        "{zero}",
        CELL,
    ),
)


def zeros(of: Evidence) -> Reason:
    """The memory of an optimizer, when it is made."""
    W = of.operand(0)
    cell = of.cell(default=(0,) * W.ndim)
    facts = parameter(of, cell) | {"zero": of.result[cell], "count": W.size}
    return Reason(
        ABOUT,
        facts,
        prove(
            _ZEROS,
            (Equal("count", float(of.result.size)),),
            (Same(of.result, W * 0),),
        ),
    )


# M ----------------------------------------------------------------------------------------


_FRICTION = (
    Line(
        _N(
            "words",
            "The velocity v is the sum of past steps. Of it, the share {m} is kept.",
        ),
        "{m} × {old} = {new}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "A step counts less with each update: after ten, this part of it is left.",
        ),
        "{m}^10 = {tenth}",
    ),
    Line(
        _N(
            "words",
            "Equal steps, all one way, add up to at most so many of them: the velocity has a "
            "limit.",
        ),
        "1 / (1 − {m}) = {limit}",
        WHOLE,
    ),
)


def _friction(of: Evidence) -> Reason:
    cell, facts = example(of)
    old, share = of.operand(0), of.number("self.momentum")
    limit = round(1 / (1 - share), 9)
    facts |= {"old": old[cell], "m": share, "new": of.result[cell], "limit": limit,
              "tenth": share**10}  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        prove(
            _FRICTION,
            (Equal("new", share * float(old[cell])),),
            (Equal("tenth", math.exp(10 * math.log(share)) if share else 0.0),),
            (Equal("limit", series(share)), Same(of.result, old * share)),
        ),
    )


def series(share: float) -> float:
    """The sum of all powers of a share, from 1 on."""
    return float((share ** np.arange(0, 20_000)).sum())


_PUSH = (
    Line(
        _N(
            "words",
            "The loss is to fall, so the velocity is pushed the other way: minus {lr} times it.",
        ),
        "{old} − {step:()} = {new}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "Pushes that agree add up; those that turn about from batch to batch cancel.",
        ),
    ),
)


def _push(of: Evidence) -> Reason:
    cell, facts = example(of)
    old, step, lr = of.operand(0), of.operand(1), of.number("self.lr")
    g = float(facts["g"])
    facts |= {"lr": lr, "old": old[cell], "step": step[cell], "new": of.result[cell]}
    return Reason(
        ABOUT,
        facts,
        (
            rise_line(g),
            *prove(
                _PUSH,
                (Equal("new", old[cell] - lr * g, abs(old[cell])),),
                (Same(of.result, old - lr * of.array("dW")),),
            ),
        ),
    )


_ROLL = (
    Line(
        _N(
            "words",
            "The minus is in the velocity already: it was pushed against the gradients.",
        ),
        "{old} + {v:()} = {new}",
        CELL,
    ),
    Line(
        _N("words", "By this batch's gradients, the loss should change by Σ v × dW."),
        "Σ v × dW = {gain}",
        WHOLE,
    ),
)


def _roll(of: Evidence) -> Reason:
    cell, facts = example(of)
    old, v = of.operand(0), of.operand(1)
    dW = of.array("dW")
    facts |= {"old": old[cell], "v": v[cell], "new": of.result[cell],
              "gain": float((v * dW).sum())}  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        prove(
            _ROLL,
            (Equal("new", old[cell] + v[cell], abs(old[cell])),),
            (
                Equal("gain", float(np.vdot(v, dW)), float(np.abs(v * dW).sum())),
                Same(of.result, old + v),
            ),
        ),
    )


_RATE = (
    Line(
        _N(
            "words",
            "A gradient is true for a small change only. The learning rate {lr} keeps "
            "the step short.",
        ),
        "{lr} × {by:()} = {step}",
        CELL,
    ),
)


def rate(of: Evidence) -> Reason:
    """The learning rate, times what stands for the gradient."""
    cell, facts = example(of)
    lr, by = of.number("self.lr"), of.operand(1)
    facts |= {"lr": lr, "by": by[cell], "step": of.result[cell]}
    return Reason(
        ABOUT,
        facts,
        (
            rise_line(float(facts["g"])),
            *prove(
                _RATE,
                (Equal("step", lr * float(by[cell])), Same(of.result, by * lr)),
            ),
        ),
    )


Make = Callable[[Evidence], Reason]
_COMPUTED, _RAN = When.COMPUTED, When.RAN


def rules(
    optimizer: str, places: Mapping[tuple[When, str], tuple[str, Make]]
) -> Mapping[Key, Rule]:
    """The rules of an optimizer, by event and source."""
    return {
        Key(f"{optimizer}.update", when, source): Rule(title, make)
        for (when, source), (title, make) in places.items()
    }


WHY_ZEROS = _N("words", "Why begin at 0?")
WHY_RATE = _N("words", "Why times the learning rate?")
WHY_MINUS = _N("words", "Why minus?")

MOMENTUM: Rules = rules(
    "Momentum",
    {
        (_COMPUTED, "np.zeros_like(W)"): (WHY_ZEROS, zeros),
        (_RAN, "v *= self.momentum"): (_N("words", "Why keep a part of v?"), _friction),
        (_COMPUTED, "self.lr * dW"): (WHY_RATE, rate),
        (_RAN, "v -= self.lr * dW"): (WHY_MINUS, _push),
        (_RAN, "W += v"): (_N("words", "Why plus v?"), _roll),
    },
)
