"""The studies: the sweep of h, the directions, the scaling, and the contest itself."""

from __future__ import annotations

import importlib
import itertools
from itertools import groupby

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.nn.layers import Sigmoid
from engine.numeric import Method, contest, expected_evaluations, numerical_gradient
from engine.numeric.studies.directions import Directions, fitted_slope
from engine.numeric.studies.scaling import METHODS, Scaling, slopes
from engine.numeric.studies.sweep import SERIES, STEPS, Sweep, best_steps
from engine.numeric.studies.trial import (
    Backpropagated,
    Check,
    InOrder,
    Trial,
    TrialStep,
    TrialValues,
)
from tests.engine.numeric.networks import (
    SignedSigmoid,
    SummedLoss,
    UntransposedWeights,
    random_case,
    seeds,
)
from tests.engine.numeric.test_methods import Rounded, backprop

trial_module, sweep_module, pieces_module, contest_module = (
    importlib.import_module(f"engine.numeric.{name}")
    for name in ("studies.trial", "studies.sweep", "pieces", "studies.contest")
)


@pytest.fixture(scope="module")
def swept():
    case = random_case(3, ["Tanh", "Sigmoid"], square=True, zeros=False)
    return list(Sweep(case.network, case.x, case.t)())


def series(points, method, dtype):
    return {p.h: p.median for p in points if (p.method, p.dtype) == (method, dtype)}


def test_truncation_falls_with_the_order_of_the_method(swept):
    for method, order in ((Method.CENTRAL, 2), (Method.FORWARD, 1), (Method.COMPLEX, 2)):
        errors = series(swept, method, "float64")
        hs = np.array([h for h in errors if 1e-3 <= h <= 3e-2])
        slope = fitted_slope(hs, np.array([errors[h] for h in hs]))
        assert abs(slope - order) < 0.15, method


def test_round_off_grows_as_h_falls_but_not_for_the_complex_step(swept):
    for method in (Method.CENTRAL, Method.FORWARD):
        errors = series(swept, method, "float64")
        hs = np.array([h for h in errors if h <= 1e-8])
        assert abs(fitted_slope(hs, np.array([errors[h] for h in hs])) + 1) < 0.35
    smallest = series(swept, Method.COMPLEX, "float64")
    assert max(error for h, error in smallest.items() if h < 1e-8) < 1e-14


def test_the_best_h_is_near_where_the_theory_has_it(swept):
    best = best_steps(swept)
    eps = np.finfo(np.float64).eps
    assert 0.03 < best[Method.CENTRAL, "float64"].h / eps ** (1 / 3) < 60
    assert 0.03 < best[Method.FORWARD, "float64"].h / eps ** (1 / 2) < 60
    assert best[Method.CENTRAL, "float32"].h > best[Method.CENTRAL, "float64"].h


def test_every_series_is_whole_and_the_progress_ends_at_the_end(swept):
    keys = [key for key, _ in groupby(swept, lambda p: (p.method, p.dtype))]
    assert tuple(keys) == SERIES
    assert swept[-1].done == swept[-1].total == len(swept)


def test_a_method_that_is_refused_is_left_out_with_its_reason():
    case = random_case(4, ["Sigmoid"], activations={0: Rounded})
    points = list(Sweep(case.network, case.x, case.t, steps=(1e-2, 1e-4), weights=4)())
    refused = [p for p in points if p.refused]
    assert {p.method for p in refused} == {Method.COMPLEX} and "Rounded1" in refused[0].refused
    assert points[-1].done == points[-1].total


@settings(max_examples=20)
@given(seed=seeds)
def test_a_right_gradient_leaves_a_remainder_with_slope_two(seed):
    case = random_case(seed, ["Tanh", "Sigmoid"], square=True)
    directions = list(Directions(case.network, case.x, case.t)())
    # Where the loss hardly curves along a direction, its remainder is not of the second order
    # alone; that most of them are is what a wrong gradient could not bring about.
    assert abs(np.median([direction.slope for direction in directions]) - 2) < 0.2
    for direction in directions:
        assert direction.is_right is not False, direction
        assert direction.error < 1e-3
        along = direction.differences / direction.epsilons
        assert abs(along[-1] - abs(direction.analytic)) <= 1e-3 * max(abs(direction.analytic), 0.1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"activations": {0: SignedSigmoid}},
        {"loss": SummedLoss},
        {"affine": UntransposedWeights},
    ],
)
@settings(max_examples=10)
@given(seed=seeds)
def test_a_wrong_gradient_leaves_one_with_slope_one(wrong, seed):
    case = random_case(seed, ["Sigmoid", "Tanh"], square=True, zeros=False, **wrong)
    found = list(Directions(case.network, case.x, case.t)())
    assert any(direction.is_right is False for direction in found)


def test_looking_along_directions_leaves_the_network_as_it_was():
    case = random_case(1, ["Sigmoid"])
    before = {name: array.tobytes() for name, array in case.network.parameters().items()}
    list(Directions(case.network, case.x, case.t)())
    assert {n: a.tobytes() for n, a in case.network.parameters().items()} == before


