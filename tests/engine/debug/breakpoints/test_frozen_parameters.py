"""An epoch that leaves a parameter as it was is stopped at, whichever way it is come to."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import AtPass, Named, Quantity
from engine.debug.breakpoints.breakpoints import Breakpoints
from engine.debug.breakpoints.files import from_json, to_json
from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.breakpoints.matching import occurrences
from engine.debug.events import Phase, Position
from engine.debug.run_control import StopReason, around
from engine.debug.session import Session
from engine.debug.travel import branches
from engine.nn.layers import Sigmoid
from engine.nn.models import chain
from engine.nn.optimizers import SGD
from engine.nn.training import train_step
from tests.engine.debug.networks import BATCH_SIZE, CLASSES, COUNT, FEATURES, tiny_dataset

PER_EPOCH = -(-COUNT // BATCH_SIZE)
EPOCHS = 4
NAMES = ("Affine1.W", "Affine1.b", "Affine2.W", "Affine2.b")
Plan = dict[str, set[int]]


class Planned:
    """Turns the sign of a parameter in the batches of a plan: two of them put it back."""

    def __init__(self, plan: Plan, lr: float = 0.5) -> None:
        self.plan, self.lr, self.batch = plan, lr, 0

    def update(self, parameters, gradients):
        for name, parameter in parameters.items():
            if self.batch in self.plan.get(name, ()):
                parameter *= -1
        self.batch += 1


def rebinding_step(network, optimizer, x, t):
    """As `train_step`, with new arrays in the place of the old ones."""
    loss = network.forward(x, t)
    network.backward()
    for layer in (network.layers[0], network.layers[2]):
        layer.W = layer.W.copy()
    if optimizer.batch in optimizer.plan.get("Affine1.b", ()):
        network.layers[0].b = network.layers[0].b * -1
    optimizer.update({name: array for name, array in network.parameters().items()
                      if name != "Affine1.b"}, network.gradients())  # fmt: skip
    return loss


def make_session(optimizer, dtype="float32", step=train_step) -> Session:
    network = chain((FEATURES, 5, CLASSES), Sigmoid, 0, dtype, "xavier")
    for array in network.parameters().values():
        array += 1  # no zeros, which have no sign to turn
    return Session(network, tiny_dataset(), optimizer, BATCH_SIZE, blas_threads=None, step=step)


def ends_of(plan: Plan, tensor: str) -> list[Position]:
    """The last batches of the epochs in which the plan leaves a parameter alone."""
    names = [tensor] if tensor else NAMES
    return [
        (epoch + 1) * PER_EPOCH - 1
        for epoch in range(EPOCHS)
        if any(
            not plan[name] & {*range(epoch * PER_EPOCH, (epoch + 1) * PER_EPOCH)} for name in names
        )
    ]


def forwards(session: Session, batches: int) -> list[Position]:
    found = []
    while (left := batches - session.position.batch) > 0:
        stopped = session.continue_(left)
        if stopped.reason is not StopReason.BREAKPOINT or stopped.position.batch >= batches:
            break
        found.append(stopped.position)
    return found


def backwards(session: Session) -> list[Position]:
    found = []
    while (stopped := session.reverse_continue()).reason is StopReason.BREAKPOINT:
        found.append(stopped.position)
    return found[::-1]


def stepped(session: Session, batches: int) -> list[Position]:
    found = []
    for batch in range(batches):
        session.goto(batch)
        session.trace  # noqa: B018  it is recorded by being looked at
        for one in session.breakpoints.enabled:
            reach, position = session.reach, session.position
            hits = occurrences(one, session.trace, around(session))
            assert (session.reach, session.position) == (reach, position)
            found += [Position(batch, hit.event) for hit in hits]
        session.step_batch()
    return sorted(set(found))


BATCHES = EPOCHS * PER_EPOCH
PLANS = st.fixed_dictionaries(
    {name: st.sets(st.integers(0, BATCHES - 1), max_size=6) for name in NAMES}
)
TENSORS = st.sampled_from(["", *NAMES])


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(PLANS, TENSORS, st.integers(0, BATCHES - 1), st.booleans(), st.booleans())
def test_it_is_hit_at_the_end_of_each_such_epoch_and_nowhere_else(
    plan, tensor, entered, recorded, rebinds
):
    step = rebinding_step if rebinds else train_step
    place, expected = Named(Quantity.UNCHANGED, tensor), ends_of(plan, tensor)

    walker = make_session(Planned(plan), step=step)
    walker.breakpoints.add(place)
    found = stepped(walker, BATCHES)
    assert [position.batch for position in found] == expected
    for position in found:
        walker.goto(position.batch)
        assert position.event == len(walker.trace) - 1
    walker.goto(BATCHES)
    assert backwards(walker) == found

    runner = make_session(Planned(plan), step=step)
    runner.breakpoints.add(place)
    assert forwards(runner, BATCHES) == found

    # Set in the middle of an epoch, and of a batch: what was before it counts, too.
    late = make_session(Planned(plan), step=step)
    late.run(entered)
    if recorded:
        late.step_into()
    late.breakpoints.add(place)
    assert forwards(late, BATCHES) == [p for p in found if p.batch >= entered]
    late.goto(BATCHES) if late.reach >= BATCHES else late.run(BATCHES - late.position.batch)
    assert backwards(late) == found


@settings(max_examples=20, deadline=None)
@given(PLANS, TENSORS, st.integers(1, BATCHES - 1))
def test_hits_of_it_are_counted_from_the_first_batch_on(plan, tensor, entered):
    ends = ends_of(plan, tensor)
    session = make_session(Planned(plan))
    session.run(entered)
    session.breakpoints.add(Named(Quantity.UNCHANGED, tensor), hits="% 2")
    found = forwards(session, BATCHES)
    assert [position.batch for position in found] == [b for b in ends[1::2] if b >= entered]


@pytest.mark.parametrize(("dtype", "hits"), [("float32", 3), ("float64", 0)])
def test_a_rate_too_small_for_the_floats_leaves_all_as_it_is(dtype, hits):
    session = make_session(SGD(lr=1e-9), dtype)
    session.breakpoints.add(Named(Quantity.UNCHANGED))
    assert len(forwards(session, 3 * PER_EPOCH)) == hits


def test_the_last_bit_counts_and_a_nan_is_as_it_was():
    array = np.array([1.0, np.nan, 0.0], dtype=np.float32)
    known = FrozenParameters(2)
    known.begin(0, {"a": array, "b": array})
    known.end(0, {"a": array.copy(), "b": np.nextafter(array, 9)})
    assert known.through(0) == {"a"} and known.through(1) is None


def test_what_is_ahead_is_forgotten_with_the_future():
    session = make_session(SGD(lr=1e-9))
    session.breakpoints.add(Named(Quantity.UNCHANGED))
    last = [PER_EPOCH - 1, 2 * PER_EPOCH - 1]
    assert [p.batch for p in forwards(session, 2 * PER_EPOCH)] == last
    session.goto(PER_EPOCH + 2)
    session.set_learning_rate(0.5)
    assert forwards(session, 2 * PER_EPOCH) == []
    assert [p.batch for p in backwards(session)] == last[:1]


def test_a_batch_that_fails_ends_no_epoch_and_is_looked_at_in_peace():
    class Fails(Planned):
        def update(self, parameters, gradients):
            if self.batch == PER_EPOCH - 1:
                raise ZeroDivisionError
            super().update(parameters, gradients)

    session = make_session(Fails({}))
    session.run(PER_EPOCH - 1)
    session.breakpoints.add(Named(Quantity.UNCHANGED))
    session.goto(PER_EPOCH - 1, 0)
    while session.step_over():
        pass
    position = session.position
    assert session.error is not None
    assert session.reverse_continue().reason is StopReason.START
    session.goto(PER_EPOCH - 1)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        session.continue_(3)
    assert session.position == position


def test_what_is_compared_ends_with_the_first_change():
    compared = []

    class Counted(FrozenParameters):
        def end(self, batch, parameters):
            compared.append(len(self._held) if self._held_before == batch else 0)
            super().end(batch, parameters)

    with patch.object(branches, "FrozenParameters", Counted):
        session = make_session(SGD(lr=0.5))
    session.breakpoints.add(Named(Quantity.UNCHANGED))
    assert session.continue_(2 * PER_EPOCH).reason is StopReason.DONE
    assert compared == [4, *[0] * (PER_EPOCH - 1)] * 2


def test_the_run_is_the_same_with_it_and_the_cursor_stays_where_one_looks():
    plain, session = make_session(SGD(lr=0.5)), make_session(SGD(lr=0.5))
    plain.run(3 * PER_EPOCH)
    session.run(PER_EPOCH + 2)
    session.step_into()
    session.step_into()
    there = session.position, session.event.source
    assert session.unchanged_through(PER_EPOCH + 1) == frozenset()
    assert (session.position, session.event.source) == there
    session.breakpoints.add(Named(Quantity.UNCHANGED))
    session.continue_(3 * PER_EPOCH - session.position.batch)
    assert session.losses.tobytes() == plain.losses.tobytes()


def test_it_goes_well_with_others_at_the_same_batch():
    session = make_session(SGD(lr=1e-9))
    session.run(2)
    session.breakpoints.add(AtPass(Phase.UPDATE))
    session.breakpoints.add(Named(Quantity.UNCHANGED, "Affine2.b"))
    session.breakpoints.add(AtPass(Phase.BACKWARD))
    found = forwards(session, PER_EPOCH)
    assert [position.batch for position in found] == [2, 2, 3, 3, 4, 4, 4]
    assert backwards(session)[-7:] == found


def test_it_is_said_and_kept_in_a_file():
    points, read = Breakpoints(), Breakpoints()
    for tensor in ("", "Affine1.W"):
        points.add(Named(Quantity.UNCHANGED, tensor))
    assert from_json("points.json", to_json(points), read) == 2
    assert [one.place for one in read] == [one.place for one in points]
    assert [str(one.place) for one in read] == [
        "a parameter unchanged in a whole epoch", "Affine1.W unchanged in a whole epoch"
    ]  # fmt: skip
