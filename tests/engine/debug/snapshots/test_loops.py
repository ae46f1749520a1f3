"""The rounds of loops, however many there are."""

from __future__ import annotations

from engine import Session
from engine.debug.snapshots.snapshot import Turn
from tests.engine.debug.program.steps import module_of

__all__ = ["module_of"]
NESTED = """
import numpy as np

W = np.zeros(4)


def step():
    total = 0.0
    for row in range(3):
        for column in range(2):
            total = total + W.sum()
        total = total + 1.0
    return total
"""
LONG = """
import numpy as np

W = np.zeros(4)


def step():
    total = 0.0
    for number in range(5000):
        total = total + number
    return total
"""


def turns_at(session: Session, source: str) -> list[Turn | None]:
    trace = session.trace
    lines = [e for e in range(len(trace)) if trace.site(e).source == source]
    found = []
    for event in lines:
        session.goto(0, event)
        found.append(session.snapshot().turn)
    return found


def test_nested_loops_count_their_own_rounds(module_of):
    session = Session.from_step(module_of(NESTED).step)
    inner = "for column in range(2):"
    assert turns_at(session, "total = total + W.sum()") == [Turn(n, 2, inner) for n in (1, 2)] * 3
    outer = "for row in range(3):"
    assert turns_at(session, "total = total + 1.0") == [Turn(n, 3, outer) for n in (1, 2, 3)]
    assert set(turns_at(session, "return total")) == {None}


def test_a_long_loop_is_counted_to_its_end(module_of):
    session = Session.from_step(module_of(LONG).step)
    trace = session.trace
    lines = [e for e in range(len(trace)) if trace.site(e).source == "total = total + number"]
    lines = [e for e in lines if trace.kind(e) == "line"]
    for number in (1, 2500, 5000):
        session.goto(0, lines[number - 1])
        assert session.snapshot().turn == Turn(number, 5000, "for number in range(5000):")
