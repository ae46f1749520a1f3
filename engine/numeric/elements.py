"""Numerical differentiation by definition: one element at a time, with whole forward passes.

Move an element a little, run the network, and measure the change of the loss. This needs only
`forward`, so that the result holds for the network's actual forward pass. It takes two passes per
element, 79,520 for the book's network: the reason for backpropagation.
"""

# mypy: no-warn-return-any
# (a loss is a number of the network's own making)

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from engine.numeric.pieces import Method, Piece, Stopwatch
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]
Loss = Callable[[], Any]


def central(loss: Loss, array: Array, index: int, h: float) -> Any:
    """(L(w + h) − L(w − h)) / 2h, where w is the element of `array` at a flat index.

    The element is restored bit for bit, whatever happens in between.
    """
    w = array.flat[index]
    try:
        array.flat[index] = w + h
        above = loss()
        array.flat[index] = w - h
        below = loss()
    finally:
        array.flat[index] = w
    return (above - below) / (2 * h)


def forward(loss: Loss, array: Array, index: int, h: float, here: Any) -> Any:
    """(L(w + h) − L(w)) / h, where `here` is L(w); the element is restored."""
    w = array.flat[index]
    try:
        array.flat[index] = w + h
        return (loss() - here) / h
    finally:
        array.flat[index] = w


def complex_step(loss: Loss, array: Array, index: int, h: float) -> Any:
    """Im L(w + ih) / h: no subtraction, so no cancellation; the element is restored."""
    w = array.flat[index]
    try:
        array.flat[index] = w + 1j * h
        return loss().imag / h
    finally:
        array.flat[index] = w


def pieces(
    copy: WorkingCopy, chosen: Mapping[str, Array], method: Method, h: float, slice_seconds: float
) -> Iterator[Piece]:
    """The gradient by the chosen elements, in pieces that take about `slice_seconds` each."""
    watch = Stopwatch(sum(len(indices) for indices in chosen.values()))
    evaluations = 0
    here = None
    if method is Method.FORWARD:
        here, evaluations = copy.loss(), 1
    for name, indices in chosen.items():
        derivative = _derivative(copy.loss, copy.parameters[name], method, h, here)
        for piece in runs(watch, name, indices, derivative, slice_seconds):
            spent = method.evaluations * len(piece.indices) + evaluations
            evaluations = 0
            yield Piece(name, piece.indices, piece.values, spent, piece.progress)


def _derivative(
    loss: Loss, array: Array, method: Method, h: float, here: Any
) -> Callable[[int], Any]:
    if method is Method.FORWARD:
        return lambda index: forward(loss, array, index, h, here)
    if method is Method.COMPLEX:
        return lambda index: complex_step(loss, array, index, h)
    return lambda index: central(loss, array, index, h)


def runs(
    watch: Stopwatch,
    name: str,
    indices: Array,
    derivative: Callable[[int], Any],
    slice_seconds: float,
) -> Iterator[Piece]:
    """The derivatives by the elements of one parameter, in pieces of about `slice_seconds`."""
    values: list[Any] = []
    first = 0
    for number, index in enumerate(indices.tolist(), start=1):
        values.append(derivative(index))
        if watch.lap() >= slice_seconds or number == len(indices):
            part = indices[first:number]
            yield from watch.hand_out(name, part, np.array(values), 2 * len(part))
            values, first = [], number
