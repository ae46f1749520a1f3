"""Losses with a floor, log(y + 1e-7), and the same without it.

The floor keeps the logarithm of 0 away. Going back it is as a rule left out, as the book does, and
what backward then computes is the gradient of the loss without the floor, which is another one by
a share of 1e-7 / (y + 1e-7) in each sample: next to nothing, unless the label's y is as small as
that. So such a loss is not judged by its own differences but by those of the loss without a floor,
which must agree as exactly as any.

How large a floor is, the loss itself says: it is asked for its value where y is 0. That it is one
of this kind is believed only where it gives the expected number at other places as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.own_code import of_the_code

Array = np.ndarray[Any, Any]
LARGEST = 1e-4  # a floor above this is no guard any more, but another loss
EXACT = 1e-9  # how close the loss must come to what is expected of it
FAR = 1e4  # a score as far below the others has the probability 0

_Probability = Callable[[Array, Array], Array]  # of scores or probabilities and labels: log y[t]
_Slope = Callable[[Array, Array], Array]  # of the same: its derivative by them (N, K)


@dataclass(eq=False)
class Floorless:
    """A loss without its floor; what it is asked for going back it leaves to the loss itself.

    Attributes:
        loss: the one with a floor.
        floor: how large that is.
        factor: the loss is this many times the mean.
        log_y: the logarithm of the label's probability, of what the loss is given.
        slope: its derivative by what the loss is given.
    """

    loss: Any
    floor: float
    factor: float
    log_y: _Probability
    slope: _Slope

    @property
    def name(self) -> str:
        """The loss's own."""
        return str(getattr(self.loss, "name", type(self.loss).__name__))

    def forward(self, z: Array, t: Array) -> float:
        """The loss without a floor; the loss has seen the same."""
        self.loss.forward(z, t)
        return float(-self.factor * np.mean(self.log_y(z, _labels(t))))

    def backward(self) -> Any:
        """As the loss has it."""
        return self.loss.backward()

    def gradient(self, z: Array, t: Array) -> Array:
        """What backward should be (N, K), by the formula."""
        return -self.factor / len(z) * self.slope(z, _labels(t))


def without_floor(loss: Any, z: Array, t: Array) -> Floorless | None:
    """The loss without its floor, if it is a cross-entropy with one.

    Args:
        loss: takes scores or probabilities (N, K), and labels.
        z: such as it is given.
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
        except BaseException as error:  # a loss of another kind may refuse them in any way
            if not of_the_code(error):
                raise
            found = None
        if found is not None:
            return found
    return None


def _tried(
    loss: Any, z: Array, t: Array, places: list[Array], log_y: _Probability, slope: _Slope
) -> Floorless | None:
    """The loss without its floor, if at all places it is what one with a floor would be."""
    labels = _labels(t)
    at_zero, known, *others = places
    low, high = float(loss.forward(at_zero.copy(), t)), float(loss.forward(known.copy(), t))
    y = float(np.exp(log_y(known, labels)[0]))
    for with_floor in (_added, _clipped):
        factor, floor = -high / np.log(y), 0.0
        for _ in range(8):  # each needs the other: they settle at once
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
    with np.errstate(divide="ignore"):  # of 0 it is infinite, as what backward gives
        slope[_rows(labels), labels] = 1 / y[_rows(labels), labels]
    return slope


def _scores(z: Array, labels: Array) -> list[Array]:
    """Scores that make the label's probability 0, 1 / K, and others, small ones too."""
    places = [np.zeros(z.shape) for _ in range(4)]
    for place, score in zip(places, (-FAR, 0.0, -3.0, -15.0), strict=True):
        place[_rows(labels), labels] = score
    return places


def _probabilities(z: Array, labels: Array) -> list[Array]:
    """The same, as probabilities."""
    places = []
    for y in (0.0, 0.5, 0.05, 3e-7):
        place = np.full(z.shape, (1 - y) / (z.shape[1] - 1))
        place[_rows(labels), labels] = y
        places.append(place)
    return places
