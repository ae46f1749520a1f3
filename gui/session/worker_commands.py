"""The worker's commands: train, search, compare, undo, open a session, copy the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import numpy as np

from engine import AtLine, NotFinite
from engine.data.dataset import Dataset
from engine.debug.events import Position
from engine.debug.program.evaluation import Evaluation
from engine.debug.run_control import Stopped, StopReason
from engine.debug.session import Session, open_session
from engine.debug.session_file.opening import Opening
from engine.debug.travel.goal import PER_EPOCH as GOAL_PER_EPOCH
from engine.debug.travel.goal import TestAccuracy
from engine.debug.travel.observers import RunProgress
from engine.debug.undo import undoable
from engine.errors import OpeningCancelled
from engine.nn.network import Network
from engine.options import Options
from gui.run_kind import RunKind
from gui.session.going import line_of
from gui.session.measuring import MeasuredRun, Measurer
from gui.session.worker import Command, Opens, Worker, take_snapshot
from gui.session.worker_signals import Origin, WorkerSignal

Array = np.ndarray[Any, Any]
# Called with the session, a function to report the searched batch, and a function that returns
# whether to stop.
Search = Callable[[Session, Callable[[int], None], Callable[[], bool]], Position | None]
Work = Callable[[Worker, Session], object]

# Few, since measuring 10,000 test images takes as long as 80 batches of the default network.
MEASURED_PER_EPOCH = 3
# Before these batches a part of the test set is measured as well: learning is fastest early.
EARLY = frozenset((10, 25, 50, 100))
OPENING_SECONDS = 0.3  # after this time the opening of a file is shown, and can be cancelled
SETTLE_SECONDS = 0.05  # between two looks at other requests while a goal is being measured
WITHOUT_EPOCHS = 1000  # batches that run in place of an epoch, where there are none
SEARCH_SECONDS = 0.2  # after this time a search, or a last measurement, is announced


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """The progress of a training.

    Attributes:
        done, total: batches of this training; total is None if it runs until paused, and the most
            there may be if it has a goal.
        batch: the next batch, counted from the beginning of the run.
        goal: the share of the test images at which it ends, or None.
    """

    done: int
    total: int | None
    batch: int
    goal: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LentNetwork:
    """A copy of a network as it was before a batch, for work on another thread or process.

    Attributes:
        name: the network's name in its session.
        batch: the number of that batch.
        network: the copy; x (N, D) and t (N,): images and labels of the batch.
        dataset: the source of the minibatches.
        asker: who asked for the copy, as given to `Bridge.lend`.
    """

    name: str
    batch: int
    network: Network
    x: Array
    t: Array
    dataset: Dataset
    asker: object = None


@dataclass(frozen=True)
class RunCommand:
    """A run: a long command that reports its progress and ends early at `pause`.

    Its beginning is announced to the window at once, or, for a kind that may end at once, only when
    it takes long. Its end is always announced.
    """

    worker: Worker
    kind: RunKind
    pause: Event
    work: Work

    def __call__(self, session: Session) -> None:
        """Run to the end or to the pause."""
        worker = self.worker
        worker.begin(self.pause)
        try:
            if not self.kind.may_end_at_once:
                worker.tell(WorkerSignal.RUN_STARTED, self.kind)
            self.work(worker, session)
        finally:
            worker.do_urgent()
            worker.tell(WorkerSignal.RUN_ENDED)


def train(
    worker: Worker,
    session: Session,
    batches: int | None,
    until: AtLine | TestAccuracy | None = None,
) -> None:
    """Train, while another thread measures the test set.

    Args:
        worker: the current thread.
        session: is trained.
        batches: how many; None: until the pause.
        until: a line or a goal to stop at.
    """
    run, measurer = MeasuredRun(session), worker.measurer
    goal = until.share if isinstance(until, TestAccuracy) else None

    def report(progress: RunProgress) -> None:
        worker.yield_to_window(progress.batch)
        worker.note_measurements()
        worker.answer_stored()
        worker.do_urgent()
        if worker.progress_wanted:
            worker.progress_wanted = False
            total = progress.total if batches is not None else None
            told = TrainingProgress(before + progress.done, total, progress.batch, goal)
            worker.tell(WorkerSignal.PROGRESSED, told, session.history())

    before = 0
    epoch = session.history().batches_per_epoch or WITHOUT_EPOCHS
    every = max(1, epoch // (MEASURED_PER_EPOCH if goal is None else GOAL_PER_EPOCH))
    while True:
        first = session.position.batch
        stopped = session.continue_(
            batches=epoch if batches is None else batches,
            accuracy_every=every if session.has_test_set else None,
            progress=report,
            cancel=worker.pause.is_set,
            aside=lambda job: _put_once(measurer, run, job),
            until=until,
            early=EARLY,
            settle=lambda: _settle(worker, run),
        )
        before += session.position.batch - first
        if batches is not None or stopped.reason is not StopReason.DONE:
            break
    _report_stop(worker, session, stopped)
    if stopped.reason is not StopReason.BREAKPOINT:
        _measure_last(session, run, measurer)
    if not measurer.wait(worker.pause, SEARCH_SECONDS):
        worker.tell(WorkerSignal.RUN_STARTED, RunKind.MEASUREMENT)
        measurer.wait(worker.pause)  # later measurements are noted between commands
    worker.note_measurements()


def train_to_accuracy(worker: Worker, session: Session, share: float, epochs: int) -> None:
    """Train until a share of the test images is right, for at most so many epochs."""
    train(worker, session, epochs * session.history().batches_per_epoch, TestAccuracy(share))


def _put_once(measurer: Measurer, run: MeasuredRun, job: Evaluation) -> None:
    """Have a job done, unless the whole test set is being measured before that batch."""
    if job.part is not None or job.batch not in run.asked:
        measurer.put(run, job)


def _settle(worker: Worker, run: MeasuredRun) -> bool:
    """Wait for all measurements of a run, and note them. False: one is missing, or a pause came."""
    while not worker.measurer.wait(worker.pause, SETTLE_SECONDS):
        worker.answer_stored()
        worker.do_urgent()
    worker.note_measurements()
    return not (run.failed or worker.pause.is_set())


def run_to(worker: Worker, session: Session, place: AtLine | None) -> None:
    """Train to a line, for at most an epoch; None: to the line at the cursor."""
    line = place or line_of(session)
    train(worker, session, session.history().batches_per_epoch or WITHOUT_EPOCHS, line)


def go_back(worker: Worker, session: Session) -> None:
    """Continue backwards to the latest earlier hit of a breakpoint."""
    report = SearchReports(worker, RunKind.REVERSE)
    _report_stop(worker, session, session.reverse_continue(report, worker.pause.is_set))


def compare(worker: Worker, session: Session, a: int, b: int) -> None:
    """Compare two branches."""
    found = session.compare(a, b, lambda at: _report_search(worker, at), worker.pause.is_set)
    worker.tell(WorkerSignal.COMPARED, found)


def find(worker: Worker, session: Session, search: Search) -> None:
    """Search, and go to the found position."""
    found = search(session, SearchReports(worker, RunKind.SEARCH), worker.pause.is_set)
    if found is not None:
        session.goto(*found)
        worker.tell(WorkerSignal.FOUND, search, found)
    elif not worker.pause.is_set():
        worker.tell(WorkerSignal.NOT_FOUND, search)


class SearchReports:
    """Reports a search once it takes long; most searches end sooner."""

    def __init__(self, worker: Worker, kind: RunKind) -> None:
        self._worker, self._kind = worker, kind
        self._due = monotonic() + SEARCH_SECONDS
        self._told = False

    def __call__(self, batch: int) -> None:
        """Report the batch that is searched."""
        if not self._told and monotonic() < self._due:
            return
        if not self._told:
            self._told = True
            self._worker.tell(WorkerSignal.RUN_STARTED, self._kind)
        _report_search(self._worker, batch)


def _report_search(worker: Worker, batch: int) -> None:
    """Report the batch that is searched, as often as the window draws it."""
    if worker.progress_wanted:
        worker.progress_wanted = False
        worker.tell(WorkerSignal.SEARCHED, batch)


def _report_stop(worker: Worker, session: Session, stopped: Stopped) -> None:
    """Report why a run has stopped: the breakpoints that were hit, and their problems."""
    by_id = {breakpoint.id: breakpoint for breakpoint in session.breakpoints}
    hits = [(by_id[hit.breakpoint], hit.problem) for hit in stopped.hits if hit.breakpoint in by_id]
    worker.tell(WorkerSignal.HALTED, stopped.reason, hits)


def _measure_last(session: Session, run: MeasuredRun, measurer: Measurer) -> None:
    """Measure the test set where the run has ended, unless that is known."""
    if not session.has_test_set:
        return
    batch, history = session.position.batch, session.history()
    known = set(history.test_batches.tolist()) - dict(history.test_parts).keys()
    if run.failed or batch in run.asked or batch in known:
        return
    job = session.evaluation()
    if job is None:  # the network cannot be copied
        session.measure()
    else:
        measurer.put(run, job)


def lend(worker: Worker, session: Session, asker: object = None) -> None:
    """Copy the network as it was before the cursor's batch, and send the copy to the window."""
    copy = session.copy_before_batch()
    lent = LentNetwork(
        session.setup().network, session.position.batch, *copy, session.dataset, asker
    )
    worker.tell(WorkerSignal.LENT, lent)


