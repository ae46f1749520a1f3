"""States of a run, stored every so many batches, thinning as the run grows."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.debug.memory.state import State
from engine.errors import NotStored

__all__ = ["Checkpoints", "State", "parameters_in", "parameters_then"]
Array = np.ndarray[Any, Any]
_MOST = 64  # batches between two states, as long as the budget allows
_NEAREST_ASIDE = 32  # batches before the end of a replay, and twice as many, and so on


class Checkpoints:
    """Stored states within a byte budget.

    States are offered at every batch and kept every `interval` batches. When they outgrow the
    budget every second one goes and the interval doubles, so that a run of any length has its
    states spread evenly. The first stays always, and so does one that is pinned: it was edited, so
    that running up to it would not give it.

    The shorter the interval, the fewer batches are run again to go back; so it begins short where a
    batch takes long, and longer where storing a state would hold up the run.

    What room there is left is for states aside: those that were thinned out, and those that a long
    replay leaves on its last stretch, so that whoever walks back from there has a short way. They
    give way to all others, the one that was used longest ago first.

    Attributes:
        states: those that are spread over the run, and those that are pinned.
        aside: the others, the one to go first at the front.
        nbytes, aside_bytes: what they hold.
        largest: bytes of the largest state that there was.
    """

    def __init__(self, budget: int, interval: int = 8) -> None:
        self.budget = budget
        self.interval = interval
        self.states: dict[int, State] = {}
        self.aside: dict[int, State] = {}
        self.nbytes = self.aside_bytes = self.largest = 0
        self.pinned: set[int] = set()
        self._batches: list[int] = []  # in order

    def wants(self, batch: int) -> bool:
        """Whether a state at this batch would be kept."""
        return batch % self.interval == 0 and batch not in self.states

    def keep(self, state: State) -> None:
        """Keep a state, in the place of another of its batch; thin out if the budget is passed."""
        self._drop(state.batch)
        self._drop_aside(state.batch)
        self.states[state.batch] = state
        self.nbytes += state.nbytes
        self.largest = max(self.largest, state.nbytes)
        insort(self._batches, state.batch)
        self._thin_out()

    def wants_on_the_way(self, batch: int, end: int) -> bool:
        """Whether a state at this batch, through which a replay comes, would be kept aside."""
        left = end - batch
        doubled = left >= _NEAREST_ASIDE and left & (left - 1) == 0
        return doubled and batch not in self.states and batch not in self.aside

    def keep_aside(self, state: State) -> None:
        """Keep a state as long as there is room, unless there is one of its batch for good."""
        if state.batch in self.states:
            return
        self._drop_aside(state.batch)
        self.aside[state.batch] = state
        self.aside_bytes += state.nbytes
        self._make_room()

    def let_go_aside(self) -> None:
        """Keep none aside."""
        self.aside.clear()
        self.aside_bytes = 0

    def pin(self, state: State) -> None:
        """Keep a state for good, in the place of another of its batch."""
        self.pinned.add(state.batch)
        self.keep(state)

    def set_budget(self, budget: int) -> None:
        """Have room for more, or for less."""
        self.budget = budget
        self._thin_out()

    def spread(self, seconds: float, batch_seconds: float) -> None:
        """Be told what a state has cost, and a batch: all states together are to cost 4 %."""
        while self.interval < _MOST and seconds > 0.04 * self.interval * batch_seconds:
            self._widen()
        self._make_room()

    @property
    def batches(self) -> tuple[int, ...]:
        """The batches whose states are kept, in order."""
        return tuple(self._batches)

    def before(self, batch: int) -> State:
        """The latest state at or before a batch."""
        return self.states[self._batches[bisect_right(self._batches, batch) - 1]]

    def nearest(self, batch: int) -> State:
        """The latest state at or before a batch, those aside included."""
        found = self.before(batch)
        aside = max((b for b in self.aside if found.batch < b <= batch), default=None)
        if aside is None:
            return found
        self.aside[aside] = state = self.aside.pop(aside)  # it goes last now
        return state

    def until(self, batch: int) -> Checkpoints:
        """The states up to a batch, the same ones, for another way to go on from there."""
        found = Checkpoints(self.budget, self.interval)
        for earlier in self._batches[: bisect_right(self._batches, batch)]:
            if earlier in self.pinned:
                found.pinned.add(earlier)
            found.keep(self.states[earlier])
        return found

    def _thin_out(self) -> None:
        first = set(self._batches[:1])
        while self.nbytes > self.budget and len(self.states) > len(first | self.pinned):
            self._widen()
        self._make_room()

    def _widen(self) -> None:
        self.interval *= 2
        for batch in self._batches[1:]:
            if batch % self.interval and batch not in self.pinned:
                state = self.states[batch]
                self._drop(batch)
                self.aside[batch] = state
                self.aside_bytes += state.nbytes

    def _make_room(self) -> None:
        while self.aside and self.nbytes + self.aside_bytes > self.budget:
            self._drop_aside(next(iter(self.aside)))

    def _drop(self, batch: int) -> None:
        state = self.states.pop(batch, None)
        if state is not None:
            self.nbytes -= state.nbytes
            self._batches.remove(batch)

    def _drop_aside(self, batch: int) -> None:
        state = self.aside.pop(batch, None)
        if state is not None:
            self.aside_bytes -= state.nbytes


def parameters_in(
    checkpoints: Checkpoints, batch: int, parameters: Mapping[str, Array]
) -> dict[str, Array]:
    """The parameters of a stored state, read-only copies, by the names of those that live now.

    Raises:
        NotStored: there is no state of that batch, or it has nothing in a parameter's place.
    """
    state = checkpoints.states.get(batch)
    found = None if state is None else parameters_then(state, parameters)
    if found is None:
        raise NotStored(batch=batch, nearest=checkpoints.before(max(batch, 0)).batch)
    return found


def parameters_then(state: State, parameters: Mapping[str, Array]) -> dict[str, Array] | None:
    """The parameters of a state, read-only copies; None where it has nothing in the place of one.

    They are named by those that live now.
    """
    found: dict[str, Array] = {}
    for name, live in parameters.items():
        array = state.array_in_place_of(live)
        if array is None:
            return None
        array.flags.writeable = False
        found[name] = array
    return found
