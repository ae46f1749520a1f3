"""The branches of a session file, built again by running their batches.

The run is rebuilt from its first batch, edit by edit. What a file has besides depends on the
program: see `rebuild` for a network, and `step_rebuild` for any step.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from engine.debug.breakpoints.files import MOST
from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.memory.state import State
from engine.debug.names import checked_name
from engine.debug.program.evaluation import Measurement
from engine.debug.session_file.fields import integer, position_of
from engine.debug.session_file.opening import OpeningProgress, OpeningStage
from engine.debug.travel.branches import LONGEST_NOTE, Branch
from engine.debug.travel.checkpoints import Checkpoints
from engine.debug.travel.edits import Edit, edit_from_json
from engine.debug.travel.trainer import Trainer
from engine.errors import SessionNotRead, clipped
from engine.own_code import of_the_code

Array = np.ndarray[Any, Any]
ROUND_OFF = 0.01  # the largest relative difference of a loss that counts as round-off


class FileContent(Protocol):
    """What a builder asks of a session file and of the objects that were given to open it."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def arrays(self) -> dict[str, Array]:
        """Its arrays."""

    @property
    def is_old(self) -> bool:
        """Whether the file has version 1, which is laxer."""

    @property
    def runs_again(self) -> bool:
        """Whether batches run again because no file has all that they depend on."""

    def different_run(self, difference: str) -> Exception:
        """The error of a run that differs from the saved run."""


