"""Finds the floor of a loss, such as 1e-7 in log(y + 1e-7), and makes the same loss without it.

The floor avoids the logarithm of 0. Most backward passes, such as the book's, ignore it. They then
compute the gradient of the loss without the floor. It differs by a share of 1e-7 / (y + 1e-7) in
each sample, which is negligible unless the label's y is that small. Such a loss is therefore
checked against the differences of the loss without a floor, which must agree exactly.

The size of the floor follows from the value of the loss at y = 0. The loss counts as one with a
floor only if it has the expected values at other places, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.own_code import of_the_code

Array = np.ndarray[Any, Any]
LARGEST = 1e-4  # a larger floor is no guard, but another loss
EXACT = 1e-9  # tolerance between the loss and its expected value
FAR = 1e4  # a score this far below the others has the probability 0

_Probability = Callable[[Array, Array], Array]  # (scores or probabilities, labels) -> log y[t]
_Slope = Callable[[Array, Array], Array]  # (the same) -> the derivative by them (N, K)


@dataclass(eq=False)
class Floorless:
    """A loss without its floor; its backward is that of the original loss.

    Attributes:
        loss: the original loss, with a floor.
        floor: the size of the floor.
        factor: the loss is the mean times this factor.
        log_y: the logarithm of the label's probability, as a function of the loss's input.
        slope: its derivative by the loss's input.
    """

    loss: Any
    floor: float
    factor: float
    log_y: _Probability
    slope: _Slope

    @property
    def name(self) -> str:
        """The name of the original loss."""
        return str(getattr(self.loss, "name", type(self.loss).__name__))

    def forward(self, z: Array, t: Array) -> float:
        """The loss without the floor; the original loss runs, too, for its backward."""
        self.loss.forward(z, t)
        return float(-self.factor * np.mean(self.log_y(z, _labels(t))))

    def backward(self) -> Any:
        """The backward of the original loss."""
        return self.loss.backward()

    def gradient(self, z: Array, t: Array) -> Array:
        """The right gradient (N, K), by the formula."""
        return -self.factor / len(z) * self.slope(z, _labels(t))


def without_floor(loss: Any, z: Array, t: Array) -> Floorless | None:
    """The loss without its floor, if it is a cross-entropy with a floor; else None.

    Args:
        loss: takes scores or probabilities (N, K), and labels.
        z: an input of the loss.
        t: labels (N,), or one-hot (N, K).

    """
    labels = _labels(t)
    if z.ndim != 2 or z.shape[1] < 2 or labels.shape != z.shape[:1]:
        return None
    if (
        labels.dtype.kind not in "iu"
        or labels.size == 0
        or labels.min() < 0
        or labels.max() >= z.shape[1]
    ):
        return None
    for places, log_y, slope in (
        (_scores, _log_softmax, _slope_of_log_softmax),
        (_probabilities, _log, _slope_of_log),
    ):
        try:
            with np.errstate(all="ignore"):
                found = _tried(loss, z, t, places(z, labels), log_y, slope)
        except BaseException as error:  # a loss of another kind may raise anything
            if not of_the_code(error):
                raise
            found = None
        if found is not None:
            return found
    return None


def _tried(
    loss: Any, z: Array, t: Array, places: list[Array], log_y: _Probability, slope: _Slope
) -> Floorless | None:
    """The loss without its floor, if it has the values of a loss with a floor at all places."""
    labels = _labels(t)
    at_zero, known, *others = places
    low, high = float(loss.forward(at_zero.copy(), t)), float(loss.forward(known.copy(), t))
    y = float(np.exp(log_y(known, labels)[0]))
    for with_floor in (_added, _clipped):
        factor, floor = -high / np.log(y), 0.0
        for _ in range(8):  # each depends on the other: a fixed-point iteration, which converges
            floor = float(np.exp(-low / factor)) if factor > 0 else 0.0
            factor = -high / float(np.log(with_floor(np.array(y), floor)))
        if not 0 < floor <= LARGEST or not np.isfinite(factor):
            continue
        expected = [
            -factor * float(np.mean(np.log(with_floor(np.exp(log_y(place, labels)), floor))))
            for place in (*others, z)
        ]
        given = [float(loss.forward(place.copy(), t)) for place in (*others, z)]
        if np.allclose(given, expected, rtol=EXACT, atol=EXACT):
            return Floorless(loss, floor, factor, log_y, slope)
    return None


def _added(y: Array, floor: float) -> Array:
    return y + floor


def _clipped(y: Array, floor: float) -> Array:
    return np.maximum(y, floor)


def _labels(t: Array) -> Array:
    return t.argmax(axis=1) if t.ndim == 2 else t


def _rows(labels: Array) -> Array:
    return np.arange(len(labels))


def _log_softmax(z: Array, labels: Array) -> Array:
    shifted = z - z.max(axis=1, keepdims=True)
    logs: Array = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs[_rows(labels), labels]


def _log(y: Array, labels: Array) -> Array:
    logs: Array = np.log(y[_rows(labels), labels])
    return logs


def _slope_of_log_softmax(z: Array, labels: Array) -> Array:
    e = np.exp(z - z.max(axis=1, keepdims=True))
    slope: Array = -e / e.sum(axis=1, keepdims=True)
    slope[_rows(labels), labels] += 1
    return slope


def _slope_of_log(y: Array, labels: Array) -> Array:
    slope = np.zeros(y.shape)
    with np.errstate(divide="ignore"):  # infinite for 0, like the result of backward
        slope[_rows(labels), labels] = 1 / y[_rows(labels), labels]
    return slope


def _scores(z: Array, labels: Array) -> list[Array]:
    """Scores that make the label's probability 0, 1 / K, and other, also small, values."""
    places = [np.zeros(z.shape) for _ in range(4)]
    for place, score in zip(places, (-FAR, 0.0, -3.0, -15.0), strict=True):
        place[_rows(labels), labels] = score
    return places


def _probabilities(z: Array, labels: Array) -> list[Array]:
    """Probabilities with the label's at 0, 0.5, 0.05 and 3e-7."""
    places = []
    for y in (0.0, 0.5, 0.05, 3e-7):
        place = np.full(z.shape, (1 - y) / (z.shape[1] - 1))
        place[_rows(labels), labels] = y
        places.append(place)
    return places
