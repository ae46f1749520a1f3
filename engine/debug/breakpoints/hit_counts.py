"""How often each breakpoint was hit, batch by batch."""

from __future__ import annotations

from typing import Any

from engine.debug.breakpoints.breakpoints import Breakpoint


class HitCounts:
    """The number of hits of each breakpoint before each batch, as far as the run was watched."""

    def __init__(self) -> None:
        self._of: dict[tuple[Any, ...], list[int]] = {}  # of all before each batch

    @staticmethod
    def _key(one: Breakpoint) -> tuple[Any, ...]:
        return one.place, one.condition

    def known(self, one: Breakpoint) -> int:
        """For how many batches, from the first, its hits are known."""
        return len(self._of.get(self._key(one), (0,))) - 1

    def put(self, one: Breakpoint, batch: int, count: int) -> None:
        """Note the count of a batch if it is the next; a known batch has the same count."""
        totals = self._of.setdefault(self._key(one), [0])
        if batch == len(totals) - 1:
            totals.append(totals[-1] + count)

    def before(self, one: Breakpoint, batch: int) -> int:
        """How often it was hit before a batch; its hits must be known so far."""
        totals = self._of.get(self._key(one), (0,))
        return totals[min(batch, len(totals) - 1)]

    def until(self, batch: int) -> HitCounts:
        """A copy with only the batches before `batch`."""
        found = HitCounts()
        found._of = {key: totals[: batch + 1] for key, totals in self._of.items()}
        return found
