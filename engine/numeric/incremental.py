"""Incremental central differences: the same definition and step, without repeated computation.

The two forward passes for one weight change almost nothing: the weight moves one column of its
layer's output, and only in samples where its input is not 0. The forward pass therefore runs once
and is kept, and for each weight only the moved column continues. It passes the elementwise layers
by their own `forward`, and the next Affine as a multiple of one row of its W. From there thousands
of weights pass the remaining layers and the loss at once (`Many`), by their own `forward`. The
losses of samples that did not move cancel. Two equally bright pixels of an image move a unit alike,
so that their weights share one computation.

Parameters that two layers share, or that precede a layer without a declared reach (`reach`), are
differentiated one element at a time, with the forward pass run again from the owning layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.numeric.elements import central, runs
from engine.numeric.many import Many
from engine.numeric.pieces import Piece, Stopwatch
from engine.numeric.reach import ELEMENTWISE, OF_COLUMN, OF_PARAMETER, Reach, is_declared
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]

CHUNK = 4_000_000  # numbers to compute between two pieces: about 30 ms
BLOCK = 80_000  # numbers in an array passed to a layer: it fits into the cache


def pieces(
    copy: WorkingCopy, chosen: Mapping[str, Array], h: float, slice_seconds: float
) -> Iterator[Piece]:
    """The gradient by the chosen elements, in pieces."""
    watch = Stopwatch(sum(len(indices) for indices in chosen.values()))
    passed = copy.inputs()
    for name, indices in chosen.items():
        layer, attribute = copy.place(name)
        layers = copy.layers
        declared = OF_PARAMETER.get((type(layers[layer]), attribute))
        owners = _owners(copy, name)
        if (
            len(owners) > 1
            or declared is None
            or not is_declared(layers[layer:], copy.network.loss)
        ):
            start = min(owners), passed[min(owners)]
            yield from _from_the_owner(watch, copy, name, indices, start, h, slice_seconds)
        else:
            reach = declared(layers[layer], passed[layer], indices)
            behind = _Behind(copy, layer, passed)
            yield from _by_columns(watch, copy, name, indices, reach, behind, h, slice_seconds)


def _from_the_owner(
    watch: Stopwatch,
    copy: WorkingCopy,
    name: str,
    indices: Array,
    start: tuple[int, Array],
    h: float,
    slice_seconds: float,
) -> Iterator[Piece]:
    """Derivatives by running the layers again from `start`: a layer's number and its input."""
    array = copy.parameters[name]

    def derivative(index: int) -> Any:
        return central(lambda: copy.loss_from(*start), array, index, h)

    return runs(watch, name, indices, derivative, slice_seconds)


