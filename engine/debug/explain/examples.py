"""Which cell of a result is the example while nobody points at one.

It is the one that matters: the largest number, of a pass back the largest gradient, of an update
the largest change. It is kept from operation to operation: a sample stays the same sample, a unit
the same unit, wherever an array has such an axis. A cell whose gradient is 0 explains nothing and
is taken only where all are so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine.debug.events import Phase
from engine.debug.explain.dependencies import Index, Region
from engine.debug.explain.operation import Form, Operation

Array = np.ndarray[Any, Any]
# What an axis is known by: its length, and which one of that length it is; -1: that of the samples.
Axis = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ExamplePlaces:
    """Where the examples so far stood, by axis.

    Attributes:
        places: the index along each axis that was met.
    """

    places: Mapping[Axis, int] = field(default_factory=dict)

    def after(self, shape: tuple[int, ...], index: Index, batch: int) -> ExamplePlaces:
        """What is kept once the cell `index` of an array of this shape was the example."""
        new = {axis: place for axis, place in zip(_axes(shape, batch), index, strict=True)
               if axis[0] > 1}  # fmt: skip
        return replace(self, places={**self.places, **new})


def example_cell(
    operation: Operation, phase: Phase, batch: int, kept: ExamplePlaces | None = None,
    row: int | None = None, within: Region | None = None,
) -> Index:  # fmt: skip
    """The cell of an operation's result that is to be the example.

    Args:
        operation: its result has cells.
        phase: in which it ran: of a pass back, or an update, the numbers are gradients and changes.
        batch: how many samples there are: an axis as long is theirs.
        kept: of the examples before.
        row: the sample that it must be of, where the result has an axis of samples.
        within: the cells among which it is to be, such as those that a chosen one reaches.
    """
    size = _size_of(operation)
    axes = list(_axes(size.shape, batch))
    allowed = np.ones(size.shape, dtype=bool)
    if within is not None:
        inside = np.zeros(size.shape, dtype=bool)
        inside[within] = True
        allowed &= inside
    if row is not None and (batch, -1) in axes:
        allowed = _narrowed(allowed, axes.index((batch, -1)), row)
    for wanted in (np.isinf(size), _is_alive(operation, size, phase)):
        if (allowed & wanted).any():
            allowed = allowed & wanted
    for axis, name in sorted(enumerate(axes), key=lambda one: one[1][1]):  # the samples first
        place = None if kept is None else kept.places.get(name)
        if place is not None and (narrowed := _narrowed(allowed, axis, place)).any():
            allowed = narrowed
    best = int(np.argmax(np.where(allowed, size, -1.0)))
    return tuple(int(i) for i in np.unravel_index(best, size.shape))


def kept_cell(shape: tuple[int, ...], batch: int, kept: ExamplePlaces) -> Index | None:
    """The cell of an array on all of whose axes something was kept; None: there is no such."""
    places = [0 if axis[0] == 1 else kept.places.get(axis) for axis in _axes(shape, batch)]
    found = tuple(place for place in places if place is not None)
    return found if len(found) == len(shape) else None


def _axes(shape: tuple[int, ...], batch: int) -> Iterator[Axis]:
    """What each axis is known by; the first that is as long as the minibatch is its own."""
    met: dict[int, int] = {}
    for length in shape:
        if length == batch > 1 and length not in met:
            met[length] = 0
            yield length, -1
        else:
            yield length, met.setdefault(length, 0)
            met[length] += 1


def _size_of(operation: Operation) -> Array:
    """How much each cell matters: its magnitude, its change in place; infinite where it is none."""
    result = np.asarray(operation.result)
    before = operation.operands[0].value if operation.operands else None
    with np.errstate(all="ignore"):
        if operation.form is Form.IN_PLACE and isinstance(before, np.ndarray):
            kind = np.result_type(result, np.float64)
            size = np.abs(np.subtract(result, before, dtype=kind))
        else:
            size = np.abs(result).astype(np.float64)
    return np.where(np.isfinite(result), size, np.inf)


def _is_alive(operation: Operation, size: Array, phase: Phase) -> Array:
    """Which cells have a gradient.

    Going back the result is one, and so is a change. Going forward it is what the layer's backward
    is given and gives, later in the same batch.
    """
    if phase is not Phase.FORWARD:
        return np.asarray(size != 0)
    alive = np.ones(size.shape, dtype=bool)
    for gradient in operation.gradients:
        if gradient.shape == size.shape:
            alive &= gradient != 0
    return alive


def _narrowed(allowed: Array, axis: int, place: int) -> Array:
    """The allowed cells at one place of an axis; none where it is not as long."""
    found = np.zeros(allowed.shape, dtype=bool)
    if place < allowed.shape[axis]:
        there = (slice(None),) * axis + (place,)
        found[there] = allowed[there]
    return found
