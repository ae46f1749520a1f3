"""A run of training in which one can stand at any moment.

The session owns a cursor, a `Position`. Where the cursor's batch has been recorded, stepping moves
the cursor over its trace; the live objects (the network, the optimizer) follow it, so that whatever
is asked of them is what was true at the cursor. Between batches, time travel is a stored state and
an exact replay of the plain code.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from itertools import count, pairwise
from math import isfinite
from numbers import Real
from time import perf_counter
from typing import Any, NoReturn

import numpy as np
from threadpoolctl import ThreadpoolController

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.debug.checkpoints import Checkpoints
from engine.debug.events import Event, Kind, Position, Verb
from engine.debug.examination import Examination, Measurement, number
from engine.debug.gather import Survey, gather, read_only
from engine.debug.losses import Losses
from engine.debug.recorder import Recorder
from engine.debug.snapshot import History, Setup, Snapshot
from engine.debug.state import State
from engine.debug.trace import Trace
from engine.errors import (
    BadValue,
    GradientsNotReady,
    NotReached,
    StepFailed,
)  # fmt: skip
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer
from engine.nn.training import train_step

Array = np.ndarray[Any, Any]
MEMORY_BUDGET = 128 * 2**20
_WINDOW = 500  # events kept to either side of the cursor in a batch too big to be kept whole
_REPORT_EVERY = 16  # batches between two calls of `progress`
Stops = Callable[[Trace, int], Callable[[int], bool]]  # (trace, here) -> whether to stop there


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is: `done` of `total` batches, and the loss of the last one."""

    done: int
    total: int
    loss: float


