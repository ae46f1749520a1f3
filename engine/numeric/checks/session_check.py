"""The gradient check of a session: what its program computed, compared with its own loss moved.

Nothing is asked of the program but its parameters, its gradients and its loss. So a mistake is
found by parameter, and not by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from engine.errors import Cancelled
from engine.numeric.checks.findings import (
    Finding,
    Left,
    Misfit,
    NotExamined,
    OtherTerm,
    Scaled,
    Uses,
    Why,
    fitted,
    is_odd,
    misfit,
)
from engine.numeric.checks.judge import Judge, ParameterCheck
from engine.numeric.checks.ladder import AgreementLimit
from engine.numeric.checks.scales import factor_between, is_silent, uses_of
from engine.numeric.checks.summary import GradientCheck, not_compared, summed_up, unfit_check
from engine.numeric.checks.verdict import Verdict
from engine.numeric.gradient import NumericalGradient, differentiate_probed, probing
from engine.numeric.pieces import Progress
from engine.numeric.probed import HasProbe, MadeGradient, ProbedLoss

Array = np.ndarray[Any, Any]
OWNER = "the step"  # what a finding names in place of a layer


def check_session(
    session: HasProbe, method: str, h: float | None, only: Mapping[str, Any] | None,
    progress: Callable[[Progress], None] | None, cancel: Callable[[], bool] | None, seed: int,
) -> GradientCheck:  # fmt: skip
    """Check the gradients of the cursor's batch; see `check_gradients`."""
    with probing(session) as loss:
        made = Made(loss)
        wanted = made.wanted(only)
        numerical = differentiate_probed(loss, method, h, wanted, progress, cancel)

        def poll() -> None:
            if cancel is not None and cancel():
                raise Cancelled(0, sum(array.size for array in made.analytic.values()))

        return judged(loss, made, numerical, only, poll, seed)


class Made:
    """The gradients that a batch made: comparable, of another shape, or missing.

    Attributes:
        analytic: by parameter, in its shape.
        misfits: of another shape, or no numbers.
    """

    def __init__(self, loss: ProbedLoss) -> None:
        self.parameters, self.made = loss.parameters, loss.probe.made
        self.analytic: dict[str, Array] = {}
        self.misfits: dict[str, Misfit] = {}
        for name, gradient in self.made.gradients.items():
            if name not in self.parameters:
                continue
            array = fitted(gradient.value, self.parameters[name].shape)
            if array is not None:
                self.analytic[name] = array
            else:
                self.misfits[name] = self.misfit(name)

    def misfit(self, name: str) -> Misfit:
        """The misfit of a parameter's gradient."""
        shape, one = self.parameters[name].shape, self.made.gradients[name]
        seen = misfit(OWNER, name, name, one.value, shape, self.made.samples)
        return replace(seen, gradient=self.name_of(name))

    def name_of(self, name: str) -> str:
        """What the source calls the gradient by a parameter."""
        one = self.made.gradients.get(name)
        return one.name if one is not None and one.name else f"the gradient by {name}"

    def wanted(self, only: Mapping[str, Any] | None) -> dict[str, Any]:
        """The elements to differentiate: of the gradients that can be compared."""
        asked = dict.fromkeys(self.parameters) if only is None else dict(only)
        return {
            name: indices
            for name, indices in asked.items()
            if name in self.analytic or name not in self.parameters  # these are refused
        }


def judged(
    loss: ProbedLoss, made: Made, numerical: NumericalGradient, only: Mapping[str, Any] | None,
    poll: Callable[[], None], seed: int = 0,
) -> GradientCheck:  # fmt: skip
    """The check of the gradients of a batch, by a numerical gradient of it."""
    analytic = made.analytic
    left: list[Left] = []
    checks: list[ParameterCheck] = []
    findings: list[Finding] = []
    judge = Judge(loss, analytic, numerical, loss.round_off(1.0), poll, seed)
    for name in made.parameters if only is None else only:
        if name in made.misfits:
            checks.append(unfit_check(made.misfits[name]))
            findings.append(made.misfits[name])
        elif name not in analytic:
            left.append(NotExamined(OWNER, "gradient", name, Why.NO_GRADIENT))
        elif _is_accumulated(judge, name, made.made.gradients[name]):
            gradient = made.name_of(name)
            left.append(NotExamined(OWNER, gradient, name, Why.ACCUMULATED))
        else:
            check, term = _with_term(judge, name, made)
            checks.append(check)
            findings += [term] if term is not None else []
            if check.verdict is Verdict.DISAGREES and is_odd(analytic[name], analytic[name].shape):
                findings.append(made.misfit(name))
    checks, scaled = _scaled(checks, made, numerical, judge)
    left += [
        replace(not_compared(check, only is None or _is_some(only[check.name])), layer=OWNER)
        for check in checks
        if check.verdict is Verdict.NOT_EXAMINED
    ]
    return summed_up(checks, [], numerical, analytic, loss.here, (*findings, *scaled), tuple(left))


