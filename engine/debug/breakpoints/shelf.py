"""The breakpoints of a session, where each was hit last, and what logpoints have noted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.debug.breakpoints.breakpoints import Breakpoints, LastHit, Logged

LOGGED = 1000  # messages that are kept


class BreakpointRecords:
    """Breakpoints with what has come of them.

    Attributes:
        breakpoints: those that were set.
        last_hits: by the id of a breakpoint.
        logged: what logpoints have noted last, at most `LOGGED` of it.
    """

    def __init__(self) -> None:
        self.breakpoints = Breakpoints()
        self.last_hits: dict[int, LastHit] = {}
        self.logged: list[Logged] = []

    def note_logged(self, logged: Sequence[Logged]) -> None:
        """Add messages; the oldest beyond `LOGGED` are dropped."""
        self.logged = [*self.logged, *logged][-LOGGED:]

    def current_hits(self) -> Iterator[tuple[int, LastHit]]:
        """The last hits by id, without those from before the breakpoint was changed."""
        for one in self.breakpoints:
            hit = self.last_hits.get(one.id)
            if hit is not None and replace(hit.of, enabled=one.enabled) == one:
                yield one.id, hit
