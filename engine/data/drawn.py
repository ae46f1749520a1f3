"""Samples that a person has drawn, each a minibatch of its own among those of the dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from engine.data.dataset import Dataset

if TYPE_CHECKING:
    from engine.data.order import BatchOrder

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class DrawnSample:
    """One image and its label, of no dataset.

    Attributes:
        image: (rows, columns) uint8, read-only.
        label: from 0 to below the number of classes.
    """

    image: Array
    label: int

    @property
    def images(self) -> Array:
        """(1, rows, columns) uint8."""
        return self.image[np.newaxis]

    @property
    def labels(self) -> Array:
        """(1,) int64."""
        return np.array([self.label], np.int64)


def index_of_drawn(batch: int) -> int:
    """The index of the drawn sample of a batch: below 0, where the training set has none."""
    return -1 - batch


def is_drawn(index: int) -> bool:
    """Whether a sample's index is that of a drawn one."""
    return index < 0


def minibatch_of(
    dataset: Dataset, order: BatchOrder, batch: int, dtype: DTypeLike
) -> tuple[Array, Array]:
    """The images x (n, features) and labels t (n,) of a batch; see `Dataset.batch`."""
    drawn = order.drawn.get(batch)
    if drawn is None:
        return dataset.batch(order.indices(batch), dtype)
    return Dataset("", drawn.images, drawn.labels, dataset.classes).batch([0], dtype)
