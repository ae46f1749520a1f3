"""Random programs of all that a person can do: every moment that is reached twice is the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.debug.events import Position, Verb
from engine.debug.run_control import StopReason
from engine.debug.session import Session
from engine.debug.undo import UndoStack, undoable
from tests.engine.debug.breakpoints.test_breakpoints import HITS, PLACES, all_hits
from tests.engine.debug.networks import DATASET, Recipe, recipes
from tests.engine.debug.oracle import in_sight, shown
from tests.engine.debug.travel.test_branches import EDITS

REACH = 14  # batches at most: nearly three epochs
STEPS = st.sampled_from(list(Verb))


class Person:
    """Does things to a session, and remembers what was true at each moment that it came by."""

    def __init__(self, session: Session, draw: Callable[[Any], Any]) -> None:
        self.session, self.draw = session, draw
        self.undoing = UndoStack()
        self.seen: dict[Any, Any] = {}

    def act(self) -> None:
        """Do one thing, and look."""
        getattr(self, self.draw(st.sampled_from(ACTS)))()
        self.look()

    def look(self) -> None:
        """What is true here is what was true here before."""
        session = self.session
        if session.position.batch > REACH + 2:
            session.goto(REACH)
        batch = session.position.batch
        edits = [one for one in session.branches.current.edits if one[0] <= batch]
        moment = repr((edits, session.position))
        there = (
            in_sight(session.network, session.optimizer),
            session.event.source,
            {name: shown(value) for name, value in session.variables().items()},
            session.losses[:batch].tobytes(),
            session.samples().tobytes(),
        )
        assert self.seen.setdefault(moment, there) == there

    def change(self, what: Callable[[], Any]) -> None:
        undoable(self.undoing, "change", self.session.memento, what)

    def step(self) -> None:
        for verb in self.draw(st.lists(STEPS, min_size=1, max_size=12)):
            self.session.step(verb)

    def step_and_back(self) -> None:
        before = self.session.position
        for _ in range(self.draw(st.integers(1, 9))):
            if self.session.step_into():
                self.session.step_back_into()
        assert self.session.position == before

    def train(self) -> None:
        self.session.goto(self.session.position.batch)
        room = max(REACH - self.session.position.batch, 0)
        self.session.run(self.draw(st.integers(0, room)))

    def go_on(self) -> None:
        self.session.continue_(max(REACH - self.session.position.batch, 0))

    def go_back(self) -> None:
        self.session.reverse_continue()

    def goto(self) -> None:
        self.session.goto(self.draw(st.integers(0, self.session.reach)))
        events = len(self.session.trace)
        event = self.draw(st.integers(0, events - 1))
        if self.session.position.batch < self.session.reach:
            self.session.goto(self.session.position.batch, event)

    def set_breakpoint(self) -> None:
        place, condition = self.draw(PLACES)
        hits = self.draw(HITS)
        self.change(lambda: self.session.breakpoints.add(place, condition, hits))

    def take_breakpoint(self) -> None:
        if len(self.session.breakpoints):
            one = self.draw(st.sampled_from(list(self.session.breakpoints)))
            self.change(lambda: self.session.breakpoints.remove(one.id))

    def edit(self) -> None:
        edit = self.draw(EDITS)
        self.change(lambda: self.session.edit(edit))

    def switch(self) -> None:
        self.session.switch(self.draw(st.sampled_from([one.id for one in self.session.branches])))

    def compare(self) -> None:
        ids = st.sampled_from([one.id for one in self.session.branches])
        before = self.session.position, self.session.branches.current
        self.session.compare(self.draw(ids), self.draw(ids))
        assert (self.session.position, self.session.branches.current) == before

    def undo(self) -> None:
        memento = self.undoing.undo()
        if memento is not None:
            self.session.restore(memento)

    def redo(self) -> None:
        memento = self.undoing.redo()
        if memento is not None:
            self.session.restore(memento)


ACTS = [
    name for name, value in vars(Person).items()
    if callable(value) and name not in ("__init__", "act", "look", "change")
]  # fmt: skip


@given(recipes(), st.sampled_from([60_000, 10**7]), st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_moment_that_is_reached_twice_is_the_same(recipe, budget, data):
    person = Person(recipe.session(memory_budget=budget), data.draw)
    for _ in range(data.draw(st.integers(3, 14))):
        person.act()
    for one in person.session.branches:
        person.session.switch(one.id)
        for batch in range(one.reach + 1):
            person.session.goto(batch)
            person.look()


@given(st.lists(st.tuples(PLACES, HITS), min_size=1, max_size=3), st.lists(EDITS, max_size=3),
       st.data())  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_hits_are_the_same_forwards_and_backwards_on_every_branch(chosen, edits, data):
    session = Recipe().session()
    for edit in edits:
        session.run(data.draw(st.integers(1, 6)))
        session.goto(data.draw(st.integers(0, session.reach)))
        session.edit(edit)
    session.run(4)
    for (place, condition), hits in chosen:
        session.breakpoints.add(place, condition, hits)
    for one in session.branches:
        session.switch(one.id)
        expected = all_hits(session, one.reach)
        session.goto(0)
        forwards = []
        while (left := one.reach - session.position.batch) > 0:
            stopped = session.continue_(left)
            if stopped.reason is not StopReason.BREAKPOINT or stopped.position.batch >= one.reach:
                break
            forwards.append(stopped.position)
        assert forwards == [place for place in expected if place != (0, 0)]
        session.goto(one.reach)
        backwards = []
        while (stopped := session.reverse_continue()).reason is StopReason.BREAKPOINT:
            backwards.append(stopped.position)
        assert backwards[::-1] == expected


@pytest.mark.slow
def test_a_hundred_thousand_batches_stay_within_the_budget():
    budget = 500_000
    session = Recipe().session(memory_budget=budget)
    session.run(50_000)
    session.goto(25_000)
    session.fork("half-way")
    session.run(50_000)
    assert session.held_bytes <= budget
    assert session.reach == 75_000 and session.branches[0].reach == 50_000
    session.goto(74_000, 20)
    assert session.held_bytes <= budget and session.position == Position(74_000, 20)
    plain, optimizer = Recipe().build()
    order = session.order
    for batch in range(1_000):
        x, t = DATASET.batch(order.indices(batch), "float32")
        loss = plain.forward(x, t)
        plain.backward()
        optimizer.update(plain.parameters(), plain.gradients())
        assert loss == session.losses[batch]
    session.goto(1_000)
    for name, array in plain.parameters().items():
        assert array.tobytes() == session.network.parameters()[name].tobytes()
