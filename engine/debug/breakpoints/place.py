"""The base class of all kinds of breakpoint: what the debugger asks of a place, and usual answers.

A kind answers three questions. `events`: where in a recorded batch does it stop? `may_hit`: may a
batch that ran at full speed have such an event? `marks`: where does the timeline show it? Only
`events` has no usual answer. `may_hit` may be wrong in one direction: a batch for which it says yes
is recorded, and `events` has the last word.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from engine.debug.breakpoints.context import BatchContext, EventIndex, LiveBatch
from engine.debug.conditions.scope import ConditionScope
from engine.debug.instrument.probes import Place as SourceLine
from engine.debug.record.trace import Trace


class Probe(NamedTuple):
    """A line at which a breakpoint's condition is evaluated while batches run at full speed.

    Attributes:
        line: file and line.
        owner: the `self` that counts there; None: any.
    """

    line: SourceLine
    owner: Any = None


class Place(ABC):
    """Where a breakpoint stops.

    A kind is a frozen dataclass: it is compared, kept in a session file, and its `str` is what
    people read. Its fields are texts, ints, floats, enums, or one of these or None.

    Attributes:
        takes_condition: a breakpoint of this kind may have a condition.
        takes_message: it may be a logpoint.
        counts_variables: its hits can be counted at full speed even if its condition asks for more
            than the numbers of batch and epoch.
    """

    __slots__ = ()
    takes_condition: ClassVar[bool] = True
    takes_message: ClassVar[bool] = True
    counts_variables: ClassVar[bool] = True

    # When it is set

    def check(self) -> None:
        """Raise BadValue where a field cannot be used."""
        return

    def placed(self) -> Place:
        """The place at which it really stops; raises NoSuchPlace where there is none."""
        return self

    def scope(self) -> ConditionScope | None:
        """The names that conditions and messages can ask for; None: only the run can tell."""
        return None

    def line_in(self, file: str) -> int | None:
        """The line of a file beside which it is shown, if there is one."""
        return None

    @property
    def array(self) -> str:
        """The name of the array whose cells it watches, or ""."""
        return ""

    # In a recorded batch

    @abstractmethod
    def events(self, trace: Trace, context: BatchContext) -> Iterable[int]:
        """The events at which it stops, in order, whatever its breakpoint's condition says."""

    def cell(self, trace: Trace, network: Any, event: int) -> tuple[int, ...]:
        """The index of the cell that made it stop at an event; empty: no cell did."""
        return ()

    def marks(self, index: EventIndex) -> Iterable[int]:
        """The events at which the timeline shows it."""
        return ()

    # At full speed

    @property
    def watches_epochs(self) -> bool:
        """Whether it has to see each epoch from its first batch on."""
        return False

    def probe(self, layers: Mapping[str, Any]) -> Probe | None:
        """The line at which its condition is evaluated; None: it is, after each batch."""
        return None

    def hold(self, live: LiveBatch) -> Any:
        """What `may_hit` compares with, copied before a batch runs."""
        return None

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether the batch that has just run may have an event at which it stops."""
        return True

    # In a file

    def for_file(self) -> Place:
        """The place as it is written to a file, which may be read on another machine."""
        return self

    def from_file(self) -> Place:
        """The place as it was before `for_file`; raises BadValue where it cannot be used."""
        return self
