"""Measuring the test set aside, and the gradient by the input on demand."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from engine.debug.examination import Examination
from engine.debug.session import Session
from engine.errors import BadValue
from engine.options import Options, build_session


@pytest.fixture
def session() -> Session:
    return build_session(Options(network="16-4-3", batch_size=500))


def test_measuring_on_another_thread_finds_what_measuring_in_place_finds(session: Session) -> None:
    in_place = build_session(Options(network="16-4-3", batch_size=500))
    in_place.run(12, accuracy_every=4)
    threads: list[threading.Thread] = []

    def aside(job: Examination) -> None:
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
    jobs: list[Examination] = []
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
