"""The numerical gradient of a network's loss by its parameters, by any of the methods."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import BadValue, Cancelled, WitnessDisagrees
from engine.nn.network import Network
from engine.numeric import elements, incremental
from engine.numeric.complex_step import make_complex
from engine.numeric.pieces import Method, Piece, Progress
from engine.numeric.working_copy import WorkingCopy, sample_elements, selected

Array = np.ndarray[Any, Any]
NUMERICAL = (Method.CENTRAL, Method.FORWARD, Method.COMPLEX, Method.INCREMENTAL)
SLICE = 0.03  # seconds between two pieces, where a single evaluation does not take longer


@dataclass(frozen=True, slots=True)
class Witness:
    """One element by two whole forward passes, beside what the incremental method says of it.

    Attributes:
        name, index: the parameter, and the flat index of the element.
        incremental, central: the two values.
        tolerance: how far apart round-off may bring them.

    """

    name: str
    index: int
    incremental: float
    central: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the two are the same but for round-off, or both not a number."""
        if np.isnan(self.incremental) or np.isnan(self.central):
            return bool(np.isnan(self.incremental) and np.isnan(self.central))
        return abs(self.incremental - self.central) <= self.tolerance


@dataclass(frozen=True, slots=True, eq=False)
class NumericalGradient:
    """A gradient, and how it was come by.

    Attributes:
        gradients: by the name of the parameter, in its shape; NaN where none was asked for.
        method, h: the way.
        dtype: of the parameters that were moved.
        evaluations: of the loss (see `Piece`).
        seconds: that it took, the witnesses not included.
        witnesses: for the incremental method, elements drawn at random; for the others, none.

    """

    gradients: dict[str, Array]
    method: Method
    h: float
    dtype: str
    evaluations: int
    seconds: float
    witnesses: tuple[Witness, ...]


def gradient_pieces(
    network: Network,
    x: Array,
    t: Array,
    method: str = "central",
    h: float | None = None,
    *,
    only: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    slice_seconds: float = SLICE,
) -> Iterator[Piece]:
    """The derivative of the loss by each parameter, a few elements at a time.

    The network is left as it was. To pause, ask for no further piece; to cancel, close the
    generator. A piece takes about `slice_seconds`, or as long as a single derivative.

    Args:
        network: with images `x` (N, D) and labels `t`; none of them is changed.
        x: see above.
        t: see above.
        method: "central", "forward", "complex" or "incremental".
        h: the step; None for the method's own (`Method.step`).
        only: flat indices of the elements wanted, by parameter; None in their place for all of it.
        dtype: "float32" or "float64", in which a copy of the network computes; None for its own.
        slice_seconds: how long to work on a piece.

    Raises:
        IntegersRefused: for integers in the parameters or `x`.
        ComplexRefused: where a layer does not let complex numbers through.
        NotRepeatable: where a layer is random.
        BadValue: for an argument that is out of range.

    """
    way = checked_method(method)
    copy = WorkingCopy(network, x, t, dtype)
    chosen = selected(copy.parameters, only)
    step = checked_step(h, way, copy)
    return _pieces(copy, chosen, way, step, slice_seconds)


def _pieces(
    copy: WorkingCopy, chosen: Mapping[str, Array], way: Method, h: float, slice_seconds: float
) -> Iterator[Piece]:
    if way is Method.INCREMENTAL and copy.layers:
        return incremental.pieces(copy, chosen, h, slice_seconds)
    copy.inputs()  # raises where a layer is random
    if way is Method.COMPLEX:
        make_complex(copy)
    return elements.pieces(copy, chosen, way, h, slice_seconds)


