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
from dataclasses import replace
from typing import Any, cast

import numpy as np

from engine.errors import Cancelled, LossNotFinite, NoParameters
from engine.nn.network import Network
from engine.numeric.checks.findings import (
    Misfit,
    Overwritten,
    is_odd,
    misfit,
)
from engine.numeric.checks.fits import sorted_out
from engine.numeric.checks.judge import FLOOR, UNEXPLAINED, NetworkJudge, ParameterCheck
from engine.numeric.checks.layer_check import LayerCheck, check_layers
from engine.numeric.checks.overwrites import find_overwrites, without_overwrites
from engine.numeric.checks.session_check import check_session
from engine.numeric.checks.summary import GradientCheck, not_compared, summed_up, unfit_check
from engine.numeric.checks.verdict import Verdict
from engine.numeric.gradient import differentiate, is_session, minibatch, session_only
from engine.numeric.pieces import Progress
from engine.numeric.probed import HasProbe
from engine.numeric.raised import as_typed
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]


def check_gradients(
    subject: Network | HasProbe,
    x: Array | None = None,
    t: Array | None = None,
    method: str | None = None,
    h: float | None = None,
    *,
    only: Mapping[str, Any] | None = None,
    dtype: str | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Check backpropagation on images `x` (N, D) and labels `t`; the network is unchanged.

    Of a session, the gradients that the cursor's batch has made are checked; it takes neither `x`
    nor `t`. The method is incremental for a network, and central for a session, if it is None.
    Takes the arguments of `numerical_gradient`; `seed` is for random directions and samples.

    Raises:
        LossNotFinite: the loss cannot be differentiated.
        Cancelled: `cancel` returned True.
        CodeRaised: a layer, the loss or the network raised any exception.
        NoGradientBack: a layer's backward returned no array.
        NotCopied: the network cannot be copied.
        NumericError: as for `numerical_gradient`.

    """
    with as_typed() as callers:
        tell = None if progress is None else callers.noting(progress)
        ask = None if cancel is None else callers.noting(cancel)
        if is_session(subject):
            session_only(x, t, dtype)
            return check_session(subject, method or "central", h, only, tell, ask, seed)
        network = cast(Network, subject)
        way, (images, labels) = method or "incremental", minibatch(x, t)
        return _checked(network, images, labels, way, h, only, dtype, tell, ask, seed)


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
    judge = NetworkJudge(copy, exact, numerical, layers, poll, seed)
    judged = [
        unfit_check(misfits[name], misfits[name].layer if copy.layers else "")
        if name in misfits
        else judge.parameter(name, analytic[name])
        for name in asked
        if name in misfits or name in analytic
    ]
    judged, overwritten = _with_overwrites(exact, judged)
    seen = _misfits_found(copy, judged, layers, given, misfits)
    left += [
        not_compared(check, only is None or only[check.name] is None or len(only[check.name]) > 0)
        for check in judged
        if check.verdict is Verdict.NOT_EXAMINED
    ]
    if not copy.parameters:
        left.append(NoParameters.of(network))
    return summed_up(judged, layers, numerical, analytic, loss, (*seen, *overwritten), tuple(left))


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
