"""The breakpoints of a session with their last hits and the messages of logpoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.debug.breakpoints.breakpoints import Breakpoints, LastHit, Logged

LOGGED = 1000  # messages that are kept


class BreakpointRecords:
    """Breakpoints with their last hits and messages.

    Attributes:
        breakpoints: all that are set.
        last_hits: by the id of a breakpoint.
        logged: the latest messages of logpoints, at most `LOGGED`.
    """

    def __init__(self) -> None:
        self.breakpoints = Breakpoints()
        self.last_hits: dict[int, LastHit] = {}
        self.logged: list[Logged] = []

    def note_logged(self, logged: Sequence[Logged]) -> None:
        """Add messages; only the latest `LOGGED` are kept."""
        self.logged = [*self.logged, *logged][-LOGGED:]

    def current_hits(self) -> Iterator[tuple[int, LastHit]]:
        """The last hits by id, except those of breakpoints that were changed since."""
        for breakpoint in self.breakpoints:
            hit = self.last_hits.get(breakpoint.id)
            if hit is not None and replace(hit.of, enabled=breakpoint.enabled) == breakpoint:
                yield breakpoint.id, hit
