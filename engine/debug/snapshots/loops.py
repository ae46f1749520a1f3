"""The rounds of the `for` loops of a frame, found in one pass over its lines.

A `for` has a line event before each round, and every line of its body is indented further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.debug.events import Span
from engine.debug.record.trace import Trace
from engine.debug.snapshots.snapshot import Turn


@dataclass(slots=True)
class _Loop:
    """One run of a loop, from its first round to its last."""

    span: Span
    source: str
    rounds: int = 1


class LoopRounds:
    """The round of the innermost `for` around each line of a frame.

    Args:
        trace: of the batch.
        lines: the line events of the frame, in order.
    """

    def __init__(self, trace: Trace, lines: Sequence[int]) -> None:
        self._at: list[tuple[_Loop, int] | None] = []  # by place: the loop and the round's number
        open_loops: list[_Loop] = []
        for line in lines:
            site = trace.site(line)
            column, is_again = site.span.column, False
            while open_loops and open_loops[-1].span.column >= column and not is_again:
                is_again = open_loops[-1].span == site.span
                if not is_again:
                    open_loops.pop()
            if is_again:
                loop = open_loops[-1]
                self._at.append((loop, loop.rounds))  # at the header: the round that has ended
                loop.rounds += 1
                continue
            self._at.append((open_loops[-1], open_loops[-1].rounds) if open_loops else None)
            if site.source.startswith("for "):
                open_loops.append(_Loop(site.span, site.source))

    def turn(self, place: int) -> Turn | None:
        """The round around a line, by its place among the frame's lines; None without a loop."""
        found = self._at[place]
        return None if found is None else Turn(found[1], found[0].rounds, found[0].source)
