"""Backpropagation judged by numerical differentiation: right, as right as can be told, or wrong.

Two questions are asked, and both must be answered well. Does the gradient by each parameter agree
with its numerical one, as closely as the step and the dtype allow? And does each layer's backward
belong to its own forward (`layer_check`)? The first can be blurred by round-off, the second cannot;
the second says where a mistake is, the first that there is none between the layers either.

The relative error of an element is |a − n| / max(|a|, |n|, floor). The floor is a thousandth of the
largest of the parameter's gradient: an element near zero carries the absolute error of all the
others, and measured by itself would look wrong. Nor is the floor ever below what round-off makes
of 0, so that a gradient that is 0 throughout has no errors of 100 %.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.errors import Cancelled, LossNotFinite
from engine.nn.network import Network
from engine.numeric.gradient import NumericalGradient, differentiate, round_off
from engine.numeric.ladder import Element, Reason, climb_down
from engine.numeric.layer_check import LayerCheck, check_layers
from engine.numeric.pieces import Method, Progress
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]

AGREEMENT = 1e-6  # a relative error below it needs no explanation
FLOOR = 1e-3  # of the largest element of a parameter's gradient
UNEXPLAINED = 1e-3  # a relative error above it needs one, even where every layer is right
EXAMINED = 6  # of the worst elements of each parameter, and as many of the other suspicious ones


class Verdict(StrEnum):
    """What is said of a gradient."""

    AGREES = "agrees"
    AGREES_AS_FAR_AS_CAN_BE = "agrees as far as can be"
    DISAGREES = "disagrees"


@dataclass(frozen=True, slots=True, eq=False)
class ParameterCheck:
    """The gradient by one parameter.

    Attributes:
        name: of the parameter.
        verdict: on its gradient.
        reason: why it agrees only as far as can be, else None.
        layer: where the mistake is if it disagrees: the layer's or the loss's name; "" else, and
            where each layer is right and they are put together wrongly.
        errors: the relative error of each element, in the parameter's shape; NaN where not asked.
        largest, median: of the errors.
        worst: where the largest is, an index for each dimension.
        analytic, numeric: both values there.
        floor: the one in the relative error's formula.
        examined: elements that were looked at with smaller steps.

    """

    name: str
    verdict: Verdict
    reason: Reason | None
    layer: str
    errors: Array
    largest: float
    median: float
    worst: tuple[int, ...]
    analytic: float
    numeric: float
    floor: float
    examined: tuple[Element, ...]


@dataclass(frozen=True, slots=True, eq=False)
class GradientCheck:
    """Backpropagation of a network on a minibatch, judged.

    Attributes:
        verdict: the worst of all parameters' and layers'.
        reason: why it agrees only as far as can be, else None.
        layer: where it goes wrong first, on the way back, if it disagrees; else "".
        parameters: one after another.
        layers: each layer by itself, in the order of backward: the loss first.
        numerical: the gradient it was compared with.
        analytic: the gradient of backpropagation, in the same dtype.
        loss: of the minibatch.

    """

    verdict: Verdict
    reason: Reason | None
    layer: str
    parameters: tuple[ParameterCheck, ...]
    layers: tuple[LayerCheck, ...]
    numerical: NumericalGradient
    analytic: dict[str, Array]
    loss: float


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
        NumericError: and what else `gradient_pieces` raises.

    """
    copy = WorkingCopy(network, x, t, dtype)
    loss = float(copy.loss())
    if not np.isfinite(loss):
        raise LossNotFinite(loss)
    copy.network.backward()
    analytic = {name: np.array(array) for name, array in copy.network.gradients().items()}
    if only is None:
        only = dict.fromkeys(analytic)
    exact = WorkingCopy(copy.network, copy.x, copy.t, "float64")

    def poll() -> None:
        if cancel is not None and cancel():
            raise Cancelled(0, sum(array.size for array in analytic.values()))

    layers = list(check_layers(exact, seed, poll))
    numerical = differentiate(
        network,
        x,
        t,
        method,
        h,
        only=only,
        dtype=dtype,
        progress=progress,
        cancel=cancel,
        seed=seed,
    )
    judge = _Judge(copy, exact, numerical, layers, poll, seed)
    judged = [judge.parameter(name, analytic[name]) for name in numerical.gradients
              if name in analytic]  # fmt: skip
    return _summed_up(judged, layers, numerical, analytic, loss)


def relative_errors(analytic: Array, numeric: Array, floor: float) -> Array:
    """|a − n| / max(|a|, |n|, floor) for each element; 0 where both are 0."""
    difference = np.abs(analytic.astype(np.float64) - numeric)
    size = np.maximum(np.maximum(np.abs(analytic), np.abs(numeric)), floor)
    errors: Array = np.divide(difference, size, out=np.zeros_like(difference), where=size > 0)
    errors[np.isnan(numeric)] = np.nan
    return errors


