"""How a run reports its progress, and how other code can end it after a batch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from engine.debug.travel.pace import REPORT_SECONDS


@dataclass(frozen=True, slots=True)
class RunProgress:
    """The progress of a run.

    Attributes:
        done, total: batches of this run.
        loss: the loss of its latest batch.
        batch: the next batch to train, counted from the start of the training.
    """

    done: int
    total: int
    loss: float
    batch: int


class RunObserver(Protocol):
    """Is called before and after each batch of a run, and may end the run."""

    def before(self, batch: int) -> None:
        """A batch is about to run."""

    def note(self, batch: int, loss: float) -> None:
        """A batch has run; edits of the next batch are not applied yet."""

    @property
    def stops(self) -> bool:
        """Whether the run ends after the latest batch."""


class ProgressReport:
    """Calls `progress` and asks `cancel`, at most every 20 ms."""

    def __init__(
        self,
        total: int,
        progress: Callable[[RunProgress], None] | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self._total, self._progress, self._cancel = total, progress, cancel
        self._is_attended = progress is not None or cancel is not None
        self._due = perf_counter()
        self._reported = 0  # batches, at the last call of `progress`

    @property
    def is_due(self) -> bool:
        """Whether 20 ms have passed since the last report, and anyone receives reports."""
        return self._is_attended and perf_counter() >= self._due

    def is_cancelled(self, done: int, loss: float, batch: int) -> bool:
        """Report the progress, and return whether the run is to end."""
        if done:
            self._report(done, loss, batch)
        cancelled = self._cancel is not None and self._cancel()
        self._due = perf_counter() + REPORT_SECONDS
        return cancelled

    def finish(self, done: int, loss: float, batch: int) -> None:
        """Report the end of the run, unless its last batch was reported."""
        if self._reported < done:
            self._report(done, loss, batch)

    def _report(self, done: int, loss: float, batch: int) -> None:
        if self._progress is not None:
            self._progress(RunProgress(done, self._total, loss, batch))
            self._reported = done
