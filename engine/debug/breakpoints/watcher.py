"""Watches a run at full speed for breakpoints, and finds the batches that may have a hit.

Such a batch is then recorded, and its trace shows whether there is a hit (`matching.py`). Lines
with a condition are probed while the batch runs; other places are checked after the batch.
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
from engine.debug.reach.contents import dictionary_of
from engine.errors import ConditionFailed


class _ProbedBreakpoint:
    """A breakpoint at a probed line, with the condition that is evaluated there.

    Attributes:
        owner: the object that must be `self` there; None: any.
        names: the variables that its condition and its message use.
    """

    __slots__ = ("breakpoint", "condition", "names", "owner")

    def __init__(self, breakpoint: Breakpoint, owner: Any) -> None:
        self.breakpoint, self.owner = breakpoint, owner
        self.condition = condition_of(breakpoint.condition)
        wanted = [
            part.names for part in (self.condition, message_of(breakpoint.log)) if part is not None
        ]
        self.names = frozenset(name for names in wanted for name in names)


class LiveWatch:
    """Watches consecutive batches of a run for breakpoints.

    Attributes:
        live: the objects of the run.
    """

    def __init__(self, breakpoints: Sequence[Breakpoint], live: LiveBatch) -> None:
        self.live = live
        self._epochs = any(breakpoint.place.watches_epochs for breakpoint in breakpoints)
        self._on = False
        self._counts: Counter[int] = Counter()
        self._noted: list[tuple[Breakpoint, int, Logged]] = []
        self._unprobed: list[Breakpoint] = []
        self._held: dict[int, Any] = {}
        at: dict[SourceLine, list[_ProbedBreakpoint]] = {}
        for breakpoint in breakpoints:
            asks = breakpoint.condition or breakpoint.hits or breakpoint.log
            probe = breakpoint.place.probe(live.layers) if asks else None
            if probe is None:
                self._unprobed.append(breakpoint)
            else:
                at.setdefault(probe.line, []).append(_ProbedBreakpoint(breakpoint, probe.owner))
        self._numbers = {line: number for number, line in enumerate(at)}
        self._probed = list(at.values())

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Within this context the lines are probed."""
        if not self._numbers:
            yield
            return
        with probing(self._numbers, self._ask):
            yield

    def before(self, batch: int) -> None:
        """Prepare for a batch that is about to run on the live objects."""
        live = self.live
        live.batch, self._on = batch, True
        self._counts.clear()
        if self._epochs:
            live.unchanged.begin(batch, live.program.parameters())
        for breakpoint in self._unprobed:
            self._held[breakpoint.id] = breakpoint.place.hold(live)

    def after(self, loss: float) -> dict[int, int]:
        """After the batch: how often each breakpoint's condition may have held in it, by id."""
        live, self._on = self.live, False
        live.loss = loss
        if self._epochs:
            live.unchanged.end(live.batch, live.program.parameters())
        found = dict(self._counts)
        variables = {**self._numbers_now(), "loss": loss}
        for breakpoint in self._unprobed:
            condition = condition_of(breakpoint.condition)
            if condition is not None and not set(condition.names) <= NUMBERS and not breakpoint.log:
                condition = None  # the trace decides
            holds, problem = _holds(condition, variables)
            found[breakpoint.id] = int(
                breakpoint.place.may_hit(live, self._held[breakpoint.id]) and holds
            )
            if found[breakpoint.id]:
                self._note(breakpoint, 1, variables, problem)
        return found

    def take_noted(self) -> list[tuple[Breakpoint, int, Logged]]:
        """The messages since the last call, each with the number of its hit in its batch."""
        noted, self._noted = self._noted, []
        return noted

    def _note(
        self, breakpoint: Breakpoint, number: int, variables: Mapping[str, Any], problem: str
    ) -> None:
        """Keep a logpoint's message, or the reason why its condition failed."""
        message = message_of(breakpoint.log)
        if message is not None:
            text = problem or message.filled(variables)
            self._noted.append(
                (breakpoint, number, Logged(breakpoint.id, self.live.batch, 0, text))
            )

    def _ask(self, number: int, frame: FrameType) -> None:
        """Handle a probed line that is about to run; between two batches it is ignored."""
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
        """Count the hits at a line and note their messages, given the locals."""
        for probed in self._probed[number]:
            breakpoint = probed.breakpoint
            if probed.owner is not None and here.get("self") is not probed.owner:
                continue
            variables = here if probed.names.issubset(here) else self._variables(probed.names, here)
            holds, problem = _holds(probed.condition, variables)
            if holds:
                self._counts[breakpoint.id] += 1
                self._note(breakpoint, self._counts[breakpoint.id], variables, problem)

    def _variables(self, names: Iterable[str], here: dict[str, Any]) -> dict[str, Any]:
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
    """Whether the condition holds or failed, and the reason why it failed, or ""."""
    try:
        return condition is None or condition.holds(variables), ""
    except ConditionFailed as error:
        return True, str(error)
