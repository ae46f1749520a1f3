"""The Taylor test: a check of the gradient along random directions that needs no step h.

Along a direction v the loss is L(p + εv) = L(p) + ε g·v + O(ε²). If the gradient g is right, the
remainder after subtracting the linear term falls with ε², a slope of 2 on logarithmic axes. If g is
wrong, the remainder falls with ε, like the difference itself, a slope of 1. The slope decides, so
that no step has to be chosen (Farrell and others, 2013).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import GradientsDoNotFit
from engine.nn.network import Network
from engine.numeric.checks.fits import backpropagated, unfit
from engine.numeric.checks.floor import without_floor
from engine.numeric.checks.layer_check import check_layers
from engine.numeric.studies.contest import nothing_to_move
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
EPSILONS = tuple(float(e) for e in np.logspace(0, -7, 15))
DIRECTIONS = 4
STEP = 1e-4  # of the central difference along a direction
RIGHT, WRONG = 1.7, 1.3  # slopes above and below which the gradient is right, and wrong
FITTED = 5  # points from which the slope is taken: the smallest ε that are above round-off


@dataclass(frozen=True, slots=True, eq=False)
class ProbeDirection:
    """The result along one direction.

    Attributes:
        number, total: the direction's number, and the number of directions.
        epsilons: (n,) the distances by which the parameters moved, in units of their own size.
        differences: (n,) |L(p + εv) − L(p)|.
        remainders: (n,) |L(p + εv) − L(p) − ε g·v|.
        fitted: (n,) bool, the points from which the slope was taken.
        slope: of the remainders; NaN if too few points are above round-off.
        difference_slope: of the differences at the same points, for comparison.
        analytic: g·v by backpropagation.
        numeric: (L(p + hv) − L(p − hv)) / 2h.
    """

    number: int
    total: int
    epsilons: Array
    differences: Array
    remainders: Array
    fitted: Array
    slope: float
    difference_slope: float
    analytic: float
    numeric: float

    @property
    def is_right(self) -> bool | None:
        """Whether the slope shows that the gradient is right; None: it shows neither."""
        if self.slope > RIGHT:
            return True
        return False if self.slope < WRONG else None

    @property
    def error(self) -> float:
        """|analytic − numeric| / max(|analytic|, |numeric|)."""
        size = max(abs(self.analytic), abs(self.numeric))
        return abs(self.analytic - self.numeric) / size if size else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Directions:
    """A Taylor test as a task; calling it yields `ProbeDirection`s.

    Attributes:
        network, x, t: the network, and the images and labels of a minibatch; unchanged.
        directions: the number of random directions.
        seed: of the directions.
    """

    network: Network
    x: Array
    t: Array
    directions: int = DIRECTIONS
    seed: int = 0

    def __call__(self) -> Iterator[ProbeDirection]:
        """Test one direction after another, in float64.

        A floor of the loss that its backward ignores is ignored here, too.

        Raises:
            GradientsDoNotFit: a gradient does not fit its parameter's shape.
            NothingToMove: there is no gradient.
        """
        copy = WorkingCopy(self.network, self.x, self.t, "float64")
        copy.loss()
        copy.backward()
        gradients, odd = backpropagated(copy), unfit(copy)
        if odd:
            raise GradientsDoNotFit(" ".join(map(str, odd)))
        if not gradients:
            raise nothing_to_move(copy.network)
        _take_floor_away(copy)
        here = float(copy.loss())
        rng = np.random.default_rng(self.seed)
        for number in range(self.directions):
            v = {name: _draw(copy.parameters[name], rng) for name in gradients}
            slope = sum(float((gradients[name] * v[name]).sum()) for name in v)
            yield self._look(copy, here, v, slope, number)

    def _look(
        self, copy: WorkingCopy, here: float, v: dict[str, Array], analytic: float, number: int
    ) -> ProbeDirection:
        epsilons = np.array(EPSILONS)
        moved = np.array([_loss_along(copy, v, e) for e in EPSILONS]) - here
        remainders = np.abs(moved - epsilons * analytic)
        numeric = (_loss_along(copy, v, STEP) - _loss_along(copy, v, -STEP)) / (2 * STEP)
        clear = remainders > 1e3 * copy.eps * max(abs(here), 1.0)
        fitted = np.zeros(len(epsilons), bool)
        fitted[np.flatnonzero(clear)[-FITTED:]] = True
        return ProbeDirection(
            number, self.directions, epsilons, np.abs(moved), remainders, fitted,
            fitted_slope(epsilons[fitted], remainders[fitted]),
            fitted_slope(epsilons[fitted], np.abs(moved)[fitted]), analytic, float(numeric),
        )  # fmt: skip


def _take_floor_away(copy: WorkingCopy) -> None:
    """Replace a loss whose backward ignores its floor by the loss without the floor."""
    if not copy.layers:
        return
    check = next(check_layers(copy))
    bare = without_floor(copy.network.loss, copy.inputs()[-1], copy.t) if check.floor else None
    if bare is not None:
        copy.network.loss = bare


def _draw(array: Array, rng: np.random.Generator) -> Array:
    """A random direction with the parameter's RMS; with RMS 0.1 for a parameter of zeros."""
    size = float(np.sqrt(np.mean(array * array))) or 0.1
    drawn: Array = np.asarray(rng.normal(0, size, array.shape))
    return drawn


def _loss_along(copy: WorkingCopy, v: dict[str, Array], epsilon: float) -> float:
    """L(p + εv); the parameters are restored bit for bit."""
    before = {name: copy.parameters[name].copy() for name in v}
    try:
        for name, direction in v.items():
            copy.parameters[name] += epsilon * direction
        return float(copy.loss())
    finally:
        for name, array in before.items():
            copy.parameters[name][...] = array


def fitted_slope(x: Array, y: Array) -> float:
    """The slope of a straight line through log y against log x; NaN for fewer than 2 points."""
    good = (x > 0) & (y > 0) & np.isfinite(x) & np.isfinite(y)
    if np.count_nonzero(good) < 2:
        return float("nan")
    return float(np.polyfit(np.log(x[good]), np.log(y[good]), 1)[0])
