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
        ready: the event from which on they are there, or None where this batch never gets there.
    """

    batch: int
    event: int
    ready: int | None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found depends on whether the pass ends at all."""
        if self.ready is None:
            return "The backward pass of batch {batch} does not end, so there are no gradients."
        return "At event {event} of batch {batch} the backward pass has not ended."

    @property
    def advice(self) -> str:  # type: ignore[override]
        """Where to go."""
        return "" if self.ready is None else "Step on to event {ready}, where it has."


@dataclass(eq=False)
class NotReached(Described):
    """A position further than the run reaches.

    Attributes:
        batch, event: where to go was asked.
        reach: how many batches have run.
        events: how many events that batch has, where that is known.
    """

    batch: int
    event: int
    reach: int
    events: int | None

    @property
    def sentence(self) -> str:  # type: ignore[override]
        """What was found: a batch that has not run, or an event that a batch does not have."""
        if self.events is not None:
            return "Batch {batch} has no event {event}: it has {events}, counted from 0."
        return "Batch {batch}, event {event} cannot be reached: {reach} batches have run."

    @property
    def advice(self) -> str:  # type: ignore[override]
        """How far it reaches."""
        if self.events is not None:
            return ""
        return "The run reaches to event 0 of batch {reach}; train on to go further."


@dataclass(eq=False)
class NotStored(Described):
    """A batch whose parameters were asked for, of which no state is stored.

    Attributes:
        batch: the one asked for.
        nearest: the nearest one before it whose state is stored.
    """

    batch: int
    nearest: int

    sentence = "No state of batch {batch} is stored; the nearest before it is of batch {nearest}."
    advice = "Go to the batch, or take a stored one."


@dataclass(eq=False)
class NoSuchBranch(Described):
    """A branch that is not, or no longer, there; `there` are the numbers of those that are."""

    branch: int
    there: list[int]

    sentence = "There is no branch {branch}: there are {there}."


@dataclass(eq=False)
class NotInSight(Described):
    """A name of which there is nothing at the cursor.

    Attributes:
        name: the one asked for.
        known: the names that are there.
    """

    name: str
    known: str

    sentence = "There is no {name} in sight here."
    advice = "In sight are {known}."
