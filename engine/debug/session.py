"""A run of training in which one can stand at any moment.

The session owns a cursor, a `Position`. Where the cursor's batch has been recorded, stepping moves
the cursor over its trace; the live objects (the network, the optimizer) follow it, so that whatever
is asked of them is what was true at the cursor. Between batches, time travel is a stored state and
an exact replay of the plain code.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any, NoReturn

import numpy as np

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.debug import stops
from engine.debug.bookmarks import Bookmarks
from engine.debug.branches import Branch, Branches
from engine.debug.breakpoints import Breakpoints, LastHit, Logged
from engine.debug.checkpoints import parameters_in
from engine.debug.compare import Comparison, compare
from engine.debug.continuing import Stopped, Watching, continue_back, continue_forward
from engine.debug.counts import Counts
from engine.debug.edits import Edit, SetLearningRate
from engine.debug.events import Event, Kind, Position, Verb
from engine.debug.examination import Examination, Measurement, number
from engine.debug.gather import gather
from engine.debug.hits import Around
from engine.debug.layer_states import array_before
from engine.debug.memory import read_only
from engine.debug.names import LONGEST, checked_name
from engine.debug.readers import next_read
from engine.debug.rig import Rig
from engine.debug.run import Run
from engine.debug.saving import save
from engine.debug.snapshot import LOGGED, Examined, History, Setup, Snapshot
from engine.debug.state import State
from engine.debug.stops import Stops
from engine.debug.survey import Survey
from engine.debug.trace import Trace
from engine.debug.unchanged import Unchanged
from engine.debug.undoing import Memento
from engine.debug.whereabouts import last_change, last_write
from engine.errors import (
    BadValue,
    GradientsNotReady,
    MeasurementFailed,
    NotCopied,
    NotReached,
    StepFailed,
)  # fmt: skip
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer
from engine.nn.training import train_step

Array = np.ndarray[Any, Any]
MEMORY_BUDGET = 128 * 2**20
_WINDOW = 500  # events kept to either side of the cursor in a batch too big to be kept whole
REPORT_SECONDS = 0.02  # between two calls of `progress`; one costs as much as half a batch


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
        order = BatchOrder(len(dataset), batch_size, seed)
        self.network = network
        self.dataset = dataset
        self.memory_budget = memory_budget
        self.first_layers = tuple(network.layers)  # and seed: as they were before any edit
        self.first_seed = seed
        self.has_own_step = step is not train_step
        self._run = Run(Rig(network, optimizer, order), dataset, memory_budget, blas_threads, step)
        self.breakpoints = Breakpoints()
        self.bookmarks = Bookmarks()
        self.logged: list[Logged] = []  # what logpoints have noted last
        self.last_hits: dict[int, LastHit] = {}  # by breakpoint
        self._batch = 0
        self._event = 0
        self._trace: Trace | None = None  # of the cursor's batch, once somebody looks
        self._survey: Survey | None = None

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
    def branches(self) -> Branches:
        """The ways that the run has taken, and the present one."""
        return self._run.branches

    @property
    def blas_threads(self) -> int | None:
        """Threads of matrix products while the engine runs; None: as many as elsewhere."""
        return self._run.blas_threads

    @property
    def first_state(self) -> State:
        """All that the live objects were before the first batch and any edit."""
        return self._run.first_state

    @property
    def counts(self) -> Counts:
        """How often breakpoints were hit on the present branch."""
        return self._run.branch.counts

    @property
    def unchanged(self) -> Unchanged:
        """What the epochs of the present branch have left as it was."""
        return self._run.branch.unchanged

    @property
    def reach(self) -> int:
        """How many batches have run."""
        return self._run.reach

    @property
    def trace(self) -> Trace:
        """The events of the cursor's minibatch."""
        if self._trace is None:
            with self._run.engine():
                self._trace = self._run.record(self._batch)
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
            names = list(self.network.parameters())
            self._survey = Survey(trace, names, self.dataset, self.samples())
        return self._survey

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

    def examined(self) -> Examined | None:
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
        trace = self._trace
        found = {
            name: array
            if trace is None
            else array_before(trace, (*self.layers.values(), self.network), array)
            for name, array in owned.items()
        }
        return {name: read_only(array.copy()) for name, array in found.items()}

    def history(self) -> History:
        """The run so far: losses and measurements."""
        return self._run.history()

    @property
    def held_bytes(self) -> int:
        """Bytes that stored states and the cursor's trace hold."""
        trace = 0 if self._trace is None else self._trace.nbytes
        return self._run.branches.nbytes + trace

    def setup(self) -> Setup:
        """What the run was set up with, as it is at the cursor."""
        return self._run.setup()

    def snapshot(self) -> Snapshot:
        """All that is true at the cursor, for whoever wants to draw it."""
        return gather(self)

    def samples(self, batch: int | None = None) -> Array:
        """(n,) indices into the training set of a batch, the cursor's by default."""
        return self.order.indices(self._batch if batch is None else batch)

    def copy_before_batch(self) -> tuple[Network, Array, Array]:
        """For work aside: the network as it was before the cursor's batch, its images and labels.

        Nobody else has these; what the layers keep is copied, too.

        Raises:
            NotCopied: a layer keeps what cannot be copied, such as an open file.
        """
        self._follow(self._event, 0)
        try:
            network = deepcopy(self.network)
        except Exception as error:
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
        if not trace.is_full(event):
            self._record_around(event)
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

    # Running -----------------------------------------------------------------------------------

    def run(
        self,
        batches: int,
        accuracy_every: int | None = None,
        progress: Callable[[RunProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        aside: Callable[[Examination], None] | None = None,
        watch: Watching | None = None,
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

        Returns:
            how many batches were run: fewer than asked for when cancelled, or ended by `watch`.

        Raises:
            StepFailed: a layer raised; the cursor is at the exception, the last event of its batch.
            BadValue: `batches` is negative, or `accuracy_every` is not positive.
        """
        if batches < 0:
            raise BadValue("number of batches", batches, "0 or more")
        if accuracy_every is not None and accuracy_every < 1:
            raise BadValue("accuracy_every", accuracy_every, "1 or more")
        done = told = 0
        loss, due, run = 0.0, perf_counter(), self._run
        with run.engine():
            self._stand_before(self._batch)
            while done < batches:
                if perf_counter() >= due:
                    with run.host():
                        if progress is not None and done:
                            progress(RunProgress(done, batches, loss, self._batch))
                            told = done
                        if cancel is not None and cancel():
                            break
                    due = perf_counter() + REPORT_SECONDS
                if accuracy_every and self._batch % accuracy_every == 0:
                    self._measure_on_the_way(aside)
                if watch is not None:
                    watch.before(self._batch)
                try:
                    loss = run.train(self._batch)
                except Exception as error:
                    self._stop_at_exception(error)
                self._batch += 1
                done += 1
                if watch is not None and watch.ends(self._batch - 1, loss):
                    break
            if progress is not None and told < done:
                with run.host():
                    progress(RunProgress(done, batches, loss, self._batch))
            if accuracy_every and done == batches and self._batch % accuracy_every == 0:
                run.measure(self._batch, aside)
        return done

    def continue_(
        self,
        batches: int,
        accuracy_every: int | None = None,
        progress: Callable[[RunProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        aside: Callable[[Examination], None] | None = None,
    ) -> Stopped:
        """On to the next breakpoint that hits, for as many batches at most; else as `run`.

        Raises:
            StepFailed, BadValue: as `run`.
        """
        return continue_forward(self, batches, accuracy_every, progress, cancel, aside)

    def reverse_continue(
        self,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Stopped:
        """Back to the latest earlier hit of a breakpoint; to the start where there is none.

        `progress` is told of the batch that is looked through, every 20 ms; `cancel` is asked as
        often, and brings the cursor back to where it was.
        """
        return continue_back(self, progress, cancel)

    def note_logged(self, logged: Sequence[Logged]) -> None:
        """Add what logpoints have noted; the oldest beyond what a snapshot shows is let go."""
        self.logged = [*self.logged, *logged][-LOGGED:]

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
            self._trace = self._run.record(self._batch, whole=True)
            self._follow(len(self._trace), event)
        try:
            yield self._trace
        finally:
            if self._trace is not None:
                with self._run.engine():
                    self._leave_trace()
            self._event = 0
            self._move_to(event)

    def around(self) -> Around:
        """What a breakpoint can ask about the cursor's batch, besides its trace."""
        losses = self.losses
        if len(losses) == self._batch and self.trace.error is None:
            losses = np.append(losses, number(self.trace.result))
        batch = self._batch
        return Around(
            batch, self.order.batches_per_epoch, self.network, losses,
            lambda: self.unchanged_through(batch),
        )  # fmt: skip

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
                    self.unchanged.look(batch, self._run.arrive, self.network.parameters)
                finally:
                    self._run.arrive(self._batch)
            self._move_to(event)
        return self.unchanged.through(batch) or frozenset()

    def train_again(self, batch: int) -> float:
        """Run a batch that the live objects are before; return its loss. For who counts hits."""
        with self._run.engine():
            loss = self._run.train(batch)
        self._batch = batch + 1
        return loss

    def measure(self) -> Measurement | None:
        """Measure the test set with the parameters before the cursor's batch; None without one."""
        if self.dataset.test is None:
            return None
        event = self._event
        try:
            with self._run.engine():
                self._stand_before(self._batch)
                self._run.measure(self._batch)
        finally:
            self._move_to(event)
        return self._run.measured[self._batch]

    def examination(self) -> Examination | None:
        """A measurement before the cursor's batch, for any thread to make and then to be noted.

        None without a test set, or where the network cannot be copied safely; then use `measure`.
        """
        event = self._event
        with self._run.engine():
            self._stand_before(self._batch)
        job = self._run.examination(self._batch)
        self._move_to(event)
        return job

    def note(self, job: Examination, measurement: Measurement) -> bool:
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
        if not hasattr(self.network, "input_gradient"):
            kind = type(self.network).__name__
            raise BadValue("input gradient", wanted, f"a network with one, which {kind} has not")
        event = self._event
        with self._run.engine():
            self._run.set_input_gradient(wanted)
            self._stand_before(self._batch)
        if event:
            self._move_to(min(event, len(self.trace) - 1))

    # What if -----------------------------------------------------------------------------------

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

    def compare(
        self,
        a: int,
        b: int,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Comparison:
        """Two branches side by side; the cursor stays. See `compare.compare`."""
        return compare(self, a, b, progress, cancel)

    def remove_branch(self, id: int) -> None:
        """Take a branch away, with the bookmarks on it; see `Branches.remove`."""
        self.branches.remove(id)
        for one in [one for one in self.bookmarks if one.branch == id]:
            self.bookmarks.remove(one.id)

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

    def save(self, path: str | os.PathLike[str], extra: dict[str, Any] | None = None) -> Path:
        """Write the session to a file that `load` goes on from; return its absolute path.

        `extra` is JSON of the caller's own.

        Raises:
            SessionNotWritten: the system refuses. A file that was there before is unchanged.
        """
        return save(self, Path(path), extra)

    @staticmethod
    def load(
        path: str | os.PathLike[str],
        network: Network | None = None,
        dataset: Dataset | None = None,
        optimizer: Optimizer | None = None,
    ) -> Session:
        """Open a session that was saved, where its cursor was; `loading.load` tells more of it.

        Raises:
            SessionNotRead: it cannot be opened.
        """
        from engine.debug.loading import load  # which makes sessions

        return load(Path(path), network, dataset, optimizer).session

    def memento(self, options: object = None) -> Memento:
        """All that a person can change, as it is now."""
        return Memento(
            self, options, tuple(self.breakpoints), tuple(self.bookmarks), tuple(self.branches),
            self.branches.current.id, self._run.input_gradient, self.position,
        )  # fmt: skip

    def restore(self, memento: Memento) -> None:
        """Have it as it was at a memento of this session; the cursor moves only if it has to."""
        if tuple(self.breakpoints) != memento.breakpoints:
            self.breakpoints.restore(memento.breakpoints)
        self.bookmarks.restore(memento.bookmarks)
        wanted = memento.input_gradient
        if wanted is not None and wanted != self._run.input_gradient:
            self.set_input_gradient(wanted)
        before = self._run.branch
        goes = next(one for one in memento.branches if one.id == memento.branch)
        moves = goes.checkpoints is not before.checkpoints
        if moves:
            self._leave_branch()
        self.branches.restore(memento.branches, memento.branch)
        if moves:
            self._run.live = None
            self._stand_at(memento.position)

    def rest(self) -> None:
        """Hold as little as it takes to come back one day, by `restore`."""
        self._leave_branch()
        self.branches.rest()

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

    def _measure_on_the_way(self, aside: Callable[[Examination], None] | None) -> None:
        """Measure the test set; where that fails as the step would, the step is what is told of."""
        try:
            self._run.measure(self._batch, aside)
        except MeasurementFailed:
            trace = self._trace = self._run.record(self._batch)
            failed = trace.error is not None
            self._event = len(trace) - 1 if failed else 0
            self._follow(len(trace), self._event)
            if failed:
                raise self._failure(trace) from trace.error
            raise

    def _stop_at_exception(self, error: Exception) -> NoReturn:
        """Record the cursor's batch, which failed, and stand at its last event."""
        batch = self._batch
        trace = self._trace = self._run.record(batch)
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

    def last_write(
        self,
        name: str,
        cells: str = "",
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Position | None:
        """Where a name in sight, or cells of it, was written last before; see `whereabouts`."""
        return last_write(self, name, cells, progress, cancel)

    def next_read(
        self,
        name: str,
        cells: str = "",
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Position | None:
        """Where a name in sight is read next after the cursor; see `readers`."""
        return next_read(self, name, cells, progress, cancel)

    def last_change(
        self,
        parameter: str,
        cells: str = "",
        more_than: float = 0.0,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Position | None:
        """Back to the latest batch that changed a cell by more than a value; see `whereabouts`."""
        return last_change(self, parameter, cells, more_than, progress, cancel)

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
        self._run.arrive(batch)

    def _leave_trace(self) -> None:
        """Bring the live objects to the end of the trace, which stays as it is for who holds it."""
        trace = self._trace
        assert trace is not None
        self._follow(self._event, len(trace))
        self._run.leave(trace, self._batch)
        self._trace = self._survey = None

    def _record_around(self, event: int) -> None:
        """Record the cursor's batch, too big to be kept whole, with the arrays around an event."""
        window = range(max(event - _WINDOW, 0), event + _WINDOW)
        with self._run.engine():
            self._leave_trace()
            self._trace = self._run.record(self._batch, window)
        self._follow(len(self._trace), event)
        self._event = event


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
