"""The result of a gradient check: the checks of all parameters, and the verdict on all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.numeric.checks.findings import Finding, Left, Misfit, NotExamined, Why
from engine.numeric.checks.judge import ParameterCheck
from engine.numeric.checks.ladder import AgreementLimit
from engine.numeric.checks.layer_check import LayerCheck
from engine.numeric.checks.verdict import Undecided, Verdict
from engine.numeric.gradient import NumericalGradient

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class GradientCheck(Undecided):
    """The result of a gradient check on a minibatch.

    Attributes:
        verdict: the worst of all parameters and layers; NOT_EXAMINED if no element of any gradient
            was compared, and no layer is wrong.
        reason: why it agrees only as far as can be; else None.
        layer: the first wrong layer in the order of backward, if it disagrees; else "".
        parameters: the check of each parameter.
        layers: the check of each layer of a network by itself, in the order of backward: the loss
            first.
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


def unfit_check(seen: Misfit, layer: str = "") -> ParameterCheck:
    """The check of a gradient that does not fit its parameter's shape."""
    nan = float("nan")
    errors = np.full(seen.expected, np.nan)
    return ParameterCheck(
        seen.parameter, Verdict.DISAGREES, None, layer, errors, nan,
        nan, (0,) * errors.ndim, nan, nan, 0.0, (), 0,
    )  # fmt: skip


def not_compared(check: ParameterCheck, requested: bool) -> NotExamined:
    """The reason why no element of a parameter was compared, although some may be `requested`."""
    layer, _, attribute = check.name.rpartition(".")
    why = Why.NOT_FINITE if requested and check.errors.size else Why.NO_ELEMENTS
    return NotExamined(layer, f"d{attribute}", check.name, why)


def _is_missed(left: Left) -> bool:
    """Whether a requested parameter was not examined, so that the network cannot agree."""
    return not (isinstance(left, NotExamined) and left.why is Why.NO_ELEMENTS)


def summed_up(
    judged: list[ParameterCheck],
    layers: list[LayerCheck],
    numerical: NumericalGradient,
    analytic: dict[str, Array],
    loss: float,
    findings: tuple[Finding, ...],
    left: tuple[Left, ...],
) -> GradientCheck:
    """The check of all parameters; its verdict is the worst of them."""
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
