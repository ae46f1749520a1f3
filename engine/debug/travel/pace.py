"""How a search over batches reports its progress, and asks whether to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

Progress = Callable[[int], None] | None
Cancel = Callable[[], bool] | None
CHUNK = 200  # batches that are searched at a time, going back
REPORT_SECONDS = 0.02


@dataclass(eq=False)
class Pace:
    """Reports the batch that is searched, and asks whether to cancel, every 20 ms."""

    progress: Progress
    cancel: Cancel
    due: float = 0.0
    called_off: bool = False

    def stops(self, batch: int) -> bool:
        """Whether the search was cancelled; `batch` is the one that is searched now."""
        if perf_counter() < self.due:
            return False
        self.due = perf_counter() + REPORT_SECONDS
        if self.progress is not None:
            self.progress(batch)
        self.called_off = self.cancel is not None and self.cancel()
        return self.called_off


def pace_of(progress: Progress, cancel: Cancel) -> Pace:
    """The pace of a search; a search of less than 20 ms reports nothing."""
    return Pace(progress, cancel, perf_counter() + REPORT_SECONDS)
