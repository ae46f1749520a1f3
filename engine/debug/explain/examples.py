"""The example cell of a result, shown while the user points at no cell.

The example is the cell with the largest magnitude: in the backward pass the largest gradient, in
the update the largest change. It keeps its sample and its unit from operation to operation, where
an array has such an axis. A cell with gradient 0 is chosen only if all gradients are 0.
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
# Identifies an axis: its length, and its number among axes of that length; -1: the sample axis.
Axis = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ExamplePlaces:
    """The places of the examples so far, by axis.

    Attributes:
        places: the last index along each axis.
    """

    places: Mapping[Axis, int] = field(default_factory=dict)

    def after(self, shape: tuple[int, ...], index: Index, batch: int) -> ExamplePlaces:
        """The places after the cell `index` of an array of this shape was the example."""
        new = {axis: place for axis, place in zip(_axes(shape, batch), index, strict=True)
               if axis[0] > 1}  # fmt: skip
        return replace(self, places={**self.places, **new})


def example_cell(
    operation: Operation, phase: Phase, batch: int, kept: ExamplePlaces | None = None,
    row: int | None = None, within: Region | None = None,
) -> Index:  # fmt: skip
    """Choose the example cell of an operation's result.

    Args:
        operation: an operation whose result is an array.
        phase: its phase. In backward and update, the numbers are gradients and changes.
        batch: the number of samples; an axis of this length is the sample axis.
        kept: the places of earlier examples.
        row: the required sample, if the result has a sample axis.
        within: the allowed cells, such as those that a selected cell reaches.
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
    for axis, name in sorted(enumerate(axes), key=lambda pair: pair[1][1]):  # the samples first
        place = None if kept is None else kept.places.get(name)
        if place is not None and (narrowed := _narrowed(allowed, axis, place)).any():
            allowed = narrowed
    best = int(np.argmax(np.where(allowed, size, -1.0)))
    return tuple(int(i) for i in np.unravel_index(best, size.shape))


def kept_cell(shape: tuple[int, ...], batch: int, kept: ExamplePlaces) -> Index | None:
    """The cell at the kept places of all axes of an array; None if an axis has no kept place."""
    places = [0 if axis[0] == 1 else kept.places.get(axis) for axis in _axes(shape, batch)]
    found = tuple(place for place in places if place is not None)
    return found if len(found) == len(shape) else None


def _axes(shape: tuple[int, ...], batch: int) -> Iterator[Axis]:
    """The identity of each axis; the first axis as long as the minibatch is the sample axis."""
    met: dict[int, int] = {}
    for length in shape:
        if length == batch > 1 and length not in met:
            met[length] = 0
            yield length, -1
        else:
            yield length, met.setdefault(length, 0)
            met[length] += 1


def _size_of(operation: Operation) -> Array:
    """The weight of each cell: its magnitude, or its change in place; infinite if not finite."""
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
    """The cells whose gradient is not 0.

    In backward and update the result itself is a gradient or a change. In forward the gradients are
    the argument and the result of the layer's backward, later in the same batch.
    """
    if phase is not Phase.FORWARD:
        return np.asarray(size != 0)
    alive = np.ones(size.shape, dtype=bool)
    for gradient in operation.gradients:
        if gradient.shape == size.shape:
            alive &= gradient != 0
    return alive


def _narrowed(allowed: Array, axis: int, place: int) -> Array:
    """The allowed cells at one place of an axis; none if the axis is too short."""
    found = np.zeros(allowed.shape, dtype=bool)
    if place < allowed.shape[axis]:
        cells = (slice(None),) * axis + (place,)
        found[cells] = allowed[cells]
    return found
