"""The worker: the thread that owns the session, runs queued commands and reports their results.

A command is a function of the session. Another thread measures the test set, so that training does
not wait; the worker passes its measurements to the session.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Condition, Event
from time import monotonic, sleep
from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import QDeadlineTimer, QThread, Signal

from engine.debug.events import Position
from engine.debug.health.arrays import health_of
from engine.debug.record.interruption import Interruption
from engine.debug.session import Session
from engine.debug.snapshots.layer_health import layer_health
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.undo import Memento, UndoStack
from engine.errors import NotStored
from engine.options import Options
from gui.session.coming import ComingFormulas
from gui.session.measuring import Measurer
from gui.session.session_writer import SessionCopy, SessionWriter
from gui.session.stored_parameters import For, StoredWanted
from gui.session.worker_signals import Origin, WorkerSignal
from gui.words.lesson import Lesson, lesson_of

Command = Callable[[Session], object]
Array = np.ndarray[Any, Any]
Result = TypeVar("Result")

YIELD_SECONDS = 0.005  # in every 20 ms
SNAPSHOT_SECONDS = 0.1  # after this time the window gets a snapshot, however long the queue is
SMALL_BATCHES = 100  # at this many in 20 ms the interpreter hardly ever switches threads


class Opens:
    """A command that needs no session: it opens a session and replaces the current one."""

    def open(self) -> None:
        """Open the session (on the worker's thread)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Goto:
    """Move the cursor to a position; of several queued in a row, only the last is carried out.

    With `by_operation`, the position counts operation stops in place of events.
    """

    position: Position
    by_operation: bool = False

    def __call__(self, session: Session) -> None:
        """Go there."""
        batch, number = self.position
        if self.by_operation:
            session.goto_stop(batch, number)
        else:
            session.goto(batch=batch, event=number)


def stay(session: Session) -> None:
    """Change nothing; a snapshot follows, as after every command."""


class Worker(QThread):
    """Runs queued commands in order, until it is told to stop.

    Messages to the window wait in a list, which the window empties with `take`. A single signal
    announces the list, however long it grows, so that messages never flood a slow window.
    """

    told = Signal()

    def __init__(self, session: Session | None, options: Options | None = None) -> None:
        super().__init__()
        self.session = session
        self.origin = Origin(options)
        self.undoing = UndoStack()
        self.pause = Event()  # ends the current run
        self._ending = Event()
        self._commanded = False  # whether a command was taken, and is not done yet
        self._last_snapshot = (0.0, 0.0)  # when it was taken, and how long that took
        self.cancel_opening = Event()
        self.progress_wanted = True
        self.window_draws = False  # training yields to the window meanwhile
        self._yielded_at = 0
        self._stored_wanted: dict[For, StoredWanted] = {}  # the latest request of each use
        self._autosave: tuple[Path, dict[str, Any]] | None = None  # the requested copy
        self._aside: list[Command] = []  # carried out between two batches, without a snapshot
        self._writer = SessionWriter(self._on_written, self._on_not_written)
        self._urgent: deque[Command] = deque()  # carried out between two batches
        self._commands: deque[Command | Opens | None] = deque()
        self._news: list[tuple[WorkerSignal, tuple[Any, ...]]] = []
        self._changed = Condition()
        self.measurer = Measurer(self._on_found)
        self._coming = ComingFormulas()

    def put(self, command: Command | Opens | None) -> bool:
        """Queue a command; None drops the queued commands and ends the thread.

        Returns whether the command replaced the last queued command, as a later `Goto` does.
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
        """Begin a run that `pause` ends (on the worker's thread)."""
        self.pause = pause
        if self._ending.is_set():  # the end may have been requested before this run began
            pause.set()

    def ask_stored(self, wanted: StoredWanted) -> None:
        """Look up a stored state's parameters; this replaces a waiting request for the same use."""
        with self._changed:
            self._stored_wanted[wanted.use] = wanted
            self._changed.notify()

    def ask_autosave(self, path: Path, extra: dict[str, Any]) -> None:
        """Write a copy of the session if anything has changed since the last copy."""
        with self._changed:
            self._autosave = path, extra
            self._changed.notify()

    def save(
        self, path: Path, extra: dict[str, Any], quiet: bool = False, token: object = None
    ) -> None:
        """Pack the session now, and have it written (on the worker's thread)."""
        self._writer.write(self._copy(path, extra, quiet, token))

    def save_at_once(
        self, path: Path, extra: dict[str, Any], quiet: bool = False, token: object = None
    ) -> None:
        """Write the session as it was before the batch that is running (on any thread).

        The batch continues meanwhile. If no batch is running, the session is saved between two
        commands. `token`: identifies the copy in `LAST_SAVED`.
        """

        def save_later() -> None:
            self.put_aside(lambda _: self.save(path, extra, quiet, token))

        self._writer.write_in_batch(self._copy(path, extra, quiet, token), save_later)

    def put_aside(self, command: Command) -> None:
        """Run a command that changes nothing between two others, without a snapshot after it."""
        with self._changed:
            self._aside.append(command)
            self._changed.notify()

    def _copy(
        self, path: Path, extra: dict[str, Any], quiet: bool, token: object = None
    ) -> SessionCopy:
        assert self.session is not None
        return SessionCopy(self.session, path, extra, quiet, token)

    def _on_written(self, copy: SessionCopy) -> None:
        """Announce a written copy (on the writing thread)."""
        with self.telling:  # no other session is opened before this is told
            if copy.quiet or self.session is copy.session:
                if not copy.quiet:
                    self.origin = replace(self.origin, path=copy.path)
                self.tell(WorkerSignal.SAVED, copy.path, copy.quiet)
            else:
                self.tell(WorkerSignal.OTHER_SAVED, copy.path)
            if copy.token is not None:
                self.tell(WorkerSignal.LAST_SAVED, copy.token)

    def _on_not_written(self, copy: SessionCopy, error: BaseException) -> None:
        self.tell(WorkerSignal.NOT_AUTOSAVED if copy.quiet else WorkerSignal.FAILED, error)

    def urge(self, command: Command) -> None:
        """Run a command between two batches, or at once if no run is under way."""
        with self._changed:
            self._urgent.append(command)
            self._changed.notify()

    def do_urgent(self) -> None:
        """Run the urgent commands (on the worker's thread)."""
        if not self._urgent:
            return
        while self._urgent:
            self._carry_out(self._urgent.popleft())
            self.tell(WorkerSignal.URGENT_DONE)
        session = self.session
        if session is not None:
            points, bookmarks = session.breakpoints, tuple(session.bookmarks)
            self.tell(WorkerSignal.MARKED, tuple(points.shown), tuple(points.resting), bookmarks)

    def answer_stored(self) -> None:
        """Answer requests that change nothing (on the worker's thread)."""
        with self._changed:
            asked, self._stored_wanted = self._stored_wanted, {}
        for request in asked.values():
            if self.session is not None and self.session.identity == request.identity:
                self._carry_out(partial(self._tell_stored, request))
        with self._changed:
            wanted, self._autosave = self._autosave, None
            aside, self._aside = self._aside, []
        for command in aside:
            self._carry_out(command)
        if wanted is not None:
            path, extra = wanted
            self._carry_out(lambda _: self._writer.write_if_changed(self._copy(path, extra, True)))

    def _tell_stored(self, wanted: StoredWanted, session: Session) -> None:
        self.tell(WorkerSignal.STORED_FOUND, wanted, *_stored(session, wanted.batch))

    @property
    def telling(self) -> Condition:
        """Hold this during a change that the window must learn of before any other message."""
        return self._changed

    def tell(self, what: WorkerSignal, *values: Any) -> None:
        """Send a message to the window (on any thread)."""
        with self._changed:
            self._news.append((what, values))
            first = len(self._news) == 1
        if first:
            self.told.emit()

    def take(self) -> list[tuple[WorkerSignal, tuple[Any, ...]]]:
        """Return all messages since the last call, in order."""
        with self._changed:
            news, self._news = self._news, []
        return news

    @property
    def interruption(self) -> Interruption | None:
        """Stops the running code; None without a session."""
        session = self.session
        return None if session is None else session.interruption

    def finish(self, seconds: float | None = None) -> bool:
        """End the thread after the running command or batch.

        Returns False if it does not return within `seconds` (None: wait as long as it takes).
        """
        self._ending.set()
        self.pause.set()
        self.cancel_opening.set()
        self.put(None)
        forever = QDeadlineTimer.ForeverConstant.Forever
        if not self.wait(QDeadlineTimer(forever if seconds is None else round(1000 * seconds))):
            return False
        self._writer.close()
        self.measurer.close()
        return True

    def memento(self) -> Memento:
        """The current state of all that a person can change (on the worker's thread)."""
        assert self.session is not None
        return self.session.memento(self.origin)

    def tell_undoing(self) -> None:
        """Report what can be undone and redone (on the worker's thread)."""
        self.tell(WorkerSignal.UNDO_CHANGED, self.undoing.undo_label, self.undoing.redo_label)

    def yield_to_window(self, batch: int) -> None:
        """Release the interpreter lock for a moment while the window draws (on this thread).

        Large batches release it by themselves, in matrix products. `batch` is the current batch.
        """
        ran, self._yielded_at = batch - self._yielded_at, batch
        if self.window_draws and ran > SMALL_BATCHES:
            sleep(YIELD_SECONDS)

    def note_measurements(self) -> None:
        """Pass new measurements to the session (on the worker's thread)."""
        session = self.session
        for found in self.measurer.take():
            if session is None or found.run.session is not session:
                continue
            if found.measurement is not None:
                session.note(found.job, found.measurement)
            else:
                self.tell(WorkerSignal.FAILED, found.error)

    def run(self) -> None:
        """Run queued commands, and note measurements (on the worker's thread)."""
        while True:
            with self._changed:
                called = self._changed.wait_for(self._has_work, self._coming.pause)
                commanded = self._commanded = bool(self._commands)
                command = self._commands.popleft() if commanded else stay
            if command is None:
                return
            if not called:
                self._look_ahead()
                continue
            urged = bool(self._urgent)
            self.answer_stored()
            if not (commanded or urged or self.measurer.has_found):
                continue
            self._commanded = True
            if isinstance(command, Opens):
                self._attempt(command.open)
            else:
                self._carry_out(command)
            self.do_urgent()  # commands that arrived after the last batch of a run
            self.note_measurements()
            snapshot, lesson = self._stop_for_window()
            self.tell(WorkerSignal.DONE if commanded else WorkerSignal.MEASURED, snapshot, lesson)

    def _stop_for_window(self) -> tuple[Snapshot | None, Lesson | None]:
        """A snapshot and its words at the end of a burst, and occasionally during a long burst.

        Snapshots take at most half of the time of a burst.
        """
        with self._changed:
            waiting = bool(self._commands)
        now, (taken_at, seconds) = monotonic(), self._last_snapshot
        session = self.session
        if session is None or self._ending.is_set():
            return None, None
        if waiting and now - taken_at < max(SNAPSHOT_SECONDS, seconds):
            return None, None
        snapshot = self._attempt(partial(take_snapshot, session))
        lesson = None if snapshot is None else self._attempt(partial(lesson_of, snapshot))
        self._coming.begin(snapshot)
        taken_at = monotonic()
        self._last_snapshot = taken_at, taken_at - now
        return snapshot, lesson

    def _look_ahead(self) -> None:
        formula = self._coming.next(self.session)
        if formula is not None:
            self.tell(WorkerSignal.COMING, formula)

    @property
    def is_awaited(self) -> bool:
        """Whether a command is under way, or something is asked of the worker (on any thread)."""
        with self._changed:
            return self._commanded or self._ending.is_set() or self._has_work()

    def _has_work(self) -> bool:
        requested = bool(self._stored_wanted) or self._autosave is not None or bool(self._aside)
        queued = bool(self._commands) or bool(self._urgent)
        return requested or queued or self.measurer.has_found

    def _on_found(self) -> None:
        """Wake the worker (on the measuring thread)."""
        with self._changed:
            self._changed.notify()

    def _carry_out(self, command: Command) -> None:
        """Run a command if there is a session."""
        if self.session is not None:
            self._attempt(partial(command, self.session))

    def _attempt(self, call: Callable[[], Result]) -> Result | None:
        """Call a function; report its error to the window, and continue.

        The thread continues after `sys.exit()`, too: the session runs a person's own code.
        """
        try:
            return call()
        except BaseException as error:
            self.tell(WorkerSignal.FAILED, error)
        return None


def take_snapshot(session: Session) -> Snapshot:
    """Take a snapshot and compute the health of its arrays, so that the window only reads it."""
    snapshot = session.snapshot()
    for variable in snapshot.variables:
        health_of(variable.value)
    for layer in snapshot.layers:
        for array in (*layer.parameters.values(), *layer.gradients.values(), layer.output):
            health_of(array)
        layer_health(layer)
    return snapshot


def _stored(session: Session, batch: int) -> tuple[int, dict[str, Array]]:
    """The parameters of a stored batch, or of the nearest before it: old states are thinned out."""
    try:
        return batch, session.stored_parameters(batch)
    except NotStored as error:
        return error.nearest, session.stored_parameters(error.nearest)
