"""Running at full speed under breakpoints: noticing in which batches there may be something.

What is noticed is a little more than what hits; a batch in which something was noticed is recorded,
and its trace says (`hits.py`). Single lines are probed; batches are compared by their numbers; what
the network keeps and learns is looked at after the batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import CO_OPTIMIZED
from math import isfinite
from types import FrameType
from typing import Any

import numpy as np

from engine.debug.breakpoints.breakpoints import (
    AtBatch,
    AtData,
    AtEpoch,
    AtLayer,
    AtLine,
    Breakpoint,
    Logged,
    Named,
    NotFinite,
    Quantity,
    condition_of,
    message_of,
    running_lines,
)
from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.breakpoints.matching import has_changed
from engine.debug.breakpoints.quantities import may_be_outside
from engine.debug.cells import cells_if_there, cells_of
from engine.debug.conditions.condition import Condition
from engine.debug.conditions.scope import NUMBERS
from engine.debug.instrument.probes import Place, probing
from engine.debug.instrument.twin import read_source
from engine.debug.memory.contents import dictionary_of, look_up
from engine.errors import BadValue, ConditionFailed

Array = np.ndarray[Any, Any]


class _Asked:
    """A breakpoint at a probed line, with what is asked there each time.

    Attributes:
        names: of the variables that its condition and its message ask for.
    """

    __slots__ = ("breakpoint", "condition", "names")

    def __init__(self, one: Breakpoint) -> None:
        self.breakpoint = one
        self.condition = condition_of(one.condition)
        wanted = [part.names for part in (self.condition, message_of(one.log)) if part is not None]
        self.names = frozenset(name for names in wanted for name in names)


class CellWatch:
    """Watches one stretch of a run, batch after batch."""

    def __init__(
        self, breakpoints: Sequence[Breakpoint], network: Any, layers: dict[str, Any],
        optimizer: Any, per_epoch: int, losses: Callable[[], Array], unchanged: FrozenParameters,
    ) -> None:  # fmt: skip
        self._network, self._layers, self._optimizer = network, layers, optimizer
        self._per_epoch = per_epoch
        self._losses = losses
        self._unchanged = unchanged
        self._epochs = any(asks_for_epochs(one) for one in breakpoints)
        self._batch, self._on = 0, False
        self._counts: Counter[int] = Counter()
        self._noted: list[tuple[Breakpoint, int, Logged]] = []
        self._at: dict[Place, list[Breakpoint]] = {}
        for one in breakpoints:
            place = self._probed(one)
            if place is not None:
                self._at.setdefault(place, []).append(one)
        self._unprobed = [one for one in breakpoints if self._probed(one) is None]
        self._numbers = {place: number for number, place in enumerate(self._at)}
        self._asked = [[_Asked(one) for one in there] for there in self._at.values()]
        self._cells: dict[int, Array | None] = {}
        self._before: dict[str, Array] = {}

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
        self._batch, self._on = batch, True
        self._counts.clear()
        if self._epochs:
            self._unchanged.begin(batch, self._network.parameters())
        for one in self._unprobed:
            if isinstance(one.place, AtData):
                self._cells[one.id] = self._cells_now(one.place)
            elif isinstance(one.place, Named) and one.place.quantity is Quantity.UPDATE_RATIO:
                for name, array in self._network.parameters().items():
                    if one.place.is_for(name):
                        self._before[name] = array.copy()

    def after(self, loss: float) -> dict[int, int]:
        """It has run: how often each breakpoint's condition may have held in it, by id."""
        self._on = False
        if self._epochs:
            self._unchanged.end(self._batch, self._network.parameters())
        found = dict(self._counts)
        there = {**self._numbers_now(), "loss": loss}
        for one in self._unprobed:
            condition = condition_of(one.condition)
            if condition is not None and not set(condition.names) <= NUMBERS and not one.log:
                condition = None  # the trace will say
            holds, problem = _holds(condition, there)
            found[one.id] = int(self._may_hit(one, loss) and holds)
            if found[one.id]:
                self._note(one, 1, there, problem)
        return found

    def take_noted(self) -> list[tuple[Breakpoint, int, Logged]]:
        """What was noted since the last call, each with its hit's number in its batch."""
        noted, self._noted = self._noted, []
        return noted

    def _may_hit(self, one: Breakpoint, loss: float) -> bool:
        """Whether the batch that has run came to a place that is not probed."""
        place = one.place
        if isinstance(place, AtBatch):
            return place.batch == self._batch
        if isinstance(place, AtEpoch):
            return place.epoch * self._per_epoch == self._batch
        if isinstance(place, NotFinite):
            return not isfinite(loss) or self._is_bad()
        if isinstance(place, AtData):
            return has_changed(place, self._cells[one.id], self._cells_now(place, still=True))
        if isinstance(place, Named) and place.quantity is Quantity.UNCHANGED:
            ends = self._unchanged.is_last(self._batch)
            return ends and any(map(place.is_for, self._unchanged.through(self._batch) or ()))
        if isinstance(place, Named):
            return may_be_outside(
                place, self._layers, self._network, self._before, self._losses(), self._batch
            )
        return True  # a place that every batch comes to

    def _note(
        self, one: Breakpoint, number: int, variables: Mapping[str, Any], problem: str
    ) -> None:
        """Keep a logpoint's message, or why its condition failed: nothing else would say it."""
        message = message_of(one.log)
        if message is not None:
            text = problem or message.filled(variables)
            self._noted.append((one, number, Logged(one.id, self._batch, 0, text)))

    def _probed(self, one: Breakpoint) -> Place | None:
        """The line that is probed for a breakpoint, or None: every batch comes to its place."""
        if not (one.condition or one.hits or one.log):
            return None
        if isinstance(one.place, AtLine):
            return one.place.file, one.place.line
        if isinstance(one.place, AtLayer):
            layer = self._layers.get(one.place.layer)
            method = getattr(type(layer), str(one.place.phase), None)
            code = getattr(method, "__code__", None)
            if code is not None:
                lines = running_lines(code.co_filename, read_source(code.co_filename))
                return code.co_filename, next(n for n in lines if n > code.co_firstlineno)
        return None

    def _ask(self, number: int, frame: FrameType) -> None:
        """A probed line is come to; what runs between two batches is none of the watch's."""
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
            place = one.place
            if isinstance(place, AtLayer) and here.get("self") is not self._layers[place.layer]:
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
        return {"batch": self._batch, "epoch": self._batch // self._per_epoch}

    def _is_bad(self) -> bool:
        """Whether anything that the network keeps or has learnt is not finite.

        Gradients are not looked at: the parameters have taken in what is wrong with them.
        """
        seen = set()
        with np.errstate(all="ignore"):
            for holder in (*self._layers.values(), self._optimizer):
                attributes = dictionary_of(holder) or {}
                for name, value in attributes.items():
                    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
                        continue
                    if id(value) in seen or (name[0] == "d" and name[1:] in attributes):
                        continue
                    seen.add(id(value))
                    # The sum of the squares, by BLAS in a fifth of the time of a sum, is finite
                    # only where every element is. Where it overflows that is a false alarm, about
                    # which the trace will say.
                    plain = np.asarray(value)  # a matrix multiplies otherwise
                    if not isfinite(np.vdot(plain, plain)):
                        return True
        return False

    def _cells_now(self, place: AtData, still: bool = False) -> Array | None:
        """The cells that are watched; `still`: it is no mistake that they are gone by now."""
        array = self._network.parameters().get(place.parameter)
        if array is not None:
            found = (cells_if_there if still else cells_of)(array, place.cells)
            return None if found is None else found.copy()
        name, _, attribute = place.parameter.rpartition(".")
        if name not in self._layers:
            known = ", ".join((*self._network.parameters(), *self._layers))
            raise BadValue("tensor", place.parameter, f"one of, or an array of one of, {known}")
        held = cells_if_there(look_up(self._layers[name], attribute), place.cells)
        return None if held is None else held.copy()


def asks_for_epochs(one: Breakpoint) -> bool:
    """Whether it waits for what a whole epoch does, so that one has to watch it from its start."""
    return isinstance(one.place, Named) and one.place.quantity is Quantity.UNCHANGED


def _holds(condition: Condition | None, variables: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether there is something to stop at, and why the condition failed, or ""."""
    try:
        return condition is None or condition.holds(variables), ""
    except ConditionFailed as error:
        return True, str(error)
