"""A network is a list of layers and a loss: forward goes down the list, backward goes up it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from copy import copy
from typing import Any, Protocol

from numpy import ndarray


class Layer(Protocol):
    """What a network asks of a layer. The arithmetic is the layer's own affair."""

    def forward(self, x: ndarray, /) -> ndarray:
        """Output of the layer for the input `x`."""

    def backward(self, dout: ndarray, /) -> ndarray | None:
        """Gradient of the loss by the input, from its gradient by the output."""


class Loss(Protocol):
    """What a network asks of a loss."""

    def forward(self, z: ndarray, t: ndarray, /) -> Any:
        """The loss, a number, of scores `z` (N, K) for labels `t`."""

    def backward(self) -> ndarray:
        """Gradient of the loss by the scores (N, K)."""


class Network:
    """Layers in order, and a loss.

    Each layer is named after its class, with a number: `Affine1`, `Sigmoid1`, `Affine2`; it is told
    its name where it lets its `name` be set. A layer's parameters are

    - those that it lists: `parameter_names = ("W", "b")`;
    - or else every attribute that is an array of floats when the network is made, but for `dW`
      where there is a `W` too.

    The gradient by `W` is the attribute `dW`, which `backward` sets. A parameter without one is
    state, such as a running mean: it is listed, and never updated.

    With `input_gradient`, `backward` keeps the gradient by the input in `dx` (N, D), else `dx` is
    None and a first layer that knows `needs_dx` is spared the work.
    """

    def __init__(self, layers: Iterable[Layer], loss: Loss, input_gradient: bool = False) -> None:
        self.layers = tuple(layers)
        self.loss = loss
        self.dx: ndarray | None = None
        if not self.layers:
            raise ValueError("a network needs at least one layer")
        if len({id(layer) for layer in self.layers}) < len(self.layers):
            raise ValueError("a layer remembers one input, so it cannot be in a network twice")
        self.layer_names = give_names(self.layers)
        # Asked once: after forward, a layer holds arrays of floats that are not parameters.
        names = [tuple(parameter_names(layer)) for layer in self.layers]
        self.parameter_names = dict(zip(self.layer_names, names, strict=True))
        self.input_gradient = input_gradient

    def forward(self, x: ndarray, t: ndarray) -> Any:
        """Loss of the images `x` (N, D) for the labels `t`, (N,) numbers or (N, K) one-hot."""
        for layer in self.layers:
            x = layer.forward(x)
        return self.loss.forward(x, t)

    def backward(self) -> None:
        """Sets the gradients of the loss that `forward` has last computed."""
        dout: Any = self.loss.backward()
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        self.dx = dout if self.input_gradient else None

    def predict(self, x: ndarray) -> ndarray:
        """Scores (N, K) of the images `x` (N, D); what `backward` needs stays as it was.

        It is a copy of each layer that remembers this `x`. The copies share the layer's arrays, so
        a layer that writes *into* an array of its own going forward does feel it.
        """
        for layer in self.layers:
            x = copy(layer).forward(x)
        return x

    def parameters(self) -> dict[str, ndarray]:
        """The parameters by name, the arrays themselves: {"Affine1.W": (784, 50), ...}."""
        parameters = {}
        for name, layer in zip(self.layer_names, self.layers, strict=True):
            for W in self.parameter_names[name]:
                parameters[f"{name}.{W}"] = getattr(layer, W)
        return parameters

    def gradients(self) -> dict[str, ndarray]:
        """The gradients that backward has set, by the names of their parameters."""
        gradients = {}
        for name, layer in zip(self.layer_names, self.layers, strict=True):
            for W in self.parameter_names[name]:
                dW = getattr(layer, "d" + W, None)
                if dW is not None:
                    gradients[f"{name}.{W}"] = dW
        return gradients

    @property
    def input_gradient(self) -> bool:
        """Whether `backward` computes the gradient by the input."""
        return self._input_gradient

    @input_gradient.setter
    def input_gradient(self, wanted: bool) -> None:
        self._input_gradient = wanted
        first: Any = self.layers[0]
        if attribute(first, "needs_dx") is not None:
            first.needs_dx = wanted


def attribute(layer: Layer, name: str) -> Any:
    """An attribute that a layer need not have, or None."""
    try:
        return getattr(layer, name, None)
    except Exception:  # a `__getattr__` or a property of the layer's own; so there is none
        return None


def give_names(layers: Iterable[Layer]) -> tuple[str, ...]:
    """Names each layer after its class, numbered from 1 in each class."""
    names = []
    count: Counter[str] = Counter()
    for layer in layers:
        kind = type(layer).__name__
        count[kind] += 1
        names.append(f"{kind}{count[kind]}")
        with suppress(AttributeError):  # it has `__slots__`, or a `name` of its own making
            layer.name = names[-1]  # type: ignore[attr-defined]
    return tuple(names)


def parameter_names(layer: Layer) -> Iterator[str]:
    """The attributes of a layer that are its parameters: see `Network`."""
    declared = attribute(layer, "parameter_names")
    if declared is not None:
        yield from declared
        return
    attributes = attribute(layer, "__dict__") or {}
    for name, value in attributes.items():
        is_gradient = name[0] == "d" and name[1:] in attributes
        if isinstance(value, ndarray) and value.dtype.kind == "f" and not is_gradient:
            yield name
