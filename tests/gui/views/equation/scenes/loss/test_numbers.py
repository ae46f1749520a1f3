"""The numbers of the loss's stops: read from arrays, where it is certain what they are."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import Dataset
from engine.debug.explain.operation_stops import operation_stops
from engine.debug.reach.placeholders import FadedArray
from engine.debug.session import Session
from engine.nn.layers import Affine
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.views.equation.scenes.loss.numbers import (
    Stop,
    choose,
    less_one_text,
    put_in,
    read,
    share_text,
    three,
)
from gui.views.equation.scenes.loss.words import bars_of, scale_of, sum_of
from tests.gui.sessions import make_session
from tests.gui.words.foreign import networks

OWN = tuple(stop for stop in Stop if stop is not Stop.FOUND)


@cache
def snapshots(preset: str = ""):
    """By what has been computed, the snapshots of a minibatch's operation stops at the loss."""
    session = build_session(Options(network=preset)) if preset else make_session()
    session.run(3)
    return found_in(session)


def found_in(session: Session):
    batch = session.position.batch
    session.goto(batch)
    found = {}
    for event in operation_stops(session.trace):
        session.goto(batch, event)
        snapshot = session.snapshot()
        judged = read(snapshot)
        if judged is not None:
            found.setdefault(judged.stop, snapshot)
    return found


def with_variable(snapshot, name, value):
    variables = tuple(
        replace(one, value=value) if one.name == name else one for one in snapshot.variables
    )
    return replace(snapshot, variables=variables)


def with_result(snapshot, value):
    return replace(snapshot, operation=replace(snapshot.operation, result=value))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_line_of_the_loss_is_found_in_the_order_in_which_it_runs(preset):
    assert tuple(snapshots(preset)) == OWN


def test_each_stop_shows_what_has_been_computed_so_far():
    steps = {stop: read(snapshots()[stop]) for stop in OWN}
    for stop in OWN:
        judged = steps[stop]
        assert (judged.surprises is not None) == (Stop.SURPRISES <= stop <= Stop.MEAN)
        assert (judged.total is not None) == (stop in (Stop.TOTAL, Stop.MEAN))
        assert (judged.mean is not None) == (stop is Stop.MEAN)
        assert all(step <= stop for step in judged.steps)
    assert set(steps[Stop.SHIFTED].steps) == {Stop.SCORES, Stop.SHIFTED}


def test_the_numbers_are_those_of_the_arrays():
    snapshot = snapshots()[Stop.MEAN]
    judged = read(snapshot)
    known = {one.name: one.value for one in snapshot.variables}
    rows = np.arange(10)
    p = known["self.y"][rows, known["self.t"]]
    assert judged.surprises == pytest.approx(-np.log(p), abs=1e-6)
    assert judged.total == pytest.approx(float(-np.log(p).sum()), rel=1e-6)
    assert judged.mean == pytest.approx(judged.total / 10)
    assert judged.right == np.sum(known["self.y"].argmax(axis=1) == known["self.t"])
    minus = read(snapshots()[Stop.DIFFERENCE])
    assert minus.bars[rows, minus.labels] == pytest.approx(p - 1)
    assert minus.outlines == pytest.approx(known["self.y"])
    parts = read(snapshots()[Stop.DIVIDED])
    assert parts.bars == pytest.approx(minus.bars / 10)
    assert parts.outlines * 10 == pytest.approx(known["self.y"], abs=1e-6)


def test_the_numbers_follow_the_arrays():
    snapshot = snapshots()[Stop.MEAN]
    logs = next(one.value for one in snapshot.variables if one.name == "log_y") * 2
    before, after = read(snapshot), read(with_variable(snapshot, "log_y", logs))
    assert after.surprises == pytest.approx(2 * before.surprises)
    changed = read(with_result(snapshot, np.float32(7.5)))
    assert changed.mean == 7.5
    minus = snapshots()[Stop.DIFFERENCE]
    array = minus.operation.result.copy()
    array[0] = 0.25
    assert (read(with_result(minus, array)).bars[0] == 0.25).all()
    assert sum_of(read(with_result(minus, array)), 0) == ("1.250 − 1 =", "0.250")


@pytest.mark.parametrize("stop", OWN)
def test_arrays_that_were_not_kept_are_not_shown(stop):
    snapshot = snapshots()[stop]

    def faded(value):
        is_array = isinstance(value, np.ndarray) and value.ndim > 0
        return FadedArray(value.shape, str(value.dtype)) if is_array else value

    operation = snapshot.operation
    operands = tuple(replace(one, value=faded(one.value)) for one in operation.operands)
    variables = tuple(replace(one, value=faded(one.value)) for one in snapshot.variables)
    operation = replace(operation, operands=operands, result=faded(operation.result))
    assert read(replace(snapshot, operation=operation, variables=variables)) is None


def test_an_operation_that_raised_is_not_shown():
    snapshot = snapshots()[Stop.PROBABILITIES]
    failed = replace(snapshot.operation, error=ValueError("x"), result=None)
    assert read(replace(snapshot, operation=failed)) is None


# Code that is not ours


