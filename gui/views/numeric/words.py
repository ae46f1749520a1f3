"""The sentences of the numeric panel: verdicts, reasons and formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import NoParameters
from engine.numeric import (
    Contestant,
    ExpectedEvaluations,
    Finding,
    GradientCheck,
    Misfit,
    ParameterCheck,
    Uses,
    Verdict,
    expected_evaluations,
)
from engine.numeric.checks.ladder import AgreementLimit
from engine.numeric.studies.directions import ProbeDirection
from gui.dialogs.dialog import worded_text
from gui.paint.values import array_text, number_text
from gui.views.numeric.durations import count_text, seconds_text
from gui.views.numeric.methods import short_name_of
from gui.views.numeric.state import ShownParameters, TrialState

FORMULA = "|a − n| / max(|a|, |n|, floor)"


@dataclass(frozen=True, slots=True)
class VerdictText:
    """A sentence for the bar: its kind, its head in bold, the rest, and two values."""

    kind: str
    head: str
    text: str
    values: str = ""


def tr(text: str) -> str:
    """Translate a text of the numeric panel."""
    return QCoreApplication.translate("numeric", text)


def reason_words(reason: AgreementLimit | None) -> str:
    """The reason why the agreement is limited."""
    if reason is None:
        return ""
    return {
        AgreementLimit.ROUND_OFF: tr("round-off: at this h the two losses are nearly equal"),
        AgreementLimit.TRUNCATION: tr("truncation: h is so large that the loss bends"),
        AgreementLimit.KINK: tr("kink: a ReLU switches between w − h and w + h"),
        AgreementLimit.SCALE: tr("scale: every cell is the same multiple of the derivative"),
        AgreementLimit.LOSS_FLOOR: tr(
            "floor: backward leaves out the constant inside the log of the loss"
        ),
    }[reason]


def verdict_of(check: GradientCheck, h: float, dtype: str, sampled: bool) -> VerdictText:
    """The verdict on all parameters."""
    compared = [parameter for parameter in check.parameters if parameter.compared]
    if check.verdict is Verdict.DISAGREES:  # the errors of the agreeing parameters would mislead
        compared = [parameter for parameter in compared if parameter.verdict is Verdict.DISAGREES]
    worst = max(compared, key=lambda parameter: parameter.largest, default=None)
    values = values_text(worst) if worst is not None else ""
    with_ = tr("h = {0} in {1}").format(number_text(h, 1), dtype)
    errors = ""
    if worst is not None:
        median = max(parameter.median for parameter in compared)
        errors = tr("largest relative error {0} (at {1}), largest median {2}").format(
            number_text(worst.largest), place_text(worst), number_text(median)
        )
    of_these = tr("of the checked elements, ") if sampled else ""
    odd = next((witness for witness in check.numerical.witnesses if not witness.holds), None)
    if odd is not None:
        text = tr("element {0} of {1} is {2} by two whole passes and {3} incrementally").format(
            odd.index, odd.name, number_text(odd.central, 6), number_text(odd.incremental, 6)
        )
        return VerdictText("error", tr("The incremental method is wrong here"), text)
    left = " ".join(worded_text(reason) for reason in check.not_examined)
    if check.verdict is Verdict.NOT_EXAMINED:
        if not errors:
            return VerdictText("warning", tr("Backpropagation was not examined"), left)
        head = tr("Backpropagation was not examined as a whole")
        rest = tr("The examined part agrees: {0}{1}").format(of_these, errors)
        return VerdictText("warning", head, f"{left} {rest}", values)
    if check.verdict is Verdict.DISAGREES:
        if check.layer:
            head = tr("Backpropagation disagrees, first in {0}").format(check.layer)
        else:
            head = tr("Backpropagation disagrees")
        seen = " ".join(worded_text(finding) for finding in check.findings)
        found = of_these + errors if errors else ""
        return VerdictText("error", head, " ".join(part for part in (seen, found) if part), values)
    kind, left = ("warning", f". {left}") if left else ("ok", "")
    if check.verdict is Verdict.AGREES:
        head = tr("Backpropagation agrees")
        return VerdictText(kind, head, f"{with_}: {of_these}{errors}{left}", values)
    head = tr("Backpropagation agrees as well as can be")
    if check.reason is AgreementLimit.SCALE:
        seen = " ".join(worded_text(finding) for finding in check.findings)
        if any(getattr(one, "uses", Uses.DIVIDED) is not Uses.DIVIDED for one in check.findings):
            kind = "warning"
        return VerdictText(kind, head, f"{seen} {with_}{left}", values)
    return VerdictText(kind, head, f"{reason_words(check.reason)}; {with_}: {errors}{left}", values)


def trial_text(state: TrialState) -> VerdictText | None:
    """The verdict of a trial, or its current work; None before it works."""
    if state.check is not None:
        return verdict_of(state.check, state.step, state.wanted.dtype, state.sampled)
    if state.running is not None:
        head = tr("{0} is running").format(short_name_of(state.running))
        batch, samples = state.subject.batch, state.subject.samples
        text = tr("on batch {0}").format(batch)
        if samples:
            text = tr("on batch {0}, {1} images").format(batch, samples)
        return VerdictText("hint", head, text)
    if state.judging:
        return VerdictText("hint", tr("Judging"), tr("backpropagation by the numerical gradients"))
    return None


def verdict_of_directions(directions: Sequence[ProbeDirection]) -> VerdictText:
    """The verdict of the Taylor test."""
    slopes = ", ".join(f"{direction.slope:.2f}" for direction in directions)
    text = tr(
        "along {0} random directions the remainder falls with the slopes {1}; g·v and its "
        "central difference differ by {2} at most"
    ).format(len(directions), slopes, number_text(max(direction.error for direction in directions)))
    answers = [direction.is_right for direction in directions]
    if any(answer is False for answer in answers):
        return VerdictText("error", tr("Taylor test: the gradient is wrong"), text)
    if all(answers):
        return VerdictText("ok", tr("Taylor test: the gradient is right"), text)
    return VerdictText("warning", tr("Taylor test: undecided"), text)


def place_text(parameter: ParameterCheck) -> str:
    """`Affine1.W[194, 46]`."""
    return f"{parameter.name}{list(parameter.worst)}"


def values_text(parameter: ParameterCheck) -> str:
    """Both values of the worst element."""
    return tr("numeric {0}   backprop {1}").format(
        number_text(parameter.numeric, 6), number_text(parameter.analytic, 6)
    )


def parameter_lines(check: GradientCheck, parameter: ParameterCheck) -> list[str]:
    """The lines about a parameter: verdict, errors with formula, worst element, cross-checks."""
    verdicts = {
        Verdict.AGREES: tr("agrees"),
        Verdict.AGREES_AS_FAR_AS_CAN_BE: tr("agrees as well as can be"),
        Verdict.DISAGREES: tr("disagrees"),
        Verdict.NOT_EXAMINED: tr("was not examined"),
    }
    head = f"{parameter.name} {verdicts[parameter.verdict]}"
    if parameter.layer:
        head += tr(", because of {0}").format(parameter.layer)
    elif parameter.reason is not None:
        head += f" ({reason_words(parameter.reason)})"
    lines = [worded_text(seen) for seen in check.findings if parameter.name in _parameters_of(seen)]
    if not parameter.compared:
        return [head, *lines, *not_examined_lines(check, parameter.name)]
    lines = [
        *lines,
        head + tr(": relative error {0} at most, median {1}").format(
            number_text(parameter.largest), number_text(parameter.median)),
        tr("worst {0}: {1}").format(list(parameter.worst), values_text(parameter)),
        f"{FORMULA}, {tr('floor')} {number_text(parameter.floor)}",
    ]  # fmt: skip
    witnesses = [witness for witness in check.numerical.witnesses if witness.name == parameter.name]
    if witnesses:
        lines.append(
            tr("{0} elements by two whole passes each: the same").format(len(witnesses))
            if all(witness.holds for witness in witnesses)
            else tr("two whole passes give another value for an element")
        )
    return lines


def misfit_text(seen: Misfit | None) -> str:
    """A short text for a gradient that does not have the parameter's shape."""
    if seen is None:
        return tr("there is none")
    if seen.found is None:
        return seen.kind
    return tr("{0}, not {1}").format(array_text(seen.found), array_text(seen.expected))


