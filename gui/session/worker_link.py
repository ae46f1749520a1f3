"""The window's end of the worker's thread: it posts commands, and turns the answers into signals.

Commands wait in a queue and are carried out in the order in which they were asked for. Of a burst
of steps the window draws as many as it can, and always the last.

Which verbs are possible next depends on where the waiting commands will leave the cursor, which is
not known before; `moving` says so. A verb that leads nowhere from there stays where it is.
"""

from __future__ import annotations

import sys
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer, Signal

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from engine.options import Options
from gui.platform import end_process
from gui.run_kind import RunKind
from gui.session.bridge_signals import BridgeSignals
from gui.session.held_up_watch import HeldUp, HeldUpWatch
from gui.session.worker import Command, Opens, Worker, stay
from gui.session.worker_commands import RunCommand, TrainingProgress, Work
from gui.session.worker_signals import WorkerSignal
from gui.words.lesson import Lesson

# The window draws a run's progress at most this often, and in at most this share of the time: half
# of the tenth that watching may cost, since drawing also delays the training and fills caches.
PROGRESS_MS = 33
DRAWING_SHARE = 0.05
DRAWING_MS = 30  # that a drawing may take, in which a training gives way a little
# How long this thread waits for the interpreter while the worker has it. Qt asks Python hundreds of
# things to draw a window; at Python's own 5 ms each, a tiny network's window would stand still.
SWITCH_SECONDS = 0.0001
GRACE_SECONDS = 5.0  # for what runs when the process ends


@dataclass(eq=False)
class RunningTask:
    """A run that was asked for and has not ended.

    Attributes:
        kind: what it does; a training ends as a measurement.
        told: whether the window knows of it: of a search only once it takes its time.
        pause: ends it.
        paused_at: since when it was to end, by the monotonic clock, or None.
    """

    kind: RunKind
    told: bool
    pause: Event
    paused_at: float | None = None


