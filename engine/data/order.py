"""The samples of each minibatch.

The order is a pure function of the seed and the batch's number, so that any batch can be drawn
again. Each epoch has its own permutation of the samples, and a batch is a slice of it. A drawn
sample takes the place of a whole minibatch.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from engine.data.dataset import Array, Dataset
from engine.data.hand_drawn import HandDrawnSample, index_of_hand_drawn
from engine.errors import BadValue

_NONE: Mapping[int, HandDrawnSample] = MappingProxyType({})


class BatchOrder:
    """The samples of every minibatch of a run.

    Args:
        count: samples in the training set.
        batch_size: samples in a minibatch; the last minibatch of an epoch has the rest.
        seed: an integer, not negative.
        drawn: by batch, the drawn sample that is the whole minibatch there.

    Raises:
        BadValue: the count, batch size or seed is out of range.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        seed: int,
        drawn: Mapping[int, HandDrawnSample] = _NONE,
    ) -> None:
        if count < 1:
            raise BadValue("number of samples", count, "at least 1")
        if not 1 <= batch_size <= count:
            expected = f"a whole number from 1 to {count:,}, the samples in the training set"
            raise BadValue("batch size", batch_size, expected)
        if seed < 0:
            raise BadValue("seed", seed, "a whole number, 0 or greater")
        self.count = count
        self.batch_size = batch_size
        self.seed = seed
        self.drawn = drawn
        self._kept: tuple[int, np.ndarray[Any, np.dtype[np.int64]]] | None = None

    @property
    def batches_per_epoch(self) -> int:
        """Minibatches in an epoch, including the last, possibly smaller minibatch."""
        return -(-self.count // self.batch_size)

    def epoch(self, batch: int) -> int:
        """Return the epoch in which a minibatch lies; both count from 0."""
        if batch < 0:
            raise IndexError(f"batches count from 0; there is none of number {batch}")
        return batch // self.batches_per_epoch

    def indices(self, batch: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Return the samples of a minibatch: (n,) indices into the training set, read-only.

        A drawn sample has the index of `index_of_hand_drawn`.
        """
        if batch in self.drawn:
            drawn = np.array([index_of_hand_drawn(batch)], np.int64)
            drawn.flags.writeable = False
            return drawn
        permutation = self._permutation(self.epoch(batch))
        start = batch % self.batches_per_epoch * self.batch_size
        return permutation[start : start + self.batch_size]

    def with_seed(self, seed: int) -> BatchOrder:
        """The order of another seed; raises BadValue if it is negative."""
        return BatchOrder(self.count, self.batch_size, seed, self.drawn)

    def with_drawn(self, batch: int, sample: HandDrawnSample) -> BatchOrder:
        """The order with a drawn sample as the whole minibatch of a batch."""
        drawn = MappingProxyType({**self.drawn, batch: sample})
        return BatchOrder(self.count, self.batch_size, self.seed, drawn)

    def _permutation(self, epoch: int) -> np.ndarray[Any, np.dtype[np.int64]]:
        # Keeping one permutation is enough: a jump to another epoch costs about a millisecond. One
        # assignment stores it with its epoch, so that two threads cannot mix them up.
        kept = self._kept
        if kept is None or kept[0] != epoch:
            permutation = np.random.default_rng([self.seed, epoch]).permutation(self.count)
            permutation.flags.writeable = False
            kept = self._kept = (epoch, permutation)
        return kept[1]


def minibatch_of(
    dataset: Dataset, order: BatchOrder, batch: int, dtype: DTypeLike
) -> tuple[Array, Array]:
    """The images x (n, features) and labels t (n,) of a batch; see `Dataset.batch`."""
    drawn = order.drawn.get(batch)
    if drawn is None:
        return dataset.batch(order.indices(batch), dtype)
    return Dataset("", drawn.images, drawn.labels, dataset.classes).batch([0], dtype)