def test_other_peoples_softmax_is_found_by_its_numbers():
    found = found_in(networks()["caches"])
    assert set(found) == {Stop.FOUND, Stop.DIFFERENCE, Stop.DIVIDED}
    assert found[Stop.FOUND].operation.source == "np.exp(log_probs)"
    assert found[Stop.DIFFERENCE].operation.source == "dscores[np.arange(n), y] -= 1"
    assert found[Stop.DIVIDED].operation.source == "dscores /= n"
    judged = read(found[Stop.DIVIDED])
    assert judged.unit == 1 / 8
    assert judged.outlines.sum(axis=1) == pytest.approx(np.full(8, 1 / 8))


def test_a_mean_square_is_not_taken_for_one():
    assert not found_in(networks()["lists"])


def test_only_what_is_certain_is_taken_for_probabilities():
    found = found_in(networks()["caches"])
    snapshot = found[Stop.FOUND]
    p = snapshot.operation.result
    assert read(with_result(snapshot, p * 1.001)) is None  # the rows are not 1
    assert read(with_result(snapshot, p[:, :1])) is None  # not as many classes as labels
    assert read(with_result(snapshot, p[:4])) is None  # not the minibatch's rows
    assert read(with_result(snapshot, np.eye(3)[snapshot.minibatch.labels])) is None  # targets
    assert read(with_result(snapshot, np.full_like(p, np.nan))) is None
    minus = found[Stop.DIFFERENCE]
    # With t added, this is a row of probabilities as well.
    assert read(with_result(minus, minus.operation.result * 0.5)) is None


# The chosen ones, and texts


@given(
    st.lists(st.floats(0, 50), min_size=1, max_size=60),
    st.integers(1, 8),
    st.integers(0, 59) | st.none(),
)
def test_the_chosen_rows_are_in_order_and_end_with_the_worst(ranks, count, pin):
    ranks = np.array(ranks)
    pin = None if pin is None or pin >= len(ranks) else pin
    rows = choose(ranks, count, pin)
    assert len(rows) == len(set(rows)) == min(count, len(ranks))
    rest = rows
    if pin is not None:
        assert rows[0] == pin
        rest = rows[1:]
    shown = np.round(ranks[list(rest)], 5)
    assert (np.diff(shown) >= 0).all()
    if count > 1 and pin is None:
        assert shown[-1] == np.round(ranks, 5).max()


@given(
    st.lists(st.floats(0, 50), min_size=5, max_size=40, unique=True),
    st.integers(1, 5),
    st.integers(0, 4) | st.none(),
    st.lists(st.integers(0, 4), max_size=6),
)
def test_what_is_picked_is_shown_the_newest_before_the_oldest(ranks, count, pin, picked):
    ranks = np.array(ranks)
    rows = choose(ranks, count, pin)
    shown = put_in(rows, picked, ranks, pin)
    assert len(shown) == len(set(shown)) == count
    assert pin is None or shown[0] == pin
    room = count - (pin is not None)
    newest = [row for row in dict.fromkeys(reversed(picked)) if row != pin]
    assert set(newest[:room]) <= set(shown)
    if not picked:
        assert set(shown) == set(rows)
    rest = [row for row in shown if row != pin]
    assert (np.diff(np.round(ranks[rest], 5)) >= 0).all()


@given(st.floats(1e-12, 0.999))
def test_the_sum_is_right_with_the_digits_that_are_shown(share):
    surprise = -math.log(share)
    shown = float(share_text(share, surprise).replace("−", "-"))
    assert three(-math.log(shown)) == three(surprise)


def test_numbers_as_text():
    assert less_one_text(-0.00546) == "0.99454"
    assert less_one_text(-0.125) == "0.875"
    assert less_one_text(-0.99697) == "0.00303"
    assert less_one_text(-1.0) == "0"
    assert share_text(0.966116, 0.034471) == "0.9661"
    assert share_text(0.928237, 0.074468) == "0.92824"
    assert [three(x) for x in (0, 1.0, -0.0344, 4.3411, 0.00123, math.nan)] == [
        "0", "1", "−0.034", "4.341", "0.00123", "NaN",
    ]  # fmt: skip


@pytest.mark.parametrize("stop", OWN)
def test_the_label_and_the_guess_come_first(stop):
    judged = read(snapshots()[stop])
    for row in range(len(judged.labels)):
        bars = bars_of(judged, row, scale_of(judged, (row,)))
        assert bars.first[0] == judged.labels[row]
        assert bars.scale[0] <= 0 <= bars.scale[1]
        assert len(bars.texts) == 10
    if stop in (Stop.DIFFERENCE, Stop.DIVIDED):
        texts = bars_of(judged, 0, (-1, 1)).texts
        for number, text in zip(judged.bars[0], texts, strict=True):
            assert text.startswith("+" if number > 0 else "−")
            assert text.endswith("lower" if number > 0 else "raise")


def test_any_number_of_classes_and_samples_can_be_read():
    for classes, batch in ((2, 5), (26, 3), (10, 1)):
        found = found_in(noise(classes, batch))
        assert {Stop.SCORES, Stop.MEAN, Stop.COPY} <= set(found)
        assert read(found[Stop.MEAN]).bars.shape == (batch, classes)


def noise(classes: int, batch: int) -> Session:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3 * batch, 6, 6), dtype=np.uint8)
    data = Dataset("Noise", images, rng.integers(0, classes, 3 * batch), classes)
    W = rng.normal(0, 0.1, (36, classes)).astype(np.float32)
    return Session(Network([Affine(W)], SoftmaxWithLoss()), data, SGD(lr=0.1), batch, seed=0)
