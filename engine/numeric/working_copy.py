"""A working copy of a network, whose parameters are moved in place of the network's own.

It is a deep copy, including all that the layers keep, in the requested dtype. Integer arrays are
refused: adding 1e-4 to an integer changes nothing, so that the gradient would silently be 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from engine.errors import (
    BadValue,
    IntegersRefused,
    NoGradientBack,
    NotANetwork,
    NotCopied,
    NotRepeatable,
)
from engine.nn.network import Network
from engine.own_code import dictionary_of, of_the_code

Array = np.ndarray[Any, Any]
DTYPES = ("float32", "float64")


class WorkingCopy:
    """A copy of a network, with the minibatch of its loss.

    Attributes:
        network: the copy.
        x, t: images (N, D) in its dtype, and labels.
        parameters: the copy's own arrays, by name; to be moved and restored.
        layers, layer_names: of the network; empty if it is no chain of layers with a loss.

    Raises:
        NotANetwork: it has no parameters(), or no forward(x, t).
        NotCopied: a layer cannot be copied.
        IntegersRefused: `x` or a parameter has no floating-point numbers.
        BadValue: the dtype is not float32, float64 or None (which keeps all dtypes).

    """

    def __init__(self, network: Network, x: Array, t: Array, dtype: str | None = None) -> None:
        if dtype is not None and dtype not in DTYPES:
            raise BadValue("dtype", dtype, f"one of {', '.join(DTYPES)}")
        for missing in ("parameters", "forward"):
            if not hasattr(network, missing):
                raise NotANetwork(type(network).__name__, missing)
        for name, array in {"x": np.asarray(x), **network.parameters()}.items():
            if array.dtype.kind != "f":
                raise IntegersRefused(name, str(array.dtype))
        self.network = _copied(network)
        self.layers, self.layer_names = _chain(self.network)
        self._spoils_x: bool | None = None  # whether forward writes into the images
        self.x, self.t = np.array(x), np.array(t)
        if dtype is not None:
            self.cast(np.dtype(dtype))
        self.parameters = self.network.parameters()

    def cast(self, dtype: np.dtype[Any]) -> None:
        """Convert every array of numbers in the layers, and `x`, to another dtype."""
        cast: dict[int, Array] = {}  # by id, so that layers keep sharing shared arrays
        for holder in self._holders():
            for name, value in list((dictionary_of(holder) or {}).items()):
                if not isinstance(value, np.ndarray):
                    continue
                if value.dtype.kind == "f" or (value.dtype.kind == dtype.kind == "c"):
                    setattr(holder, name, cast.setdefault(id(value), value.astype(dtype)))
        for name, array in self.network.parameters().items():
            if array.dtype != dtype:  # not in the layer's dictionary: a slot, a property
                layer, attribute = self.place(name)
                setattr(self.layers[layer], attribute, array.astype(dtype))
        self.x = self.x.astype(dtype)
        self.parameters = self.network.parameters()

    @property
    def eps(self) -> float:
        """Distance from 1 to the next number of the coarsest dtype in use."""
        arrays = (self.x, *self.parameters.values())
        return max(float(np.finfo(array.dtype).eps) for array in arrays)

    def _holders(self) -> tuple[Any, ...]:
        """The objects whose arrays enter the loss."""
        network = self.network
        return (*self.layers, network.loss) if self.layers else (network,)

    def loss(self) -> Any:
        """The loss of the minibatch, by a whole forward pass; on a copy of `x` if needed."""
        if self._spoils_x is False:
            return self.network.forward(self.x, self.t)
        given = self.x.copy(order="K")
        loss = self.network.forward(given, self.t)
        self._spoils_x = not np.array_equal(given, self.x, equal_nan=True)
        return loss

    def backward(self) -> None:
        """Run a backward pass after `loss`; raises NotANetwork if the network has none."""
        for missing in ("backward", "gradients"):
            if not hasattr(self.network, missing):
                raise NotANetwork(type(self.network).__name__, missing)
        try:
            self.network.backward()
        except Exception as error:
            self._check_gradients_returned(error)
            raise

    def _check_gradients_returned(self, error: Exception) -> None:
        """Raise NoGradientBack if a layer's backward returns no array for the previous layer."""
        if not self.layers:
            return
        self.loss()
        dout: Any = self.network.loss.backward()
        for name, layer in reversed(list(zip(self.layer_names, self.layers, strict=True))[1:]):
            dout = layer.backward(dout)
            if not is_numeric(dout):
                raise NoGradientBack(name, type(dout).__name__) from error

    def loss_from(self, layer: int, x: Array) -> Any:
        """The loss, computed from a layer with input `x` on. Call `inputs` before.

        If `inputs` has found a layer that writes into its input, the layers get a copy of `x`.
        """
        if self._writes:
            x = x.copy()
        for later in self.layers[layer:]:
            x = later.forward(x)
        return self.network.loss.forward(x, self.t)

    _writes = False  # whether a layer writes into its input

    def inputs(self) -> list[Array]:
        """The input of each layer, and then of the loss: one array more than there are layers.

        Raises:
            NotRepeatable: a layer gives another output for the same input.
        """
        values = [self.x]
        for name, layer in zip(self.layer_names, self.layers, strict=True):
            given = values[-1].copy(order="K")
            once = np.array(layer.forward(given))
            if not np.array_equal(given, values[-1], equal_nan=True):
                self._writes, given = True, values[-1].copy(order="K")
            again = layer.forward(given)
            if not np.array_equal(once, again, equal_nan=True):
                raise NotRepeatable(name)
            values.append(again)
        return values

    def place(self, name: str) -> tuple[int, str]:
        """The number of the layer that has a parameter, and the parameter's attribute there."""
        layer, attribute = name.split(".", 1)
        return self.layer_names.index(layer), attribute


