"""Central differences by the same definition and the same h, without computing the same again.

Of the two forward passes for one weight nearly everything comes out as it did before: the weight
moves one column of its layer's output, and that only in the samples where its input is not 0. So
the forward pass is run once and kept, and for each weight the moved column alone goes on: through
the elementwise layers by their own `forward`, through the next Affine as a multiple of one row of
its W, and from there through whatever follows, thousands of weights at once (`Many`), up to the
loss, by its own `forward` too. What a loss makes of the samples that nothing has reached cancels.

A parameter with a layer behind it that declares nothing (`reach`) is differentiated one element at
a time, the forward pass re-run from the layer that owns it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.numeric.elements import central, runs
from engine.numeric.many import Many
from engine.numeric.pieces import Piece, Stopwatch
from engine.numeric.reach import ELEMENTWISE, OF_COLUMN, OF_PARAMETER, Reach, is_declared
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]

CHUNK = 8_000_000  # numbers to be worked out between two pieces: some 50 ms
BLOCK = 40_960  # numbers in an array that a layer is given at once: it stays in the cache


def pieces(
    copy: WorkingCopy, chosen: Mapping[str, Array], h: float, slice_seconds: float
) -> Iterator[Piece]:
    """The gradient by the chosen elements, in pieces."""
    watch = Stopwatch(sum(len(indices) for indices in chosen.values()))
    passed = copy.inputs()
    groups = _same_labels(copy.t)
    for name, indices in chosen.items():
        layer, attribute = copy.place(name)
        layers = copy.network.layers
        declared = OF_PARAMETER.get((type(layers[layer]), attribute))
        if declared is None or not is_declared(layers[layer:], copy.network.loss):
            yield from _from_the_owner(watch, copy, name, indices, passed[layer], h, slice_seconds)
            continue
        behind = _Behind(copy, layer, passed, groups)
        array = copy.parameters[name]
        size = max(1, CHUNK // (2 * len(copy.x) * behind.width))
        for first in range(0, len(indices), size):
            part = indices[first : first + size]
            w = array.reshape(-1)[part] if array.flags.c_contiguous else array.flat[part]
            moves = (w + h) - w, (w - h) - w  # what adding h to w does, round-off included
            reach = declared(layers[layer], passed[layer], part)
            values = (behind.differences(reach, moves) / (2 * h)).astype(array.dtype)
            yield from watch.hand_out(name, part, values, 2 * len(part))


def _from_the_owner(
    watch: Stopwatch,
    copy: WorkingCopy,
    name: str,
    indices: Array,
    x: Array,
    h: float,
    slice_seconds: float,
) -> Iterator[Piece]:
    """Re-run all that lies behind, since a layer there says nothing of what it does."""
    layer, _ = copy.place(name)
    array = copy.parameters[name]

    def derivative(index: int) -> Any:
        return central(lambda: copy.loss_from(layer, x), array, index, h)

    return runs(watch, name, indices, derivative, slice_seconds)


def _same_labels(t: Array) -> list[Array]:
    """The numbers of the samples that share a label, as numbers or one-hot rows; for each label."""
    _, kinds = np.unique(t, axis=0, return_inverse=True)
    kinds = kinds.reshape(-1)  # numpy 2.0 gives it another shape
    return [np.flatnonzero(kinds == kind) for kind in range(kinds.max() + 1)]


class _Behind:
    """What lies between the output of a layer and the loss, for moves of one of its columns."""

    def __init__(
        self, copy: WorkingCopy, layer: int, passed: list[Array], groups: list[Array]
    ) -> None:
        layers = copy.network.layers[layer + 1 :]
        count = next((n for n, one in enumerate(layers) if type(one) not in ELEMENTWISE), None)
        self.loss, self.t, self.groups = copy.network.loss, copy.t, groups
        self.elementwise = layers[:count]
        self.spreading: Any = None if count is None else layers[count]
        self.rest = () if count is None else layers[count + 1 :]
        self.output = passed[layer + 1]  # (N, M) of the layer itself
        self.column_end = passed[layer + 1 + len(self.elementwise)]  # (N, M)
        after = layer + 1 + len(self.elementwise) + (self.spreading is not None)
        self.base = np.ascontiguousarray(passed[after].T)  # (K, N), the rows that will be moved
        self.width = max(value.shape[1] for value in passed[after:])

    def differences(self, reach: Reach, moves: tuple[Array, Array]) -> Array:
        """(P,) L(w + h) − L(w − h) for P elements, which move by `moves` (P,) up and down."""
        total = np.zeros(len(reach.columns))
        for group in self.groups:
            samples, elements = np.nonzero(reach.by[group])
            samples = group[samples]
            block = max(1, BLOCK // self.width)
            for first in range(0, len(samples), block):
                n, p = samples[first : first + block], elements[first : first + block]
                difference = self._of_rows(n, p, reach, moves)
                total += np.bincount(p, difference, len(total))
        return total / len(self.t)

    def _of_rows(self, n: Array, p: Array, reach: Reach, moves: tuple[Array, Array]) -> Array:
        """(R,) the difference that element `p` (R,) makes to the loss of sample `n` (R,)."""
        columns, by = reach.columns[p], reach.by[n, p]
        spread = None
        if self.spreading is not None:
            spread = OF_COLUMN[type(self.spreading)](self.spreading, columns)  # (K, R)
        base = self.base.take(n, axis=1)  # (K, R)
        t = self.t[n[:1]]  # the same for all of them
        output, end = self.output[n, columns], self.column_end[n, columns]
        losses = []
        for move in moves:
            column = output + by * move[p]
            for layer in self.elementwise:
                column = layer.forward(column[:, None])[:, 0]
            if spread is None:
                rows = base.copy()
                rows[columns, np.arange(len(columns))] = column
            else:
                rows = spread * (column - end)
                rows += base
            losses.append(self._losses(rows, t))
        return losses[0] - losses[1]

    def _losses(self, rows: Array, t: Array) -> Array:
        """(R,) the loss of each of R samples, given what reaches the rest of the layers (K, R)."""
        x: Any = Many(rows[None])
        for layer in self.rest:
            x = layer.forward(x)
        loss: Array = self.loss.forward(x, t).values
        return loss
