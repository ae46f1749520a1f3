"""A run that ends where a goal is reached: a share of the test images is right.

The test set is measured before batches a fixed number apart. While another thread measures, the run
goes on as far as the next of those batches, and waits there. So it always finds the same batch,
whichever thread is faster, and has run the same batches beyond it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.debug.program.evaluation import Evaluation
from engine.debug.snapshots.snapshot import RunHistory
from engine.debug.travel.observers import RunObserver
from engine.debug.travel.trainer import Trainer
from engine.errors import BadValue

PER_EPOCH = 6  # measurements; one of 10,000 images takes as long as 80 default batches


@dataclass(frozen=True, slots=True)
class TestAccuracy:
    """A goal of a run: this share (0..1) of the test images is right, measured on all of them."""

    __test__ = False  # pytest takes classes of this name for tests

    share: float


class AccuracyWatch:
    """Ends a run before the first batch at which the goal was measured to be reached.

    Args:
        trainer: runs; its cursor is where the run starts.
        goal: of the run.
        accuracy_every: the test set is measured before every batch whose number it divides.
        aside: receives each measurement as a job; None: the run itself measures.
        settle: waits until each job has been passed to `Trainer.note`; False: one never will be.

    Attributes:
        met: whether the goal has ended the run.
        given_up: whether a measurement is missing, so that the goal cannot be judged.

    Raises:
        BadValue: there is no test set, or the share is not within 0..1.
    """

    def __init__(
        self,
        trainer: Trainer,
        goal: TestAccuracy,
        accuracy_every: int,
        aside: Callable[[Evaluation], None] | None,
        settle: Callable[[], bool] | None,
    ) -> None:
        if not trainer.has_test_set:
            raise BadValue("until", goal, "a goal that needs no test set, since there is none")
        if not 0 <= goal.share <= 1:
            raise BadValue("share", goal.share, "from 0 to 1")
        self._trainer, self._goal, self._every = trainer, goal, accuracy_every
        self._aside, self._settle = aside, settle
        self._first = trainer.position.batch
        self._next = self._first  # the batch that runs next
        self.met = self.given_up = False

    def measure(self) -> None:
        """Measure the test set before the cursor's batch, unless it is known there."""
        batch = self._trainer.position.batch
        if batch in _whole(self._trainer.history()):
            return
        job = self._trainer.evaluation() if self._aside is not None else None
        if self._aside is not None and job is not None:
            self._aside(job)
        else:
            self._trainer.measure()

    def reached(self) -> int | None:
        """The batch before which the goal was first reached, of those measured so far."""
        if self._settle is not None and not self._settle():
            self.given_up = True
            return None
        found = _whole(self._trainer.history())
        return next(
            (
                batch
                for batch, share in sorted(found.items())
                if self._first <= batch <= self._next and share >= self._goal.share
            ),
            None,
        )

    @property
    def ended(self) -> bool:
        """Whether it has ended the run."""
        return self.met or self.given_up

    def over(self, observer: RunObserver) -> RunObserver:
        """An observer that does what another does, and ends the run for the goal, too."""
        return _Observer(self, observer)

    def note(self, batch: int) -> None:
        """A batch has run."""
        self._next = batch + 1

    @property
    def stops(self) -> bool:
        """Whether the run ends here; asked once after each batch."""
        if self._next % self._every:
            return False
        self.met = self.reached() is not None
        return self.ended


@dataclass(frozen=True, slots=True, eq=False)
class _Observer:
    goal: AccuracyWatch
    inner: RunObserver

    def before(self, batch: int) -> None:
        self.inner.before(batch)

    def note(self, batch: int, loss: float) -> None:
        self.inner.note(batch, loss)
        self.goal.note(batch)

    @property
    def stops(self) -> bool:
        return self.goal.stops or self.inner.stops


def _whole(history: RunHistory) -> dict[int, float]:
    """The accuracies that were measured on the whole test set, by batch."""
    parts = dict(history.test_parts)
    shares = zip(history.test_batches.tolist(), history.test_accuracies.tolist(), strict=True)
    return {batch: share for batch, share in shares if batch not in parts}
