"""What is seen at the cursor is what was true there: against plain runs, bit for bit."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import fields
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.debug.events import Kind
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import LayerState
from engine.debug.travel import observers
from engine.debug.travel.observers import RunProgress
from engine.errors import BadValue, GradientsNotReady, NotReached
from tests.engine.debug.networks import LAYERS, STATEFUL, Recipe, recipes, tiny_dataset
from tests.engine.debug.oracle import (
    PlainRun,
    in_sight,
    picture,
    shown,
    watched_step,
    whole,
    without_hidden,
)  # fmt: skip

BATCHES = 12  # more than two epochs of five


def seen(session: Session) -> dict:
    """All that a session lets one see without moving."""
    return {
        "position": session.position,
        "network and optimizer": in_sight(session.network, session.optimizer),
        "event": (session.event.kind, session.event.span, shown(session.event.value)),
        "variables": {name: shown(value) for name, value in session.variables().items()},
        "losses": session.losses.tobytes(),
    }


def check_at_start(session: Session, plain: PlainRun, recorded: bool = False) -> None:
    """At event 0 of a batch all is as the plain run left it."""
    batch = session.position.batch
    assert session.position == (batch, 0)
    if recorded:
        sight = in_sight(session.network, session.optimizer)
        assert sight == without_hidden(plain.states[batch])
    else:
        assert whole(session.network, session.optimizer) == plain.states[batch]
    assert picture(session.network.parameters()) == picture(plain.parameters[batch])


@given(recipes(), st.data())
@settings(max_examples=60, deadline=None)
def test_any_walk_among_batches_finds_what_a_plain_run_left_there(recipe, data):
    plain = PlainRun(recipe, BATCHES)
    session = recipe.session()
    for _ in range(data.draw(st.integers(1, 8))):
        room = BATCHES - session.position.batch
        move = data.draw(st.sampled_from(["run", "goto", "batch", "back", "look", "host"]))
        if move == "run":
            n = data.draw(st.integers(0, room))
            assert session.run(batches=n) == n
        elif move == "goto":
            session.goto(data.draw(st.integers(0, session.reach)))
        elif move == "batch" and room:
            session.step_batch()
        elif move == "back":
            there = session.position.batch > 0
            assert session.step_back_batch() is there
        elif move == "look":
            session.trace  # noqa: B018
        else:
            np.random.seed(data.draw(st.integers(0, 9)))
            random.seed(1)
        check_at_start(session, plain, recorded=True)
        assert session.losses.tolist() == plain.losses[: session.reach]
    session.run(batches=0)
    check_at_start(session, plain)


@given(recipes(), st.data())
@settings(max_examples=40, deadline=None)
def test_every_line_shows_what_a_watched_plain_step_finds_there(recipe, data):
    batch = data.draw(st.integers(0, 6))
    stops = watched_step(recipe, batch)
    session = recipe.session()
    session.run(batches=batch)
    wanted = {Kind.LINE: "line", Kind.CALL: "call", Kind.RETURN: "return"}
    events = [e for e in session.trace if e.kind in wanted]
    moments = []
    place = 0
    for event in events:  # the watched step stops once more where a `for` finds no more items
        function = event.frame.function
        if event.frame.parent is None and event.kind is Kind.CALL:
            continue
        while (stops[place].kind, stops[place].function) != (wanted[event.kind], function) or (
            event.kind is Kind.LINE and stops[place].line != event.line
        ):
            place += 1
            assert place < len(stops), f"no stop for {event.kind} at {function}:{event.line}"
        moments.append((event.index, stops[place]))
        place += 1
    assert len(moments) > 20
    for index, stop in data.draw(st.lists(st.sampled_from(moments), min_size=12, max_size=20)):
        session.goto(batch, index)
        locals_, owner = {}, {}
        for name, value in session.variables().items():
            (owner if name.startswith("self.") else locals_)[name.removeprefix("self.")] = shown(
                value
            )
        where = f"event {index}, {stop.kind} {stop.function}:{stop.line}"
        assert locals_ == {**stop.globals, **stop.locals}, where
        assert owner == stop.owner, where
        assert in_sight(session.network, session.optimizer) == stop.sight, where


@given(recipes(), st.data())
@settings(max_examples=40, deadline=None)
def test_values_of_events_are_the_same_however_one_came_there(recipe, data):
    fresh = recipe.session()
    fresh.run(batches=4)
    expected = [shown(event.value) for event in fresh.trace]
    session = recipe.session()
    session.run(batches=data.draw(st.integers(5, 9)))
    session.goto(data.draw(st.integers(0, 4)), data.draw(st.integers(0, 10)))
    session.goto(4, data.draw(st.integers(0, len(expected) - 1)))
    assert [shown(event.value) for event in session.trace] == expected
    assert shown(session.event.value) == expected[session.position.event]


@given(recipes(), st.data())
@settings(max_examples=40, deadline=None)
def test_into_and_back_again_is_the_identity(recipe, data):
    session = recipe.session()
    session.run(batches=data.draw(st.integers(0, 6)))
    for _ in range(data.draw(st.integers(0, 30))):
        session.step_into()
    session.goto(session.position.batch, data.draw(st.integers(0, len(session.trace) - 1)))
    before = seen(session)
    steps = data.draw(st.integers(1, 40))
    for _ in range(steps):
        assert session.step_into()
    for _ in range(steps):
        assert session.step_back_into()
    after = seen(session)
    losses, again = before.pop("losses"), after.pop("losses")
    assert again.startswith(losses)  # a batch that was entered has run
    assert after == before


@given(recipes(), st.data())
@settings(max_examples=30, deadline=None)
def test_what_a_caller_holds_stays_as_it_was(recipe, data):
    session = recipe.session()
    session.run(batches=data.draw(st.integers(0, 4)))
    session.goto(session.position.batch, data.draw(st.integers(0, len(session.trace) - 1)))
    trace, snapshot = session.trace, session.snapshot()
    values = [shown(event.value) for event in trace]
    events = list(trace)
    kept = [shown(event.value) for event in events]
    variables = [
        {name: shown(value) for name, value in trace.variables(i).items()}
        for i in range(len(trace))
    ]
    held = [shown(variable.value) for variable in snapshot.variables]
    layers = [picture((dict(s.parameters), dict(s.gradients), s.output)) for s in snapshot.layers]
    for move in data.draw(st.lists(st.sampled_from(["run", "back", "goto", "step"]), min_size=1)):
        if move == "run":
            session.run(batches=3)
        elif move == "back":
            session.step_back_batch()
        elif move == "goto":
            session.goto(data.draw(st.integers(0, session.reach)))
        else:
            session.step_over()
    assert [shown(event.value) for event in trace] == values
    assert [shown(event.value) for event in events] == kept == values
    for i in range(len(trace)):
        assert {n: shown(v) for n, v in trace.variables(i).items()} == variables[i], i
    assert [shown(variable.value) for variable in snapshot.variables] == held
    assert layers == [
        picture((dict(s.parameters), dict(s.gradients), s.output)) for s in snapshot.layers
    ]


def vars_of(layer: LayerState) -> dict[str, object]:
    return {field.name: getattr(layer, field.name) for field in fields(layer)}


@given(recipes(), st.integers(6_000, 60_000), st.data())
@settings(max_examples=40, deadline=None)
def test_a_trace_too_big_for_the_budget_shows_the_same_at_the_cursor(recipe, budget, data):
    """Past its budget a trace has outlines; where the cursor goes, it is recorded anew.

    What layers were given and gave is kept wherever the cursor is.
    """
    moves = data.draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(0, 100)), min_size=1, max_size=6)
    )

    def walk(**settings: int) -> list:
        session, found = recipe.session(**settings), []
        session.run(batches=3)
        for batch, share in moves:
            session.goto(batch)
            session.goto(batch, (len(session.trace) - 1) * share // 100)
            found.append(seen(session))
            found.append((session.step_over(), seen(session)))
            found.append((session.step_back_into(), seen(session)))
            shown = session.snapshot()
            found.append([picture(vars_of(layer)) for layer in shown.layers])
            found.append(picture([shown.minibatch.predictions, shown.minibatch.probabilities]))
        return found

    expected, found = walk(), walk(memory_budget=budget)
    assert found == expected


@given(recipes(), st.integers(0, 5))
@settings(max_examples=30, deadline=None)
def test_gradients_are_those_of_the_batch_once_backward_has_ended(recipe, batch):
    plain = PlainRun(recipe, 6)
    session = recipe.session()
    session.run(batches=batch)
    ready = None
    for event in range(len(session.trace)):
        session.goto(batch, event)
        try:
            found = session.gradients()
        except GradientsNotReady as error:
            assert ready is None, "ready, and then no more"
            assert (error.batch, error.event) == (batch, event) and error.ready > event
            assert f"Step on to event {error.ready}" in str(error)
            promised = error.ready
        else:
            ready = event if ready is None else ready
            assert ready == promised
            assert picture(found) == picture(plain.gradients[batch])
    call = session.trace[ready]
    assert (call.source, call.kind) == ("network.backward()", Kind.EXPRESSION)


def test_gradients_belong_to_the_caller():
    session = Recipe().session()
    session.goto(0, len(session.trace) - 1)
    before = picture(session.gradients())
    for gradient in session.gradients().values():
        gradient.fill(7)
    assert picture(session.gradients()) == before


@given(recipes(), st.integers(1, BATCHES), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_measuring_in_between_changes_nothing(recipe, batches, every):
    plain = PlainRun(recipe, BATCHES)
    session = recipe.session()
    session.run(batches=batches, accuracy_every=every)
    assert session.position == (batches, 0)
    check_at_start(session, plain)
    assert session.losses.tolist() == plain.losses[:batches]
    measured = [m.batch for m in session.measurements]
    assert measured == [b for b in range(batches + 1) if b % every == 0]
    assert all(0 <= m.accuracy <= 1 and np.isfinite(m.loss) for m in session.measurements)


def test_a_measurement_is_of_the_parameters_before_the_batch():
    recipe = Recipe()
    dataset = tiny_dataset(tests=2500)  # more than are measured at once
    session = recipe.session(dataset)
    session.run(batches=7)
    x, t = dataset.test.batch(np.arange(2500))
    network = deepcopy(session.network)
    right = float((network.predict(x).argmax(axis=1) == t).mean())
    loss = float(network.forward(x, t))
    session.goto(7)
    for event in (0, 30, len(session.trace) - 1):
        session.goto(7, event)
        before = seen(session)
        found = session.measure()
        assert (found.batch, found.accuracy) == (7, pytest.approx(right, abs=1e-12))
        assert found.loss == pytest.approx(loss, rel=1e-5)
        assert seen(session) == before


def test_without_a_test_set_nothing_is_measured():
    session = Recipe().session(tiny_dataset(tests=0))
    session.run(batches=3, accuracy_every=1)
    assert session.measure() is None
    assert session.measurements == []


@given(recipes(), st.integers(0, 40), st.data())
@settings(max_examples=30, deadline=None)
def test_progress_is_told_and_a_cancelled_run_stops_between_batches(recipe, batches, data):
    plain = PlainRun(recipe, 40)
    session = recipe.session()
    told: list[RunProgress] = []
    stop_after = data.draw(st.integers(0, 3))

    def progress(state: RunProgress) -> None:
        np.random.seed(0)  # the host's random numbers are its own
        told.append(state)

    with patch.object(observers, "REPORT_SECONDS", data.draw(st.sampled_from([0, 60]))):
        done = session.run(batches, progress=progress, cancel=lambda: len(told) >= stop_after)
    assert session.position == (done, 0)
    assert session.reach == done <= batches
    check_at_start(session, plain)
    assert session.losses.tolist() == plain.losses[:done]
    for state in told:
        assert (state.total, state.loss) == (batches, plain.losses[state.done - 1])
        assert state.batch == state.done  # it has begun at batch 0
    assert [state.done for state in told] == sorted({state.done for state in told})
    if stop_after == 0:
        assert done == 0
    elif done == batches and batches:
        assert told[-1].done == batches


def test_a_run_of_no_batches_goes_to_the_start_of_the_batch():
    session = Recipe().session()
    session.run(batches=2)
    session.goto(2, 17)
    assert session.run(batches=0) == 0
    assert session.position == (2, 0)
    assert session.reach == 3  # it was entered, so it has run


@pytest.mark.parametrize("batches", [-1, -100])
def test_a_negative_number_of_batches_is_refused(batches):
    session = Recipe().session()
    with pytest.raises(BadValue) as caught:
        session.run(batches)
    assert caught.value.value == batches
    with pytest.raises(BadValue):
        session.run(1, accuracy_every=0)
    assert session.position == (0, 0) and session.reach == 0


@given(recipes(), st.data())
@settings(max_examples=30, deadline=None)
def test_running_from_the_middle_of_a_batch_begins_with_that_batch(recipe, data):
    plain = PlainRun(recipe, 20)
    session = recipe.session()
    session.run(batches=data.draw(st.integers(0, 6)))
    session.goto(data.draw(st.integers(0, session.reach)))
    first = session.position.batch
    session.goto(first, data.draw(st.integers(0, len(session.trace) - 1)))
    n = data.draw(st.integers(1, 5))
    session.run(batches=n)
    assert session.position == (first + n, 0)
    check_at_start(session, plain)
    assert session.losses.tolist() == plain.losses[: session.reach]


@given(
    recipes(),
    st.lists(st.tuples(st.integers(0, 9), st.floats(0.001, 2)), min_size=1, max_size=3),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_a_learning_rate_holds_from_its_batch_on_and_cuts_the_future_off(recipe, edits, data):
    session = recipe.session()
    session.run(batches=10)
    rates: dict[int, float] = {}
    for batch, rate in edits:
        batch = min(batch, session.reach)
        session.goto(batch)
        session.goto(batch, data.draw(st.integers(0, len(session.trace) - 1)))
        session.set_learning_rate(rate)
        rates = {b: r for b, r in rates.items() if b < batch} | {batch: rate}
        assert session.position == (batch, 0)
        assert session.reach == batch
        assert session.optimizer.lr == rate
        session.run(batches=data.draw(st.integers(0, min(4, 10 - batch))))
    session.run(batches=10 - session.position.batch)
    plain = PlainRun(recipe, 10, rates=rates)
    check_at_start(session, plain)
    assert session.losses.tolist() == plain.losses
    for batch in data.draw(st.permutations(range(11))):
        session.goto(batch)
        check_at_start(session, plain)
    session.goto(0)
    session.run(batches=10)
    check_at_start(session, plain)
    assert session.losses.tolist() == plain.losses


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), "fast", None])
def test_a_learning_rate_that_cannot_be_is_refused(rate):
    session = Recipe().session()
    session.run(batches=3)
    with pytest.raises(BadValue) as caught:
        session.set_learning_rate(rate)
    assert caught.value.name == "learning rate"
    assert session.optimizer.lr == 0.3
    assert session.reach == 3


def test_an_optimizer_without_a_rate_has_none_to_set():
    session = Recipe().session()
    del session.optimizer.lr
    with pytest.raises(BadValue, match="an optimizer with an attribute lr"):
        session.set_learning_rate(0.1)


@given(st.integers(-2, 8), st.integers(-2, 400))
@settings(max_examples=60, deadline=None)
def test_goto_goes_to_any_event_that_has_run_and_says_how_far_that_is(batch, event):
    session = Recipe().session()
    session.run(batches=5)
    session.goto(3, 40)
    before = seen(session)
    events = len(session.trace)
    if (0 <= batch < 5 and 0 <= event < events) or (batch, event) == (5, 0):
        session.goto(batch, event)
        assert session.position == (batch, event)
        return
    with pytest.raises(NotReached) as caught:
        session.goto(batch, event)
    error = caught.value
    assert (error.batch, error.event, error.reach) == (batch, event, 5)
    if 0 <= batch < 5 and event >= events:
        assert error.events == events
        assert str(error) == f"Batch {batch} has no event {event}: it has {events}, counted from 0."
    else:
        assert error.events is None
        assert "5 batches have run. The run reaches to event 0 of batch 5" in str(error)
    assert seen(session) == before


def test_the_cursors_own_batch_can_be_entered_by_goto():
    session = Recipe().session()
    session.run(batches=2)
    session.goto(2, 9)
    assert (session.position, session.reach) == ((2, 9), 3)


@pytest.mark.parametrize("layer", sorted(STATEFUL))
def test_going_back_puts_back_what_layers_keep_between_batches(layer):
    recipe = Recipe(middle=(layer, "tanh", layer), optimizer="adam")
    plain = PlainRun(recipe, BATCHES)
    session = recipe.session()
    session.run(batches=BATCHES)
    for batch in (7, 11, 0, 3, 12, 5, 4):
        session.goto(batch)
        check_at_start(session, plain)
        session.goto(batch, len(session.trace) - 1) if batch < BATCHES else None


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_the_hosts_random_numbers_and_the_engines_are_apart(layer):
    recipe = Recipe(middle=(layer, "global dropout", "python dropout"))
    plain = PlainRun(recipe, BATCHES)
    session = recipe.session()
    np.random.seed(99)
    random.seed(99)
    expected = [(np.random.rand(), random.random()) for _ in range(6)]
    np.random.seed(99)
    random.seed(99)
    moves = [
        lambda: session.run(batches=5),
        lambda: session.step_over(),
        lambda: session.goto(2, 20),
        lambda: session.measure(),
        lambda: session.set_learning_rate(0.3),
        lambda: session.run(batches=10, accuracy_every=2),
    ]
    for move, pair in zip(moves, expected, strict=True):
        move()
        assert (np.random.rand(), random.random()) == pair
    check_at_start(session, plain)


def test_the_caller_may_change_what_losses_gave():
    session = Recipe().session()
    session.run(batches=3)
    session.losses[:] = 0
    assert session.losses.all()
    assert session.losses.dtype == np.float64


@pytest.mark.parametrize("layer", sorted(STATEFUL))
def test_a_measurement_aside_does_not_draw_from_what_the_run_draws_from(layer):
    recipe = Recipe(middle=(layer,))
    plain = PlainRun(recipe, BATCHES)
    session = recipe.session()
    jobs = []
    session.run(batches=BATCHES, accuracy_every=3, aside=lambda job: jobs.append(job()))
    assert jobs == [] and len(session.measurements) == 5  # they were made in place
    check_at_start(session, plain)
    assert session.losses.tolist() == plain.losses


def test_a_network_of_our_own_layers_is_measured_aside():
    session, jobs = Recipe().session(), []
    session.run(batches=BATCHES, accuracy_every=3, aside=jobs.append)
    assert [job.batch for job in jobs] == [0, 3, 6, 9, 12]
    assert session.measurements == []
