"""The gradient check: backpropagation compared with numerical differentiation.

The check has two parts, and both must pass. The gradient by each parameter must agree with the
numerical gradient, as closely as the step and the dtype allow. Each layer's backward must fit its
own forward (`layer_check`). Round-off can blur the first part, but not the second. The second part
locates a mistake; the first shows that there is none between the layers.

Gradients that cannot be compared never count as agreeing: a missing gradient, a gradient whose
shape no update can subtract, a network without parameters. If all layers are right and a gradient
is wrong, the check searches for a layer that writes into another's array (`overwrites`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.errors import Cancelled, LossNotFinite, NoParameters
from engine.nn.network import Network
from engine.numeric.checks.findings import (
    Finding,
    Left,
    Misfit,
    NotExamined,
    Overwritten,
    Why,
    is_odd,
    misfit,
)
from engine.numeric.checks.fits import sorted_out
from engine.numeric.checks.judge import FLOOR, UNEXPLAINED, Judge, ParameterCheck
from engine.numeric.checks.ladder import AgreementLimit
from engine.numeric.checks.layer_check import LayerCheck, check_layers
from engine.numeric.checks.overwrites import find_overwrites, without_overwrites
from engine.numeric.checks.verdict import Undecided, Verdict
from engine.numeric.gradient import NumericalGradient, differentiate
from engine.numeric.pieces import Progress
from engine.numeric.raised import as_typed
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class GradientCheck(Undecided):
    """The result of a gradient check of a network on a minibatch.

    Attributes:
        verdict: the worst of all parameters and layers; NOT_EXAMINED if no element of any gradient
            was compared, and no layer is wrong.
        reason: why it agrees only as far as can be; else None.
        layer: the first wrong layer in the order of backward, if it disagrees; else "".
        parameters: the check of each parameter.
        layers: the check of each layer by itself, in the order of backward: the loss first.
        numerical: the numerical gradient.
        analytic: the gradient of backpropagation, in the same dtype and the parameters' shapes.
        loss: of the minibatch.
        findings: the visible problems of wrong gradients.
        not_examined: the parameters that were not examined, with the reason.

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
        """The number of elements of all gradients that were compared."""
        return sum(parameter.compared for parameter in self.parameters)


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
    """Check backpropagation on images `x` (N, D) and labels `t`; the network is unchanged.

    Takes the arguments of `numerical_gradient`; `seed` is for random directions and samples.

    Raises:
        LossNotFinite: the loss cannot be differentiated.
        Cancelled: `cancel` returned True.
        CodeRaised: a layer, the loss or the network raised any exception.
        NoGradientBack: a layer's backward returned no array.
        NotCopied: the network cannot be copied.
        NumericError: as for `gradient_pieces`.

    """
    with as_typed() as callers:
        tell = None if progress is None else callers.noting(progress)
        ask = None if cancel is None else callers.noting(cancel)
        return _checked(network, x, t, method, h, only, dtype, tell, ask, seed)


def _checked(
    network: Network, x: Array, t: Array, method: str, h: float | None,
    only: Mapping[str, Any] | None, dtype: str | None,
    progress: Callable[[Progress], None] | None, cancel: Callable[[], bool] | None, seed: int,
) -> GradientCheck:  # fmt: skip
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
        if name in analytic or name not in copy.parameters  # unknown names are refused below
    }
    exact = WorkingCopy(copy.network, copy.x, copy.t, "float64")

    def poll() -> None:
        if cancel is not None and cancel():
            raise Cancelled(0, sum(array.size for array in analytic.values()))

    layers = list(check_layers(exact, seed, poll)) if exact.layers else []
    numerical = differentiate(
        network, x, t, method, h,
        only=wanted, dtype=dtype, progress=progress, cancel=cancel, seed=seed,
    )  # fmt: skip
    judge = Judge(copy, exact, numerical, layers, poll, seed)
    judged = [
        _unfit(copy, misfits[name]) if name in misfits else judge.parameter(name, analytic[name])
        for name in asked
        if name in misfits or name in analytic
    ]
    judged, overwritten = _with_overwrites(exact, judged)
    seen = _misfits_found(copy, judged, layers, given, misfits)
    left += [
        _not_compared(check, only is None or only[check.name] is None or len(only[check.name]) > 0)
        for check in judged
        if check.verdict is Verdict.NOT_EXAMINED
    ]
    if not copy.parameters:
        left.append(NoParameters.of(network))
    return _summed_up(judged, layers, numerical, analytic, loss, (*seen, *overwritten), tuple(left))


