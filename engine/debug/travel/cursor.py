"""The cursor: a moment of the run, what is true there, and the ways to move.

Where the cursor's batch has been recorded, stepping moves the cursor over its trace; the live
objects (the network, the optimizer) follow it, so that whatever is asked of them is what was true
at the cursor. Between batches, time travel is a stored state and an exact replay of the plain code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, NoReturn

import numpy as np

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.debug.events import Event, Kind, Position, Verb
from engine.debug.memory.buffers import read_only
from engine.debug.record.interruption import StopInIt, TooLong, of_the_code
from engine.debug.record.trace import Trace
from engine.debug.snapshots.snapshot import RunHistory, Setup, TestPredictions
from engine.debug.snapshots.trace_index import TraceIndex
from engine.debug.travel import stepping as stops
from engine.debug.travel.branches import Branches
from engine.debug.travel.checkpoints import parameters_in
from engine.debug.travel.evaluation import Measurement, number
from engine.debug.travel.run import Run
from engine.debug.travel.stepping import Stops
from engine.errors import (
    BatchStopped,
    BatchTooLong,
    GradientsNotReady,
    NotCopied,
    NotReached,
    StepFailed,
    Worded,
)
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer

Array = np.ndarray[Any, Any]
_ENDS: Mapping[type, str] = {
    StopInIt: "The batch was stopped here.",
    TooLong: "The recording of this batch ends here: it has more events than are kept.",
}
_WINDOW = 500  # events kept to either side of the cursor in a batch too big to be kept whole


class Cursor:
    """A moment of a run, which can be moved in both directions.

    Args:
        run: the batches; nobody else moves its live objects.
        dataset: where they come from.
    """

    def __init__(self, run: Run, dataset: Dataset) -> None:
        self.network = run.network
        self.dataset = dataset
        self._run = run
        self._batch = 0
        self._event = 0
        self._trace: Trace | None = None  # of the cursor's batch, once somebody looks
        self._trace_index: TraceIndex | None = None

    # What is true at the cursor ----------------------------------------------------------------

    @property
    def position(self) -> Position:
        """Where the cursor is."""
        return Position(self._batch, self._event)

    @property
    def optimizer(self) -> Optimizer:
        """The one that trains at the cursor."""
        return self._run.optimizer

    @property
    def order(self) -> BatchOrder:
        """The order of the samples at the cursor."""
        return self._run.order

    @property
    def layers(self) -> dict[str, Any]:
        """The layers and the loss at the cursor, by name."""
        return self._run.layers

    @property
    def blas_threads(self) -> int | None:
        """Threads of matrix products while the engine runs; None: as many as elsewhere."""
        return self._run.blas_threads

    @property
    def branches(self) -> Branches:
        """The ways that the run has taken, and the present one."""
        return self._run.branches

    @property
    def reach(self) -> int:
        """How many batches have run."""
        return self._run.reach

    @property
    def trace(self) -> Trace:
        """The events of the cursor's minibatch.

        Raises:
            NothingRecorded: it has none, since nothing of the step has a source that can be read.
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
        """What is in sight at the cursor: locals, and the attributes of `self` as `self.W`."""
        return self.trace.variables(self._event)

    def gradients(self) -> dict[str, Array]:
        """The gradients of the cursor's batch by parameter name, in arrays of the caller's own.

        Raises:
            GradientsNotReady: the backward pass of this batch has not ended at the cursor.
        """
        ready = self.trace_index.backward_end
        if ready is None or self._event < ready:
            raise GradientsNotReady(batch=self._batch, event=self._event, ready=ready)
        return {name: np.array(g) for name, g in self.network.gradients().items()}

    @property
    def trace_index(self) -> TraceIndex:
        """What the cursor's trace says as a whole."""
        trace = self.trace
        if self._trace_index is None or self._trace_index.trace is not trace:
            names = list(self.network.parameters())
            self._trace_index = TraceIndex(trace, names, self.dataset, self.samples())
        return self._trace_index

    @property
    def losses(self) -> Array:
        """(reach,) the training loss of every minibatch so far."""
        return self._run.losses.array()

    @property
    def measurements(self) -> list[Measurement]:
        """What was measured on the test set so far, in the order of the batches."""
        return self._run.measured.all()

    @property
    def error(self) -> StepFailed | None:
        """Why the cursor's batch ends with an exception, if it does and has been recorded."""
        if self._trace is None or self._trace.error is None:
            return None
        return self._failure(self._trace)

    def examined(self) -> TestPredictions | None:
        """The test set, as it was last measured at or before the cursor's batch."""
        return self._run.examined(self._batch)

    def stored_parameters(self, batch: int) -> dict[str, Array]:
        """The parameters before a batch whose state is stored, or the cursor's; read-only copies.

        The cursor and the live objects stay where they are; `history().stored` says which there
        are.

        Raises:
            NotStored: no state of that batch is stored.
        """
        owned = self.network.parameters()
        if batch != self._batch or batch in self._run.checkpoints.states:
            return parameters_in(self._run.checkpoints, batch, owned)
        homes = None if self._trace is None else self._trace.homes
        found = {
            name: array if homes is None else homes.value(name, 0) for name, array in owned.items()
        }
        return {name: read_only(array.copy()) for name, array in found.items() if array is not None}

    def history(self) -> RunHistory:
        """The run so far: losses and measurements."""
        return self._run.history()

    @property
    def held_bytes(self) -> int:
        """Bytes that stored states and the cursor's trace hold."""
        trace = 0 if self._trace is None else self._trace.nbytes
        return self._run.branches.nbytes + trace

    @property
    def notices(self) -> tuple[Worded, ...]:
        """What a person should know of this run, and no error: it has no parameters, say."""
        return self._run.notices()

    def setup(self) -> Setup:
        """What the run was set up with, as it is at the cursor."""
        return self._run.setup()

    def samples(self, batch: int | None = None) -> Array:
        """(n,) indices into the training set of a batch, the cursor's by default."""
        return self.order.indices(self._batch if batch is None else batch)

    @contextmanager
    def whole_trace(self) -> Iterator[Trace]:
        """The cursor's trace with all its arrays: a batch too big to be kept is recorded for it.

        For who looks for hits, which may lie anywhere; the cursor stays.
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
        """For work aside: the network as it was before the cursor's batch, its images and labels.

        Nobody else has these; what the layers keep is copied, too.

        Raises:
            NotCopied: a layer keeps what cannot be copied, such as an open file.
        """
        self._follow(self._event, 0)
        try:
            network = deepcopy(self.network)
        except BaseException as error:
            if not of_the_code(error):
                raise
            raise NotCopied(error) from error
        finally:
            self._follow(0, self._event)
        return (network, *self._run.minibatch(self._batch))

    # Moving ------------------------------------------------------------------------------------

    def step_into(self) -> bool:
        """To the next event."""
        return self._forward(stops.everywhere)

    def step_over(self) -> bool:
        """To the next line (from any other event: the next event) of this frame or of a caller."""
        return self._forward(stops.over)

    def step_out(self) -> bool:
        """To the next event of a caller; from the outermost frame, to event 0 of the next batch."""
        return self._forward(stops.out)

    def step_batch(self) -> bool:
        """To event 0 of the next batch."""
        return self._forward(stops.nowhere)

    def step_back_into(self) -> bool:
        """To the event before."""
        return self._backward(stops.everywhere)

    def step_back_over(self) -> bool:
        """To the previous line (from any other event: event) of this frame or of a caller."""
        return self._backward(stops.over)

    def step_back_out(self) -> bool:
        """To the caller's last event before the call; from the outermost frame to event 0."""
        if self.trace.frame(self._event).parent is None:
            return self.step_back_batch()
        return self._backward(stops.out)

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
            why = _ENDS.get(type(trace.error), "The run ends here, with an exception.")
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
        if verb is stops.over:  # from the first line, to the last line of the step before
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
        if not (trace.is_full(event) and trace.is_full(event - 1)):  # what an event has changed
            self._record_around(trace, event)
            return
        self._follow(self._event, event)
        self._event = event

    def _count_as_run(self, trace: Trace) -> None:
        if self._batch == self.reach and trace.error is None:
            self._run.losses.put(self._batch, number(trace.result))

    def _follow(self, came_from: int, event: int) -> None:
        """The live objects go along with the cursor."""
        if self._trace is not None and came_from != event:
            self._trace.history.put_back(event, came_from)

    # Between batches ---------------------------------------------------------------------------

    def _go(self, position: Position) -> None:
        """To event 0 of a batch."""
        if position.batch == self._batch and self._trace is not None:
            self._follow(self._event, 0)
            self._event = 0
            return
        with self._run.engine():
            self._stand_before(position.batch)

    def _stand_before(self, batch: int) -> None:
        """Bring the live objects and the cursor to event 0 of a batch, and let go of the trace."""
        if self._trace is not None:
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
        """Bring the live objects to the end of the trace, which stays as it is for who holds it."""
        trace = self._trace
        assert trace is not None
        self._follow(self._event, len(trace))
        self._run.leave(trace, self._batch)
        self._trace = self._trace_index = None

    def _record_around(self, trace: Trace, event: int) -> None:
        """Record the cursor's batch, too big to be kept whole, with the arrays around an event."""
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
        """Record the cursor's batch, and stand at an event of it.

        Raises:
            BatchStopped: it was stopped; the cursor is at the last event that was recorded.
            NothingRecorded: it has no event.
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
        """Record the cursor's batch, which failed or was stopped, and stand at its last event."""
        batch, stopped = self._batch, isinstance(error, BatchStopped)
        trace = self._run.record_stopped(batch) if stopped else self._run.record(batch)
        self._trace = trace
        self._event = max(len(trace) - 1, 0)
        self._follow(len(trace), self._event)
        if trace.error is not None and (stopped or not isinstance(trace.error, TooLong)):
            raise self._failure(trace) from trace.error
        if not len(trace):
            self._trace, self._event = None, 0
        elif trace.error is None:  # it failed, and does not fail again
            self._move_to(0)
        if stopped:
            raise error
        raise StepFailed(batch=batch, layer="", source="", file="", line=0, error=error) from error

    def _failure(self, trace: Trace) -> StepFailed:
        """Why a trace ends with an exception, and where."""
        error = trace.error
        assert error is not None
        event = trace[-1] if len(trace) else None
        place = (event.layer, event.source, event.file, event.line) if event else ("", "", "", 0)
        if isinstance(error, TooLong):
            return BatchTooLong(self._batch, *place, error, events=len(trace))
        kind = BatchStopped if isinstance(error, StopInIt) else StepFailed
        return kind(self._batch, *place, error)


_VERBS: Mapping[Verb, Callable[[Cursor], bool]] = {
    Verb.INTO: Cursor.step_into,
    Verb.OVER: Cursor.step_over,
    Verb.OUT: Cursor.step_out,
    Verb.BATCH: Cursor.step_batch,
    Verb.BACK_INTO: Cursor.step_back_into,
    Verb.BACK_OVER: Cursor.step_back_over,
    Verb.BACK_OUT: Cursor.step_back_out,
    Verb.BACK_BATCH: Cursor.step_back_batch,
}
