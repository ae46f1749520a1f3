"""Breakpoints as data: where to stop, under which condition, and how often.

A breakpoint is immutable; the list of them is changed by replacing one. What it hits is a question
to a recorded trace (`hits.py`), so that forwards and backwards give the same answer; running at
full speed only has to notice in which batches to look (`watch.py`).
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.debug.conditions.condition import Condition, Message
from engine.debug.conditions.scope import NUMBERS, ConditionScope, in_sight
from engine.debug.events import Phase, Position
from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.twin import read_source
from engine.errors import BadCondition, BadValue, NoSuchBreakpoint, NoSuchPlace


@dataclass(frozen=True, slots=True)
class AtLine:
    """Before a line of a source file runs."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{Path(self.file).name}:{self.line}"


@dataclass(frozen=True, slots=True)
class AtLayer:
    """Where a layer's forward or backward begins."""

    layer: str
    phase: Phase

    def __str__(self) -> str:
        return f"{self.layer}.{self.phase}"


@dataclass(frozen=True, slots=True)
class AtPass:
    """Where a pass begins: forward, backward, update."""

    phase: Phase

    def __str__(self) -> str:
        return str(self.phase)


@dataclass(frozen=True, slots=True)
class AtBatch:
    """Before a batch of this number."""

    batch: int

    def __str__(self) -> str:
        return f"batch {self.batch}"


@dataclass(frozen=True, slots=True)
class AtEpoch:
    """Before the first batch of an epoch of this number, counted from 0."""

    epoch: int

    def __str__(self) -> str:
        return f"epoch {self.epoch}"


@dataclass(frozen=True, slots=True)
class NotFinite:
    """Where the first NaN or infinity appears in what the layers keep, give, or learn."""

    def __str__(self) -> str:
        return "NaN or infinity"


class Change(StrEnum):
    """What a cell does that one waits for."""

    CHANGES = "changes"
    SIGN = "changes sign"
    CROSSES = "crosses"


@dataclass(frozen=True, slots=True)
class AtData:
    """Where a cell, or any cell of a slice, of a tensor changes.

    Attributes:
        parameter: `Affine1.W`, or whatever else a layer keeps from batch to batch: its gradient
            `Affine1.dW`, its output `Sigmoid1.y`. Those change as they are set anew; what they have
            not had in the batch before, as the samples beyond a smaller last batch, is not judged.
        cells: as typed between brackets: `300, 7`, `:, 3`, or "" for all.
        change: what it waits for; `value` is what is crossed.
    """

    parameter: str
    cells: str = ""
    change: Change = Change.CHANGES
    value: float = 0.0

    def __str__(self) -> str:
        crossed = f" {self.value:g}" if self.change is Change.CROSSES else ""
        return f"{self.parameter}[{self.cells or ':'}] {self.change}{crossed}"


class Quantity(StrEnum):
    """What is watched."""

    LOSS_RISE = "rise of the loss"
    SATURATED = "saturated share"
    DEAD = "dead share"
    GRADIENT_RMS = "gradient RMS"
    UPDATE_RATIO = "update-to-weight ratio"
    UNCHANGED = "unchanged in a whole epoch"


@dataclass(frozen=True, slots=True)
class Named:
    """Where a quantity leaves a range, or where an epoch ends that has left a parameter unchanged.

    UNCHANGED knows no range: no batch of the epoch has changed a bit of the parameter.

    Attributes:
        quantity: which.
        tensor: a layer (of the shares) or a parameter; "" any of them.
        below, above: it stops below the one and above the other; None: not on that side.
        batches: of a rise of the loss, over how many.
    """

    quantity: Quantity
    tensor: str = ""
    below: float | None = None
    above: float | None = None
    batches: int = 1

    def __str__(self) -> str:
        if self.quantity is Quantity.UNCHANGED:
            return f"{self.tensor or 'a parameter'} {self.quantity}"
        of = f" of {self.tensor}" if self.tensor else ""
        over = f" in {self.batches} batches" if self.quantity is Quantity.LOSS_RISE else ""
        sides = [f"< {self.below:g}"] if self.below is not None else []
        sides += [f"> {self.above:g}"] if self.above is not None else []
        return f"{self.quantity}{of} {' or '.join(sides)}{over}"

    def is_outside(self, value: float | None) -> bool:
        """Whether a value is out of the range; one that is not known is not."""
        if value is None:
            return False
        too_low = self.below is not None and value < self.below
        return too_low or (self.above is not None and value > self.above)

    def is_for(self, name: str) -> bool:
        """Whether a layer or parameter of this name is watched."""
        return self.tensor in ("", name)


Place = AtLine | AtLayer | AtPass | AtBatch | AtEpoch | NotFinite | AtData | Named
# What a text raises that cannot be parsed: the last two where it is nested too deep.
NO_PROGRAM = (SyntaxError, ValueError, RecursionError, MemoryError)
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
        one = Breakpoint(self._next, placed(place), enabled, condition, hits, log)
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

    def at_line(self, file: str, line: int) -> Breakpoint | None:
        """The one on a line, if there is one."""
        return next((one for one in self._all.values() if one.place == AtLine(file, line)), None)


def check(one: Breakpoint) -> None:
    """Raise BadCondition or BadValue where its expressions, or they together, cannot be used."""
    condition = condition_of(one.condition)
    message_of(one.log)
    if one.hits:
        parse_hits(one.hits)
    if isinstance(one.place, Named) and one.place.batches < 1:
        raise BadValue("number of batches", one.place.batches, "1 or more")
    batch_only = isinstance(one.place, (NotFinite, AtData, Named))
    if batch_only and one.condition:
        raise BadCondition(one.condition, 1, f"a breakpoint at {one.place} takes no condition")
    if one.log and isinstance(one.place, (NotFinite, Named)):
        raise BadValue("message", one.log, f"none: a breakpoint at {one.place} only stops")
    asks_for_more = condition is not None and not set(condition.names) <= NUMBERS
    if isinstance(one.place, AtPass) and one.hits and asks_for_more:
        words = "beside a hit count it may ask for batch and epoch only"
        raise BadCondition(one.condition, 1, words)


def placed(place: Place) -> Place:
    """The place itself; of a line on which nothing runs the next one that does."""
    if not isinstance(place, AtLine):
        return place
    try:
        lines = running_lines(place.file, read_source(place.file))
    except (OSError, *NO_PROGRAM) as error:
        raise NoSuchPlace(str(place), str(error) or type(error).__name__) from error
    later = [line for line in lines if line >= place.line]
    if not later:
        raise NoSuchPlace(str(place), "nothing runs on that line or after it")
    return AtLine(place.file, later[0])


def sight_of(place: Place) -> ConditionScope | None:
    """The names that conditions and messages can ask for at a line; None: the source does not say.

    At other places it depends on the network.
    """
    if not isinstance(place, AtLine):
        return None
    try:
        return in_sight(place.file, place.line)
    except (OSError, *NO_PROGRAM):
        return None


@lru_cache(maxsize=64)
def running_lines(file: str, text: str) -> tuple[int, ...]:
    """The lines, from 1 and in order, on which statements within functions begin."""
    found: set[int] = set()
    declarations = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal)

    def walk(node: ast.AST, inside: bool) -> None:
        for child in ast.iter_child_nodes(node):
            words = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if inside and isinstance(child, ast.stmt) and not isinstance(child, declarations):
                found.update(() if words else (child.lineno,))
            walk(child, inside or isinstance(child, ast.FunctionDef))

    with unwarned():
        tree = ast.parse(text, file)
    walk(tree, False)
    return tuple(sorted(found))