def _unfit(copy: WorkingCopy, seen: Misfit) -> ParameterCheck:
    """The check of a gradient that does not fit its parameter's shape."""
    nan = float("nan")
    errors = np.full(seen.expected, np.nan)
    return ParameterCheck(
        seen.parameter, Verdict.DISAGREES, None, seen.layer if copy.layers else "", errors, nan,
        nan, (0,) * errors.ndim, nan, nan, 0.0, (), 0,
    )  # fmt: skip


def _not_compared(check: ParameterCheck, requested: bool) -> NotExamined:
    layer, _, attribute = check.name.rpartition(".")
    why = Why.NOT_FINITE if requested and check.errors.size else Why.NO_ELEMENTS
    return NotExamined(layer, f"d{attribute}", check.name, why)


def _misfits_found(
    copy: WorkingCopy,
    judged: list[ParameterCheck],
    layers: list[LayerCheck],
    given: Mapping[str, Any],
    misfits: Mapping[str, Misfit],
) -> list[Misfit]:
    """The misfits of wrong gradients, in the order of backward.

    Both the check of the layer and that of the network may find the same misfit; it is listed once.
    """
    seen = [check.misfit for check in layers if check.misfit is not None and not check.holds]
    for check in judged:
        if check.verdict is not Verdict.DISAGREES:
            continue
        gradient, shape = given[check.name], copy.parameters[check.name].shape
        layer, _, attribute = check.name.rpartition(".")
        if check.name in misfits:
            seen.append(misfits[check.name])
        elif is_odd(gradient, shape) and check.layer in ("", layer):
            seen.append(misfit(layer, attribute, check.name, gradient, shape, len(copy.x)))
    found: dict[tuple[str, str], Misfit] = {}
    for each in seen:
        found.setdefault((each.layer, each.gradient), each)
    return list(found.values())


def _with_overwrites(
    exact: WorkingCopy, judged: list[ParameterCheck]
) -> tuple[list[ParameterCheck], list[Overwritten]]:
    """Attribute wrong gradients of right layers to the layer whose writes cause the error."""
    wrong = {
        check.name: check
        for check in judged
        if check.verdict is Verdict.DISAGREES and not check.layer and check.examined
    }
    if not wrong or not exact.layers:
        return judged, []
    clean = without_overwrites(exact)
    corrected = [
        name for name, check in wrong.items() if name in clean and _corrects(clean[name], check)
    ]
    found = find_overwrites(exact, corrected)
    culprits = {name: write.layer for write in reversed(found) for name in write.parameters}
    return [replace(check, layer=culprits.get(check.name, check.layer)) for check in judged], found


def _corrects(gradient: Array, check: ParameterCheck) -> bool:
    """Whether another gradient is right in the elements in which a parameter's is wrong."""
    floor = FLOOR * float(np.abs(gradient).max(initial=0))
    wrong = [element for element in check.examined if not element.consistent]
    again = [replace(element, analytic=float(gradient.flat[element.index])) for element in wrong]
    return all(element.consistent or element.error(floor) <= UNEXPLAINED for element in again)


def _is_missed(left: Left) -> bool:
    """Whether a requested parameter was not examined, so that the network cannot agree."""
    return not (isinstance(left, NotExamined) and left.why is Why.NO_ELEMENTS)


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
    if not first:  # each layer is right by itself: a layer with a misfit, or one that overwrites
        first = next((check.layer for check in judged if check.layer), "")
    reason = next(
        (check.reason for kind in AgreementLimit for check in judged if check.reason is kind), None
    )
    verdict = Verdict.AGREES
    if first or any(check.verdict is Verdict.DISAGREES for check in judged):
        verdict, reason = Verdict.DISAGREES, None
    elif any(_is_missed(each) for each in left) or not any(check.compared for check in judged):
        verdict, reason = Verdict.NOT_EXAMINED, None
    elif reason is not None:
        verdict = Verdict.AGREES_AS_FAR_AS_CAN_BE
    return GradientCheck(
        verdict, reason, first, tuple(judged), tuple(layers), numerical, analytic, loss, findings,
        left,
    )  # fmt: skip
