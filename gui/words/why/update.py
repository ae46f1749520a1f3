"""Why SGD moves a parameter as it does: against its gradient, times the learning rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.measured import Unknown
from gui.words.why.derivation import Trial
from gui.words.why.evidence import Cell, Evidence, largest
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, counted, prove, sum_text

_N = to_translate
ABOUT = _N("words", "one number first, then all {size}")
CELL = _N("words", "`{cell}`")
WHOLE = _N("words", "all {size} numbers")


def parameter(of: Evidence, cell: Cell) -> dict[str, Any]:
    """The facts of a cell of the parameter that is updated: its name and the gradient there."""
    name, dW = of.value("name"), of.array("dW")
    if not isinstance(name, str):
        raise Unknown
    inside = ", ".join(map(str, cell))
    return {
        "p": name, "cell": f"{name}[{inside}]", "size": counted(dW.size), "g": dW[cell],
        "gcell": f"dW[{inside}]", "shape": dW.shape,
    }  # fmt: skip


def rise_line(g: float) -> Line:
    """What a gradient says."""
    if g >= 0:
        words = _N(
            "words",
            "`{gcell}` is above 0: if this number grows, the loss grows, {g} times as much.",
        )
    else:
        words = _N("words", "`{gcell}` is below 0: if this number grows, the loss falls.")
    return Line(words, _N("words", "gradient {g}"), CELL)


_RATE = (
    Line(
        _N(
            "words",
            "A gradient is true for a small change only. The learning rate {lr} keeps "
            "the step short.",
        ),
        "{lr} × {g:()} = {step}",
        CELL,
    ),
    Line(
        _N("words", "That step, taken off, should lower the loss by step × gradient."),
        "{step} × {g:()} = {gain}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "Each number of `{p}` adds its own {lr} × dW², which is never below 0.",
        ),
        "{sum}",
        WHOLE,
    ),
    Line(
        _N(
            "words",
            "So the loss should fall by {lr} × Σ dW². The longer the step, the less exact this is.",
        ),
        "{lr} × {square} = {fall}",
        WHOLE,
    ),
)


def _rate(of: Evidence) -> Reason:
    lr, dW = of.number("self.lr"), of.array("dW")
    cell = of.cell()
    g, step = float(dW[cell]), float(of.result[cell])
    products = (lr * dW * dW).ravel()
    order = np.argsort(-products)
    facts = parameter(of, cell) | {
        "lr": lr, "step": step, "gain": step * g, "square": float((dW * dW).sum()),
        "fall": float(products.sum()), "sum": sum_text(products, float(products.sum()), order[:2]),
    }  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        (
            rise_line(g),
            *prove(
                _RATE,
                (Equal("step", lr * g),),
                (Equal("gain", lr * g * g),),
                (Equal("fall", float((of.result * dW).sum())),),
                (
                    Equal("fall", lr * float(np.linalg.norm(dW)) ** 2),
                    Same(of.result, np.multiply(dW, lr)),
                ),
            ),
        ),
        _trial(of, cell, -step, -step * g),
    )


def _trial(of: Evidence, cell: Cell, step: float, predicted: float) -> Trial | None:
    """The step of one number alone; the gradient is of the network before its update."""
    return Trial(of.value("name"), cell, step, predicted) if step else None


_MINUS = (
    Line(
        _N(
            "words",
            "The loss is to fall, so the number moves the other way: minus {lr} times it.",
        ),
        "{old} − {step:()} = {new}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "A move of {move} changes the loss by about that times the gradient: it falls.",
        ),
        "{move} × {g:()} = {gain}",
        CELL,
    ),
    Line(
        _N("words", "With plus instead, the loss would rise by as much, at every number."),
        "{step} × {g:()} = {worse}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "All {size} numbers of `{p}` together change the loss by about −{lr} × Σ dW².",
        ),
        "−{lr} × {square} = {fall}",
        WHOLE,
    ),
)


def _minus(of: Evidence) -> Reason:
    old, step, new = of.operand(0), of.operand(1), of.result
    dW, lr = of.array("dW"), of.number("self.lr")
    cell = of.cell(default=largest(new - old))
    g = float(dW[cell])
    move = float(new[cell] - old[cell])
    facts = parameter(of, cell) | {
        "old": old[cell], "new": new[cell], "step": step[cell], "lr": lr,
        "move": -float(step[cell]),
        "gain": -float(step[cell]) * g, "worse": float(step[cell]) * g,
        "square": float((dW * dW).sum()), "fall": -lr * float((dW * dW).sum()),
    }  # fmt: skip
    return Reason(
        ABOUT,
        facts,
        (
            rise_line(g),
            *prove(
                _MINUS,
                (Equal("new", old[cell] - lr * g, abs(old[cell])),),
                (Equal("gain", -lr * g * g), Equal("move", move, abs(old[cell]))),
                (Equal("worse", lr * g * g),),
                (Equal("fall", -float((step * dW).sum())), Same(new, old - lr * dW)),
            ),
        ),
        _trial(of, cell, -float(step[cell]), -float(step[cell]) * g),
    )


WHY_RATE = Rule(_N("words", "Why times the learning rate?"), _rate)

UPDATE: Rules = {
    Key("SGD.update", When.COMPUTED, "self.lr * dW"): WHY_RATE,
    Key("SGD.update", When.RAN, "W -= self.lr * dW"): Rule(_N("words", "Why minus?"), _minus),
}
