"""Continue, and continue backwards: to the next breakpoint that hits, whichever way time runs.

Both ask the same question of the same traces, so what is hit going back is what was hit going
forward. Between hits the plain code runs, watched; a batch in which the watch has noticed something
is recorded. Hits that are counted (`% 100`) are counted from the first batch on: where a run has
not been watched for a breakpoint, it is run through again to count.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from engine.debug.breakpoints.breakpoints import Breakpoint, LastHit, Logged
from engine.debug.breakpoints.context import BatchContext, LiveBatch
from engine.debug.breakpoints.matching import Hit, occurrences
from engine.debug.breakpoints.place import Place
from engine.debug.breakpoints.shelf import BreakpointRecords
from engine.debug.breakpoints.watcher import CellWatch
from engine.debug.events import Position
from engine.debug.travel.evaluation import number
from engine.debug.travel.pace import CHUNK, Cancel, Pace, Progress
from engine.debug.travel.trainer import Trainer
from engine.errors import MeasurementFailed

UNTIL = 0  # the id, which no breakpoint has, of the place to which one run goes


class StopReason(StrEnum):
    """Why a run has stopped."""

    BREAKPOINT = "breakpoint"
    DONE = "done"
    PAUSED = "paused"
    START = "start"


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where and why a run has stopped.

    Attributes:
        reason: see `StopReason`; START: there was no earlier hit.
        position: the cursor.
        hits: what was hit there; the place of `until` is `UNTIL`.
    """

    reason: StopReason
    position: Position
    hits: tuple[Hit, ...] = ()


class BreakpointWatching:
    """What a run is told batch by batch, so that it ends where there may be a hit.

    The run goes on from the start of the cursor's batch.
    """

    def __init__(
        self, trainer: Trainer, shelf: BreakpointRecords, breakpoints: Sequence[Breakpoint]
    ) -> None:
        self._trainer, self._shelf, self._breakpoints = trainer, shelf, breakpoints
        self._live = (trainer.optimizer, trainer.layers)
        batch, per_epoch = trainer.position.batch, trainer.order.batches_per_epoch
        if batch % per_epoch and any(one.place.watches_epochs for one in breakpoints):
            trainer.unchanged_through(batch - 1)  # it is entered in the middle of the epoch
        live = LiveBatch(
            trainer.network, dict(trainer.layers), trainer.optimizer, per_epoch,
            lambda: trainer.losses, trainer.unchanged,
        )  # fmt: skip
        self.watch = CellWatch(breakpoints, live)
        self.found = False  # whether there may be a hit in the batch that ran last
        self.logged: list[Logged] = []
        self._batch = 0
        self.version = shelf.breakpoints.version

    @property
    def is_stale(self) -> bool:
        """Whether the breakpoints, or the objects that are watched, are others by now."""
        optimizer, layers = self._live
        trainer = self._trainer
        return (
            self.version != self._shelf.breakpoints.version
            or trainer.optimizer is not optimizer
            or trainer.layers is not layers
        )

    def before(self, batch: int) -> None:
        """A batch is about to run."""
        self.found, self._batch = False, batch
        self.watch.before(batch)

    def note(self, batch: int, loss: float) -> None:
        """A batch has run, and no edit has changed yet what it has made: count its hits."""
        counted = self.watch.after(loss)
        for one in self._breakpoints:
            count = counted.get(one.id, 0)
            if one.hits:
                self._trainer.counts.put(one, batch, count)
            if not one.log and any(self._counts(one, number) for number in range(1, count + 1)):
                self.found = True
        for one, hit, logged in self.watch.take_noted():
            if self._counts(one, hit):
                self.logged.append(logged)

    @property
    def stops(self) -> bool:
        """Whether there may be a hit to stop at in the batch, or nothing more is to be noticed."""
        return self.found or self.is_stale

    def _counts(self, one: Breakpoint, number: int) -> bool:
        """Whether the hit of this number in the batch is one to stop at, or to log."""
        earlier = self._trainer.counts.before(one, self._batch) if one.hits else 0
        return one.counts(earlier + number)


# Forwards


