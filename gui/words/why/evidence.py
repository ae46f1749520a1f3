"""The evidence of a derivation: the arrays of a stop in float64, and an example cell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from engine.debug.events import Phase
from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import terms_of
from engine.debug.snapshots.snapshot import CacheEntry, LayerState, Snapshot
from engine.nn.losses import SoftmaxWithLoss
from gui.dialogs.wording import to_translate
from gui.words.measured import Unknown, numbers
from gui.words.saying import say

_N = to_translate

Array = np.ndarray[Any, Any]
Cell = tuple[int, ...]
_TERMS = 40  # rows of the list of a cell's terms


class Evidence:
    """What a derivation measures at a stop. Each array is in float64.

    Every method raises `Unknown` for what the snapshot does not have.
    """

    def __init__(self, snapshot: Snapshot, operation: Operation, cell: Cell | None) -> None:
        self.snapshot = snapshot
        self.operation = operation
        self._cell = cell

    # Arrays --------------------------------------------------------------------------------------

    @cached_property
    def result(self) -> Array:
        """The operation's result."""
        return exact(self.operation.result)

    def operand(self, place: int) -> Array:
        """An operand of the operation."""
        if place >= len(self.operation.operands):
            raise Unknown
        return exact(self.operation.operands[place].value)

    def mean_in_dout(self, images: int) -> str:
        """That a mean's division is in `dout`, if so: the app's own loss divides before layers."""
        if all(layer.kind != SoftmaxWithLoss.__name__ for layer in self.snapshot.layers):
            return ""
        return say(_N("words", "; the 1/{N} of the mean is in `dout`"), N=images)

    def value(self, name: str) -> Any:
        """A variable, as it is."""
        for variable in self.snapshot.variables:
            if variable.name == name:
                return variable.value
        raise Unknown

    def array(self, name: str) -> Array:
        """A variable's array."""
        return exact(self.value(name))

    def number(self, name: str) -> float:
        """A variable's number."""
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, (int, float, np.number)):
            raise Unknown
        return float(value)

    # The network ---------------------------------------------------------------------------------

    @cached_property
    def layer_number(self) -> int:
        """The place of the operation's layer in the network."""
        for number, layer in enumerate(self.snapshot.layers):
            if layer.name == self.operation.layer:
                return number
        raise Unknown

    @property
    def layer(self) -> LayerState:
        """The layer in which the operation runs."""
        return self.snapshot.layers[self.layer_number]

    @property
    def before(self) -> LayerState:
        """The layer whose output this layer takes."""
        if self.layer_number == 0:
            raise Unknown
        return self.snapshot.layers[self.layer_number - 1]

    @property
    def goes_back(self) -> bool:
        """Whether the cursor is in the backward pass."""
        return self.snapshot.event.phase is Phase.BACKWARD

    @property
    def takes_pixels(self) -> bool:
        """Whether the layer's inputs are the pixels of the images."""
        return self.layer_number == 0 and self.layer.in_shape[-1:] == (
            int(np.prod(self.snapshot.minibatch.images.shape[1:])),
        )

    @property
    def images(self) -> int:
        """The images of the minibatch."""
        return len(self.snapshot.minibatch.labels)

    def cached(self, name: str) -> CacheEntry:
        """An entry of the forward cache, of this layer."""
        for entry in self.snapshot.cache:
            if entry.name == f"{self.operation.layer}.{name}":
                return entry
        raise Unknown

    # The example ---------------------------------------------------------------------------------

    def cell(self, shape: Sequence[int] | None = None, default: Cell | None = None) -> Cell:
        """The cell that was asked for, else a default, else the largest of the result."""
        shape = self.result.shape if shape is None else tuple(shape)
        asked = self._cell
        fits = asked is not None and len(asked) == len(shape)
        if asked and fits and all(0 <= i < n for i, n in zip(asked, shape, strict=True)):
            return asked
        return largest(self.result) if default is None else default

    def row(self, default: int) -> int:
        """The row that was asked for, else a default."""
        asked = self._cell
        return asked[0] if asked and 0 <= asked[0] < self.images else default

    def terms(self, cell: Cell) -> list[Cell]:
        """Where the terms of a cell of the result are, in the order of the card's list."""
        return [term.at for term in terms_of(self.operation, cell, _TERMS).terms]


def exact(value: Any) -> Array:
    """An array in float64; raises `Unknown` where a value was not kept, or is no finite number."""
    if isinstance(value, (np.generic, float, int)) and not isinstance(value, bool):
        found: Array = np.asarray(value, np.float64)
    elif isinstance(value, np.ndarray) and not value.ndim and value.dtype.kind in "biuf":
        found = value.astype(np.float64)
    else:
        found = numbers(value).astype(np.float64)
    if not np.isfinite(found).all():
        raise Unknown
    return found


def largest(values: Array) -> Cell:
    """The cell with the largest magnitude."""
    found = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    return tuple(int(i) for i in found)


def moves(slope: float) -> str:
    """Which way the loss goes as a number grows."""
    if slope == 0:
        return say(_N("words", "moves"))
    return say(_N("words", "grows")) if slope > 0 else say(_N("words", "falls"))
