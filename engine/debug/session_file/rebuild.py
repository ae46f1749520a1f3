"""The branches of a session file, rebuilt by restoring stored states and running batches again.

The run is rebuilt from its first batch, edit by edit. A stored state holds the parameters and the
optimizer, and not the arrays that the previous batch left on the layers. Running one batch from a
stored state gives the exact state of the next batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import isfinite
from typing import Any

import numpy as np

from engine.debug.breakpoints.files import MOST
from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.memory.state import State
from engine.debug.names import checked_name
from engine.debug.session_file.content import SessionContent
from engine.debug.session_file.fields import (
    check_fits,
    check_settings,
    integer,
    position_of,
    real_number,
)
from engine.debug.session_file.opening import OpeningProgress, OpeningStage
from engine.debug.travel.branches import LONGEST_NOTE, Branch
from engine.debug.travel.checkpoints import Checkpoints
from engine.debug.travel.edits import Edit, edit_from_json
from engine.debug.travel.evaluation import Measurement
from engine.debug.travel.trainer import Trainer
from engine.errors import SessionNotRead, clipped
from engine.own_code import of_the_code

ROUND_OFF = 0.01  # the largest relative difference of a loss that counts as round-off


class BranchBuilder:
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
        content: SessionContent,
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
        run, content = self._run, self._content
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
            self._keep_states(branch, [] if content.runs_again else row["states"])
        return branch

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

    def _measurement(self, id: int, batch: int, accuracy: Any, loss: Any) -> Measurement:
        """The measurement before a batch of a branch."""
        content, dataset = self._content, self._content.dataset
        test, predictions = dataset.test, content.arrays.get(f"branch{id}.predictions{batch}")
        share = real_number(accuracy, "accuracy", content.is_old)
        if not 0 <= share <= 1:
            raise ValueError(f"its accuracy is {share}")
        if predictions is not None:
            # Classes are numbered below the number of outputs, which is an axis of a parameter.
            parameters = self._trainer.parameters().values()
            outputs = max([dataset.classes, *(size for a in parameters for size in a.shape)])
            count = 0 if test is None else len(test)
            if predictions.shape != (count,) or predictions.dtype.kind != "u":
                raise ValueError(f"its predictions are {predictions.dtype} {predictions.shape}")
            if predictions.max(initial=0) >= outputs:
                raise ValueError(f"its predictions have class {predictions.max()}")
        return Measurement(batch, share, real_number(loss, "loss", content.is_old), predictions)

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

    def _keep_states(self, branch: Branch, numbers: Iterable[Any]) -> None:
        """Put the exact states into a branch, in the order of their batches."""
        states = self._content.states
        stored = {}
        for each in numbers:
            index = integer(each, "number of a state", 0, len(states) - 1)
            stored[integer(states[index]["batch"], "batch of a state")] = index
        edited = {batch for batch, _ in branch.edits}
        for batch in sorted({*stored, *edited}):
            past = tuple(edit for edit in branch.edits if edit[0] < batch)
            if batch in edited:
                past = tuple(edit for edit in branch.edits if edit[0] <= batch)
                branch.checkpoints.pin(self._edited_state(branch, past, batch))
                self._run.live = None
            if batch in stored and batch < branch.reach:
                self._keep_after(branch, past, batch, stored[batch])

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
            if not self._content.runs_again:
                self._run_edited(branch, batch)
        return known

    def _run_edited(self, branch: Branch, batch: int) -> None:
        """Run the batches after an edit in which it shows, and compare their losses.

        Values and units show in the loss of the edit's own batch. The settings of the optimizer
        show one batch later, and a seed shows in batches from the dataset, not in drawn samples.
        """
        run = self._run
        later = [at for at, _ in branch.edits if at > batch]
        end, shown = min([*later, branch.reach]), 0
        while batch < end and shown < 2:
            self._run_from(branch, batch)
            order = run.program.order
            shown += order is None or batch not in order.drawn
            batch += 1

    def _keep_after(
        self, branch: Branch, past: tuple[tuple[int, Edit], ...], batch: int, number: int
    ) -> None:
        """Keep the exact state one batch after a stored state."""
        if (batch + 1) in branch.checkpoints.states or any(b == batch + 1 for b, _ in branch.edits):
            return
        run, content = self._run, self._content
        known = self._made.get((past, batch + 1))
        if known is None:
            self._report.tell(OpeningStage.RUNNING, batch, branch.reach)
            # Restores the objects of that time: an earlier edit may have replaced some.
            before = branch.checkpoints.before(batch)
            before.restore()
            run.live = None
            for name, array in run.program.parameters().items():
                stored = content.arrays[f"state{number}.parameters.{name}"]
                check_fits(name, stored, array)
                array[...] = stored
            since = batch - before.batch
            check_settings(run.program.optimizer, content.states[number]["optimizer"], since)
            content.put_optimizer(run.program.optimizer, number, run.program.network)
            self._run_from(branch, batch)
            known = self._made[past, batch + 1] = run.state(batch + 1)
        branch.checkpoints.keep(known)
        run.live = None
