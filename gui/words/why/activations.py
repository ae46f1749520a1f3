"""Why ReLU and tanh compute what they compute."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.why.curves import ABOUT, CELL, CURVED, NUDGE, chain_line, fold, place, trial
from gui.words.why.evidence import Array, Cell, Evidence, exact, largest
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, counted, prove

_N = to_translate
_OTHER = _N("words", "`{other}`")


# ReLU --------------------------------------------------------------------------------------------


def _signs(x: Array, cell: Cell) -> dict[str, Any]:
    """Facts of the largest or chosen number, and of the lowest."""
    low = np.unravel_index(int(x.argmin()), x.shape)
    inside = ", ".join(str(int(i)) for i in low)
    passing = int((x > 0).sum())
    return {
        **place("x", cell), "x": x[cell], "y": max(float(x[cell]), 0.0), "other": f"x[{inside}]",
        "low": x.min(), "zero": max(float(x.min()), 0.0), "pass": counted(passing),
        "n": passing, "size": counted(x.size), "slope": int(x[cell] > 0),
    }  # fmt: skip


_MASK = (
    Line(
        _N("words", "A number above 0 will pass as it is; any other becomes 0."),
        "{x} > 0: {is}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "Where it passes, the slope of y is 1, elsewhere 0. The backward pass will need to "
            "know which.",
        ),
        _N("words", "slope {slope}"),
        CELL,
    ),
    Line(
        _N("words", "True or False for each number is enough: `x` itself need not be kept."),
        _N("words", "{pass} of {size} are True"),
    ),
)


def _mask(of: Evidence) -> Reason:
    x = of.operand(0)
    cell = of.cell(default=largest(np.maximum(x, 0)))
    f = _signs(x, cell) | {"is": str(bool(of.result[cell]))}
    return Reason(
        ABOUT,
        f,
        prove(
            _MASK,
            (Equal("slope", float(of.result[cell])),),
            (Equal("slope", (max(x[cell] + 1e-6, 0) - max(x[cell], 0)) / 1e-6, 1e-3),),
            (Equal("n", float(np.sign(x).clip(0).sum())), Same(of.result, np.sign(x).clip(0))),
        ),
    )


_POSITIVE_1 = (
    Line(
        _N("words", "A number above 0 passes as it is."),
        "max({x}, 0) = {y}",
        CELL,
    ),
    Line(
        _N("words", "Any other becomes 0: the unit is off for this image."),
        "max({low}, 0) = {zero}",
        _OTHER,
    ),
)

_POSITIVE_2 = (
    Line(
        _N("words", "The same for each of {size} numbers, each by itself."),
        _N("words", "{pass} of {size} pass"),
    ),
)


def _positive(of: Evidence) -> Reason:
    x = of.operand(0)
    cell = of.cell()
    more, lines = fold(of)
    return Reason(
        ABOUT,
        _signs(x, cell) | dict(more),
        (
            *prove(
                _POSITIVE_1,
                (Equal("y", float(of.result[cell])),),
                (Equal("zero", float(of.result.min())),),
            ),
            *lines,
            *prove(
                _POSITIVE_2,
                (
                    Equal("n", float(np.count_nonzero(of.result))),
                    Same(of.result, (x + np.abs(x)) / 2),
                ),
            ),
        ),
    )


_MASKED = (
    Line(
        _N(
            "words",
            "Where x was above 0, y is x: a change of x is the same change of y. The slope is 1.",
        ),
        _N("words", "slope {slope}"),
        CELL,
    ),
    Line(
        _N(
            "words",
            "`dout` says how fast the loss grows with y. Times the slope: how fast with x.",
        ),
        "{d} × {slope} = {dx}",
        CELL,
    ),
    Line(
        _N(
            "words",
            "Where x was below 0, y is 0 and stays 0: the slope is 0, and nothing goes back.",
        ),
        "{off} × {slope0} = {zero}",
        _OTHER,
    ),
    Line(
        _N(
            "words",
            "The mask is 1 or 0 in the same places. At x = 0 itself there is no one "
            "slope; 0 is taken.",
        ),
        _N("words", "{pass} of {size} pass"),
    ),
)


def _masked(of: Evidence) -> Reason:
    d, mask = of.operand(0), of.operand(1)
    cell = of.cell()
    off = largest(np.abs(d) * (1 - mask))
    x = exact(of.before.output) if of.layer_number else None
    inside = ", ".join(map(str, off))
    passing = int(mask.sum())
    f = {
        **place("x", cell), "d": d[cell], "slope": int(mask[cell]), "dx": of.result[cell],
        "other": f"x[{inside}]", "off": d[off], "slope0": int(mask[off]), "zero": of.result[off],
        "pass": counted(passing), "n": passing, "size": counted(mask.size),
    }  # fmt: skip
    on_claim = Equal("slope", _step(x, cell)) if x is not None else Equal("slope", mask[cell])
    off_claim = Equal("slope0", _step(x, off)) if x is not None else Equal("slope0", mask[off])
    return Reason(
        ABOUT,
        f,
        prove(
            _MASKED,
            (on_claim,),
            (Equal("dx", float(d[cell] * mask[cell])),),
            (off_claim, Equal("zero", float(d[off] * mask[off]))),
            (
                Equal("n", float((mask > 0).sum())),
                Same(of.result, np.where(mask > 0, d, 0.0)),
            ),
        ),
        trial(of, cell, float(of.result[cell])),
    )


def _step(x: Array, cell: Cell) -> float:
    return float(x[cell] > 0)


# tanh --------------------------------------------------------------------------------------------


_TANH_1 = (
    Line(
        _N(
            "words",
            "tanh x is (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ): the difference of two numbers above 0, over "
            "their sum.",
        ),
        "({up} − {down}) / ({up} + {down}) = {y}",
        CELL,
    ),
    Line(
        _N("words", "So y lies between −1 and 1, and −x gives −y: numbers spread around 0."),
        _N("words", "−x gives {minus}"),
        CELL,
    ),
)

_TANH_2 = (
    Line(
        _N("words", "The same for each of {size} numbers, each by itself."),
        _N("words", "y from {low} to {high}"),
    ),
)


def _tanh(of: Evidence) -> Reason:
    x = of.operand(0)
    found = np.unravel_index(int(np.abs(x - 0.8).argmin()), x.shape)
    cell = of.cell(default=tuple(int(i) for i in found))
    at = float(x[cell])
    more, lines = fold(of)
    f = {
        **place("x", cell), "x": at, "y": of.result[cell], "minus": -math.tanh(at),
        "up": math.exp(at), "down": math.exp(-at), "size": counted(x.size),
        "low": of.result.min(), "high": of.result.max(), **more,
    }  # fmt: skip
    return Reason(
        ABOUT,
        f,
        (
            *prove(
                _TANH_1,
                (Equal("y", (f["up"] - f["down"]) / (f["up"] + f["down"]), 1e-2),),
                (Equal("minus", math.tanh(-at)),),
            ),
            *lines,
            *prove(
                _TANH_2,
                (Same(of.result, 2 / (1 + np.exp(-2 * x)) - 1),),
            ),
        ),
    )


def _tanh_back(of: Evidence) -> Reason:
    y = of.array("self.y")
    cell = of.cell()
    f = _tanh_facts(of, y, cell)
    lines = [*_tanh_slope(f)]
    if of.operation.source.startswith("dout"):
        lines.append(chain_line(f["dx"], f["d"], f["slope"]))
    lines.append(
        Line(
            _N(
                "words",
                "The slope is at most 1, at y = 0. Near −1 and 1 it is near 0, and little goes "
                "back.",
            ),
            _N("words", "slope {low} to {high}"),
            _N("words", "all {size} numbers"),
            (Same(of.result, _tanh_result(of, y)),),
        )
    )
    shift = trial(of, cell, f["dx"]) if of.operation.source.startswith("dout") else None
    return Reason(ABOUT, f, lines, shift)


def _tanh_result(of: Evidence, y: Array) -> Array:
    """What the expression must be."""
    if of.operation.source.startswith("dout"):
        found: Array = of.array("dout") * (1 - y) * (1 + y)
    else:
        found = y**2 if of.operation.source.startswith("self.y") else (1 - y) * (1 + y)
    return found


def _tanh_facts(of: Evidence, y: Array, cell: Cell) -> dict[str, Any]:
    at, d = float(y[cell]), float(of.array("dout")[cell])
    slope = 1 - at * at
    x = math.atanh(at) if abs(at) < 1 else math.copysign(20, at)
    rise = math.tanh(x + NUDGE) - math.tanh(x - NUDGE)
    slopes = 1 - y * y
    return {
        **place("x", cell), "y": at, "square": at * at, "slope": slope, "rise": rise,
        "measured": rise / (2 * NUDGE), "d": d, "dx": d * slope, "low": slopes.min(),
        "high": slopes.max(), "size": counted(y.size),
    }  # fmt: skip


def _tanh_slope(f: dict[str, Any]) -> tuple[Line, ...]:
    return (
        Line(
            _N(
                "words",
                "tanh x is a quotient of a = eˣ − e⁻ˣ and b = eˣ + e⁻ˣ; the slope of each is the "
                "other.",
            ),
            "y = a / b = {y}",
            CELL,
            (Equal("y", math.copysign(math.sqrt(f["square"]), f["y"])),),
        ),
        Line(
            _N(
                "words",
                "By the rule for quotients its slope is (b² − a²) / b², and that is 1 − y².",
            ),
            "1 − {square} = {slope}",
            CELL,
            (Equal("slope", (1 - f["y"]) * (1 + f["y"])),),
        ),
        Line(
            _N("words", "Checked: x moved by 0.001 both ways changes y by this, over 0.002."),
            "{rise} / 0.002 = {measured}",
            CELL,
            (Equal("measured", f["slope"], tolerance=CURVED * 2),),
        ),
    )


_COMPUTED = When.COMPUTED
_WHY_SLOPE = _N("words", "Why 1 − y²?")

ACTIVATIONS: Rules = {
    Key("ReLU.forward", _COMPUTED, "x > 0"): Rule(_N("words", "Why a mask?"), _mask),
    Key("ReLU.forward", _COMPUTED, "np.maximum(x, 0)"): Rule(
        _N("words", "Why 0 for x < 0?"), _positive
    ),
    Key("ReLU.backward", _COMPUTED, "dout * self.mask"): Rule(
        _N("words", "Why times the mask?"), _masked
    ),
    Key("Tanh.forward", _COMPUTED, "np.tanh(x)"): Rule(_N("words", "Why tanh?"), _tanh),
    Key("Tanh.backward", _COMPUTED, "self.y * self.y"): Rule(_N("words", "Why y²?"), _tanh_back),
    Key("Tanh.backward", _COMPUTED, "1 - self.y * self.y"): Rule(_WHY_SLOPE, _tanh_back),
    Key("Tanh.backward", _COMPUTED, "dout * (1 - self.y * self.y)"): Rule(_WHY_SLOPE, _tanh_back),
}
