"""The one seam between a Session and Qt: commands in, signals out, all work on a thread of its own.

The worker thread owns the session; nobody else touches it. The commands wait in a queue; each is
carried out, in the order in which they were asked for. Of a burst of steps the window draws what it
can, and always the end. A key that is held down asks again only once its last step is on the
screen: so it stops when it is let go, however slow a step is.

What is possible next depends on where the cursor will be when all that waits is done, which nobody
knows before; `moving` says so, and a verb that leads nowhere from there stays where it is.
"""

from __future__ import annotations

import sys
import time
import weakref
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from engine import AtLine
from engine.debug.events import Position, Verb
from engine.debug.record.interruption import CodePlace
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.travel.edits import Edit, SetLearningRate
from engine.debug.travel.evaluation import Evaluation
from gui.platform import end_process
from gui.stored import StoredWanted
from gui.worker import (
    Command,
    Goto,
    Open,
    OpenFile,
    Origin,
    Search,
    Undoable,
    Worker,
    WorkerSignal,
    compare,
    find,
    go_back,
    line_of,
    run_to,
    stay,
    train,
    undo,
)

# The window draws a run's progress at most this often, and in at most this share of the time: half
# of the tenth that watching may cost, since what draws also holds up what trains, and fills caches.
PROGRESS_MS = 33
DRAWING_SHARE = 0.05
DRAWING_MS = 30  # that a drawing may take, in which a training gives way a little
# How long this thread waits for the interpreter while the worker has it. Qt asks Python hundreds of
# things to draw a window; at Python's own 5 ms each, one whose network is tiny would stand still.
SWITCH_SECONDS = 0.0001


@dataclass(frozen=True, slots=True, eq=False)
class LentNetwork:
    """A copy of a network before a batch, for work aside.

    Attributes:
        name: of the network, as its session has it.
        batch: before which it is.
        network: the copy; x (N, D) and t (N,): images and labels of the batch.
    """

    name: str
    batch: int
    network: Any
    x: Any
    t: Any


# A batch that is still running so long after it was to end is said not to come back; and one that
# is to be stopped, and has not been after so long, not to be one that can be stopped.
HELD_UP_SECONDS = 1.0
DEAF_SECONDS = 3.0
LOOK_MS = 200  # between two looks, while something runs
GRACE_SECONDS = 5.0  # for what runs when the process ends


@dataclass(frozen=True)
class HeldUp:
    """A batch that does not come back, or a measurement of the test set.

    Attributes:
        batch: its number, or that of the one before which is measured.
        place: where it is, or None where that is not known.
        asked: whether it was to be stopped.
        deaf: it was not stopped by that: it is in a call inside C, or catches every exception.
        measuring: it is the measurement.
    """

    batch: int
    place: CodePlace | None
    asked: bool
    deaf: bool
    measuring: bool


@dataclass(eq=False)
class RunningTask:
    """A training or a search that was asked for and has not ended.

    Attributes:
        told: whether the window knows of it: a training from its beginning, a search once it takes
            its time.
        pause: ends it.
        paused_at: since when it was to end, by the monotonic clock, or None.
    """

    told: bool
    pause: Event
    paused_at: float | None = None


