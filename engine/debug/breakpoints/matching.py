"""Where in a recorded batch a breakpoint hits: the one answer for both directions of time."""

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


def occurrences(one: Breakpoint, trace: Trace, around: BatchContext) -> list[Hit]:
    """The events of a batch at which a breakpoint's condition holds at its place, in order."""
    condition, found = condition_of(one.condition), []
    for event in one.place.events(trace, around):
        if condition is None:
            found.append(Hit(event, one.id))
            continue
        try:
            if condition.holds(sight(trace, event, around)):
                found.append(Hit(event, one.id))
        except ConditionFailed as error:
            found.append(Hit(event, one.id, str(error)))
    return found


def sight(trace: Trace, event: int, around: BatchContext) -> dict[str, Any]:
    """The values that a condition can use: the variables in scope, and the batch and epoch."""
    batch = around.batch
    return {"batch": batch, "epoch": batch // around.per_epoch, **trace.variables(event)}
