"""The chosen cell, shared by all panels: a breakpoint hit it, or a question asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.events import Phase, Position
from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.widgets.parameters import gradient_name


@dataclass(frozen=True, slots=True)
class ChosenCell:
    """A cell of a named array.

    Attributes:
        name: the array's name at any cursor, `Affine1.W`; or a local variable's name.
        index: the index of the cell.
        at: the position of the stop for this cell; its result is the array, whatever its name.
        function: for a local variable the function of the question, else empty.
    """

    name: str
    index: Index
    at: Position | None = None
    function: str = ""

    def __str__(self) -> str:
        return f"{self.name}{list(self.index)}"

    def parameter(self, snapshot: Snapshot) -> str:
        """The cell's parameter, also for a gradient: `Affine1.W` for `Affine1.dW`; or ""."""
        for layer in snapshot.layers:
            for name in layer.parameters:
                if self.name in (layer.full(name), gradient_name(layer, name)):
                    return layer.full(name)
        return ""


def place_in(
    cell: ChosenCell | None, snapshot: Snapshot, text: str, value: Any, result: bool = False
) -> Index | None:
    """The index of the chosen cell in an array named `text` in the source; None: not in this array.

    A parameter's cell is also that of its gradient, and of whatever else of its shape an update
    makes of them. `result`: whether the array is what the event at the cursor has made.
    """
    if cell is None or not isinstance(value, np.ndarray):
        return None
    if text.endswith(".T") and value.ndim == 2:
        found = place_in(cell, snapshot, text[:-2], value.T)
        return None if found is None else found[::-1]
    if len(cell.index) != value.ndim or any(
        not 0 <= i < n for i, n in zip(cell.index, value.shape, strict=True)
    ):
        return None
    there = result and cell.at == snapshot.position
    return cell.index if there or _is_called(cell, snapshot, text) else None


def _is_called(cell: ChosenCell, snapshot: Snapshot, text: str) -> bool:
    """Whether an array of this name is, at the cursor, the one that the cell is of."""
    layer, _, own = cell.name.rpartition(".")
    if not layer:
        here = snapshot.stack[0].function if snapshot.stack else ""
        return text == cell.name and here == cell.function
    parameter = cell.parameter(snapshot)
    if snapshot.event.phase is Phase.UPDATE:
        event = snapshot.position.event
        labels = [band.label for band in snapshot.bands if band.first <= event <= band.last]
        return bool(parameter) and parameter in labels
    known = parameter.rpartition(".")[2]
    names = {f"self.{own}", *((f"self.{known}", f"self.d{known}") if known else ())}
    return snapshot.event.layer == layer and text in names