class Bridge(QObject):
    """Sends a person's commands to the session, and says in signals what has happened.

    Lives on the window's thread; every method returns at once.

    Signals:
        stopped: the newest `Snapshot`, after one or more commands, or with a new measurement.
        training_started: the number of batches, or None when it goes on until paused.
        progressed: `RunProgress` (its `total` is None in a run until paused) and `History`.
        training_ended: the run is over, finished or paused; `stopped` follows.
        failed: the exception that ended a command.
        busy_changed: whether a command is waiting or under way.
        state_changed: what `busy`, `moving`, `training` and `pausing` say.
        move_asked: something was asked for that moves the cursor or goes another way.
        marked: the breakpoints and the bookmarks, which have changed while a training goes on.
        exported: the report of an export, as the writer returned it.
        opened: the options of a new session, as they were given to `open`, and its file or None.
        stored_found: the question (`StoredWanted`), the batch that was found and its parameters by
            name, after `ask_stored`.
        searched: the batch that is looked through, after `continue_back`, `compare` or `find`.
        compared: the `Comparison`, after `compare`.
        halted: why a run has stopped (`Reason`), and the breakpoints that were hit, each with what
            was wrong with its condition, or "".
        undone: what was taken back, and whether it was made again.
        saved: the file, and whether it was a copy that nobody asked for.
        last_saved: the token of a copy that was to be written at once.
        autosave_failed: the exception that kept such a copy from being written.
        loaded: a session's file that was opened, what was saved beside the session, how it compares
            with what was saved (`Likeness`), and the snapshot; `opened` came before.
        opening: how far the opening of a file is (`Opening`), where it takes its time; None: it is
            over.
        opening_cancelled: a file was not opened, after `cancel_opening`.
        undo_changed: what `undo` takes back, and what `redo` makes again; "" where nothing.
        not_found: the search, after a `find` that has found nothing.
        found: the search, and the position that it has found, after `find`; `stopped` follows.
        lent: a `LentNetwork`, after `lend`.
        outdated: what was asked was asked of a session in whose place there is another by now.
        other_saved: the file of such a session, which was being written meanwhile.
        held_up: the batch that does not come back (`HeldUp`); None once it has. It is told anew
            when something of it has changed.
        ended: the thread has ended, after `end`.
    """

    stopped = Signal(object)
    training_started = Signal(object)
    progressed = Signal(object, object)
    training_ended = Signal()
    failed = Signal(object)
    busy_changed = Signal(bool)
    state_changed = Signal()
    move_asked = Signal()
    marked = Signal(object, object)
    exported = Signal(object)
    opened = Signal(object, object)
    stored_found = Signal(object, int, object)
    lent = Signal(object)
    found = Signal(object, object)
    outdated = Signal()
    other_saved = Signal(object)
    searched = Signal(int)
    compared = Signal(object)
    halted = Signal(object, object)
    undone = Signal(str, bool)
    saved = Signal(object, bool)
    last_saved = Signal(object)
    autosave_failed = Signal(object)
    loaded = Signal(object, object, object, object)
    opening = Signal(object)
    opening_cancelled = Signal()
    undo_changed = Signal(str, str)
    not_found = Signal(object)
    held_up = Signal(object)
    ended = Signal()

    def __init__(
        self, session: Any = None, parent: QObject | None = None, options: object = None
    ) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_SECONDS)
        self.training = False
        self._runs: deque[RunningTask] = deque()
        self._waiting: deque[bool] = deque()  # the commands in the queue: whether each moves
        self._urgent = 0  # commands that are carried out between two batches
        self._state = (False, False, False, False)
        self._painting = QTimer(self, interval=0, singleShot=True)  # while what was told is drawn
        self._painting.timeout.connect(self._say_state)
        self._seen: int | None = None  # the session of the newest snapshot, by its number
        self._worker = Worker(session, options)
        self._worker.told.connect(self._on_told)
        self._pacer = QTimer(self, interval=PROGRESS_MS)
        self._pacer.timeout.connect(self._on_paced)
        self._drawn_at = (0.0, 0.0)
        self._drawing = QTimer(self, interval=DRAWING_MS, singleShot=True)
        self._drawing.timeout.connect(self._on_drawn)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._on_look)
        self._ending_at: float | None = None
        self._stopped_at: float | None = None
        self._held_up: HeldUp | None = None
        self._ending: Thread | None = None
        # A thread that still runs when its object goes would abort the process.
        self._closed = weakref.finalize(self, _finish, self._worker)
        self._worker.start()
        if session is not None:
            self.refresh()

    @property
    def busy(self) -> bool:
        """Whether a command is waiting, under way, or done without its answer being drawn."""
        return self._is_working or self._painting.isActive()

    @property
    def _is_working(self) -> bool:
        return bool(self._waiting) or self._urgent > 0 or self.training

    @property
    def moving(self) -> bool:
        """Whether the cursor may come to be elsewhere than where it was seen last."""
        return any(self._waiting)

    @property
    def pausing(self) -> bool:
        """Whether all that trains was asked to end: what is asked for now comes after it."""
        return self.training and self._runs[-1].pause.is_set()

    @property
    def batch(self) -> int:
        """The batch that runs; 0 where none does."""
        session = self._worker.session
        return session.position.batch if self.busy and session is not None else 0

    @property
    def finished(self) -> bool:
        """Whether the thread has ended."""
        return self._worker.isFinished()

    def open(self, make: Callable[[], Any], options: object = None) -> None:
        """Replace the session by the one that `make` returns, called on the worker.

        Where it fails, the old one stays.
        """
        self._interrupt(Open(self._worker, self.tr("new run"), make, Origin(options)))

    def open_file(self, path: Path, is_copy: bool = False) -> None:
        """Replace the session by one from a file; where that fails, the old one stays.

        `is_copy`: it is a copy that nobody asked for, of the file that it names.
        """
        label = self.tr("open the copy") if is_copy else self.tr("open {0}").format(path.name)
        self._worker.cancel_opening.clear()
        self._interrupt(OpenFile(self._worker, label, path, is_copy))

    def cancel_opening(self) -> None:
        """Call off the opening of a file that is under way; the present session stays."""
        self._worker.cancel_opening.set()

    def save(self, path: Path, extra: dict[str, Any]) -> None:
        """Write the session to a file; while it trains, as it is between two batches.

        One that has been running for long may not come back: then it is as it was before that.
        """
        worker = self._worker
        running = worker.interruption.seconds if worker.interruption is not None else 0.0
        if self._held_up is not None or running >= HELD_UP_SECONDS:
            worker.save_at_once(path, extra)
        else:
            self._do(self._of_this(lambda session: worker.save(path, extra)))

    def autosave(self, path: Path, extra: dict[str, Any], last: object = None) -> None:
        """Write a copy of the session, if anything has changed since the last one.

        `last`: write it at once, whatever runs, and whether it comes back or not; `last_saved`
        tells by this token that it was written.
        """
        if last is not None or self._held_up is not None:
            self._worker.save_at_once(path, extra, quiet=True, last=last)
        else:
            self._worker.ask_autosave(path, extra)

    def refresh(self) -> None:
        """Ask for the snapshot of where the session stands."""
        self._post(stay)

    def step(self, verb: Verb, repeated: bool = False) -> None:
        """Move the cursor; `repeated`: by a key held down, and only if the last step was drawn."""
        if not (repeated and self.busy):
            self._interrupt(lambda session: session.step(verb))

    def goto(self, position: Position) -> None:
        """Move the cursor to any event of a batch that has run; a search is called off."""
        if self._runs:
            self.pause()
        self._interrupt(Goto(position))

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the cursor's batch on: on a new branch if more has run."""

        def change(session: Any) -> None:
            started = session.position.event > 0  # the batch that is open runs again
            if session.reach > session.position.batch + started:
                session.edit(SetLearningRate(rate))
            else:
                session.set_learning_rate(rate)

        self._interrupt(self._of_this(Undoable(self._worker, self.tr("learning rate"), change)))

    def set_input_gradient(self, wanted: bool) -> None:
        """Have the gradient by the input computed, or not; all other numbers stay."""
        label = self.tr("input gradient")
        self._interrupt(
            Undoable(self._worker, label, lambda session: session.set_input_gradient(wanted))
        )

    # Branches

    def edit(self, *edits: Edit, name: str = "", note: str = "") -> None:
        """Change something before the cursor's batch, on a new branch; none: only the branch."""
        label = ", ".join(map(str, edits)) or self.tr("branch")
        change = Undoable(
            self._worker, label, lambda session: session.edit(*edits, name=name, note=note)
        )
        self._interrupt(self._of_this(change))

    def switch(self, branch: int) -> None:
        """Go over to another branch."""
        self._interrupt(self._of_this(lambda session: session.switch(branch)))

    def visit(self, position: Position, branch: int) -> None:
        """Move the cursor to a moment of a branch."""
        self._interrupt(self._of_this(lambda session: session.visit(position, branch)))

    def rename_branch(self, branch: int, name: str) -> None:
        """Give a branch another name."""
        label = self.tr("name of a branch")
        self._change(label, lambda session: session.branches.rename(branch, name))

    def annotate_branch(self, branch: int, note: str) -> None:
        """Give a branch another note."""
        label = self.tr("note on a branch")
        self._change(label, lambda session: session.branches.annotate(branch, note))

    def remove_branch(self, branch: int) -> None:
        """Take a branch away."""
        label = self.tr("removal of a branch")
        self._change(label, lambda session: session.remove_branch(branch))

    def compare(self, a: int, b: int) -> None:
        """Compare two branches; `pause` ends the search for where they differ first."""
        self._start_of_this(lambda worker, session: compare(worker, session, a, b))

    # Undo

    def undo(self) -> None:
        """Take back what a person changed last."""
        worker = self._worker
        self._interrupt(lambda session: undo(worker, again=False))

    def redo(self) -> None:
        """Change again what was taken back last."""
        worker = self._worker
        self._interrupt(lambda session: undo(worker, again=True))

    def export(self, write: Callable[[Any], object]) -> None:
        """Call `write` with the parameters at the cursor, and emit what it returns."""
        worker = self._worker

        def export(session: Any) -> None:
            worker.tell(WorkerSignal.EXPORTED, write(session.network.parameters()))

        self._post(self._of_this(export))

    def ask_stored(self, wanted: StoredWanted) -> None:
        """Look up the parameters of a stored state; `stored_found` brings them.

        Of requests that come quickly, such as those of a slider that is dragged, the last is
        answered. Where that state was let go of meanwhile, it is the nearest one before; where
        the session is another one by now, or on another way, there is no answer. Nothing moves, and
        training goes on.
        """
        self._worker.ask_stored(wanted)

    def measure(self) -> None:
        """Measure the test set with the parameters before the cursor's batch."""
        self._post(self._of_this(lambda session: session.measure()))

    def lend(self) -> None:
        """Copy the network as it was before the cursor's batch, for work aside; see `lent`."""
        worker = self._worker

        def lend(session: Any) -> None:
            copy = session.copy_before_batch()
            worker.tell(
                WorkerSignal.LENT,
                LentNetwork(session.setup().network, session.position.batch, *copy),
            )

        self._post(self._of_this(lend))

    def train(self, batches: int | None) -> None:
        """Run this many batches at full speed; None: until `pause` is called."""
        self._start(lambda worker, session: train(worker, session, batches))

    def edit_breakpoints(self, change: Callable[[Any], object]) -> None:
        """Call `change` with the session's breakpoints; while it trains between two batches."""
        self._change(self.tr("breakpoint"), lambda session: change(session.breakpoints))

    def edit_breakpoints_there(self, change: Callable[[Any, AtLine], object]) -> None:
        """Call `change` with the breakpoints and the cursor's line, when what waits is done."""
        label = self.tr("breakpoint")
        self._change(label, lambda session: change(session.breakpoints, line_of(session)))

    def edit_bookmarks(self, change: Callable[[Any], object]) -> None:
        """Call `change` with the session's bookmarks; while it trains between two batches."""
        self._change(self.tr("bookmark"), lambda session: change(session.bookmarks))

    def _change(self, label: str, change: Callable[[Any], object]) -> None:
        """Make a change that can be undone, and that does not end a training."""
        self._do(self._of_this(Undoable(self._worker, label, change)))

    def _do(self, command: Command) -> None:
        """Carry out what does not end a training: between two batches while there is one."""
        if self.training:
            self._urgent += 1
            self._worker.urge(command)
            self._say_state()
        else:
            self._post(command)

    def continue_back(self) -> None:
        """Back to the latest earlier hit of a breakpoint; `pause` calls it off."""
        self._start(go_back, search=True)

    def find(self, search: Search) -> None:
        """Go to the position that `search` finds; `pause` calls it off.

        `search` is called on the worker, with the session, a function to tell the batch that is
        looked through, and one that says whether to stop. Where it returns None, without having
        been called off, `not_found` follows.
        """
        self._start_of_this(lambda worker, session: find(worker, session, search), search=True)

    def run_to(self, place: AtLine | None) -> None:
        """Train until a line is come to, for an epoch at most; None: the cursor's, then."""
        self._start(lambda worker, session: run_to(worker, session, place))

    def _of_this(self, command: Command) -> Command:
        """The same for the session that is seen now, and for no other that has taken its place."""
        seen, worker = self._seen, self._worker

        def command_of_this(session: Any) -> None:
            if seen is None or session.identity.session == seen:
                command(session)
            else:
                worker.tell(WorkerSignal.OUTDATED)

        return command_of_this

    def _start_of_this(self, work: Callable[[Any, Any], None], search: bool = False) -> None:
        seen = self._seen

        def work_of_this(worker: Any, session: Any) -> None:
            if seen is None or session.identity.session == seen:
                work(worker, session)
            else:
                worker.tell(WorkerSignal.OUTDATED)
                worker.tell(WorkerSignal.TRAINING_ENDED)

        self._start(work_of_this, search)

    def _start(self, work: Callable[[Any, Any], None], search: bool = False) -> None:
        """Begin a run, after those that were asked to end; `search`: one that may be over at once.

        Such a one is not told of before it takes its time, and what is asked for meanwhile waits.
        """
        if self.training and not self.pausing:
            return
        worker = self._worker  # a command that held the bridge would keep it alive while it runs
        run = RunningTask(not search, Event())
        self._runs.append(run)
        pause = run.pause

        def begin(session: Any) -> None:
            worker.begin(pause)
            work(worker, session)

        if not search:
            self._set_training(True)
        self.move_asked.emit()
        self._post(begin, moves=True)

    def pause(self) -> None:
        """End all that trains, or searches, after the batch that is running."""
        for run in self._runs:
            run.pause.set()
            if run.paused_at is None:
                run.paused_at = time.monotonic()
        self._say_state()

    def stop_in_it(self) -> None:
        """Stop the batch that runs at the line at which it is; see `Session.interruption`."""
        interruption = self._worker.interruption
        if interruption is not None and interruption.stop_aside():
            self._stopped_at = time.monotonic()
            self._on_look()

    @property
    def holding_up(self) -> HeldUp | None:
        """The batch that does not come back, if there is one."""
        return self._held_up

    def end(self, seconds: float) -> bool:
        """End the thread; commands that wait are dropped. Whether it ends in so many seconds.

        Where it does not, `ended` is emitted as soon as it does. The window goes on meanwhile.
        """
        if self._ending is None:
            self._ending_at = time.monotonic()
            self.pause()
            self._ending = Thread(target=self._finish_aside, name="ending", daemon=True)
            self._ending.start()
            self._look.start()
        self._ending.join(seconds)
        return not self._ending.is_alive()

    def _finish_aside(self) -> None:
        self._worker.finish()
        with suppress(RuntimeError):  # the window is gone
            self.ended.emit()

    def close(self) -> None:
        """End the thread, and wait for it; what does not come back ends the process.

        For who has no event loop. It is to be called before the object goes.
        """
        self._closed()

    def _interrupt(self, command: Command) -> None:
        """Post a command that moves or changes the session: training ends first."""
        if self.training:
            self.pause()
        self.move_asked.emit()
        self._post(command, moves=True)

    def _post(self, command: Command, moves: bool = False) -> None:
        if not self._worker.put(command):
            self._waiting.append(moves)
        self._say_state()

    def _on_told(self) -> None:
        """Pass on what the worker tells, in order, but of several snapshots the newest alone."""
        self._worker.window_draws = True
        self._drawing.start()
        news = self._worker.take()
        newest_found = {values[0].use: i for i, (what, values) in enumerate(news)
                        if what is WorkerSignal.STORED_FOUND}  # fmt: skip
        news = [
            (what, values)
            for i, (what, values) in enumerate(news)
            if what is not WorkerSignal.STORED_FOUND or i in newest_found.values()
        ]
        newest = max(
            (i for i, (what, values) in enumerate(news) if what in _WITH_SNAPSHOT and values[0]),
            default=-1,
        )
        for i, (what, values) in enumerate(news):
            _HANDLERS[what](self, *((None,) if what in _WITH_SNAPSHOT and i < newest else values))

    def _on_drawn(self) -> None:
        self._worker.window_draws = False

    def _on_measured(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self._seen = snapshot.identity.session
            self._painting.start()  # its turn comes when the window has been painted
            self.stopped.emit(snapshot)

    def _on_done(self, snapshot: Snapshot | None) -> None:
        self._waiting.popleft()
        self._on_measured(snapshot)
        self._say_state()

    def _on_urgent_done(self) -> None:
        self._urgent -= 1
        self._say_state()

    def _say_state(self) -> None:
        was_busy = self._state[0]
        state = (self.busy, self.moving, self.training, self.pausing)
        if state == self._state:
            return
        self._state = state
        if self.busy is not was_busy:
            if self.busy:
                self._look.start()
            elif self._ending is None:
                self._look.stop()
                self._say_held_up(None)
            self.busy_changed.emit(self.busy)
        self.state_changed.emit()

    def _on_look(self) -> None:
        """Say whether a batch does not come back that is to: one that was paused or recorded."""
        if self.finished:
            self._look.stop()
        interruption = self._worker.interruption
        running = interruption.seconds if interruption is not None else 0.0
        now = time.monotonic()
        waited = running
        if self.training or self._ending is not None:
            asked = self._runs[0].paused_at if self._runs else self._ending_at
            waited = 0.0 if asked is None else now - asked
        if interruption is None or not running or min(waited, running) < HELD_UP_SECONDS:
            self._stopped_at = None
            self._say_held_up(None)
            return
        since = self._stopped_at
        if since is not None and now - since > running:
            since = self._stopped_at = None  # that was for another call
        self._say_held_up(
            HeldUp(
                self._worker.session.position.batch,
                interruption.place(),
                since is not None,
                since is not None and now - since > DEAF_SECONDS,
                isinstance(interruption.running, Evaluation),
            )
        )

    def _say_held_up(self, held_up: HeldUp | None) -> None:
        if held_up != self._held_up:
            self._held_up = held_up
            self.held_up.emit(held_up)

    def _set_training(self, training: bool) -> None:
        self.training = training
        if training:
            self._worker.progress_wanted = True  # the first is told at once
            self._drawn_at = (time.monotonic(), time.thread_time())
            self._pacer.start()
        else:
            self._pacer.stop()

    def _on_training_started(self, batches: int | None) -> None:
        if self._runs:
            self._runs[0].told = True
            self._set_training(True)
            self._say_state()
        self.training_started.emit(batches)

    def _on_training_ended(self) -> None:
        if self._runs:
            self._runs.popleft()
        self._set_training(any(run.told for run in self._runs))
        self.training_ended.emit()
        self._say_state()

    def _on_progressed(self, progress: object, history: object) -> None:
        if self.training:
            self._drawn_at = (time.monotonic(), time.thread_time())
            self.progressed.emit(progress, history)

    def _on_searched(self, batch: int) -> None:
        if self.training:
            self._drawn_at = (time.monotonic(), time.thread_time())
            self.searched.emit(batch)

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


# No bound signals in here, whose references to the bridge the garbage collector cannot follow.
_HANDLERS: dict[WorkerSignal, Callable[..., None]] = {
    WorkerSignal.OPENED: lambda bridge, *origin: bridge.opened.emit(*origin),
    WorkerSignal.TRAINING_STARTED: Bridge._on_training_started,
    WorkerSignal.PROGRESSED: Bridge._on_progressed,
    WorkerSignal.TRAINING_ENDED: Bridge._on_training_ended,
    WorkerSignal.EXPORTED: lambda bridge, report: bridge.exported.emit(report),
    WorkerSignal.FAILED: lambda bridge, error: bridge.failed.emit(error),
    WorkerSignal.DONE: Bridge._on_done,
    WorkerSignal.MEASURED: Bridge._on_measured,
    WorkerSignal.SEARCHED: Bridge._on_searched,
    WorkerSignal.COMPARED: lambda bridge, found: bridge.compared.emit(found),
    WorkerSignal.HALTED: lambda bridge, *why: bridge.halted.emit(*why),
    WorkerSignal.UNDONE: lambda bridge, *what: bridge.undone.emit(*what),
    WorkerSignal.SAVED: lambda bridge, *saved: bridge.saved.emit(*saved),
    WorkerSignal.LAST_SAVED: lambda bridge, last: bridge.last_saved.emit(last),
    WorkerSignal.NOT_AUTOSAVED: lambda bridge, error: bridge.autosave_failed.emit(error),
    WorkerSignal.LOADED: lambda bridge, *loaded: bridge.loaded.emit(*loaded),
    WorkerSignal.OPENING: lambda bridge, opening: bridge.opening.emit(opening),
    WorkerSignal.OPENING_CANCELLED: lambda bridge: bridge.opening_cancelled.emit(),
    WorkerSignal.UNDO_CHANGED: lambda bridge, *labels: bridge.undo_changed.emit(*labels),
    WorkerSignal.NOT_FOUND: lambda bridge, search: bridge.not_found.emit(search),
    WorkerSignal.LENT: lambda bridge, lent: bridge.lent.emit(lent),
    WorkerSignal.FOUND: lambda bridge, *found: bridge.found.emit(*found),
    WorkerSignal.OUTDATED: lambda bridge: bridge.outdated.emit(),
    WorkerSignal.URGENT_DONE: Bridge._on_urgent_done,
    WorkerSignal.MARKED: lambda bridge, *marks: bridge.marked.emit(*marks),
    WorkerSignal.OTHER_SAVED: lambda bridge, path: bridge.other_saved.emit(path),
    WorkerSignal.STORED_FOUND: lambda bridge, *found: bridge.stored_found.emit(*found),
}
_WITH_SNAPSHOT = (WorkerSignal.DONE, WorkerSignal.MEASURED)