def not_examined_lines(check: GradientCheck, name: str) -> list[str]:
    """The reason why a parameter was not examined; empty if it was."""
    return [
        worded_text(reason)
        for reason in check.not_examined
        if getattr(reason, "parameter", name) == name
    ]


def _parameters_of(seen: Finding) -> tuple[str, ...]:
    return (seen.parameter,) if isinstance(seen, Misfit) else seen.parameters


def formula_line(expected: ExpectedEvaluations) -> str:
    """`Two forward runs a weight: 784 × 50 × 2 + 50 × 10 × 2 = 79,400, with the biases 79,520`."""
    if not expected.total:
        return tr("No parameter: there is nothing to differentiate")
    text = tr("Two forward runs a weight: {0} = {1}").format(
        expected.weights_formula, count_text(expected.of_weights)
    )
    if expected.total != expected.of_weights:
        text += tr(", with the biases {0}").format(count_text(expected.total))
    return text


def tutorial_line(row: Contestant | None) -> str:
    """The tutorial's time for its first network, and the time measured here."""
    report = tr(
        "The tutorial reports nearly a minute for these 15,680 runs on its author's machine"
    )
    if row is None or row.seconds_total <= 0:
        return report + "."
    about = "≈ " if row.extrapolated else ""
    return report + tr("; here it takes {0}.").format(about + seconds_text(row.seconds_total))


def no_parameters_lines(snapshot: Snapshot) -> tuple[str, ...]:
    """Why the network at the cursor cannot be differentiated."""
    why = (worded_text(notice) for notice in snapshot.notices if isinstance(notice, NoParameters))
    return (formula_line(expected_evaluations(ShownParameters(()))), *why)


def no_parameters_of_program() -> tuple[str, str]:
    """Why a program without parameters cannot be differentiated: a title and a sentence."""
    return (
        tr("No parameters"),
        tr(
            "No array of this program is known to be trained here, so there is nothing to "
            "differentiate. Network, What is what… names them."
        ),
    )


def runs_line(elements: int) -> str:
    """The number of runs that central differences of a program need, and what is not offered."""
    text = tr("Two runs up to the loss for each of {0} elements: {1}.").format(
        count_text(elements), count_text(2 * elements)
    )
    return f"{text} {not_offered()}"


def not_offered() -> str:
    """What needs a network of layers."""
    return tr(
        "The program runs itself, in its own numbers, while nothing else is asked of it. The "
        "complex step, the incremental method and the studies of h and of size need a network of "
        "layers, which can be copied and run in parts."
    )
