"""How often breakpoints were hit."""

from __future__ import annotations

from typing import Any

from engine.debug.breakpoints.breakpoints import Breakpoint


class HitCounts:
    """How often each breakpoint was hit in each batch, as far as the run was watched for it."""

    def __init__(self) -> None:
        self._of: dict[tuple[Any, ...], list[int]] = {}  # of all before each batch

    @staticmethod
    def _key(one: Breakpoint) -> tuple[Any, ...]:
        return one.place, one.condition

    def known(self, one: Breakpoint) -> int:
        """For how many batches from the first on it is known."""
        return len(self._of.get(self._key(one), (0,))) - 1

    def put(self, one: Breakpoint, batch: int, count: int) -> None:
        """Note a batch, if it is the next one; of one that is known the count is the same."""
        totals = self._of.setdefault(self._key(one), [0])
        if batch == len(totals) - 1:
            totals.append(totals[-1] + count)

    def before(self, one: Breakpoint, batch: int) -> int:
        """How often it was hit before a batch, up to which it is known."""
        totals = self._of.get(self._key(one), (0,))
        return totals[min(batch, len(totals) - 1)]

    def until(self, batch: int) -> HitCounts:
        """Those of the batches before one."""
        found = HitCounts()
        found._of = {key: totals[: batch + 1] for key, totals in self._of.items()}
        return found
