"""The outcome of a trial: a row of the results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from engine.numeric import Contestant, Method
from gui.paint.values import number_text
from gui.views.numeric.durations import multiple_text, seconds_text
from gui.views.numeric.methods import ORDER
from gui.views.numeric.state import TrialState
from gui.views.numeric.words import said_of

SEPARATOR = " · "
BEFORE = 7  # cells before those of the methods


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A trial that has ended.

    Attributes:
        at: the time of day.
        network, batch, images: what was differentiated, on which minibatch.
        elements, h, dtype: how.
        rows: what each method took.
        verdict: in words; largest: the largest relative error, or None.
    """

    at: str
    network: str
    batch: int
    images: int
    elements: str
    h: str
    dtype: str
    rows: Mapping[Method, Contestant]
    verdict: str
    largest: float | None

    def how(self) -> str:
        """What was compared and how, in a line."""
        tr = QCoreApplication.translate
        return SEPARATOR.join((
            self.at, self.network, tr("numeric", "batch {0}").format(self.batch),
            tr("numeric", "{0} images").format(self.images),
            tr("numeric", "elements: {0}").format(self.elements), f"h {self.h}", self.dtype,
        ))  # fmt: skip

    def times(self) -> list[tuple[Method, str]]:
        """What each method took; ≈ before what was extrapolated."""
        first = BEFORE
        named = zip(ORDER, self.cells()[first : first + len(ORDER)], strict=True)
        return [(method, text) for method, text in named if text]

    def outcome(self) -> str:
        """The verdict, and the largest error where there is one."""
        if self.largest is None:
            return self.verdict
        text = QCoreApplication.translate("numeric", "{0}, largest relative error {1}")
        return text.format(self.verdict, number_text(self.largest))

    def cells(self) -> list[str]:
        """As they read in the table; ≈ before what was extrapolated."""
        texts = [self.at, self.network, str(self.batch), str(self.images), self.elements,
                 self.h, self.dtype]  # fmt: skip
        for method in ORDER:
            row = self.rows.get(method)
            if row is None or row.refused or not row.seconds_total:
                texts.append("")
                continue
            about = "≈ " if row.extrapolated else ""
            text = about + seconds_text(row.seconds_total)
            if method is not Method.BACKPROP:
                text += f"  ({multiple_text(row.times_backprop)} ×)"
            texts.append(text)
        largest = number_text(self.largest) if self.largest is not None else ""
        return [*texts, largest, self.verdict]


def result_of(state: TrialState, words: str) -> Result:
    """What a trial has come to; `words` stand in for a verdict that it has not."""
    wanted, check = state.wanted, state.check
    verdict, largest = words, None
    if check is not None:
        said = said_of(check, state.step, wanted.dtype, state.sampled)
        verdict = said.head
        largest = max((one.largest for one in check.parameters if one.compared), default=None)
    elements = QCoreApplication.translate("numeric", "all")
    if wanted.sample is not None:
        random = QCoreApplication.translate("numeric", "{0} at random")
        elements = random.format(wanted.sample)
    elif wanted.parameters is not None:
        elements = ", ".join(wanted.parameters)
    return Result(
        f"{datetime.now():%H:%M:%S}", state.subject.name, state.subject.batch,
        len(state.subject.t), elements, number_text(state.step, 1), wanted.dtype,
        state.rows, verdict, largest,
    )  # fmt: skip
