"""Measuring the test set, here or on another thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.debug.record.interruption import of_the_code
from engine.errors import MeasurementFailed

# At a time: a few large products, during which another thread can train, for each waits for the
# interpreter in between; and yet not so many that their memory counts.
_SAMPLES = 2500


@dataclass(frozen=True, slots=True)
class Measurement:
    """The test set, measured before a batch.

    Attributes:
        accuracy: share of right answers, 0..1.
        loss: the mean.
        predictions: (n,) the class of each answer, of the smallest type that holds it; None where
            they were let go of, or only a part was measured.
        images: how many, where it was only a part of the test set; None: all.
    """

    batch: int
    accuracy: float
    loss: float
    predictions: np.ndarray[Any, Any] | None = field(default=None, compare=False, repr=False)
    images: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A measurement to be made of a network that nobody else changes meanwhile.

    Attributes:
        batch: the one before which the network is.
        future: which of the session's futures that batch belongs to.
        part: of how many images, spread evenly over the test set; None: all.
    """

    batch: int
    future: int
    network: Any
    test: Dataset
    dtype: str
    part: int | None = None

    def __call__(self) -> Measurement:
        """Share of right answers and mean loss over the test set, or the part of it.

        Raises:
            MeasurementFailed: a layer raised, or the loss is no number.
        """
        right, loss = 0, 0.0
        answers = []
        images = np.arange(len(self.test))
        whole = self.part is None or self.part >= len(images)
        if self.part is not None and not whole:
            images = np.arange(self.part) * len(images) // self.part
        try:
            for first in range(0, len(images), _SAMPLES):
                indices = images[first : first + _SAMPLES]
                x, t = self.test.batch(indices, self.dtype)
                scores = self.network.predict(x)
                answers.append(scores.argmax(axis=1).astype(np.min_scalar_type(scores.shape[1])))
                right += int((answers[-1] == t).sum())
                loss += number(self.network.loss.forward(scores, t)) * len(t)
        except BaseException as error:
            if not of_the_code(error):
                raise
            raise MeasurementFailed(batch=self.batch, error=error) from error
        count = len(images)
        if not whole:
            return Measurement(self.batch, right / count, loss / count, images=count)
        predictions = np.concatenate(answers)
        predictions.flags.writeable = False
        return Measurement(self.batch, right / count, loss / count, predictions)


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