class Session:
    """Training of `network` on `dataset`, which can be stepped through in both directions.

    Args:
        network: has `layers`, `loss`, `forward(x, t)`, `backward()`, `predict(x)`, `parameters()`
            and `gradients()`.
        dataset: where the minibatches come from.
        optimizer: has `update(parameters, gradients)`; `lr` where its learning rate can be set.
        batch_size: samples in a minibatch.
        seed: of the order of the samples.
        memory_budget: bytes for stored states and traces together.
        blas_threads: of matrix products while the engine runs; the last bits depend on it. None
            leaves them as they are.
        step: the outermost function, `step(network, optimizer, x, t) -> loss`.

    A session belongs to one thread at a time.

    Raises:
        BadValue: a batch size or seed that does not fit the dataset.
        DatasetError: the dataset does not fit the network.
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        optimizer: Optimizer,
        batch_size: int = 100,
        seed: int = 0,
        memory_budget: int = MEMORY_BUDGET,
        blas_threads: int | None = 1,
        step: Callable[..., Any] = train_step,
    ) -> None:
        self.network = network
        self.dataset = dataset
        self.optimizer = optimizer
        self.order = BatchOrder(len(dataset), batch_size, seed)
        self.dtype = _dtype_of(network)
        self.memory_budget = memory_budget
        self.blas_threads = blas_threads
        self._pools = ThreadpoolController()
        self._step = step
        self.layers = _named_layers(network)
        parts = [network, optimizer, *self.layers.values()]
        self._recorder = Recorder(step, parts, self.layers)  # type: ignore[arg-type]
        self._things = [*parts, step]
        self._random = (np.random.get_state(), random.getstate())
        self._checkpoints = Checkpoints(int(memory_budget * 0.8))
        self._losses = Losses()
        self._measured: dict[int, Measurement] = {}
        self._edits: dict[int, dict[str, Any]] = {}
        self._future = self._cut_at = 0  # how often the future was cut off, and where last
        self._input_gradient: bool | None = None
        self._batch = 0
        self._event = 0
        self._live: int | None = 0  # the live objects are as before this batch; None: in a trace
        self._trace: Trace | None = None
        self._survey: Survey | None = None
        self._checkpoints.keep(State(self._things, 0))

    # What is true at the cursor ----------------------------------------------------------------

    @property
    def position(self) -> Position:
        """Where the cursor is."""
        return Position(self._batch, self._event)

    @property
    def reach(self) -> int:
        """How many batches have run."""
        return len(self._losses)

    @property
    def trace(self) -> Trace:
        """The events of the cursor's minibatch."""
        if self._trace is None:
            with self._engine():
                self._trace = self._record(self._batch)
                self._follow(len(self._trace), self._event)
        return self._trace

    @property
    def event(self) -> Event:
        """The event at the cursor."""
        return self.trace[self._event]

    def variables(self) -> dict[str, Any]:
        """What is in sight at the cursor: locals, and the attributes of `self` as `self.W`."""
        return self.trace.variables(self._event)

    def gradients(self) -> dict[str, Array]:
        """The gradients of the cursor's batch by parameter name, in arrays of the caller's own.

        Raises:
            GradientsNotReady: the backward pass of this batch has not ended at the cursor.
        """
        ready = self.survey.backward_end
        if ready is None or self._event < ready:
            raise GradientsNotReady(batch=self._batch, event=self._event, ready=ready)
        return {name: np.array(g) for name, g in self.network.gradients().items()}

    @property
    def survey(self) -> Survey:
        """What the cursor's trace says as a whole."""
        trace = self.trace
        if self._survey is None or self._survey.trace is not trace:
            self._survey = Survey(trace, list(self.network.parameters()))
        return self._survey

    @property
    def losses(self) -> Array:
        """(reach,) the training loss of every minibatch so far."""
        return self._losses.array()

    @property
    def measurements(self) -> list[Measurement]:
        """What was measured on the test set so far, in the order of the batches."""
        return [self._measured[batch] for batch in sorted(self._measured)]

    @property
    def error(self) -> StepFailed | None:
        """Why the cursor's batch ends with an exception, if it does and has been recorded."""
        if self._trace is None or self._trace.error is None:
            return None
        return self._failure(self._trace)

    def history(self) -> History:
        """The run so far: losses and measurements."""
        measured = self.measurements
        return History(
            losses=read_only(self.losses),
            test_batches=read_only(np.array([m.batch for m in measured], dtype=np.int64)),
            test_accuracies=read_only(np.array([m.accuracy for m in measured])),
            test_losses=read_only(np.array([m.loss for m in measured])),
            reach=self.reach,
            batches_per_epoch=self.order.batches_per_epoch,
        )

    @property
    def held_bytes(self) -> int:
        """Bytes that stored states and the cursor's trace hold."""
        return self._checkpoints.nbytes + (self._trace.nbytes if self._trace is not None else 0)

    def setup(self) -> Setup:
        """What the run was set up with, as it is at the cursor."""
        rate = getattr(self.optimizer, "lr", None)
        return Setup(
            network=_title(self.network),
            dataset=self.dataset.name,
            optimizer=type(self.optimizer).__name__,
            dtype=self.dtype,
            batch_size=self.order.batch_size,
            learning_rate=None if rate is None else float(rate),
            seed=self.order.seed,
            input_gradient=bool(getattr(self.network, "input_gradient", False)),
        )

    def snapshot(self) -> Snapshot:
        """All that is true at the cursor, for whoever wants to draw it."""
        return gather(self)

    def samples(self, batch: int | None = None) -> Array:
        """(n,) indices into the training set of a batch, the cursor's by default."""
        return self.order.indices(self._batch if batch is None else batch)

    # Moving ------------------------------------------------------------------------------------

    def step_into(self) -> bool:
        """To the next event."""
        return self._forward(_everywhere)

    def step_over(self) -> bool:
        """To the next line (from any other event: the next event) of this frame or of a caller."""
        return self._forward(_over)

    def step_out(self) -> bool:
        """To the next event of a caller; from the outermost frame, to event 0 of the next batch."""
        return self._forward(_out)

    def step_batch(self) -> bool:
        """To event 0 of the next batch."""
        return self._forward(_nowhere)

    def step_back_into(self) -> bool:
        """To the event before."""
        return self._backward(_everywhere)

    def step_back_over(self) -> bool:
        """To the previous line (from any other event: event) of this frame or of a caller."""
        return self._backward(_over)

    def step_back_out(self) -> bool:
        """To the caller's last event before the call; from the outermost frame to event 0."""
        if self.trace.frame(self._event).parent is None:
            return self.step_back_batch()
        return self._backward(_out)

    def step_back_batch(self) -> bool:
        """To event 0 of this batch; when there, of the one before."""
        if self._event == 0 and self._batch == 0:
            return False
        self._go(Position(self._batch - (self._event == 0), 0))
        return True

    def step(self, verb: Verb) -> bool:
        """Move by a verb. False: there is nowhere to go, and the cursor stayed."""
        return _VERBS[verb](self)

    def blocked(self) -> dict[str, str]:
        """The verbs that cannot move from here, and why."""
        found: dict[str, str] = {}
        if self.position == (0, 0):
            why = "This is the first event of the run."
            found.update({verb: why for verb in Verb if "back" in verb})
        trace = self._trace
        if trace is not None and trace.error is not None and self._event == len(trace) - 1:
            why = "The run ends here, with an exception."
            found.update({verb: why for verb in Verb if "back" not in verb})
        return found

    def goto(self, batch: int, event: int = 0) -> None:
        """To any event of a batch that has run or is the cursor's, or to event 0 of the next one.

        Raises:
            NotReached: it lies further than the run, or the batch has no such event.
        """
        ahead = batch == self.reach and event > 0 and batch != self._batch
        if not 0 <= batch <= self.reach or event < 0 or ahead:
            raise NotReached(batch=batch, event=event, reach=self.reach, events=None)
        came_from = self.position
        self._go(Position(batch, 0))
        if event == 0:
            return
        if event >= len(self.trace):
            events = len(self.trace)
            self._go(Position(came_from.batch, 0))
            self._move_to(came_from.event)
            raise NotReached(batch=batch, event=event, reach=self.reach, events=events)
        self._move_to(event)

    def _forward(self, verb: Stops) -> bool:
        trace = self.trace
        stops_at = verb(trace, self._event)
        for there in range(self._event + 1, len(trace)):
            if stops_at(there):
                self._move_to(there)
                return True
        if trace.error is not None:
            if self._event == len(trace) - 1:
                return False
            self._move_to(len(trace) - 1)
            return True
        self._count_as_run(trace)
        self._go(Position(self._batch + 1, 0))
        return True

    def _backward(self, verb: Stops) -> bool:
        trace = self.trace
        stops_at = verb(trace, self._event)
        for there in range(self._event - 1, -1, -1):
            if stops_at(there):
                self._move_to(there)
                return True
        if self._batch == 0:
            return False
        self._go(Position(self._batch - 1, 0))
        trace = self.trace
        last = len(trace) - 1
        if verb is _over:  # from the first line of the step, to the last line of the one before
            last = max(e for e in trace.events_of[id(trace.frame(0))] if trace.kind(e) is Kind.LINE)
        self._move_to(last)
        return True

    def _move_to(self, event: int) -> None:
        """To an event of the cursor's trace; a batch that is entered counts as run."""
        if event == self._event:
            return
        trace = self.trace
        if event > 0:
            self._count_as_run(trace)
        if not trace.is_full(event):
            self._record_around(event)
            return
        self._follow(self._event, event)
        self._event = event

    def _count_as_run(self, trace: Trace) -> None:
        if self._batch == self.reach and trace.error is None:
            self._losses.put(self._batch, number(trace.result))

    def _follow(self, came_from: int, event: int) -> None:
        """The live objects go along with the cursor."""
        if self._trace is not None and came_from != event:
            self._trace.history.put_back(event, came_from)

    # Running -----------------------------------------------------------------------------------

    def run(
        self,
        batches: int,
        accuracy_every: int | None = None,
        progress: Callable[[RunProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        aside: Callable[[Examination], None] | None = None,
    ) -> int:
        """Train at full speed from the start of the cursor's batch; the cursor ends at (b + n, 0).

        Args:
            batches: how many.
            accuracy_every: measure the test set before every batch whose number it divides.
            progress: called every few batches, and at the end.
            cancel: asked every few batches; True ends the run between two batches.
            aside: takes each measurement as a job, to be run on another thread and given to `note`;
                without it the run itself measures.

        Returns:
            how many batches were run: fewer than asked for when cancelled.

        Raises:
            StepFailed: a layer raised; the cursor is at the exception, the last event of its batch.
            BadValue: `batches` is negative, or `accuracy_every` is not positive.
        """
        if batches < 0:
            raise BadValue("number of batches", batches, "0 or more")
        if accuracy_every is not None and accuracy_every < 1:
            raise BadValue("accuracy_every", accuracy_every, "1 or more")
        first, done = self._batch, 0
        with self._engine():
            self._arrive(first)
            self._event = 0
            while done < batches:
                if done % _REPORT_EVERY == 0 and cancel is not None:
                    with self._host():
                        cancelled = cancel()
                    if cancelled:
                        break
                if accuracy_every and self._batch % accuracy_every == 0:
                    self._have_measured(aside)
                loss = self._train(self._batch)
                done += 1
                if progress is not None and (done % _REPORT_EVERY == 0 or done == batches):
                    with self._host():
                        progress(RunProgress(done, batches, loss))
            if accuracy_every and done == batches and self._batch % accuracy_every == 0:
                self._have_measured(aside)
        return done

    def measure(self) -> Measurement | None:
        """Measure the test set with the parameters before the cursor's batch; None without one."""
        if self.dataset.test is None:
            return None
        event = self._event
        try:
            with self._engine():
                self._arrive(self._batch)
                self._event = 0
                self._measure()
        finally:
            self._move_to(event)
        return self._measured[self._batch]

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the cursor's batch on; what has run after it is cut off.

        The cursor goes to event 0 of its batch.

        Raises:
            BadValue: not a finite number above 0, or the optimizer has no `lr`.
        """
        if not isinstance(rate, Real) or not isfinite(rate) or rate <= 0:
            raise BadValue("learning rate", rate, "a finite number above 0")
        if not hasattr(self.optimizer, "lr"):
            kind = type(self.optimizer).__name__
            raise BadValue("learning rate", rate, f"an optimizer with an lr, which {kind} has not")
        rate = float(rate)  # a numpy float64 would turn a float32 update into a float64 one
        with self._engine():
            self._arrive(self._batch)
            self._event = 0
            self.cut_future()
            self._edits.setdefault(self._batch, {})["lr"] = rate
            self.optimizer.lr = rate
            self._checkpoints.keep(State(self._things, self._batch))

    def set_input_gradient(self, wanted: bool) -> None:
        """Have the gradient by the input computed, or not; no other number depends on it.

        The cursor stays at its event, or at the last one where its batch has fewer now.

        Raises:
            BadValue: the network has no `input_gradient`.
        """
        if not hasattr(self.network, "input_gradient"):
            kind = type(self.network).__name__
            raise BadValue("input gradient", wanted, f"a network with one, which {kind} has not")
        event = self._event
        with self._engine():
            self._arrive(self._batch)
            self._event = 0
            self._input_gradient = wanted
            self._apply_edits(self._batch)
        if event:
            self._move_to(min(event, len(self.trace) - 1))

    def cut_future(self) -> None:
        """Forget all that has run from the cursor's batch on."""
        batch = self._batch
        self._future += 1
        self._cut_at = batch
        self._losses.cut(batch)
        self._measured = {b: m for b, m in self._measured.items() if b <= batch}
        self._edits = {b: edit for b, edit in self._edits.items() if b <= batch}
        self._checkpoints.forget_after(batch)

    def _train(self, batch: int) -> float:
        """Run a batch on the plain code; the live objects are before it, and then after it."""
        self._apply_edits(batch)
        stored = self._store(batch)
        x, t = self._minibatch(batch)
        self._live = None  # half-way, should this be interrupted
        begin = perf_counter()
        try:
            loss = number(self._step(self.network, self.optimizer, x, t))
        except Exception as error:
            self._stop_at_exception(batch, error)
        if stored is not None:
            self._checkpoints.spread(stored, perf_counter() - begin)
        self._losses.put(batch, loss)
        self._batch = self._live = batch + 1
        return loss

    def _store(self, batch: int) -> float | None:
        """Store the state before a batch if it is wanted; the seconds that it took."""
        if not self._checkpoints.wants(batch):
            return None
        begin = perf_counter()
        self._checkpoints.keep(State(self._things, batch))
        return perf_counter() - begin

    def _stop_at_exception(self, batch: int, error: Exception) -> NoReturn:
        """Record the batch that failed, and stand at its last event."""
        self._batch, self._event = batch, 0
        trace = self._trace = self._record(batch)
        self._event = len(trace) - 1
        self._follow(len(trace), self._event)
        if trace.error is None:  # it failed, and does not fail again
            self._move_to(0)
            raise StepFailed(
                batch=batch, layer="", source="", file="", line=0, error=error
            ) from error
        raise self._failure(trace) from trace.error

    def _failure(self, trace: Trace) -> StepFailed:
        event = trace[-1]
        assert trace.error is not None
        return StepFailed(
            batch=self._batch, layer=event.layer, source=event.source, file=event.file,
            line=event.line, error=trace.error,
        )  # fmt: skip

    def _have_measured(self, aside: Callable[[Examination], None] | None) -> None:
        job = self.examination() if aside is not None else None
        if aside is None or job is None:
            self._measure()
        else:
            with self._host():
                aside(job)

    def examination(self) -> Examination | None:
        """A measurement before the cursor's batch, to be run on any thread and given to `note`.

        It has a copy of the network. None without a test set, and with layers that are not ours:
        a copy may share a random generator or a class's dictionary with the network, and to draw
        from it on another thread would change the run.
        """
        ours = all(type(part).__module__.startswith("engine.nn.") for part in self.layers.values())
        if self.dataset.test is None or not ours:
            return None
        try:
            network = deepcopy(self.network)
        except Exception:  # a layer may keep what cannot be copied, such as a lock or an open file
            return None
        return Examination(self._batch, self._future, network, self.dataset.test, self.dtype)

    def note(self, job: Examination, measurement: Measurement) -> bool:
        """Add what an examination found; False: the run has gone another way since."""
        if job.future != self._future and job.batch > self._cut_at:
            return False
        self._measured[job.batch] = measurement
        return True

    def _measure(self) -> None:
        if self.dataset.test is None:
            return
        before = State(self._things)
        job = Examination(self._batch, self._future, self.network, self.dataset.test, self.dtype)
        try:
            self._measured[self._batch] = job()
        finally:
            before.restore()

    # Between batches ---------------------------------------------------------------------------

    def _minibatch(self, batch: int) -> tuple[Array, Array]:
        return self.dataset.batch(self.order.indices(batch), self.dtype)

    def _go(self, position: Position) -> None:
        """To event 0 of a batch."""
        if position.batch == self._batch and self._trace is not None:
            self._follow(self._event, 0)
            self._event = 0
            return
        with self._engine():
            self._arrive(position.batch)
        self._event = 0

    def _arrive(self, batch: int) -> None:
        """Bring the live objects to where they are before a batch, and let go of the trace."""
        if self._trace is not None:
            self._leave_trace()
        self._batch = batch
        if self._live == batch:
            self._apply_edits(batch)
            return
        state = self._checkpoints.before(batch)
        if self._live is None or not state.batch <= self._live <= batch:
            state.restore()
            self._live = state.batch
        replayed = range(self._live, batch)
        self._live = None
        for earlier in replayed:
            self._apply_edits(earlier)
            x, t = self._minibatch(earlier)
            self._step(self.network, self.optimizer, x, t)
        self._live = batch
        self._apply_edits(batch)

    def _apply_edits(self, batch: int) -> None:
        for name, value in self._edits.get(batch, {}).items():
            setattr(self.optimizer, name, value)
        if self._input_gradient is not None:
            self.network.input_gradient = self._input_gradient

    def _leave_trace(self) -> None:
        """Bring the live objects to the end of the trace, and seal it: from here they change."""
        trace = self._trace
        assert trace is not None
        self._follow(self._event, len(trace))
        state = State(self._things, copies=False)
        trace.seal(state.live_arrays(), state.live_containers())
        self._live = None if trace.error is not None else self._batch + 1
        self._trace = self._survey = None

    def _record_around(self, event: int) -> None:
        """Record the cursor's batch, too big to be kept whole, with the arrays around an event."""
        window = range(max(event - _WINDOW, 0), event + _WINDOW)
        with self._engine():
            self._leave_trace()
            self._trace = self._record(self._batch, window)
        self._follow(len(self._trace), event)
        self._event = event

    def _record(self, batch: int, window: range = range(0)) -> Trace:
        """Record a batch; the live objects are before it, and then after it."""
        self._arrive(batch)
        self._store(batch)
        x, t = self._minibatch(batch)
        self._live = None  # half-way, should this be interrupted
        budget = self.memory_budget - self._checkpoints.budget
        trace = self._recorder.record(
            self.network, self.optimizer, x, t, budget=budget // 2, window=window
        )
        if trace.error is None:
            try:
                number(trace.result)
            except TypeError as error:
                trace.error = error
        return trace

    @contextmanager
    def _host(self) -> Iterator[None]:
        """In the middle of a run, the caller's code has the random numbers to itself."""
        inside = (np.random.get_state(), random.getstate())
        try:
            yield
        finally:
            np.random.set_state(inside[0])
            random.setstate(inside[1])

    @contextmanager
    def _engine(self) -> Iterator[None]:
        """The engine runs with its own global random state, and its own number of BLAS threads."""
        outside = (np.random.get_state(), random.getstate())
        np.random.set_state(self._random[0])
        random.setstate(self._random[1])
        try:
            if self.blas_threads is None:
                yield
            else:
                with self._pools.limit(limits=self.blas_threads, user_api="blas"):
                    yield
        finally:
            self._random = (np.random.get_state(), random.getstate())
            np.random.set_state(outside[0])
            random.setstate(outside[1])


def _everywhere(trace: Trace, here: int) -> Callable[[int], bool]:
    return lambda there: True


def _nowhere(trace: Trace, here: int) -> Callable[[int], bool]:
    return lambda there: False


def _over(trace: Trace, here: int) -> Callable[[int], bool]:
    frames = {id(frame) for frame in trace.stack(here)}
    if trace.kind(here) is Kind.LINE:
        return lambda there: id(trace.frame(there)) in frames and trace.kind(there) is Kind.LINE
    return lambda there: id(trace.frame(there)) in frames


def _out(trace: Trace, here: int) -> Callable[[int], bool]:
    callers = {id(frame) for frame in trace.stack(here)[1:]}
    return lambda there: id(trace.frame(there)) in callers


_VERBS: Mapping[Verb, Callable[[Session], bool]] = {
    Verb.INTO: Session.step_into,
    Verb.OVER: Session.step_over,
    Verb.OUT: Session.step_out,
    Verb.BATCH: Session.step_batch,
    Verb.BACK_INTO: Session.step_back_into,
    Verb.BACK_OVER: Session.step_back_over,
    Verb.BACK_OUT: Session.step_back_out,
    Verb.BACK_BATCH: Session.step_back_batch,
}


def _named_layers(network: Any) -> dict[str, Any]:
    """The layers and the loss by name, in order; a name that is taken gets a number."""
    names = getattr(network, "layer_names", None) or [_name_of(x) for x in network.layers]
    layers: dict[str, Any] = {}
    parts = [*zip(names, network.layers, strict=True), (_name_of(network.loss), network.loss)]
    for name, layer in parts:
        free = (f"{name}{number or ''}" for number in count())
        layers[next(candidate for candidate in free if candidate not in layers)] = layer
    return layers


def _name_of(layer: Any) -> str:
    name = getattr(layer, "name", None)
    return name if isinstance(name, str) and name else type(layer).__name__


def _dtype_of(network: Any) -> str:
    kinds = {array.dtype for array in network.parameters().values() if array.dtype.kind == "f"}
    return str(max(kinds, key=lambda kind: kind.itemsize)) if kinds else "float32"


def _title(network: Any) -> str:
    """`784-50-10`: inputs and outputs of the products in a network, or its class's name."""
    shapes = [a.shape for a in network.parameters().values() if a.ndim == 2]
    if shapes and all(first[1] == second[0] for first, second in pairwise(shapes)):
        return "-".join(str(n) for n in (shapes[0][0], *(shape[1] for shape in shapes)))
    return type(network).__name__
