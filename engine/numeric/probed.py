"""Numerical differentiation of a session: the program itself runs the cursor's batch.

A session hands out a probe. It runs the batch as far as its loss, with the cells of the parameters
as they are, and puts everything back. Nothing of the program is copied, and nothing of it needs to
be known but its parameters and its loss.

The step h follows from the noise of the loss, which is measured: the numbers of a float32 program
are rounded more coarsely, so that a larger step is needed, and less can be said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol, runtime_checkable

import numpy as np

from engine.errors import (
    BadValue,
    IntegersRefused,
    LossNotFinite,
    LossNotRepeatable,
    NeedsNetwork,
    NoParametersKnown,
)
from engine.numeric.pieces import Method, Piece, Stopwatch

Array = np.ndarray[Any, Any]
ALONG = 8  # places along a line at which the noise of the loss is measured
ORDER = 4  # of the differences that leave nothing of a smooth loss but its noise
CAUTION = 8  # times the measured noise is taken for the largest error
LEAST_STEP, LARGEST_STEP = 2e-6, 2e-2


class MadeGradient(Protocol):
    """A gradient as the batch made it; see `engine.debug.travel.probe`."""

    value: Any
    name: str
    other_terms: bool
    before: Array | None


class BatchMade(Protocol):
    """What the batch made; see `engine.debug.travel.probe`."""

    @property
    def gradients(self) -> Mapping[str, MadeGradient]:
        """By parameter."""

    changes: dict[str, Array]
    samples: int
    learning_rate: float | None


class Probe(Protocol):
    """The loss of a batch as a function of its parameters; see `engine.debug.travel.probe`."""

    batch: int
    parameters: dict[str, Array]

    @property
    def made(self) -> BatchMade:
        """What the batch made."""

    def loss(self) -> float:
        """The loss with the cells as they are; everything is put back afterwards, cells too."""

    def inside(self) -> AbstractContextManager[None]:
        """A context in which `loss` is quicker."""

    def step_seconds(self) -> float:
        """The seconds that the whole step takes."""

    def put_back(self) -> None:
        """Bring the cursor back."""


@runtime_checkable
class HasProbe(Protocol):
    """A session."""

    def probe(self) -> Probe:
        """The loss of the cursor's batch."""


class ProbedLoss:
    """The loss of a probe, with the noise of its numbers.

    Attributes:
        parameters: the live arrays; move their cells, then ask `loss`.
        here: the loss with the cells as they are.
        noise: the largest error of the loss by round-off.
        eps: the distance from 1 to the next number of the coarsest parameter.

    Raises:
        NoParametersKnown, IntegersRefused: there is nothing to move.
        LossNotFinite: the loss cannot be differentiated.
        LossNotRepeatable: the batch, run twice, gives two losses.

    """

    def __init__(self, probe: Probe, seed: int = 0) -> None:
        self.probe = probe
        self.parameters = probe.parameters
        if not self.parameters:
            raise NoParametersKnown(probe.batch)
        for name, array in self.parameters.items():
            if array.dtype.kind != "f":
                raise IntegersRefused(name, str(array.dtype))
        self.eps = max(float(np.finfo(array.dtype).eps) for array in self.parameters.values())
        with self.inside():
            self.here, again = self.loss(), self.loss()
            if not np.isfinite(self.here):
                raise LossNotFinite(self.here)
            if self.here != again:
                raise LossNotRepeatable(self.here, again)
            self.noise = self._measured_noise(np.random.default_rng(seed))

    def open(self, probe: Probe) -> None:
        """Go on with another probe of the same batch."""
        self.probe, self.parameters = probe, probe.parameters

    def loss(self) -> float:
        """The loss with the cells as they are; they are as before afterwards."""
        return float(self.probe.loss())

    def inside(self) -> AbstractContextManager[None]:
        """A context in which `loss` is quicker."""
        return self.probe.inside()

    def _measured_noise(self, rng: np.random.Generator) -> float:
        """The noise of the loss, by differences of a high order along a random line.

        Of a smooth function such differences over a tiny distance are zero, so that what is left is
        round-off (Moré, Wild: Estimating Computational Noise, 2011).
        """
        spacing = 64 * self.eps
        signs = {name: rng.choice((-1.0, 1.0), a.shape) for name, a in self.parameters.items()}
        kept = {name: array.copy() for name, array in self.parameters.items()}
        losses = []
        for place in range(ALONG):
            for name, array in self.parameters.items():
                array[...] = kept[name] + (place * spacing * signs[name]).astype(array.dtype)
            losses.append(self.loss())
        left = np.diff(losses, ORDER)
        scale = math.factorial(ORDER) ** 2 / math.factorial(2 * ORDER)
        measured = math.sqrt(scale * float(np.mean(left**2)))
        least = float(np.finfo(np.float64).eps) * abs(self.here)
        return max(CAUTION * measured, 4 * least)

    def round_off(self, h: float) -> float:
        """The largest error of a central difference by round-off."""
        return self.noise / h

    def step(self, method: Method) -> float:
        """The step at which round-off and truncation are about equal."""
        relative = self.noise / max(abs(self.here), 1.0)
        power = 2 if method is Method.FORWARD else 3
        wanted = (relative / CAUTION) ** (1 / power)
        return float(np.clip(wanted, LEAST_STEP if power == 3 else 1e-9, LARGEST_STEP))


