"""The words of a trial: the predicted and the measured change of the loss, and their distance."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from gui.paint.values import MINUS, with_sign
from gui.widgets.code_html import code_html
from gui.words.saying import setting
from gui.words.why.derivation import Trial, Tried

_SPACE = "\N{NO-BREAK SPACE}"
_DIGITS = 4  # of a change of the loss
_UNBROKEN = 60  # characters of a piece that stays on one line


def change_text(change: float) -> str:
    """`+1.033e−5`: with its sign, which says whether the loss rises."""
    return with_sign(change, _DIGITS)


def moved_text(trial: Trial) -> str:
    """`W[212, 18] + 0.001`, as code; of a layer: its output."""
    step = f"{MINUS if trial.step < 0 else '+'} {setting(abs(trial.step))}"
    _, dot, name = trial.array.rpartition(".")
    index = ", ".join(map(str, trial.index))
    cell = f"{name}[{index}]" if trial.index else name
    if not dot:
        return _tr("output of {0}, {1}").format(f"`{name}`", f"`[{index}] {step}`")
    return f"`{cell} {step}`"


def distance_text(tried: Tried) -> str:
    """`0.03 % apart`: as a part of the larger one."""
    predicted, measured = tried.trial.predicted, tried.measured
    larger = max(abs(predicted), abs(measured))
    if predicted == measured:
        return _tr("equal")
    share = 100 * abs(predicted - measured) / larger
    if not share >= 0.001:  # NaN, too
        return _tr("less than 0.001 % apart") if share == share else _tr("not comparable")
    return _tr("{0} % apart").format(f"{share:.1g}" if share < 1 else f"{share:.0f}")


def trial_lines(trial: Trial, tried: Tried | None, problem: str) -> list[str]:
    """The pieces of the row, each to stay on one line; code between backticks."""
    if problem:
        return [_tr("Not tried:"), problem]
    if tried is None:
        predicted = _tr("loss predicted `{0}`").format(change_text(trial.predicted))
        return [_tr("Being tried: {0}").format(moved_text(trial)), predicted]
    found = [
        _tr("Tried: {0}").format(moved_text(trial)),
        _tr("loss predicted `{0}`").format(change_text(trial.predicted)),
        _tr("measured `{0}`").format(change_text(tried.measured)),
        distance_text(tried),
    ]
    if not tried.holds:
        found.append(_tr("more than a curved loss and rounding explain"))
    return found


def trial_html(lines: list[str], pixels: int) -> str:
    """The same as rich text; a line is broken between two pieces, if at all."""
    head, *others = (
        code_html(line.replace(" ", _SPACE) if len(line) < _UNBROKEN else line, pixels)
        for line in lines
    )
    bold = f'<span style="font-weight:600">{head}</span>'
    return f"{_SPACE} ".join([bold, *others])


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyBox", text)
