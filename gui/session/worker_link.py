"""The link from the window to the worker's thread: posts commands, and emits answers as signals.

Commands wait in a queue and run in order. Of a burst of steps the window draws as many as it can,
and always the last.

The verbs that are possible next depend on where the queued commands will leave the cursor. That is
not known in advance, and `moving` is True meanwhile. A verb that is impossible when its turn comes
leaves the cursor where it is.
"""

from __future__ import annotations

import sys
import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event, Thread

from PySide6.QtCore import QObject, QTimer

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.session import Session
from engine.debug.snapshots.snapshot import RunHistory, Snapshot
from engine.options import Options
from gui.platform import end_process
from gui.relay import in_window
from gui.run_kind import RunKind
from gui.session.bridge_signals import PASSED_ON, BridgeSignals
from gui.session.held_up_watch import HeldUp, HeldUpWatch
from gui.session.progress_pacer import ProgressPacer
from gui.session.worker import Command, Opens, Worker, stay
from gui.session.worker_commands import RunCommand, TrainingProgress, Work
from gui.session.worker_signals import WorkerSignal
from gui.words.lesson import Lesson

DRAWING_MS = 30  # the time for a drawing, during which training yields to the window
# How long this thread waits for the interpreter lock while the worker holds it. Qt calls Python
# hundreds of times to draw a window. At Python's default of 5 ms for each call, the window would
# freeze while a tiny network trains.
SWITCH_SECONDS = 0.0001
GRACE_SECONDS = 5.0  # for the code that still runs when the process ends
STOP_SECONDS = 5.0  # for that code to end once it was stopped


@dataclass(eq=False)
class RunningTask:
    """A run that was requested and has not ended.

    Attributes:
        kind: a training becomes a measurement at its end.
        told: whether the window knows of the run; a search is announced only if it takes long.
        pause: ends the run when it is set.
        paused_at: when `pause` was set, by the monotonic clock, or None.
    """

    kind: RunKind
    told: bool
    pause: Event
    paused_at: float | None = None


