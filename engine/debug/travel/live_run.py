"""Trains batches at full speed, and goes back by restoring a state and running again.

A run knows batches, not events. To reach an earlier batch bit for bit, it restores the nearest
stored state before that batch and runs the plain code from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder, minibatch_of
from engine.debug.memory.contents import look_up
from engine.debug.memory.minibatch_reference import reference_before
from engine.debug.memory.pool import MemoryPool
from engine.debug.memory.state import State
from engine.debug.record.interruption import CodePlace, Interruption, StopInIt, place_of
from engine.debug.travel.branches import Branch, Branches
from engine.debug.travel.checkpoints import Checkpoints
from engine.debug.travel.edits import Edit
from engine.debug.travel.engine_context import EngineContext
from engine.debug.travel.evaluation import loss_value
from engine.debug.travel.live_objects import LiveObjects
from engine.debug.travel.losses import Losses
from engine.debug.travel.measurements import Measurements
from engine.errors import BatchStopped
from engine.nn.optimizers import Optimizer

Array = np.ndarray[Any, Any]
_SHARE_OF_STATES = 0.8  # of the memory budget; the rest is for traces


class LiveRun(EngineContext):
    """The live objects, and their way through the batches of a branch.

    The arguments are those of `Session`. Everything that touches the live objects is called within
    `engine()`.

    Attributes:
        live_objects: the live objects.
        branches: all branches of the run; `branch` is the current branch.
        live: the batch that the live objects are before; None while they are within a trace, on
            another branch, or half-way through an interrupted batch.
        replayed: the last batch that `arrive` has run or reached.
        interruption: stops the running code from another thread.
        input_gradient: whether the network computes the gradient by its input; None if it cannot.
    """

    def __init__(
        self,
        live_objects: LiveObjects,
        dataset: Dataset,
        memory_budget: int,
        blas_threads: int | None,
        step: Callable[..., Any],
    ) -> None:
        super().__init__(blas_threads)
        self.live_objects = live_objects
        self.network = live_objects.network
        self.dataset = dataset
        self.dtype = _dtype_of(live_objects.network)
        self.live: int | None = 0
        self.replayed = 0
        self.interruption = Interruption()
        self._ran = 0.0  # seconds that the stopped batch had run
        self.branches = Branches(
            int(memory_budget * _SHARE_OF_STATES),
            live_objects.order.batches_per_epoch,
        )
        self._step = step
        # The caller's setting, which stored states do not change; None: this network has none.
        self.input_gradient: bool | None = look_up(live_objects.network, "input_gradient")
        self._memory = MemoryPool()
        self._layers: tuple[tuple[int, ...] | None, dict[str, Any]] = (None, {})
        self.first_state = self.state(0)  # before any edit
        self.checkpoints.keep(self.first_state)

    @property
    def branch(self) -> Branch:
        """The current branch."""
        return self.branches.current

    @property
    def optimizer(self) -> Optimizer:
        """The live optimizer."""
        return self.live_objects.optimizer

    @property
    def order(self) -> BatchOrder:
        """The live order of the samples."""
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
        """The stored states of the current branch."""
        return self.branch.checkpoints

    @property
    def losses(self) -> Losses:
        """The losses of the batches that have run on the current branch."""
        return self.branch.losses

    @property
    def measured(self) -> Measurements:
        """The measurements of the test set on the current branch."""
        return self.branch.measured

    @property
    def reach(self) -> int:
        """The number of batches that have run."""
        return len(self.losses)

    # Batches -----------------------------------------------------------------------------------

    def minibatch(self, batch: int) -> tuple[Array, Array]:
        """The images x (n, features) and labels t (n,) of a batch."""
        return minibatch_of(self.dataset, self.order, batch, self.dtype)

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
        """Call the user's code, which can be stopped; raises BatchStopped."""
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

    def state(self, batch: int, copies: bool = True) -> State:
        """The state of the live objects before a batch; without copies, only the list of arrays."""
        objects = (*self.live_objects.parts, *self.layers.values(), self._step, self.live_objects)
        redrawn = reference_before(self.dataset, self.order, batch, self.dtype) if copies else None
        return State(objects, batch, copies, redrawn, self._memory)

    # Branches ----------------------------------------------------------------------------------

    def start_branch(self, branch: Branch, edits: Sequence[Edit]) -> None:
        """Apply the edits before the live batch, and continue on `branch`.

        Raises:
            BadValue: an edit cannot be applied; nothing has changed.
        """
        batch = self.live
        assert batch is not None
        try:
            for edit in edits:
                edit.apply(self.live_objects, self)
        except BaseException:  # an edit asks the layers, which may raise anything
            self.live = None
            self.arrive(batch)
            raise
        branch.checkpoints.pin(self.state(batch))
        self.branches.put(branch)

    def units_of(self, name: str) -> int:
        """The number of outputs of a layer, found by running a batch up to it."""
        assert self.live is not None
        before = self.state(self.live)
        output, _ = self.minibatch(self.live)

        def forward(output: Any) -> Any:
            for layer_name, layer in self.layers.items():
                output = layer.forward(output)
                if layer_name == name:
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


def _dtype_of(network: Any) -> str:
    kinds = {array.dtype for array in network.parameters().values() if array.dtype.kind == "f"}
    return str(max(kinds, key=lambda kind: kind.itemsize)) if kinds else "float32"
