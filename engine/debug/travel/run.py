"""Training with live objects, batch by batch, and the way back to any earlier batch.

A run knows batches, not events. To reach an earlier batch bit for bit, it restores the nearest
stored state before that batch and runs the plain code from there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from copy import deepcopy
from itertools import pairwise, zip_longest
from time import perf_counter
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.debug.memory.buffers import read_only
from engine.debug.memory.contents import answer_of, look_up
from engine.debug.memory.drawn_minibatch import drawn_before
from engine.debug.memory.parameter_places import ParameterPlaces
from engine.debug.memory.pool import MemoryPool
from engine.debug.memory.random_states import global_states, put_global_states
from engine.debug.memory.state import State
from engine.debug.record.interruption import (
    CodePlace,
    Interruption,
    StopInIt,
    TooLong,
    arrived_in_hook,
    noted_ctrl_c,
    of_the_code,
    place_of,
)
from engine.debug.record.notices import (
    check_step,
    name_of,
    notices_of_network,
    notices_of_states,
    notices_of_step,
)
from engine.debug.record.recorder import MOST_EVENTS, Recorder
from engine.debug.record.trace import Trace
from engine.debug.snapshots.snapshot import RunHistory, Setup, TestPredictions
from engine.debug.travel.branches import Branch, Branches
from engine.debug.travel.checkpoints import Checkpoints
from engine.debug.travel.edits import Edit
from engine.debug.travel.evaluation import Evaluation, Measurement, loss_value
from engine.debug.travel.live_objects import LiveObjects
from engine.debug.travel.losses import Losses
from engine.debug.travel.measurements import Measurements
from engine.errors import BatchStopped, MeasurementFailed, NothingRecorded, Worded
from engine.nn.optimizers import Optimizer

Array = np.ndarray[Any, Any]
_SHARE_OF_STATES = 0.8  # of the memory budget; the rest is for traces
# A batch that was stopped is recorded for as long as it had run, within bounds.
_LEAST_SECONDS, _MOST_SECONDS, _EVENTS_OF_STOPPED = 2.0, 10.0, 100_000


class Run:
    """The live objects, and their way through the batches of a branch.

    The arguments are those of `Session`. Whatever touches the live objects is called within
    `engine()`.

    Attributes:
        live_objects: the live objects.
        branches: all branches of the run; `branch` is the present one.
        live: the batch that the live objects are before; None while they are within a trace, on
            another branch, or half-way through an interrupted batch.
        replayed: the last batch that `arrive` has run or reached.
        interruption: stops the code that runs, from another thread.
    """

    def __init__(
        self,
        live_objects: LiveObjects,
        dataset: Dataset,
        memory_budget: int,
        blas_threads: int | None,
        step: Callable[..., Any],
    ) -> None:
        self.live_objects = live_objects
        self.network = live_objects.network
        self.dataset = dataset
        self.dtype = _dtype_of(live_objects.network)
        self.live: int | None = 0
        self.replayed = 0
        self.interruption = Interruption()
        self._ran = 0.0  # seconds, when it was stopped
        self.branches = Branches(
            int(memory_budget * _SHARE_OF_STATES),
            live_objects.order.batches_per_epoch,
        )
        self._trace_budget = memory_budget - self.branches.budget
        self._step = step
        # As somebody has set it, whatever a stored state says; None: this network has none.
        self.input_gradient: bool | None = look_up(live_objects.network, "input_gradient")
        self._random = global_states()
        self.blas_threads = blas_threads
        self._blas_pools = ThreadpoolController()
        self._memory = MemoryPool()
        self._layers: tuple[tuple[int, ...] | None, dict[str, Any]] = (None, {})
        self._recorded: tuple[tuple[Any, ...], Recorder] | None = None
        check_step(step)  # what cannot be recorded is said at once
        self._recorder()
        self._notices_of_step = notices_of_step(step)
        self.first_state = self.state(0)  # before any edit
        self.checkpoints.keep(self.first_state)

    @property
    def branch(self) -> Branch:
        """The present one."""
        return self.branches.current

    @property
    def optimizer(self) -> Optimizer:
        """The live one."""
        return self.live_objects.optimizer

    @property
    def order(self) -> BatchOrder:
        """The live one, of the samples."""
        return self.live_objects.order

    @property
    def layers(self) -> dict[str, Any]:
        """The live layers and the loss, by name."""
        key = tuple(map(id, getattr(self.network, "layers", ())))
        if self._layers[0] != key:
            self._layers = key, self.live_objects.layers
        return self._layers[1]

    @property
    def checkpoints(self) -> Checkpoints:
        """The stored states of the present branch."""
        return self.branch.checkpoints

    @property
    def losses(self) -> Losses:
        """Of the batches that have run on the present branch."""
        return self.branch.losses

    @property
    def measured(self) -> Measurements:
        """What was measured of the present branch."""
        return self.branch.measured

    @property
    def reach(self) -> int:
        """How many batches have run."""
        return len(self.losses)

    # Batches -----------------------------------------------------------------------------------

    def minibatch(self, batch: int) -> tuple[Array, Array]:
        """The images x (n, features) and labels t (n,) of a batch."""
        return self.dataset.batch(self.order.indices(batch), self.dtype)

    def arrive(self, batch: int) -> None:
        """Bring the live objects to the start of a batch."""
        self.replayed = batch
        if self.live == batch:
            self._apply_settings()
            return
        state = self.checkpoints.nearest(batch)
        if self.live is None or not state.batch <= self.live <= batch:
            state.restore()
            self.live = state.batch
        replayed = range(self.live, batch)
        self.live = None
        for earlier in replayed:
            self.replayed = earlier
            if self.checkpoints.wants_on_the_way(earlier, batch):
                self.checkpoints.keep_aside(self.state(earlier))
            self.step_plainly(earlier)
        self.replayed = batch
        self.live = batch
        self._apply_settings()

    def step_plainly(self, batch: int) -> Any:
        """Run the batch that the live objects are before, keep nothing, and return its result."""
        self._apply_settings()
        x, t = self.minibatch(batch)
        return self._stoppable(batch, self._step, self.network, self.optimizer, x, t)

    def _stoppable(self, batch: int, function: Callable[..., Any], *args: Any) -> Any:
        """Call a person's code, which can be stopped; raises BatchStopped."""
        try:
            return self.interruption.call(function, *args)
        except StopInIt as stop:
            self._ran = perf_counter() - self.interruption.since
            place = place_of(stop) or CodePlace("", 0, "")
            raise BatchStopped(batch, "", "", place.file, place.line, stop) from stop

    def _apply_settings(self) -> None:
        if self.input_gradient is not None:
            self.network.input_gradient = self.input_gradient

    def train(self, batch: int) -> float:
        """Run the batch that the live objects are before, and return its loss.

        A state is stored where one is wanted. Call `come_to` next: it applies an edit before the
        next batch. Exceptions of the step pass through.
        """
        branch = self.branches.current
        if branch.checkpoints.wants(batch):
            begin = perf_counter()
            branch.checkpoints.keep(self.state(batch))
            stored = perf_counter()
            loss = self.run_again(batch)
            branch.checkpoints.spread(stored - begin, perf_counter() - stored)
        else:
            loss = self.run_again(batch)
        branch.losses.put(batch, loss)
        return loss

    def run_again(self, batch: int) -> float:
        """Run a batch as `train` does, without storing state or loss."""
        self.live = None  # half-way, should this be interrupted
        return loss_value(self.step_plainly(batch))

    def come_to(self, batch: int) -> None:
        """Note that `batch` is next; where it was edited, restore its edited state."""
        self.live = batch
        if batch in self.checkpoints.pinned:
            self.checkpoints.states[batch].restore()

    def record_stopped(self, batch: int) -> Trace:
        """Record a stopped batch for a limited time, since it may not end now, either."""
        self.arrive(batch)  # what is run for that is not what is to be stopped
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

        Past the budget only outlines of arrays are kept, but for events in the window and those
        apart; with `whole` all are, whatever they take. After `most` events (`MOST_EVENTS` of them
        where it is None) it ends with `TooLong`.
        """
        self.arrive(batch)
        if self.checkpoints.wants(batch):
            self.checkpoints.keep(self.state(batch))
        x, t = self.minibatch(batch)
        self.live = None  # half-way, should this be interrupted
        first = answer_of(self.network.parameters, {})
        trace = self._recorder().record(
            self.network, self.optimizer, x, t,
            budget=sys.maxsize if whole else self._trace_budget // 2, window=window, apart=apart,
            most=most or MOST_EVENTS, interruption=self.interruption,
        )  # fmt: skip
        error = trace.error
        if isinstance(error, StopInIt) and not error.between and arrived_in_hook(error):
            # Half a record was made then. Once more, and to end in order where that had come to.
            trace = self.record(batch, window, apart, whole, max(len(trace), 1))
            if isinstance(trace.error, TooLong):
                trace.error = StopInIt()
            return trace
        last = answer_of(self.network.parameters, {})
        trace.parameter_places = ParameterPlaces(
            trace.history,
            self.live_objects.parts,
            first,
            last,
            len(trace),
        )
        if trace.error is None:
            try:
                loss_value(trace.result)
            except BaseException as error:  # TypeError, or whatever the object that it is raises
                if not of_the_code(error):
                    raise
                trace.error = error
        return trace

    def leave(self, trace: Trace, batch: int) -> None:
        """Seal a trace of a batch at whose end the live objects are: from here they change."""
        state = self.state(batch, copies=False)
        trace.seal(state.live_arrays(), state.live_containers())
        if trace.error is None:
            self.come_to(batch + 1)
        else:
            self.live = None

    def state(self, batch: int, copies: bool = True) -> State:
        """The state of the live objects before a batch; without copies, only the list of arrays."""
        things = (*self.live_objects.parts, *self.layers.values(), self._step, self.live_objects)
        given = drawn_before(self.dataset, self.order, batch, self.dtype) if copies else None
        return State(things, batch, copies, given, self._memory)

    def _recorder(self) -> Recorder:
        """A recorder of the live objects, made again after an edit replaced one of them."""
        parts = (self.network, self.optimizer, *self.layers.values())
        if self._recorded is None or any(
            a is not b for a, b in zip_longest(self._recorded[0], parts)
        ):
            made = Recorder(self._step, parts, self.layers)  # type: ignore[arg-type]
            self._recorded = parts, made
        return self._recorded[1]

    def nothing_recorded(self, trace: Trace, batch: int) -> NothingRecorded:
        """The error for a trace without events; the live objects go back to the batch's start."""
        self.leave(trace, batch)
        self.arrive(batch)
        return NothingRecorded(batch, name_of(self._step))

    # Settings ----------------------------------------------------------------------------------

    def set_input_gradient(self, wanted: bool) -> None:
        """Choose whether the network computes the gradient by its input, from now on."""
        self.input_gradient = wanted

    # Branches ----------------------------------------------------------------------------------

    def start_branch(self, branch: Branch, edits: Sequence[Edit]) -> None:
        """Apply the edits before the live batch, and continue on `branch`.

        Raises:
            BadValue: an edit cannot be made; all is as it was.
        """
        batch = self.live
        assert batch is not None
        try:
            for edit in edits:
                edit.apply(self.live_objects, self.units_of)
        except BaseException:  # an edit asks the layers, which may raise anything
            self.live = None
            self.arrive(batch)
            raise
        branch.checkpoints.pin(self.state(batch))
        self.branches.put(branch)

    def units_of(self, name: str) -> int:
        """How many outputs a layer has, found by running a batch up to it."""
        assert self.live is not None
        before = self.state(self.live)
        output, _ = self.minibatch(self.live)

        def forward(output: Any) -> Any:
            for there, layer in self.layers.items():
                output = layer.forward(output)
                if there == name:
                    break
            return output

        try:
            output = self._stoppable(self.live, forward, output)
        finally:
            before.restore()
        return int(output.shape[-1]) if output.ndim == 2 else 0

    def use(self, id: int) -> None:
        """Switch to another branch; the live objects are not on it yet."""
        if self.branches[id] is not self.branch:
            self.branches.use(id)
            self.live = None

    # Measuring ---------------------------------------------------------------------------------

    def evaluation(self, batch: int, part: int | None = None) -> Evaluation | None:
        """A measurement before a batch, where the live objects are, for any thread to make.

        `part`: of how many images; None: of all.

        It has a copy of the network. None without a test set, and with layers that are not ours:
        a copy may share a random generator or a class's dictionary with the network, and to draw
        from it on another thread would change the run.
        """
        ours = all(type(part).__module__.startswith("engine.nn.") for part in self.layers.values())
        if self.dataset.test is None or not ours:
            return None
        try:
            network = deepcopy(self.network)
        except BaseException as error:
            if not of_the_code(error):
                raise
            return None  # a layer may keep what cannot be copied, such as a lock or an open file
        return Evaluation(batch, self.branch.future, network, self.dataset.test, self.dtype, part)

    def note(self, job: Evaluation, measurement: Measurement) -> bool:
        """Add what an examination found; False: no branch has that moment any more."""
        found = [branch for branch in self.branches if branch.has(job.future, job.batch)]
        for branch in found:
            branch.measured.put(measurement)
        return bool(found)

    def measure(
        self, batch: int, aside: Callable[[Evaluation], None] | None = None,
        part: int | None = None,
    ) -> None:  # fmt: skip
        """Measure the test set before a batch, where the live objects are, or have it done.

        A `part` of it is left out where it was to be done aside and cannot: it is to cost the run
        no time.
        """
        job = self.evaluation(batch, part) if aside is not None else None
        if aside is not None and job is not None:
            with self.host():
                aside(job)
            return
        if self.dataset.test is None or (aside is not None and part is not None):
            return
        before = self.state(batch)
        job = Evaluation(
            batch, self.branch.future, self.network, self.dataset.test, self.dtype, part
        )
        try:
            self.measured.put(self.interruption.call(job))
        except StopInIt as stop:
            raise MeasurementFailed(batch, stop) from stop
        finally:
            before.restore()

    # What there is to show -----------------------------------------------------------------------

    def test_predictions(self, batch: int) -> TestPredictions | None:
        """The test set, as it was last measured at or before a batch."""
        test, found = self.dataset.test, self.measured.predicted_before(batch)
        if test is None or found is None or found.predictions is None:
            return None
        classes = max(self.dataset.classes, int(found.predictions.max(initial=0)) + 1)
        return TestPredictions(found.batch, test.images, test.labels, found.predictions, classes)

    def history(self) -> RunHistory:
        """The run so far: losses and measurements."""
        test_batches, accuracies, losses = self.measured.arrays()
        return RunHistory(
            losses=read_only(self.losses.array()),
            test_batches=test_batches,
            test_accuracies=accuracies,
            test_losses=losses,
            reach=self.reach,
            batches_per_epoch=self.order.batches_per_epoch,
            stored=self.checkpoints.batches,
            test_parts=self.measured.parts(),
        )

    def setup(self) -> Setup:
        """The settings of the run, read from the live objects."""
        rate = look_up(self.optimizer, "lr")
        return Setup(
            network=title_of(self.network),
            dataset=self.dataset.name,
            optimizer=type(self.optimizer).__name__,
            dtype=self.dtype,
            batch_size=self.order.batch_size,
            learning_rate=None if rate is None else float(rate),
            seed=self.order.seed,
            input_gradient=bool(look_up(self.network, "input_gradient", False)),
            test_images=0 if self.dataset.test is None else len(self.dataset.test),
        )

    def notices(self) -> tuple[Worded, ...]:
        """Notices about this run for the person."""
        largest, room = self.checkpoints.largest, self.branches.budget
        return (
            *notices_of_network(self.network),
            *self._notices_of_step,
            *notices_of_states(largest, room),
        )

    # Surroundings ------------------------------------------------------------------------------

    @contextmanager
    def host(self) -> Iterator[None]:
        """Run the caller's code within a run, and keep the run's random states."""
        inside = global_states()
        try:
            yield
        finally:
            put_global_states(inside, global_states())

    @contextmanager
    def engine(self) -> Iterator[None]:
        """Run the engine with its own global random state and number of BLAS threads."""
        outside = global_states()
        put_global_states(self._random, outside)
        try:
            with noted_ctrl_c():
                if self.blas_threads is None:
                    yield
                else:
                    with self._blas_pools.limit(limits=self.blas_threads, user_api="blas"):
                        yield
        finally:
            self._random = global_states()
            put_global_states(outside, self._random)


def _dtype_of(network: Any) -> str:
    kinds = {array.dtype for array in network.parameters().values() if array.dtype.kind == "f"}
    return str(max(kinds, key=lambda kind: kind.itemsize)) if kinds else "float32"


def title_of(network: Any) -> str:
    """`784-50-10`: inputs and outputs of the products in a network, or its class's name."""
    shapes = [a.shape for a in network.parameters().values() if a.ndim == 2]
    if shapes and all(first[1] == second[0] for first, second in pairwise(shapes)):
        return "-".join(str(n) for n in (shapes[0][0], *(shape[1] for shape in shapes)))
    return type(network).__name__
