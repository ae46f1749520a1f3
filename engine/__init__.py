"""Retrograd's engine: the network and its debugger, without a window."""

from __future__ import annotations

from engine.nn.optimizers import SGD
from engine.nn.presets import one_layer_net, two_layer_net
from engine.nn.training import train_step

__all__ = ["SGD", "one_layer_net", "train_step", "two_layer_net"]
