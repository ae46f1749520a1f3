"""The samples of a minibatch as a program's panels show them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from engine.debug.reach.buffers import read_only

Array = np.ndarray[Any, Any]


class Samples(NamedTuple):
    """The samples of a minibatch, read-only.

    Attributes:
        indices: (n,) of the samples in the training set.
        images: (n, rows, columns); no rows and columns where the samples are no images.
        labels: (n,) the classes.
    """

    indices: Array
    images: Array
    labels: Array


def _empty() -> Samples:
    whole = np.zeros(0, np.int64)
    return Samples(read_only(whole), read_only(np.zeros((0, 0, 0), np.uint8)), read_only(whole))


NO_SAMPLES = _empty()