def numerical_gradient(
    network: Network,
    x: Array,
    t: Array,
    method: str = "central",
    h: float | None = None,
    *,
    only: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> dict[str, Array]:
    """The gradient of the loss by each parameter: {"Affine1.W": (784, 50), ...}.

    Takes what `gradient_pieces` takes. `progress` is told how far it is after every piece; `cancel`
    is asked then whether to stop, and pauses the work for as long as it does not answer.

    Raises:
        Cancelled: when `cancel` said so.
        WitnessDisagrees: where the incremental method and two whole passes differ.
        NumericError: and what else `gradient_pieces` raises.

    """
    found = differentiate(
        network, x, t, method, h, only=only, dtype=dtype, progress=progress, cancel=cancel
    )
    for one in found.witnesses:
        if not one.holds:
            raise WitnessDisagrees(one.name, one.index, one.incremental, one.central, one.tolerance)
    return found.gradients


def differentiate(
    network: Network,
    x: Array,
    t: Array,
    method: str = "central",
    h: float | None = None,
    *,
    only: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    witnesses: int = 4,
    seed: int | None = None,
) -> NumericalGradient:
    """The same with how it was come by, and `witnesses` of each parameter, drawn with `seed`."""
    way = checked_method(method)
    copy = WorkingCopy(network, x, t, dtype)
    chosen = selected(copy.parameters, only)
    step = checked_step(h, way, copy)
    gradients = {name: np.full(copy.parameters[name].shape, np.nan, copy.parameters[name].dtype)
                 for name in chosen}  # fmt: skip
    evaluations, reached = 0, Progress(0, 1, 0.0)
    for piece in drawn(_pieces(copy, chosen, way, step, SLICE), progress, cancel):
        gradients[piece.name].flat[piece.indices] = piece.values
        evaluations += piece.evaluations
        reached = piece.progress
    seen: tuple[Witness, ...] = ()
    if way is Method.INCREMENTAL:
        seen = tuple(_witnesses(copy, chosen, gradients, step, witnesses, seed, cancel))
    names = sorted({str(array.dtype) for array in gradients.values()})
    return NumericalGradient(
        gradients, way, step, ", ".join(names), evaluations, reached.seconds, seen
    )


def drawn(
    pieces: Iterator[Piece],
    progress: Callable[[Progress], None] | None,
    cancel: Callable[[], bool] | None,
) -> Iterator[Piece]:
    """The same pieces, told of to `progress`; raises Cancelled when `cancel` says so."""
    for piece in pieces:
        yield piece
        if progress is not None:
            progress(piece.progress)
        if cancel is not None and cancel():
            raise Cancelled(piece.progress.done, piece.progress.total)


def _witnesses(
    copy: WorkingCopy,
    chosen: Mapping[str, Array],
    gradients: Mapping[str, Array],
    h: float,
    count: int,
    seed: int | None,
    cancel: Callable[[], bool] | None,
) -> Iterator[Witness]:
    tolerance = 2 * round_off(copy, h)
    for name, places in sample_elements(chosen, count, np.random.default_rng(seed)).items():
        for index in chosen[name][places].tolist():
            if cancel is not None and cancel():
                total = sum(array.size for array in chosen.values())
                raise Cancelled(total, total)
            value = float(elements.central(copy.loss, copy.parameters[name], index, h))
            yield Witness(name, index, float(gradients[name].flat[index]), value, tolerance)


def round_off(copy: WorkingCopy, h: float) -> float:
    """How far round-off may bring a central difference from its true value.

    Each of the two losses is off by a few eps of the largest number that went into it, and the
    difference is divided by 2h.
    """
    outputs = copy.inputs()
    largest = max((float(np.abs(array).max(initial=0)) for array in outputs[1:]), default=0.0)
    return 4 * copy.eps * (abs(float(copy.loss())) + largest) / h


def checked_method(method: str) -> Method:
    """The method of that name; raises BadValue where there is none."""
    if method not in NUMERICAL:
        raise BadValue("method", method, f"one of {', '.join(NUMERICAL)}")
    return Method(method)


def checked_step(h: float | None, way: Method, copy: WorkingCopy) -> float:
    """The step, or the method's own; raises BadValue where it is not positive and finite."""
    if h is None:
        return way.step(copy.eps)
    if not 0 < h < np.inf:
        raise BadValue("step h", h, "a positive number")
    return float(h)
