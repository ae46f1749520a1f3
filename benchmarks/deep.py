"""The time of a step and its snapshot in a network of 50 layers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from statistics import median

import numpy as np

from benchmarks.time_travel import Row, busy_seconds
from engine import Session
from engine.data import load_mnist
from engine.debug.snapshots.snapshot import Snapshot
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD

LAYERS, STOPS = 50, 100


def measure() -> list[Row]:
    """A step and its snapshot, while the snapshot before is still in use, as in the window."""
    few, many = (_at_half(layers) for layers in (LAYERS // 10, LAYERS))
    pairs = [(busy_seconds(few), busy_seconds(many)) for _ in range(STOPS)][STOPS // 10 :]
    return [
        Row(f"a snapshot of {LAYERS} layers", median(one for _, one in pairs) * 1e3, "ms",
            "below 16"),
        Row(f"  in units of one of {LAYERS // 10} layers",
            median(many / few for few, many in pairs), "×", "10 or less"),
    ]  # fmt: skip


def _at_half(layers: int) -> Callable[[], None]:
    """Steps on from the middle of a batch of a network with as many layers."""
    session = Session(_network(layers), load_mnist(), SGD(lr=0.5))
    session.goto(0, len(session.trace) // 2)
    looked_at: list[Snapshot] = [session.snapshot()]

    def step() -> None:
        session.step_into()
        looked_at[:] = [session.snapshot()]

    return step


def _network(layers: int) -> Network:
    """Affine and Sigmoid by turns, 20 wide, the loss being the last of the layers."""
    rng = np.random.default_rng(0)
    sizes = [784, *[20] * ((layers - 2) // 2), 10]
    made: list[Affine | Sigmoid] = []
    for inputs, outputs in itertools.pairwise(sizes):
        W = rng.normal(0, 0.3, (inputs, outputs)).astype(np.float32)
        made += [Affine(W, np.zeros(outputs, np.float32)), Sigmoid()]
    return Network(made[: layers - 1], SoftmaxWithLoss())
