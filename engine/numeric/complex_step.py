"""Complex numbers through a network, for the complex step, and the layers that refuse them.

The complex step evaluates a layer's function slightly off the real axis. This gives a derivative
only if the code computes an analytic function there. Code that takes an absolute value, or drops
the imaginary part, gives a number that is no derivative.

All layers of `engine.nn` accept complex numbers, for two reasons that are not obvious. First, numpy
orders complex numbers by their real parts, and by their imaginary parts only between equal real
parts. ReLU's comparison with 0 and Sigmoid's with −80 therefore decide as for real numbers, and the
derivative is right, except exactly at the kink, where there is none (the step then takes one side).
Second, SoftmaxWithLoss subtracts the largest score *with* its imaginary part, which does not change
the loss, as with any other number. Every other layer is tried out: its change under a small
imaginary step must equal the change under a small real step.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.errors import ComplexRefused
from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
ANALYTIC = frozenset({Affine, Sigmoid, ReLU, Tanh, SoftmaxWithLoss})


def make_complex(copy: WorkingCopy) -> None:
    """Convert the arrays of a copy to complex arrays of the same precision.

    Raises:
        ComplexRefused: a layer, or the loss, cannot compute with complex numbers.
    """
    network = copy.network
    if not copy.layers:
        raise ComplexRefused(type(network).__name__, "it has no layers that could be tried out")
    real = copy.inputs()
    names = (*copy.layer_names, getattr(network.loss, "name", type(network.loss).__name__))
    steps: list[Any] = [layer.forward for layer in copy.layers]
    steps.append(lambda z: network.loss.forward(z, copy.t))
    rng = np.random.default_rng(0)
    unknown = {
        number: _differences(steps[number], real[number], rng)
        for number, part in enumerate((*copy.layers, network.loss))
        if type(part) not in ANALYTIC
    }
    copy.cast(np.result_type(copy.x, *(a.dtype for a in copy.parameters.values()), np.complex64))
    for number, (direction, expected, slack) in unknown.items():
        _try_out(names[number], steps[number], real[number], direction, expected, slack)


def _differences(
    step: Callable[[Array], Any], x: Array, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """A random direction, the derivative along it by central differences, and its uncertainty."""
    h = float(np.finfo(x.dtype).eps) ** (1 / 3)
    direction: Array = np.asarray(rng.normal(size=x.shape), x.dtype)
    here, above, below = (np.array(step(x + k * h * direction)) for k in (0, 1, -1))
    moved = (above - below) / (2 * h)
    bend: Array = np.abs(above - 2 * here + below) / h  # large near a kink: nothing is known
    return direction, moved, bend + 1e3 * h * h * (1 + np.abs(moved) + np.abs(here))


def _try_out(
    name: str,
    step: Callable[[Array], Any],
    x: Array,
    direction: Array,
    expected: Array,
    slack: Array,
) -> None:
    h = 1e-20
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            result = np.asarray(step(x + 1j * h * direction))
        except (TypeError, ValueError, np.exceptions.ComplexWarning) as error:
            raise ComplexRefused(name, f"its code says: {str(error).rstrip('.')}") from error
    if result.dtype.kind != "c":
        raise ComplexRefused(name, "it makes real numbers of complex ones")
    if np.any(np.abs(result.imag / h - expected) > slack):
        raise ComplexRefused(name, "it computes no analytic function, as with an absolute value")
