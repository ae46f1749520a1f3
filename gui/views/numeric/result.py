"""The result of a comparison of numerical gradients (a trial), as the cells of its table row."""

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
from gui.views.numeric.words import verdict_of

SEPARATOR = " · "
BEFORE = 7  # the number of cells before the methods' cells


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """A trial that has ended.

    Attributes:
        at: the time of day at the end.
        network, batch, images: the network that was differentiated, and the minibatch.
        elements, h, dtype: the choices.
        rows: each method's evaluations and time.
        verdict: the verdict's text; largest: the largest relative error, or None.
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
        """The comparison and its choices in a line."""
        tr = QCoreApplication.translate
        return SEPARATOR.join((
            self.at, self.network, tr("numeric", "batch {0}").format(self.batch),
            tr("numeric", "{0} images").format(self.images),
            tr("numeric", "elements: {0}").format(self.elements), f"h {self.h}", self.dtype,
        ))  # fmt: skip

    def times(self) -> list[tuple[Method, str]]:
        """Each method's time; ≈ marks an extrapolated time."""
        first = BEFORE
        named = zip(ORDER, self.cells()[first : first + len(ORDER)], strict=True)
        return [(method, text) for method, text in named if text]

    def outcome(self) -> str:
        """The verdict, and the largest error if known."""
        if self.largest is None:
            return self.verdict
        text = QCoreApplication.translate("numeric", "{0}, largest relative error {1}")
        return text.format(self.verdict, number_text(self.largest))

    def cells(self) -> list[str]:
        """The cells for a file; ≈ marks an extrapolated time."""
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
    """The result of a trial; `words` replace a missing verdict."""
    wanted, check = state.wanted, state.check
    verdict, largest = words, None
    if check is not None:
        judged = verdict_of(check, state.step, wanted.dtype, state.sampled)
        verdict = judged.head
        largest = max(
            (parameter.largest for parameter in check.parameters if parameter.compared),
            default=None,
        )
    elements = QCoreApplication.translate("numeric", "all")
    if wanted.sample is not None:
        random = QCoreApplication.translate("numeric", "{0} at random")
        elements = random.format(wanted.sample)
    elif wanted.parameters is not None:
        elements = ", ".join(wanted.parameters)
    return Result(
        f"{datetime.now():%H:%M:%S}", state.subject.name, state.subject.batch,
        state.subject.samples, elements, number_text(state.step, 1), wanted.dtype,
        state.rows, verdict, largest,
    )  # fmt: skip
