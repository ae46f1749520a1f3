"""The branches of a session of a step, built again from stored states or by running all batches.

A stored state is put back into the objects of the step, and kept only if it then has the saved
digest and the next batch has the saved loss. Where states are missing or fail, the batches before
run again, and their losses are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from engine.debug.events import Position
from engine.debug.memory.state import State
from engine.debug.program.evaluation import Measurement
from engine.debug.record.interruption import StopInIt, of_the_code
from engine.debug.session_file.branch_builder import BranchBuilder
from engine.debug.session_file.fields import integer
from engine.debug.session_file.opening import OpeningProgress, OpeningStage
from engine.debug.session_file.picture import Picture
from engine.debug.session_file.state_changes import NotWritten, put_back
from engine.debug.session_file.step_content import StepContent, random_of
from engine.debug.travel.branches import Branch
from engine.debug.travel.edits import Edit
from engine.debug.travel.trainer import Trainer

_TRIED = 8  # batches that run again after edits where no later state is stored


class StepBranchBuilder(BranchBuilder):
    """Builds the branches of a session of a step; see `BranchBuilder`."""

    def __init__(
        self,
        content: StepContent,
        trainer: Trainer,
        same_environment: bool,
        report: OpeningProgress,
    ) -> None:
        super().__init__(content, trainer, same_environment, report)
        self._file = content
        self._repeats = content.repeats and not self._run.not_repeatable
        self._stored: dict[int, Mapping[str, Any]] = {}  # of the branch that is being built
        self._first: tuple[State, Picture, list[Any]] | None = None

    def reachable(self, position: Position) -> Position:
        """The position, or that of the nearest stored state if batches do not repeat."""
        if self._repeats:
            return position
        stored = self._run.checkpoints.before(position.batch).batch
        self.exact = self.exact and stored == position.batch and position.event == 0
        return Position(stored, 0)

    def _measurement(self, id: int, batch: int, accuracy: Any, loss: Any) -> Measurement:
        raise ValueError("it was measured on a test set, which a step has not")

    def _keep_states(self, branch: Branch, numbers: Iterable[Any]) -> None:
        """Put stored states into a branch, and those after edits."""
        rows: list[dict[str, Any]] = self._file.document["states"]
        stored = self._stored = {}
        for each in numbers:
            row = rows[integer(each, "number of a state", 0, len(rows) - 1)]
            stored[integer(row["batch"], "batch of a state", 0, branch.reach)] = row
        edited = {batch for batch, _ in branch.edits}
        if edited and not self._repeats:
            self.exact = False  # that the edits led to the states cannot be tried
        for batch in sorted({*stored, *edited}):
            past = tuple(edit for edit in branch.edits if edit[0] <= batch)
            state = self._made.get((past, batch))
            if state is None and batch in stored and not (batch in edited and self._repeats):
                state = self._put_back(branch, batch, stored[batch])
            if state is None and batch in edited:
                state = self._after_edit(branch, past, batch)
            if state is not None:
                self._made[past, batch] = state
                if batch in edited:
                    branch.checkpoints.pin(state)
                else:
                    branch.checkpoints.keep(state)
            self._run.live = None

    def _after_edit(
        self, branch: Branch, past: tuple[tuple[int, Edit], ...], batch: int
    ) -> State | None:
        """The state after the edits of a batch; None if the batches before do not repeat."""
        run = self._run
        if not self._repeats and branch.checkpoints.before(batch).batch != batch:
            return None
        run.live = None
        return self._edited_state(branch, past, batch)

    def _put_back(self, branch: Branch, batch: int, row: Mapping[str, Any]) -> State | None:
        """The live objects as a stored state has them; None if they cannot be as it says."""
        run = self._run
        self._report.tell(OpeningStage.RUNNING, batch, branch.reach)
        first = self._at_first_state()
        if first is None:
            return None
        try:
            put_back(row, first, self._file.arrays)
        except NotWritten:
            raise ValueError("a state of it changes more than numbers and texts") from None
        random_of(row["random"]).restore()
        run.live = batch
        state = run.state(batch)
        if Picture(state, self._file.step).digest != row["digest"]:
            return None
        return state if self._goes_on(branch, batch) else None

    def _at_first_state(self) -> Picture | None:
        """Bring the live objects before the first batch; None if they are not as they began."""
        if self._first is not None:
            self._run.restore(self._first[0])
            return self._first[1]
        self._run.restore(self._trainer.first_state)
        state = self._run.state(0)
        picture = Picture(state, self._file.step)
        if picture.digest != self._file.program["first"]:
            return None
        live = [node.live for node in picture.nodes]  # kept, so that they can be put back
        self._first = state, picture, live
        return picture

    def _check_edited(self, branch: Branch, batch: int) -> None:
        """Run batches after the edits, and compare their losses, and the next stored state.

        If the edits do not lead to that state, none is used, and all batches run.
        """
        if not self._repeats:
            return
        last = min([at for at, _ in branch.edits if at > batch], default=branch.reach)
        stored = min((at for at in self._stored if batch < at < last), default=None)
        self._run_on(branch, batch, min(last, batch + _TRIED) if stored is None else stored)
        if stored is None:
            return
        picture = Picture(self._run.state(stored), self._file.step)
        if picture.digest != self._stored[stored]["digest"] and self._same_environment:
            for at in [at for at in self._stored if at > batch]:
                del self._stored[at]
            self._run_on(branch, stored, last)

    def _run_on(self, branch: Branch, batch: int, end: int) -> None:
        """Run batches, and compare their losses."""
        for at in range(batch, end):
            self._report.tell(OpeningStage.RUNNING, at, branch.reach)
            self._run_from(branch, at, strictly=self._same_environment)

    def _goes_on(self, branch: Branch, batch: int) -> bool:
        """Whether the next batch gives the saved loss bit for bit, where it should."""
        run = self._run
        if batch == branch.reach or not self._repeats:
            return True
        saved = branch.losses.array()[batch]
        try:
            loss = np.float64(run.program.loss_of(run.step_plainly(batch)))
        except BaseException as error:
            if not of_the_code(error) or isinstance(error, StopInIt):
                raise
            return False
        finally:
            run.live = None
        both_unknown = np.isnan(saved) and np.isnan(loss)
        return bool(both_unknown or saved.tobytes() == loss.tobytes() or not self._same_environment)

    def _arrived(self, batch: int) -> None:
        """Keep states on the way, from which going back is quick."""
        if self._run.checkpoints.wants(batch):
            self._run.checkpoints.keep(self._run.state(batch))