def is_numeric(gradient: Any) -> bool:
    """Whether an update can multiply the gradient by a learning rate and subtract it."""
    if isinstance(gradient, (np.ndarray, np.generic)):
        return gradient.dtype.kind in "fiub"
    return isinstance(gradient, (int, float))


def _copied(network: Any) -> Any:
    try:
        return deepcopy(network)
    except BaseException as error:
        if not of_the_code(error):
            raise
        raise NotCopied(error) from error


def _chain(network: Any) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """The layers and their names, if each parameter belongs to a layer and there is a loss."""
    layers = tuple(getattr(network, "layers", ()))
    names = tuple(getattr(network, "layer_names", ()))
    owners = {name.partition(".")[0] for name in network.parameters()}
    if not hasattr(network, "loss") or len(names) != len(layers) or not owners <= set(names):
        return (), ()
    return layers, names


def selected(parameters: Mapping[str, Array], only: Mapping[str, Any] | None) -> dict[str, Array]:
    """The flat indices (P,) of the elements to differentiate, by parameter.

    `only` maps names to flat indices, or to None for all elements. Without it, all are selected.
    """
    if only is None:
        return {name: np.arange(array.size) for name, array in parameters.items()}
    chosen = {}
    for name, indices in only.items():
        if name not in parameters:
            raise BadValue("parameter", name, f"one of {', '.join(parameters)}")
        size = parameters[name].size
        flat = np.arange(size) if indices is None else np.asarray(indices, np.intp).reshape(-1)
        if np.any((flat < 0) | (flat >= size)):
            raise BadValue(
                f"index into {name}", flat.tolist(), f"flat indices from 0 to {size - 1}"
            )
        chosen[name] = flat
    return chosen


def sample_elements(
    parameters: Mapping[str, Array], count: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Flat indices of up to `count` elements of each parameter, drawn without repetition."""
    return {
        name: np.sort(rng.choice(array.size, min(count, array.size), replace=False))
        for name, array in parameters.items()
    }
