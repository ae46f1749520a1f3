"""Trains batches at full speed, and goes back by restoring a state and running again.

A run knows batches, not events. To reach an earlier batch bit for bit, it restores the nearest
stored state before that batch and runs the plain code from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.debug.memory.held_arrays import HeldArrays
from engine.debug.memory.pool import MemoryPool
from engine.debug.memory.state import State
from engine.debug.program.program import Program
from engine.debug.reach.own_modules import OwnCode
from engine.debug.reach.unknown_kinds import named
from engine.debug.record.interruption import CodePlace, Interruption, StopInIt, place_of
from engine.debug.travel.branches import Branch, Branches
from engine.debug.travel.checkpoints import Checkpoints
from engine.debug.travel.edits import Edit
from engine.debug.travel.engine_context import EngineContext
from engine.debug.travel.losses import Losses
from engine.debug.travel.measurements import Measurements
from engine.errors import BatchStopped, NoRoomForCopies, NotPutBack, NotReachable, Worded

Array = np.ndarray[Any, Any]
_SHARE_OF_STATES = 0.8  # of the memory budget; the rest is for traces


class LiveRun(EngineContext):
    """A program's live objects, and their way through the batches of a branch.

    Everything that touches the live objects is called within `engine()`.

    Attributes:
        program: what runs.
        branches: all branches of the run; `branch` is the current branch.
        unknown: the objects of a program whose state cannot be put back.
        live: the batch that the live objects are before; None while they are within a trace, on
            another branch, or half-way through an interrupted batch.
        replayed: the last batch that `arrive` has run or reached.
        interruption: stops the running code from another thread.
        not_repeatable: why batches, run again, would not be the same; "" if they would.
    """

    def __init__(
        self,
        program: Program,
        memory_budget: int,
        blas_threads: int | None,
    ) -> None:
        super().__init__(blas_threads)
        self.program = program
        self.live: int | None = 0
        self.replayed = 0
        self.interruption = Interruption()
        self.not_repeatable = ""
        self._ran = 0.0  # seconds that the stopped batch had run
        self.branches = Branches(
            int(memory_budget * _SHARE_OF_STATES),
            program.epoch_length,
        )
        self._memory = MemoryPool()
        self._own = OwnCode(program.step)
        self._held_arrays = HeldArrays()
        self.first_state = self.state(0)  # before any edit
        self.checkpoints.keep(self.first_state)
        # A network's own objects are declared, and were chosen to be put back.
        unknown = self.first_state.unknown if program.network is None else ()
        self.unknown = named(program.step, unknown)

    def notices_of_memory(self) -> tuple[Worded, ...]:
        """The notices about objects that cannot be put back, and about arrays without a copy."""
        found: list[Worded] = []
        if self.unknown:
            names = tuple(one.name for one in self.unknown)
            found.append(NotPutBack(names, tuple(one.kind for one in self.unknown)))
        if (full := self._held_arrays.no_room) is not None:
            found.append(NoRoomForCopies(full.needed, full.free))
        return tuple(found)

    @property
    def branch(self) -> Branch:
        """The current branch."""
        return self.branches.current

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

    def arrive(self, batch: int) -> None:
        """Bring the live objects to the start of a batch."""
        self.replayed = batch
        if self.live == batch:
            self.program.prepare()
            return
        state = self.checkpoints.nearest(batch)
        if self.live is None or not state.batch <= self.live <= batch:
            self._restore_nearest(batch)
        assert self.live is not None
        replayed = range(self.live, batch)
        self.live = None
        for earlier in replayed:
            self.replayed = earlier
            if self.checkpoints.wants_on_the_way(earlier, batch):
                self.checkpoints.keep_aside(self.state(earlier, thorough=False))
                self._drop_wrong()
            self.step_plainly(earlier)
        self.replayed = batch
        self.live = batch
        self.program.prepare()

    def check_reachable(self, batch: int, live: int | None) -> None:
        """Raise NotReachable if batches that do not repeat would have to run again.

        `live` is the batch before which the live objects are by then; None: within a batch.
        """
        if self.not_repeatable and live != batch:
            stored = self.checkpoints.nearest(batch).batch
            if stored != batch:
                raise NotReachable(batch, stored, self.not_repeatable)

    def is_held(self, array: Array) -> bool:
        """Whether the program itself holds an array, which no state and no trace copies."""
        return self._held_arrays.holds(array)

    def go_back(self) -> None:
        """Bring the live objects back before the first batch."""
        self.live = None
        self.arrive(0)

    def restore(self, state: State) -> None:
        """Put a state back that is right, whatever branch it is of."""
        with self._held_arrays.verified():
            state.restore()
        self.live = state.batch

    def _restore_nearest(self, batch: int) -> None:
        with self._held_arrays.verified():
            self._drop_wrong()
            state = self.checkpoints.nearest(batch)
            state.restore()
        self.live = state.batch

    def _drop_wrong(self) -> None:
        """Drop the states that hold a large array as it was not."""
        if self._held_arrays.found_wrong:
            self._held_arrays.found_wrong = False
            for branch in self.branches:
                branch.checkpoints.drop_wrong()

    def step_plainly(self, batch: int) -> Any:
        """Run the batch that the live objects are before, keep nothing, and return its result."""
        self.program.prepare()
        return self.program.run_plainly(partial(self._stoppable, batch), batch)

    def _stoppable(self, batch: int, function: Callable[..., Any], *args: Any) -> Any:
        """Call the user's code, which can be stopped; raises BatchStopped."""
        try:
            return self.interruption.call(function, *args)
        except StopInIt as stop:
            self._ran = perf_counter() - self.interruption.since
            place = place_of(stop) or CodePlace("", 0, "")
            raise BatchStopped(batch, "", "", place.file, place.line, stop) from stop

    def train(self, batch: int) -> float:
        """Run the batch that the live objects are before, and return its loss.

        A state is stored where one is wanted. Call `come_to` next: it applies an edit before the
        next batch. Exceptions of the step pass through.
        """
        branch = self.branches.current
        if branch.checkpoints.wants(batch):
            begin = perf_counter()
            branch.checkpoints.keep(self.state(batch, thorough=False))
            self._drop_wrong()
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
        return self.program.loss_of(self.step_plainly(batch))

    def come_to(self, batch: int) -> None:
        """Note that `batch` is next; where it was edited, restore its edited state."""
        self.live = batch
        if batch in self.checkpoints.pinned:
            self.checkpoints.states[batch].restore()

    def state(self, batch: int, copies: bool = True, thorough: bool = True) -> State:
        """The state of the live objects before a batch.

        Args:
            batch: the batch.
            copies: False only lists the arrays.
            thorough: False looks at large arrays only in part: a change may be found later.
        """
        if not copies:
            return State(self.program.roots, batch, copies)
        self._held_arrays.begin(batch, thorough)
        redrawn = self.program.redrawn(batch)
        given = (self._held_arrays,) if redrawn is None else (redrawn, self._held_arrays)
        return State(self.program.roots, batch, copies, given, self._memory, self._own)

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
                edit.apply(self.program.live, self)
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
        try:
            return int(self._stoppable(self.live, self.program.units_of, name, self.live))
        finally:
            before.restore()

    @property
    def dataset(self) -> Dataset | None:
        """The source of the minibatches, if it is declared."""
        return self.program.dataset

    def use(self, id: int) -> None:
        """Switch to another branch; the live objects are not on it yet."""
        if self.branches[id] is not self.branch:
            self.branches.use(id)
            self.live = None
