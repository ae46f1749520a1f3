"""The data breakpoint: it waits for cells of a tensor to change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.debug.breakpoints.context import BatchContext, LiveBatch
from engine.debug.breakpoints.place import Place
from engine.debug.cells import cells_if_there, cells_of, parse_index
from engine.debug.memory.contents import look_up
from engine.debug.record.trace import Trace
from engine.errors import BadValue

Array = np.ndarray[Any, Any]
_FEW = 64  # writes in a batch that are looked at each by itself


class Change(StrEnum):
    """What a watched cell does."""

    CHANGES = "changes"
    SIGN = "changes sign"
    CROSSES = "crosses"


@dataclass(frozen=True, slots=True)
class AtData(Place):
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
    takes_condition = False

    def __str__(self) -> str:
        crossed = f" {self.value:g}" if self.change is Change.CROSSES else ""
        return f"{self.parameter}[{self.cells or ':'}] {self.change}{crossed}"

    @property
    def array(self) -> str:
        """The tensor."""
        return self.parameter

    def events(self, trace: Trace, context: BatchContext) -> Iterator[int]:
        """The first event that sees the cells otherwise than before the batch, if they end so.

        Among more than `_FEW` writes a change that is undone again may be passed over.
        """
        held_at = self._held_at(trace, context.network)

        def cells_at(event: int) -> Array | None:
            return cells_if_there(held_at(event), self.cells)

        first, last = cells_at(0), len(trace) - 1
        if not self._has_changed(first, cells_at(len(trace))):
            return
        is_parameter = self.parameter in context.network.parameters()
        moments = trace.homes.writes(self.parameter) if is_parameter else None
        if moments is not None and len(moments) <= _FEW:
            seen = (min(moment, last) for moment in moments)
            yield next((m for m in seen if self._has_changed(first, cells_at(m))), last)
            return
        low, high = 0, last
        while low < high:
            middle = (low + high) // 2
            if self._has_changed(first, cells_at(middle)):
                high = middle
            else:
                low = middle + 1
        yield low

    def cell(self, trace: Trace, network: Any, event: int) -> tuple[int, ...]:
        """The cell that did what is waited for; of several the one that changed most.

        Empty where it is another array by then, of another shape.
        """
        held_at = self._held_at(trace, network)
        before = held_at(0)
        # An array that was bound anew unseen has changed only by the end of the batch.
        for moment in (event, len(trace)):
            after = held_at(moment)
            if not isinstance(before, np.ndarray) or np.shape(before) != np.shape(after):
                return ()
            asked = np.zeros(before.shape, dtype=bool)
            asked[parse_index(self.cells)] = True
            if found := largest_change(before, after, asked & self._done(before, after)):
                return found
        return ()

    def hold(self, live: LiveBatch) -> Array | None:
        """The cells; raises BadValue where there is no such tensor, or no such cell of it."""
        return self._cells_now(live, cells_of)

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether the cells have done it from the start of the batch to its end."""
        return self._has_changed(held, self._cells_now(live, cells_if_there))

    def from_file(self) -> AtData:
        """The same, if the cells are an index."""
        parse_index(self.cells)
        return self

    def _cells_now(
        self, live: LiveBatch, cells: Callable[[Array, str], Array | None]
    ) -> Array | None:
        """A copy of the cells; `cells` takes them from a parameter."""
        array = live.network.parameters().get(self.parameter)
        if array is not None:
            found = cells(array, self.cells)
            return None if found is None else found.copy()
        name, _, attribute = self.parameter.rpartition(".")
        if name not in live.layers:
            known = ", ".join((*live.network.parameters(), *live.layers))
            raise BadValue("tensor", self.parameter, f"one of, or an array of one of, {known}")
        held = cells_if_there(look_up(live.layers[name], attribute), self.cells)
        return None if held is None else held.copy()

    def _held_at(self, trace: Trace, network: Any) -> Callable[[int], Any]:
        """A function that gives the tensor as it was at an event."""
        is_parameter = self.parameter in network.parameters()
        name, _, attribute = self.parameter.rpartition(".")

        def held_at(event: int) -> Any:
            if is_parameter:
                return trace.homes.value(self.parameter, event)
            if name not in trace.layers:
                return None
            held = trace.history.attributes_at(trace.layers[name], event).get(attribute)
            return trace.history.as_of(held, event)

        return held_at

    def _has_changed(self, before: Array | None, after: Array | None) -> bool:
        """Whether any of the cells has done what is waited for; a missing cell has not.

        Cells of another shape have changed, but neither their sign nor their side of a value.
        """
        if before is None or after is None:
            return False
        if self.change is Change.CHANGES:
            return not np.array_equal(before, after, equal_nan=True)
        return before.shape == after.shape and bool(self._crossed(before, after).any())

    def _crossed(self, before: Array, after: Array) -> Array:
        """Which cells have changed their sign, or their side of a value."""
        value = self.value if self.change is Change.CROSSES else 0.0
        return np.asarray((before < value) != (after < value))

    def _done(self, before: Array, after: Array) -> Array:
        """Which cells have done what is waited for; NaN that stays NaN has not changed."""
        if self.change is not Change.CHANGES:
            return self._crossed(before, after)
        return np.asarray((before != after) & ~((before != before) & (after != after)))


def largest_change(before: Array, after: Array, among: Array) -> tuple[int, ...]:
    """Of the cells that are True in `among`, the one that changed most; empty: there is none.

    A change from or to NaN is larger than any other.
    """
    if not among.any():
        return ()
    with np.errstate(all="ignore"):
        size = np.abs(np.subtract(after, before, dtype=np.result_type(after, np.float64)))
    size = np.where(among, np.where(np.isnan(size), np.inf, size), -1.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), size.shape))
