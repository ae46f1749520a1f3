"""The layer check: each layer's backward against its own forward, to locate a mistake.

A wrong backward spoils every gradient computed after it, down to the first layer. The parameters
therefore show that there is a mistake, but not where. Here each layer gets its input of the forward
pass. The input, and then each parameter, moves along a random direction r, and the output y
changes. For any v, `backward(v)` returns dx, and Σ dx · r must equal Σ v · (dy along r): the
vector-Jacobian product. No other layer is involved, so that a mistake belongs to this layer.

If an output has a kink within the step, like ReLU at 0, its derivative there is undefined. Such
outputs get v = 0. One-sided differences reveal them: over twice the step, those of a smooth
function are twice as far apart, those at a kink are not.

The check runs in float64, whatever the dtype of the network, since it looks for mistakes in code.
"""

# mypy: no-warn-return-any

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.numeric.checks.findings import Misfit, fitted, is_odd, misfit
from engine.numeric.checks.floor import without_floor
from engine.numeric.checks.verdict import Undecided
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]

STEP = 1e-4  # relative to the moved array
DIRECTIONS = 3
SLACK = 1e-6  # relative error above which a layer is wrong
LOSS_SLACK = 1e-8  # relative error above which a loss's backward belongs to a slightly other loss
LOSS_WRONG = 1e-4  # relative error above which a loss's backward is wrong


@dataclass(frozen=True, slots=True)
class LayerCheck(Undecided):
    """A gradient of a layer, compared with its own forward pass along a direction.

    Attributes:
        layer: its name; for the gradient by the scores, the loss's.
        gradient: its name in the layer: "dx", "dW", "db"; "dz" for the loss.
        analytic: by backward, along the direction.
        numeric: by central differences of forward.
        tolerance: the largest difference that the theory allows.
        scale: the size of the compared terms; more than `numeric` if terms cancel.
        floor: the floor in a loss's logarithm that its backward ignores; else 0. If not 0, the loss
            without the floor is compared.
        misfit: a visible problem of the gradient, such as its shape; else None.

    """

    layer: str
    gradient: str
    analytic: float
    numeric: float
    tolerance: float
    scale: float
    floor: float = 0.0
    misfit: Misfit | None = None

    @property
    def error(self) -> float:
        """The difference beyond the tolerance, in units of the scale; 0 within the tolerance."""
        beyond = abs(self.analytic - self.numeric) - self.tolerance
        if not beyond <= 0:
            return beyond / self.scale if self.scale else float("inf")
        return 0.0

    @property
    def is_loss(self) -> bool:
        """Whether this is the check of the loss."""
        return self.gradient == "dz"

    @property
    def holds(self) -> bool:
        """Whether the gradient is right; for the loss, nearly right."""
        return self.error <= (LOSS_WRONG if self.is_loss else SLACK)

    @property
    def is_near(self) -> bool:
        """Whether a loss's backward belongs to a slightly different loss, such as log(y + 1e-7)."""
        return self.is_loss and (self.floor > 0 or LOSS_SLACK < self.error <= LOSS_WRONG)


def check_layers(
    copy: WorkingCopy, seed: int = 0, poll: Callable[[], None] = lambda: None
) -> Iterator[LayerCheck]:
    """The worst of a few directions for every gradient, in the order of backward.

    `copy` computes in float64. A gradient by the input that a layer does not compute (`needs_dx`)
    is left out. `poll` is called before each direction, and may raise.
    """
    rng = np.random.default_rng(seed)
    network = copy.network
    inputs = [np.array(value) for value in copy.inputs()]
    yield _checked_loss(copy, inputs[-1], rng, poll)
    network.forward(copy.x.copy(), copy.t)
    douts: list[Any] = [network.loss.backward()]
    for layer in reversed(copy.layers):
        douts.append(layer.backward(np.array(douts[-1])))
    for number in reversed(range(len(copy.layers))):
        output = inputs[number + 1].shape
        dout = fitted(douts[len(copy.layers) - 1 - number], output)
        if dout is None:  # a mistake of the next layer or the loss; this layer may be right
            dout = rng.standard_normal(output)
        names = [P for P in copy.parameters if copy.place(P)[0] == number]
        yield from _check_layer(copy, number, names, inputs[number], dout, rng, poll)


def _check_layer(
    copy: WorkingCopy,
    number: int,
    names: list[str],
    x: Array,
    dout: Array,
    rng: np.random.Generator,
    poll: Callable[[], None],
) -> Iterator[LayerCheck]:
    layer: Any = copy.layers[number]
    name = copy.layer_names[number]

    def moved_input(step: Array) -> Array:
        return np.array(layer.forward(x + step))

    def by_input(v: Array) -> Any:
        layer.forward(x.copy())
        return layer.backward(v)

    if by_input(dout.copy()) is not None:
        yield _along_directions(name, "dx", x, dout, moved_input, by_input, rng, poll)
    for parameter in names:
        attribute = copy.place(parameter)[1]
        array = copy.parameters[parameter]

        def moved(step: Array, array: Array = array) -> Array:
            before = array.copy()
            try:
                array += step
                return np.array(layer.forward(x.copy()))
            finally:
                array[...] = before

        def by_parameter(v: Array, attribute: str = attribute) -> Any:
            by_input(v)
            return getattr(layer, "d" + attribute, None)

        if by_parameter(dout.copy()) is not None:
            yield _along_directions(
                name, "d" + attribute, array, dout, moved, by_parameter, rng, poll, parameter
            )


