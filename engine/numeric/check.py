"""Backpropagation judged by numerical differentiation: right, as right as can be told, or wrong.

Two questions are asked, and both must be answered well. Does the gradient by each parameter agree
with its numerical one, as closely as the step and the dtype allow? And does each layer's backward
belong to its own forward (`layer_check`)? The first can be blurred by round-off, the second cannot;
the second says where a mistake is, the first that there is none between the layers either.

What cannot be compared is never said to agree: a gradient that is missing, or that has a shape in
which no update can subtract it, a network without parameters. Where all layers are right and a
gradient is wrong, it is looked for a layer that writes into an array of another (`overwrites`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import Cancelled, LossNotFinite, NoParameters
from engine.nn.network import Network
from engine.numeric.findings import (
    Finding,
    Left,
    Misfit,
    NotExamined,
    Overwritten,
    Why,
    is_odd,
    misfit,
)
from engine.numeric.fits import sorted_out
from engine.numeric.gradient import NumericalGradient, differentiate
from engine.numeric.judge import FLOOR, UNEXPLAINED, Judge, ParameterCheck
from engine.numeric.ladder import AgreementLimit
from engine.numeric.layer_check import LayerCheck, check_layers
from engine.numeric.overwrites import find_overwrites, without_overwrites
from engine.numeric.pieces import Progress
from engine.numeric.raised import as_typed
from engine.numeric.verdict import Undecided, Verdict
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class GradientCheck(Undecided):
    """Backpropagation of a network on a minibatch, judged.

    Attributes:
        verdict: the worst of all parameters' and layers'; NOT_EXAMINED where no element of a
            gradient by a parameter was compared, and no layer is wrong.
        reason: why it agrees only as far as can be, else None.
        layer: where it goes wrong first, on the way back, if it disagrees; else "".
        parameters: one after another.
        layers: each layer by itself, in the order of backward: the loss first.
        numerical: the gradient it was compared with.
        analytic: the gradient of backpropagation, in the same dtype and the parameters' shapes.
        loss: of the minibatch.
        findings: what is to be seen of what is wrong.
        not_examined: the parameters that were not, and why; or that there are none.

    """

    verdict: Verdict
    reason: AgreementLimit | None
    layer: str
    parameters: tuple[ParameterCheck, ...]
    layers: tuple[LayerCheck, ...]
    numerical: NumericalGradient
    analytic: dict[str, Array]
    loss: float
    findings: tuple[Finding, ...] = ()
    not_examined: tuple[Left, ...] = ()

    @property
    def compared(self) -> int:
        """How many elements of all gradients were compared."""
        return sum(one.compared for one in self.parameters)


def check_gradients(
    network: Network,
    x: Array,
    t: Array,
    method: str = "incremental",
    h: float | None = None,
    *,
    only: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Judge backpropagation on images `x` (N, D) and labels `t`; the network is left as it was.

    Takes what `numerical_gradient` takes; `seed` is for the directions and samples that are drawn.

    Raises:
        LossNotFinite: where there is nothing to differentiate.
        Cancelled: when `cancel` said so.
        CodeRaised: where a layer, the loss or the network raises whatever it may be.
        NoGradientBack: where a layer's backward returns no array.
        NotCopied: where the network cannot be copied.
        NumericError: and what else `gradient_pieces` raises.

    """
    with as_typed() as callers:
        tell = None if progress is None else callers.noting(progress)
        ask = None if cancel is None else callers.noting(cancel)
        return _checked(network, x, t, method, h, only, dtype, tell, ask, seed)


def _checked(
    network: Network,
    x: Array,
    t: Array,
    method: str,
    h: float | None,
    only: Mapping[str, Any] | None,
    dtype: str | None,
    progress: Callable[[Progress], None] | None,
    cancel: Callable[[], bool] | None,
    seed: int,
) -> GradientCheck:
    copy = WorkingCopy(network, x, t, dtype)
    loss = float(copy.loss())
    if not np.isfinite(loss):
        raise LossNotFinite(loss)
    copy.backward()
    given = copy.network.gradients()
    asked = list(copy.parameters) if only is None else list(only)
    analytic, misfits, left = sorted_out(copy, given, asked)
    wanted = {
        name: None if only is None else only[name]
        for name in asked
        if name in analytic or name not in copy.parameters  # which is refused with a sentence
    }
    exact = WorkingCopy(copy.network, copy.x, copy.t, "float64")

    def poll() -> None:
        if cancel is not None and cancel():
            raise Cancelled(0, sum(array.size for array in analytic.values()))

    layers = list(check_layers(exact, seed, poll)) if exact.layers else []
    numerical = differentiate(
        network,
        x,
        t,
        method,
        h,
        only=wanted,
        dtype=dtype,
        progress=progress,
        cancel=cancel,
        seed=seed,
    )
    judge = Judge(copy, exact, numerical, layers, poll, seed)
    judged = [
        _unfit(copy, misfits[name]) if name in misfits else judge.parameter(name, analytic[name])
        for name in asked
        if name in misfits or name in analytic
    ]
    judged, overwritten = _laid_to_overwrites(exact, judged)
    seen = _what_is_seen(copy, judged, layers, given, misfits)
    left += [
        _not_compared(one, only is None or only[one.name] is None or len(only[one.name]) > 0)
        for one in judged
        if one.verdict is Verdict.NOT_EXAMINED
    ]
    if not copy.parameters:
        left.append(NoParameters.of(network))
    return _summed_up(judged, layers, numerical, analytic, loss, (*seen, *overwritten), tuple(left))


