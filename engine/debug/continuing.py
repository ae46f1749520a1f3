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
from time import perf_counter
from typing import TYPE_CHECKING, Any

from engine.debug.breakpoints import AtData, Breakpoint, LastHit, Logged, Place, placed
from engine.debug.events import Position
from engine.debug.hits import Hit, changed_cell, occurrences
from engine.debug.watch import Watch, asks_for_epochs
from engine.errors import MeasurementFailed

if TYPE_CHECKING:
    from engine.debug.session import Session

CHUNK = 200  # batches that are searched at a time, going back
REPORT_SECONDS = 0.02
UNTIL = 0  # the id, which no breakpoint has, of the place to which one run goes


class Reason(StrEnum):
    """Why a run has stopped."""

    BREAKPOINT = "breakpoint"
    DONE = "done"
    PAUSED = "paused"
    START = "start"


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where and why a run has stopped.

    Attributes:
        reason: see `Reason`; START: there was no earlier hit.
        position: the cursor.
        hits: what was hit there; the place of `until` is `UNTIL`.
    """

    reason: Reason
    position: Position
    hits: tuple[Hit, ...] = ()


@dataclass(eq=False)
class Pace:
    """Tells how far one is, and asks whether to go on, every 20 ms."""

    progress: Callable[[int], None] | None
    cancel: Callable[[], bool] | None
    due: float = 0.0
    called_off: bool = False

    def stops(self, batch: int) -> bool:
        """Whether it was called off; `batch` is where one is."""
        if perf_counter() < self.due:
            return False
        self.due = perf_counter() + REPORT_SECONDS
        if self.progress is not None:
            self.progress(batch)
        self.called_off = self.cancel is not None and self.cancel()
        return self.called_off


class Watching:
    """What a run is told batch by batch, so that it ends where there may be a hit.

    The run goes on from the start of the cursor's batch.
    """

    def __init__(self, session: Session, breakpoints: Sequence[Breakpoint]) -> None:
        self._session, self._breakpoints = session, breakpoints
        self._live = (session.optimizer, session.layers)
        batch, per_epoch = session.position.batch, session.order.batches_per_epoch
        if batch % per_epoch and any(asks_for_epochs(one) for one in breakpoints):
            session.unchanged_through(batch - 1)  # it is entered in the middle of the epoch
        self.watch = Watch(
            breakpoints, session.network, dict(session.layers), session.optimizer,
            per_epoch, lambda: session.losses, session.unchanged,
        )  # fmt: skip
        self.found = False  # whether there may be a hit in the batch that ran last
        self.logged: list[Logged] = []
        self._batch = 0
        self.version = session.breakpoints.version

    @property
    def is_stale(self) -> bool:
        """Whether the breakpoints, or the objects that are watched, are others by now."""
        optimizer, layers = self._live
        session = self._session
        return (
            self.version != session.breakpoints.version
            or session.optimizer is not optimizer
            or session.layers is not layers
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
                self._session.counts.put(one, batch, count)
            if not one.log and any(self._counts(one, number) for number in range(1, count + 1)):
                self.found = True
        for one, number, logged in self.watch.take_noted():
            if self._counts(one, number):
                self.logged.append(logged)

    @property
    def stops(self) -> bool:
        """Whether there may be a hit to stop at in the batch, or nothing more is to be noticed."""
        return self.found or self.is_stale

    def _counts(self, one: Breakpoint, number: int) -> bool:
        """Whether the hit of this number in the batch is one to stop at, or to log."""
        earlier = self._session.counts.before(one, self._batch) if one.hits else 0
        return one.counts(earlier + number)


# Forwards


def continue_forward(
    session: Session,
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
    came_from, done = session.position, 0
    also = () if until is None else (Breakpoint(UNTIL, placed(until)),)
    if session.breakpoints.enabled or also:
        if came_from.event > 0 and accuracy_every and came_from.batch % accuracy_every == 0:
            _measure_before(session, aside)
        if not _count_up_to(session, came_from.batch, Pace(None, cancel)):
            return _paused_at(session, came_from)
        session.goto(*came_from)
        if came_from.event > 0:
            if found := _first_hit(session, came_from.event, also):
                return _at(session, found)
            _count_recorded(session)
            session.step_batch()
            done = 1  # the batch that it was in

    def tell(state: Any) -> None:
        if progress is not None:
            progress(replace(state, done=done + state.done, total=batches))

    while done < batches:
        watching = Watching(session, [*session.breakpoints.enabled, *also])
        with watching.watch.watching():
            ran = session.run(batches - done, accuracy_every, tell, cancel, aside, watching, early)
        session.note_logged(watching.logged)
        done += ran
        batch = session.position.batch
        if watching.found:
            session.goto(batch - 1)
            # Where it stands it does not stop again.
            after = 0 if session.position == came_from else -1
            if found := _first_hit(session, after, also):
                return _at(session, found)
            session.goto(batch)
        elif not watching.is_stale:
            break
        elif not _count_up_to(session, batch, Pace(None, cancel)):
            return _paused_at(session, Position(batch, 0))
        else:
            session.goto(batch)
    return Stopped(Reason.DONE if done >= batches else Reason.PAUSED, session.position)


def _measure_before(session: Session, aside: Callable[[Any], None] | None) -> None:
    """Measure the test set before the cursor's batch, which goes on from its middle."""
    job = session.examination() if aside is not None else None
    if aside is not None and job is not None:
        aside(job)
        return
    with suppress(MeasurementFailed):  # the step, which fails so too, is what is told of
        session.measure()