def _is_some(indices: Any) -> bool:
    return indices is None or len(indices) > 0


def _is_accumulated(judge: Judge, name: str, gradient: MadeGradient) -> bool:
    """Whether a gradient adds that of this batch to those of batches before."""
    before = gradient.before
    if before is None or before.shape != np.shape(gradient.value) or not np.any(before):
        return False
    added = fitted(np.subtract(gradient.value, before), judge.gradients[name].shape)
    if added is None or judge.parameter(name, judge.gradients[name]).verdict is Verdict.AGREES:
        return False
    return _checked_as(judge, name, added).verdict is not Verdict.DISAGREES


def _checked_as(judge: Judge, name: str, gradient: Array) -> ParameterCheck:
    """The check of another gradient in place of a parameter's own."""
    other = Judge(
        judge.exact, {**judge.gradients, name: gradient}, judge.numerical, judge.unit, judge.poll, 0
    )
    return other.parameter(name, gradient)


def _with_term(judge: Judge, name: str, made: Made) -> tuple[ParameterCheck, OtherTerm | None]:
    """The check of a parameter, with the term of weight decay that its update may add."""
    gradient, parameter = judge.gradients[name], judge.exact.parameters[name]
    check = judge.parameter(name, gradient)
    if check.verdict is not Verdict.DISAGREES or not made.made.gradients[name].other_terms:
        return check, None
    numeric = judge.numerical.gradients[name]
    largest = float(np.nanmax(np.abs(numeric)))
    missing = np.where(np.isfinite(numeric), parameter, np.nan)
    factor = factor_between(numeric - gradient, missing, judge.noise(largest))
    if factor is None or factor * float(np.abs(parameter).max()) <= 10 * judge.noise(largest):
        return check, None
    again = _checked_as(judge, name, gradient + factor * parameter)
    if again.verdict is Verdict.DISAGREES:
        return check, None
    return again, OtherTerm(name, factor)


def _scaled(
    checks: list[ParameterCheck], made: Made, numerical: NumericalGradient, judge: Judge
) -> tuple[list[ParameterCheck], list[Scaled]]:
    """The checks with their factors: one that all gradients share need be no mistake."""
    noise = numerical.round_off
    loud = [
        check.name for check in checks
        if check.compared and not is_silent(numerical.gradients[check.name], noise)
    ]  # fmt: skip
    factors: dict[str, float] = {}
    for check in checks:
        if check.verdict is Verdict.DISAGREES and check.name in loud:
            name = check.name
            factor = factor_between(
                made.analytic[name], numerical.gradients[name], noise_of_b=noise
            )
            if factor is not None:
                factors[name] = factor
    groups: list[list[str]] = []
    for name, factor in factors.items():
        for group in groups:
            if abs(factors[group[0]] - factor) <= 1e-3 * abs(factor):
                group.append(name)
                break
        else:
            groups.append([name])
    found = []
    for group in groups:
        everywhere = len(group) == len(loud)
        factor = float(np.median([factors[name] for name in group]))
        numeric = {name: numerical.gradients[name] for name in group}
        found.append(
            Scaled(tuple(group), factor, everywhere, uses_of(made.made, numeric, factor, noise))
        )
    if len(found) == 1 and found[0].everywhere and _may_be_meant(found[0]):
        checks = [
            replace(
                check, verdict=Verdict.AGREES_AS_FAR_AS_CAN_BE, reason=AgreementLimit.SCALE
            ) if check.name in factors else check
            for check in checks
        ]  # fmt: skip
    return checks, found


def _may_be_meant(scaled: Scaled) -> bool:
    """Whether a factor is no mistake, as far as can be told."""
    return scaled.uses is Uses.DIVIDED or (scaled.uses is Uses.UNKNOWN and scaled.factor > 0)
