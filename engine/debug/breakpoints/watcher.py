"""Running at full speed under breakpoints: noticing in which batches there may be a hit.

A batch in which something is noticed is recorded, and its trace says whether it hits
(`matching.py`). Lines with a condition are probed; each other place is asked after the batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import CO_OPTIMIZED
from types import FrameType
from typing import Any

from engine.debug.breakpoints.breakpoints import Breakpoint, Logged, condition_of, message_of
from engine.debug.breakpoints.context import LiveBatch
from engine.debug.conditions.condition import Condition
from engine.debug.conditions.scope import NUMBERS
from engine.debug.instrument.probes import Place as SourceLine
from engine.debug.instrument.probes import probing
from engine.debug.memory.contents import dictionary_of
from engine.errors import ConditionFailed


class _Asked:
    """A breakpoint at a probed line, with what is asked there each time.

    Attributes:
        owner: the `self` that counts there; None: any.
        names: of the variables that its condition and its message ask for.
    """

    __slots__ = ("breakpoint", "condition", "names", "owner")

    def __init__(self, one: Breakpoint, owner: Any) -> None:
        self.breakpoint, self.owner = one, owner
        self.condition = condition_of(one.condition)
        wanted = [part.names for part in (self.condition, message_of(one.log)) if part is not None]
        self.names = frozenset(name for names in wanted for name in names)


class CellWatch:
    """Watches one stretch of a run for breakpoints, batch after batch.

    Attributes:
        live: the objects of the run.
    """

    def __init__(self, breakpoints: Sequence[Breakpoint], live: LiveBatch) -> None:
        self.live = live
        self._epochs = any(one.place.watches_epochs for one in breakpoints)
        self._on = False
        self._counts: Counter[int] = Counter()
        self._noted: list[tuple[Breakpoint, int, Logged]] = []
        self._unprobed: list[Breakpoint] = []
        self._held: dict[int, Any] = {}
        at: dict[SourceLine, list[_Asked]] = {}
        for one in breakpoints:
            asks = one.condition or one.hits or one.log
            probe = one.place.probe(live.layers) if asks else None
            if probe is None:
                self._unprobed.append(one)
            else:
                at.setdefault(probe.line, []).append(_Asked(one, probe.owner))
        self._numbers = {line: number for number, line in enumerate(at)}
        self._asked = list(at.values())

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While it lasts the lines are probed."""
        if not self._numbers:
            yield
            return
        with probing(self._numbers, self._ask):
            yield

    def before(self, batch: int) -> None:
        """A batch is about to run on the live objects."""
        live = self.live
        live.batch, self._on = batch, True
        self._counts.clear()
        if self._epochs:
            live.unchanged.begin(batch, live.network.parameters())
        for one in self._unprobed:
            self._held[one.id] = one.place.hold(live)

    def after(self, loss: float) -> dict[int, int]:
        """It has run: how often each breakpoint's condition may have held in it, by id."""
        live, self._on = self.live, False
        live.loss = loss
        if self._epochs:
            live.unchanged.end(live.batch, live.network.parameters())
        found = dict(self._counts)
        there = {**self._numbers_now(), "loss": loss}
        for one in self._unprobed:
            condition = condition_of(one.condition)
            if condition is not None and not set(condition.names) <= NUMBERS and not one.log:
                condition = None  # the trace will say
            holds, problem = _holds(condition, there)
            found[one.id] = int(one.place.may_hit(live, self._held[one.id]) and holds)
            if found[one.id]:
                self._note(one, 1, there, problem)
        return found

    def take_noted(self) -> list[tuple[Breakpoint, int, Logged]]:
        """What was noted since the last call, each with its hit's number in its batch."""
        noted, self._noted = self._noted, []
        return noted

    def _note(
        self, one: Breakpoint, number: int, variables: Mapping[str, Any], problem: str
    ) -> None:
        """Keep a logpoint's message, or why its condition failed: nothing else would say it."""
        message = message_of(one.log)
        if message is not None:
            text = problem or message.filled(variables)
            self._noted.append((one, number, Logged(one.id, self.live.batch, 0, text)))

    def _ask(self, number: int, frame: FrameType) -> None:
        """A probed line is about to run; between two batches that does not count."""
        if not self._on:
            return
        here = frame.f_locals
        try:
            self._look(number, here)
        finally:
            if type(here) is dict and frame.f_code.co_flags & CO_OPTIMIZED:
                # Before Python 3.13 the frame keeps this copy of its locals for as long as it runs,
                # and an array that is referenced twice cannot be resized.
                here.clear()

    def _look(self, number: int, here: dict[str, Any]) -> None:
        """Count and note what holds at a line, with these locals in sight."""
        for asked in self._asked[number]:
            one = asked.breakpoint
            if asked.owner is not None and here.get("self") is not asked.owner:
                continue
            variables = here if asked.names.issubset(here) else self._sight(asked.names, here)
            holds, problem = _holds(asked.condition, variables)
            if holds:
                self._counts[one.id] += 1
                self._note(one, self._counts[one.id], variables, problem)

    def _sight(self, names: Iterable[str], here: dict[str, Any]) -> dict[str, Any]:
        found = self._numbers_now()
        for name in names:
            if name.startswith("self."):
                attribute = name.removeprefix("self.")
                stored = dictionary_of(here.get("self")) or {}
                if attribute in stored:
                    found[name] = stored[attribute]
            elif name in here:
                found[name] = here[name]
        return found

    def _numbers_now(self) -> dict[str, Any]:
        batch = self.live.batch
        return {"batch": batch, "epoch": batch // self.live.per_epoch}


def _holds(condition: Condition | None, variables: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether there is something to stop at, and why the condition failed, or ""."""
    try:
        return condition is None or condition.holds(variables), ""
    except ConditionFailed as error:
        return True, str(error)
