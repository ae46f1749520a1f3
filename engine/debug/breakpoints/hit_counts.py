"""Counts the hits of each breakpoint, batch by batch."""

from __future__ import annotations

from typing import Any

from engine.debug.breakpoints.breakpoints import Breakpoint


class HitCounts:
    """The number of hits of each breakpoint before each batch, as far as the run was watched."""

    def __init__(self) -> None:
        self._of: dict[tuple[Any, ...], list[int]] = {}  # hits before each batch

    @staticmethod
    def _key(breakpoint: Breakpoint) -> tuple[Any, ...]:
        return breakpoint.place, breakpoint.condition

    def known(self, breakpoint: Breakpoint) -> int:
        """The number of batches, from the first, for which its hits are known."""
        return len(self._of.get(self._key(breakpoint), (0,))) - 1

    def put(self, breakpoint: Breakpoint, batch: int, count: int) -> None:
        """Note the hits of a batch if it is the next unknown batch; for others they are known."""
        totals = self._of.setdefault(self._key(breakpoint), [0])
        if batch == len(totals) - 1:
            totals.append(totals[-1] + count)

    def before(self, breakpoint: Breakpoint, batch: int) -> int:
        """The number of hits before a batch; the hits up to it must be known."""
        totals = self._of.get(self._key(breakpoint), (0,))
        return totals[min(batch, len(totals) - 1)]

    def until(self, batch: int) -> HitCounts:
        """A copy with only the batches before `batch`."""
        found = HitCounts()
        found._of = {key: totals[: batch + 1] for key, totals in self._of.items()}
        return found
