"""The surroundings of the cursor: the statement before, the loop's round, what is computed next."""

from __future__ import annotations

import pytest

from engine.data import BUNDLED
from engine.debug.events import Kind
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import Ahead, Ran, Turn
from engine.nn.models import tiny_net
from engine.nn.optimizers import SGD


def stepping(network, optimizer, x, t):
    loss = network.forward(x, t)
    total = 0
    for row in x[:3]:
        for _cell in row[:2]:
            total += 1
        if total > 3:
            total += 10
        else:
            total += 20
    while total < 0:
        total += 1
    network.backward()
    optimizer.update(network.parameters(), network.gradients())
    return loss


@pytest.fixture(scope="module")
def session() -> Session:
    return Session(tiny_net(), BUNDLED["tiny_digits"](), SGD(0.1), 6, 0, step=stepping)


def snapshots(session: Session, source: str, kind: Kind = Kind.LINE):
    for event in session.trace:
        if event.source == source and event.kind is kind:
            session.goto(0, event.index)
            yield session.snapshot()


def test_the_rounds_of_a_loop_are_counted_from_1(session):
    turns = [snapshot.turn for snapshot in snapshots(session, "if total > 3:")]
    assert turns == [Turn(n, 3, "for row in x[:3]:") for n in (1, 2, 3)]


def test_the_innermost_loop_counts_and_begins_anew_in_each_round_of_the_outer(session):
    turns = [
        snapshot.turn
        for snapshot in snapshots(session, "total += 1")
        if snapshot.turn and "cell" in snapshot.turn.source
    ]
    assert [(turn.number, turn.rounds) for turn in turns] == [(1, 2), (2, 2)] * 3


def test_at_the_header_it_is_the_round_that_has_ended(session):
    turns = [snapshot.turn for snapshot in snapshots(session, "for row in x[:3]:")]
    assert turns == [None, Turn(1, 3, "for row in x[:3]:"), Turn(2, 3, "for row in x[:3]:")]


def test_there_is_no_turn_outside_of_a_loop(session):
    (snapshot,) = snapshots(session, "network.backward()")
    assert snapshot.turn is None


def test_a_test_tells_whether_it_was_met_also_where_the_other_branch_runs(session):
    met = [s.ran._replace(span=None) for s in snapshots(session, "total += 10")]
    not_met = [s.ran._replace(span=None) for s in snapshots(session, "total += 20")]
    assert met == [Ran("if total > 3:", True)] * 2
    assert not_met == [Ran("if total > 3:", False)]


def test_the_statement_is_that_of_the_line_also_within_an_expression(session):
    for event in session.trace:
        session.goto(session.position.batch, event.index)
        snapshot, statement = session.snapshot(), session.snapshot().statement
        if event.kind is Kind.CALL:
            assert statement is None
        elif event.kind in (Kind.EXPRESSION, Kind.RETURN):
            assert event.source in statement.source
            assert statement.span[:2] <= event.span[:2] and event.span[2:] <= statement.span[2:]
        else:
            assert statement == (event.source, event.span)
        if snapshot.ran is not None:
            assert snapshot.ran.span.line < statement.span.line or snapshot.turn is not None


def test_the_first_line_has_no_statement_before_it(session):
    (snapshot,) = snapshots(session, "loss = network.forward(x, t)")
    assert snapshot.ran is None


def test_what_is_computed_next_is_no_look_up_and_no_call_of_recorded_code(session):
    (snapshot,) = snapshots(session, "loss = network.forward(x, t)")
    assert snapshot.ahead == Ahead("x @ self.W", "Affine.forward", "Affine1")
    session.goto(0, len(session.trace) - 1)
    assert session.snapshot().ahead is None
