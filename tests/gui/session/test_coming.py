"""The formulas of the next stops are those shown there, and looking ahead moves nothing."""

from __future__ import annotations

import pytest

from engine.debug.events import Position
from engine.debug.take_snapshot import at_event
from engine.options import Options, build_session
from gui.session import coming
from gui.session.coming import ComingFormulas
from gui.words.formula.compose import formula_of


@pytest.fixture(scope="module")
def session():
    session = build_session(Options(network="16-4-3"))
    session.run(batches=3)
    return session


def test_a_formula_is_the_same_from_before_and_at_its_stop(session):
    session.goto(2, 0)
    start = session.snapshot()
    formulas = [formula_of(at_event(session, start, event)) for event in start.operation_stops]
    assert session.position == start.position
    for event, formula in zip(start.operation_stops, formulas, strict=True):
        session.goto(2, event)
        assert formula == formula_of(session.snapshot())
    assert len(set(filter(None, formulas))) > 10


def test_the_next_operations_and_events_are_looked_at_once(session):
    session.goto(2, 0)
    start = session.snapshot()
    ahead = ComingFormulas()
    assert ahead.pause is None
    ahead.begin(start)
    found = []
    while ahead.pause is not None:
        found.append(ahead.next(session))
    for stop in start.operation_stops[1 : 1 + coming.STOPS]:
        assert formula_of(at_event(session, start, stop)) in found
    ahead.begin(start)
    assert ahead.pause is None


def test_another_place_or_session_is_not_looked_at(session):
    session.goto(2, 0)
    ahead = ComingFormulas()
    ahead.begin(session.snapshot())
    session.goto(1, 5)
    while ahead.pause is not None:
        assert ahead.next(session) is None


def test_the_window_gets_the_formulas_while_the_worker_has_nothing_else_to_do(window, qtbot):
    with qtbot.waitSignal(window.bridge.coming) as told:
        window.bridge.goto(Position(0, 20))
    assert told.args[0].mathml.startswith("<math")