@dataclass(frozen=True)
class Undoable:
    """A change that can be undone."""

    worker: Worker
    label: str
    change: Command

    def __call__(self, session: Session) -> None:
        """Make the change, and note the state before it."""
        worker = self.worker
        try:
            undoable(worker.undoing, self.label, worker.memento, lambda: self.change(session))
        finally:
            worker.tell_undoing()


def undo(worker: Worker, session: Session, again: bool) -> None:
    """Undo the last change, or redo it (`again`), even if another session was opened since."""
    undoing = worker.undoing
    label = undoing.redo_label if again else undoing.undo_label
    memento = undoing.redo() if again else undoing.undo()
    if memento is None:
        return
    assert isinstance(memento.session, Session)
    if memento.session is not session:
        session.release_memory()
        assert isinstance(memento.origin, Origin)
        _replace_session(worker, memento.session, memento.origin)
    memento.session.restore(memento)
    worker.tell_undoing()
    worker.tell(WorkerSignal.UNDONE, label, again)


def _replace_session(worker: Worker, session: Session, origin: Origin) -> None:
    worker.measurer.forget()
    if worker.session is not None:
        session.breakpoints.rest_like(worker.session.breakpoints)
    with worker.telling:
        worker.session, worker.origin = session, origin
        worker.tell(WorkerSignal.OPENED, origin.options, origin.path)


