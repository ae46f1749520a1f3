"""The verbs against a naive reading of their definition over the list of all events."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from engine.debug.events import Kind, Position, Verb
from engine.debug.explain.operation_stops import operation_stops
from engine.debug.record.trace import Trace
from engine.debug.session import Session
from engine.errors import NotReached, StepFailed
from tests.engine.debug.networks import DATASET, Recipe, recipes
from tests.engine.debug.oracle import PlainRun, in_sight, shown, without_hidden


@dataclass(frozen=True)
class Place:
    """An event as the definitions speak of it: its kind, and the running calls, outermost first."""

    kind: Kind
    calls: tuple[int, ...]
    shows_operation: bool


def places(trace: Trace) -> list[Place]:
    """The running calls at each event, told from the calls and returns alone."""
    found, calls, number = [], (0,), 0
    stops = operation_stops(trace)
    for event in trace:
        if event.kind is Kind.CALL:
            number += 1
            calls = (*calls, number)
        found.append(Place(event.kind, calls, event.index in stops))
        if event.kind is Kind.RETURN:
            calls = calls[:-1]
    return found


def reached(verb: Verb, here: Place, there: Place) -> bool:
    """Whether a verb stops at an event of the same batch; the direction is the caller's affair."""
    caller = len(there.calls) < len(here.calls) and here.calls[: len(there.calls)] == there.calls
    if verb in (Verb.INTO, Verb.BACK_INTO):
        return True
    if verb in (Verb.OPERATION, Verb.BACK_OPERATION):
        return there.shows_operation
    if verb in (Verb.OVER, Verb.BACK_OVER):
        this_or_caller = caller or there.calls == here.calls
        return this_or_caller and (here.kind is not Kind.LINE or there.kind is Kind.LINE)
    if verb in (Verb.OUT, Verb.BACK_OUT):
        return caller
    return False


def destination(verb: Verb, batches: dict[int, list[Place]], position: Position) -> Position | None:
    """Where a verb leads by its definition; None: nowhere."""
    batch, event = position
    here = batches[batch][event]
    if "back" not in verb:
        for there in range(event + 1, len(batches[batch])):
            if reached(verb, here, batches[batch][there]):
                return Position(batch, there)
        return Position(batch + 1, 0)
    if verb is Verb.BACK_BATCH or (verb is Verb.BACK_OUT and len(here.calls) == 1):
        if event > 0:
            return Position(batch, 0)
        return Position(batch - 1, 0) if batch else None
    for there in reversed(range(event)):
        if reached(verb, here, batches[batch][there]):
            return Position(batch, there)
    if batch == 0:
        return None
    before = batches[batch - 1]
    if verb is Verb.BACK_INTO:
        return Position(batch - 1, len(before) - 1)
    if verb is Verb.BACK_OPERATION:
        shown = [i for i, place in enumerate(before) if place.shows_operation]
        return Position(batch - 1, shown[-1])
    outermost = [
        i for i, place in enumerate(before) if len(place.calls) == 1 and place.kind is Kind.LINE
    ]
    return Position(batch - 1, outermost[-1])


class Walk(RuleBasedStateMachine):
    """Random walks of all that moves the cursor."""

    REACH = 9  # no further, so that the walks meet again

    @initialize(recipe=recipes())
    def begin(self, recipe: Recipe) -> None:
        self.plain = PlainRun(recipe, self.REACH + 1)
        reader = recipe.session()
        self.batches = {}
        self.values: dict[Position, object] = {}
        for batch in range(self.REACH + 1):
            self.batches[batch] = places(reader.trace)
            reader.step_batch()
        self.session = recipe.session()
        self.expected = Position(0, 0)
        self.reach = 0

    @rule(verb=st.sampled_from(Verb), times=st.integers(1, 12))
    def step(self, verb: Verb, times: int) -> None:
        for _ in range(times):
            there = destination(verb, self.batches, self.expected)
            if there is not None and there.batch > self.REACH:
                return
            assert self.session.step(verb) is (there is not None)
            self.arrived(there if there is not None else self.expected)

    @rule(batches=st.integers(0, 4))
    def run(self, batches: int) -> None:
        batches = min(batches, self.REACH - self.expected.batch)
        self.session.run(batches)
        self.arrived(Position(self.expected.batch + batches, 0))

    @precondition(lambda self: self.reach > 0)
    @rule(data=st.data())
    def goto(self, data) -> None:
        batch = data.draw(st.integers(0, self.reach - 1))
        event = data.draw(st.integers(0, len(self.batches[batch]) - 1))
        self.session.goto(batch, event)
        self.arrived(Position(batch, event))

    @rule()
    def measure(self) -> None:
        self.session.measure()
        self.arrived(self.expected)

    def arrived(self, there: Position) -> None:
        self.expected = there
        self.reach = max(self.reach, there.batch + (there.event > 0))
        assert self.session.position == there
        assert self.session.reach == self.reach
        assert self.session.losses.tolist() == self.plain.losses[: self.reach]
        if there.event == 0:
            sight = in_sight(self.session.network, self.session.optimizer)
            assert sight == without_hidden(self.plain.states[there.batch])
        self.check_what_is_seen(there)

    def check_what_is_seen(self, there: Position) -> None:
        """The same at each visit, whichever way one came."""
        session = self.session
        now = (
            session.event.span,
            shown(session.event.value),
            {name: shown(value) for name, value in session.variables().items()},
            in_sight(session.network, session.optimizer),
        )
        assert self.values.setdefault(there, now) == now


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestWalk.pytestmark = [pytest.mark.slow]


