"""The branches of a network's session file, rebuilt by restoring stored states and running batches.

A stored state holds the parameters and the optimizer, and not the arrays that the previous batch
left on the layers. Running one batch from a stored state gives the exact state of the next batch.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.debug.program.evaluation import Measurement
from engine.debug.session_file.branch_builder import BranchBuilder
from engine.debug.session_file.content import SessionContent
from engine.debug.session_file.fields import check_fits, check_settings, integer, real_number
from engine.debug.session_file.opening import OpeningProgress, OpeningStage
from engine.debug.travel.branches import Branch
from engine.debug.travel.edits import Edit
from engine.debug.travel.trainer import Trainer


class NetworkBranchBuilder(BranchBuilder):
    """Builds the branches of a network's session file; see `BranchBuilder`."""

    def __init__(
        self,
        content: SessionContent,
        trainer: Trainer,
        same_environment: bool,
        report: OpeningProgress,
    ) -> None:
        super().__init__(content, trainer, same_environment, report)
        self._file = content

    def _measurement(self, id: int, batch: int, accuracy: Any, loss: Any) -> Measurement:
        """The measurement before a batch of a branch."""
        content, dataset = self._file, self._file.dataset
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

    def _keep_states(self, branch: Branch, numbers: Iterable[Any]) -> None:
        """Put exact states into a branch; where batches run again, only those after edits."""
        states = self._file.states
        numbers = [] if self._content.runs_again else numbers
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

    def _check_edited(self, branch: Branch, batch: int) -> None:
        """Run batches after the edits, if the saved states are not to be trusted alone."""
        if not self._content.runs_again:
            self._run_edited(branch, batch)

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
        run, content = self._run, self._file
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
