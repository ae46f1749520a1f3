"""A ladder of smaller and smaller steps for one element, to find why two gradients differ.

A central difference at h has three errors: round-off, which grows as h falls; truncation, which
falls with h²; and a kink of the loss between w − h and w + h, such as a ReLU that switches. Halving
h repeatedly tells them apart by the one-sided differences left and right of w. If the loss is
smooth, they converge with h. With a kink in between, they converge suddenly when h has passed it.
If w itself is the kink, they never converge, since there is no derivative.
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
    """Why a numerical gradient agrees only as far as can be; the most specific reason first."""

    SCALE = "scale"
    LOSS_FLOOR = "loss floor"
    KINK = "kink"
    TRUNCATION = "truncation"
    ROUND_OFF = "round-off"


@dataclass(frozen=True, slots=True)
class Element:
    """The result of a ladder of steps for one element.

    Attributes:
        index: flat.
        analytic: by backpropagation.
        numeric: by the most exact step; NaN if w is a kink.
        tolerance: the largest error of `numeric`.
        reason: the cause of the difference at h.

    """

    index: int
    analytic: float
    numeric: float
    tolerance: float
    reason: AgreementLimit

    def error(self, floor: float) -> float:
        """The relative error, with a floor for its denominator."""
        size = max(abs(self.analytic), abs(self.numeric), floor)
        return abs(self.analytic - self.numeric) / size if size else 0.0

    @property
    def consistent(self) -> bool:
        """Whether backpropagation may be right; at a kink it always may."""
        return not abs(self.analytic - self.numeric) > self.tolerance


def climb_down(
    loss: Callable[[], Any],
    array: Array,
    index: int,
    analytic: float,
    h: float,
    unit: float,
) -> Element:
    """Differentiate by one element with 2h, h, h/2, ..., and compare; the element is restored.

    Args:
        loss: in float64, whatever the dtype of the gradient that disagrees.
        array: the parameter.
        index: flat.
        analytic: the derivative to check, in float64, too.
        h: the step with which it disagreed.
        unit: the largest round-off error of a central difference with step 1.

    """
    steps = [2 * h / 2**rung for rung in range(RUNGS)]
    centre, apart = _rungs(loss, array, index, steps)
    noises = unit / np.array(steps)
    error = np.full(RUNGS, np.inf)
    error[1:] = 3 * np.abs(np.diff(centre)) + noises[1:]
    corner = np.zeros(RUNGS, bool)  # whether a kink above the noise lies within this rung
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
    """The central difference at each step, and the distance between the one-sided differences."""
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
