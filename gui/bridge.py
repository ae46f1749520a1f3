"""The one seam between a Session and Qt: commands in, signals out, all work on a thread of its own.

The worker thread owns the session; nobody else touches it. A command is a function of the session.
The commands wait in a queue and none is lost; the snapshot of the last one that waited is
what the window gets, so a burst of steps is drawn once, at its end. The test set is measured on a
third thread, so that training need not wait for it; what was found is noted on the worker's.
"""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto
from threading import Condition, Event
from typing import Any

from PySide6.QtCore import QObject, QThread, QTimer, Signal

from engine.debug.events import Position, Verb
from engine.debug.health import health_of
from engine.debug.layer_health import layer_health
from engine.debug.session import RunProgress
from engine.debug.snapshot import Snapshot
from engine.errors import NotStored
from gui.measuring import Measurer, Run

Command = Callable[[Any], object]

# The window draws a run's progress at most this often, and in at most this share of the time: half
# of the tenth that watching may cost, since what draws also holds up what trains, and fills caches.
PROGRESS_MS = 33
DRAWING_SHARE = 0.05
# Measuring 10,000 test images takes as long as 80 batches of the default network.
MEASURED_PER_EPOCH = 3


class _Told(Enum):
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


class _Worker(QThread):
    """Takes commands from the queue, one after the other, until it is told to stop.

    What it has to tell waits in one list, in order, which the window empties with `take`: one
    signal announces it however long it grows, so a window that is slow to draw is not flooded.
    """

    told = Signal()

    def __init__(self, session: Any) -> None:
        super().__init__()
        self.session = session
        self.pause = Event()
        self.progress_wanted = True
        self._stored_wanted: int | None = None  # a batch whose stored parameters to look up
        self._commands: deque[Command | None] = deque()
        self._news: list[tuple[_Told, tuple[Any, ...]]] = []
        self._changed = Condition()
        self.measurer = Measurer(self._on_found)

    def put(self, command: Command | None) -> None:
        """Queue a command; None ends the thread, before whatever waits."""
        with self._changed:
            if command is None:
                self._commands.clear()
            self._commands.append(command)
            self._changed.notify()

    def ask_stored(self, batch: int) -> None:
        """Look up a stored state's parameters; a request that waits gives way to this one."""
        with self._changed:
            self._stored_wanted = batch
            self._changed.notify()

    def answer_stored(self) -> None:
        """Look up what was asked for last, if anything was (on the worker's thread)."""
        with self._changed:
            batch, self._stored_wanted = self._stored_wanted, None
        if batch is not None and self.session is not None:
            self._attempt(lambda session: self.tell(_Told.STORED_FOUND, *_stored(session, batch)))

    def tell(self, what: _Told, *values: Any) -> None:
        """Say something to the window (on the worker's thread)."""
        with self._changed:
            self._news.append((what, values))
            first = len(self._news) == 1
        if first:
            self.told.emit()

    def take(self) -> list[tuple[_Told, tuple[Any, ...]]]:
        """Return all that was told since the last call, in order."""
        with self._changed:
            news, self._news = self._news, []
        return news

    def finish(self) -> None:
        """End the thread after the command, or the batch, that is running."""
        self.pause.set()
        self.put(None)
        self.wait()
        self.measurer.close()

    def note_measurements(self) -> None:
        """Give the session what was measured of it (on the worker's thread)."""
        for found in self.measurer.take():
            if found.run.session is not self.session:
                continue
            if found.measurement is not None:
                self.session.note(found.job, found.measurement)
            else:
                self.tell(_Told.FAILED, found.error)

    def run(self) -> None:
        """Serve the queue, and note what was measured (on the worker's thread)."""
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                commanded = bool(self._commands)
                command = self._commands.popleft() if commanded else _stay
            if command is None:
                return
            self.answer_stored()
            if not (commanded or self.measurer.has_found):
                continue
            if self.session is not None or isinstance(command, _Open):
                self._attempt(command)
            self.note_measurements()
            with self._changed:
                waiting = bool(self._commands)
            there = not waiting and self.session is not None
            snapshot = self._attempt(_snapshot) if there else None
            self.tell(_Told.DONE if commanded else _Told.MEASURED, snapshot)

    def _has_work(self) -> bool:
        asked = self._stored_wanted is not None
        return asked or bool(self._commands) or self.measurer.has_found

    def _on_found(self) -> None:
        """Wake the worker (on the measuring thread)."""
        with self._changed:
            self._changed.notify()

    def _attempt(self, command: Command) -> Any:
        """Run a command; its error goes to the window, and the thread goes on."""
        try:
            return command(self.session)
        except Exception as error:
            self.tell(_Told.FAILED, error)
        return None


