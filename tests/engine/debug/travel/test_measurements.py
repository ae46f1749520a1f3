"""What the network answered on the test set, kept within a budget."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.debug.program.evaluation import Measurement
from engine.debug.session import Session
from engine.debug.travel.measurements import Measurements
from tests.engine.debug.networks import DATASET, Recipe

SAMPLES = 10


def measurement(batch: int) -> Measurement:
    return Measurement(batch, batch / 1000, 2.0, np.full(SAMPLES, batch % 256, np.uint8))


def kept(measured: Measurements) -> list[int]:
    return [m.batch for m in measured.all() if m.predictions is not None]


@given(st.lists(st.integers(0, 999), max_size=60), st.integers(2, 20))
def test_all_measurements_stay_and_the_predictions_stay_within_the_budget(batches, room):
    measured = Measurements(budget=room * SAMPLES)
    for batch in batches:
        measured.put(measurement(batch))
        assert measured.nbytes == SAMPLES * len(kept(measured)) <= measured.budget
    assert [m.batch for m in measured.all()] == sorted(set(batches))
    told, accuracies, losses = measured.arrays()
    assert told.tolist() == sorted(set(batches))
    assert accuracies.tolist() == [batch / 1000 for batch in told.tolist()]
    assert losses.tolist() == [2.0] * len(told)
    if len(set(batches)) > 1:
        assert kept(measured)[-1] == max(batches)
    for batch in (0, 500, 999):
        before = [b for b in kept(measured) if b <= batch]
        found = measured.predicted_before(batch)
        assert (None if found is None else found.batch) == (before[-1] if before else None)


def test_what_is_kept_of_a_long_run_is_spread_over_it():
    measured = Measurements(budget=10 * SAMPLES)
    for batch in range(1000):
        measured.put(measurement(batch))
    batches = kept(measured)
    assert (batches[0], batches[-1], len(batches)) == (0, 999, 10)
    assert np.diff(batches).max() < 300


def test_the_arrays_are_made_anew_only_when_something_was_measured():
    measured = Measurements()
    measured.put(measurement(3))
    first = measured.arrays()
    assert measured.arrays() is first and not first[0].flags.writeable
    measured.put(measurement(5))
    assert measured.arrays()[0].tolist() == [3, 5]
    measured = measured.until(4)
    assert measured.arrays()[0].tolist() == [3]
    assert kept(measured) == [3]


@pytest.fixture
def session() -> Session:
    session = Recipe().session()
    session.run(batches=10, accuracy_every=3)
    return session


def test_the_test_set_is_shown_as_last_measured_at_or_before_the_cursor(session):
    for batch, measured in ((10, 9), (9, 9), (8, 6), (3, 3), (2, 0), (10, 9)):
        session.goto(batch)
        found = session.snapshot().test_predictions
        assert found.batch == measured
        session.goto(measured)
        x, t = DATASET.test.batch(np.arange(len(DATASET.test)), "float32")
        assert found.predictions.tolist() == session.network.predict(x).argmax(axis=1).tolist()
        assert found.predictions.dtype == np.uint8 and not found.predictions.flags.writeable
        assert found.labels.tolist() == t.tolist()
        assert np.array_equal(found.images, DATASET.test.images)
        assert found.classes == DATASET.classes
        history = session.history()
        share = (found.predictions == found.labels).mean()
        assert history.test_accuracies[history.test_batches == measured].tolist() == [share]


def test_before_the_first_measurement_and_without_a_test_set_there_is_none(session):
    fresh = Recipe().session()
    assert fresh.snapshot().test_predictions is None
    fresh.run(batches=4)
    fresh.measure()
    assert fresh.snapshot().test_predictions.batch == 4
    fresh.goto(3)
    assert fresh.snapshot().test_predictions is None
    without = Recipe().session(dataset=type(DATASET)("none", DATASET.images, DATASET.labels, 4))
    without.run(batches=2, accuracy_every=1)
    assert without.snapshot().test_predictions is None


def test_a_future_that_is_cut_off_takes_its_answers_with_it(session):
    session.goto(4)
    session.set_learning_rate(0.1)
    session.run(batches=6)
    assert session.snapshot().test_predictions.batch == 3
