"""The numbers and words of what came of a training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.debug.session import Session
from engine.debug.snapshots.snapshot import RunHistory, Setup
from gui.paint.plots.curves import MovingAverage
from gui.window.result.outcome import (
    before_words,
    latest_share,
    loss_words,
    outcome_of,
    share_at,
    share_words,
)


def history(losses, shares=None, parts=()) -> RunHistory:
    shares = shares or {}
    found = np.array(list(shares.values()), dtype=float)
    return RunHistory(
        np.array(losses, dtype=float), np.array(list(shares), dtype=int), found, found,
        len(losses), 600, (), parts,
    )  # fmt: skip


@pytest.fixture
def setup(session: Session) -> Setup:
    return replace(session.snapshot().setup, dataset="MNIST", test_images=10_000)


def words(losses, first=0, last=None) -> str:
    last = len(losses) if last is None else last
    return loss_words(outcome_of(history(losses), first, last, MovingAverage(10)))


def test_a_loss_has_two_decimals_or_more_where_it_is_small_or_large():
    assert words([2.512, 1.2, 0.249]) == "Loss 2.51 to 0.25"
    assert words([2.512, 0.0123]) == "Loss 2.51 to 0.012"
    assert words([2.5, float("nan")]) == "Loss 2.50 to NaN"
    assert words([]) == ""


def test_of_a_part_of_a_run_the_part_is_said():
    losses = [9.0, 3.0, 2.0, 1.0, 9.0]
    assert words(losses, 1, 4) == "Loss 3.00 to 1.00"
    assert outcome_of(history(losses), 1, 4, MovingAverage(10)).beyond == 1


def test_a_share_measured_on_a_part_is_not_said():
    found = history([1.0] * 9, {0: 0.1, 5: 0.7, 9: 0.8}, parts=((5, 2000),))
    assert share_at(found, 0) == 0.1
    assert share_at(found, 5) is None
    assert share_at(found, 4) is None
    assert latest_share(found, 0) == 0.8
    assert latest_share(found, 9) is None


def test_a_share_is_said_of_a_hundred_and_of_few_images_as_their_number(setup):
    assert share_words(0.9333, setup) == "93.3 of 100 test digits right"
    assert share_words(0.9502, setup, exact=True) == "95.02 of 100 test digits right"
    almost = replace(setup, test_images=60_000)
    assert share_words(56_999 / 60_000, almost, exact=True) == "94.99 of 100 test digits right"
    few = replace(setup, dataset="Noise", test_images=50)
    assert share_words(0.94, few) == "47 of 50 test images right"


def test_the_share_before_is_said_where_it_was_measured(setup):
    known = outcome_of(history([2.0, 1.0], {0: 0.098, 2: 0.5}), 0, 2, MovingAverage(10))
    assert (known.before, known.after) == (0.098, 0.5)
    assert before_words(known, setup) == "9.8 before"
    unknown = outcome_of(history([2.0, 1.0], {2: 0.5}), 0, 2, MovingAverage(10))
    assert before_words(unknown, setup) == ""
