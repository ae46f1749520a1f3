"""The live objects of a run: the network, the optimizer and the order of the samples.

The network is the same object for the whole session. An edit may replace the optimizer, the order
or the layers from some batch on; a stored state restores the objects of its time.
"""

from __future__ import annotations

from itertools import count
from typing import Any, Protocol

import numpy as np

from engine.data.order import BatchOrder
from engine.debug.reach.contents import has, look_up
from engine.errors import BadValue
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer


class Live(Protocol):
    """The live objects of a program, as far as every program has them."""

    def parameters(self) -> dict[str, np.ndarray[Any, Any]]:
        """The live parameters by name."""

    def set_learning_rate(self, rate: float) -> None:
        """Set the learning rate; raises BadValue if it is unknown."""


class LiveObjects:
    """The objects that training changes. A `State` covers this object, too."""

    def __init__(self, network: Network, optimizer: Optimizer, order: BatchOrder) -> None:
        self.network = network
        self.optimizer = optimizer
        self.order = order

    def parameters(self) -> dict[str, np.ndarray[Any, Any]]:
        """The network's parameters by name."""
        return self.network.parameters()

    def set_learning_rate(self, rate: float) -> None:
        """Set the optimizer's `lr`; raises BadValue if it has none."""
        if not has(self.optimizer, "lr"):
            kind = type(self.optimizer).__name__
            raise BadValue(
                "learning rate", rate, f"an optimizer with an attribute lr; {kind} has none"
            )
        self.optimizer.lr = rate

    @property
    def layers(self) -> dict[str, Any]:
        """The layers and the loss by name, in order; repeated names are numbered."""
        return name_layers(self.network)

    @property
    def parts(self) -> tuple[Any, ...]:
        """The objects whose methods a batch calls."""
        loss = getattr(self.network, "loss", None)
        layers = getattr(self.network, "layers", ())
        return (self.network, self.optimizer, *layers, *([] if loss is None else [loss]))


def name_layers(network: Any) -> dict[str, Any]:
    """The layers and the loss by name, in order; repeated names are numbered."""
    own, loss = look_up(network, "layers", ()), look_up(network, "loss")
    names = look_up(network, "layer_names") or [_name_of(x) for x in own]
    layers: dict[str, Any] = {}
    parts = [*zip(names, own, strict=True), *([] if loss is None else [(_name_of(loss), loss)])]
    for name, layer in parts:
        free = (f"{name}{number or ''}" for number in count())
        layers[next(candidate for candidate in free if candidate not in layers)] = layer
    return layers


def _name_of(layer: Any) -> str:
    name = look_up(layer, "name")
    return name if isinstance(name, str) and name else type(layer).__name__
