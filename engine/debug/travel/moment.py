"""A moment of the run: its batch, its event, the recorded trace, and the values at that event.

Recording a batch gives a trace. The live objects (the network, the optimizer) follow the cursor:
they hold the values that they held at the cursor's event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, NoReturn, cast

import numpy as np

from engine.debug.events import Event, Position
from engine.debug.program.evaluation import Measurement
from engine.debug.program.network_program import NetworkProgram
from engine.debug.program.program import Program
from engine.debug.reach.buffers import read_only
from engine.debug.reach.random_states import GlobalRandom
from engine.debug.record.interruption import StopInIt, TooLong, of_the_code
from engine.debug.record.trace import Trace
from engine.debug.snapshots.snapshot import RunHistory, Setup, TestPredictions
from engine.debug.snapshots.trace_index import TraceIndex
from engine.debug.travel.branches import Branches
from engine.debug.travel.checkpoints import parameters_in
from engine.debug.travel.overview import (
    history_of,
    notices_of,
    setup_of,
    test_predictions_of,
)
from engine.debug.travel.run import Run
from engine.errors import (
    BatchStopped,
    BatchTooLong,
    GradientsNotReady,
    NotCopied,
    StepFailed,
    Worded,
)
from engine.nn.network import Network

Array = np.ndarray[Any, Any]
_WINDOW = 500  # events on either side of the cursor whose arrays a batch over budget keeps


class Moment:
    """A moment of a run, with everything that can be read there.

    Args:
        run: the batches. No other code moves its live objects.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._batch = 0
        self._event = 0
        self._trace: Trace | None = None  # the cursor's batch, recorded on first access
        self._trace_index: TraceIndex | None = None

    @property
    def position(self) -> Position:
        """The cursor's batch and event."""
        return Position(self._batch, self._event)

    @property
    def program(self) -> Program:
        """What runs."""
        return self._run.program

    @property
    def layers(self) -> dict[str, Any]:
        """The layers and the loss at the cursor, by name."""
        return self.program.layers

    def parameters(self) -> dict[str, Array]:
        """The live parameters at the cursor, by name."""
        return self.program.parameters()

    @property
    def blas_threads(self) -> int | None:
        """Threads of matrix products while the engine runs; None: the process's own setting."""
        return self._run.blas_threads

    @property
    def branches(self) -> Branches:
        """All branches of the run, and the current one."""
        return self._run.branches

    @property
    def reach(self) -> int:
        """The number of batches that have run."""
        return self._run.reach

    @property
    def trace(self) -> Trace:
        """The events of the cursor's minibatch.

        Raises:
            NothingRecorded: the trace is empty, because no source of the step can be read.
        """
        if self._trace is None:
            with self._run.engine():
                self._record(self._event)
        assert self._trace is not None
        return self._trace

    @property
    def event(self) -> Event:
        """The event at the cursor."""
        return self.trace[self._event]

    def variables(self) -> dict[str, Any]:
        """The variables in scope at the cursor: locals, and the attributes of `self` (`self.W`)."""
        return self.trace.variables(self._event)

    def gradients(self, ready_only: bool = False) -> dict[str, Array]:
        """Copies of the gradients of the cursor's batch, by parameter name.

        `ready_only` returns those that are made by then.

        Raises:
            GradientsNotReady: the backward pass of this batch has not ended at the cursor.
        """
        traced = self.program.traced_gradients(self.trace)
        if traced is not None:
            return self._gradients_made(traced, ready_only)
        ready = self.trace_index.backward_end
        if ready is None or self._event < ready:
            if ready_only:
                return {}
            raise GradientsNotReady(batch=self._batch, event=self._event, ready=ready)
        return {name: np.array(g) for name, g in (self.program.gradients() or {}).items()}

    def _gradients_made(
        self, traced: Mapping[str, tuple[int, Any]], ready_only: bool
    ) -> dict[str, Array]:
        ready = max((moment for moment, _ in traced.values()), default=None)
        if not ready_only and (ready is None or self._event < ready):
            raise GradientsNotReady(batch=self._batch, event=self._event, ready=ready)
        return {
            name: np.array(self.trace.as_of(gradient, self._event))
            for name, (moment, gradient) in traced.items()
            if moment <= self._event
        }

    @property
    def trace_index(self) -> TraceIndex:
        """The index of the cursor's trace."""
        trace = self.trace
        if self._trace_index is None or self._trace_index.trace is not trace:
            names, samples = list(self.parameters()), self.program.samples(self._batch)
            self._trace_index = TraceIndex(trace, names, samples)
        return self._trace_index

    @property
    def losses(self) -> Array:
        """(reach,) training loss of every minibatch so far."""
        return self._run.losses.array()

    @property
    def measurements(self) -> list[Measurement]:
        """The measurements of the test set so far, in the order of their batches."""
        return self._run.measured.all()

    @property
    def error(self) -> StepFailed | None:
        """The exception that ends the cursor's batch; None without one, or if not recorded yet.

        The end of the run is none.
        """
        if self._trace is None or self._trace.error is None or self._trace.ends_the_run:
            return None
        return self._failure(self._trace)

    def test_predictions(self) -> TestPredictions | None:
        """The latest predictions for the test set at or before the cursor's batch."""
        return test_predictions_of(self._run, self._batch)

    def stored_parameters(self, batch: int) -> dict[str, Array]:
        """Read-only copies of the parameters before the cursor's batch or a stored batch.

        The cursor and the live objects stay where they are. `history().stored` lists the stored
        batches.

        Raises:
            NotStored: no state of that batch is stored.
        """
        owned = self.parameters()
        if batch != self._batch or batch in self._run.checkpoints.states:
            return parameters_in(self._run.checkpoints, batch, owned)
        places = None if self._trace is None else self._trace.parameter_places
        found = {
            name: array if places is None else places.value(name, 0)
            for name, array in owned.items()
        }
        return {name: read_only(array.copy()) for name, array in found.items() if array is not None}

    def history(self) -> RunHistory:
        """The run so far: losses and measurements."""
        return history_of(self._run)

    @property
    def held_bytes(self) -> int:
        """Bytes of the stored states and the cursor's trace."""
        trace = 0 if self._trace is None else self._trace.nbytes_besides(self._run.is_held)
        return self._run.branches.nbytes + trace

    @property
    def notices(self) -> tuple[Worded, ...]:
        """Notices to show about this run that are no errors, such as: it has no parameters."""
        return notices_of(self._run)

    def setup(self) -> Setup:
        """The run's settings at the cursor."""
        return setup_of(self._run)

    def samples(self, batch: int | None = None) -> Array:
        """(n,) indices of a batch's samples in the training set; of the cursor's by default.

        A drawn sample has an index below 0.
        """
        return self.program.samples(self._batch if batch is None else batch).indices

    @contextmanager
    def whole_trace(self) -> Iterator[Trace]:
        """The cursor's trace with all its arrays, for searches over every event.

        A batch over budget is recorded again without a limit. The cursor stays.
        """
        if self.trace.is_whole:
            yield self.trace
            return
        event = self._event
        with self._run.engine():
            self._leave_trace()
            self._record(event, whole=True)
        try:
            yield self.trace
        finally:
            if self._trace is not None and event:
                self._record_around(self._trace, event)
            else:
                with self._run.engine():
                    self._stand_before(self._batch)
                self._move_to(event)

    def copy_before_batch(self) -> tuple[Network, Array, Array]:
        """Copies for another thread: the network before the cursor's batch, its x and its t.

        The copy of the network includes all that the layers keep.

        Raises:
            NotCopied: a layer keeps an object that cannot be copied, such as an open file.
        """
        self._follow(self._event, 0)
        try:
            network = self._copied_network()
        finally:
            self._follow(0, self._event)
        return (network, *self._minibatch())

    def copy_with_random_states(self) -> tuple[Network, Array, Array, GlobalRandom]:
        """The same copies, and the global random states with which the batch began.

        The copied network's own generators are those before the batch, too. Random generators do
        not follow the cursor within a batch, so the batch is recorded again; the cursor stays.

        Raises:
            NotCopied: a layer keeps an object that cannot be copied.
        """
        event = self._event
        try:
            with self._run.engine():
                self._stand_before(self._batch)
                random, network = GlobalRandom(), self._copied_network()
        finally:
            self._move_to(event)
        return (network, *self._minibatch(), random)

    def _minibatch(self) -> tuple[Array, Array]:
        """The images and labels of the cursor's batch; raises NotCopied without a network."""
        program = self.program
        if not isinstance(program, NetworkProgram):
            raise NotCopied(TypeError(f"{program.title} is no network with a dataset"))
        return program.minibatch(self._batch)

    def _copied_network(self) -> Network:
        try:
            return cast(Network, deepcopy(self.program.network))
        except BaseException as error:
            if not of_the_code(error):
                raise
            raise NotCopied(error) from error

    def _move_to(self, event: int) -> None:
        """Move to an event of the cursor's trace. A batch that is entered counts as run."""
        if event == self._event:
            return
        trace = self.trace
        if event > 0:
            self._count_as_run(trace)
        if not (trace.is_full(event) and trace.is_full(event - 1)):  # both, to show the change
            self._record_around(trace, event)
            return
        self._follow(self._event, event)
        self._event = event

    def _count_as_run(self, trace: Trace) -> None:
        if self._batch == self.reach and trace.error is None:
            self._run.losses.put(self._batch, trace.loss)

    def _follow(self, came_from: int, event: int) -> None:
        """Move the live objects from one event of the trace to another."""
        if self._trace is not None and came_from != event:
            self._trace.history.put_back(event, came_from)

    def _go(self, position: Position) -> None:
        """Move to event 0 of a batch."""
        if position.batch == self._batch and self._trace is not None:
            self._follow(self._event, 0)
            self._event = 0
            return
        with self._run.engine():
            self._stand_before(position.batch)

    def _stand_before(self, batch: int) -> None:
        """Bring the live objects and the cursor to event 0 of a batch, and drop the trace."""
        trace = self._trace
        ends_at = None if trace is None or trace.error is not None else self._batch + 1
        self._run.check_reachable(batch, self._run.live if trace is None else ends_at)
        if trace is not None:
            self._leave_trace()
        self._batch, self._event = batch, 0
        try:
            self._run.arrive(batch)
        except BaseException as error:
            if not of_the_code(error):
                raise
            self._batch = self._run.replayed
            self._stop_at_exception(error)

    def _leave_trace(self) -> None:
        """Bring the live objects to the end of the trace, seal the trace and drop it."""
        trace = self._trace
        assert trace is not None
        self._follow(self._event, len(trace))
        self._run.leave(trace, self._batch)
        self._trace = self._trace_index = None

    def _record_around(self, trace: Trace, event: int) -> None:
        """Record the cursor's batch, which is over budget, with the arrays around an event."""
        window = range(max(event - _WINDOW, 0), event + _WINDOW)
        apart = {*self.trace_index.turns, *trace.pending(max(window.start - 1, 0))}
        with self._run.engine():
            self._leave_trace()
            self._record(event, window, apart)

    def _record(
        self,
        event: int,
        window: range = range(0),
        apart: Set[int] = frozenset(),
        whole: bool = False,
    ) -> None:
        """Record the cursor's batch, and move to an event of it.

        Raises:
            BatchStopped: the batch was stopped; the cursor is at the last recorded event.
            NothingRecorded: the trace is empty.
        """
        trace = self._run.record(self._batch, window, apart, whole)
        stopped = type(trace.error) is StopInIt
        if not len(trace) and not stopped:
            raise self._run.nothing_recorded(trace, self._batch)
        self._trace = trace
        self._event = max(len(trace) - 1, 0) if stopped else event
        self._follow(len(trace), self._event)
        if stopped:
            raise self._failure(trace) from trace.error

    def _stop_at_exception(self, error: BaseException) -> NoReturn:
        """Record the cursor's batch, which failed or was stopped, and move to its last event."""
        batch, stopped = self._batch, isinstance(error, BatchStopped)
        trace = self._run.record_stopped(batch) if stopped else self._run.record(batch)
        self._trace = trace
        self._event = max(len(trace) - 1, 0)
        self._follow(len(trace), self._event)
        if trace.error is not None and (stopped or not isinstance(trace.error, TooLong)):
            raise self._failure(trace) from trace.error
        if not len(trace):
            self._trace, self._event = None, 0
        elif trace.error is None:  # the batch failed before, and succeeded when recorded
            self._move_to(0)
        if stopped:
            raise error
        raise StepFailed(batch=batch, layer="", source="", file="", line=0, error=error) from error

    def _failure(self, trace: Trace) -> StepFailed:
        """The exception that ends a trace, with its place."""
        error = trace.error
        assert error is not None
        event = trace[-1] if len(trace) else None
        place = (event.layer, event.source, event.file, event.line) if event else ("", "", "", 0)
        if isinstance(error, TooLong):
            return BatchTooLong(self._batch, *place, error, events=len(trace))
        kind = BatchStopped if isinstance(error, StopInIt) else StepFailed
        return kind(self._batch, *place, error)
