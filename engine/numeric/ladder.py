"""One element of a gradient, looked at with ever smaller steps, to see what spoils it.

A central difference at h is off from the derivative by round-off, which grows as h falls, by
truncation, which falls with h², or because the loss turns a corner between w − h and w + h, as with
a ReLU that switches on the way. Halving h again and again tells them apart: the differences to the
left and to the right of w come together with h where the loss is smooth; with a corner between them
they come together all at once when h has passed it; and if w itself is the corner they never do,
and then no difference can say what the derivative is, since there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
RUNGS = 14


class AgreementLimit(StrEnum):
    """Why a numerical gradient agrees only as far as it can; what says the most comes first."""

    LOSS_FLOOR = "loss floor"
    KINK = "kink"
    TRUNCATION = "truncation"
    ROUND_OFF = "round-off"


@dataclass(frozen=True, slots=True)
class Element:
    """What a ladder of steps says of one element.

    Attributes:
        index: flat.
        analytic: by backpropagation.
        numeric: by the most trustworthy step; NaN where w is a corner.
        tolerance: how far that may be off.
        reason: what is to blame for the difference at h.

    """

    index: int
    analytic: float
    numeric: float
    tolerance: float
    reason: AgreementLimit

    def error(self, floor: float) -> float:
        """The relative error, with the floor of the parameter's."""
        size = max(abs(self.analytic), abs(self.numeric), floor)
        return abs(self.analytic - self.numeric) / size if size else 0.0

    @property
    def consistent(self) -> bool:
        """Whether backpropagation may be right; at a corner nothing speaks against it."""
        return not abs(self.analytic - self.numeric) > self.tolerance


def climb_down(
    loss: Callable[[], Any],
    array: Array,
    index: int,
    analytic: float,
    h: float,
    unit: float,
) -> Element:
    """Differentiate by one element with 2h, h, h/2, ..., and judge; the element is put back.

    Args:
        loss: in float64, whatever the dtype of the gradient that does not agree.
        array: of the parameter.
        index: flat.
        analytic: the derivative that is judged, in float64 too.
        h: the step with which it did not agree.
        unit: how far round-off may bring a central difference with step 1.

    """
    steps = [2 * h / 2**rung for rung in range(RUNGS)]
    centre, apart = _rungs(loss, array, index, steps)
    noises = unit / np.array(steps)
    error = np.full(RUNGS, np.inf)
    error[1:] = 3 * np.abs(np.diff(centre)) + noises[1:]
    corner = np.zeros(RUNGS, bool)  # within this rung, as far as can be seen above the noise
    seen = apart[1:] > 4 * noises[1:]
    corner[1:] = seen & (apart[:-1] < 1.5 * apart[1:])
    passed = (apart[:-1] > 8 * noises[1:]) & (apart[:-1] > 3 * apart[1:] + 4 * noises[1:])
    error[corner] = np.inf
    best = int(np.argmin(error))
    reason = AgreementLimit.KINK if corner.any() or passed.any() else AgreementLimit.TRUNCATION
    lowest = int(np.flatnonzero(seen)[-1]) + 1 if seen.any() else 0
    if corner[lowest] or not np.isfinite(error[best]):
        return Element(index, analytic, float("nan"), float("inf"), AgreementLimit.KINK)
    tolerance = float(error[best]) + 1e-9 * abs(analytic)
    return Element(index, analytic, float(centre[best]), tolerance, reason)


def _rungs(
    loss: Callable[[], Any], array: Array, index: int, steps: list[float]
) -> tuple[Array, Array]:
    """The central difference at each step, and how far apart the one-sided ones are."""
    w = array.flat[index]
    here = float(loss())
    centre, apart = [], []
    try:
        for step in steps:
            array.flat[index] = w + step
            above = float(loss())
            array.flat[index] = w - step
            below = float(loss())
            centre.append((above - below) / (2 * step))
            apart.append(abs(above - 2 * here + below) / step)
    finally:
        array.flat[index] = w
    return np.array(centre), np.array(apart)