def _first_hit(session: Session, after: int, also: Sequence[Breakpoint]) -> list[Hit]:
    """What hits in the cursor's batch at the first event after another at which anything does."""
    found = [hit for hit in _hits(session, also) if hit.event > after]
    return [hit for hit in found if hit.event == found[0].event]


# Backwards


def continue_back(
    session: Session, progress: Callable[[int], None] | None, cancel: Callable[[], bool] | None
) -> Stopped:
    """Back to the latest earlier hit; to the start of the run where there is none."""
    came_from, pace = session.position, Pace(progress, cancel)
    stopping = [one for one in session.breakpoints.enabled if not one.log]
    if not _count_up_to(session, came_from.batch, pace):
        return _paused_at(session, came_from)
    session.goto(*came_from)
    if came_from.event > 0 and (found := _last_hit(session, came_from.event)):
        return _at(session, found)
    end = came_from.batch
    while stopping and end > 0:
        first = max(end - CHUNK, 0)
        candidates = []
        for batch, may_hit in _watched(session, stopping, first, end):
            if may_hit:
                candidates.append(batch)
            if pace.stops(batch):
                return _paused_at(session, came_from)
        for batch in reversed(candidates):
            session.goto(batch)
            if found := _last_hit(session, len(session.trace)):
                return _at(session, found)
        end = first
    session.goto(0)
    return Stopped(Reason.START, session.position)


def _last_hit(session: Session, before: int) -> list[Hit]:
    """What hits in the cursor's batch at the last event before another at which anything does."""
    found = [hit for hit in _hits(session) if hit.event < before]
    return [hit for hit in found if hit.event == found[-1].event]


# Both


def _hits(session: Session, also: Sequence[Breakpoint] = ()) -> list[Hit]:
    """What stops in the cursor's batch, in order; its trace is there or is recorded now."""
    batch, found = session.position.batch, []
    stopping = [one for one in (*session.breakpoints.enabled, *also) if not one.log]
    if not stopping:
        return []
    with session.whole_trace() as trace:
        around = session.around()
        for one in stopping:
            there = occurrences(one, trace, around)
            earlier = session.counts.before(one, batch) if one.hits else 0
            found += [
                hit
                for number, hit in enumerate(there, start=earlier + 1)
                if hit.problem or one.counts(number)
            ]
    return sorted(found, key=lambda hit: hit.event)


def _count_up_to(session: Session, batch: int, pace: Pace) -> bool:
    """Count what is counted before a batch; False: it was called off. The cursor moves."""
    missing = [one for one in session.breakpoints.enabled
               if one.hits and session.counts.known(one) < batch]  # fmt: skip
    if missing:
        first = min(session.counts.known(one) for one in missing)
        for there, _ in _watched(session, missing, first, batch):
            if pace.stops(there):
                return False
    return True


def _count_recorded(session: Session) -> None:
    """Count the cursor's batch, which was stepped through, by its trace."""
    batch = session.position.batch
    counted = [one for one in session.breakpoints.enabled if one.hits]
    if not counted:
        return
    with session.whole_trace() as trace:
        for one in counted:
            session.counts.put(one, batch, len(occurrences(one, trace, session.around())))


def _watched(
    session: Session, breakpoints: Sequence[Breakpoint], first: int, end: int
) -> Iterator[tuple[int, bool]]:
    """Run these batches again, watched: each with whether there may be a hit in it."""
    session.goto(first)
    batch = first
    while batch < end:
        watching = Watching(session, breakpoints)
        with watching.watch.watching():
            while batch < end and not watching.is_stale:
                watching.before(batch)
                session.train_again(batch, watching.note)
                yield batch, watching.found
                batch += 1


def _at(session: Session, hits: Sequence[Hit]) -> Stopped:
    session.goto(session.position.batch, hits[0].event)
    for hit in hits:
        if hit.breakpoint == UNTIL:
            continue
        one = session.breakpoints[hit.breakpoint]
        cell = _cell_of(session, one, hit.event)
        session.last_hits[hit.breakpoint] = LastHit(session.position, hit.problem, one, cell)
    return Stopped(Reason.BREAKPOINT, session.position, tuple(hits))


def _cell_of(session: Session, one: Breakpoint, event: int) -> tuple[int, ...]:
    """The cell at which a breakpoint on cells has hit."""
    if not isinstance(one.place, AtData):
        return ()
    with session.whole_trace() as trace:
        return changed_cell(one.place, trace, session.network, event)


def _paused_at(session: Session, position: Position) -> Stopped:
    session.goto(*position)
    return Stopped(Reason.PAUSED, session.position)
