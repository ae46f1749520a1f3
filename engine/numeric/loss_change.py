"""How the loss of a minibatch changes when one number moves: the trial of a derivation.

Each loss is a whole forward pass of a fresh copy of the network, in float64. All passes begin with
the same random states, so that a random layer draws the same numbers in each.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from engine.errors import BadValue
from engine.nn.network import Network
from engine.numeric.raised import as_typed
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
Index = tuple[int, ...]
# Round-off of a gradient, in eps of its dtype: each of its cells is a sum of many products.
_ROUNDED = 1000
_ROUNDED_LOSS = 16  # of a loss in float64, in its eps


@dataclass(frozen=True, slots=True)
class LossChange:
    """The change of a loss by a step of one number.

    Attributes:
        loss: the loss without the step.
        change: the loss with the step, minus the loss without.
        allowance: how far a right gradient times the step may be from the change: the loss is no
            straight line, and numbers are rounded.
    """

    loss: float
    change: float
    allowance: float


def loss_change(
    network: Network, x: Array, t: Array, array: str, index: Index, step: float
) -> LossChange:
    """The change of the loss of a minibatch by a step of one cell.

    Args:
        network: unchanged, as are the random states.
        x: images, (N, D).
        t: labels, (N,).
        array: a parameter's name ("Affine1.W"), or a layer's, whose output is moved ("Affine1").
        index: the cell of the array.
        step: is added to the cell.

    Raises:
        BadValue: there is no such array or cell.
        CodeRaised: a layer or the loss raised an exception.
        NumericError: as for `WorkingCopy`.
    """
    with as_typed(), np.errstate(all="ignore"):
        loss = partial(_loss, network, x, t, array, index)
        here = loss(0.0)
        above, below = loss(step) - here, loss(-step) - here
        nearer = loss(step / 2) - loss(-step / 2)  # twice the straight part of half the step
        # A difference of both signs has no second-order term, and a fourth of the third at half
        # the step.
        curved = abs(above + below) / 2
        skewed = abs((above - below) / 2 - nearer) * 4 / 3
        rounded = _ROUNDED_LOSS * float(np.finfo(np.float64).eps) * max(abs(here), 1.0)
        rounded += _ROUNDED * _coarsest(network, x) * abs(above)
        return LossChange(here, above, 2 * (curved + skewed) + rounded)


def _coarsest(network: Network, x: Array) -> float:
    """Distance from 1 to the next number of the coarsest dtype in use."""
    arrays = [x, *network.parameters().values()]
    return max(float(np.finfo(array.dtype).eps) for array in arrays)


def _loss(network: Network, x: Array, t: Array, array: str, index: Index, step: float) -> float:
    """The loss with a cell moved."""
    copy = WorkingCopy(network, x, t, "float64")
    states = np.random.get_state(), random.getstate()
    try:
        return float(_moved(copy, array, index, step)())
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])


def _moved(copy: WorkingCopy, array: str, index: Index, step: float) -> Callable[[], Any]:
    """The forward pass with a cell moved."""
    if array in copy.parameters:
        _move(copy.parameters[array], array, index, step)
        return copy.loss
    if array in copy.layer_names:
        return partial(_loss_past, copy, copy.layer_names.index(array), index, step)
    known = ", ".join((*copy.parameters, *copy.layer_names))
    raise BadValue("array", array, f"one of {known}")


def _loss_past(copy: WorkingCopy, layer: int, index: Index, step: float) -> Any:
    """The loss with a cell of a layer's output moved."""
    x = copy.x
    for earlier in copy.layers[: layer + 1]:
        x = earlier.forward(x)
    x = np.array(x)  # the layer may keep its output for backward
    _move(x, copy.layer_names[layer], index, step)
    return copy.loss_from(layer + 1, x)


def _move(values: Array, array: str, index: Index, step: float) -> None:
    inside = len(index) == values.ndim and all(
        0 <= at < size for at, size in zip(index, values.shape, strict=True)
    )
    if not inside:
        raise BadValue(f"cell of {array}", list(index), f"a cell of {values.shape}")
    values[index] += step