def _by_columns(
    watch: Stopwatch,
    copy: WorkingCopy,
    name: str,
    indices: Array,
    reach: Reach,
    behind: _Behind,
    h: float,
    slice_seconds: float,
) -> Iterator[Piece]:
    """Derivatives for a few columns of the layer's output at a time, with all their moves."""
    columns, column_of = np.unique(reach.columns, return_inverse=True)
    sources, source_of = np.unique(reach.sources, return_inverse=True)
    by, moves = reach.by[:, sources], []
    for group in _same_labels(copy.t):
        moves.append(_moves(group, by))
        yield from watch.tick(name, slice_seconds)
    numbers = 2 * behind.width * sum(len(move.samples) for move in moves)
    size = max(1, CHUNK // max(numbers, 1))
    dtype = copy.parameters[name].dtype
    for first in range(0, len(columns), size):
        some = columns[first : first + size]
        total = np.zeros((len(some), len(sources)))
        for move in moves:
            difference = behind.differences(move, some, h)
            total += difference[:, move.place].sum(axis=1)
            yield from watch.tick(name, slice_seconds)
        here = (column_of >= first) & (column_of < first + size)
        values = total[column_of[here] - first, source_of[here]] / len(copy.t) / (2 * h)
        yield from watch.hand_out(name, indices[here], values.astype(dtype), 2 * len(values))


def _owners(copy: WorkingCopy, name: str) -> set[int]:
    """The layers that own a parameter: several, if they share its memory."""
    mine = copy.parameters[name]
    return {
        copy.place(other)[0]
        for other, array in copy.parameters.items()
        if other == name or np.may_share_memory(mine, array)
    }


def _same_labels(t: Array) -> list[Array]:
    """For each label (number or one-hot row), the numbers of its samples."""
    labels, kinds = np.unique(t, axis=0, return_inverse=True)
    return [np.flatnonzero(kinds == kind) for kind in range(len(labels))]


@dataclass(frozen=True, slots=True, eq=False)
class _Moves:
    """The U distinct moves of a column in the samples of one label.

    Attributes:
        samples: (U,) the sample of each move.
        by: (U,) the distance of each move, as a multiple of h; never 0.
        place: (n, S) for each of the label's n samples and each source, the number of its move; U
            if it does not move.

    """

    samples: Array
    by: Array
    place: Array


def _moves(group: Array, by: Array) -> _Moves:
    samples, values, place = [], [], []
    count = 0
    for n in group.tolist():
        different, which = np.unique(by[n], return_inverse=True)
        moving = different != 0
        number = np.where(moving, count + np.cumsum(moving) - 1, -1)
        place.append(number[which.reshape(-1)])
        samples.append(np.full(moving.sum(), n))
        values.append(different[moving])
        count += len(values[-1])
    places = np.stack(place)
    places[places < 0] = count
    return _Moves(np.concatenate(samples), np.concatenate(values), places)


class _Behind:
    """The layers from the output of a layer to the loss, for moves of one of its columns."""

    def __init__(self, copy: WorkingCopy, layer: int, passed: list[Array]) -> None:
        layers = copy.layers[layer + 1 :]
        count = next(
            (n for n, layer_behind in enumerate(layers) if type(layer_behind) not in ELEMENTWISE),
            None,
        )
        self.loss, self.t = copy.network.loss, copy.t
        self.elementwise = layers[:count]
        self.spreading: Any = None if count is None else layers[count]
        self.rest = () if count is None else layers[count + 1 :]
        self.output = passed[layer + 1]  # (N, M) of the layer itself
        self.end = passed[layer + 1 + len(self.elementwise)]  # (N, M) after elementwise layers
        after = layer + 1 + len(self.elementwise) + (self.spreading is not None)
        self.base = np.ascontiguousarray(passed[after].T)  # (K, N), the rows that moves change
        self.width = max(value.shape[1] for value in passed[after:])

    def differences(self, moves: _Moves, columns: Array, h: float) -> Array:
        """(J, U + 1): the change of a sample's loss when one of J columns moves by h and by −h.

        The last entry of each row is 0, for no move.
        """
        count = len(moves.samples)
        found = np.zeros((len(columns), count + 1), self.base.dtype)
        rows = max(1, BLOCK // self.width)
        deep = min(max(count, 1), rows)
        for first in range(0, count, deep):
            part = slice(first, min(first + deep, count))
            samples, by = moves.samples[part], moves.by[part]
            high = max(1, rows // len(samples))
            for top in range(0, len(columns), high):
                some = columns[top : top + high]
                above = self._losses(samples, some, by * h)
                found[top : top + high, part] = above - self._losses(samples, some, by * -h)
        return found

    def _losses(self, samples: Array, columns: Array, move: Array) -> Array:
        """(J, U) the loss of each sample (U,) when one of the columns (J,) moves by `move` (U,)."""
        column = self.output.T[columns[:, None], samples] + move
        shape = column.shape
        for layer in self.elementwise:
            column = layer.forward(column.reshape(-1, 1)).reshape(shape)
        base = self.base[:, None, samples]  # (K, 1, U)
        if self.spreading is None:
            rows = np.repeat(base, len(columns), axis=1)
            rows[columns, np.arange(len(columns))] = column
        else:
            spread = OF_COLUMN[type(self.spreading)](self.spreading, columns)  # (K, J)
            rows = spread[:, :, None] * (column - self.end.T[columns[:, None], samples])
            rows += base
        x: Any = Many(rows.reshape(1, len(rows), -1))
        for layer in self.rest:
            x = layer.forward(x)
        loss: Array = self.loss.forward(x, self.t[samples[:1]]).values
        return loss.reshape(shape)
