"""A run that ends where a share of the test images is right: where, and that it is repeatable."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from engine import AtBatch
from engine.data import tiny_digits
from engine.debug.events import Position
from engine.debug.program.evaluation import Evaluation
from engine.debug.run_control import StopReason
from engine.debug.session import Session
from engine.debug.travel.goal import TestAccuracy
from engine.errors import BadValue
from engine.nn.models import tiny_net
from engine.nn.optimizers import SGD

EVERY = 7


def fresh(**changes) -> Session:
    data = tiny_digits()
    return Session(tiny_net(seed=0), replace(data, **changes), SGD(lr=0.5), 10, seed=0)


@pytest.fixture(scope="module")
def shares() -> dict[int, float]:
    """The accuracies before every seventh batch of a run without a goal."""
    session = fresh()
    session.run(20 * EVERY, accuracy_every=EVERY)
    history = session.history()
    return dict(zip(history.test_batches.tolist(), history.test_accuracies.tolist(), strict=True))


@pytest.fixture(scope="module")
def goal(shares) -> tuple[float, int]:
    """A share that is first reached somewhere in the middle, and where."""
    share = shares[8 * EVERY]
    return share, min(batch for batch, one in shares.items() if one >= share)


class Aside:
    """Measures on a thread of its own, each job only when the run waits for it."""

    def __init__(self, session: Session) -> None:
        self.session, self.jobs, self.done = session, [], []

    def put(self, job: Evaluation) -> None:
        self.jobs.append(job)

    def settle(self) -> bool:
        for job in self.jobs:
            found = []
            thread = threading.Thread(target=lambda job=job, found=found: found.append(job()))
            thread.start()
            thread.join()
            self.session.note(job, found[0])
            self.done.append(job.batch)
        self.jobs.clear()
        return True


def test_it_stops_at_the_first_batch_measured_to_reach_it(goal, shares):
    share, where = goal
    session = fresh()
    stopped = session.continue_(20 * EVERY, EVERY, until=TestAccuracy(share))
    assert (stopped.reason, stopped.position) == (StopReason.GOAL, Position(where, 0))
    assert session.position == stopped.position
    assert session.measure().accuracy == shares[where] >= share
    assert all(one < share for batch, one in shares.items() if batch < where)


def test_a_measurement_aside_ends_it_at_the_same_batch_with_the_same_numbers(goal):
    share, where = goal
    found = []
    for _ in range(2):
        session = fresh()
        aside = Aside(session)
        stopped = session.continue_(
            20 * EVERY, EVERY, aside=aside.put, until=TestAccuracy(share), settle=aside.settle
        )
        assert (stopped.reason, stopped.position) == (StopReason.GOAL, Position(where, 0))
        assert session.reach == where + EVERY  # it has gone on to the next measurement
        found.append((session.losses, session.network.parameters()["Affine1.W"].copy()))
    plain = fresh()
    plain.run(where)
    for losses, weights in found:
        assert np.array_equal(losses[:where], plain.losses)
        assert np.array_equal(weights, plain.network.parameters()["Affine1.W"])


def test_the_batches_end_it_where_the_goal_is_out_of_reach():
    session = fresh()
    stopped = session.continue_(10, EVERY, until=TestAccuracy(1.0))
    assert (stopped.reason, stopped.position) == (StopReason.GOAL_MISSED, Position(10, 0))
    assert 10 in session.history().test_batches  # the end is judged, too


def test_what_is_right_already_runs_nothing(goal):
    session = fresh()
    stopped = session.continue_(10, EVERY, until=TestAccuracy(0.0))
    assert (stopped.reason, session.reach) == (StopReason.GOAL, 0)


def test_a_breakpoint_before_the_goal_comes_first_and_one_after_it_does_not(goal):
    share, where = goal
    for batch, reason in ((where - 1, StopReason.BREAKPOINT), (where + 1, StopReason.GOAL)):
        session = fresh()
        aside = Aside(session)
        session.breakpoints.add(AtBatch(batch))
        stopped = session.continue_(
            20 * EVERY, EVERY, aside=aside.put, until=TestAccuracy(share), settle=aside.settle
        )
        assert stopped.reason is reason
        assert stopped.position.batch == min(batch, where)


def test_a_measurement_that_never_comes_pauses_it():
    session = fresh()
    stopped = session.continue_(
        20, EVERY, aside=lambda job: None, until=TestAccuracy(0.5), settle=lambda: False
    )
    assert stopped.reason is StopReason.PAUSED


def test_a_part_of_the_test_set_does_not_count():
    session = fresh()
    session.run(1)
    job = session._run.evaluation(1, 5)
    assert job is not None
    session.note(job, replace(job(), accuracy=1.0))
    stopped = session.continue_(3, 100, until=TestAccuracy(1.0))
    assert stopped.reason is StopReason.GOAL_MISSED


def test_it_needs_a_test_set():
    with pytest.raises(BadValue, match="test set"):
        fresh(test=None).continue_(3, until=TestAccuracy(0.9))
    with pytest.raises(BadValue, match="from 0 to 1"):
        fresh().continue_(3, until=TestAccuracy(95))
