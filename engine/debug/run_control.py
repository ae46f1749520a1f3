"""Runs to the next breakpoint hit, or back to the previous one: continue and reverse continue.

Both directions look for hits in the same traces, so reverse continue finds the hits that continue
found. Between hits the plain code runs under a watch, and only a batch that the watch reports is
recorded. Hit counts (`% 100`) start at the first batch; batches that were not watched for a
breakpoint are run again to count its hits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from engine.debug.breakpoints.breakpoints import Breakpoint, LastHit, Logged
from engine.debug.breakpoints.context import BatchContext, LiveBatch
from engine.debug.breakpoints.matching import Hit, occurrences
from engine.debug.breakpoints.place import Place
from engine.debug.breakpoints.records import BreakpointRecords
from engine.debug.breakpoints.watcher import LiveWatch
from engine.debug.events import Position
from engine.debug.travel.goal import PER_EPOCH, AccuracyWatch, TestAccuracy
from engine.debug.travel.pace import CHUNK, CancelCallback, Pace, ProgressCallback
from engine.debug.travel.trainer import Trainer
from engine.errors import MeasurementFailed

UNTIL = 0  # the id of the place of `until`; no breakpoint has it


class StopReason(StrEnum):
    """Why a run has stopped."""

    BREAKPOINT = "breakpoint"
    DONE = "done"
    ENDED = "ended"
    GOAL = "goal"
    GOAL_MISSED = "goal missed"
    PAUSED = "paused"
    START = "start"


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where and why a run has stopped.

    Attributes:
        reason: see `StopReason`; START: there was no earlier hit. ENDED: the step itself has ended
            the run. GOAL_MISSED: the batches have
            run, and the goal of `until` was not reached.
        position: the cursor.
        hits: the breakpoints hit there; the id of the place of `until` is `UNTIL`.
    """

    reason: StopReason
    position: Position
    hits: tuple[Hit, ...] = ()


class BreakpointWatching:
    """Watches a run batch by batch, and ends it after a batch that may have a hit.

    The run starts at the cursor's batch.
    """

    def __init__(
        self, trainer: Trainer, records: BreakpointRecords, breakpoints: Sequence[Breakpoint]
    ) -> None:
        self._trainer, self._records, self._breakpoints = trainer, records, breakpoints
        self._live = (trainer.program.optimizer, trainer.layers)
        batch, per_epoch = trainer.position.batch, trainer.program.epoch_length
        if batch % per_epoch and any(breakpoint.place.watches_epochs for breakpoint in breakpoints):
            trainer.unchanged_through(batch - 1)  # the epoch's earlier batches count, too
        live = LiveBatch(
            trainer.program, dict(trainer.layers), per_epoch, lambda: trainer.losses,
            trainer.unchanged,
        )  # fmt: skip
        self.watch = LiveWatch(breakpoints, live)
        self.found = False  # whether there may be a hit in the batch that ran last
        self.logged: list[Logged] = []
        self._batch = 0
        self.version = records.breakpoints.version

    @property
    def is_stale(self) -> bool:
        """Whether the breakpoints or the watched objects were replaced since."""
        optimizer, layers = self._live
        trainer = self._trainer
        return (
            self.version != self._records.breakpoints.version
            or trainer.program.optimizer is not optimizer
            or not _are_the_same(trainer.layers, layers)
        )

    def before(self, batch: int) -> None:
        """Prepare for a batch that is about to run."""
        self.found, self._batch = False, batch
        self.watch.before(batch)

    def note(self, batch: int, loss: float) -> None:
        """Count the hits of a batch that has run, before the edits after it are applied."""
        counted = self.watch.after(loss)
        for breakpoint in self._breakpoints:
            count = counted.get(breakpoint.id, 0)
            if breakpoint.hits:
                self._trainer.counts.put(breakpoint, batch, count)
            if not breakpoint.log and any(
                self._counts(breakpoint, number) for number in range(1, count + 1)
            ):
                self.found = True
        for breakpoint, hit, logged in self.watch.take_noted():
            if self._counts(breakpoint, hit):
                self.logged.append(logged)

    @property
    def stops(self) -> bool:
        """Whether the run ends here: the batch may have a hit, or this watch is out of date."""
        return self.found or self.is_stale

    def _counts(self, breakpoint: Breakpoint, number: int) -> bool:
        """Whether the hit of this number in the batch stops the run, or is logged."""
        earlier = self._trainer.counts.before(breakpoint, self._batch) if breakpoint.hits else 0
        return breakpoint.counts(earlier + number)


