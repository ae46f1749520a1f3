"""Find the hits of a breakpoint in a recorded batch, for both directions of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.debug.breakpoints.breakpoints import Breakpoint, condition_of
from engine.debug.breakpoints.context import BatchContext
from engine.debug.record.trace import Trace
from engine.errors import ConditionFailed


@dataclass(frozen=True, slots=True)
class Hit:
    """A moment at which a breakpoint hits.

    Attributes:
        event: its index in the batch.
        breakpoint: its id.
        problem: why its condition could not be evaluated, else "".
    """

    event: int
    breakpoint: int
    problem: str = ""


def occurrences(breakpoint: Breakpoint, trace: Trace, around: BatchContext) -> list[Hit]:
    """The events of a batch at which a breakpoint's condition holds at its place, in order."""
    condition, found = condition_of(breakpoint.condition), []
    for event in breakpoint.place.events(trace, around):
        if condition is None:
            found.append(Hit(event, breakpoint.id))
            continue
        try:
            if condition.holds(sight(trace, event, around)):
                found.append(Hit(event, breakpoint.id))
        except ConditionFailed as error:
            found.append(Hit(event, breakpoint.id, str(error)))
    return found


def sight(trace: Trace, event: int, around: BatchContext) -> dict[str, Any]:
    """The values that a condition can use: the variables in scope, and the batch and epoch."""
    batch = around.batch
    return {"batch": batch, "epoch": batch // around.per_epoch, **trace.variables(event)}