@dataclass(frozen=True)
class Open(Opens):
    """Make a session that replaces the current one.

    `own_breakpoints`: it brings its breakpoints; none are added.
    """

    worker: Worker
    label: str
    make: Callable[[], Session]
    origin: Origin
    own_breakpoints: bool = False

    def open(self) -> None:
        """Make the session, and drop pending measurements of the current one.

        The breakpoints are copied. The first session gets a breakpoint for NaN, as a debugger
        stops at exceptions.
        """
        worker = self.worker
        before, session = worker.session, self.make()
        if self.own_breakpoints:
            pass
        elif before is None:
            session.breakpoints.add(NotFinite())
        else:
            session.breakpoints.copy_from(before.breakpoints)
        was = worker.memento() if before is not None else None
        _replace_session(worker, session, self.origin)
        if before is not None and was is not None:
            before.release_memory()
            worker.undoing.note(self.label, was, worker.memento())
            worker.tell_undoing()


@dataclass(frozen=True)
class OpenFile(Opens):
    """Open a session from its file; if that fails, the current session stays."""

    worker: Worker
    label: str
    path: Path
    is_copy: bool = False  # an autosaved copy, which names its file and is newer than it

    def open(self) -> None:
        """Read the file, and replace the current session by the session in it."""
        worker, begun = self.worker, monotonic()

        def report(opening: Opening) -> None:
            if monotonic() - begun >= OPENING_SECONDS:
                worker.tell(WorkerSignal.OPENING, opening)

        try:
            loaded = open_session(self.path, progress=report, cancel=worker.cancel_opening.is_set)
        except OpeningCancelled:
            worker.tell(WorkerSignal.OPENING_CANCELLED)
            return
        finally:
            worker.tell(WorkerSignal.OPENING, None)
        session = loaded.session
        options = Options.from_json(loaded.extra.get("options"))
        named = loaded.extra.get("path") if self.is_copy else str(self.path)
        origin = Origin(options, Path(named) if isinstance(named, str) else None)
        Open(worker, self.label, lambda: session, origin, True).open()
        worker.tell(
            WorkerSignal.LOADED, self.path, loaded.extra, session.loaded, take_snapshot(session)
        )