def checked_session_method(method: str) -> Method:
    """The method of a name; raises BadValue or NeedsNetwork."""
    known = (Method.CENTRAL, Method.FORWARD)
    if method in (Method.COMPLEX, Method.INCREMENTAL):
        raise NeedsNetwork(str(method))
    if method not in known:
        raise BadValue("method", method, f"one of {', '.join(known)}")
    return Method(method)


def checked_session_step(h: float | None, method: str, loss: ProbedLoss) -> float:
    """The step, or the one that fits the loss; raises BadValue if it is not positive and finite."""
    if h is None:
        return loss.step(Method(method))
    if not 0 < h < np.inf:
        raise BadValue("step h", h, "a positive number")
    return float(h)


def pieces(
    loss: ProbedLoss, chosen: Mapping[str, Array], method: Method, h: float, slice_seconds: float
) -> Iterator[Piece]:
    """The gradient by the chosen elements, in pieces that take about `slice_seconds` each.

    Between two pieces everything is as it was.
    """
    watch = Stopwatch(sum(len(indices) for indices in chosen.values()))
    evaluations = 1 if method is Method.FORWARD else 0  # that of the loss here
    for name, indices in chosen.items():
        first = 0
        while first < len(indices):
            values, array = [], loss.parameters[name]
            with loss.inside():
                for index in indices[first:].tolist():
                    values.append(_derivative(loss, array, index, method, h))
                    if watch.lap() >= slice_seconds:
                        break
            part = indices[first : first + len(values)]
            first += len(values)
            evaluations += method.evaluations * len(part)
            yield from watch.hand_out(name, part, np.array(values), evaluations)
            evaluations = 0


def _derivative(loss: ProbedLoss, array: Array, index: int, method: Method, h: float) -> float:
    """The derivative by one element, by the distance of the two numbers after rounding."""
    w = array.flat[index]
    try:
        high = _moved(array, index, w + h)
        above = loss.loss()
        if method is Method.FORWARD:
            low, below = float(w), loss.here
        else:
            low = _moved(array, index, w - h)
            below = loss.loss()
    finally:
        array.flat[index] = w
    if high == low:
        raise BadValue("step h", h, f"a larger one: {w} + h is rounded to {w} in {array.dtype}")
    return (above - below) / (high - low)


def _moved(array: Array, index: int, value: Any) -> float:
    """Store a value in an element, and return what is stored after rounding."""
    array.flat[index] = value
    return float(array.flat[index])
