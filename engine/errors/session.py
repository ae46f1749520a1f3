"""Errors of questions to a session: a moment, branch, name or value that is not there."""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors.base import Described

__all__ = [
    "GradientsNotReady",
    "NoSuchBranch",
    "NotInSight",
    "NotReached",
    "NotStored",
]


@dataclass(eq=False)
class GradientsNotReady(Described):
    """Gradients were asked for before the backward pass of the cursor's batch has ended.

    Attributes:
        batch, event: the cursor.
        ready: the first event with gradients, or None if the backward pass does not end.
    """

    batch: int
    event: int
    ready: int | None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence, which depends on whether the pass ends at all."""
        if self.ready is None:
            return "The backward pass of batch {batch} does not end, so there are no gradients."
        return "At event {event} of batch {batch} the backward pass has not ended."

    @property
    def advice(self) -> str:  # type: ignore[override]
        """The event to go to."""
        return "" if self.ready is None else "Step on to event {ready}, where it has."


@dataclass(eq=False)
class NotReached(Described):
    """A position beyond the reach of the run.

    Attributes:
        batch, event: the requested position.
        reach: the number of batches that have run.
        events: the number of events of that batch, if known.
    """

    batch: int
    event: int
    reach: int
    events: int | None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """The sentence, for a batch that has not run or an event that does not exist."""
        if self.events is not None:
            return "Batch {batch} has no event {event}: it has {events}, counted from 0."
        return "Batch {batch}, event {event} cannot be reached: {reach} batches have run."

    @property
    def advice(self) -> str:  # type: ignore[override]
        """The reach of the run."""
        if self.events is not None:
            return ""
        return "The run reaches to event 0 of batch {reach}; train on to go further."


@dataclass(eq=False)
class NotStored(Described):
    """A batch without a stored state, whose parameters were requested.

    Attributes:
        batch: the requested batch.
        nearest: the nearest earlier batch with a stored state.
    """

    batch: int
    nearest: int

    sentence = "No state of batch {batch} is stored; the nearest before it is of batch {nearest}."
    advice = "Go to the batch, or take a stored one."


@dataclass(eq=False)
class NoSuchBranch(Described):
    """A branch number that does not exist, or no longer; `there` has the existing numbers."""

    branch: int
    there: list[int]

    sentence = "There is no branch {branch}: there are {there}."


@dataclass(eq=False)
class NotInSight(Described):
    """A name that is not in scope at the cursor.

    Attributes:
        name: the name.
        known: the names in scope.
    """

    name: str
    known: str

    sentence = "{name} is not in scope here."
    advice = "In scope are {known}."
