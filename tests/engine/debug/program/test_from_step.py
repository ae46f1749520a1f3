"""A session of any step: what it takes, how its run ends, and whether it repeats itself."""

from __future__ import annotations

import numpy as np
import pytest

from engine import Position, Session
from engine.debug.events import Kind, Phase
from engine.debug.run_control import StopReason
from engine.errors import BadStep, NotDeterministic, NotReachable
from tests.engine.debug.program.steps import SOFTMAX, module_of

__all__ = ["module_of"]
RETURNS = SOFTMAX.replace("RETURN", "return loss")

COUNTED = """
import numpy as np

W = np.zeros(3)


def step(number):
    W[:] = W + number
    return float(W.sum())
"""
ENDS = """
import numpy as np

data = iter([np.ones(3) * k for k in range(5)])
W = np.zeros(3)


def deeper():
    raise StopIteration


def step():
    global W
    x = next(data)
    W = W + x
    return float(W.sum())


def step_that_fails():
    deeper()
"""
NOISE = """
import os

import numpy as np

W = np.zeros(3)


def step():
    noise = float(int.from_bytes(os.urandom(4), "little"))
    W[:] = W + noise
    return float(W.sum())
"""


def test_a_step_runs_as_in_a_bare_loop_and_goes_back(module_of):
    bare, own = module_of(RETURNS), module_of(RETURNS)
    losses = [bare.step() for _ in range(12)]
    session = Session.from_step(own.step)
    assert own.place == 0 and own.history == [] and session.position == Position(0, 0)
    assert session.run(12) == 12 and session.losses.tolist() == losses
    session.goto(3)
    assert own.place == 15 and own.history == losses[:3]
    assert session.run(9) == 9 and session.losses.tolist() == losses
    assert session.batches_run == 12 and session.network is None and session.dataset is None


def test_its_events_and_variables_are_those_of_its_source(module_of):
    own = module_of(RETURNS)
    session = Session.from_step(own.step)
    scores = next(e for e in session.trace if e.source == 'x @ params["W"]')
    session.goto(0, scores.index)
    assert np.array_equal(scores.value, own.X[:5] @ own.params["W"])
    found = session.variables()
    assert found["lr"] == 0.1 and found["place"] == 5 and found["x"].shape == (5, 4)
    assert session.event.phase is Phase.FORWARD


def test_a_step_may_take_the_number_of_the_batch(module_of):
    own = module_of(COUNTED)
    session = Session.from_step(own.step)
    session.run(4)
    assert own.W.tolist() == [6, 6, 6]
    session.goto(2)
    assert own.W.tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def step(x, t): pass", "requires x, t"),
        ("def step(*, x): pass", "requires x"),
        ("def step():\n    yield 1", "generator"),
        ("async def step(): pass", "coroutine"),
        ("step = 3", "not a function"),
        ("step = print", "not written in Python"),
    ],
)
def test_what_can_be_no_step_is_refused(module_of, text, words):
    own = module_of(text)
    with pytest.raises(BadStep, match=words):
        Session.from_step(own.step)


def test_a_step_that_runs_out_of_data_ends_the_run(module_of):
    own = module_of(ENDS)
    session = Session.from_step(own.step)
    assert session.run(10) == 5 and session.has_ended
    assert session.position == Position(5, 0) and len(session.losses) == 5
    stopped = session.continue_(3)
    assert stopped.reason is StopReason.ENDED and stopped.position == Position(5, 0)
    assert session.step_into() and not session.step_into()
    assert session.event.kind is Kind.EXCEPTION and session.error is None
    assert "ends here" in session.blocked()["step_into"]
    session.goto(2)
    assert own.W.tolist() == [1, 1, 1] and session.run(2) == 2


def test_from_deeper_it_is_an_exception_of_the_batch(module_of):
    own = module_of(ENDS)
    session = Session.from_step(own.step_that_fails)
    session.trace  # noqa: B018 (it is recorded)
    assert session.error is not None and not session.trace.ends_the_run


def test_a_program_that_does_not_repeat_itself_is_told_by_its_first_line(module_of):
    own = module_of(NOISE)
    session = Session.from_step(own.step)
    (notice,) = [one for one in session.notices if isinstance(one, NotDeterministic)]
    assert notice.source == "os.urandom(4)" and notice.line == 10 and notice.batch == 0
    session.run(200)
    stored = [batch for batch in session.history().stored if batch]
    session.goto(stored[0])
    with pytest.raises(NotReachable) as caught:
        session.goto(stored[0] - 1)
    assert caught.value.batch == stored[0] - 1
    assert session.position == Position(stored[0], 0)
    session.goto(caught.value.stored)  # the batch that the sentence offers can be reached
    assert session.position == Position(caught.value.stored, 0) < Position(stored[0] - 1, 0)
    session.goto(stored[0])
    session.step_into()
    before = own.W.copy()
    session.step_back_batch()
    session.step_into()
    assert np.array_equal(own.W, before)


def test_a_program_that_repeats_itself_has_no_such_notice(module_of):
    session = Session.from_step(module_of(RETURNS).step)
    assert not [one for one in session.notices if isinstance(one, NotDeterministic)]
