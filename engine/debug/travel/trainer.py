"""The cursor of a run that can be trained: at full speed, again from an earlier batch, another way.

It knows nothing of breakpoints. Whoever wants a run to end in the middle hands in a `Watching`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import count
from time import perf_counter
from typing import Any, Protocol

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.breakpoints.hit_counts import HitCounts
from engine.debug.events import Position
from engine.debug.memory.contents import has
from engine.debug.memory.state import State
from engine.debug.names import LONGEST, checked_name
from engine.debug.record.interruption import (
    CodePlace,
    Interruption,
    StopInIt,
    of_the_code,
    place_of,
)
from engine.debug.snapshots.snapshot import Identity
from engine.debug.travel.branches import Branch
from engine.debug.travel.cursor import Cursor
from engine.debug.travel.edits import Edit, SetLearningRate
from engine.debug.travel.evaluation import Evaluation, Measurement
from engine.debug.travel.own_step import StepNote, note_of
from engine.debug.travel.pace import REPORT_SECONDS
from engine.debug.travel.rig import LiveObjects
from engine.debug.travel.run import Run
from engine.errors import BadValue, BatchStopped, MeasurementFailed, NotReached
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer
from engine.nn.training import train_step

MEMORY_BUDGET = 128 * 2**20
EARLY_IMAGES = 2000  # of the test set, where a part is to do: a fifth of the time, within 0.5 %
_numbers = count(1)  # of trainers


@dataclass(frozen=True, slots=True)
class RunProgress:
    """How far a run is.

    Attributes:
        done, total: batches of this run.
        loss: of the last one.
        batch: the one before which the training is now, counted from its beginning.
    """

    done: int
    total: int
    loss: float
    batch: int


class Watching(Protocol):
    """What is told of a run batch by batch, and may end it."""

    def before(self, batch: int) -> None:
        """A batch is about to run."""

    def note(self, batch: int, loss: float) -> None:
        """A batch has run, and no edit has changed yet what it has made."""

    @property
    def stops(self) -> bool:
        """Whether the run is to end after the batch that ran last."""


class Trainer(Cursor):
    """A cursor that trains.

    Attributes:
        memory_budget: bytes for stored states and traces together.
        first_layers, first_seed: the layers and the seed as they were before any edit.
        step_note: what is known of a step of the caller's own, to tell it from others; else None.
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
        """See `Session`, which has the same arguments."""
        rig = LiveObjects(network, optimizer, BatchOrder(len(dataset), batch_size, seed))
        super().__init__(Run(rig, dataset, memory_budget, blas_threads, step), dataset)
        self.memory_budget = memory_budget
        # As they were before any edit.
        self.first_layers, self.first_seed = tuple(getattr(network, "layers", ())), seed
        self._number = next(_numbers)
        self.step_note: StepNote | None = note_of(step) if step is not train_step else None

    @property
    def identity(self) -> Identity:
        """Which session this is, and which of its ways it is on: what answers are good for."""
        return Identity(self._number, self._run.branch.future)

    @property
    def first_state(self) -> State:
        """All that the live objects were before the first batch and any edit."""
        return self._run.first_state

    @property
    def interruption(self) -> Interruption:
        """Stops a batch that does not come back: `session.interruption.stop()`, on any thread.

        What the batch has changed is taken back. Where the session was asked for raises
        `BatchStopped`.
        """
        return self._run.interruption

    @property
    def counts(self) -> HitCounts:
        """How often breakpoints were hit on the present branch."""
        return self._run.branch.counts

    @property
    def unchanged(self) -> FrozenParameters:
        """What the epochs of the present branch have left as it was."""
        return self._run.branch.unchanged

    def run(
        self,
        batches: int,
        accuracy_every: int | None = None,
        progress: Callable[[RunProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        aside: Callable[[Evaluation], None] | None = None,
        watch: Watching | None = None,
        early: Collection[int] = (),
    ) -> int:
        """Train at full speed from the start of the cursor's batch; the cursor ends at (b + n, 0).

        Args:
            batches: how many.
            accuracy_every: measure the test set before every batch whose number it divides.
            progress: called after the first batch to end in each 20 ms, and at the end.
            cancel: asked at the start and as often; True ends the run between two batches.
            aside: takes each measurement as a job, to be run on another thread and given to `note`;
                without it the run itself measures.
            watch: is told before each batch, and after it whether to end the run there.
            early: measure a part of the test set before these batches, too.

        Returns:
            how many batches were run: fewer than asked for when cancelled, or ended by `watch`.

        Raises:
            StepFailed: a layer raised; the cursor is at the exception, the last event of its batch.
            BatchStopped: see `interruption`; the cursor is at the last event that was recorded.
            BadValue: `batches` is negative, or `accuracy_every` is not positive.
        """
        if batches < 0:
            raise BadValue("number of batches", batches, "0 or more")
        if accuracy_every is not None and accuracy_every < 1:
            raise BadValue("accuracy_every", accuracy_every, "1 or more")
        done = told = 0
        loss, due, run = 0.0, perf_counter(), self._run
        attended = progress is not None or cancel is not None
        with run.engine():
            self._stand_before(self._batch)
            while done < batches:
                if attended and perf_counter() >= due:
                    with run.host():
                        if progress is not None and done:
                            progress(RunProgress(done, batches, loss, self._batch))
                            told = done
                        if cancel is not None and cancel():
                            break
                    due = perf_counter() + REPORT_SECONDS
                if accuracy_every and self._batch % accuracy_every == 0:
                    self._measure_on_the_way(aside)
                elif self._batch in early:
                    self._measure_on_the_way(aside, EARLY_IMAGES)
                if watch is not None:
                    watch.before(self._batch)
                try:
                    loss = run.train(self._batch)
                except BaseException as error:
                    if not of_the_code(error):
                        raise
                    self._stop_at_exception(error)
                self._go_on(None if watch is None else watch.note, loss)
                done += 1
                if watch is not None and watch.stops:
                    break
            if progress is not None and told < done:
                with run.host():
                    progress(RunProgress(done, batches, loss, self._batch))
            if accuracy_every and done == batches and self._batch % accuracy_every == 0:
                run.measure(self._batch, aside)
        return done

    def unchanged_through(self, batch: int) -> frozenset[str]:
        """The parameters that no batch of its epoch up to and with this one has changed.

        Where that is not known the epoch is run again on the plain code, until each has changed;
        the cursor stays, and its batch is recorded anew.
        """
        if self.unchanged.through(batch) is None:
            event = self._event
            with self._run.engine():
                self._stand_before(self._batch)
                try:
                    self.unchanged.look(batch, self._run, self.network.parameters)
                finally:
                    self._run.arrive(self._batch)
            self._move_to(event)
        return self.unchanged.through(batch) or frozenset()

    def train_again(self, batch: int, then: Callable[[int, float], None] | None = None) -> None:
        """Run a batch that the live objects are before. For who counts hits.

        `then` is told the batch and its loss before an edit changes what the batch has made.
        """
        self._batch = batch
        with self._run.engine():
            try:
                loss = self._run.train(batch)
            except BatchStopped as error:
                self._stop_at_exception(error)
            self._go_on(then, loss)

    def _go_on(self, then: Callable[[int, float], None] | None, loss: float) -> None:
        """The cursor's batch has run: tell of it, and stand before the next one."""
        try:
            if then is not None:
                then(self._batch, loss)
        finally:
            self._batch += 1
            self._run.come_to(self._batch)

    def measure(self) -> Measurement | None:
        """Measure the test set with the parameters before the cursor's batch; None without one."""
        if self.dataset.test is None:
            return None
        event = self._event
        with self._run.engine():
            self._stand_before(self._batch)
        try:
            with self._run.engine():
                self._run.measure(self._batch)
        finally:
            self._move_to(event)
        return self._run.measured[self._batch]

    def evaluation(self) -> Evaluation | None:
        """A measurement before the cursor's batch, for any thread to make and then to be noted.

        None without a test set, or where the network cannot be copied safely; then use `measure`.
        """
        event = self._event
        with self._run.engine():
            self._stand_before(self._batch)
        job = self._run.evaluation(self._batch)
        self._move_to(event)
        return job

    def note(self, job: Evaluation, measurement: Measurement) -> bool:
        """Add what an examination made aside found; False: the run has gone another way since."""
        return self._run.note(job, measurement)

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the cursor's batch on; what has run after it is cut off.

        The cursor goes to event 0 of its batch.

        Raises:
            BadValue: not a finite number above 0, or the optimizer has no `lr`.
        """
        self._go_another_way(self._run.branch.id, [SetLearningRate(rate)])

    def set_input_gradient(self, wanted: bool) -> None:
        """Have the gradient by the input computed, or not; no other number depends on it.

        The cursor stays at its event, or at the last one where its batch has fewer now.

        Raises:
            BadValue: the network has no `input_gradient`.
        """
        if not has(self.network, "input_gradient"):
            kind = type(self.network).__name__
            raise BadValue("input gradient", wanted, f"a network with one, which {kind} has not")
        event = self._event
        with self._run.engine():
            self._run.set_input_gradient(wanted)
            self._stand_before(self._batch)
        if event:
            self._move_to(min(event, len(self.trace) - 1))

    def _measure_on_the_way(
        self, aside: Callable[[Evaluation], None] | None, part: int | None = None
    ) -> None:
        """Measure the test set; where that fails as the step would, the step is what is told of."""
        try:
            self._run.measure(self._batch, aside, part)
        except MeasurementFailed as error:
            stop = error.error
            if isinstance(stop, StopInIt):
                place = place_of(stop) or CodePlace("", 0, "")
                raise BatchStopped(self._batch, "", "", place.file, place.line, stop) from error
            trace = self._trace = self._run.record(self._batch)
            failed = trace.error is not None
            self._event = max(len(trace) - 1, 0) if failed else 0
            self._follow(len(trace), self._event)
            if failed:
                raise self._failure(trace) from trace.error
            raise

    def edit(self, *edits: Edit, name: str = "", note: str = "") -> Branch:
        """Change something before the cursor's batch, and go on from there on a new branch.

        The present branch stays as it is. The cursor stays at its event, or at the last one where
        its batch has fewer now.

        Raises:
            BadValue: an edit cannot be made, or the name is taken; all is as it was.
        """
        branches, event = self.branches, self._event
        wanted = name or branches.free_name(", ".join(map(str, edits)) or "branch")
        if any(one.name == wanted for one in branches):
            raise BadValue("name", wanted, "one that no other branch has")
        wanted = checked_name(wanted[:LONGEST])
        left = self.position
        came_from = branches.current
        self._go_another_way(branches.new_id(), edits, came_from.id, wanted, note)
        came_from.position = left
        if event:
            self._move_to(min(event, len(self.trace) - 1))
        return branches.current

    def fork(self, name: str = "", note: str = "") -> Branch:
        """A new branch from the cursor's batch on, with nothing changed yet."""
        return self.edit(name=name, note=note)

    def switch(self, branch: int) -> None:
        """Go over to another branch, to where the cursor was left there.

        Raises:
            NoSuchBranch: there is none of that number.
        """
        position = self.branches[branch].position
        if branch == self.branches.current.id:
            return
        self._leave_branch()
        self._run.use(branch)
        self._stand_at(position)

    def visit(self, position: Position, branch: int) -> None:
        """To a moment of a branch: over to that one, unless it is a moment of this one, too.

        Raises:
            NoSuchBranch, NotReached: it is not there; the cursor is where it was.
        """
        if self.branches.has(branch, position.batch):
            self.goto(*position)
            return
        home = self.branches.current.id
        self.switch(branch)
        try:
            self.goto(*position)
        except NotReached:
            self.switch(home)
            raise

    def _leave_branch(self) -> None:
        self.branches.current.position = self.position
        if self._trace is not None:
            with self._run.engine():
                self._leave_trace()

    def _stand_at(self, position: Position) -> None:
        """Come from another branch to a position, or as near to it as this one has."""
        with self._run.engine():
            self._stand_before(min(position.batch, self.reach))
        if position.event and position.batch < self.reach:
            self._move_to(min(position.event, len(self.trace) - 1))

    def _go_another_way(
        self, id: int, edits: Sequence[Edit], parent: int | None = None, name: str = "",
        note: str = "",
    ) -> None:  # fmt: skip
        """From event 0 of the cursor's batch on, along the branch `id`, new or cut off there."""
        with self._run.engine():
            self._stand_before(self._batch)
            fresh = self._run.branch.until(self._batch, tuple(edits))
            if parent is not None:
                fresh = replace(
                    fresh, id=id, parent=parent, name=name, note=note, batch=self._batch
                )
            self._run.go_another_way(fresh, edits)