class BranchBuilder(ABC):
    """Builds the branches of a session file.

    Args:
        content: the file.
        trainer: at its first batch; its live objects move while branches are built.
        same_environment: whether losses must agree, up to round-off, in every batch.
        report: receives the batches that run again.

    Attributes:
        exact: whether every batch that ran again gave its saved loss bit for bit.
    """

    def __init__(
        self,
        content: FileContent,
        trainer: Trainer,
        same_environment: bool,
        report: OpeningProgress,
    ) -> None:
        self.exact = True
        self._content, self._trainer, self._run = content, trainer, trainer._run
        self._same_environment, self._report = same_environment, report
        # The exact states made so far, by batch and by the edits up to it.
        self._made: dict[tuple[tuple[tuple[int, Edit], ...], int], State] = {
            ((), 0): trainer.first_state
        }

    def branch(self, row: dict[str, Any]) -> Branch:
        """Build a branch: apply its edits to the states before them, and keep stored states."""
        run = self._run
        branch = self._empty_branch(row)
        parts = dict(row.get("measured_parts", ()))
        for at, accuracy, loss in row["measured"]:
            batch = integer(at, "batch", 0, branch.reach)
            found = self._measurement(branch.id, batch, accuracy, loss)
            if at in parts:  # only a part of the test set was measured, without predictions
                images = integer(parts[at], "number of test images", 1)
                found = replace(found, predictions=None, images=images)
            branch.measured.put(found)
        branch.checkpoints.keep(self._made[(), 0])
        run.branches.current = branch  # while the branch is built
        run.live = None
        with run.engine():
            self._keep_states(branch, row["states"])
        return branch

    @abstractmethod
    def _keep_states(self, branch: Branch, numbers: Iterable[Any]) -> None:
        """Put exact states into a branch, in the order of their batches."""

    @abstractmethod
    def _measurement(self, id: int, batch: int, accuracy: Any, loss: Any) -> Measurement:
        """The measurement before a batch of a branch."""

    def arrive(self, batch: int) -> None:
        """Bring the live objects before a batch, running again every batch since a stored state.

        Raises:
            SessionNotRead: a batch fails.
            OpeningCancelled: as `OpeningProgress.tell`.
        """
        run = self._run
        state = run.checkpoints.before(batch)
        near = run.live is not None and state.batch <= run.live <= batch
        first = run.live if near and run.live is not None else state.batch
        for reached in range(first, batch + 1):
            self._report.tell(OpeningStage.RUNNING, reached, batch)
            if self._content.runs_again and reached > first:  # the losses are the only evidence
                self._run_from(run.branch, reached - 1, strictly=self._same_environment)
            with self._running(reached - 1):
                run.arrive(reached)
            self._arrived(reached)

    def _arrived(self, batch: int) -> None:  # noqa: B027 (nothing to do by default)
        """The live objects have come to a batch on the way of `arrive`."""

    def _empty_branch(self, row: dict[str, Any]) -> Branch:
        """A branch with its losses, edits and position, and without states or measurements."""
        run, content = self._run, self._content
        id = integer(row["id"], "number of a branch")
        losses = content.arrays[f"branch{id}.losses"]
        if losses.ndim != 1 or losses.dtype != np.float64:
            raise ValueError("its losses are no list of numbers")
        reach = len(losses)
        batch = integer(row["batch"], "batch of a branch", 0, MOST if content.is_old else reach)
        branch = Branch(
            id, checked_name(row["name"]), Checkpoints(run.branches.budget),
            FrozenParameters(run.program.epoch_length),
            None if row["parent"] is None else integer(row["parent"], "parent of a branch"),
            # Version 1 kept the larger number if the branch was cut off before its first batch.
            min(batch, reach),
            tuple(
                (integer(at, "batch of an edit", 0, reach), edit_from_json(data))
                for at, data in row["edits"]
            ),
            str(row["note"])[:LONGEST_NOTE],
        )  # fmt: skip
        if [at for at, _ in branch.edits] != sorted(at for at, _ in branch.edits):
            raise ValueError("its edits are not in the order of their batches")
        for at, loss in enumerate(losses.tolist()):
            branch.losses.put(at, loss)
        branch.position = position_of(row["position"])
        if branch.position.batch > reach:
            raise ValueError("its branch goes further than it has run")
        return branch

    @contextmanager
    def _running(self, batch: int) -> Iterator[None]:
        """Raises SessionNotRead for whatever a layer or the caller's own step raises."""
        try:
            yield
        except BaseException as error:
            if not of_the_code(error):
                raise
            reason = f"batch {batch} failed: {type(error).__name__}: {error}"
            reason = f"its run does not go as it went: {clipped(reason)}"
            raise SessionNotRead(self._content.path, reason) from error

    def _run_from(self, branch: Branch, batch: int, strictly: bool = True) -> None:
        """Run the batch before which the live objects are, and compare its loss with the saved one.

        In another environment round-off grows from batch to batch, so that after many batches a
        loss may be far off. If not `strictly`, the losses only have to be both finite or neither.

        Raises:
            SessionNotRead: the batch fails, or the caller's own layers or optimizer give a loss
                that differs by far more than round-off.
            StepDiffers: likewise, for a step of the caller's own.
            ValueError: the loss differs without any such code: the file is damaged.
        """
        run = self._run
        run.live = batch
        saved = float(branch.losses.array()[batch])
        with self._running(batch):
            loss = run.program.loss_of(run.step_plainly(batch))
        run.live = batch + 1
        if np.isnan(saved) and np.isnan(loss):
            return
        if np.float64(saved).tobytes() != np.float64(loss).tobytes():
            self.exact = False
            off = abs(loss - saved) > ROUND_OFF * max(abs(saved), 1e-3)
            if isfinite(saved) != isfinite(loss) or (off and strictly):
                difference = f"batch {batch} has the loss {loss:g}, and had {saved:g}"
                raise self._content.different_run(difference)

    def _edited_state(
        self, branch: Branch, past: tuple[tuple[int, Edit], ...], batch: int
    ) -> State:
        """The state before a batch after its edits, the last of `past`."""
        run = self._run
        known = self._made.get((past, batch))
        if known is None:
            self.arrive(batch)
            for at, edit in past:
                if at == batch:
                    edit.apply(run.program.live, run)
            known = self._made[past, batch] = run.state(batch)
            self._check_edited(branch, batch)
        return known

    def _check_edited(self, branch: Branch, batch: int) -> None:  # noqa: B027 (none by default)
        """Check that the edits of a batch are those that were made; the live objects have them."""
