"""The numerical gradient of a network's loss by its parameters, by any method."""

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
SLICE = 0.03  # seconds between two pieces, unless a single evaluation takes longer


@dataclass(frozen=True, slots=True)
class Witness:
    """A check of the incremental method: one element, compared with two whole forward passes.

    Attributes:
        name, index: the parameter, and the flat index of the element.
        incremental, central: the two values.
        tolerance: the largest difference that round-off explains.

    """

    name: str
    index: int
    incremental: float
    central: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the two values are equal up to round-off, or both NaN."""
        if np.isnan(self.incremental) or np.isnan(self.central):
            return bool(np.isnan(self.incremental) and np.isnan(self.central))
        return abs(self.incremental - self.central) <= self.tolerance


@dataclass(frozen=True, slots=True, eq=False)
class NumericalGradient:
    """A numerical gradient, and how it was computed.

    Attributes:
        gradients: by parameter, in its shape; NaN for elements that were not requested.
        method, h: the method and the step.
        dtype: of the moved parameters.
        evaluations: of the loss (see `Piece`).
        seconds: the time that it took, without the witnesses.
        witnesses: for the incremental method, random elements; for the others, none.

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

    The network is unchanged. To pause, request no further piece; to cancel, close the generator.
    A piece takes about `slice_seconds`, or as long as a single derivative.

    Args:
        network: unchanged.
        x: (N, D) images, unchanged.
        t: labels, unchanged.
        method: "central", "forward", "complex" or "incremental".
        h: the step; None for the method's default (`Method.step`).
        only: by parameter, the flat indices of the requested elements; None for all its elements.
        dtype: "float32" or "float64", in which a copy of the network computes; None for its own.
        slice_seconds: the time to work on a piece.

    Raises:
        IntegersRefused: the parameters or `x` are integers.
        ComplexRefused: a layer cannot compute with complex numbers.
        NotRepeatable: a layer is random.
        BadValue: an argument is out of range.

    """
    way = checked_method(method)
    copy = WorkingCopy(network, x, t, dtype)
    chosen = selected(copy.parameters, only)
    step = checked_step_size(h, way, copy)
    return _pieces(copy, chosen, way, step, slice_seconds)


def _pieces(
    copy: WorkingCopy, chosen: Mapping[str, Array], way: Method, h: float, slice_seconds: float
) -> Iterator[Piece]:
    if way is Method.INCREMENTAL and copy.layers:
        return incremental.pieces(copy, chosen, h, slice_seconds)
    copy.inputs()  # raises if a layer is random
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

    Takes the arguments of `gradient_pieces`. After every piece `progress` receives the progress,
    and `cancel` is asked whether to stop; the work pauses until it returns.

    Raises:
        Cancelled: `cancel` returned True.
        WitnessDisagrees: the incremental method and two whole passes differ.
        NumericError: as for `gradient_pieces`.

    """
    found = differentiate(
        network, x, t, method, h, only=only, dtype=dtype, progress=progress, cancel=cancel
    )
    for witness in found.witnesses:
        if not witness.holds:
            raise WitnessDisagrees(
                witness.name, witness.index, witness.incremental, witness.central, witness.tolerance
            )
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
    """The gradient with its method, time and `witnesses` of each parameter, drawn with `seed`."""
    way = checked_method(method)
    copy = WorkingCopy(network, x, t, dtype)
    chosen = selected(copy.parameters, only)
    step = checked_step_size(h, way, copy)
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
    """Pass on pieces and report them to `progress`; raises Cancelled if `cancel` returns True."""
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
    """The largest error of a central difference by round-off.

    Each of the two losses is off by a few eps of the largest number in its computation, and their
    difference is divided by 2h.
    """
    outputs = copy.inputs()
    largest = max((float(np.abs(array).max(initial=0)) for array in outputs[1:]), default=0.0)
    return 4 * copy.eps * (abs(float(copy.loss())) + largest) / h


def checked_method(method: str) -> Method:
    """The method of a name; raises BadValue if there is none."""
    if method not in NUMERICAL:
        raise BadValue("method", method, f"one of {', '.join(NUMERICAL)}")
    return Method(method)


def checked_step_size(h: float | None, way: Method, copy: WorkingCopy) -> float:
    """The step, or the method's default; raises BadValue if it is not positive and finite."""
    if h is None:
        return way.step(copy.eps)
    if not 0 < h < np.inf:
        raise BadValue("step h", h, "a positive number")
    return float(h)
