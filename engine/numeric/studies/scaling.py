"""Measure how the time of each method grows with the number of parameters.

Numerical differentiation evaluates the loss once or twice for each of P parameters, and the time of
a pass grows with P, too: together P², a slope of 2 on logarithmic axes. Backpropagation is one
forward and one backward pass: a slope of 1. Small networks have a flatter slope, since most of
their time is the cost of calling numpy, which does not depend on P.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from engine.nn.layers import Sigmoid
from engine.nn.models import chain
from engine.nn.network import Network
from engine.numeric.gradient import gradient_pieces
from engine.numeric.pieces import Method
from engine.numeric.studies.directions import fitted_slope
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
HIDDEN = (5, 10, 20, 50, 100, 200, 500)
METHODS = (Method.CENTRAL, Method.FORWARD, Method.INCREMENTAL, Method.BACKPROP)
SECONDS = 12.0  # for all points, about
LEAST_RUNS = 3
SAMPLE = 400  # the most elements that are moved one by one


@dataclass(frozen=True, slots=True)
class ScalingPoint:
    """The time of one method on a network of one size.

    Attributes:
        method: the method.
        hidden, parameters: the numbers of hidden units and parameters of the network.
        seconds: for the whole gradient.
        extrapolated: whether `seconds` is extrapolated from a part of the elements.
        done, total: points of the measurement.
    """

    method: Method
    hidden: int
    parameters: int
    seconds: float
    extrapolated: bool
    done: int
    total: int


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """A scaling measurement as a task; calling it yields `ScalingPoint`s, smallest network first.

    Attributes:
        x, t: images (N, D) and labels (N,) of a minibatch.
        classes: the number of classes.
        hidden: numbers of hidden units, of networks D-hidden-classes with a sigmoid.
        dtype: of the networks.
        seconds: for all points, about; longer times are extrapolated.
        seed: of the weights and samples.
    """

    x: Array
    t: Array
    classes: int
    hidden: tuple[int, ...] = HIDDEN
    dtype: str = "float64"
    seconds: float = SECONDS
    seed: int = 0

    def __call__(self) -> Iterator[ScalingPoint]:
        """Time every method on every network."""
        total, done = len(self.hidden) * len(METHODS), 0
        budget = self.seconds / total
        for hidden in self.hidden:
            sizes = (self.x.shape[1], hidden, self.classes)
            network = chain(sizes, Sigmoid, self.seed, self.dtype, "xavier")
            count = sum(array.size for array in network.parameters().values())
            for method in METHODS:
                if method is Method.BACKPROP:
                    seconds, guessed = _backprop(network, self.x, self.t, self.dtype, budget), False
                else:
                    seconds, guessed = self._numerical(network, method, count, budget)
                done += 1
                yield ScalingPoint(method, hidden, count, seconds, guessed, done, total)

    def _numerical(
        self, network: Network, method: Method, count: int, budget: float
    ) -> tuple[float, bool]:
        """Seconds for all elements, and whether only some of them were timed."""
        rng = np.random.default_rng(self.seed)
        only = None
        if method is not Method.INCREMENTAL:
            share = min(SAMPLE / count, 1.0)
            only = {
                name: rng.choice(array.size, max(round(share * array.size), 1), replace=False)
                for name, array in network.parameters().items()
            }
        elements, spent = 0, 0.0
        for piece in gradient_pieces(
            network, self.x, self.t, method, only=only, dtype=self.dtype, slice_seconds=budget / 8
        ):
            elements, spent = piece.progress.done, piece.progress.seconds
            if elements and spent > budget:
                break
        return spent * count / max(elements, 1), elements < count


def _backprop(network: Network, x: Array, t: Array, dtype: str, budget: float) -> float:
    copy = WorkingCopy(network, x, t, dtype)
    times: list[float] = []
    begin = perf_counter()
    while len(times) < LEAST_RUNS or perf_counter() - begin < budget / 2:
        before = perf_counter()
        copy.loss()
        copy.backward()
        times.append(perf_counter() - before)
    return median(times)


def slopes(points: list[ScalingPoint], largest: int = 4) -> dict[Method, float]:
    """For each method, the slope of its time over its `largest` networks; NaN for one point."""
    found = {}
    for method in METHODS:
        own = [point for point in points if point.method is method][-largest:]
        sizes = np.array([float(point.parameters) for point in own])
        found[method] = fitted_slope(sizes, np.array([point.seconds for point in own]))
    return found
