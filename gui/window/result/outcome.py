"""What came of a training, measured: the loss at its ends, and the share of right test images."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.snapshots.snapshot import RunHistory, Setup
from gui.paint.plots.curves import MovingAverage
from gui.paint.values import number_text
from gui.words.datasets import shows_digits

AVERAGE = 10  # batches of the moving average, as the curves draw it
MANY = 2 * AVERAGE  # batches, from which the average says more than the loss of one
_LEAST, _MOST = 0.095, 1000  # a loss between these is said with two decimals
HUNDRED = 100  # test images, from which a share is said of a hundred


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the batches `first` to `last` − 1 of a run.

    Attributes:
        losses: the loss at the beginning and at the end, or None if no batch has run.
        averaged: whether they are moving averages.
        before, after: the shares of right test images before `first` and before `last`, measured on
            the whole test set; None: not measured there.
        beyond: batches that have run after these.
    """

    first: int
    last: int
    losses: tuple[float, float] | None
    averaged: bool
    before: float | None
    after: float | None
    beyond: int

    @property
    def batches(self) -> int:
        """The number of batches."""
        return self.last - self.first


def outcome_of(history: RunHistory, first: int, last: int, averages: MovingAverage) -> Outcome:
    """What came of the batches from `first` to before `last`."""
    count, losses = last - first, None
    averaged = count >= MANY
    if count > 0 and last <= history.reach:
        values = averages.of(history.losses) if averaged else history.losses
        losses = float(values[first]), float(values[last - 1])
    return Outcome(
        first, last, losses, averaged, share_at(history, first), share_at(history, last),
        max(history.reach - last, 0),
    )  # fmt: skip


def share_at(history: RunHistory, batch: int) -> float | None:
    """The share of right images of the whole test set before a batch, if it was measured."""
    if batch in dict(history.test_parts):
        return None
    at = np.flatnonzero(history.test_batches == batch)
    return float(history.test_accuracies[at[0]]) if len(at) else None


def latest_share(history: RunHistory, first: int) -> float | None:
    """The latest such share after a batch."""
    parts = dict(history.test_parts)
    found = [batch for batch in history.test_batches.tolist() if batch > first]
    return next((share_at(history, b) for b in reversed(found) if b not in parts), None)


def loss_words(outcome: Outcome) -> str:
    """`Loss 2.51 to 0.25`; "" without a batch, or where no loss is known."""
    if outcome.losses is None or all(isnan(loss) for loss in outcome.losses):
        return ""
    before, after = (
        f"{loss:.2f}" if _LEAST <= loss < _MOST else number_text(loss) for loss in outcome.losses
    )
    return _tr("Loss {0} to {1}").format(before, after)


def share_words(share: float, setup: Setup, exact: bool = False) -> str:
    """`93.3 of 100 test digits right`; of a small test set the number of its images.

    `exact`: with two decimals, never rounded up, where the share is compared with a goal.
    """
    images = setup.test_images or 0
    count = round(share * images)
    if images < HUNDRED:
        right, of = str(count), images
    elif exact:
        right, of = f"{count * 10_000 // images / 100:.2f}", HUNDRED
    else:
        right, of = f"{100 * share:.1f}", HUNDRED
    words = _tr("{0} of {1} test digits right") if shows_digits(setup) else (
        _tr("{0} of {1} test images right")
    )  # fmt: skip
    return words.format(right, of)


def before_words(outcome: Outcome, setup: Setup) -> str:
    """`9.8 before`: the share before the training, where both were measured."""
    if outcome.before is None or not outcome.batches:
        return ""
    images = setup.test_images or 0
    if images < HUNDRED:
        return _tr("{0} before").format(round(outcome.before * images))
    return _tr("{0} before").format(f"{100 * outcome.before:.1f}")


def _tr(text: str) -> str:
    return QCoreApplication.translate("result", text)
