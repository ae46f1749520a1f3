"""Retrograd's engine: the network and its debugger, without a window."""

from __future__ import annotations

from engine.data import load_idx, load_mnist
from engine.debug import Position, Session
from engine.nn.optimizers import SGD
from engine.nn.presets import one_layer_net, two_layer_net
from engine.nn.training import train_step

__all__ = [
    "SGD",
    "Position",
    "Session",
    "load_idx",
    "load_mnist",
    "one_layer_net",
    "train_step",
    "two_layer_net",
]
