"""One step of training: the whole of backpropagation in three lines."""

from __future__ import annotations

from typing import Any

from numpy import ndarray

from engine.nn.network import Network
from engine.nn.optimizers import Optimizer


def train_step(network: Network, optimizer: Optimizer, x: ndarray, t: ndarray) -> Any:
    """Train on a minibatch, images `x` (N, D) and labels `t`; return its loss before the update."""
    loss = network.forward(x, t)
    network.backward()
    optimizer.update(network.parameters(), network.gradients())
    return loss