def continue_forward(
    trainer: Trainer,
    shelf: BreakpointRecords,
    batches: int,
    accuracy_every: int | None,
    progress: Callable[[Any], None] | None,
    cancel: Callable[[], bool] | None,
    aside: Callable[[Any], None] | None,
    until: Place | None,
    early: Collection[int] = (),
) -> Stopped:
    """On to the next hit, or to a place; after so many batches it stops anyway.

    The place is none of the session's breakpoints: those are a person's, who may remove any of them
    at any time, and finds no other among them.
    """
    came_from, done = trainer.position, 0
    also = () if until is None else (Breakpoint(UNTIL, until.placed()),)
    if shelf.breakpoints.enabled or also:
        if came_from.event > 0 and accuracy_every and came_from.batch % accuracy_every == 0:
            _measure_before(trainer, aside)
        if not _count_up_to(trainer, shelf, came_from.batch, Pace(None, cancel)):
            return _paused_at(trainer, came_from)
        trainer.goto(*came_from)
        if came_from.event > 0:
            if found := _first_hit(trainer, shelf, came_from.event, also):
                return _at(trainer, shelf, found)
            _count_recorded(trainer, shelf)
            trainer.step_batch()
            done = 1  # the batch that it was in

    def tell(state: Any) -> None:
        if progress is not None:
            progress(replace(state, done=done + state.done, total=batches))

    while done < batches:
        watching = BreakpointWatching(trainer, shelf, [*shelf.breakpoints.enabled, *also])
        with watching.watch.watching():
            ran = trainer.run(batches - done, accuracy_every, tell, cancel, aside, watching, early)
        shelf.note_logged(watching.logged)
        done += ran
        batch = trainer.position.batch
        if watching.found:
            trainer.goto(batch - 1)
            # Where it stands it does not stop again.
            after = 0 if trainer.position == came_from else -1
            if found := _first_hit(trainer, shelf, after, also):
                return _at(trainer, shelf, found)
            trainer.goto(batch)
        elif not watching.is_stale:
            break
        elif not _count_up_to(trainer, shelf, batch, Pace(None, cancel)):
            return _paused_at(trainer, Position(batch, 0))
        else:
            trainer.goto(batch)
    return Stopped(StopReason.DONE if done >= batches else StopReason.PAUSED, trainer.position)


def _measure_before(trainer: Trainer, aside: Callable[[Any], None] | None) -> None:
    """Measure the test set before the cursor's batch, which goes on from its middle."""
    job = trainer.evaluation() if aside is not None else None
    if aside is not None and job is not None:
        aside(job)
        return
    with suppress(MeasurementFailed):  # the step, which fails so too, is what is told of
        trainer.measure()


def _first_hit(
    trainer: Trainer, shelf: BreakpointRecords, after: int, also: Sequence[Breakpoint]
) -> list[Hit]:
    """What hits in the cursor's batch at the first event after another at which anything does."""
    found = [hit for hit in _hits(trainer, shelf, also) if hit.event > after]
    return [hit for hit in found if hit.event == found[0].event]


# Backwards


def continue_back(
    trainer: Trainer, shelf: BreakpointRecords, progress: Progress, cancel: Cancel
) -> Stopped:
    """Back to the latest earlier hit; to the start of the run where there is none."""
    came_from, pace = trainer.position, Pace(progress, cancel)
    stopping = [one for one in shelf.breakpoints.enabled if not one.log]
    if not _count_up_to(trainer, shelf, came_from.batch, pace):
        return _paused_at(trainer, came_from)
    trainer.goto(*came_from)
    if came_from.event > 0 and (found := _last_hit(trainer, shelf, came_from.event)):
        return _at(trainer, shelf, found)
    end = came_from.batch
    while stopping and end > 0:
        first = max(end - CHUNK, 0)
        candidates = []
        for batch, may_hit in _watched(trainer, shelf, stopping, first, end):
            if may_hit:
                candidates.append(batch)
            if pace.stops(batch):
                return _paused_at(trainer, came_from)
        for batch in reversed(candidates):
            trainer.goto(batch)
            if found := _last_hit(trainer, shelf, len(trainer.trace)):
                return _at(trainer, shelf, found)
        end = first
    trainer.goto(0)
    return Stopped(StopReason.START, trainer.position)