def _along_directions(
    name: str,
    gradient: str,
    array: Array,
    dout: Array,
    output: Callable[[Array], Array],
    going_back: Callable[[Array], Any],
    rng: np.random.Generator,
    poll: Callable[[], None],
    parameter: str = "",
) -> LayerCheck:
    """Compare along a few directions of `array`; the first v is the network's own dout."""
    found: list[LayerCheck] = []
    seen: Misfit | None = None
    for number in range(DIRECTIONS):
        poll()
        direction = np.asarray(rng.standard_normal(array.shape))
        derivative, error, smooth = _derivative(output, array, direction)
        v = dout if number == 0 else rng.standard_normal(dout.shape)
        v = np.where(smooth, v, 0.0)
        given = going_back(v.copy())
        analytic = fitted(given, array.shape)
        if number == 0 and is_odd(given, array.shape):
            seen = misfit(name, gradient[1:], parameter, given, array.shape, len(dout))
        if analytic is None:
            return LayerCheck(name, gradient, float("nan"), 0.0, 0.0, 0.0, misfit=seen)
        terms = v * derivative
        found.append(
            LayerCheck(
                name, gradient, float(np.sum(analytic * direction)), float(terms.sum()),
                float(np.sum(np.abs(v) * error)), float(np.sqrt(np.sum(terms * terms))),
                misfit=seen,
            )
        )  # fmt: skip
    return _worst(iter(found))


def _checked_loss(
    copy: WorkingCopy, z: Array, rng: np.random.Generator, poll: Callable[[], None]
) -> LayerCheck:
    """The worst check of the loss; of the loss without its floor if backward ignores the floor."""
    loss: Any = copy.network.loss
    name = getattr(loss, "name", type(loss).__name__)
    found = _worst(_check_loss(name, loss, z, copy.t, rng, poll))
    bare = without_floor(loss, z, copy.t)
    if bare is None:
        return found
    loss.forward(z.copy(), copy.t)
    dz, expected = fitted(loss.backward(), z.shape), bare.gradient(z, copy.t)
    slack = LOSS_SLACK * float(np.abs(expected).max())
    if dz is None or not np.all(np.abs(dz - expected) <= slack):
        return found
    direction = rng.standard_normal(z.shape)
    analytic, numeric = (float(np.sum(gradient * direction)) for gradient in (dz, expected))
    scale = float(np.sqrt(np.sum((expected * direction) ** 2)))
    return LayerCheck(name, "dz", analytic, numeric, slack * z.size, scale, bare.floor)


def _check_loss(
    name: str,
    loss: Any,
    z: Array,
    t: Array,
    rng: np.random.Generator,
    poll: Callable[[], None],
) -> Iterator[LayerCheck]:
    for _ in range(DIRECTIONS):
        poll()
        direction = np.asarray(rng.standard_normal(z.shape))
        derivative, error, smooth = _derivative(
            lambda step: np.array(loss.forward(z + step, t)), z, direction
        )
        loss.forward(z.copy(), t)
        given = loss.backward()
        dz = fitted(given, z.shape)
        if dz is None:
            seen = misfit(name, "z", "", given, z.shape, len(z))
            yield LayerCheck(name, "dz", float("nan"), 0.0, 0.0, 0.0, misfit=seen)
            return
        terms = dz * direction
        tolerance = float(error) if smooth else float("inf")
        scale = max(abs(float(derivative)), float(np.sqrt(np.sum(terms * terms))))
        yield LayerCheck(name, "dz", float(terms.sum()), float(derivative), tolerance, scale)


def _derivative(
    output: Callable[[Array], Array], array: Array, direction: Array
) -> tuple[Array, Array, Array]:
    """The output's derivative along a direction, its error, and where the output is smooth."""
    size = float(np.sqrt(np.mean(array * array))) or 1.0
    h = STEP * min(max(size, 1e-3), 1.0)
    here = output(0 * direction)
    ahead, behind, further, back = (output(k * h * direction) for k in (1, -1, 2, -2))
    eps = np.finfo(np.float64).eps
    largest = max(np.abs(here).max(initial=0), np.abs(array).max(initial=0))
    noise = 8 * eps * float(largest) / h
    near = np.abs(ahead - 2 * here + behind) / h  # distance between the one-sided differences
    far = np.abs(further - 2 * here + back) / (2 * h)
    smooth = (near <= 4 * noise) | (far >= 1.5 * near)
    derivative = (ahead - behind) / (2 * h)
    error = 3 * np.abs((further - back) / (4 * h) - derivative) + noise
    return derivative, error, smooth


def _worst(checks: Iterator[LayerCheck]) -> LayerCheck:
    """The check with the largest error; NaN counts as the largest."""
    return max(checks, key=lambda check: (np.isnan(check.error), check.error))