class WorkerLink(BridgeSignals):
    """Posts commands to a worker's thread, and emits signals about the results.

    It lives on the window's thread; every method returns at once.

    Attributes:
        snapshot: the newest snapshot, or None before the first.
        lesson: the words for it, computed on the worker's thread; None if that failed.
        options: the options that the session was or will be built from; None if unknown.
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
        self._waiting: deque[bool] = deque()  # for each queued command, whether it moves the cursor
        self._urgent = 0  # the number of commands that run between two batches
        self._state: tuple[bool, bool, RunKind | None, bool] = (False, False, None, False)
        self._painting = QTimer(self, interval=0, singleShot=True)  # while an answer is drawn
        self._painting.timeout.connect(self._announce_state)
        self._worker = Worker(session, options)
        self._worker.told.connect(self._on_told)
        self._pacer = ProgressPacer(self._worker, self)
        self._drawing = QTimer(self, interval=DRAWING_MS, singleShot=True)
        self._drawing.timeout.connect(self._on_drawn)
        self._watch = HeldUpWatch(self._worker, self._waited, self)
        self._watch.changed.connect(self.held_up)
        self._ending_at: float | None = None
        self._ending: Thread | None = None
        # Qt aborts the process if a QThread is destroyed while it runs.
        self._closed = weakref.finalize(self, _finish, self._worker)
        self._worker.start()
        if session is not None:
            self.refresh()

    # State

    @property
    def busy(self) -> bool:
        """Whether a command is queued or running, or its answer is not drawn yet."""
        working = bool(self._waiting) or self._urgent > 0 or self.running is not None
        return working or self._painting.isActive()

    @property
    def moving(self) -> bool:
        """Whether a queued command may move the cursor."""
        return any(self._waiting)

    @property
    def running(self) -> RunKind | None:
        """The kind of the current run; None without a run, or before it is announced."""
        return next((run.kind for run in self._runs if run.told), None)

    @property
    def pausing(self) -> bool:
        """Whether every run is ending; new commands follow after them."""
        return self.running is not None and self._runs[-1].pause.is_set()

    @property
    def batch(self) -> int:
        """The batch that is running; 0 if none is."""
        session = self._worker.session
        return session.position.batch if self.busy and session is not None else 0

    @property
    def finished(self) -> bool:
        """Whether the thread has ended."""
        return self._worker.isFinished()

    @property
    def holding_up(self) -> HeldUp | None:
        """The batch that does not return, or None."""
        return self._watch.found

    # Commands

    def refresh(self) -> None:
        """Request a snapshot of the session's current state."""
        self._post(stay)

    def pause(self) -> None:
        """End every run after the current batch."""
        for run in self._runs:
            run.pause.set()
            if run.paused_at is None:
                run.paused_at = time.monotonic()
        self._announce_state()

    def stop_in_it(self) -> None:
        """Stop the running batch at its current line; see `Session.interruption`."""
        self._watch.stop_batch()

    def end(self, seconds: float) -> bool:
        """End the thread, and return whether it ended within `seconds`; drop queued commands.

        `ended` is emitted when the thread ends, even later; the window keeps working meanwhile.
        """
        if self._ending is None:
            self._ending_at = time.monotonic()
            self.pause()
            worker, tell = self._worker, in_window(self._on_finished)

            def finish() -> None:  # without this object, whose last user must not be the thread
                worker.finish()
                tell()

            self._ending = Thread(target=finish, name="ending", daemon=True)
            self._ending.start()
            self._watch.start()
        self._ending.join(seconds)
        return not self._ending.is_alive()

    def _on_finished(self) -> None:
        self.ended.emit()

    def close(self) -> None:
        """End the thread, and wait for it; if a batch does not return, end the process.

        For callers without an event loop. Call it before this object is destroyed.
        """
        self._closed()

    # Posting

    def _post(self, command: Command | Opens, moves: bool = False) -> None:
        if not self._worker.put(command):
            self._waiting.append(moves)
        self._announce_state()

    def _interrupt(self, command: Command | Opens) -> None:
        """Post a command that moves or changes the session; end a run first."""
        if self.running is not None:
            self.pause()
        self.move_asked.emit()
        self._post(command, moves=True)

    def _do(self, command: Command) -> None:
        """Run a command without ending a run; during a run, it runs between two batches."""
        if self.running is not None:
            self._urgent += 1
            self._worker.urge(command)
            self._announce_state()
        else:
            self._post(command)

    def _start(self, kind: RunKind, work: Work) -> None:
        """Start a run, after the runs that are ending.

        While a run is not announced yet, a new run waits for its end.
        """
        if self.running is not None and not self.pausing:
            return
        run = RunningTask(kind, not kind.may_end_at_once, Event())
        # The command must not refer to this object, or it would keep it alive while it runs.
        command = RunCommand(self._worker, kind, run.pause, work)
        self._runs.append(run)
        if run.told:
            self._pacer.begin()
        self.move_asked.emit()
        self._post(command, moves=True)

    def _for_shown_session(self, command: Command) -> Command:
        """Limit a command to the session that is on the screen; it does nothing to another."""
        worker = self._worker
        shown = self.snapshot.identity.session if self.snapshot is not None else None

        def limited(session: Session) -> None:
            if shown is None or session.identity.session == shown:
                command(session)
            else:
                worker.tell(WorkerSignal.OUTDATED)

        return limited

    def _work_for_shown_session(self, work: Work) -> Work:
        """Limit the work of a run in the same way."""
        worker = self._worker
        command = self._for_shown_session(lambda session: work(worker, session))
        return lambda _, session: command(session)

    # Messages from the worker

    def _on_told(self) -> None:
        """Handle the worker's messages in order; of several snapshots, only the newest."""
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
            if (signal := PASSED_ON.get(what)) is not None:
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
            self._painting.start()  # it fires once the window is painted
            self.stopped.emit(snapshot)

    def _on_done(self, snapshot: Snapshot | None, lesson: Lesson | None) -> None:
        self._waiting.popleft()
        self._on_measured(snapshot, lesson)
        self._announce_state()

    def _on_urgent_done(self) -> None:
        self._urgent -= 1
        self._announce_state()

    def _on_marked(
        self,
        shown: tuple[Breakpoint, ...],
        resting: tuple[Breakpoint, ...],
        bookmarks: tuple[Bookmark, ...],
    ) -> None:
        if self.snapshot is not None:
            self.snapshot = replace(
                self.snapshot, breakpoints=shown, resting=resting, bookmarks=bookmarks
            )
            self.marked.emit()

    def _on_run_started(self, kind: RunKind) -> None:
        if self._runs:
            self._runs[0].told, self._runs[0].kind = True, kind
            self._pacer.begin()
            self._announce_state()
        self.run_started.emit(kind)

    def _on_run_ended(self) -> None:
        run = self._runs.popleft()
        if self.running is None:
            self._pacer.stop()
        else:
            self._pacer.begin()
        self.run_ended.emit(run.kind)
        self._announce_state()

    def _on_progressed(self, progress: TrainingProgress, history: RunHistory) -> None:
        if self.running is not None:
            self._pacer.note_drawing()
            self.progressed.emit(progress, history)

    def _on_searched(self, batch: int) -> None:
        if self.running is not None:
            self._pacer.note_drawing()
            self.searched.emit(batch)

    # State changes

    def _announce_state(self) -> None:
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
        """How long a batch is overdue, in seconds; `running`: how long it has run."""
        if self.running is None and self._ending is None:
            return running
        asked = self._runs[0].paused_at if self._runs else self._ending_at
        return 0.0 if asked is None else time.monotonic() - asked


def _finish(worker: Worker) -> None:
    """End a worker's thread before its bridge is destroyed; if it does not end, end the process."""
    if worker.finish(GRACE_SECONDS):
        return
    if worker.interruption is not None:
        worker.interruption.stop()
    if not worker.finish(STOP_SECONDS):
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
