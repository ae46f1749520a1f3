"""A run of training in which one can stand at any moment.

A session is a cursor (see `cursor`) that can train and stop at breakpoints, ask who wrote what, go
other ways from a moment, and be saved.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.dataset import Dataset
from engine.debug.bookmarks import Bookmarks
from engine.debug.breakpoints.breakpoints import Breakpoints, LastHit, Logged
from engine.debug.breakpoints.place import Place
from engine.debug.breakpoints.shelf import BreakpointRecords
from engine.debug.events import Position
from engine.debug.queries.compare import Comparison, compare
from engine.debug.queries.last_write import last_change, last_write
from engine.debug.queries.next_read import next_read
from engine.debug.run_control import Stopped, continue_back, continue_forward
from engine.debug.session_file.load import Likeness, Opening, load
from engine.debug.session_file.save import pack, save
from engine.debug.snapshots.snapshot import Snapshot
from engine.debug.take_snapshot import gather
from engine.debug.travel.evaluation import Evaluation
from engine.debug.travel.trainer import MEMORY_BUDGET, RunProgress, Trainer
from engine.debug.undo import Memento
from engine.nn.network import Network
from engine.nn.optimizers import Optimizer
from engine.nn.training import train_step

Array = np.ndarray[Any, Any]


class Session(Trainer):
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

    Attributes:
        loaded: of one that was opened, how it compares with the one that was saved; else None.
        step_note: what is known of a step of the caller's own, to tell it from others; else None.

    Raises:
        BadValue: a batch size or seed that does not fit the dataset.
        BadStep: a step of which nothing could ever be recorded, such as a function of C.
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
        super().__init__(
            network, dataset, optimizer, batch_size, seed, memory_budget, blas_threads, step
        )
        self.loaded: Likeness | None = None
        self.bookmarks = Bookmarks()
        self._shelf = BreakpointRecords()

    @property
    def breakpoints(self) -> Breakpoints:
        """Where the run stops."""
        return self._shelf.breakpoints

    @property
    def last_hits(self) -> dict[int, LastHit]:
        """Where each breakpoint was hit last, by its id."""
        return self._shelf.last_hits

    @property
    def logged(self) -> list[Logged]:
        """What logpoints have noted last."""
        return self._shelf.logged

    def snapshot(self) -> Snapshot:
        """All that is true at the cursor, for whoever wants to draw it."""
        return gather(self, self._shelf, self.bookmarks)

    # Running --------------------------------------------------------------------------------------

    def continue_(
        self,
        batches: int,
        accuracy_every: int | None = None,
        progress: Callable[[RunProgress], None] | None = None,
        cancel: Callable[[], bool] | None = None,
        aside: Callable[[Evaluation], None] | None = None,
        until: Place | None = None,
        early: Collection[int] = (),
    ) -> Stopped:
        """On to the next breakpoint that hits, for as many batches at most; else as `run`.

        `until`: a place to stop at, this once, as if there were a breakpoint.

        Raises:
            StepFailed, BadValue: as `run`.
            NoSuchPlace: of `until`, as `Breakpoints.add`.
        """
        return continue_forward(
            self, self._shelf, batches, accuracy_every, progress, cancel, aside, until, early
        )

    def reverse_continue(
        self,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Stopped:
        """Back to the latest earlier hit of a breakpoint; to the start where there is none.

        `progress` is told of the batch that is looked through, every 20 ms; `cancel` is asked as
        often, and brings the cursor back to where it was.
        """
        return continue_back(self, self._shelf, progress, cancel)

    # Who wrote this -------------------------------------------------------------------------------

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
        seen: Callable[[int, float], object] | None = None,
    ) -> Position | None:
        """Back to the latest batch that changed a cell by more than a value; see `whereabouts`."""
        return last_change(self, parameter, cells, more_than, progress, cancel, seen)

    # What if --------------------------------------------------------------------------------------

    def remove_branch(self, id: int) -> None:
        """Take a branch away, with the bookmarks on it; see `Branches.remove`."""
        self.branches.remove(id)
        for one in [one for one in self.bookmarks if one.branch == id]:
            self.bookmarks.remove(one.id)

    def compare(
        self,
        a: int,
        b: int,
        progress: Callable[[int], None] | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> Comparison:
        """Two branches side by side; the cursor stays. See `compare.compare`."""
        return compare(self, a, b, progress, cancel)

    # To have it back ------------------------------------------------------------------------------

    def memento(self, origin: object = None) -> Memento:
        """All that a person can change, as it is now."""
        return Memento(
            self, origin, tuple(self.breakpoints), tuple(self.bookmarks), tuple(self.branches),
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

    def save(self, path: str | os.PathLike[str], extra: dict[str, Any] | None = None) -> Path:
        """Write the session to a file that `load` goes on from; return its absolute path.

        `extra` is JSON of the caller's own.

        Raises:
            SessionNotWritten: the system refuses. A file that was there before is unchanged.
        """
        return save(Path(path), *self.pack(extra))

    def pack(
        self, extra: dict[str, Any] | None = None, in_batch: bool = False
    ) -> tuple[dict[str, Any], dict[str, Array]]:
        """The document and the arrays of the file that `save` writes; see `saving.pack`."""
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
        """Open a session that was saved, where its cursor was.

        `loaded` of what is returned says whether it is bit for bit the one that was saved.

        Args:
            path: the file.
            step: of a session with a step of your own, that one.
            network: of a session with layers or an optimizer of your own, as it was before the
                first batch.
            optimizer: of such a session, likewise.
            dataset: where the file cannot name it.

        Raises:
            SessionNotRead: it cannot be opened; StepNotGiven or StepDiffers where that is for its
                step.
        """
        return open_session(Path(path), network, dataset, optimizer, step).session


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A session that was opened, and what was given to `save` beside it."""

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
    """Open a session with progress, and with what was saved beside it; see `loading.load`."""
    found = load(path, Session, network, dataset, optimizer, step, progress, cancel)
    session = found.trainer
    session.breakpoints.restore(found.breakpoints)
    session.bookmarks.restore(found.bookmarks)
    session.loaded = found.likeness
    return Opened(session, found.extra)
