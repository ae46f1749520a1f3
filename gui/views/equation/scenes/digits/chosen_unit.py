"""Which unit is shown: the one of the chosen cell, else a person's, else that of the largest."""

from __future__ import annotations

from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.widgets.chosen_cell import ChosenCell, place_in
from gui.widgets.view import network_of


class UnitChoice:
    """Keeps the unit that a person chose, while its array is made at the stops shown."""

    def __init__(self) -> None:
        self._kept: tuple[object, ...] = ()
        self._unit = -1

    def unit(self, snapshot: Snapshot, cell: ChosenCell | None, units: int, otherwise: int) -> int:
        """The unit to show, of so many."""
        operation = snapshot.operation
        assert operation is not None
        found = place_in(cell, snapshot, operation.name, operation.result, result=True)
        if found is not None:
            return int(found[-1])
        if self._kept == _array_of(snapshot) and 0 <= self._unit < units:
            return self._unit
        return otherwise

    def choose(self, snapshot: Snapshot, index: Index) -> ChosenCell:
        """Keep the unit of a cell of the result; returns the cell, by its name at any cursor."""
        self._kept, self._unit = _array_of(snapshot), int(index[-1])
        operation = snapshot.operation
        assert operation is not None
        layer, own = operation.layer, operation.name.removeprefix("self.")
        named = own.isidentifier() and own != operation.name and bool(layer)
        if named:
            return ChosenCell(f"{layer}.{own}", index, snapshot.position)
        function = snapshot.stack[0].function if snapshot.stack else ""
        return ChosenCell(operation.name or operation.source, index, snapshot.position, function)

    def release(self) -> None:
        """Forget the unit."""
        self._kept, self._unit = (), -1


def _array_of(snapshot: Snapshot) -> tuple[object, ...]:
    operation = snapshot.operation
    assert operation is not None
    return (*network_of(snapshot), operation.layer, operation.function, operation.name)