def test_scaling_times_every_method_on_every_size():
    rng = np.random.default_rng(0)
    scaling = Scaling(rng.random((5, 8)), rng.integers(0, 3, 5), 3, hidden=(2, 4), seconds=0.1)
    points = list(scaling())
    assert [(p.hidden, p.method) for p in points] == [(h, m) for h in (2, 4) for m in METHODS]
    assert {p.parameters for p in points if p.hidden == 4} == {8 * 4 + 4 + 4 * 3 + 3}
    assert all(p.seconds > 0 for p in points) and points[-1].done == points[-1].total == 8
    assert not any(p.extrapolated for p in points if p.method is Method.BACKPROP)
    assert all(np.isfinite(slope) for slope in slopes(points).values())


def test_a_slope_is_that_of_the_logarithms():
    x = np.array([1.0, 10.0, 100.0])
    assert abs(fitted_slope(x, 3 * x**1.5) - 1.5) < 1e-12
    assert np.isnan(fitted_slope(x[:1], x[:1]))
    assert abs(fitted_slope(np.array([0.0, 1, 10]), np.array([5.0, 1, 10])) - 1) < 1e-12


def test_the_contest_tells_measured_from_extrapolated():
    case = random_case(12, ["Sigmoid", "Tanh"], square=True)
    rows = {row.method: row for row in contest(case.network, case.x, case.t, seconds=None)}
    assert set(rows) == set(Method)
    for method, row in rows.items():
        assert not row.extrapolated and not row.refused
        assert row.evaluations_needed == expected_evaluations(case.network, method).total
        if method is not Method.BACKPROP:
            assert row.evaluations_done == row.evaluations_needed
            assert row.seconds_total == row.seconds_measured
    hurried = {row.method: row for row in contest(case.network, case.x, case.t, seconds=0)}
    for method in (Method.CENTRAL, Method.FORWARD, Method.COMPLEX):
        row = hurried[method]
        assert row.extrapolated and 0 < row.evaluations_done < row.evaluations_needed
        ratio = row.evaluations_needed / row.evaluations_done
        assert row.seconds_total == pytest.approx(row.seconds_measured * ratio)


# A trial


def run(trial):
    messages = list(trial())
    gradients: dict[Method, dict] = {}
    (backwards,) = [m for m in messages if isinstance(m, Backpropagated)]
    for message in messages:
        if isinstance(message, TrialValues):
            array = gradients.setdefault(message.method, {}).setdefault(
                message.name, np.full(backwards.gradients[message.name].shape, np.nan)
            )
            array.reshape(-1)[message.indices] = message.values
    last = {m.row.method: m for m in messages if isinstance(m, TrialStep)}
    return backwards, gradients, last


ALL = (Method.INCREMENTAL, Method.FORWARD, Method.COMPLEX, Method.CENTRAL)


def test_a_trial_fills_in_what_each_method_finds():
    case = random_case(13, ["Sigmoid", "ReLU"])
    backwards, gradients, last = run(Trial(case.network, case.x, case.t, ALL))
    right = backprop(case)
    for name, array in right.items():
        assert backwards.gradients[name].tobytes() == array.tobytes()
    for method in ALL:
        alone = numerical_gradient(case.network, case.x, case.t, method)
        for name, array in gradients[method].items():
            np.testing.assert_array_equal(array, alone[name])
        step = last[method]
        assert step.done == step.total and not step.row.extrapolated and step.left == 0
    assert last[Method.BACKPROP].row.times_backprop == 1


def test_a_trial_with_a_limit_looks_at_a_sample_and_says_so():
    case = random_case(14, ["Sigmoid"] * 3, square=True)
    case.x.setflags(write=False)
    trial = Trial(case.network, case.x, case.t, ALL, seconds=1e-9)
    _, gradients, last = run(trial)
    for method in ALL:
        missing = sum(int(np.isnan(a).sum()) for a in gradients[method].values())
        assert last[method].row.extrapolated == (missing > 0)
        assert last[method].done == last[method].total
    assert not last[Method.INCREMENTAL].row.extrapolated


def test_a_trial_of_one_layer_or_some_elements_looks_at_no_others():
    case = random_case(15, ["Tanh"], square=True)
    names = ("Affine2.W", "Affine2.b")
    _, gradients, last = run(Trial(case.network, case.x, case.t, ALL, names))
    for method in ALL:
        assert tuple(gradients[method]) == names
        assert last[method].row.extrapolated
    _, gradients, _ = run(Trial(case.network, case.x, case.t, ALL, sample=1))
    assert all(np.isfinite(a).sum() > 0 for a in gradients[Method.CENTRAL].values())


