"""Where the step verbs stop: each verb is a predicate over the events of a trace."""

from __future__ import annotations

from collections.abc import Callable

from engine.debug.events import Kind
from engine.debug.explain.operation_stops import operation_stops
from engine.debug.record.trace import Trace

Stops = Callable[[Trace, int], Callable[[int], bool]]  # (trace, start) -> event -> stops?


def everywhere(trace: Trace, start: int) -> Callable[[int], bool]:
    """Into: stop at the next event."""
    return lambda event: True


def operations(trace: Trace, start: int) -> Callable[[int], bool]:
    """Operation: stop at the next event that shows what was computed, tested or stored."""
    return operation_stops(trace).__contains__


def nowhere(trace: Trace, start: int) -> Callable[[int], bool]:
    """Batch: stop at no event of this trace."""
    return lambda event: False


def over(trace: Trace, start: int) -> Callable[[int], bool]:
    """Over: stop at the next line of this frame or of a caller.

    From an event that is no line, stop at the next event of this frame or of a caller.
    """
    frames = {id(frame) for frame in trace.stack(start)}
    if trace.kind(start) is Kind.LINE:
        return lambda event: id(trace.frame(event)) in frames and trace.kind(event) is Kind.LINE
    return lambda event: id(trace.frame(event)) in frames


def out(trace: Trace, start: int) -> Callable[[int], bool]:
    """Out: stop at the next event of a caller."""
    callers = {id(frame) for frame in trace.stack(start)[1:]}
    return lambda event: id(trace.frame(event)) in callers
