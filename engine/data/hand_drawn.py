"""Samples that a person has drawn, each a minibatch of its own among those of the dataset.

`drawn_digits` is something else: a dataset that a program has made.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class HandDrawnSample:
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


def index_of_hand_drawn(batch: int) -> int:
    """The index of the drawn sample of a batch: below 0, where the training set has none."""
    return -1 - batch


def is_hand_drawn(index: int) -> bool:
    """Whether a sample's index is that of a drawn one."""
    return index < 0