class _Judge:
    """Judges one parameter after another, knowing what was found of the layers."""

    def __init__(
        self,
        copy: WorkingCopy,
        exact: WorkingCopy,
        numerical: NumericalGradient,
        layers: list[LayerCheck],
        poll: Callable[[], None],
        seed: int,
    ) -> None:
        self.copy, self.exact, self.poll = copy, exact, poll
        self.numerical, self.layers = numerical, layers
        self.rng = np.random.default_rng(seed)
        self.unit = round_off(exact, 1.0)  # of a central difference in float64 with step 1
        exact.loss()
        exact.network.backward()
        self.gradients = {n: np.array(g) for n, g in exact.network.gradients().items()}

    def noise(self, largest: float) -> float:
        """How far round-off may bring the numerical gradient whose largest element this is."""
        if self.numerical.method is Method.COMPLEX:
            return 16 * self.copy.eps * largest
        return round_off(self.copy, self.numerical.h) + 16 * self.copy.eps * largest

    def parameter(self, name: str, analytic: Array) -> ParameterCheck:
        numeric = self.numerical.gradients[name]
        largest = max(
            float(np.abs(analytic).max(initial=0)), float(np.nanmax(np.abs(numeric), initial=0))
        )
        noise = self.noise(largest)
        floor = max(FLOOR * largest, noise)
        errors = relative_errors(analytic, numeric, floor)
        worst = int(np.nanargmax(errors)) if np.any(np.isfinite(errors)) else 0
        verdict, reason, layer, examined = self._verdict(name, analytic, numeric, errors, noise)
        return ParameterCheck(
            name=name,
            verdict=verdict,
            reason=reason,
            layer=layer,
            errors=errors,
            largest=float(errors.flat[worst]),
            median=float(np.nanmedian(errors)),
            worst=tuple(int(place) for place in np.unravel_index(worst, errors.shape)),
            analytic=float(analytic.flat[worst]),
            numeric=float(numeric.flat[worst]),
            floor=floor,
            examined=tuple(examined),
        )

    def _verdict(
        self, name: str, analytic: Array, numeric: Array, errors: Array, noise: float
    ) -> tuple[Verdict, Reason | None, str, list[Element]]:
        suspicious = np.flatnonzero(errors > AGREEMENT)
        if np.all(np.isfinite(analytic)) and not len(suspicious):
            return Verdict.AGREES, None, "", []
        guilty = self.laid_to(name)
        if guilty:
            return Verdict.DISAGREES, None, guilty, []
        difference = np.abs(analytic - numeric).reshape(-1)
        beyond = suspicious[difference[suspicious] > noise]
        elements = list(self._examine(name, errors, beyond if len(beyond) else suspicious))
        wrong = [one for one in elements if not one.consistent]
        if any(not one.error(self.least(name)) <= UNEXPLAINED for one in wrong):
            return Verdict.DISAGREES, None, "", elements
        if not len(beyond):
            return Verdict.AGREES_AS_FAR_AS_CAN_BE, Reason.ROUND_OFF, "", elements
        if wrong and any(check.is_near for check in self.layers):
            return Verdict.AGREES_AS_FAR_AS_CAN_BE, Reason.LOSS_FLOOR, "", elements
        reasons = [one.reason for one in elements]
        reason = Reason.KINK if Reason.KINK in reasons else Reason.TRUNCATION
        return Verdict.AGREES_AS_FAR_AS_CAN_BE, reason, "", elements

    def least(self, name: str) -> float:
        """The floor of relative errors in float64.

        Where the loss is a slightly different one going back, its error is a part of what all
        parameters are given, and where that cancels a parameter's own gradient does not measure it.
        """
        near = any(check.is_near for check in self.layers)
        measured = self.gradients.values() if near else [self.gradients[name]]
        largest = max(float(np.abs(array).max(initial=0)) for array in measured)
        return largest if near else FLOOR * largest

    def laid_to(self, name: str) -> str:
        """The first layer on the way back whose mistake is in the gradient by a parameter."""
        owner, attribute = self.copy.place(name)
        for check in self.layers:
            if check.holds:
                continue
            if check.is_loss:
                return check.layer
            number = self.copy.network.layer_names.index(check.layer)
            if number > owner and check.gradient == "dx":
                return check.layer
            if number == owner and check.gradient == "d" + attribute:
                return check.layer
        return ""

    def _examine(self, name: str, errors: Array, beyond: Array) -> Iterator[Element]:
        """Judge the worst elements, and some others, in float64: what is wrong there is wrong."""
        order = beyond[np.argsort(-errors.reshape(-1)[beyond], kind="stable")]
        rest = order[EXAMINED:]
        drawn = self.rng.choice(rest, min(EXAMINED, len(rest)), replace=False)
        array = self.exact.parameters[name]
        for index in [*order[:EXAMINED].tolist(), *drawn.tolist()]:
            self.poll()
            h = max(self.numerical.h, 1e-4)  # from smaller ones down there would be round-off alone
            value = float(self.gradients[name].flat[index])
            yield climb_down(self.exact.loss, array, index, value, h, self.unit)


def _summed_up(
    judged: list[ParameterCheck],
    layers: list[LayerCheck],
    numerical: NumericalGradient,
    analytic: dict[str, Array],
    loss: float,
) -> GradientCheck:
    first = next((check.layer for check in layers if not check.holds), "")
    wrong = bool(first) or any(one.verdict is Verdict.DISAGREES for one in judged)
    reason = next((one.reason for kind in Reason for one in judged if one.reason is kind), None)
    verdict = Verdict.AGREES
    if wrong:
        verdict, reason = Verdict.DISAGREES, None
    elif reason is not None:
        verdict = Verdict.AGREES_AS_FAR_AS_CAN_BE
    return GradientCheck(
        verdict, reason, first, tuple(judged), tuple(layers), numerical, analytic, loss
    )
