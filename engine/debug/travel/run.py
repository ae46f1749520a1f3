"""A run: trains batches, records one of them as a trace, and measures the test set."""

from __future__ import annotations

import sys
from collections.abc import Callable, Set
from itertools import zip_longest
from typing import Any

import numpy as np

from engine.debug.program.evaluation import Evaluation, Measurement
from engine.debug.program.program import Program
from engine.debug.reach.contents import answer_of
from engine.debug.record.interruption import StopInIt, TooLong, arrived_in_hook, of_the_code
from engine.debug.record.notices import check_step, name_of, notices_of_step
from engine.debug.record.recorder import MOST_EVENTS, Recorder
from engine.debug.record.trace import Trace
from engine.debug.travel.live_run import LiveRun
from engine.errors import MeasurementFailed, NothingRecorded

# A batch that was stopped is recorded for as long as it had run, within bounds.
_LEAST_SECONDS, _MOST_SECONDS, _EVENTS_OF_STOPPED = 2.0, 10.0, 100_000


class Run(LiveRun):
    """Live objects that also record a batch and measure the test set.

    Attributes:
        notices_of_step: notices about the step for the user.
    """

    def __init__(
        self,
        program: Program,
        memory_budget: int,
        blas_threads: int | None,
    ) -> None:
        check_step(program.step)  # a step that cannot be recorded is refused at once
        super().__init__(program, memory_budget, blas_threads)
        self._trace_budget = memory_budget - self.branches.budget
        self._recorded: tuple[tuple[Any, ...], Recorder] | None = None
        self._recorder()
        self.notices_of_step = notices_of_step(program.step)

    # Recording ---------------------------------------------------------------------------------

    def record_stopped(self, batch: int) -> Trace:
        """Record a stopped batch for a limited time, since it may not end now, either."""
        self.arrive(batch)  # outside of the time limit
        with self.interruption.within(min(max(self._ran, _LEAST_SECONDS), _MOST_SECONDS)):
            trace = self.record(batch, most=_EVENTS_OF_STOPPED)
        if isinstance(trace.error, TooLong):
            trace.error = StopInIt()
        return trace

    def record(
        self,
        batch: int,
        window: range = range(0),
        apart: Set[int] = frozenset(),
        whole: bool = False,
        most: int | None = None,
    ) -> Trace:
        """Record a batch; the live objects are before it, and then after it.

        Over budget, only outlines of arrays are kept, except for events in `window` and `apart`;
        with `whole`, all arrays are kept. The recording ends with `TooLong` after `most` events
        (None: `MOST_EVENTS`).
        """
        self.arrive(batch)
        if self.checkpoints.wants(batch) or self._must_keep(batch):
            self.checkpoints.keep(self.state(batch))
        arguments = self.program.arguments(batch)
        self.live = None  # half-way, should this be interrupted
        first = answer_of(self.program.parameters, {})
        trace = self._recorder().record(
            *arguments,
            budget=sys.maxsize if whole else self._trace_budget // 2, window=window, apart=apart,
            most=most or MOST_EVENTS, interruption=self.interruption,
        )  # fmt: skip
        error = trace.error
        if isinstance(error, StopInIt) and not error.between and arrived_in_hook(error):
            # The stop came while a hook was writing. Record again, and end at the same event.
            trace = self.record(batch, window, apart, whole, max(len(trace), 1))
            if isinstance(trace.error, TooLong):
                trace.error = StopInIt()
            return trace
        if (phases := self.program.phases_in(trace)) is not None and len(trace):
            trace.set_phases(phases)
            self.program.note_layers(trace)
        trace.parameter_places = self.program.places(trace, first)
        if trace.error is None:
            try:
                trace.loss = self.program.loss_in(trace)
            except BaseException as error:  # a TypeError, or anything that the object raises
                if not of_the_code(error):
                    raise
                trace.error = error
        return trace

    def _must_keep(self, batch: int) -> bool:
        """Whether a state is needed to go back to this batch, since it does not repeat."""
        return bool(self.not_repeatable) and batch not in self.checkpoints.states

    def leave(self, trace: Trace, batch: int) -> None:
        """Seal the trace of a batch: from its end, where they are, the live objects may change."""
        state = self.state(batch, copies=False)
        arrays = [array for array in state.live_arrays() if not self._stays(array, trace)]
        trace.seal(arrays, state.live_containers())
        if trace.error is None:
            self.come_to(batch + 1)
        else:
            self.live = None

    def _stays(self, array: np.ndarray[Any, Any], trace: Trace) -> bool:
        """Whether a large array needs no copy, since neither the trace nor the run writes to it."""
        held = self._held_arrays
        if held.holds(array) and trace.history.has_written(array):
            held.note_written(array)
        return held.holds(array)

    def _recorder(self) -> Recorder:
        """A recorder of the live objects, made again after an edit replaced one of them."""
        parts, layers = self.program.parts, self.program.layers
        if self._recorded is None or any(
            a is not b for a, b in zip_longest(self._recorded[0], parts)
        ):
            made = Recorder(self.program.step, parts, layers)  # type: ignore[arg-type]
            self._recorded = parts, made
        recorder = self._recorded[1]
        recorder.layers = dict(layers)  # of any step, they are known only after its first batches
        return recorder

    def nothing_recorded(self, trace: Trace, batch: int) -> NothingRecorded:
        """The error for a trace without events; the live objects go back to the batch's start."""
        self.leave(trace, batch)
        self.arrive(batch)
        return NothingRecorded(batch, name_of(self.program.step))

    # Measuring ---------------------------------------------------------------------------------

    def evaluation(self, batch: int, part: int | None = None) -> Evaluation | None:
        """A measurement before the live batch, as a job that any thread can run, or None.

        Args:
            batch: the live batch.
            part: the number of test images; None: all.
        """
        return self.program.evaluation(batch, self.branch.future, part, aside=True)

    def note(self, job: Evaluation, measurement: Measurement) -> bool:
        """Add the result of a job; False: no branch has that moment any more."""
        found = [branch for branch in self.branches if branch.has(job.future, job.batch)]
        for branch in found:
            branch.measured.put(measurement)
        return bool(found)

    def measure(
        self, batch: int, aside: Callable[[Evaluation], None] | None = None,
        part: int | None = None,
    ) -> None:  # fmt: skip
        """Measure the test set before the live batch, or pass the job to `aside`.

        A measurement of a `part` is skipped if `aside` cannot do it, since it must cost the run no
        time.
        """
        job = self.evaluation(batch, part) if aside is not None else None
        if aside is not None and job is not None:
            with self.host():
                aside(job)
            return
        job = self.program.evaluation(batch, self.branch.future, part, aside=False)
        if job is None or (aside is not None and part is not None):
            return
        before = self.state(batch)
        try:
            self.measured.put(self.interruption.call(job))
        except StopInIt as stop:
            raise MeasurementFailed(batch, stop) from stop
        finally:
            before.restore()