def _last_hit(trainer: Trainer, shelf: BreakpointRecords, before: int) -> list[Hit]:
    """What hits in the cursor's batch at the last event before another at which anything does."""
    found = [hit for hit in _hits(trainer, shelf) if hit.event < before]
    return [hit for hit in found if hit.event == found[-1].event]


# Both


def around(trainer: Trainer) -> BatchContext:
    """What a breakpoint can ask about the cursor's batch, besides its trace."""
    batch, losses = trainer.position.batch, trainer.losses
    if len(losses) == batch and trainer.trace.error is None:
        losses = np.append(losses, number(trainer.trace.result))
    return BatchContext(
        batch, trainer.order.batches_per_epoch, trainer.network, losses,
        lambda: trainer.unchanged_through(batch),
    )  # fmt: skip


def _hits(trainer: Trainer, shelf: BreakpointRecords, also: Sequence[Breakpoint] = ()) -> list[Hit]:
    """What stops in the cursor's batch, in order; its trace is there or is recorded now."""
    batch, found = trainer.position.batch, []
    stopping = [one for one in (*shelf.breakpoints.enabled, *also) if not one.log]
    if not stopping:
        return []
    with trainer.whole_trace() as trace:
        context = around(trainer)
        for one in stopping:
            there = occurrences(one, trace, context)
            earlier = trainer.counts.before(one, batch) if one.hits else 0
            found += [
                hit
                for number, hit in enumerate(there, start=earlier + 1)
                if hit.problem or one.counts(number)
            ]
    return sorted(found, key=lambda hit: hit.event)


def _count_up_to(trainer: Trainer, shelf: BreakpointRecords, batch: int, pace: Pace) -> bool:
    """Count what is counted before a batch; False: it was called off. The cursor moves."""
    missing = [one for one in shelf.breakpoints.enabled
               if one.hits and trainer.counts.known(one) < batch]  # fmt: skip
    if missing:
        first = min(trainer.counts.known(one) for one in missing)
        for there, _ in _watched(trainer, shelf, missing, first, batch):
            if pace.stops(there):
                return False
    return True


def _count_recorded(trainer: Trainer, shelf: BreakpointRecords) -> None:
    """Count the cursor's batch, which was stepped through, by its trace."""
    batch = trainer.position.batch
    counted = [one for one in shelf.breakpoints.enabled if one.hits]
    if not counted:
        return
    with trainer.whole_trace() as trace:
        for one in counted:
            trainer.counts.put(one, batch, len(occurrences(one, trace, around(trainer))))


def _watched(
    trainer: Trainer,
    shelf: BreakpointRecords,
    breakpoints: Sequence[Breakpoint],
    first: int,
    end: int,
) -> Iterator[tuple[int, bool]]:
    """Run these batches again, watched: each with whether there may be a hit in it."""
    trainer.goto(first)
    batch = first
    while batch < end:
        watching = BreakpointWatching(trainer, shelf, breakpoints)
        with watching.watch.watching():
            while batch < end and not watching.is_stale:
                watching.before(batch)
                trainer.train_again(batch, watching.note)
                yield batch, watching.found
                batch += 1


def _at(trainer: Trainer, shelf: BreakpointRecords, hits: Sequence[Hit]) -> Stopped:
    trainer.goto(trainer.position.batch, hits[0].event)
    for hit in hits:
        if hit.breakpoint == UNTIL:
            continue
        one = shelf.breakpoints[hit.breakpoint]
        cell: tuple[int, ...] = ()
        if one.place.array:
            with trainer.whole_trace() as trace:
                cell = one.place.cell(trace, trainer.network, hit.event)
        shelf.last_hits[hit.breakpoint] = LastHit(trainer.position, hit.problem, one, cell)
    return Stopped(StopReason.BREAKPOINT, trainer.position, tuple(hits))


def _paused_at(trainer: Trainer, position: Position) -> Stopped:
    trainer.goto(*position)
    return Stopped(StopReason.PAUSED, trainer.position)
