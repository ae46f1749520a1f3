"""Measuring the test set, here or on another thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.errors import MeasurementFailed

_SAMPLES = 1000  # at a time


@dataclass(frozen=True, slots=True)
class Measurement:
    """The test set, measured before a batch: share of right answers (0..1), mean loss."""

    batch: int
    accuracy: float
    loss: float


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """A measurement to be made of a network that nobody else changes meanwhile.

    Attributes:
        batch: the one before which the network is.
        future: which of the session's futures that batch belongs to.
    """

    batch: int
    future: int
    network: Any
    test: Dataset
    dtype: str

    def __call__(self) -> Measurement:
        """Share of right answers and mean loss over the test set.

        Raises:
            MeasurementFailed: a layer raised, or the loss is no number.
        """
        right, loss = 0, 0.0
        try:
            for first in range(0, len(self.test), _SAMPLES):
                indices = np.arange(first, min(first + _SAMPLES, len(self.test)))
                x, t = self.test.batch(indices, self.dtype)
                scores = self.network.predict(x)
                right += int((scores.argmax(axis=1) == t).sum())
                loss += number(self.network.loss.forward(scores, t)) * len(t)
        except Exception as error:
            raise MeasurementFailed(batch=self.batch, error=error) from error
        return Measurement(self.batch, right / len(self.test), loss / len(self.test))


def number(loss: Any) -> float:
    """A loss as a number: what a step returns may be an array of one.

    Raises:
        TypeError: it is something else.
    """
    if isinstance(loss, (float, np.floating)):
        return float(loss)
    array = np.asarray(loss)
    if array.size != 1 or array.dtype.kind not in "fiub":
        found = f"an array {array.shape}" if isinstance(loss, np.ndarray) else repr(loss)
        raise TypeError(f"the step returned {found} where its loss should be, a number")
    return float(array.item())
