"""Measuring the test set aside, and the gradient by the input on demand."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data import Dataset
from engine.debug.program.evaluation import Evaluation
from engine.debug.session import Session
from engine.debug.travel import trainer
from engine.errors import BadValue
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.options import Options, build_session


@pytest.fixture
def session() -> Session:
    return build_session(Options(network="16-4-3", batch_size=500))


def test_measuring_on_another_thread_finds_what_measuring_in_place_finds(session: Session) -> None:
    in_place = build_session(Options(network="16-4-3", batch_size=500))
    in_place.run(12, accuracy_every=4)
    threads: list[threading.Thread] = []

    def aside(job: Evaluation) -> None:
        threads.append(threading.Thread(target=lambda: session.note(job, job())))

    session.run(12, accuracy_every=4, aside=aside)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [m.batch for m in session.measurements] == [0, 4, 8, 12]
    assert session.measurements == in_place.measurements
    assert session.losses.tobytes() == in_place.losses.tobytes()


def test_a_measurement_of_a_future_that_was_cut_off_is_not_noted(session: Session) -> None:
    jobs: list[Evaluation] = []
    session.run(6, accuracy_every=2, aside=jobs.append)
    session.goto(batch=4)
    session.set_learning_rate(0.25)
    noted = {job.batch: session.note(job, job()) for job in jobs}
    assert noted == {0: True, 2: True, 4: True, 6: False}
    assert [m.batch for m in session.measurements] == [0, 2, 4]


def test_the_input_gradient_comes_when_asked_for_and_changes_no_other_number(
    session: Session,
) -> None:
    plain = build_session(Options(network="16-4-3", batch_size=500))
    session.run(3)
    plain.run(3)
    session.goto(batch=1, event=5)
    session.set_input_gradient(True)
    assert session.position == (1, 5)
    session.goto(batch=1, event=len(session.trace) - 1)
    found = session.snapshot().minibatch.input_gradient
    assert found is not None
    assert found.shape == (500, 16)
    assert np.abs(found).max() > 0
    session.goto(batch=0)  # a stored state from before the wish does not undo it
    assert session.setup().input_gradient
    session.run(4)
    plain.run(1)
    assert session.losses.tobytes() == plain.losses.tobytes()
    session.set_input_gradient(False)
    session.goto(batch=2, event=len(session.trace) - 1)
    assert session.snapshot().minibatch.input_gradient is None


def test_a_network_without_the_option_says_so(session: Session) -> None:
    class Plain:
        layers = session.network.layers
        loss = session.network.loss
        parameters = staticmethod(session.network.parameters)

    with pytest.raises(BadValue, match="Plain has not"):
        Session(Plain(), session.dataset, session.optimizer).set_input_gradient(True)  # type: ignore[arg-type]


# A part of the test set


@settings(max_examples=20, deadline=None)
@given(part=st.integers(1, 60), batches=st.integers(0, 4))
def test_a_part_is_spread_evenly_over_the_test_set_and_says_how_large_it_is(part, batches):
    session = small_session()
    session.run(batches)
    whole = session.measure()
    job = session.evaluation()
    assert whole is not None and job is not None
    found = replace(job, part=part)()
    total = len(session.dataset.test)
    if part >= total:
        assert found == whole and found.images is None and found.predictions is not None
        return
    assert found.images == part and found.predictions is None
    chosen = np.arange(part) * total // part
    right = whole.predictions[chosen] == session.dataset.test.labels[chosen]
    assert found.accuracy == pytest.approx(right.mean())


def test_early_batches_are_measured_in_part_and_no_number_of_the_run_changes(monkeypatch):
    monkeypatch.setattr(trainer, "EARLY_IMAGES", 10)
    plain, session = small_session(), small_session()
    plain.run(8)
    jobs = []
    session.run(8, accuracy_every=4, aside=jobs.append, early={1, 2, 4})
    for job in jobs:
        session.note(job, job())
    assert session.losses.tobytes() == plain.losses.tobytes()
    found = {m.batch: m.images for m in session.measurements}
    assert found == {0: None, 1: 10, 2: 10, 4: None, 8: None}
    assert session.history().test_parts == ((1, 10), (2, 10))
    plain.goto(0)
    plain.run(8, early={1, 2})
    assert {m.batch: m.images for m in plain.measurements} == {1: 10, 2: 10}
    assert [m.accuracy for m in plain.measurements] == [
        m.accuracy for m in session.measurements if m.images
    ]


@pytest.mark.parametrize("aside", [True, False])
def test_a_batch_that_is_gone_on_with_from_its_middle_is_measured_as_well(aside):
    """Who steps a little and then trains sees the whole climb, the start of it included."""
    straight, stepped = small_session(), small_session()
    straight.run(8, accuracy_every=4)
    for _ in range(9):
        stepped.step_into()
    jobs = []
    stepped.continue_(8, accuracy_every=4, aside=jobs.append if aside else None)
    for job in jobs:
        stepped.note(job, job())
    assert stepped.measurements == straight.measurements
    assert stepped.losses.tobytes() == straight.losses.tobytes()


def test_a_part_does_not_take_the_place_of_the_whole_but_gives_way_to_it(monkeypatch):
    monkeypatch.setattr(trainer, "EARLY_IMAGES", 10)
    session = small_session()
    session.run(4, early={2})
    assert session.history().test_parts == ((2, 10),)
    session.goto(2)
    whole = session.measure()
    assert session.history().test_parts == () and session.test_predictions() is not None
    session.goto(0)
    session.run(4, early={2})
    assert session.measurements == [whole]


def test_that_it_was_a_part_is_saved_with_the_session(monkeypatch, tmp_path):
    monkeypatch.setattr(trainer, "EARLY_IMAGES", 10)
    session = small_session()
    session.run(4, accuracy_every=4, early={1, 3})
    session.save(tmp_path / "early.retro")
    again = Session.load(tmp_path / "early.retro", dataset=session.dataset)
    assert again.measurements == session.measurements
    assert again.history().test_parts == ((1, 10), (3, 10))


class OwnSigmoid(Sigmoid):
    """It is not ours to copy: it may share what it draws from."""


def test_what_would_cost_the_run_time_is_not_measured_early():
    session = small_session(OwnSigmoid())
    jobs = []
    session.run(4, accuracy_every=4, aside=jobs.append, early={1, 2})
    assert not jobs
    assert [(m.batch, m.images) for m in session.measurements] == [(0, None), (4, None)]


def small_session(activation: Sigmoid | None = None) -> Session:
    """A network of our own layers, and a test set of 40."""
    rng = np.random.default_rng(0)

    def part(n: int, test: Dataset | None) -> Dataset:
        images = rng.integers(0, 256, (n, 3, 3), dtype=np.uint8)
        return Dataset("Noise", images, rng.integers(0, 4, n), 4, test)

    layers = [
        Affine(rng.normal(0, 0.5, (9, 6)), np.zeros(6)), activation or Sigmoid(),
        Affine(rng.normal(0, 0.5, (6, 4)), np.zeros(4)),
    ]  # fmt: skip
    network = Network(layers, SoftmaxWithLoss())
    return Session(network, part(60, part(40, None)), SGD(lr=0.5), 6, seed=0)
