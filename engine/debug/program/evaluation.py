"""Measure accuracy and loss on the test set, on this thread or another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.debug.record.interruption import of_the_code
from engine.errors import MeasurementFailed

# Samples per pass. Large matrix products release the interpreter's lock, so that another thread can
# train meanwhile. A larger number would cost noticeable memory.
_SAMPLES = 2500


@dataclass(frozen=True, slots=True)
class Measurement:
    """Accuracy and loss on the test set before a batch.

    Attributes:
        accuracy: share of right predictions, 0..1.
        loss: the mean.
        predictions: (n,) the predicted classes, in the smallest dtype that holds them; None if they
            were dropped, or only a part was measured.
        images: the number of images, if only a part of the test set was measured; else None.
    """

    batch: int
    accuracy: float
    loss: float
    predictions: np.ndarray[Any, Any] | None = field(default=None, compare=False, repr=False)
    images: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A measurement as a job. No other code may change its network while it runs.

    Attributes:
        batch: the batch before which the network is.
        future: the future of the session that contains this batch.
        part: the number of images, spread evenly over the test set; None: all.
    """

    batch: int
    future: int
    network: Any
    test: Dataset
    dtype: str
    part: int | None = None

    def __call__(self) -> Measurement:
        """Measure accuracy and mean loss over the test set, or a part of it.

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
                loss += loss_value(self.network.loss.forward(scores, t)) * len(t)
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


def loss_value(loss: Any) -> float:
    """The loss that a step returned as a float: a number, or an array of one number.

    Raises:
        TypeError: the step returned something else.
    """
    if isinstance(loss, (float, np.floating)):
        return float(loss)
    array = np.asarray(loss)
    if array.size != 1 or array.dtype.kind not in "fiub":
        found = f"an array {array.shape}" if isinstance(loss, np.ndarray) else repr(loss)
        raise TypeError(f"the step returned {found} where its loss should be, a number")
    return float(array.item())