class WorkerLink(BridgeSignals):
    """Posts commands to a worker's thread, and says in signals what has happened.

    Lives on the window's thread; every method returns at once.

    Attributes:
        snapshot: the newest one, or None before the first.
        lesson: the words for it, computed on the worker's thread; None if that has failed.
        options: those that the session was, or will be, built from; None where they are not known.
    """

    def __init__(
        self,
        session: Session | None = None,
        parent: QObject | None = None,
        options: Options | None = None,
    ) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_SECONDS)
        self.snapshot: Snapshot | None = None
        self.lesson: Lesson | None = None
        self.options = options
        self._runs: deque[RunningTask] = deque()
        self._waiting: deque[bool] = deque()  # the commands in the queue: whether each moves
        self._urgent = 0  # commands that are carried out between two batches
        self._state: tuple[bool, bool, RunKind | None, bool] = (False, False, None, False)
        self._painting = QTimer(self, interval=0, singleShot=True)  # while news are drawn
        self._painting.timeout.connect(self._say_state)
        self._worker = Worker(session, options)
        self._worker.told.connect(self._on_told)
        self._pacer = QTimer(self, interval=PROGRESS_MS)
        self._pacer.timeout.connect(self._on_paced)
        self._drawn_at = (0.0, 0.0)
        self._drawing = QTimer(self, interval=DRAWING_MS, singleShot=True)
        self._drawing.timeout.connect(self._on_drawn)
        self._watch = HeldUpWatch(self._worker, self._waited, self)
        self._watch.changed.connect(self.held_up)
        self._ending_at: float | None = None
        self._ending: Thread | None = None
        # A thread that still runs when its object goes would abort the process.
        self._closed = weakref.finalize(self, _finish, self._worker)
        self._worker.start()
        if session is not None:
            self.refresh()

    # State

    @property
    def busy(self) -> bool:
        """Whether a command is waiting, under way, or done without its answer being drawn."""
        working = bool(self._waiting) or self._urgent > 0 or self.running is not None
        return working or self._painting.isActive()

    @property
    def moving(self) -> bool:
        """Whether the cursor may come to be elsewhere than where it was seen last."""
        return any(self._waiting)

    @property
    def running(self) -> RunKind | None:
        """The kind of the run under way; None without a run, or before the run is told."""
        return next((run.kind for run in self._runs if run.told), None)

    @property
    def pausing(self) -> bool:
        """Whether every run was asked to end; commands asked for now come after them."""
        return self.running is not None and self._runs[-1].pause.is_set()

    @property
    def batch(self) -> int:
        """The batch that runs; 0 where none does."""
        session = self._worker.session
        return session.position.batch if self.busy and session is not None else 0

    @property
    def finished(self) -> bool:
        """Whether the thread has ended."""
        return self._worker.isFinished()

    @property
    def holding_up(self) -> HeldUp | None:
        """The batch that does not come back, if there is one."""
        return self._watch.found

    # Commands

    def refresh(self) -> None:
        """Ask for the snapshot of where the session stands."""
        self._post(stay)

    def pause(self) -> None:
        """End every run after the batch that is running."""
        for run in self._runs:
            run.pause.set()
            if run.paused_at is None:
                run.paused_at = time.monotonic()
        self._say_state()

    def stop_in_it(self) -> None:
        """Stop the batch that runs at its present line; see `Session.interruption`."""
        self._watch.stop_batch()

    def end(self, seconds: float) -> bool:
        """End the thread; commands that wait are dropped. Whether it ends in so many seconds.

        Where it does not, `ended` is emitted as soon as it does. The window goes on meanwhile.
        """
        if self._ending is None:
            self._ending_at = time.monotonic()
            self.pause()
            self._ending = Thread(target=self._finish_aside, name="ending", daemon=True)
            self._ending.start()
            self._watch.start()
        self._ending.join(seconds)
        return not self._ending.is_alive()

    def _finish_aside(self) -> None:
        self._worker.finish()
        with suppress(RuntimeError):  # the window is gone
            self.ended.emit()

    def close(self) -> None:
        """End the thread, and wait for it; a batch that does not come back ends the process.

        For callers without an event loop. It is to be called before the object goes.
        """
        self._closed()

    # Posting

    def _post(self, command: Command | Opens, moves: bool = False) -> None:
        if not self._worker.put(command):
            self._waiting.append(moves)
        self._say_state()

    def _interrupt(self, command: Command | Opens) -> None:
        """Post a command that moves or changes the session: a run ends first."""
        if self.running is not None:
            self.pause()
        self.move_asked.emit()
        self._post(command, moves=True)

    def _do(self, command: Command) -> None:
        """Carry out a command that does not end a run; during a run, between two batches."""
        if self.running is not None:
            self._urgent += 1
            self._worker.urge(command)
            self._say_state()
        else:
            self._post(command)

    def _start(self, kind: RunKind, work: Work) -> None:
        """Begin a run, after those that were asked to end.

        What is asked for while a run is not told yet waits for its end.
        """
        if self.running is not None and not self.pausing:
            return
        run = RunningTask(kind, not kind.may_end_at_once, Event())
        # A command that held the bridge would keep it alive while it runs.
        command = RunCommand(self._worker, kind, run.pause, work)
        self._runs.append(run)
        if run.told:
            self._begin_pacing()
        self.move_asked.emit()
        self._post(command, moves=True)

    def _of_this(self, command: Command) -> Command:
        """The same command, for the session that is seen now; it does nothing to any other."""
        worker = self._worker
        seen = self.snapshot.identity.session if self.snapshot is not None else None

        def command_of_this(session: Session) -> None:
            if seen is None or session.identity.session == seen:
                command(session)
            else:
                worker.tell(WorkerSignal.OUTDATED)

        return command_of_this

    def _work_of_this(self, work: Work) -> Work:
        """The same for the work of a run."""
        worker = self._worker
        command = self._of_this(lambda session: work(worker, session))
        return lambda _, session: command(session)

    # What the worker tells

    def _on_told(self) -> None:
        """Pass on the worker's news in order; of several snapshots only the newest."""
        self._worker.window_draws = True
        self._drawing.start()
        news = self._worker.take()
        newest_found = {
            values[0].use: i
            for i, (what, values) in enumerate(news)
            if what is WorkerSignal.STORED_FOUND
        }
        newest = max(
            (i for i, (what, values) in enumerate(news) if what in _WITH_SNAPSHOT and values[0]),
            default=-1,
        )
        for i, (what, values) in enumerate(news):
            if what is WorkerSignal.STORED_FOUND and i not in newest_found.values():
                continue
            if what in _WITH_SNAPSHOT and i < newest:
                values = (None, None)
            if (signal := _PASSED_ON.get(what)) is not None:
                signal.__get__(self, type(self)).emit(*values)
            else:
                _HANDLERS[what](self, *values)

    def _on_drawn(self) -> None:
        self._worker.window_draws = False

    def _on_opened(self, options: Options | None, path: Path | None) -> None:
        self.options = options
        self.opened.emit(options, path)

    def _on_measured(self, snapshot: Snapshot | None, lesson: Lesson | None) -> None:
        if snapshot is not None:
            self.snapshot, self.lesson = snapshot, lesson
            self._painting.start()  # its turn comes when the window has been painted
            self.stopped.emit(snapshot)

    def _on_done(self, snapshot: Snapshot | None, lesson: Lesson | None) -> None:
        self._waiting.popleft()
        self._on_measured(snapshot, lesson)
        self._say_state()

    def _on_urgent_done(self) -> None:
        self._urgent -= 1
        self._say_state()

    def _on_marked(
        self, breakpoints: tuple[Breakpoint, ...], bookmarks: tuple[Bookmark, ...]
    ) -> None:
        if self.snapshot is not None:
            self.snapshot = replace(self.snapshot, breakpoints=breakpoints, bookmarks=bookmarks)
            self.marked.emit()

    def _on_run_started(self, kind: RunKind) -> None:
        if self._runs:
            self._runs[0].told, self._runs[0].kind = True, kind
            self._begin_pacing()
            self._say_state()
        self.run_started.emit(kind)

    def _on_run_ended(self) -> None:
        run = self._runs.popleft()
        if self.running is None:
            self._pacer.stop()
        else:
            self._begin_pacing()
        self.run_ended.emit(run.kind)
        self._say_state()

    def _on_progressed(self, progress: TrainingProgress, history: RunHistory) -> None:
        if self.running is not None:
            self._drawn_at = (time.monotonic(), time.thread_time())
            self.progressed.emit(progress, history)

    def _on_searched(self, batch: int) -> None:
        if self.running is not None:
            self._drawn_at = (time.monotonic(), time.thread_time())
            self.searched.emit(batch)

    # What this end says of itself

    def _say_state(self) -> None:
        was_busy = self._state[0]
        state = (self.busy, self.moving, self.running, self.pausing)
        if state == self._state:
            return
        self._state = state
        if self.busy is not was_busy:
            if self.busy:
                self._watch.start()
            elif self._ending is None:
                self._watch.stop()
            self.busy_changed.emit(self.busy)
        self.state_changed.emit()

    def _waited(self, running: float) -> float:
        """For how many seconds a batch has been waited for that runs for so many."""
        if self.running is None and self._ending is None:
            return running
        asked = self._runs[0].paused_at if self._runs else self._ending_at
        return 0.0 if asked is None else time.monotonic() - asked

    def _begin_pacing(self) -> None:
        self._worker.progress_wanted = True  # the first is told at once
        self._drawn_at = (time.monotonic(), time.thread_time())
        self._pacer.start()

    def _on_paced(self) -> None:
        """Ask the worker for progress once the last drawing has been paid for.

        What this thread has worked since then is the drawing, its repaint included.
        """
        since, worked = self._drawn_at
        spent = time.thread_time() - worked
        if spent <= DRAWING_SHARE * (time.monotonic() - since):
            self._worker.progress_wanted = True


