"""A session: training that can be stopped, inspected and continued at any moment.

A session is a `Trainer` with breakpoints, bookmarks, provenance queries, undo and session files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from engine.data.dataset import Dataset
from engine.data.order import BatchOrder
from engine.debug.bookmarks import Bookmarks
from engine.debug.breakpoints.breakpoints import Breakpoints, LastHit, Logged
from engine.debug.breakpoints.place import Place
from engine.debug.breakpoints.records import BreakpointRecords
from engine.debug.events import Position
from engine.debug.program.evaluation import Evaluation
from engine.debug.program.live_objects import LiveObjects
from engine.debug.program.network_program import NetworkProgram
from engine.debug.program.program import Program
from engine.debug.program.step_program import StepProgram
from engine.debug.queries.compare import Comparison, compare
from engine.debug.queries.last_write import last_change, last_write
from engine.debug.queries.next_read import next_read
from engine.debug.run_control import Stopped, continue_back, continue_forward
from engine.debug.session_file.load import load
from engine.debug.session_file.opening import Likeness, Opening
from engine.debug.session_file.save import pack, save
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.take_snapshot import take_snapshot
from engine.debug.travel.examine import examine
from engine.debug.travel.facet_view import Facets
from engine.debug.travel.goal import TestAccuracy
from engine.debug.travel.observers import RunProgress
from engine.debug.travel.probe import LossProbe, loss_place, note_what_was_before, what_it_made
from engine.debug.travel.trainer import MEMORY_BUDGET, Trainer
from engine.debug.undo import Memento
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer
from engine.nn.training import train_step

Array = np.ndarray[Any, Any]


class Session(Trainer):
    """The training of `network` on `dataset`, stepped through in both directions.

    Args:
        network: has `layers`, `loss`, `forward(x, t)`, `backward()`, `predict(x)`, `parameters()`
            and `gradients()`.
        dataset: the source of the minibatches.
        optimizer: has `update(parameters, gradients)`; `lr` where its learning rate can be set.
        batch_size: samples in a minibatch.
        seed: of the order of the samples.
        memory_budget: bytes for stored states and traces together.
        blas_threads: threads of matrix products while the engine runs; the last bits of results
            depend on it. None leaves the process's own setting.
        step: the outermost function, `step(network, optimizer, x, t) -> loss`.

    A session belongs to one thread at a time.

    Attributes:
        loaded: how a session opened from a file compares with the saved session; else None.
        step_note: what identifies a step of the caller's own; None for the default step.

    Raises:
        BadValue: the batch size or the seed does not fit the dataset.
        BadStep: the step can never be recorded, such as a function written in C.
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
        live = LiveObjects(network, optimizer, BatchOrder(len(dataset), batch_size, seed))
        self._begin(NetworkProgram(live, dataset, step), memory_budget, blas_threads)

    def _begin(self, program: Program, memory_budget: int, blas_threads: int | None) -> None:
        """Begin the session of a program."""
        super().__init__(program, memory_budget, blas_threads)
        self.loaded: Likeness | None = None
        self.bookmarks = Bookmarks()
        self._breakpoint_records = BreakpointRecords()

    @classmethod
    def from_step(
        cls,
        step: Callable[..., Any],
        memory_budget: int = MEMORY_BUDGET,
        blas_threads: int | None = 1,
    ) -> Session:
        """A session of any step, and of all that it reaches.

        Args:
            step: a function, method or callable object that runs one minibatch. It takes nothing,
                or the number of the batch; what it returns is the loss where that is a number.
            memory_budget: bytes for stored states and traces together.
            blas_threads: threads of matrix products while the engine runs; None: unchanged.

        Raises:
            BadStep: the step can never be recorded, or requires more than one argument.
        """
        session = cls.__new__(cls)
        program = StepProgram(step)
        session._begin(program, memory_budget, blas_threads)
        examine(session._run, program)
        return session

    @property
    def network(self) -> Network:
        """The network; None in a session of any other step."""
        return cast(Network, self.program.network)

    @property
    def dataset(self) -> Dataset:
        """The source of the minibatches; None in a session of any other step."""
        return cast(Dataset, self.program.dataset)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer at the cursor; None in a session of any other step."""
        return cast(Optimizer, self.program.optimizer)

    @property
    def order(self) -> BatchOrder:
        """The order of the samples at the cursor; None in a session of any other step."""
        return cast(BatchOrder, self.program.order)

    @property
    def facets(self) -> Facets:
        """What is known of the program: parameters, gradients, passes, the loss and more."""
        return Facets(self)

    @property
    def batches_run(self) -> int:
        """The number of batches that have run."""
        return self.reach

    @property
    def breakpoints(self) -> Breakpoints:
        """The places where the run stops."""
        return self._breakpoint_records.breakpoints

    @property
    def last_hits(self) -> dict[int, LastHit]:
        """The last hit of each breakpoint, by its id."""
        return self._breakpoint_records.last_hits

    @property
    def logged(self) -> list[Logged]:
        """The latest messages of logpoints."""
        return self._breakpoint_records.logged

    def snapshot(self) -> Snapshot:
        """The complete state at the cursor, immutable, for drawing."""
        return take_snapshot(self, self._breakpoint_records, self.bookmarks)

    def continue_(
        self,
        batches: int,
        accuracy_every: int | None = None,
        progress: Callable[[RunProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        aside: Callable[[Evaluation], None] | None = None,
        until: Place | TestAccuracy | None = None,
        early: Collection[int] = (),
        settle: Callable[[], bool] | None = None,
    ) -> Stopped:
        """Run to the next breakpoint that hits, or for `batches` batches; otherwise as `run`.

        `until` is a place to stop at in this run only, like a temporary breakpoint; or a goal: the
        run stops at the first batch before which the test set was measured to reach it, and has
        gone on to the next measured batch meanwhile. A run with a goal and `aside` needs `settle`,
        which waits until each job has been passed to `note`, and returns whether all will have.

        Raises:
            StepFailed, BadValue: as `run`; BadValue: a goal, and no test set.
            NoSuchPlace: `until` does not exist, as in `Breakpoints.add`.
        """
        return continue_forward(
            self, self._breakpoint_records, batches, accuracy_every, progress, cancel, aside,
            until, early, settle,
        )  # fmt: skip

    def reverse_continue(
        self,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Stopped:
        """Go back to the latest earlier hit of a breakpoint; without one, to the start.

        `progress` receives the batch being searched, every 20 ms. `cancel` is asked as often; True
        returns the cursor to where it was.
        """
        return continue_back(self, self._breakpoint_records, progress, cancel)

    def last_write(
        self,
        name: str,
        cells: str = "",
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Position | None:
        """The last write of a variable, or of cells of it; see `queries.last_write`."""
        return last_write(self, name, cells, progress, cancel)

    def next_read(
        self,
        name: str,
        cells: str = "",
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Position | None:
        """The next read of a variable after the cursor; see `queries.next_read`."""
        return next_read(self, name, cells, progress, cancel)

    def last_change(
        self,
        parameter: str,
        cells: str = "",
        more_than: float = 0.0,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        seen: Callable[[int, float], object] | None = None,
    ) -> Position | None:
        """Go back to the latest batch that changed a cell by more than `more_than`.

        See `queries.last_write.last_change`.
        """
        return last_change(self, parameter, cells, more_than, progress, cancel, seen)

    def probe(self) -> LossProbe:
        """The loss of the cursor's batch as a function of the parameters before it.

        The cursor goes to event 0; `put_back` brings it back.

        Raises:
            NoLoss: no loss is known.
        """
        event, program = self._event, self.program
        with self.whole_trace() as trace, self._run.engine():
            ends_at, end = loss_place(program, trace), len(trace)
            self._follow(self._event, end)
            try:
                made = what_it_made(program, trace)
                self._follow(end, 0)
                end = 0
                note_what_was_before(made, self._run, self._batch, trace)
            finally:
                self._follow(end, self._event)
        with self._run.engine():
            self._stand_before(self._batch)
        return LossProbe(self._run, self._batch, ends_at, made, lambda: self._move_to(event))

    def remove_branch(self, id: int) -> None:
        """Remove a branch and the bookmarks on it; see `Branches.remove`."""
        self.branches.remove(id)
        for bookmark in [each for each in self.bookmarks if each.branch == id]:
            self.bookmarks.remove(bookmark.id)

    def compare(
        self,
        a: int,
        b: int,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Comparison:
        """Compare two branches; the cursor stays. See `queries.compare`."""
        return compare(self, a, b, progress, cancel)

    def memento(self, origin: object = None) -> Memento:
        """Everything that a user can change, as it is now."""
        return Memento(
            self, origin, tuple(self.breakpoints), tuple(self.bookmarks), tuple(self.branches),
            self.branches.current.id, self.program.input_gradient, self.facets.declared,
            self.position,
        )  # fmt: skip

    def restore(self, memento: Memento) -> None:
        """Restore a memento of this session; the cursor moves only if its branch changes."""
        if tuple(self.breakpoints) != memento.breakpoints:
            self.breakpoints.restore(memento.breakpoints)
        self.bookmarks.restore(memento.bookmarks)
        wanted = memento.input_gradient
        if wanted is not None and wanted != self.program.input_gradient:
            self.set_input_gradient(wanted)
        declared = self.facets.declared
        if declared != memento.declared:
            self.facets.declare(**{**dict.fromkeys(declared, ""), **memento.declared})
        wanted_branch = next(one for one in memento.branches if one.id == memento.branch)
        moves = wanted_branch.checkpoints is not self._run.branch.checkpoints
        if moves:
            self._leave_branch()
        self.branches.restore(memento.branches, memento.branch)
        if moves:
            self._run.live = None
            self._stand_at(memento.position)

    def release_memory(self) -> None:
        """Release all memory that `restore` does not need."""
        self._leave_branch()
        self.branches.release_memory()

    def save(self, path: str | os.PathLike[str], extra: dict[str, Any] | None = None) -> Path:
        """Write the session to a file that `load` can open; return its absolute path.

        `extra` is a JSON object of the caller's own.

        Raises:
            SessionNotWritten: the system refuses. An existing file is unchanged.
        """
        return save(Path(path), *self.pack(extra))

    def pack(
        self, extra: dict[str, Any] | None = None, in_batch: bool = False
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """The document and the arrays of the file that `save` writes; see `session_file.save`."""
        return pack(self, self.breakpoints, self.bookmarks, extra, in_batch)

    @staticmethod
    def load(
        path: str | os.PathLike[str],
        *,
        step: Callable[..., Any] | None = None,
        network: Network | None = None,
        dataset: Dataset | None = None,
        optimizer: Optimizer | None = None,
    ) -> Session:
        """Open a saved session with its cursor where it was.

        `loaded` of the new session says whether it equals the saved session bit for bit.

        Args:
            path: the file.
            step: your own step, where the session was trained with one; of a session that
                `from_step` has begun, the step as it was before its first batch.
            network: your own network as it was before the first batch, where the session has
                layers or an optimizer of your own.
            optimizer: your own optimizer, likewise.
            dataset: your own dataset, where the file cannot name it.

        Raises:
            SessionNotRead: the file cannot be opened.
            StepNotGiven, StepDiffers: kinds of `SessionNotRead`: `step` is missing, or another one.
        """
        return open_session(Path(path), network, dataset, optimizer, step).session


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A session opened from a file, with the `extra` that was given to `save`."""

    session: Session
    extra: dict[str, Any]


def open_session(
    path: Path,
    network: Network | None = None,
    dataset: Dataset | None = None,
    optimizer: Optimizer | None = None,
    step: Callable[..., Any] | None = None,
    progress: Callable[[Opening], None] | None = None,
    cancel: Callable[[], bool] | None = None,
) -> Opened:
    """Open a session and its `extra`, reporting progress; see `session_file.load`."""
    loaded = load(
        path, Session, Session.from_step, network, dataset, optimizer, step, progress, cancel
    )
    session = loaded.trainer
    session.breakpoints.restore(loaded.breakpoints)
    session.bookmarks.restore(loaded.bookmarks)
    session.loaded = loaded.likeness
    return Opened(session, loaded.extra)
