"""A session of any step puts everything back that the step reaches, and names the rest."""

from __future__ import annotations

import threading
from itertools import cycle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Session
from engine.errors import NoRoomForCopies, NotPutBack
from tests.engine.debug.oracle import picture

DATA = np.arange(60.0).reshape(20, 3)


def stream(rng):
    while True:
        for place in rng.permutation(len(DATA)):
            yield DATA[place]


class Program:
    """Reads its data from iterators that have, and have not, begun; keys its moments by `id`."""

    def __init__(self):
        rng = np.random.default_rng(3)
        self.rng, self.begun, self.fresh = rng, stream(rng), stream(np.random.default_rng(4))
        next(self.begun)
        self.rows, self.rates = iter(list(DATA) * 9), cycle([0.1, 0.01, 0.001])
        self.flat = np.zeros(6)
        self.W, self.b = self.flat[:3], self.flat[3:]
        self.moments = {id(self.W): np.zeros(3)}

    def step(self):
        x = next(self.begun) + next(self.fresh) + next(self.rows)
        noise = self.rng.normal(size=3)
        grad = self.W * 0.5 - x + noise
        moment = self.moments[id(self.W)]
        moment *= 0.9
        moment += grad
        self.W -= next(self.rates) * moment
        self.b += self.flat[0]
        return float(self.flat.sum())

    def look(self):
        return picture([self.flat, list(self.moments.values()), self.rng.bit_generator.state])


@given(st.lists(st.tuples(st.sampled_from(["goto", "run", "record"]), st.integers(0, 30)),
                min_size=2, max_size=8))  # fmt: skip
@settings(max_examples=3, deadline=None)
def test_any_way_through_a_program_with_iterators_is_exact(ways):
    plain, program = Program(), Program()
    seen, losses = [plain.look()], []
    for _ in range(60):
        losses.append(plain.step())
        seen.append(plain.look())
    session = Session.from_step(program.step)
    session.run(12)
    for way, number in ways:
        if way == "run":
            session.goto(session.reach)
            session.run(min(number % 7, 60 - session.reach))
        else:
            session.goto(number % (session.reach + 1))
            if way == "record" and session.position.batch < session.reach:
                session.step_batch()
        assert program.look() == seen[session.position.batch]
        assert np.shares_memory(program.W, program.flat) and id(program.W) in program.moments
    assert session.losses.tolist() == losses[: session.reach]


def test_what_a_program_cannot_put_back_is_named_at_opening():
    program = Program()
    program.lock = threading.Lock()
    session = Session.from_step(program.step)
    (notice,) = [one for one in session.notices if isinstance(one, NotPutBack)]
    assert "self.lock" in notice.names and "_thread.lock" in notice.kinds
    assert "self.lock (_thread.lock)" in str(notice)
    again = Session.from_step(Program().step).notices
    assert not any("self." in str(one) for one in again if isinstance(one, NotPutBack))


@pytest.mark.parametrize("many", [1, 5, 7])
def test_few_of_many_objects_are_said(many):
    names = tuple(f"self.x{n}" for n in range(many))
    said = str(NotPutBack(names, ("_thread.lock",) * many))
    assert said.count("_thread.lock") == min(many, 5) and (f"+{many - 5}" in said) == (many > 5)
    assert "359 MB" in str(NoRoomForCopies(359 * 2**20, 0))
