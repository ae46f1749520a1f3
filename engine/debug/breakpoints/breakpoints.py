"""Breakpoints as data: where a run stops, under which condition, and how often.

A breakpoint is immutable; changing it replaces it in the list. Hits are found in recorded traces
(`matching.py`), so running forwards and backwards gives the same hits. A run at full speed only
notes which batches may have a hit (`watcher.py`).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from engine.debug.breakpoints.place import Place
from engine.debug.conditions.condition import Condition, Message
from engine.debug.conditions.scope import NUMBERS
from engine.debug.events import Position
from engine.errors import BadCondition, BadValue, NoSuchBreakpoint

_COUNTS: Mapping[str, Callable[[int, int], bool]] = {
    ">=": operator.ge, ">": operator.gt, "==": operator.eq, "<=": operator.le, "<": operator.lt,
    "%": lambda count, every: count % every == 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """One breakpoint.

    Attributes:
        id: its number, given by `Breakpoints.add`.
        place: where it stops.
        enabled: whether it is active.
        condition: an expression over the variables in scope there, or "".
        hits: the hit count, which selects hits by their number: ">= 3", "== 5", "% 100", or ""
            for all. Hits are counted from the first batch of the run.
        log: a message with `{expression}`s, or "". A breakpoint with a message does not stop.
    """

    id: int
    place: Place
    enabled: bool = True
    condition: str = ""
    hits: str = ""
    log: str = ""

    def counts(self, number: int) -> bool:
        """Whether it stops at the hit of this number, counted from 1."""
        if not self.hits:
            return True
        sign, value = parse_hits(self.hits)
        return _COUNTS[sign](number, value)


def parse_hits(text: str) -> tuple[str, int]:
    """`>= 3` as (">=", 3); a number alone is `==`; raises BadValue for anything else."""
    found = re.fullmatch(r"\s*(>=|<=|==|>|<|%|)\s*(\d{1,18})\s*", text)
    if found is None or (found[1] == "%" and int(found[2]) == 0):
        raise BadValue("hit count", text, 'such as ">= 3", "== 5" or "% 100"')
    return found[1] or "==", int(found[2])


@lru_cache(maxsize=256)
def condition_of(text: str) -> Condition | None:
    """The condition of a text, parsed once; None for an empty text."""
    return Condition(text) if text.strip() else None


@lru_cache(maxsize=256)
def message_of(text: str) -> Message | None:
    """The message of a text, parsed once; None for an empty text."""
    return Message(text) if text else None


@dataclass(frozen=True, slots=True)
class Logged:
    """A message of a logpoint."""

    breakpoint: int
    batch: int
    event: int
    text: str


@dataclass(frozen=True, slots=True)
class LastHit:
    """The last hit of a breakpoint.

    Attributes:
        position: the event.
        problem: why its condition failed there, or "".
        of: the breakpoint as it was then.
        cell: the index of the cell that made a data breakpoint stop, else empty.
    """

    position: Position
    problem: str
    of: Breakpoint
    cell: tuple[int, ...] = ()


class Breakpoints:
    """The breakpoints of a session, in the order in which they were set.

    Some may rest: they stop nothing and are not shown. They are saved and undone like the others.

    Attributes:
        version: increases with every change.
    """

    def __init__(self) -> None:
        self._all: dict[int, Breakpoint] = {}
        self._resting: frozenset[int] | None = None  # ids; None: none rests
        self._next = 1
        self.version = 0

    def __iter__(self) -> Iterator[Breakpoint]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, id: object) -> bool:
        return id in self._all

    def __getitem__(self, id: int) -> Breakpoint:
        if id not in self._all:
            raise NoSuchBreakpoint(id, tuple(self._all))
        return self._all[id]

    @property
    def enabled(self) -> list[Breakpoint]:
        """The active breakpoints."""
        return [breakpoint for breakpoint in self.shown if breakpoint.enabled]

    @property
    def shown(self) -> list[Breakpoint]:
        """The breakpoints that do not rest."""
        resting = self._resting or ()
        return [breakpoint for id, breakpoint in self._all.items() if id not in resting]

    @property
    def resting(self) -> list[Breakpoint]:
        """The breakpoints that rest."""
        resting = self._resting or ()
        return [breakpoint for id, breakpoint in self._all.items() if id in resting]

    def add(
        self, place: Place, condition: str = "", hits: str = "", log: str = "", enabled: bool = True
    ) -> Breakpoint:
        """Set a breakpoint. A breakpoint on a line moves to the next line that runs.

        Raises:
            NoSuchPlace: there is no such line, or nothing on it or after it runs.
            BadCondition, BadValue: an expression or a hit count cannot be used.
        """
        breakpoint = Breakpoint(self._next, place.placed(), enabled, condition, hits, log)
        check(breakpoint)
        self._all[breakpoint.id] = breakpoint
        self._next += 1
        self.version += 1
        return breakpoint

    def change(self, id: int, **fields: Any) -> Breakpoint:
        """Change some fields of a breakpoint.

        Raises:
            NoSuchBreakpoint: no breakpoint has this id.
            BadCondition, BadValue: as for `add`; the breakpoint is unchanged.
        """
        breakpoint = replace(self[id], **fields)
        check(breakpoint)
        self._all[id] = breakpoint
        self.version += 1
        return breakpoint

    def remove(self, id: int) -> None:
        """Remove a breakpoint; raises NoSuchBreakpoint if none has this id."""
        del self._all[self[id].id]
        self.version += 1

    def restore(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Replace all breakpoints by these."""
        self._all = {breakpoint.id: breakpoint for breakpoint in breakpoints}
        self._next = max([self._next, *(id + 1 for id in self._all)])
        self.version += 1

    def at(self, place: Place) -> Breakpoint | None:
        """The breakpoint at a place that does not rest, or None."""
        return next((breakpoint for breakpoint in self.shown if breakpoint.place == place), None)

    # Rest

    def rest(self) -> None:
        """Let all breakpoints rest until `wake`; those that are set meanwhile do not.

        While they rest already, nothing changes.
        """
        if self._resting is None:
            self._resting = frozenset(self._all)
            self.version += 1

    def wake(self) -> None:
        """Make the resting breakpoints active again, as they were.

        A breakpoint that was set meanwhile and is the same as one of them is dropped.
        """
        if self._resting is None:
            return
        came_back = {replace(breakpoint, id=0) for breakpoint in self.resting}
        for breakpoint in self.shown:
            if replace(breakpoint, id=0) in came_back:
                del self._all[breakpoint.id]
        self._resting = None
        self.version += 1

    def rest_like(self, others: Breakpoints) -> None:
        """Rest if the breakpoints of another session rest, and wake if they do not."""
        if others._resting is None:
            self.wake()
        else:
            self.rest()

    def copy_from(self, others: Breakpoints) -> None:
        """Add copies of another session's breakpoints; copies of resting ones rest."""
        asleep, resting = {one.id for one in others.resting}, set()
        for one in others:
            copied = self.add(one.place, one.condition, one.hits, one.log, one.enabled)
            if one.id in asleep:
                resting.add(copied.id)
        if others._resting is not None:
            self._resting = frozenset(resting)


def check(breakpoint: Breakpoint) -> None:
    """Raise BadCondition or BadValue if a field, or fields together, cannot be used."""
    condition = condition_of(breakpoint.condition)
    message_of(breakpoint.log)
    if breakpoint.hits:
        parse_hits(breakpoint.hits)
    place = breakpoint.place
    place.check()
    if breakpoint.condition and not place.takes_condition:
        raise BadCondition(breakpoint.condition, 1, f"a breakpoint at {place} takes no condition")
    if breakpoint.log and not place.takes_message:
        raise BadValue("message", breakpoint.log, f"no message: a breakpoint at {place} only stops")
    asks_for_more = condition is not None and not set(condition.names) <= NUMBERS
    if breakpoint.hits and asks_for_more and not place.counts_variables:
        words = "with a hit count, a condition here may use batch and epoch only"
        raise BadCondition(breakpoint.condition, 1, words)
