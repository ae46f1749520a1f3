"""Stored states of a run, at an interval that grows with the run."""

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

    A state is kept every `interval` batches. When the states exceed the budget, every second one is
    dropped and the interval doubles, so the states of a run of any length are spread evenly. The
    first state always stays. A pinned state stays, too: it was edited, so a replay would not
    reproduce it.

    A shorter interval means a shorter replay when going back. The interval starts short, and grows
    where storing a state takes long compared with a batch.

    The rest of the budget holds states aside: those that were thinned out, and those that a long
    replay leaves on its last stretch, so that going back from there is quick. They are dropped
    first, the least recently used one before the others.

    Attributes:
        states: the evenly spread states and the pinned ones, by batch.
        aside: the states aside, by batch; the next to be dropped is at the front.
        nbytes, aside_bytes: the bytes of both.
        largest: the bytes of the largest state so far.
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
        """Keep a state, replacing one of the same batch; thin out if the budget is exceeded."""
        self._drop(state.batch)
        self._drop_aside(state.batch)
        self.states[state.batch] = state
        self.nbytes += state.nbytes
        self.largest = max(self.largest, state.nbytes)
        insort(self._batches, state.batch)
        self._thin_out()

    def wants_on_the_way(self, batch: int, end: int) -> bool:
        """Whether a replay to `end` would keep a state of this batch aside."""
        left = end - batch
        doubled = left >= _NEAREST_ASIDE and left & (left - 1) == 0
        return doubled and batch not in self.states and batch not in self.aside

    def keep_aside(self, state: State) -> None:
        """Keep a state while there is room, unless `states` has one of its batch."""
        if state.batch in self.states:
            return
        self._drop_aside(state.batch)
        self.aside[state.batch] = state
        self.aside_bytes += state.nbytes
        self._make_room()

    def drop_wrong(self) -> None:
        """Drop the states in which a large array has turned out to be another than it was."""
        for batch in [b for b, state in self.states.items() if not state.is_right]:
            self._drop(batch)
            self.pinned.discard(batch)
        for batch in [b for b, state in self.aside.items() if not state.is_right]:
            self._drop_aside(batch)

    def let_go_aside(self) -> None:
        """Drop all states aside."""
        self.aside.clear()
        self.aside_bytes = 0

    def pin(self, state: State) -> None:
        """Keep a state that is never thinned out, replacing one of the same batch."""
        self.pinned.add(state.batch)
        self.keep(state)

    def set_budget(self, budget: int) -> None:
        """Change the budget, and thin out if it is exceeded."""
        self.budget = budget
        self._thin_out()

    def spread(self, seconds: float, batch_seconds: float) -> None:
        """Widen the interval until storing states takes at most 4 % of the run.

        Args:
            seconds: what storing a state took.
            batch_seconds: what a batch took.
        """
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
        """The latest state at or before a batch, including the states aside."""
        found = self.before(batch)
        aside = max((b for b in self.aside if found.batch < b <= batch), default=None)
        if aside is None:
            return found
        self.aside[aside] = state = self.aside.pop(aside)  # now the most recently used
        return state

    def until(self, batch: int) -> Checkpoints:
        """The same states up to a batch, for a branch that starts there."""
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
    """Read-only copies of the parameters in a stored state, by the names of the live ones.

    Raises:
        NotStored: the batch has no state, or the state has nothing in a parameter's place.
    """
    state = checkpoints.states.get(batch)
    found = None if state is None else parameters_then(state, parameters)
    if found is None:
        raise NotStored(batch=batch, nearest=checkpoints.before(max(batch, 0)).batch)
    return found


def parameters_then(state: State, parameters: Mapping[str, Array]) -> dict[str, Array] | None:
    """Read-only copies of a state's parameters, by the names of the live ones.

    None if the state has nothing in the place of one of them.
    """
    found: dict[str, Array] = {}
    for name, live in parameters.items():
        array = state.array_in_place_of(live)
        if array is None:
            return None
        array.flags.writeable = False
        found[name] = array
    return found
