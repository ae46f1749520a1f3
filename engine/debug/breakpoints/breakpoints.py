"""Breakpoints as data: where a run stops, under which condition, and how often.

A breakpoint is immutable; changing one replaces it in the list. A recorded trace says what it hits
(`matching.py`), so forwards and backwards give the same answer. A run at full speed only notices
in which batches to look (`watcher.py`).
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
        id: by which it is known, given by `Breakpoints.add`.
        place: where.
        enabled: whether it is looked at.
        condition: an expression over the variables in sight there, or "".
        hits: which of the times that the condition holds count: ">= 3", "== 5", "% 100", or "".
            They are counted from the first batch of the run.
        log: a message with `{expression}`s; it is noted, and the run does not stop. Or "".
    """

    id: int
    place: Place
    enabled: bool = True
    condition: str = ""
    hits: str = ""
    log: str = ""

    def counts(self, number: int) -> bool:
        """Whether the hit of this number, counted from 1, is one to stop at."""
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
    """The condition that a text is, made once; None for an empty one."""
    return Condition(text) if text.strip() else None


@lru_cache(maxsize=256)
def message_of(text: str) -> Message | None:
    """The message that a text is, made once; None for an empty one."""
    return Message(text) if text else None


@dataclass(frozen=True, slots=True)
class Logged:
    """What a logpoint has noted."""

    breakpoint: int
    batch: int
    event: int
    text: str


@dataclass(frozen=True, slots=True)
class LastHit:
    """Where a breakpoint was hit last.

    Attributes:
        position: the event.
        problem: why its condition failed there, or "".
        of: the breakpoint as it was then.
        cell: the one that did what a breakpoint on cells waits for, else empty.
    """

    position: Position
    problem: str
    of: Breakpoint
    cell: tuple[int, ...] = ()


class Breakpoints:
    """The breakpoints of a session, in the order in which they were set.

    Attributes:
        version: goes up with every change.
    """

    def __init__(self) -> None:
        self._all: dict[int, Breakpoint] = {}
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
        """Those that are looked at."""
        return [one for one in self._all.values() if one.enabled]

    def add(
        self, place: Place, condition: str = "", hits: str = "", log: str = "", enabled: bool = True
    ) -> Breakpoint:
        """Set one; a line's goes to the next line that does something.

        Raises:
            NoSuchPlace: there is no such line, or nothing on it or after it runs.
            BadCondition, BadValue: an expression or a count cannot be used.
        """
        one = Breakpoint(self._next, place.placed(), enabled, condition, hits, log)
        check(one)
        self._all[one.id] = one
        self._next += 1
        self.version += 1
        return one

    def change(self, id: int, **fields: Any) -> Breakpoint:
        """Replace some of its fields.

        Raises:
            NoSuchBreakpoint: it is not there.
            BadCondition, BadValue: as `add`; nothing has changed then.
        """
        one = replace(self[id], **fields)
        check(one)
        self._all[id] = one
        self.version += 1
        return one

    def remove(self, id: int) -> None:
        """Take it away; raises NoSuchBreakpoint where it is not there."""
        del self._all[self[id].id]
        self.version += 1

    def restore(self, breakpoints: Iterable[Breakpoint]) -> None:
        """Have these in the place of those that there are."""
        self._all = {one.id: one for one in breakpoints}
        self._next = max([self._next, *(id + 1 for id in self._all)])
        self.version += 1

    def at(self, place: Place) -> Breakpoint | None:
        """The breakpoint at a place, if there is one."""
        return next((one for one in self._all.values() if one.place == place), None)


def check(one: Breakpoint) -> None:
    """Raise BadCondition or BadValue where its expressions, or they together, cannot be used."""
    condition = condition_of(one.condition)
    message_of(one.log)
    if one.hits:
        parse_hits(one.hits)
    place = one.place
    place.check()
    if one.condition and not place.takes_condition:
        raise BadCondition(one.condition, 1, f"a breakpoint at {place} takes no condition")
    if one.log and not place.takes_message:
        raise BadValue("message", one.log, f"none: a breakpoint at {place} only stops")
    asks_for_more = condition is not None and not set(condition.names) <= NUMBERS
    if one.hits and asks_for_more and not place.counts_variables:
        words = "beside a hit count it may ask for batch and epoch only"
        raise BadCondition(one.condition, 1, words)