def _finish(worker: Worker) -> None:
    """End a worker's thread for good, for its bridge goes; where it does not end, nor will Qt."""
    if worker.finish(GRACE_SECONDS):
        return
    if worker.interruption is not None:
        worker.interruption.stop()
    if not worker.finish(GRACE_SECONDS):
        end_process(1)


_WITH_SNAPSHOT = (WorkerSignal.DONE, WorkerSignal.MEASURED)
_HANDLERS: dict[WorkerSignal, Callable[..., None]] = {
    WorkerSignal.OPENED: WorkerLink._on_opened,
    WorkerSignal.RUN_STARTED: WorkerLink._on_run_started,
    WorkerSignal.PROGRESSED: WorkerLink._on_progressed,
    WorkerSignal.RUN_ENDED: WorkerLink._on_run_ended,
    WorkerSignal.DONE: WorkerLink._on_done,
    WorkerSignal.MEASURED: WorkerLink._on_measured,
    WorkerSignal.SEARCHED: WorkerLink._on_searched,
    WorkerSignal.URGENT_DONE: WorkerLink._on_urgent_done,
    WorkerSignal.MARKED: WorkerLink._on_marked,
}
# Signals of the class, not of an object: the garbage collector cannot follow the references of
# those to their bridge.
_PASSED_ON: dict[WorkerSignal, Signal] = {
    WorkerSignal.EXPORTED: BridgeSignals.exported,
    WorkerSignal.FAILED: BridgeSignals.failed,
    WorkerSignal.COMPARED: BridgeSignals.compared,
    WorkerSignal.HALTED: BridgeSignals.halted,
    WorkerSignal.UNDONE: BridgeSignals.undone,
    WorkerSignal.SAVED: BridgeSignals.saved,
    WorkerSignal.LAST_SAVED: BridgeSignals.last_saved,
    WorkerSignal.NOT_AUTOSAVED: BridgeSignals.autosave_failed,
    WorkerSignal.LOADED: BridgeSignals.loaded,
    WorkerSignal.OPENING: BridgeSignals.opening,
    WorkerSignal.OPENING_CANCELLED: BridgeSignals.opening_cancelled,
    WorkerSignal.UNDO_CHANGED: BridgeSignals.undo_changed,
    WorkerSignal.NOT_FOUND: BridgeSignals.not_found,
    WorkerSignal.LENT: BridgeSignals.lent,
    WorkerSignal.FOUND: BridgeSignals.found,
    WorkerSignal.OUTDATED: BridgeSignals.outdated,
    WorkerSignal.OTHER_SAVED: BridgeSignals.other_saved,
    WorkerSignal.STORED_FOUND: BridgeSignals.stored_found,
}
