"""The data breakpoint, or watchpoint: it stops when cells of a tensor change."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from engine.debug.breakpoints.context import BatchContext, LiveBatch
from engine.debug.breakpoints.place import Place
from engine.debug.cells import cells_if_there, cells_of, parse_index
from engine.debug.reach.contents import look_up
from engine.debug.record.trace import Trace
from engine.errors import BadValue

Array = np.ndarray[Any, Any]
_FEW = 64  # up to so many writes in a batch are checked one by one


class Change(StrEnum):
    """The change of a cell at which a data breakpoint stops."""

    CHANGES = "changes"
    SIGN = "changes sign"
    CROSSES = "crosses"


@dataclass(frozen=True, slots=True)
class AtData(Place):
    """Where a cell, or any cell of a slice, of a tensor changes.

    Attributes:
        parameter: a parameter `Affine1.W`, or another array that a layer keeps from batch to batch:
            a gradient `Affine1.dW`, an output `Sigmoid1.y`. Such an array changes when it is set
            again. Cells that it did not have in the batch before are ignored, such as the samples
            beyond a smaller last batch.
        cells: an index as typed between brackets: `300, 7`, `:, 3`, or "" for all.
        change: the change to stop at.
        value: the value to be crossed.
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
        """The first event at which the cells have changed, if they are changed after the batch.

        With more than `_FEW` writes, a change that is undone again may be missed.
        """
        held_at = self._held_at(trace, context.parameters)

        def cells_at(event: int) -> Array | None:
            return cells_if_there(held_at(event), self.cells)

        first, last = cells_at(0), len(trace) - 1
        if not self._has_changed(first, cells_at(len(trace))):
            return
        is_parameter = self.parameter in context.parameters
        moments = trace.parameter_places.writes(self.parameter) if is_parameter else None
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

    def cell(self, trace: Trace, parameters: Collection[str], event: int) -> tuple[int, ...]:
        """The index of the cell that made it stop; of several, the cell that changed most.

        Empty if the tensor has another shape by then.
        """
        held_at = self._held_at(trace, parameters)
        before = held_at(0)
        # If another array was bound without a recorded write, it is seen only after the batch.
        for moment in (event, len(trace)):
            after = held_at(moment)
            if not isinstance(before, np.ndarray) or np.shape(before) != np.shape(after):
                return ()
            watched = np.zeros(before.shape, dtype=bool)
            watched[parse_index(self.cells)] = True
            if found := largest_change(before, after, watched & self._done(before, after)):
                return found
        return ()

    def hold(self, live: LiveBatch) -> Array | None:
        """A copy of the cells; raises BadValue if there is no such tensor or cell."""
        return self._cells_now(live, cells_of)

    def may_hit(self, live: LiveBatch, held: Any) -> bool:
        """Whether the cells changed between the start and the end of the batch."""
        return self._has_changed(held, self._cells_now(live, cells_if_there))

    def from_file(self) -> AtData:
        """The same place, if the cells are a valid index."""
        parse_index(self.cells)
        return self

    def _cells_now(
        self, live: LiveBatch, cells: Callable[[Array, str], Array | None]
    ) -> Array | None:
        """A copy of the cells now; `cells` reads them from a parameter."""
        array = live.program.parameters().get(self.parameter)
        if array is not None:
            found = cells(array, self.cells)
            return None if found is None else found.copy()
        name, _, attribute = self.parameter.rpartition(".")
        if name not in live.layers:
            known = ", ".join((*live.program.parameters(), *live.layers))
            raise BadValue(
                "tensor", self.parameter, f"a parameter, or an array of a layer, of {known}"
            )
        held = cells_if_there(look_up(live.layers[name], attribute), self.cells)
        return None if held is None else held.copy()

    def _held_at(self, trace: Trace, parameters: Collection[str]) -> Callable[[int], Any]:
        """A function that returns the tensor as it was at an event."""
        is_parameter = self.parameter in parameters
        name, _, attribute = self.parameter.rpartition(".")

        def held_at(event: int) -> Any:
            if is_parameter:
                return trace.parameter_places.value(self.parameter, event)
            if name not in trace.layers:
                return None
            held = trace.history.attributes_at(trace.layers[name], event).get(attribute)
            return trace.history.as_of(held, event)

        return held_at

    def _has_changed(self, before: Array | None, after: Array | None) -> bool:
        """Whether any cell has changed in the watched way; missing cells have not.

        Cells of another shape count as changed, but not as a change of sign or a crossing.
        """
        if before is None or after is None:
            return False
        if self.change is Change.CHANGES:
            return not np.array_equal(before, after, equal_nan=True)
        return before.shape == after.shape and bool(self._crossed(before, after).any())

    def _crossed(self, before: Array, after: Array) -> Array:
        """A mask of the cells that changed their sign or crossed the value."""
        value = self.value if self.change is Change.CROSSES else 0.0
        return np.asarray((before < value) != (after < value))

    def _done(self, before: Array, after: Array) -> Array:
        """A mask of the cells that changed in the watched way; NaN equals NaN."""
        if self.change is not Change.CHANGES:
            return self._crossed(before, after)
        return np.asarray((before != after) & ~((before != before) & (after != after)))


def largest_change(before: Array, after: Array, among: Array) -> tuple[int, ...]:
    """The index of the cell that changed most, of those that are True in `among`; empty if none is.

    A change from or to NaN counts as the largest.
    """
    if not among.any():
        return ()
    with np.errstate(all="ignore"):
        size = np.abs(np.subtract(after, before, dtype=np.result_type(after, np.float64)))
    size = np.where(among, np.where(np.isnan(size), np.inf, size), -1.0)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(size)), size.shape))
