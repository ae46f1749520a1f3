"""States of a run, stored every so many batches, thinning as the run grows."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.debug.state import State
from engine.errors import NotStored

__all__ = ["Checkpoints", "State", "parameters_in", "parameters_then"]
Array = np.ndarray[Any, Any]
_MOST = 64  # batches between two states, as long as the budget allows


class Checkpoints:
    """Stored states within a byte budget.

    States are offered at every batch and kept every `interval` batches. When they outgrow the
    budget every second one goes and the interval doubles, so that a run of any length has its
    states spread evenly. The first stays always, and so does one that is pinned: it was edited, so
    that running up to it would not give it.

    The shorter the interval, the fewer batches are run again to go back; so it begins short where a
    batch takes long, and longer where storing a state would hold up the run.
    """

    def __init__(self, budget: int, interval: int = 8) -> None:
        self.budget = budget
        self.interval = interval
        self.states: dict[int, State] = {}
        self.nbytes = 0
        self.pinned: set[int] = set()
        self._batches: list[int] = []  # in order

    def wants(self, batch: int) -> bool:
        """Whether a state at this batch would be kept."""
        return batch % self.interval == 0 and batch not in self.states

    def keep(self, state: State) -> None:
        """Keep a state, in the place of another of its batch; thin out if the budget is passed."""
        self._drop(state.batch)
        self.states[state.batch] = state
        self.nbytes += state.nbytes
        insort(self._batches, state.batch)
        self._thin_out()

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

    @property
    def batches(self) -> tuple[int, ...]:
        """The batches whose states are kept, in order."""
        return tuple(self._batches)

    def before(self, batch: int) -> State:
        """The latest state at or before a batch."""
        return self.states[self._batches[bisect_right(self._batches, batch) - 1]]

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

    def _widen(self) -> None:
        self.interval *= 2
        for batch in self._batches[1:]:
            if batch % self.interval and batch not in self.pinned:
                self._drop(batch)

    def _drop(self, batch: int) -> None:
        state = self.states.pop(batch, None)
        if state is not None:
            self.nbytes -= state.nbytes
            self._batches.remove(batch)


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
