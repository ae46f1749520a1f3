"""The numerical gradient of a loss by its parameters, of a network or of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard, cast

import numpy as np

from engine.errors import BadValue, Cancelled, WitnessDisagrees
from engine.nn.network import Network
from engine.numeric import elements, incremental, probed
from engine.numeric.complex_step import make_complex
from engine.numeric.pieces import Method, Piece, Progress
from engine.numeric.probed import (
    HasProbe,
    ProbedLoss,
    checked_session_method,
    checked_session_step,
)
from engine.numeric.raised import as_typed
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
        round_off: the largest error of an element by round-off; NaN if nothing was subtracted.

    """

    gradients: dict[str, Array]
    method: Method
    h: float
    dtype: str
    evaluations: int
    seconds: float
    witnesses: tuple[Witness, ...]
    round_off: float = float("nan")


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
    subject: Network | HasProbe,
    x: Array | None = None,
    t: Array | None = None,
    method: str = "central",
    h: float | None = None,
    *,
    only: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> dict[str, Array]:
    """The gradient of the loss by each parameter: {"Affine1.W": (784, 50), ...}.

    Of a network it takes the arguments of `gradient_pieces`. Of a session it takes neither `x` nor
    `t`: the loss is that of the cursor's batch, which the program runs itself; the methods are
    central and forward. After every piece `progress` receives the progress, and `cancel` is asked
    whether to stop; the work pauses until it returns.

    Raises:
        Cancelled: `cancel` returned True.
        WitnessDisagrees: the incremental method and two whole passes differ.
        NoLoss, NoParametersKnown: of a session this is not known; it can be declared.
        NumericError: as for `gradient_pieces`, and `ProbedLoss`.

    """
    found = differentiate(
        subject, x, t, method, h, only=only, dtype=dtype, progress=progress, cancel=cancel
    )
    for witness in found.witnesses:
        if not witness.holds:
            raise WitnessDisagrees(
                witness.name, witness.index, witness.incremental, witness.central, witness.tolerance
            )
    return found.gradients


def differentiate(
    subject: Network | HasProbe,
    x: Array | None = None,
    t: Array | None = None,
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
    if is_session(subject):
        return _of_session(subject, x, t, method, h, only, dtype, progress, cancel)
    way = checked_method(method)
    network = cast(Network, subject)
    copy = WorkingCopy(network, *minibatch(x, t), dtype)
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
    limit = float("nan") if way is Method.COMPLEX else round_off(copy, step)
    return NumericalGradient(
        gradients, way, step, ", ".join(names), evaluations, reached.seconds, seen, limit
    )


def is_session(subject: Any) -> TypeGuard[HasProbe]:
    """Whether a subject is a session, and no network."""
    return isinstance(subject, HasProbe)


def minibatch(x: Array | None, t: Array | None) -> tuple[Array, Array]:
    """The images and labels that a network needs; raises BadValue without them."""
    for name, array in (("x", x), ("t", t)):
        if array is None:
            raise BadValue(name, None, "the images x and the labels t of a minibatch")
    return cast(Array, x), cast(Array, t)


def session_only(x: Array | None, t: Array | None, dtype: str | None) -> None:
    """Raise BadValue for an argument that a session has of its own."""
    for name, value in (("x", x), ("t", t), ("dtype", dtype)):
        if value is not None:
            shown = value if isinstance(value, str) else type(value).__name__
            raise BadValue(name, shown, "nothing: a session runs the cursor's batch as it is")


def _of_session(
    session: HasProbe, x: Array | None, t: Array | None, method: str, h: float | None,
    only: Mapping[str, Any] | None, dtype: str | None,
    progress: Callable[[Progress], None] | None, cancel: Callable[[], bool] | None,
) -> NumericalGradient:  # fmt: skip
    session_only(x, t, dtype)
    with as_typed() as callers:
        tell = None if progress is None else callers.noting(progress)
        ask = None if cancel is None else callers.noting(cancel)
        checked_session_method(method)
        with probing(session) as loss:
            return differentiate_probed(loss, method, h, only, tell, ask)


@contextmanager
def probing(session: HasProbe) -> Iterator[ProbedLoss]:
    """The loss of the cursor's batch; at the end the cursor is where it was."""
    probe = session.probe()
    try:
        yield ProbedLoss(probe)
    finally:
        probe.put_back()


def differentiate_probed(
    loss: ProbedLoss,
    method: str = "central",
    h: float | None = None,
    only: Mapping[str, Any] | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> NumericalGradient:
    """The gradient of a loss that a session runs; see `numerical_gradient`."""
    way, step = checked_session_method(method), checked_session_step(h, method, loss)
    chosen = selected(loss.parameters, only)
    gradients = {name: np.full(loss.parameters[name].shape, np.nan) for name in chosen}
    evaluations, reached = 0, Progress(0, 1, 0.0)
    for piece in drawn(probed.pieces(loss, chosen, way, step, SLICE), progress, cancel):
        gradients[piece.name].flat[piece.indices] = piece.values
        evaluations += piece.evaluations
        reached = piece.progress
    dtypes = sorted({str(loss.parameters[name].dtype) for name in chosen})
    return NumericalGradient(
        gradients, way, step, ", ".join(dtypes), evaluations, reached.seconds, (),
        loss.round_off(step),
    )  # fmt: skip


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
