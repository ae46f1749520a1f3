"""The base class of all kinds of breakpoint: the methods that the debugger calls, with defaults.

A kind answers three questions. `events`: at which events of a recorded batch does it stop?
`may_hit`: may a batch that ran at full speed have such an event? `marks`: at which events does the
timeline show it? Only `events` has no default. `may_hit` may return True too often, but never False
for a batch with a hit: a batch for which it returns True is recorded, and `events` decides.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from engine.debug.breakpoints.context import BatchContext, EventIndex, LiveBatch
from engine.debug.conditions.scope import ConditionScope
from engine.debug.instrument.probes import Place as SourceLine
from engine.debug.record.trace import Trace


class Probe(NamedTuple):
    """A line at which a breakpoint's condition is evaluated while batches run at full speed.

    Attributes:
        line: file and line.
        owner: the object that must be `self` at the line; None: any.
    """

    line: SourceLine
    owner: Any = None


class Place(ABC):
    """Where a breakpoint stops.

    A kind is a frozen dataclass, since it is compared and written to session files. Users read its
    `str`. Its fields are texts, ints, floats or enums, and may be None.

    Attributes:
        takes_condition: a breakpoint of this kind may have a condition.
        takes_message: it may be a logpoint.
        counts_variables: its hits can be counted at full speed even if its condition uses other
            names than `batch` and `epoch`.
    """

    __slots__ = ()
    takes_condition: ClassVar[bool] = True
    takes_message: ClassVar[bool] = True
    counts_variables: ClassVar[bool] = True

    # When it is set

    def check(self) -> None:
        """Raise BadValue if a field cannot be used."""
        return

    def placed(self) -> Place:
        """The place at which it really stops; raises NoSuchPlace if there is none."""
        return self

    def scope(self) -> ConditionScope | None:
        """The names that conditions and messages can use; None: only a run can tell."""
        return None

    def line_in(self, file: str) -> int | None:
        """The line of a file beside which it is shown, or None."""
        return None

    @property
    def array(self) -> str:
        """The name of the array whose cells it watches, or ""."""
        return ""

    # In a recorded batch

    @abstractmethod
    def events(self, trace: Trace, context: BatchContext) -> Iterable[int]:
        """The events at which it stops, in order, regardless of the breakpoint's condition."""

    def cell(self, trace: Trace, parameters: Collection[str], event: int) -> tuple[int, ...]:
        """The index of the cell that made it stop at an event; empty: no cell did."""
        return ()

    def marks(self, index: EventIndex) -> Iterable[int]:
        """The events at which the timeline shows it."""
        return ()

    # At full speed

    @property
    def watches_epochs(self) -> bool:
        """Whether it has to watch each epoch from the first batch."""
        return False

    def probe(self, layers: Mapping[str, Any]) -> Probe | None:
        """The line at which its condition is evaluated; None: it is evaluated after each batch."""
        return None

    def hold(self, live: LiveBatch) -> Any:
        """Copies that `may_hit` compares with, made before a batch runs."""
        return None

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether the batch that has just run may have an event at which it stops."""
        return True

    # In a file

    def for_file(self) -> Place:
        """The place as it is written to a file, without paths of this machine where possible."""
        return self

    def from_file(self) -> Place:
        """The inverse of `for_file`; raises BadValue if the place cannot be used."""
        return self