def _unfit(copy: WorkingCopy, seen: Misfit) -> ParameterCheck:
    """The check of a gradient that cannot be brought into its parameter's shape."""
    nan = float("nan")
    errors = np.full(seen.expected, np.nan)
    return ParameterCheck(
        seen.parameter, Verdict.DISAGREES, None, seen.layer if copy.layers else "", errors, nan,
        nan, (0,) * errors.ndim, nan, nan, 0.0, (), 0,
    )  # fmt: skip


def _not_compared(one: ParameterCheck, asked: bool) -> NotExamined:
    layer, _, attribute = one.name.rpartition(".")
    why = Why.NOT_FINITE if asked and one.errors.size else Why.NO_ELEMENTS
    return NotExamined(layer, f"d{attribute}", one.name, why)


def _what_is_seen(
    copy: WorkingCopy,
    judged: list[ParameterCheck],
    layers: list[LayerCheck],
    given: Mapping[str, Any],
    misfits: Mapping[str, Misfit],
) -> list[Misfit]:
    """What can be said of gradients that are wrong besides their values, in the order of backward.

    Of one parameter the layer by itself and the whole network may both say it: it is said once.
    """
    seen = [check.misfit for check in layers if check.misfit is not None and not check.holds]
    for one in judged:
        if one.verdict is not Verdict.DISAGREES:
            continue
        gradient, shape = given[one.name], copy.parameters[one.name].shape
        layer, _, attribute = one.name.rpartition(".")
        if one.name in misfits:
            seen.append(misfits[one.name])
        elif is_odd(gradient, shape) and one.layer in ("", layer):
            seen.append(misfit(layer, attribute, one.name, gradient, shape, len(copy.x)))
    said: dict[tuple[str, str], Misfit] = {}
    for each in seen:
        said.setdefault((each.layer, each.gradient), each)
    return list(said.values())


def _laid_to_overwrites(
    exact: WorkingCopy, judged: list[ParameterCheck]
) -> tuple[list[ParameterCheck], list[Overwritten]]:
    """Lay wrong gradients of right layers to the layer whose writes make the difference."""
    wrong = {
        one.name: one
        for one in judged
        if one.verdict is Verdict.DISAGREES and not one.layer and one.examined
    }
    if not wrong or not exact.layers:
        return judged, []
    clean = without_overwrites(exact)
    mended = [name for name, one in wrong.items() if name in clean and _mends(clean[name], one)]
    found = find_overwrites(exact, mended)
    laid = {name: one.layer for one in reversed(found) for name in one.parameters}
    return [replace(one, layer=laid.get(one.name, one.layer)) for one in judged], found


def _mends(gradient: Array, one: ParameterCheck) -> bool:
    """Whether another gradient is right in the elements in which a parameter's is wrong."""
    floor = FLOOR * float(np.abs(gradient).max(initial=0))
    wrong = [element for element in one.examined if not element.consistent]
    again = [replace(element, analytic=float(gradient.flat[element.index])) for element in wrong]
    return all(element.consistent or element.error(floor) <= UNEXPLAINED for element in again)


def _is_missed(one: Left) -> bool:
    """Whether it keeps all from being said to agree: it was asked for, and not examined."""
    return not (isinstance(one, NotExamined) and one.why is Why.NO_ELEMENTS)


def _summed_up(
    judged: list[ParameterCheck],
    layers: list[LayerCheck],
    numerical: NumericalGradient,
    analytic: dict[str, Array],
    loss: float,
    findings: tuple[Finding, ...],
    left: tuple[Left, ...],
) -> GradientCheck:
    first = next((check.layer for check in layers if not check.holds), "")
    if not first:  # all by themselves are right: then where gradients of another shape are set, or
        first = next((one.layer for one in judged if one.layer), "")  # others' arrays written to
    reason = next(
        (one.reason for kind in AgreementLimit for one in judged if one.reason is kind), None
    )
    verdict = Verdict.AGREES
    if first or any(one.verdict is Verdict.DISAGREES for one in judged):
        verdict, reason = Verdict.DISAGREES, None
    elif any(_is_missed(one) for one in left) or not any(one.compared for one in judged):
        verdict, reason = Verdict.NOT_EXAMINED, None
    elif reason is not None:
        verdict = Verdict.AGREES_AS_FAR_AS_CAN_BE
    return GradientCheck(
        verdict, reason, first, tuple(judged), tuple(layers), numerical, analytic, loss, findings,
        left,
    )  # fmt: skip
