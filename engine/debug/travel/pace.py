"""How a search over batches reports its progress and is cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

ProgressCallback = Callable[[int], None] | None
CancelCallback = Callable[[], bool] | None
CHUNK = 200  # batches that a backward search runs at a time
REPORT_SECONDS = 0.02


@dataclass(eq=False)
class Pace:
    """Reports the progress of a search and asks whether to cancel it, at most every 20 ms."""

    progress: ProgressCallback
    cancel: CancelCallback
    due: float = 0.0
    called_off: bool = False

    def stops(self, batch: int) -> bool:
        """Report the batch being searched, and return whether the search was cancelled."""
        if perf_counter() < self.due:
            return False
        self.due = perf_counter() + REPORT_SECONDS
        if self.progress is not None:
            self.progress(batch)
        self.called_off = self.cancel is not None and self.cancel()
        return self.called_off


def pace_of(progress: ProgressCallback, cancel: CancelCallback) -> Pace:
    """The pace of a search that reports nothing in its first 20 ms."""
    return Pace(progress, cancel, perf_counter() + REPORT_SECONDS)
