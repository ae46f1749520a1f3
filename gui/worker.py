"""The thread that owns the session: it takes commands from a queue and tells what came of them.

A command is a function of the session. The test set is measured on a third thread, so that training
need not wait for it; what was found is noted here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import partial
from pathlib import Path
from threading import Condition, Event
from time import monotonic, sleep
from typing import Any

from PySide6.QtCore import QDeadlineTimer, QThread, Signal

from engine.debug.breakpoints.breakpoints import AtLine, NotFinite
from engine.debug.events import Position
from engine.debug.health.arrays import health_of
from engine.debug.record.interruption import Interruption
from engine.debug.run_control import Stopped, StopReason
from engine.debug.session import Session, open_session
from engine.debug.session_file.format import to_bytes, write
from engine.debug.session_file.load import Opening
from engine.debug.snapshots.layer_health import layer_health
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.travel.trainer import RunProgress
from engine.debug.undo import Memento, UndoStack, undoable
from engine.errors import NotStored, OpeningCancelled
from engine.options import Options
from gui.measuring import MeasuredRun, Measurer
from gui.stored import For, StoredWanted

Command = Callable[[Any], object]
Search = Callable[[Any, Callable[[int], None], Callable[[], bool]], Position | None]

# Measuring 10,000 test images takes as long as 80 batches of the default network.
MEASURED_PER_EPOCH = 3
# Before these batches a part of it is measured as well: most of what is learnt is learnt early.
EARLY = frozenset((10, 25, 50, 100))
GIVEN_SECONDS = 0.005  # of every 20 ms
OPENING_SECONDS = 0.3  # after which the opening of a file is told of, and can be called off
SEARCH_SECONDS = 0.2  # after which a search is told of, and can be called off
SHOWN_SECONDS = 0.1  # after which there is a snapshot, however many commands wait
SMALL_BATCHES = 100  # so many in 20 ms, and they hardly ever leave the interpreter to anybody


class WorkerSignal(Enum):
    """What the worker tells the window."""

    OPENED = auto()
    TRAINING_STARTED = auto()
    PROGRESSED = auto()
    TRAINING_ENDED = auto()
    EXPORTED = auto()
    FAILED = auto()
    DONE = auto()  # a command, with the snapshot or None
    MEASURED = auto()  # between commands; likewise
    STORED_FOUND = auto()
    LENT = auto()
    SEARCHED = auto()  # so far
    COMPARED = auto()
    UNDO_CHANGED = auto()
    SAVED = auto()
    LAST_SAVED = auto()  # the last copy that was asked for by this token
    NOT_AUTOSAVED = auto()
    LOADED = auto()
    OPENING = auto()  # how far it is, or None: it is over
    OPENING_CANCELLED = auto()
    HALTED = auto()  # why a run has stopped
    UNDONE = auto()
    NOT_FOUND = auto()  # the search that found nothing
    FOUND = auto()  # the search, and the position to which the cursor went
    OUTDATED = auto()  # it was asked of a session in whose place there is another now
    OTHER_SAVED = auto()  # a session in whose place there is another now
    URGENT_DONE = auto()  # a command that was carried out between two batches
    MARKED = auto()  # the breakpoints and bookmarks, after such a command


@dataclass(frozen=True)
class Origin:
    """Where a session comes from: the options that it was built from, and its file."""

    options: object = None
    path: Path | None = None


@dataclass(frozen=True)
class Goto:
    """Move the cursor to a position; of several that wait in a row only the last is gone to."""

    position: Position

    def __call__(self, session: Any) -> None:
        """Go there."""
        session.goto(batch=self.position.batch, event=self.position.event)


class Worker(QThread):
    """Takes commands from the queue, one after the other, until it is told to stop.

    What it has to tell waits in one list, in order, which the window empties with `take`: one
    signal announces it however long it grows, so a window that is slow to draw is not flooded.
    """

    told = Signal()

    def __init__(self, session: Any, options: object = None) -> None:
        super().__init__()
        self.session = session
        self.origin = Origin(options)
        self.undoing = UndoStack()
        self.pause = Event()  # ends the run that is under way
        self._ending = Event()
        self._shown = (0.0, 0.0)  # when the last snapshot was taken, and what it took
        self.cancel_opening = Event()
        self.progress_wanted = True
        self.window_draws = False  # then a training gives way to it, a little each time
        self._given_at = 0
        self._stored_wanted: dict[For, StoredWanted] = {}  # whose parameters to look up
        self._autosave: tuple[Path, dict[str, Any]] | None = None  # a copy that is asked for
        self._saves: list[Command] = []  # to be done between two batches
        self._autosaved: object = None  # what was there when the last copy was made
        self._writer = ThreadPoolExecutor(1, "writing")  # the disk may be slow
        self._urgent: deque[Command] = deque()  # what is done between two batches
        self._commands: deque[Command | None] = deque()
        self._news: list[tuple[WorkerSignal, tuple[Any, ...]]] = []
        self._changed = Condition()
        self.measurer = Measurer(self._on_found)

    def put(self, command: Command | None) -> bool:
        """Queue a command; None ends the thread, before whatever waits.

        True: it has taken the place of the last one that waits, as the next place to go to does.
        """
        with self._changed:
            if command is None:
                self._commands.clear()
            waiting = self._commands[-1] if self._commands else None
            replaces = isinstance(command, Goto) and isinstance(waiting, Goto)
            if replaces:
                self._commands.pop()
            self._commands.append(command)
            self._changed.notify()
        return replaces

    def begin(self, pause: Event) -> None:
        """A run begins, which `pause` ends (on the worker's thread)."""
        self.pause = pause
        if self._ending.is_set():  # it may have been asked before this run was known
            pause.set()

    def ask_stored(self, wanted: StoredWanted) -> None:
        """Look up a stored state's parameters; a request that waits gives way to this one."""
        with self._changed:
            self._stored_wanted[wanted.use] = wanted
            self._changed.notify()

    def ask_autosave(self, path: Path, extra: dict[str, Any]) -> None:
        """Have a copy of the session written, if anything has changed since the last one."""
        with self._changed:
            self._autosave = path, extra
            self._changed.notify()

    def save(
        self, path: Path, extra: dict[str, Any], quiet: bool = False, last: object = None,
        content: object = None,
    ) -> None:  # fmt: skip
        """Take a copy of the session now, and write it aside (on the worker's thread).

        `content`: what tells such a copy from one of the session after a change.
        """
        try:
            session, packed = self.session, self.session.pack(extra)
        except BaseException as error:  # it asks a person's network for its parameters
            self.tell(WorkerSignal.NOT_AUTOSAVED if quiet else WorkerSignal.FAILED, error)
        else:
            self._write(path, session, lambda: packed, quiet, last, content)

    def save_at_once(
        self, path: Path, extra: dict[str, Any], quiet: bool = False, last: object = None
    ) -> None:
        """Write the session as it was before the batch that is running (on any thread).

        The batch stays under way, for as long as it takes. Where none is running the session is
        saved between two commands. `last`: a token that is told when this copy has been written.
        """
        session = self.session

        def packed() -> tuple[dict[str, Any], dict[str, Any]] | None:
            with session.interruption.held() as held:
                if held:
                    return session.pack(extra, in_batch=True)
            with self._changed:
                self._saves.append(lambda _: self.save(path, extra, quiet, last))
                self._changed.notify()
            return None

        self._write(path, session, packed, quiet, last)

    def _write(
        self, path: Path, session: Any, packed: Callable[[], Any], quiet: bool, last: object,
        content: object = None,
    ) -> None:  # fmt: skip
        """Write what was packed, or is to be, on the thread that writes."""

        def write_packed() -> None:
            try:
                found = packed()
                if found is None:
                    return
                write(path, to_bytes(*found))
            except BaseException as error:  # it asks a person's network for its parameters
                self.tell(WorkerSignal.NOT_AUTOSAVED if quiet else WorkerSignal.FAILED, error)
            else:
                if content is not None:
                    self._autosaved = content
                with self.telling:  # no other is opened before this is told
                    if quiet or self.session is session:
                        if not quiet:
                            self.origin = replace(self.origin, path=path)
                        self.tell(WorkerSignal.SAVED, path, quiet)
                    else:
                        self.tell(WorkerSignal.OTHER_SAVED, path)
                    if last is not None:
                        self.tell(WorkerSignal.LAST_SAVED, last)

        self._writer.submit(write_packed)

    def urge(self, command: Command) -> None:
        """Have a command carried out between two batches, or at once where no run is under way."""
        with self._changed:
            self._urgent.append(command)
            self._changed.notify()

    def do_urgent(self) -> None:
        """Carry out what is urgent (on the worker's thread)."""
        if not self._urgent:
            return
        while self._urgent:
            self._attempt(self._urgent.popleft())
            self.tell(WorkerSignal.URGENT_DONE)
        session = self.session
        if session is not None:
            self.tell(WorkerSignal.MARKED, tuple(session.breakpoints), tuple(session.bookmarks))

    def answer_stored(self) -> None:
        """Look up what was asked for last, if anything was (on the worker's thread)."""
        with self._changed:
            asked, self._stored_wanted = self._stored_wanted, {}
        for one in asked.values():
            if self.session is not None and self.session.identity == one.identity:
                self._attempt(partial(self._tell_stored, one))
        with self._changed:
            wanted, self._autosave = self._autosave, None
            saves, self._saves = self._saves, []
        for save in saves:
            self._attempt(save)
        if wanted is not None and self.session is not None:
            self._attempt(lambda session: self._save_copy(session, *wanted))

    def _tell_stored(self, wanted: StoredWanted, session: Any) -> None:
        self.tell(WorkerSignal.STORED_FOUND, wanted, *_stored(session, wanted.batch))

    def _save_copy(self, session: Any, path: Path, extra: dict[str, Any]) -> None:
        reaches = [(id(one), one.reach) for one in session.branches]
        there = (
            id(session), session.position, reaches, session.breakpoints.version,
            tuple(session.bookmarks), extra,
        )  # fmt: skip
        if there != self._autosaved:
            self.save(path, extra, quiet=True, content=there)

    @property
    def telling(self) -> Condition:
        """Held while something changes of which the window must hear before anything else."""
        return self._changed

    def tell(self, what: WorkerSignal, *values: Any) -> None:
        """Say something to the window (on the worker's thread)."""
        with self._changed:
            self._news.append((what, values))
            first = len(self._news) == 1
        if first:
            self.told.emit()

    def take(self) -> list[tuple[WorkerSignal, tuple[Any, ...]]]:
        """Return all that was told since the last call, in order."""
        with self._changed:
            news, self._news = self._news, []
        return news

    @property
    def interruption(self) -> Interruption | None:
        """What stops the code that runs; None without a session."""
        session = self.session
        return None if session is None else session.interruption

    def finish(self, seconds: float | None = None) -> bool:
        """End the thread after the command, or the batch, that is running.

        False: it has not come back in so many seconds (None: as long as it takes).
        """
        self._ending.set()
        self.pause.set()
        self.cancel_opening.set()
        self.put(None)
        ever = QDeadlineTimer.ForeverConstant.Forever
        if not self.wait(QDeadlineTimer(ever if seconds is None else round(1000 * seconds))):
            return False
        self._writer.shutdown()
        self.measurer.close()
        return True

    def memento(self) -> Memento:
        """All that a person can change, as it is now (on the worker's thread)."""
        memento: Memento = self.session.memento(self.origin)
        return memento

    def tell_undoing(self) -> None:
        """Say what can be undone and redone (on the worker's thread)."""
        self.tell(WorkerSignal.UNDO_CHANGED, self.undoing.undo_label, self.undoing.redo_label)

    def give_way(self, batch: int) -> None:
        """Leave the interpreter to the window for a moment, while it draws (on this thread).

        Large batches do by themselves, in their products. `batch` is how far the training is.
        """
        ran, self._given_at = batch - self._given_at, batch
        if self.window_draws and ran > SMALL_BATCHES:
            sleep(GIVEN_SECONDS)

    def note_measurements(self) -> None:
        """Give the session what was measured of it (on the worker's thread)."""
        for found in self.measurer.take():
            if found.run.session is not self.session:
                continue
            if found.measurement is not None:
                self.session.note(found.job, found.measurement)
            else:
                self.tell(WorkerSignal.FAILED, found.error)

    def run(self) -> None:
        """Serve the queue, and note what was measured (on the worker's thread)."""
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                commanded = bool(self._commands)
                command = self._commands.popleft() if commanded else stay
            if command is None:
                return
            urged = bool(self._urgent)
            self.answer_stored()
            if not (commanded or urged or self.measurer.has_found):
                continue
            if self.session is not None or isinstance(command, (Open, OpenFile)):
                self._attempt(command)
            self.do_urgent()  # of a run, what came after its last batch
            self.note_measurements()
            snapshot = self._snapshot_for_window()
            self.tell(WorkerSignal.DONE if commanded else WorkerSignal.MEASURED, snapshot)

    def _snapshot_for_window(self) -> Snapshot | None:
        """A snapshot at the end of a burst of commands, and in a long one now and then.

        What it takes is at most half of the time that goes into such a burst.
        """
        with self._changed:
            waiting = bool(self._commands)
        now, (taken, took) = monotonic(), self._shown
        if self.session is None or self._ending.is_set():
            return None
        if waiting and now - taken < max(SHOWN_SECONDS, took):
            return None
        snapshot: Snapshot | None = self._attempt(take_snapshot)
        taken = monotonic()
        self._shown = taken, taken - now
        return snapshot

    def _has_work(self) -> bool:
        asked = bool(self._stored_wanted) or self._autosave is not None or bool(self._saves)
        there = bool(self._commands) or bool(self._urgent)
        return asked or there or self.measurer.has_found

    def _on_found(self) -> None:
        """Wake the worker (on the measuring thread)."""
        with self._changed:
            self._changed.notify()

    def _attempt(self, command: Command) -> Any:
        """Run a command; its error goes to the window, and the thread goes on.

        So does it where code of a person's leaves by `sys.exit()`, in a look at what it has.
        """
        try:
            return command(self.session)
        except BaseException as error:
            self.tell(WorkerSignal.FAILED, error)
        return None


@dataclass(frozen=True)
class Undoable:
    """A change of a person's, which can be undone."""

    worker: Worker
    label: str
    change: Command

    def __call__(self, session: Any) -> None:
        """Make it, and note how it was before."""
        worker = self.worker
        try:
            undoable(worker.undoing, self.label, worker.memento, lambda: self.change(session))
        finally:
            worker.tell_undoing()


def undo(worker: Worker, again: bool) -> None:
    """Take the last step back, or make it `again`, be it in another session."""
    undoing = worker.undoing
    label = undoing.redo_label if again else undoing.undo_label
    memento = undoing.redo() if again else undoing.undo()
    if memento is None:
        return
    assert isinstance(memento.session, Session)
    if memento.session is not worker.session:
        worker.session.rest()
        assert isinstance(memento.origin, Origin)
        _replace_session(worker, memento.session, memento.origin)
    worker.session.restore(memento)
    worker.tell_undoing()
    worker.tell(WorkerSignal.UNDONE, label, again)


def _replace_session(worker: Worker, session: Any, origin: Origin) -> None:
    worker.measurer.forget()
    with worker.telling:
        worker.session, worker.origin = session, origin
        worker.tell(WorkerSignal.OPENED, origin.options, origin.path)


@dataclass(frozen=True)
class Open:
    """The one command that needs no session: it makes one, in the place of the present one.

    `own_breakpoints`: it has those that it should have.
    """

    worker: Worker
    label: str
    make: Callable[[], Any]
    origin: Origin
    own_breakpoints: bool = False

    def __call__(self, _: Any) -> None:
        """Make the session, and forget what was measured of the present one.

        The breakpoints come along, where the new one has their places. The first one has that for
        NaN, as a debugger stops at exceptions.
        """
        worker = self.worker
        before, session = worker.session, self.make()
        if self.own_breakpoints:
            pass
        elif before is None:
            session.breakpoints.add(NotFinite())
        else:
            for one in before.breakpoints:
                session.breakpoints.add(
                    one.place, one.condition, one.hits, one.log, enabled=one.enabled
                )
        was = worker.memento() if before is not None else None
        _replace_session(worker, session, self.origin)
        if was is not None:
            before.rest()
            worker.undoing.note(self.label, was, worker.memento())
            worker.tell_undoing()


@dataclass(frozen=True)
class OpenFile:
    """Open a session from its file; where that fails, the present one stays."""

    worker: Worker
    label: str
    path: Path
    is_copy: bool = False  # of the file that it names; that one has not all

    def __call__(self, _: Any) -> None:
        """Read it, and have it in the place of the present one."""
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
        open_it = Open(worker, self.label, lambda: session, origin, True)
        open_it(None)
        worker.tell(
            WorkerSignal.LOADED, self.path, loaded.extra, session.loaded, take_snapshot(session)
        )


def take_snapshot(session: Any) -> Snapshot:
    """A snapshot with its arrays measured, which is remembered: the window has it to read only."""
    snapshot = session.snapshot()
    for variable in snapshot.variables:
        health_of(variable.value)
    for layer in snapshot.layers:
        for array in (*layer.parameters.values(), *layer.gradients.values(), layer.output):
            health_of(array)
        layer_health(layer)
    return snapshot


def _stored(session: Any, batch: int) -> tuple[int, dict[str, Any]]:
    """The parameters of a stored batch, or of the nearest before it: states thin out in a run."""
    try:
        return batch, session.stored_parameters(batch)
    except NotStored as error:
        return error.nearest, session.stored_parameters(error.nearest)


def stay(session: Any) -> None:
    """Change nothing: there will be a snapshot all the same."""


def train(worker: Worker, session: Any, batches: int | None, until: AtLine | None = None) -> None:
    """Run the training on the worker's thread, and measure the test set aside.

    `until`: a line to stop at.
    """
    run, measurer = MeasuredRun(session), worker.measurer

    def report(progress: RunProgress) -> None:
        worker.give_way(progress.batch)
        worker.note_measurements()
        worker.answer_stored()
        worker.do_urgent()
        if worker.progress_wanted:
            worker.progress_wanted = False
            total = progress.total if batches is not None else None
            progress = replace(progress, done=before + progress.done, total=total)
            worker.tell(WorkerSignal.PROGRESSED, progress, session.history())

    before = 0
    worker.tell(WorkerSignal.TRAINING_STARTED, batches)
    epoch = session.history().batches_per_epoch
    every = max(1, epoch // MEASURED_PER_EPOCH)
    try:
        while True:
            first = session.position.batch
            stopped = session.continue_(
                batches=epoch if batches is None else batches,
                accuracy_every=every,
                progress=report,
                cancel=worker.pause.is_set,
                aside=lambda job: measurer.put(run, job),
                until=until,
                early=EARLY,
            )
            before += session.position.batch - first
            if batches is not None or stopped.reason is not StopReason.DONE:
                break
        _say_why(worker, session, stopped)
        if stopped.reason is not StopReason.BREAKPOINT:
            _measure_last(session, run, measurer)
        measurer.wait(give_up=worker.pause)  # what comes later is noted between commands
        worker.note_measurements()
    finally:
        worker.do_urgent()
        worker.tell(WorkerSignal.TRAINING_ENDED)


def go_back(worker: Worker, session: Any) -> None:
    """Continue backwards on the worker's thread; a long way is told and called off as `find`'s."""
    try:
        report = SearchReports(worker)
        _say_why(worker, session, session.reverse_continue(report, worker.pause.is_set))
    finally:
        worker.do_urgent()
        worker.tell(WorkerSignal.TRAINING_ENDED)


def _say_why(worker: Worker, session: Any, stopped: Stopped) -> None:
    """Tell why a run has stopped: the breakpoints that were hit, and what was wrong with them."""
    there = {one.id: one for one in session.breakpoints}
    hits = [(there[hit.breakpoint], hit.problem) for hit in stopped.hits if hit.breakpoint in there]
    worker.tell(WorkerSignal.HALTED, stopped.reason, hits)


def compare(worker: Worker, session: Any, a: int, b: int) -> None:
    """Compare two branches on the worker's thread, told and called off as a training is."""
    worker.tell(WorkerSignal.TRAINING_STARTED, None)
    try:
        found = session.compare(a, b, lambda at: _report_search(worker, at), worker.pause.is_set)
        worker.tell(WorkerSignal.COMPARED, found)
    finally:
        worker.do_urgent()
        worker.tell(WorkerSignal.TRAINING_ENDED)


def find(worker: Worker, session: Any, search: Search) -> None:
    """Search on the worker's thread, and go to what was found.

    Most searches end at once; one that takes its time is told and called off as a training is.
    """
    found = None
    try:
        found = search(session, SearchReports(worker), worker.pause.is_set)
        if found is not None:
            session.goto(*found)
            worker.tell(WorkerSignal.FOUND, search, found)
        elif not worker.pause.is_set():
            worker.tell(WorkerSignal.NOT_FOUND, search)
    finally:
        worker.do_urgent()
        worker.tell(WorkerSignal.TRAINING_ENDED)


class SearchReports:
    """Tells of a search once it takes its time; most end at once, and nobody need hear of them."""

    def __init__(self, worker: Worker) -> None:
        self._worker, self._due = worker, monotonic() + SEARCH_SECONDS
        self._told = False

    def __call__(self, batch: int) -> None:
        """Tell which batch is looked through."""
        if not self._told and monotonic() < self._due:
            return
        if not self._told:
            self._told = True
            self._worker.tell(WorkerSignal.TRAINING_STARTED, None)
        _report_search(self._worker, batch)


def _report_search(worker: Worker, batch: int) -> None:
    """Tell which batch is looked through, as often as the window draws it."""
    if worker.progress_wanted:
        worker.progress_wanted = False
        worker.tell(WorkerSignal.SEARCHED, batch)


def run_to(worker: Worker, session: Any, place: AtLine | None) -> None:
    """Train until a line is come to, None: the cursor's, or for an epoch."""
    try:
        place = place or line_of(session)
    except BaseException:  # the batch could not be recorded; of all else `train` tells the end
        worker.tell(WorkerSignal.TRAINING_ENDED)
        raise
    train(worker, session, session.history().batches_per_epoch, place)


def line_of(session: Any) -> AtLine:
    """The line at the cursor."""
    return AtLine(session.event.file, session.event.line)


def _measure_last(session: Any, run: MeasuredRun, measurer: Measurer) -> None:
    """Have the test set measured where the run has ended, unless that is known."""
    batch, history = session.position.batch, session.history()
    known = set(history.test_batches.tolist()) - dict(history.test_parts).keys()
    if run.failed or batch in run.asked or batch in known:
        return
    job = session.evaluation()
    if job is None:  # there is no test set, or no copy of the network
        session.measure()
    else:
        measurer.put(run, job)