def _are_the_same(layers: Mapping[str, Any], others: Mapping[str, Any]) -> bool:
    """Whether two tables have the same objects as layers; a program makes its table anew."""
    return layers is others or (
        layers.keys() == others.keys()
        and all(layer is others[name] for name, layer in layers.items())
    )


# Forwards


def continue_forward(
    trainer: Trainer,
    records: BreakpointRecords,
    batches: int,
    accuracy_every: int | None,
    progress: Callable[[Any], None] | None,
    cancel: Callable[[], bool] | None,
    aside: Callable[[Any], None] | None,
    until: Place | TestAccuracy | None,
    early: Collection[int] = (),
    settle: Callable[[], bool] | None = None,
) -> Stopped:
    """Run to the next hit, or to the place or the goal of `until`, at most `batches` batches.

    The place is not added to the session's breakpoints: the user sees that list and may change it
    at any time.
    """
    if isinstance(until, TestAccuracy):
        every = accuracy_every or max(1, trainer.program.epoch_length // PER_EPOCH)
        goal = AccuracyWatch(trainer, until, every, aside, settle)
        goal.measure()
        if goal.reached() is not None:
            return Stopped(StopReason.GOAL, trainer.position)
        stopped = _continue_forward(
            trainer, records, batches, every, progress, cancel, aside, (), early, goal
        )
        return _at_goal(trainer, goal, stopped)
    also = () if until is None else (Breakpoint(UNTIL, until.placed()),)
    return _continue_forward(
        trainer, records, batches, accuracy_every, progress, cancel, aside, also, early
    )


def _at_goal(trainer: Trainer, goal: AccuracyWatch, stopped: Stopped) -> Stopped:
    """Go to the batch where the goal was reached, unless the run was paused before that."""
    if stopped.reason is StopReason.PAUSED and not goal.met:
        return stopped
    if stopped.reason is StopReason.DONE:
        goal.measure()
    if (reached := goal.reached()) is not None:
        trainer.goto(reached)
        return Stopped(StopReason.GOAL, trainer.position)
    missed = stopped.reason is StopReason.DONE and not goal.given_up
    return replace(stopped, reason=StopReason.GOAL_MISSED) if missed else stopped


def _continue_forward(
    trainer: Trainer,
    records: BreakpointRecords,
    batches: int,
    accuracy_every: int | None,
    progress: Callable[[Any], None] | None,
    cancel: Callable[[], bool] | None,
    aside: Callable[[Any], None] | None,
    also: Sequence[Breakpoint],
    early: Collection[int],
    goal: AccuracyWatch | None = None,
) -> Stopped:
    """Run to the next hit of a breakpoint or of `also`, or to where `goal` ends the run."""
    came_from, done = trainer.position, 0
    if records.breakpoints.enabled or also:
        if came_from.event > 0 and accuracy_every and came_from.batch % accuracy_every == 0:
            _measure_before(trainer, aside)
        if not _count_up_to(trainer, records, came_from.batch, Pace(None, cancel)):
            return _paused_at(trainer, came_from)
        trainer.goto(*came_from)
        if came_from.event > 0:
            if stopped := _finish_batch(trainer, records, also):
                return stopped
            done = 1

    def tell(state: Any) -> None:
        if progress is not None:
            progress(replace(state, done=done + state.done, total=batches))

    while done < batches:
        watching = BreakpointWatching(trainer, records, [*records.breakpoints.enabled, *also])
        observer = watching if goal is None else goal.over(watching)
        with watching.watch.watching():
            ran = trainer.run(batches - done, accuracy_every, tell, cancel, aside, observer, early)
        records.note_logged(watching.logged)
        done += ran
        batch = trainer.position.batch
        if watching.found:
            trainer.goto(batch - 1)
            # The run does not stop again at its starting point.
            after = 0 if trainer.position == came_from else -1
            if found := _first_hit(trainer, records, after, also):
                return _at(trainer, records, found)
            trainer.goto(batch)
        elif not watching.is_stale or trainer.has_ended or (goal is not None and goal.ended):
            break
        elif cancel is not None and cancel():
            return Stopped(StopReason.PAUSED, trainer.position)
        elif not _count_up_to(trainer, records, batch, Pace(None, cancel)):
            return _paused_at(trainer, Position(batch, 0))
        else:
            trainer.goto(batch)
    if trainer.has_ended and done < batches:
        return Stopped(StopReason.ENDED, trainer.position)
    return Stopped(StopReason.DONE if done >= batches else StopReason.PAUSED, trainer.position)


def _finish_batch(
    trainer: Trainer, records: BreakpointRecords, also: Sequence[Breakpoint]
) -> Stopped | None:
    """Run the cursor's batch from the cursor to its end; where it stops there, or None."""
    if found := _first_hit(trainer, records, trainer.position.event, also):
        return _at(trainer, records, found)
    _count_recorded(trainer, records)
    trainer.step_batch()
    return None


def _measure_before(trainer: Trainer, aside: Callable[[Any], None] | None) -> None:
    """Measure the test set before the cursor's batch, which is half done."""
    job = trainer.evaluation() if aside is not None else None
    if aside is not None and job is not None:
        aside(job)
        return
    with suppress(MeasurementFailed):  # the step fails in the same way, and its error is reported
        trainer.measure()


def _first_hit(
    trainer: Trainer, records: BreakpointRecords, after: int, also: Sequence[Breakpoint]
) -> list[Hit]:
    """The hits at the first hit event after `after` in the cursor's batch."""
    found = [hit for hit in _hits(trainer, records, also) if hit.event > after]
    return [hit for hit in found if hit.event == found[0].event]


# Backwards


def continue_back(
    trainer: Trainer, records: BreakpointRecords, progress: ProgressCallback, cancel: CancelCallback
) -> Stopped:
    """Go back to the latest earlier hit, or to the start of the run if there is none."""
    came_from, pace = trainer.position, Pace(progress, cancel)
    stopping = [breakpoint for breakpoint in records.breakpoints.enabled if not breakpoint.log]
    if not _count_up_to(trainer, records, came_from.batch, pace):
        return _paused_at(trainer, came_from)
    trainer.goto(*came_from)
    if came_from.event > 0 and (found := _last_hit(trainer, records, came_from.event)):
        return _at(trainer, records, found)
    end = came_from.batch
    while stopping and end > 0:
        first = max(end - CHUNK, 0)
        candidates = []
        for batch, may_hit in _watched(trainer, records, stopping, first, end):
            if may_hit:
                candidates.append(batch)
            if pace.stops(batch):
                return _paused_at(trainer, came_from)
        for batch in reversed(candidates):
            trainer.goto(batch)
            if found := _last_hit(trainer, records, len(trainer.trace)):
                return _at(trainer, records, found)
        end = first
    trainer.goto(0)
    return Stopped(StopReason.START, trainer.position)


def _last_hit(trainer: Trainer, records: BreakpointRecords, before: int) -> list[Hit]:
    """The hits at the last hit event before `before` in the cursor's batch."""
    found = [hit for hit in _hits(trainer, records) if hit.event < before]
    return [hit for hit in found if hit.event == found[-1].event]


# Both


def around(trainer: Trainer) -> BatchContext:
    """The context of the cursor's batch for breakpoints."""
    batch, losses = trainer.position.batch, trainer.losses
    if len(losses) == batch and trainer.trace.error is None:
        losses = np.append(losses, trainer.trace.loss)
    return BatchContext(
        batch, trainer.program.epoch_length, trainer.parameters().keys(), losses,
        lambda: trainer.unchanged_through(batch), trainer.program.traced_gradients,
    )  # fmt: skip


def _hits(
    trainer: Trainer,
    records: BreakpointRecords,
    also: Sequence[Breakpoint] = (),
) -> list[Hit]:
    """The hits that stop in the cursor's batch, in order; records it if it has no trace."""
    batch, found = trainer.position.batch, []
    stopping = [
        breakpoint for breakpoint in (*records.breakpoints.enabled, *also) if not breakpoint.log
    ]
    if not stopping:
        return []
    with trainer.whole_trace() as trace:
        context = around(trainer)
        for breakpoint in stopping:
            hits = occurrences(breakpoint, trace, context)
            earlier = trainer.counts.before(breakpoint, batch) if breakpoint.hits else 0
            found += [
                hit
                for number, hit in enumerate(hits, start=earlier + 1)
                if hit.problem or breakpoint.counts(number)
            ]
    return sorted(found, key=lambda hit: hit.event)


def _count_up_to(trainer: Trainer, records: BreakpointRecords, batch: int, pace: Pace) -> bool:
    """Count the hits before a batch; False: cancelled. The cursor moves."""
    missing = [
        breakpoint
        for breakpoint in records.breakpoints.enabled
        if breakpoint.hits and trainer.counts.known(breakpoint) < batch
    ]
    if missing:
        first = min(trainer.counts.known(breakpoint) for breakpoint in missing)
        for watched, _ in _watched(trainer, records, missing, first, batch):
            if pace.stops(watched):
                return False
    return True


def _count_recorded(trainer: Trainer, records: BreakpointRecords) -> None:
    """Count the hits of the cursor's batch in its trace, after stepping through it."""
    batch = trainer.position.batch
    counted = [breakpoint for breakpoint in records.breakpoints.enabled if breakpoint.hits]
    if not counted:
        return
    with trainer.whole_trace() as trace:
        for breakpoint in counted:
            trainer.counts.put(
                breakpoint, batch, len(occurrences(breakpoint, trace, around(trainer)))
            )


def _watched(
    trainer: Trainer,
    records: BreakpointRecords,
    breakpoints: Sequence[Breakpoint],
    first: int,
    end: int,
) -> Iterator[tuple[int, bool]]:
    """Run these batches again under watch; yield each with whether it may have a hit."""
    trainer.goto(first)
    batch = first
    while batch < end:
        watching = BreakpointWatching(trainer, records, breakpoints)
        with watching.watch.watching():
            while batch < end and not watching.is_stale:
                watching.before(batch)
                trainer.train_again(batch, watching.note)
                yield batch, watching.found
                batch += 1


def _at(trainer: Trainer, records: BreakpointRecords, hits: Sequence[Hit]) -> Stopped:
    trainer.goto(trainer.position.batch, hits[0].event)
    for hit in hits:
        if hit.breakpoint == UNTIL:
            continue
        breakpoint = records.breakpoints[hit.breakpoint]
        cell: tuple[int, ...] = ()
        if breakpoint.place.array:
            with trainer.whole_trace() as trace:
                cell = breakpoint.place.cell(trace, trainer.parameters().keys(), hit.event)
        records.last_hits[hit.breakpoint] = LastHit(trainer.position, hit.problem, breakpoint, cell)
    return Stopped(StopReason.BREAKPOINT, trainer.position, tuple(hits))


def _paused_at(trainer: Trainer, position: Position) -> Stopped:
    trainer.goto(*position)
    return Stopped(StopReason.PAUSED, trainer.position)
