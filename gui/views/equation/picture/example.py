"""The example: the cell that is marked and explained while a person points at none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from engine.debug.explain.examples import ExamplePlaces, example_cell, kept_cell
from engine.debug.explain.operation import Operation
from engine.debug.explain.reading import shape_of
from engine.debug.explain.terms import Index, targets_of
from engine.debug.snapshots.snapshot import Snapshot
from gui.views.equation.card import explained
from gui.views.equation.picture.forms import row_of
from gui.views.equation.picture.part_maker import is_drawable
from gui.views.equation.picture.parts import RESULT, Block
from gui.widgets.chosen_cell import ChosenCell, place_in

Place = tuple[int, Index | None]  # an operand or `RESULT`, and the index of its cell


class Example:
    """Chooses the example of each stop, near the one of the stop before.

    Attributes:
        cell: of the result, to be explained; None if the result has no cells to explain.
    """

    def __init__(self) -> None:
        self.cell: Index | None = None
        self._kept = ExamplePlaces()

    def forget(self) -> None:
        """Forget the cells of another network."""
        self._kept = ExamplePlaces()

    def keep(self, array: Any, index: Index, batch: int) -> None:
        """Keep to a cell that a person holds. `batch`: the number of samples."""
        self._kept = self._kept.after(np.shape(array), index, batch)

    def choose(
        self, snapshot: Snapshot, operation: Operation, chosen: ChosenCell | None, pin: int | None
    ) -> Place:
        """The place to mark. `chosen`: by the person; `pin`: the pinned sample's row."""
        place, self.cell = self._found(snapshot, operation, chosen, pin)
        return place

    def _found(
        self, snapshot: Snapshot, operation: Operation, chosen: ChosenCell | None, pin: int | None
    ) -> tuple[Place, Index | None]:
        batch = len(snapshot.minibatch.labels)
        found = _chosen_in(chosen, snapshot, operation)
        shape, phase = shape_of(operation.result), snapshot.event.phase
        if not explained(operation):
            drawable = isinstance(operation.result, np.ndarray) and is_drawable(operation.result)
            if found is None and drawable and kept_cell(shape, batch, self._kept) is not None:
                found = RESULT, example_cell(operation, phase, batch, self._kept, pin)
            return found or (RESULT, None), None
        if found is None:
            cell = example_cell(operation, phase, batch, self._kept, pin)
            found = RESULT, cell
        elif found[0] == RESULT:
            cell = found[1]
        else:
            within = targets_of(operation, *found)
            cell = example_cell(operation, phase, batch, self._kept, pin, within)
        if row_of(operation).computes and shape:
            self._kept = self._kept.after(shape, cell, batch)
        return found, cell


def held_instead(
    chosen: ChosenCell, snapshot: Snapshot, block: Block, index: Index
) -> ChosenCell | None:
    """The chosen cell, moved within its array; None if a cell of another array is held."""
    is_result = block.operand == RESULT
    if place_in(chosen, snapshot, block.name, block.array, is_result) is None:
        return None
    return replace(chosen, index=index)


def _chosen_in(
    chosen: ChosenCell | None, snapshot: Snapshot, operation: Operation
) -> tuple[int, Index] | None:
    """The operand (or `RESULT`) that has the chosen cell, and the cell's index; or None."""
    found = place_in(chosen, snapshot, operation.name, operation.result, result=True)
    if found is not None:
        return RESULT, found
    for number, operand in enumerate(operation.operands):
        found = place_in(chosen, snapshot, operand.text, operand.value)
        if found is not None:
            return number, found
    return None
