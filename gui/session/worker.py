"""The thread that owns the session: it serves a queue of commands and tells what came of them.

A command is a function of the session. A third thread measures the test set, so that training need
not wait for it; the worker notes what it found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
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
from engine.debug.session_file.format import to_bytes, write
from engine.debug.snapshots.layer_health import layer_health
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.undo import Memento, UndoStack
from engine.errors import NotStored
from engine.options import Options
from gui.session.measuring import Measurer
from gui.session.stored_parameters import For, StoredWanted
from gui.session.worker_signals import Origin, WorkerSignal
from gui.words.lesson import Lesson, lesson_of

Command = Callable[[Session], object]
Array = np.ndarray[Any, Any]
Packed = tuple[dict[str, Any], dict[str, Array]]
Result = TypeVar("Result")

GIVEN_SECONDS = 0.005  # of every 20 ms
SHOWN_SECONDS = 0.1  # after this time the window gets a snapshot, however many commands wait
SMALL_BATCHES = 100  # at so many in 20 ms the interpreter hardly ever changes threads


class Opens:
    """A command that needs no session: it opens one in the place of the present one."""

    def open(self) -> None:
        """Open the session (on the worker's thread)."""
        raise NotImplementedError


@dataclass(frozen=True)
class Goto:
    """Move the cursor to a position; of several that wait in a row only the last is gone to."""

    position: Position

    def __call__(self, session: Session) -> None:
        """Go there."""
        session.goto(batch=self.position.batch, event=self.position.event)


def stay(session: Session) -> None:
    """Change nothing; a snapshot follows as after any command."""


class Worker(QThread):
    """Takes commands from the queue, one after the other, until it is told to stop.

    Its news wait in a list, in order, which the window empties with `take`. A single signal
    announces the list however long it grows, so news never flood a window that draws slowly.
    """

    told = Signal()

    def __init__(self, session: Session | None, options: Options | None = None) -> None:
        super().__init__()
        self.session = session
        self.origin = Origin(options)
        self.undoing = UndoStack()
        self.pause = Event()  # ends the run that is under way
        self._ending = Event()
        self._shown = (0.0, 0.0)  # the last snapshot: when, and for how many seconds
        self.cancel_opening = Event()
        self.progress_wanted = True
        self.window_draws = False  # then a training gives way to it, a little each time
        self._given_at = 0
        self._stored_wanted: dict[For, StoredWanted] = {}  # whose parameters to look up
        self._autosave: tuple[Path, dict[str, Any]] | None = None  # a copy that is asked for
        self._saves: list[Command] = []  # to be done between two batches
        self._autosaved: object = None  # the content of the last copy
        self._writer = ThreadPoolExecutor(1, "writing")  # the disk may be slow
        self._urgent: deque[Command] = deque()  # carried out between two batches
        self._commands: deque[Command | Opens | None] = deque()
        self._news: list[tuple[WorkerSignal, tuple[Any, ...]]] = []
        self._changed = Condition()
        self.measurer = Measurer(self._on_found)

    def put(self, command: Command | Opens | None) -> bool:
        """Queue a command; None ends the thread, before the commands that wait.

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

        `content`: identifies the copy; a changed session has another.
        """
        session = self.session
        assert session is not None
        try:
            packed = session.pack(extra)
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
        assert session is not None

        def packed() -> Packed | None:
            with session.interruption.held() as held:
                if held:
                    return session.pack(extra, in_batch=True)
            with self._changed:
                self._saves.append(lambda _: self.save(path, extra, quiet, last))
                self._changed.notify()
            return None

        self._write(path, session, packed, quiet, last)

    def _write(
        self, path: Path, session: Session, packed: Callable[[], Packed | None], quiet: bool,
        last: object, content: object = None,
    ) -> None:  # fmt: skip
        """Pack the session if need be, and write it, on the writing thread."""

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
        """Carry out the urgent commands (on the worker's thread)."""
        if not self._urgent:
            return
        while self._urgent:
            self._carry_out(self._urgent.popleft())
            self.tell(WorkerSignal.URGENT_DONE)
        session = self.session
        if session is not None:
            self.tell(WorkerSignal.MARKED, tuple(session.breakpoints), tuple(session.bookmarks))

    def answer_stored(self) -> None:
        """Answer requests for stored parameters and for copies (on the worker's thread)."""
        with self._changed:
            asked, self._stored_wanted = self._stored_wanted, {}
        for one in asked.values():
            if self.session is not None and self.session.identity == one.identity:
                self._carry_out(partial(self._tell_stored, one))
        with self._changed:
            wanted, self._autosave = self._autosave, None
            saves, self._saves = self._saves, []
        for save in saves:
            self._carry_out(save)
        if wanted is not None:
            self._carry_out(lambda session: self._save_copy(session, *wanted))

    def _tell_stored(self, wanted: StoredWanted, session: Session) -> None:
        self.tell(WorkerSignal.STORED_FOUND, wanted, *_stored(session, wanted.batch))

    def _save_copy(self, session: Session, path: Path, extra: dict[str, Any]) -> None:
        reaches = [(id(one), one.reach) for one in session.branches]
        there = (
            id(session), session.position, reaches, session.breakpoints.version,
            tuple(session.bookmarks), extra,
        )  # fmt: skip
        if there != self._autosaved:
            self.save(path, extra, quiet=True, content=there)

    @property
    def telling(self) -> Condition:
        """Hold this while a change is made that the window must hear of before any other news."""
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
        assert self.session is not None
        return self.session.memento(self.origin)

    def tell_undoing(self) -> None:
        """Say what can be undone and redone (on the worker's thread)."""
        self.tell(WorkerSignal.UNDO_CHANGED, self.undoing.undo_label, self.undoing.redo_label)

    def give_way(self, batch: int) -> None:
        """Leave the interpreter to the window for a moment, while it draws (on this thread).

        Large batches release it by themselves, in matrix products. `batch` is the one under way.
        """
        ran, self._given_at = batch - self._given_at, batch
        if self.window_draws and ran > SMALL_BATCHES:
            sleep(GIVEN_SECONDS)

    def note_measurements(self) -> None:
        """Give the session its new measurements (on the worker's thread)."""
        session = self.session
        for found in self.measurer.take():
            if session is None or found.run.session is not session:
                continue
            if found.measurement is not None:
                session.note(found.job, found.measurement)
            else:
                self.tell(WorkerSignal.FAILED, found.error)

    def run(self) -> None:
        """Serve the queue, and note measurements (on the worker's thread)."""
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
            if isinstance(command, Opens):
                self._attempt(command.open)
            else:
                self._carry_out(command)
            self.do_urgent()  # commands that came after the last batch of a run
            self.note_measurements()
            snapshot, lesson = self._stop_for_window()
            self.tell(WorkerSignal.DONE if commanded else WorkerSignal.MEASURED, snapshot, lesson)

    def _stop_for_window(self) -> tuple[Snapshot | None, Lesson | None]:
        """A snapshot and its words at the end of a burst of commands, or in a long one.

        Snapshots take at most half of the time of such a burst.
        """
        with self._changed:
            waiting = bool(self._commands)
        now, (taken, took) = monotonic(), self._shown
        session = self.session
        if session is None or self._ending.is_set():
            return None, None
        if waiting and now - taken < max(SHOWN_SECONDS, took):
            return None, None
        snapshot = self._attempt(partial(take_snapshot, session))
        lesson = None if snapshot is None else self._attempt(partial(lesson_of, snapshot))
        taken = monotonic()
        self._shown = taken, taken - now
        return snapshot, lesson

    def _has_work(self) -> bool:
        asked = bool(self._stored_wanted) or self._autosave is not None or bool(self._saves)
        there = bool(self._commands) or bool(self._urgent)
        return asked or there or self.measurer.has_found

    def _on_found(self) -> None:
        """Wake the worker (on the measuring thread)."""
        with self._changed:
            self._changed.notify()

    def _carry_out(self, command: Command) -> None:
        """Run a command, if there is a session to run it with."""
        if self.session is not None:
            self._attempt(partial(command, self.session))

    def _attempt(self, call: Callable[[], Result]) -> Result | None:
        """Call a function; its error goes to the window, and the thread goes on.

        The thread goes on after `sys.exit()`, too: the session runs a person's own code.
        """
        try:
            return call()
        except BaseException as error:
            self.tell(WorkerSignal.FAILED, error)
        return None


def take_snapshot(session: Session) -> Snapshot:
    """A snapshot with the health of its arrays computed, so that the window only reads it."""
    snapshot = session.snapshot()
    for variable in snapshot.variables:
        health_of(variable.value)
    for layer in snapshot.layers:
        for array in (*layer.parameters.values(), *layer.gradients.values(), layer.output):
            health_of(array)
        layer_health(layer)
    return snapshot


def _stored(session: Session, batch: int) -> tuple[int, dict[str, Array]]:
    """The parameters of a stored batch, or of the nearest before it: states thin out in a run."""
    try:
        return batch, session.stored_parameters(batch)
    except NotStored as error:
        return error.nearest, session.stored_parameters(error.nearest)
