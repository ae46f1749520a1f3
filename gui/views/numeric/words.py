"""The sentences of the numeric panel: verdicts, reasons and formulas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from engine.debug.snapshots.snapshot import Snapshot
from engine.errors import NoParameters
from engine.numeric import (
    ExpectedEvaluations,
    Finding,
    GradientCheck,
    Misfit,
    ParameterCheck,
    Verdict,
    expected_evaluations,
)
from engine.numeric.checks.ladder import AgreementLimit
from engine.numeric.studies.directions import ProbeDirection
from gui.dialogs.dialog import worded_text
from gui.paint.values import array_text, number_text
from gui.views.numeric.durations import count_text
from gui.views.numeric.state import ShownParameters

FORMULA = "|a − n| / max(|a|, |n|, floor)"


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for the bar: its kind, its head in bold, the rest, and two values."""

    kind: str
    head: str
    text: str
    values: str = ""


def tr(text: str) -> str:
    """The text in the person's language."""
    return QCoreApplication.translate("numeric", text)


def reason_words(reason: AgreementLimit | None) -> str:
    """Why it agrees only as far as can be."""
    if reason is None:
        return ""
    return {
        AgreementLimit.ROUND_OFF: tr("round-off: at this h the two losses are nearly equal"),
        AgreementLimit.TRUNCATION: tr("truncation: over so large an h the loss bends"),
        AgreementLimit.KINK: tr("kink: a ReLU switches between w − h and w + h"),
        AgreementLimit.LOSS_FLOOR: tr(
            "floor: the way back leaves out what the loss adds to its log"
        ),
    }[reason]


def said_of(check: GradientCheck, h: float, dtype: str, sampled: bool) -> Said:
    """The verdict on all parameters."""
    compared = [one for one in check.parameters if one.compared]
    if check.verdict is Verdict.DISAGREES:  # the errors of those that agree would mislead
        compared = [one for one in compared if one.verdict is Verdict.DISAGREES]
    worst = max(compared, key=lambda one: one.largest, default=None)
    values = values_text(worst) if worst is not None else ""
    with_ = tr("h = {0} in {1}").format(number_text(h, 1), dtype)
    errors = ""
    if worst is not None:
        median = max(one.median for one in compared)
        errors = tr("largest relative error {0} (at {1}), largest median {2}").format(
            number_text(worst.largest), place_text(worst), number_text(median)
        )
    of_these = tr("of the checked elements, ") if sampled else ""
    odd = next((one for one in check.numerical.witnesses if not one.holds), None)
    if odd is not None:
        text = tr("element {0} of {1} is {2} by two whole passes and {3} incrementally").format(
            odd.index, odd.name, number_text(odd.central, 6), number_text(odd.incremental, 6)
        )
        return Said("error", tr("The incremental method is wrong here"), text)
    left = " ".join(worded_text(one) for one in check.not_examined)
    if check.verdict is Verdict.NOT_EXAMINED:
        if not errors:
            return Said("warning", tr("Backpropagation was not examined"), left)
        head = tr("Backpropagation was not examined as a whole")
        rest = tr("What was agrees: {0}{1}").format(of_these, errors)
        return Said("warning", head, f"{left} {rest}", values)
    if check.verdict is Verdict.DISAGREES:
        if check.layer:
            head = tr("Backpropagation disagrees, first in {0}").format(check.layer)
        else:
            head = tr("Backpropagation disagrees")
        seen = " ".join(worded_text(one) for one in check.findings)
        found = of_these + errors if errors else ""
        return Said("error", head, " ".join(part for part in (seen, found) if part), values)
    kind, left = ("warning", f". {left}") if left else ("ok", "")
    if check.verdict is Verdict.AGREES:
        head = tr("Backpropagation agrees")
        return Said(kind, head, f"{with_}: {of_these}{errors}{left}", values)
    head = tr("Backpropagation agrees as well as can be")
    return Said(kind, head, f"{reason_words(check.reason)}; {with_}: {errors}{left}", values)