def test_a_method_that_is_refused_is_a_row_that_says_why():
    case = random_case(4, ["Sigmoid"], activations={0: Rounded})
    _, gradients, last = run(Trial(case.network, case.x, case.t, ALL))
    assert "Rounded1" in last[Method.COMPLEX].row.refused
    assert Method.COMPLEX not in gradients and Method.CENTRAL in gradients


def test_the_verdict_on_a_trial_is_that_of_its_elements_and_comes_after_it():
    case = random_case(16, ["Tanh"], square=True)
    trial = Trial(case.network, case.x, case.t, (Method.CENTRAL,), ("Affine1.W",), h=1e-3)
    *_, check = InOrder((trial, Check(trial)))()
    assert [one.name for one in check.parameters] == ["Affine1.W"]
    assert check.numerical.h == 1e-3 and check.numerical.dtype == "float64"


# Time


class Clock:
    """Time that passes in the forward pass of `Slow` alone."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


clock = Clock()
PASS = 0.05  # seconds of a forward pass


class Slow(Sigmoid):
    """A layer of one's own, of which nothing is declared."""

    def forward(self, x):
        clock.now += PASS
        return super().forward(x)


@pytest.fixture
def slow(monkeypatch):
    for module in (trial_module, sweep_module, pieces_module, contest_module):
        monkeypatch.setattr(module, "perf_counter", clock)
    return lambda seed: random_case(seed, ["Sigmoid"], square=True, activations={0: Slow})


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=seeds, seconds=st.floats(0.01, 12.0))
def test_every_method_stops_when_its_time_is_over_whatever_a_pass_takes(slow, seed, seconds):
    case = slow(seed)
    trial = Trial(case.network, case.x, case.t, ALL, seconds=seconds)
    _, gradients, last = run(trial)
    ready = 10 * PASS * 4  # to copy the network, to run it once and one element: of 4 parameters
    for method in ALL:
        row = last[method].row
        assert row.seconds_measured <= seconds + ready, method
        missing = sum(int(np.isnan(a).sum()) for a in gradients[method].values())
        assert row.extrapolated == (missing > 0)
        if missing:
            assert row.seconds_measured >= min(seconds, PASS)
            assert row.seconds_total > row.seconds_measured
        assert last[method].done == last[method].total and last[method].left == 0
        assert set(gradients[method]) == set(case.network.parameters()), "a fair sample"


def test_the_seconds_that_are_left_are_those_of_the_limit_and_never_grow(slow):
    case = slow(3)
    trial = Trial(case.network, case.x, case.t, (Method.CENTRAL,), seconds=2.0)
    steps = [m for m in trial() if isinstance(m, TrialStep) and m.row.method is Method.CENTRAL]
    left = [step.left for step in steps]
    assert len(left) > 4 and left[0] <= 2.0 and left[-1] == 0
    assert all(after <= before + 1e-9 for before, after in itertools.pairwise(left))


def test_the_verdict_looks_at_no_more_than_the_time_allowed(slow):
    case = slow(5)
    trial = Trial(case.network, case.x, case.t, (Method.CENTRAL, Method.INCREMENTAL), seconds=0.6)
    *messages, check = InOrder((trial, Check(trial)))()
    counts: dict[str, int] = {}
    for message in messages:
        if isinstance(message, TrialValues) and message.method is Method.INCREMENTAL:
            counts[message.name] = counts.get(message.name, 0) + len(message.indices)
    assert set(counts) == set(case.network.parameters())
    assert {one.name: one.compared for one in check.parameters} == counts
    alone = Trial(case.network, case.x, case.t, (Method.CENTRAL,), seconds=0.6)
    *_, check = InOrder((alone, Check(alone)))()
    whole = sum(array.size for array in case.network.parameters().values())
    assert 0 < check.compared < whole


@pytest.mark.slow
@settings(max_examples=10)
@given(seed=seeds)
def test_with_time_enough_a_sweep_finds_the_same_points_the_coarse_ones_first(seed):
    case = random_case(seed, ["Tanh"], square=True, zeros=False)
    plain = list(Sweep(case.network, case.x, case.t, weights=6)())
    timed = list(Sweep(case.network, case.x, case.t, weights=6, seconds=1e9)())

    def values(points):
        return {(p.method, p.dtype, p.h): (p.median, p.largest, p.weights) for p in points}

    assert values(timed) == values(plain) and len(timed) == len(plain)
    assert timed[-1].done == timed[-1].total
    coarse = set(STEPS[::4])
    first = timed[: len(coarse) * len(SERIES)]
    assert {p.h for p in first} == coarse
    assert {(p.method, p.dtype) for p in first} == set(SERIES)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=seeds, seconds=st.floats(0.5, 60.0))
def test_a_sweep_stops_when_its_time_is_over(slow, seed, seconds):
    case = slow(seed)
    begin = clock.now
    points = list(Sweep(case.network, case.x, case.t, seconds=seconds)())
    a_point = points[-1].weights * 2 * PASS + 10 * PASS
    assert points and clock.now - begin <= seconds + 2 * a_point + 10 * PASS
    assert all(p.done <= p.total for p in points)