@pytest.mark.slow
@given(recipes(), st.sampled_from(Verb), st.data())
@settings(max_examples=60, deadline=None)
def test_every_verb_from_every_kind_of_event(recipe, verb, data):
    session = recipe.session()
    session.run(batches=2)
    batches = {}
    for batch in (0, 1):
        session.goto(batch)
        batches[batch] = places(session.trace)
    for _ in range(12):
        batch = data.draw(st.integers(0, 1))
        start = Position(batch, data.draw(st.integers(0, len(batches[batch]) - 1)))
        there = destination(verb, batches, start)
        session.goto(*start)
        assert session.step(verb) is (there is not None)
        assert session.position == (there or start)


def test_at_the_very_start_a_back_verb_stays():
    session = Recipe().session()
    for verb in Verb:
        if "back" in verb:
            assert session.step(verb) is False
            assert session.position == (0, 0)
    assert set(session.blocked()) == {verb for verb in Verb if "back" in verb}
    assert session.reach == 0


def test_at_the_end_of_what_has_run_a_forward_verb_runs_the_next_batch():
    plain = PlainRun(Recipe(), 4)
    session = Recipe().session()
    for batch, verb in enumerate((Verb.INTO, Verb.OVER, Verb.OUT)):
        session.goto(batch)
        session.step_into()
        session.goto(batch, len(session.trace) - 1)
        assert session.event.kind is Kind.RETURN and session.event.frame.parent is None
        assert session.step(verb) is True
        assert session.position == (batch + 1, 0)
        assert session.losses.tolist() == plain.losses[: batch + 1]
        assert session.blocked() == {}


def test_a_stop_of_a_batch_is_reached_by_its_number():
    session = Recipe().session()
    session.goto(0)
    session.step_batch()
    session.step_batch()
    session.step_batch()
    session.goto(1)
    stops = operation_stops(session.trace)
    session.goto_stop(2, 5)
    session.goto_stop(1, 7)
    assert session.position == (1, stops[7])
    with pytest.raises(NotReached) as raised:
        session.goto_stop(2, len(stops))
    assert raised.value.events == len(stops)
    assert session.position == (1, stops[7])


def test_positions_are_ordered():
    assert Position(0, 9) < Position(1, 0) < Position(1, 3)


class Failing:
    """Passes its input on, and fails in the batch and the pass that it is told to."""

    def __init__(self, fail_at: int, fail_in: str = "forward") -> None:
        self.fail_at = fail_at
        self.fail_in = fail_in
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls > self.fail_at and self.fail_in == "forward":
            return x @ x[:, :1]
        return x

    def backward(self, dout):
        if self.calls > self.fail_at and self.fail_in == "backward":
            raise RuntimeError("no way back")
        return dout


def failing_session(fail_at: int, fail_in: str = "forward") -> Session:
    network, optimizer = Recipe(middle=("tanh", "tanh")).build()
    middle = Failing(fail_at, fail_in)
    layers = [network.layers[0], middle, *network.layers[1:]]
    return Session(type(network)(layers, network.loss), DATASET, optimizer, 5, blas_threads=None)


@given(st.integers(0, 5), st.sampled_from(["forward", "backward"]), st.data())
@settings(max_examples=40, deadline=None)
def test_a_batch_that_ends_with_an_exception_ends_the_way(fail_at, fail_in, data):
    session = failing_session(fail_at, fail_in)
    session.run(batches=fail_at)
    batches = {fail_at: places(session.trace)}
    if fail_at:
        session.goto(fail_at - 1)
        batches[fail_at - 1] = places(session.trace)
    last = len(batches[fail_at]) - 1
    session.goto(fail_at)
    for _ in range(data.draw(st.integers(0, 25))):
        verb = data.draw(st.sampled_from(Verb))
        start = session.position
        if start.batch < fail_at - 1 or (start.batch == fail_at - 1 and "back" in verb):
            break
        there = destination(verb, batches, start)
        if there == Position(fail_at + 1, 0):  # the exception is in the way
            there = Position(fail_at, last) if start != (fail_at, last) else None
        assert session.step(verb) is (there is not None), verb
        assert session.position == (there or start), verb
        assert session.reach == fail_at
    session.goto(fail_at)
    session.step_batch()
    assert session.position == (fail_at, last)
    assert session.event.kind is Kind.EXCEPTION
    assert session.blocked().keys() == {verb for verb in Verb if "back" not in verb}
    assert isinstance(session.error, StepFailed)
    assert session.step_into() is False
    assert session.step_back_into() is True


@pytest.mark.parametrize("verb", [verb for verb in Verb if "back" in verb])
def test_back_from_the_start_of_a_batch_leads_into_the_one_before(verb):
    session = Recipe().session()
    session.run(batches=3)
    assert session.step(verb) is True
    batch, event = session.position
    assert batch == 2
    last = len(session.trace) - 1
    if verb is Verb.BACK_INTO:
        assert event == last
    elif verb is Verb.BACK_OPERATION:
        assert event == operation_stops(session.trace)[-1]
    elif verb is Verb.BACK_OVER:
        assert (session.event.kind, session.event.source) == (Kind.LINE, "return loss")
    else:
        assert event == 0


@given(recipes(), st.integers(0, 60), st.booleans())
@settings(max_examples=25, deadline=None)
def test_as_many_operations_back_end_where_they_began(recipe, steps, ahead):
    session = recipe.session()
    if ahead:
        session.run(batches=2)
        session.step_back_operation()
    begin, passed = session.position, []
    for _ in range(steps):
        passed.append(session.position)
        assert session.step_operation() is True
    for before in reversed(passed):
        assert session.step_back_operation() is True
        assert session.position == before
    assert session.position == begin