def said_of_directions(directions: Sequence[ProbeDirection]) -> Said:
    """The verdict of the Taylor test."""
    slopes = ", ".join(f"{one.slope:.2f}" for one in directions)
    text = tr(
        "along {0} random directions what remains falls with the slopes {1}; "
        "g·v and its central difference differ by {2} at most"
    ).format(len(directions), slopes, number_text(max(one.error for one in directions)))
    answers = [one.is_right for one in directions]
    if any(answer is False for answer in answers):
        return Said("error", tr("Taylor test: the gradient is wrong"), text)
    if all(answers):
        return Said("ok", tr("Taylor test: the gradient is right"), text)
    return Said("warning", tr("Taylor test: undecided"), text)


def place_text(one: ParameterCheck) -> str:
    """`Affine1.W[194, 46]`."""
    return f"{one.name}{list(one.worst)}"


def values_text(one: ParameterCheck) -> str:
    """Both values of the worst element."""
    return tr("numeric {0}   backprop {1}").format(
        number_text(one.numeric, 6), number_text(one.analytic, 6)
    )


def parameter_lines(check: GradientCheck, one: ParameterCheck) -> list[str]:
    """The lines about a parameter: verdict, errors with their formula, the worst, witnesses."""
    verdicts = {
        Verdict.AGREES: tr("agrees"),
        Verdict.AGREES_AS_FAR_AS_CAN_BE: tr("agrees as well as can be"),
        Verdict.DISAGREES: tr("disagrees"),
        Verdict.NOT_EXAMINED: tr("was not examined"),
    }
    head = f"{one.name} {verdicts[one.verdict]}"
    if one.layer:
        head += tr(", because of {0}").format(one.layer)
    elif one.reason is not None:
        head += f" ({reason_words(one.reason)})"
    lines = [worded_text(seen) for seen in check.findings if one.name in _parameters_of(seen)]
    if not one.compared:
        return [head, *lines, *left_lines(check, one.name)]
    lines = [
        *lines,
        head + tr(": relative error {0} at most, median {1}").format(
            number_text(one.largest), number_text(one.median)),
        tr("worst {0}: {1}").format(list(one.worst), values_text(one)),
        f"{FORMULA}, {tr('floor')} {number_text(one.floor)}",
    ]  # fmt: skip
    witnesses = [witness for witness in check.numerical.witnesses if witness.name == one.name]
    if witnesses:
        lines.append(
            tr("{0} elements by two whole passes each: the same").format(len(witnesses))
            if all(witness.holds for witness in witnesses)
            else tr("two whole passes give another value for an element")
        )
    return lines


def instead_text(seen: Misfit | None) -> str:
    """A short text for a gradient that has not the parameter's shape."""
    if seen is None:
        return tr("there is none")
    if seen.found is None:
        return seen.kind
    return tr("{0}, not {1}").format(array_text(seen.found), array_text(seen.expected))


def left_lines(check: GradientCheck, name: str) -> list[str]:
    """Why a parameter was not examined, where it was not."""
    return [
        worded_text(one) for one in check.not_examined if getattr(one, "parameter", name) == name
    ]


def _parameters_of(seen: Finding) -> tuple[str, ...]:
    return (seen.parameter,) if isinstance(seen, Misfit) else seen.parameters


def formula_line(expected: ExpectedEvaluations) -> str:
    """`Two forward runs a weight: 784 × 50 × 2 + 50 × 10 × 2 = 79 400, with the biases 79 520`."""
    if not expected.total:
        return tr("No parameter: there is nothing to differentiate")
    text = tr("Two forward runs a weight: {0} = {1}").format(
        expected.weights_formula, count_text(expected.of_weights)
    )
    if expected.total != expected.of_weights:
        text += tr(", with the biases {0}").format(count_text(expected.total))
    return text


def tutorial_line(seconds: float | None, extrapolated: bool, text: str) -> str:
    """The tutorial's time for its first network, and the time measured here."""
    said = tr("The tutorial reports nearly a minute for these 15 680 runs on its author's machine")
    if seconds is None:
        return said + "."
    about = "≈ " if extrapolated else ""
    return said + tr("; here it takes {0}.").format(about + text)


def nothing_lines(snapshot: Snapshot) -> tuple[str, ...]:
    """Why the network at the cursor cannot be differentiated."""
    why = (worded_text(one) for one in snapshot.notices if isinstance(one, NoParameters))
    return (formula_line(expected_evaluations(ShownParameters(()))), *why)
