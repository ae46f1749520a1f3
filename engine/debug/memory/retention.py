"""Which events of a recording keep their arrays.

As long as what is held fits the byte budget, all do. From the first event at which it does not,
only those in a window around the cursor do, and a few single events. What lies between is a faded
stretch: the one before the window is number 1, the one behind it number 2.
"""

from __future__ import annotations

import sys
from collections.abc import Set

KEPT = 0  # the number of the stretches whose events are kept in full


class Retention:
    """Says which events are kept in full, and which in outline.

    Args:
        budget: bytes of arrays and old values after which events are kept in outline.
        window: events that are kept in full whatever the budget.
        apart: single events, and calls by their call event, whose own values are kept, too.

    Attributes:
        faded_from: the first event that was not kept because of the budget; None: all were.
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
        """The faded stretch in which an event lies; `KEPT` (0) where events are kept in full."""
        if self.faded_from is None or event < self.faded_from or event in self.window:
            return KEPT
        return 1 if event < self.window.start else 2

    def end_of(self, stretch: int) -> int:
        """The first event behind a faded stretch."""
        return self.window.start if stretch == 1 else sys.maxsize

    def is_seen(self, first: int, last: int) -> bool:
        """Whether an event in [first, last) is kept in full."""
        if self.faded_from is None or first < self.faded_from:
            return True
        window = self.window
        return bool(window) and first < window.stop and last > window.start
