"""Where the verbs stop: each is a predicate over the events of a trace, seen from one of them."""

from __future__ import annotations

from collections.abc import Callable

from engine.debug.events import Kind
from engine.debug.record.trace import Trace

Stops = Callable[[Trace, int], Callable[[int], bool]]  # (trace, here) -> whether to stop there


def everywhere(trace: Trace, here: int) -> Callable[[int], bool]:
    """Into: the next event."""
    return lambda there: True


def nowhere(trace: Trace, here: int) -> Callable[[int], bool]:
    """Batch: no event of this trace."""
    return lambda there: False


def over(trace: Trace, here: int) -> Callable[[int], bool]:
    """Over: the next line (from any other event: the next event) of this frame or of a caller."""
    frames = {id(frame) for frame in trace.stack(here)}
    if trace.kind(here) is Kind.LINE:
        return lambda there: id(trace.frame(there)) in frames and trace.kind(there) is Kind.LINE
    return lambda there: id(trace.frame(there)) in frames


def out(trace: Trace, here: int) -> Callable[[int], bool]:
    """Out: the next event of a caller."""
    callers = {id(frame) for frame in trace.stack(here)[1:]}
    return lambda there: id(trace.frame(there)) in callers