@dataclass(frozen=True)
class _Open:
    """The one command that needs no session: it makes one, in the place of the present one."""

    worker: _Worker
    make: Callable[[], Any]
    options: object

    def __call__(self, _: Any) -> None:
        self.worker.session = self.make()
        self.worker.measurer.forget()
        self.worker.tell(_Told.OPENED, self.options)


def _snapshot(session: Any) -> Snapshot:
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


def _stay(session: Any) -> None:
    """Change nothing: there will be a snapshot all the same."""


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
        exported: the report of an export, as the writer returned it.
        opened: the options of a new session, as they were given to `open`.
        stored_found: a batch and its parameters by name, after `ask_stored`.
    """

    stopped = Signal(object)
    training_started = Signal(object)
    progressed = Signal(object, object)
    training_ended = Signal()
    failed = Signal(object)
    busy_changed = Signal(bool)
    exported = Signal(object)
    opened = Signal(object)
    stored_found = Signal(int, object)

    def __init__(self, session: Any = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.training = False
        self._outstanding = 0
        self._said_busy = False
        self._worker = _Worker(session)
        self._worker.told.connect(self._on_told)
        self._pacer = QTimer(self, interval=PROGRESS_MS)
        self._pacer.timeout.connect(self._on_paced)
        self._drawn_at = (0.0, 0.0)
        # A thread that still runs when its object goes would abort the process.
        self._closed = weakref.finalize(self, _Worker.finish, self._worker)
        self._worker.start()
        if session is not None:
            self.refresh()

    @property
    def busy(self) -> bool:
        """Whether a command is waiting, under way, or done without its answer having come."""
        return self._outstanding > 0 or self.training

    @property
    def finished(self) -> bool:
        """Whether the thread has ended."""
        return self._worker.isFinished()

    def open(self, make: Callable[[], Any], options: object = None) -> None:
        """Replace the session by the one that `make` returns, called on the worker.

        Where it fails, the old one stays.
        """
        self._interrupt(_Open(self._worker, make, options))

    def refresh(self) -> None:
        """Ask for the snapshot of where the session stands."""
        self._post(_stay)

    def step(self, verb: Verb, repeated: bool = False) -> None:
        """Move the cursor. `repeated`: by a key held down; then only if nothing else is waiting."""
        if not (repeated and self.busy):
            self._interrupt(lambda session: session.step(verb))

    def goto(self, position: Position) -> None:
        """Move the cursor to any event of a batch that has run."""
        self._interrupt(lambda session: session.goto(batch=position.batch, event=position.event))

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the cursor's batch on; what had run after it is cut off."""
        self._interrupt(lambda session: session.set_learning_rate(rate))

    def set_input_gradient(self, wanted: bool) -> None:
        """Have the gradient by the input computed, or not; all other numbers stay."""
        self._interrupt(lambda session: session.set_input_gradient(wanted))

    def export(self, write: Callable[[Any], object]) -> None:
        """Call `write` with the parameters at the cursor, and emit what it returns."""
        worker = self._worker
        self._post(lambda session: worker.tell(_Told.EXPORTED, write(session.network.parameters())))

    def ask_stored(self, batch: int) -> None:
        """Look up the parameters of a stored state; `stored_found` brings them.

        Of requests that come quickly, such as those of a slider that is dragged, the last is
        answered. Where that state was let go of meanwhile, it is the nearest one before. Nothing
        moves, and training goes on.
        """
        self._worker.ask_stored(batch)

    def train(self, batches: int | None) -> None:
        """Run this many batches at full speed; None: until `pause` is called."""
        if self.training:
            return
        worker = self._worker  # a command that held the bridge would keep it alive while it runs
        worker.pause.clear()
        self._set_training(True)
        self._post(lambda session: _train(worker, session, batches))

    def pause(self) -> None:
        """End the training under way after the batch that is running."""
        self._worker.pause.set()

    def close(self) -> None:
        """End the thread; commands that wait are dropped. To be called before the object goes."""
        self._closed()

    def _interrupt(self, command: Command) -> None:
        """Post a command that moves or changes the session: training ends first."""
        if self.training:
            self.pause()
        self._post(command)

    def _post(self, command: Command) -> None:
        self._outstanding += 1
        self._worker.put(command)
        self._say_whether_busy()

    def _on_told(self) -> None:
        """Pass on what the worker tells, in order, but of several snapshots the newest alone."""
        news = self._worker.take()
        found = [i for i, (what, _) in enumerate(news) if what is _Told.STORED_FOUND]
        for older in reversed(found[:-1]):
            del news[older]
        newest = max(
            (i for i, (what, values) in enumerate(news) if what in _WITH_SNAPSHOT and values[0]),
            default=-1,
        )
        for i, (what, values) in enumerate(news):
            _HANDLERS[what](self, *((None,) if what in _WITH_SNAPSHOT and i < newest else values))

    def _on_measured(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.stopped.emit(snapshot)

    def _on_done(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            self.stopped.emit(snapshot)
        self._outstanding -= 1
        self._say_whether_busy()

    def _say_whether_busy(self) -> None:
        if self.busy is not self._said_busy:
            self._said_busy = self.busy
            self.busy_changed.emit(self.busy)

    def _set_training(self, training: bool) -> None:
        self.training = training
        if training:
            self._drawn_at = (time.monotonic(), time.thread_time())
            self._pacer.start()
        else:
            self._pacer.stop()

    def _on_training_ended(self) -> None:
        self._set_training(False)
        self.training_ended.emit()
        self._say_whether_busy()

    def _on_progressed(self, progress: object, history: object) -> None:
        if self.training:
            self._drawn_at = (time.monotonic(), time.thread_time())
            self.progressed.emit(progress, history)

    def _on_paced(self) -> None:
        """Ask the worker for progress once the last drawing has been paid for.

        What this thread has worked since then is the drawing, its repaint included.
        """
        since, worked = self._drawn_at
        spent = time.thread_time() - worked
        if spent <= DRAWING_SHARE * (time.monotonic() - since):
            self._worker.progress_wanted = True


# No bound signals in here, whose references to the bridge the garbage collector cannot follow.
_HANDLERS: dict[_Told, Callable[..., None]] = {
    _Told.OPENED: lambda bridge, options: bridge.opened.emit(options),
    _Told.TRAINING_STARTED: lambda bridge, batches: bridge.training_started.emit(batches),
    _Told.PROGRESSED: Bridge._on_progressed,
    _Told.TRAINING_ENDED: Bridge._on_training_ended,
    _Told.EXPORTED: lambda bridge, report: bridge.exported.emit(report),
    _Told.FAILED: lambda bridge, error: bridge.failed.emit(error),
    _Told.DONE: Bridge._on_done,
    _Told.MEASURED: Bridge._on_measured,
    _Told.STORED_FOUND: lambda bridge, *found: bridge.stored_found.emit(*found),
}
_WITH_SNAPSHOT = (_Told.DONE, _Told.MEASURED)


def _train(worker: _Worker, session: Any, batches: int | None) -> None:
    """Run the training on the worker's thread, and measure the test set aside."""
    run, measurer = Run(session), worker.measurer

    def report(progress: RunProgress) -> None:
        worker.note_measurements()
        worker.answer_stored()
        if worker.progress_wanted:
            worker.progress_wanted = False
            total = progress.total if batches is not None else None
            progress = replace(progress, done=before + progress.done, total=total)
            worker.tell(_Told.PROGRESSED, progress, session.history())

    before = 0
    worker.tell(_Told.TRAINING_STARTED, batches)
    epoch = session.history().batches_per_epoch
    every = max(1, epoch // MEASURED_PER_EPOCH)
    try:
        while True:
            before += session.run(
                batches=epoch if batches is None else batches,
                accuracy_every=every,
                progress=report,
                cancel=worker.pause.is_set,
                aside=lambda job: measurer.put(run, job),
            )
            if batches is not None or worker.pause.is_set():
                break
        _measure_last(session, run, measurer)
        measurer.wait(give_up=worker.pause)  # what comes later is noted between commands
        worker.note_measurements()
    finally:
        worker.tell(_Told.TRAINING_ENDED)


def _measure_last(session: Any, run: Run, measurer: Measurer) -> None:
    """Have the test set measured where the run has ended, unless that is known."""
    batch = session.position.batch
    if run.failed or batch in run.asked or batch in session.history().test_batches:
        return
    job = session.examination()
    if job is None:  # there is no test set, or no copy of the network
        session.measure()
    else:
        measurer.put(run, job)
