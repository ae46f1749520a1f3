"""Which cell is shown: the chosen cell, else a person's choice here."""

from __future__ import annotations

from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.widgets.chosen_cell import ChosenCell, place_in
from gui.widgets.view import network_of


class UnitChoice:
    """Keeps the cell that a person chose, for the stops that make its array."""

    def __init__(self) -> None:
        self._kept: tuple[object, ...] = ()
        self._index: Index = ()

    def cell(self, snapshot: Snapshot, chosen: ChosenCell | None) -> Index | None:
        """The index in the result, or None: nobody chose one."""
        operation = snapshot.operation
        assert operation is not None
        found = place_in(chosen, snapshot, operation.name, operation.result, result=True)
        if found is not None:
            return found
        return self._index if self._kept == _array_of(snapshot) else None

    def choose(self, snapshot: Snapshot, index: Index) -> ChosenCell:
        """Keep a cell of the result; returns it by its name at any cursor."""
        self._kept, self._index = _array_of(snapshot), index
        operation = snapshot.operation
        assert operation is not None
        layer, own = operation.layer, operation.name.removeprefix("self.")
        named = own.isidentifier() and own != operation.name and bool(layer)
        if named:
            return ChosenCell(f"{layer}.{own}", index, snapshot.position)
        function = snapshot.stack[0].function if snapshot.stack else ""
        return ChosenCell(operation.name or operation.source, index, snapshot.position, function)

    def release(self) -> None:
        """Forget the cell."""
        self._kept, self._index = (), ()


def _array_of(snapshot: Snapshot) -> tuple[object, ...]:
    operation = snapshot.operation
    assert operation is not None
    where = (operation.layer, operation.function, operation.name)
    return (*network_of(snapshot), *where, operation.result.shape)
