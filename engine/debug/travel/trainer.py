"""Training from the cursor: at full speed, again from an earlier batch, or on a new branch.

A trainer knows nothing of breakpoints. A `RunObserver` can end a run after any batch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import count

from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.breakpoints.hit_counts import HitCounts
from engine.debug.events import Position
from engine.debug.memory.state import State
from engine.debug.names import LONGEST, checked_name
from engine.debug.program.evaluation import Evaluation, Measurement
from engine.debug.program.own_step import StepNote, note_of
from engine.debug.program.program import Program
from engine.debug.record.interruption import (
    CodePlace,
    Interruption,
    StopInIt,
    of_the_code,
    place_of,
)
from engine.debug.record.step_end import ends_the_run
from engine.debug.snapshots.snapshot import Identity
from engine.debug.travel.branches import Branch
from engine.debug.travel.cursor import Cursor
from engine.debug.travel.edits import Edit, SetLearningRate
from engine.debug.travel.observers import ProgressReport, RunObserver, RunProgress
from engine.debug.travel.run import Run
from engine.errors import BadValue, BatchStopped, MeasurementFailed, NotReached
from engine.nn.training import train_step

MEMORY_BUDGET = 128 * 2**20
EARLY_IMAGES = 2000  # of the test set in an early measurement: a fifth of the time, within 0.5 %
_numbers = count(1)  # of trainers


class Trainer(Cursor):
    """A cursor that trains.

    Attributes:
        memory_budget: bytes for stored states and traces together.
        first_layers, first_seed: the layers and the seed as they were before any edit.
        step_note: what identifies a step of the caller's own; None for the default step.
        has_ended: whether the latest run was ended by the step itself.
    """

    has_ended = False

    def __init__(
        self,
        program: Program,
        memory_budget: int = MEMORY_BUDGET,
        blas_threads: int | None = 1,
    ) -> None:
        """See `Session`."""
        super().__init__(Run(program, memory_budget, blas_threads))
        self.memory_budget = memory_budget
        self.first_layers = tuple(getattr(program.network, "layers", ()))
        self.first_seed = 0 if program.order is None else program.order.seed
        self._number = next(_numbers)
        step = program.step
        self.step_note: StepNote | None = note_of(step) if step is not train_step else None

    @property
    def identity(self) -> Identity:
        """Identifies the session and its current future; an answer holds for one identity only."""
        return Identity(self._number, self._run.branch.future)

    @property
    def first_state(self) -> State:
        """The state of the live objects before the first batch and any edit."""
        return self._run.first_state

    @property
    def interruption(self) -> Interruption:
        """Stops a batch that does not return: `session.interruption.stop()`, from any thread.

        The changes of the batch are undone, and the call that ran it raises `BatchStopped`.
        """
        return self._run.interruption

    @property
    def counts(self) -> HitCounts:
        """The hit counts of breakpoints on the current branch."""
        return self._run.branch.counts

    @property
    def unchanged(self) -> FrozenParameters:
        """The parameters that the epochs of the current branch have not changed."""
        return self._run.branch.unchanged

    def run(
        self,
        batches: int,
        accuracy_every: int | None = None,
        progress: Callable[[RunProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        aside: Callable[[Evaluation], None] | None = None,
        observer: RunObserver | None = None,
        early: Collection[int] = (),
    ) -> int:
        """Train at full speed from the start of the cursor's batch; the cursor ends at (b + n, 0).

        Args:
            batches: the number of batches.
            accuracy_every: measure the test set before every batch whose number it divides.
            progress: called after a batch, at most every 20 ms, and at the end.
            cancel: asked at the start and as often; True ends the run between two batches.
            aside: receives each measurement as a job, to run on another thread and then to pass to
                `note`. Without it the run itself measures.
            observer: called before and after each batch; may end the run after a batch.
            early: batches before which a part of the test set is measured, too.

        Returns:
            the number of batches run: fewer if cancelled, ended by `observer`, or if the step
            itself has ended the run (`has_ended`): it raised StopIteration or SystemExit.

        Raises:
            StepFailed: a layer raised; the cursor is at the exception, the last event of its batch.
            BatchStopped: see `interruption`; the cursor is at the last recorded event.
            BadValue: `batches` is negative, or `accuracy_every` is not positive.
        """
        if batches < 0:
            raise BadValue("number of batches", batches, "0 or more")
        if accuracy_every is not None and accuracy_every < 1:
            raise BadValue("accuracy_every", accuracy_every, "1 or more")
        done, loss, run, self.has_ended = 0, 0.0, self._run, False
        report = ProgressReport(batches, progress, cancel)
        with run.engine():
            self._stand_before(self._batch)
            while done < batches:
                if report.is_due:
                    with run.host():
                        if report.is_cancelled(done, loss, self._batch):
                            break
                if accuracy_every and self._batch % accuracy_every == 0:
                    self._measure_during_run(aside)
                elif self._batch in early:
                    self._measure_during_run(aside, EARLY_IMAGES)
                trained = self._train_batch(observer)
                if trained is None:
                    self.has_ended = True
                    break
                loss = trained
                done += 1
                if observer is not None and observer.stops:
                    break
            with run.host():
                report.finish(done, loss, self._batch)
            if accuracy_every and done == batches and self._batch % accuracy_every == 0:
                run.measure(self._batch, aside)
        return done

    def _train_batch(self, observer: RunObserver | None) -> float | None:
        """Train the cursor's batch, move before the next batch, and return the loss.

        None: the step has ended the run. The cursor stays at event 0 of the batch.
        """
        if observer is not None:
            observer.before(self._batch)
        try:
            loss = self._run.train(self._batch)
        except BaseException as error:
            if not of_the_code(error):
                raise
            if ends_the_run(self.program.step, error):
                self._stand_before(self._batch)
                return None
            self._stop_at_exception(error)
        self._finish_batch(None if observer is None else observer.note, loss)
        return loss

    def unchanged_through(self, batch: int) -> frozenset[str]:
        """The parameters that no batch of its epoch has changed, up to and including `batch`.

        If unknown, the epoch runs again on the plain code until every parameter has changed. The
        cursor stays, and its batch is recorded again.
        """
        if self.unchanged.through(batch) is None:
            event = self._event
            with self._run.engine():
                self._stand_before(self._batch)
                try:
                    self.unchanged.look(batch, self._run, self.parameters)
                finally:
                    self._run.arrive(self._batch)
            self._move_to(event)
        return self.unchanged.through(batch) or frozenset()

    def train_again(self, batch: int, then: Callable[[int, float], None] | None = None) -> None:
        """Run the batch before which the live objects are, for searches and hit counts.

        `then` receives the batch and its loss, before edits of the next batch are applied.
        """
        self._batch = batch
        with self._run.engine():
            try:
                loss = self._run.train(batch)
            except BatchStopped as error:
                self._stop_at_exception(error)
            self._finish_batch(then, loss)

    def _finish_batch(self, then: Callable[[int, float], None] | None, loss: float) -> None:
        """Report the batch that has run, and move before the next batch."""
        try:
            if then is not None:
                then(self._batch, loss)
        finally:
            self._batch += 1
            self._run.come_to(self._batch)

    def measure(self) -> Measurement | None:
        """Measure the test set before the cursor's batch; None if there is no test set."""
        if not self.has_test_set:
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

    @property
    def has_test_set(self) -> bool:
        """Whether there is a test set, on which accuracy can be measured."""
        dataset = self.program.dataset
        return dataset is not None and dataset.test is not None

    def evaluation(self) -> Evaluation | None:
        """A measurement before the cursor's batch, to run on any thread; `note` takes its result.

        None without a test set, or if the network cannot be copied safely; then use `measure`.
        """
        event = self._event
        with self._run.engine():
            self._stand_before(self._batch)
        job = self._run.evaluation(self._batch)
        self._move_to(event)
        return job

    def note(self, job: Evaluation, measurement: Measurement) -> bool:
        """Add the result of an evaluation. False: no branch contains its moment any more."""
        return self._run.note(job, measurement)

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the cursor's batch on, and drop the later batches.

        The cursor moves to event 0 of its batch.

        Raises:
            BadValue: not a finite number above 0, or the optimizer has no `lr`.
        """
        self._start_branch(self._run.branch.id, [SetLearningRate(rate)])

    def set_input_gradient(self, wanted: bool) -> None:
        """Compute the gradient by the input, or not. No other number depends on it.

        The cursor stays at its event, or moves to the last event if its batch now has fewer.

        Raises:
            BadValue: the network has no `input_gradient`.
        """
        if self.program.input_gradient is None:
            kind = type(self.program.network or self.program.step).__name__
            raise BadValue("input gradient", wanted, f"a network with one, which {kind} has not")
        event = self._event
        with self._run.engine():
            self.program.input_gradient = wanted
            self._stand_before(self._batch)
        if event:
            self._move_to(min(event, len(self.trace) - 1))

    def _measure_during_run(
        self, aside: Callable[[Evaluation], None] | None, part: int | None = None
    ) -> None:
        """Measure the test set. If that fails as training would, raise the training error."""
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
        """Apply edits before the cursor's batch, and continue from there on a new branch.

        The old branch is unchanged. The cursor stays at its event, or moves to the last event if
        its batch now has fewer.

        Raises:
            BadValue: an edit cannot be applied, or the name is taken; nothing has changed.
        """
        branches, event = self.branches, self._event
        wanted = name or branches.free_name(", ".join(map(str, edits)) or "branch")
        if any(branch.name == wanted for branch in branches):
            raise BadValue("name", wanted, "one that no other branch has")
        wanted = checked_name(wanted[:LONGEST])
        position = self.position
        parent = branches.current
        self._start_branch(branches.new_id(), edits, parent.id, wanted, note)
        parent.position = position
        if event:
            self._move_to(min(event, len(self.trace) - 1))
        return branches.current

    def fork(self, name: str = "", note: str = "") -> Branch:
        """Start a new branch at the cursor's batch, without an edit."""
        return self.edit(name=name, note=note)

    def switch(self, branch: int) -> None:
        """Switch to another branch, to the last position of the cursor there.

        Raises:
            NoSuchBranch: no branch has this id.
        """
        position = self.branches[branch].position
        if branch == self.branches.current.id:
            return
        self._leave_branch()
        self._run.use(branch)
        self._stand_at(position)

    def visit(self, position: Position, branch: int) -> None:
        """Move to a moment of a branch; switch branches only if this branch does not contain it.

        Raises:
            NoSuchBranch, NotReached: the moment does not exist; the cursor is where it was.
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
        """Move from another branch to a position, or to the nearest one that this branch has."""
        with self._run.engine():
            self._stand_before(min(position.batch, self.reach))
        if position.event and position.batch < self.reach:
            self._move_to(min(position.event, len(self.trace) - 1))

    def _start_branch(
        self, id: int, edits: Sequence[Edit], parent: int | None = None, name: str = "",
        note: str = "",
    ) -> None:  # fmt: skip
        """Continue from event 0 of the cursor's batch on branch `id`, new or cut off there."""
        with self._run.engine():
            self._stand_before(self._batch)
            branch = self._run.branch.until(self._batch, tuple(edits))
            if parent is not None:
                branch = replace(
                    branch, id=id, parent=parent, name=name, note=note, batch=self._batch
                )
            self._run.start_branch(branch, edits)
