"""Where the step verbs stop: each verb is a predicate over the events of a trace."""

from __future__ import annotations

from collections.abc import Callable

from engine.debug.events import Kind
from engine.debug.record.trace import Trace

Stops = Callable[[Trace, int], Callable[[int], bool]]  # (trace, here) -> whether to stop there


def everywhere(trace: Trace, here: int) -> Callable[[int], bool]:
    """Into: stop at the next event."""
    return lambda there: True


def nowhere(trace: Trace, here: int) -> Callable[[int], bool]:
    """Batch: stop at no event of this trace."""
    return lambda there: False


def over(trace: Trace, here: int) -> Callable[[int], bool]:
    """Over: stop at the next line of this frame or of a caller; from no line, at any event."""
    frames = {id(frame) for frame in trace.stack(here)}
    if trace.kind(here) is Kind.LINE:
        return lambda there: id(trace.frame(there)) in frames and trace.kind(there) is Kind.LINE
    return lambda there: id(trace.frame(there)) in frames


def out(trace: Trace, here: int) -> Callable[[int], bool]:
    """Out: stop at the next event of a caller."""
    callers = {id(frame) for frame in trace.stack(here)[1:]}
    return lambda there: id(trace.frame(there)) in callers
