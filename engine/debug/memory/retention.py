"""Says which events of a recording keep their arrays.

All events do while the trace fits its byte budget. From the first event over budget, only a window
around the cursor and a few single events do. The other events form faded stretches: number 1
before the window, number 2 after it.
"""

from __future__ import annotations

import sys
from collections.abc import Set

KEPT = 0  # the number of all stretches with events kept in full


class Retention:
    """Decides which events are kept in full and which in outline.

    Args:
        budget: bytes of arrays and old values; over budget, events are kept in outline.
        window: events kept in full regardless of the budget.
        apart: single events, and calls by their call event, that keep their own values, too.

    Attributes:
        faded_from: the first event over budget; None if all events fit.
    """

    __slots__ = ("apart", "budget", "faded_from", "window")

    def __init__(
        self,
        budget: int = sys.maxsize,
        window: range = range(0),
        apart: Set[int] = frozenset(),
    ) -> None:
        self.budget = budget
        self.window = window
        self.apart = apart
        self.faded_from: int | None = None

    def stretch(self, event: int) -> int:
        """The faded stretch of an event, or `KEPT` (0) if the event is kept in full."""
        if self.faded_from is None or event < self.faded_from or event in self.window:
            return KEPT
        return 1 if event < self.window.start else 2

    def end_of(self, stretch: int) -> int:
        """The first event after a faded stretch."""
        return self.window.start if stretch == 1 else sys.maxsize

    def is_seen(self, first: int, last: int) -> bool:
        """Whether an event in [first, last) is kept in full."""
        if self.faded_from is None or first < self.faded_from:
            return True
        window = self.window
        return bool(window) and first < window.stop and last > window.start
