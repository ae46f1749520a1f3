"""The surroundings of the cursor: the line before, the round of its loop, what is computed next."""

from __future__ import annotations

import ast
from bisect import bisect_right

import numpy as np

from engine.debug.events import Kind
from engine.debug.explain.reading import is_array
from engine.debug.explain.scene import Scene
from engine.debug.record.syntax import span_of, syntax_of
from engine.debug.record.trace import Trace
from engine.debug.snapshots.loops import LoopRounds
from engine.debug.snapshots.snapshot import Ahead, Ran, Statement, Turn
from engine.debug.snapshots.trace_index import TraceIndex

_FAR = 2000  # events to look through at most: a snapshot is taken at every step


def statement_at(trace_index: TraceIndex, cursor: int) -> Statement | None:
    """The statement of the cursor's line; None before the first line of its function."""
    trace = trace_index.trace
    lines = trace_index.lines[id(trace.frame(cursor))]
    place = bisect_right(lines, cursor) - 1
    if place < 0:
        return None
    site = trace.site(lines[place])
    return Statement(site.source, site.span)


def ran_before(trace_index: TraceIndex, cursor: int) -> Ran | None:
    """The statement of the cursor's function that ran before the cursor's line."""
    trace = trace_index.trace
    lines = trace_index.lines[id(trace.frame(cursor))]
    place = bisect_right(lines, cursor) - 1
    if place < 1:
        return None
    before, now = trace.site(lines[place - 1]), trace.site(lines[place])
    inside = now.span.column > before.span.column
    return Ran(before.source, _met(trace, lines[place - 1], inside), before.span)


def _met(trace: Trace, line: int, inside: bool) -> bool | None:
    """Whether the test of an `if` was met; None for another line, or if no event tells.

    A line that is indented further may lie in the body or after `else`.
    """
    node = syntax_of(trace.site(line))
    if not isinstance(node, (ast.If, ast.While)):
        return None
    own = trace.events_of[id(trace.frame(line))]
    span = span_of(node.test)
    for event in own[bisect_right(own, line) :]:
        if trace.kind(event) is Kind.LINE:
            break
        if trace.site(event).span == span:
            value = trace.raw(event)
            return bool(value) if isinstance(value, (bool, np.bool_, int, float)) else None
    return None if inside else False


def turn_at(trace_index: TraceIndex, cursor: int) -> Turn | None:
    """The round of the innermost `for` around the cursor; None without a loop.

    At the header itself it is the round that has just ended, if there is one.
    """
    frame = trace_index.trace.frame(cursor)
    lines = trace_index.lines[id(frame)]
    place = bisect_right(lines, cursor) - 1
    if place < 0:
        return None
    rounds = trace_index.once(("rounds", id(frame)), lambda: LoopRounds(trace_index.trace, lines))
    turn: Turn | None = rounds.turn(place)
    return turn


def ahead_of(trace: Trace, cursor: int) -> Ahead | None:
    """What is computed next; None at the end of the batch, or if it is far away."""
    for event in range(cursor + 1, min(cursor + _FAR, len(trace))):
        kind, site = trace.kind(event), trace.site(event)
        if kind is Kind.EXPRESSION:
            found = isinstance(trace.raw(event), (np.ndarray, np.generic)) and _computes(
                trace, event
            )
        else:
            found = kind is Kind.LINE and isinstance(syntax_of(site), ast.AugAssign)
        if found:
            frame = trace.frame(event)
            return Ahead(site.source, frame.function, frame.layer)
    return None


def _computes(trace: Trace, event: int) -> bool:
    """Whether an expression computes its value, and does not look it up or call recorded code."""
    node = syntax_of(trace.site(event))
    if isinstance(node, ast.Subscript):
        return is_array(Scene(trace, event).raw(node.value))
    if isinstance(node, ast.Call):
        called = trace.kind(event - 1) is Kind.RETURN
        called = called and trace.frame(event - 1).parent is trace.frame(event)
        return not called and not (isinstance(node.func, ast.Name) and node.func.id == "getattr")
    return isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare))
