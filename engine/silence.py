"""Units held at 0: the layer that does it, and how it is put into a network.

It is no part of `engine/nn`, because nobody trains with it: the debugger inserts it for the
question "what if this unit were silent?". It runs, and is stepped through, like any other layer.
"""

# mypy: no-warn-return-any
# (numpy's type stubs take a product for Any)

from __future__ import annotations

from numpy import ndarray

from engine.nn.network import Layer, Network, give_names, parameter_names


class Silence:
    """Holds chosen units at 0, whatever they are given, and lets the others pass.

    forward     y  = x m
    backward    dx = dout m

    m (M,) has a 0 for each unit that is silenced, and a 1 for each of the others.
    """

    name = "Silence"
    parameter_names = ()  # m is not learnt

    def __init__(self, m: ndarray) -> None:
        self.m = m  # (M,)

    def forward(self, x: ndarray) -> ndarray:
        """(N, M) to the same."""
        return x * self.m  # (N, M) * (M,)

    def backward(self, dout: ndarray) -> ndarray:
        """(N, M) to the same."""
        return dout * self.m  # (N, M) * (M,)


def insert(network: Network, place: int, layer: Layer) -> None:
    """Put a layer before the one at `place` of `network.layers`; the others keep what they hold."""
    names = list(network.parameter_names.values())
    names.insert(place, tuple(parameter_names(layer)))
    network.layers = (*network.layers[:place], layer, *network.layers[place:])
    network.layer_names = give_names(network.layers)
    network.parameter_names = dict(zip(network.layer_names, names, strict=True))
