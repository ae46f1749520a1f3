"""The step sweep: the error of a numerical gradient as a function of the step h.

The curve has two branches. For a large h the Taylor series is truncated: the error of a central
difference falls with h², that of a forward difference with h. For a small h two nearly equal losses
are subtracted, and only their last, rounded digits remain: the round-off error grows with 1/h. The
best h lies in between, about eps^(1/3) for central and eps^(1/2) for forward differences (Press and
others, Numerical Recipes, 5.7). The complex step subtracts nothing, and has no left branch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from engine.errors import ComplexRefused
from engine.nn.network import Network
from engine.numeric.checks.fits import backpropagated
from engine.numeric.checks.judge import FLOOR
from engine.numeric.gradient import gradient_pieces
from engine.numeric.pieces import Method
from engine.numeric.working_copy import WorkingCopy, sample_elements

Array = np.ndarray[Any, Any]
STEPS = tuple(float(h) for h in np.logspace(-1, -12, 23))
SERIES = (
    (Method.CENTRAL, "float64"),
    (Method.FORWARD, "float64"),
    (Method.COMPLEX, "float64"),
    (Method.CENTRAL, "float32"),
    (Method.FORWARD, "float32"),
    (Method.COMPLEX, "float32"),
)
WEIGHTS = 40
LEAST = 3  # weights of each parameter, if there is time
COARSE = (4, 2, 1)  # with a time limit, every fourth step first, then the steps between
FOR_COARSE = 0.4  # share of the time for every fourth step, about
TRIED = 0.1  # seconds for measuring a forward pass
RUNS = 12  # forward passes per step and weight, in all series together
LEAST_ERROR = 1e-17  # shown for no difference, which has no logarithm


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """The error at one step.

    Attributes:
        method, dtype: of its series.
        h: the step.
        median, largest: of the relative errors of the sampled weights, against backpropagation in
            float64; NaN if a loss is not finite.
        weights: the number of sampled weights.
        done, total: points of the sweep.
        refused: why the method cannot be used, else "".
    """

    method: Method
    dtype: str
    h: float
    median: float
    largest: float
    weights: int
    done: int
    total: int
    refused: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A step sweep as a task; calling it yields `SweepPoint`s, series by series.

    Attributes:
        network, x, t: the network, and the images and labels of a minibatch; unchanged.
        steps: the values of h.
        weights: the number of sampled weights, drawn from those whose gradient is not nearly 0;
            fewer if the time is short.
        seed: of the sample.
        seconds: the time limit, after which the curves have fewer points. None: no limit.
    """

    network: Network
    x: Array
    t: Array
    steps: tuple[float, ...] = STEPS
    weights: int = WEIGHTS
    seed: int = 0
    seconds: float | None = None

    def __call__(self) -> Iterator[SweepPoint]:
        """Differentiate at each step; yields nothing if no gradient fits its parameter.

        Without a time limit the order is series by series. With a limit, all series come at a few
        steps first.
        """
        worked, since = 0.0, perf_counter()
        for point in self._points():
            worked += perf_counter() - since
            yield point
            if self.seconds is not None and worked >= self.seconds:
                return
            since = perf_counter()

    def _points(self) -> Iterator[SweepPoint]:
        truth, chosen = self._truth()
        if not chosen:
            return
        count = sum(len(indices) for indices in chosen.values())
        plan = self._plan()
        done, refused = 0, set[tuple[Method, str]]()
        for number, (method, dtype, h) in enumerate(plan, start=1):
            if (method, dtype) in refused:
                continue
            done += 1
            try:
                errors = self._errors(method, dtype, h, truth, chosen)
            except ComplexRefused as error:
                refused.add((method, dtype))
                done += sum(later[:2] == (method, dtype) for later in plan[number:])
                nan = float("nan")
                yield SweepPoint(method, dtype, h, nan, nan, count, done, len(plan), str(error))
                continue
            median, largest = float(np.median(errors)), float(errors.max())
            yield SweepPoint(method, dtype, h, max(median, LEAST_ERROR), largest, count, done,
                             len(plan))  # fmt: skip

    def _plan(self) -> list[tuple[Method, str, float]]:
        """The points, in order."""
        if self.seconds is None:
            return [(*series, h) for series in SERIES for h in self.steps]
        plan: dict[tuple[Method, str, float], None] = {}
        for every in COARSE:
            plan.update(dict.fromkeys((*s, h) for h in self.steps[::every] for s in SERIES))
        return list(plan)

    def _weights(self, copy: WorkingCopy) -> int:
        """The number of weights for which there is time, at least at every fourth step."""
        if self.seconds is None:
            return self.weights
        # Long enough to average over the load of a shared machine.
        begin, runs = perf_counter(), 0
        while runs < 3 or perf_counter() - begin < TRIED:
            copy.loss()
            runs += 1
        coarse = (perf_counter() - begin) / runs * RUNS * len(self.steps[:: COARSE[0]])
        fit = int(FOR_COARSE * self.seconds / coarse) if coarse else self.weights
        return max(min(self.weights, fit), 1)

    def _truth(self) -> tuple[dict[str, Array], dict[str, Array]]:
        """The gradients of backpropagation in float64, and the flat indices of sampled weights."""
        copy = WorkingCopy(self.network, self.x, self.t, "float64")
        copy.loss()
        copy.backward()
        truth = backpropagated(copy)
        weights = self._weights(copy)
        rng = np.random.default_rng(self.seed)
        sizes = {name: array.size for name, array in truth.items()}
        whole = sum(sizes.values())
        chosen = {}
        for name, array in truth.items():
            flat = np.abs(array).reshape(-1)
            good = np.flatnonzero(np.isfinite(flat) & (flat > FLOOR * flat.max(initial=0)))
            count = max(weights * array.size // whole, LEAST if weights == self.weights else 1)
            drawn = sample_elements({name: good}, count, rng)[name]
            chosen[name] = good[drawn]
        return truth, {name: indices for name, indices in chosen.items() if len(indices)}

    def _errors(
        self, method: Method, dtype: str, h: float, truth: dict[str, Array],
        chosen: dict[str, Array],
    ) -> Array:  # fmt: skip
        errors = []
        with np.errstate(all="ignore"):
            for piece in gradient_pieces(
                self.network, self.x, self.t, method, h, only=chosen, dtype=dtype
            ):
                if len(piece.indices):
                    right = truth[piece.name].reshape(-1)[piece.indices]
                    errors.append(np.abs((piece.values - right) / right))
        return np.concatenate(errors)


def best_steps(points: list[SweepPoint]) -> dict[tuple[Method, str], SweepPoint]:
    """The point with the least error of each series; the largest h among equal errors."""
    best: dict[tuple[Method, str], SweepPoint] = {}
    for point in points:
        key = point.method, point.dtype
        if point.refused or not np.isfinite(point.median):
            continue
        if key not in best or (point.median, -point.h) < (best[key].median, -best[key].h):
            best[key] = point
    return best
