"""Why the slope of the sigmoid is y (1 − y)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gui.dialogs.wording import to_translate
from gui.words.entry import Key, When
from gui.words.why.curves import (
    ABOUT,
    CELL,
    CURVED,
    NUDGE,
    chain_line,
    nearest,
    place,
    sigmoid,
    trial,
)
from gui.words.why.evidence import Cell, Evidence, exact
from gui.words.why.table import Equal, Line, Reason, Rule, Rules, Same, counted, prove

_N = to_translate


def _slope(of: Evidence, cell: Cell) -> dict[str, Any]:
    """The facts of the slope at a cell, from the y that was kept."""
    y_all, d = of.array("self.y"), of.array("dout")
    y = float(y_all[cell])
    if not 0 < y < 1:
        # In float32, 1 / (1 + e⁻ˣ) is 1 from x = 17 on.
        e = 0.0
        up = down = y
    else:
        e = (1 - y) / y
        x = -math.log(e)
        up, down = (float(sigmoid(np.array(x + by))) for by in (NUDGE, -NUDGE))
    slopes = y_all * (1 - y_all)
    return {
        **place("x", cell), "y": y, "e": e, "rest": 1 - y, "slope": y * (1 - y), "rise": up - down,
        "measured": (up - down) / (2 * NUDGE), "d": d[cell], "dy": d[cell] * y,
        "dx": d[cell] * y * (1 - y), "low": slopes.min(), "high": slopes.max(),
        "size": counted(y_all.size),
    }  # fmt: skip


def _rule_line(f: dict[str, Any]) -> Line:
    return Line(
        _N("words", "y is 1 / (1 + e⁻ˣ). By the rule for quotients its slope is e⁻ˣ / (1 + e⁻ˣ)²."),
        "{e} / (1 + {e})² = {slope}",
        CELL,
        (Equal("slope", f["e"] / (1 + f["e"]) ** 2, 1e-2),),
    )


def _factors_line(f: dict[str, Any]) -> Line:
    return Line(
        _N(
            "words",
            "That is a product: 1 / (1 + e⁻ˣ), which is y, and e⁻ˣ / (1 + e⁻ˣ), which is 1 − y.",
        ),
        "{y} × {rest} = {slope}",
        CELL,
        (Equal("slope", f["e"] / (1 + f["e"]) * f["y"], 1e-2),),
    )


_BACK_1 = (
    Line(
        _N("words", "Checked: x moved by 0.001 both ways changes y by this, over 0.002."),
        "{rise} / 0.002 = {measured}",
        CELL,
    ),
)

_BACK_2 = (
    Line(
        _N(
            "words",
            "The slope is at most 0.25, at y = 0.5. Near both ends it is near 0, and "
            "little goes back.",
        ),
        _N("words", "slope {low} to {high}"),
        _N("words", "all {size} numbers"),
    ),
)


def _back(of: Evidence) -> Reason:
    cell = of.cell()
    f = _slope(of, cell)
    y = of.array("self.y")
    return Reason(
        ABOUT,
        f,
        (
            _rule_line(f),
            _factors_line(f),
            *prove(
                _BACK_1,
                (Equal("measured", f["slope"], tolerance=CURVED),),
            ),
            chain_line(f["dx"], f["d"], f["slope"]),
            *prove(
                _BACK_2,
                (Same(of.result, of.array("dout") * (y - y * y)),),
            ),
        ),
        trial(of, cell, float(of.result[cell])),
    )


_TIMES_Y = (
    Line(
        _N(
            "words",
            "Here `dout` has been multiplied by the first factor, y; 1 − y is still to come.",
        ),
        "{d} × {y} = {dy}",
        CELL,
    ),
)


def _times_y(of: Evidence) -> Reason:
    cell = of.cell()
    f = _slope(of, cell)
    return Reason(
        ABOUT,
        f,
        (
            chain_line(f["dx"], f["d"], f["slope"]),
            _rule_line(f),
            _factors_line(f),
            *prove(
                _TIMES_Y,
                (
                    Equal("dy", float(of.result[cell])),
                    Same(of.result, of.array("dout") * of.array("self.y")),
                ),
            ),
        ),
    )


_ONE_LESS = (
    Line(
        _N("words", "1 − y is the second factor: what y lacks to the upper end."),
        "1 − {y:4} = {rest}",
        CELL,
    ),
    Line(
        _N("words", "So the slope needs no new e⁻ˣ: the `y` that forward kept is enough."),
        _N("words", "slope {low} to {high}"),
        _N("words", "all {size} numbers"),
    ),
)


def _one_less(of: Evidence) -> Reason:
    y = exact(of.operation.operands[-1].value)
    cell = of.cell(default=nearest(y, 0.8))
    f = _slope(of, cell)
    return Reason(
        ABOUT,
        f,
        (
            _rule_line(f),
            _factors_line(f),
            *prove(
                _ONE_LESS,
                (Equal("rest", float(of.result[cell])), Equal("rest", f["e"] / (1 + f["e"]), 1e-2)),
                (Same(of.result, 1 - y),),
            ),
        ),
    )


_BACKWARD, _COMPUTED = "Sigmoid.backward", When.COMPUTED

SLOPE: Rules = {
    Key(_BACKWARD, _COMPUTED, "dout * self.y"): Rule(_N("words", "Why times y?"), _times_y),
    Key(_BACKWARD, _COMPUTED, "1 - self.y"): Rule(_N("words", "Why 1 − y?"), _one_less),
    Key(_BACKWARD, _COMPUTED, "dout * self.y * (1 - self.y)"): Rule(
        _N("words", "Why y (1 − y)?"), _back
    ),
}
