"""Real sessions, on data small enough to train an epoch in a few milliseconds."""

from __future__ import annotations

import numpy as np

from engine.data import Dataset
from engine.debug.session import Session
from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD

BATCH_SIZE = 10
BATCHES = 20  # of an epoch


def toy_dataset(samples: int = BATCH_SIZE * BATCHES) -> Dataset:
    """Noise as images of 28 × 28 pixels, with a test set of 50."""
    rng = np.random.default_rng(0)

    def part(n: int, test: Dataset | None) -> Dataset:
        images = rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)
        return Dataset("Noise", images, rng.integers(0, 10, n), 10, test)

    return part(samples, part(50, None))


def make_session() -> Session:
    return Session(two_layer_net(seed=0), toy_dataset(), SGD(lr=0.1), BATCH_SIZE, seed=0)
