"""The reach of a change: the part of each layer's output that one parameter element moves.

An element W[i, j] of an Affine layer moves column j of its output. Sample n moves by the change of
W times x[n, i], so not at all where the pixel is 0. An elementwise layer turns a moved column into
a moved column. The next Affine spreads it: its output moves by the column's move times row j of its
own W. From there on all columns move, and each layer runs as usual.

These are facts about the forward passes of `engine.nn`, declared here so that `engine.nn` stays
free of them. `tests/engine/numeric` checks each against its layer's forward. A class that is not in
the tables, such as a subclass, has no declared reach, and runs completely.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Reach:
    """The moves of P elements of a parameter in the output of their layer, each by itself.

    Element p, moved by h, moves column `columns[p]` of sample n by h times `by[n, sources[p]]`.

    Attributes:
        columns: (P,)
        sources: (P,)
        by: (N, S)

    """

    columns: Array
    sources: Array
    by: Array


def affine_weights(layer: Any, x: Array, elements: Array) -> Reach:
    """Elements (P,) of W (D, M), by their flat index, for the input `x` (N, D)."""
    rows, columns = np.divmod(elements, layer.W.shape[1])
    return Reach(columns, rows, x)


def affine_bias(layer: Any, x: Array, elements: Array) -> Reach:
    """Elements (P,) of b (M,) for the input `x` (N, D)."""
    return Reach(elements, np.zeros_like(elements), np.ones((len(x), 1), x.dtype))


def affine_spread(layer: Any, columns: Array) -> Array:
    """(M, P): the move of the output when one of these input columns (P,) moves by 1."""
    spread: Array = layer.W[columns].T
    return spread


OF_PARAMETER: dict[tuple[type, str], Callable[[Any, Array, Array], Reach]] = {
    (Affine, "W"): affine_weights,
    (Affine, "b"): affine_bias,
}
OF_COLUMN: dict[type, Callable[[Any, Array], Array]] = {Affine: affine_spread}
ELEMENTWISE: frozenset[type] = frozenset({Sigmoid, ReLU, Tanh})
MEAN_OVER_SAMPLES: frozenset[type] = frozenset({SoftmaxWithLoss})


def is_declared(layers: tuple[Any, ...], loss: Any) -> bool:
    """Whether all of these layers, and the loss, have a declared reach."""
    known = all(type(layer) in ELEMENTWISE or type(layer) in OF_COLUMN for layer in layers)
    return known and type(loss) in MEAN_OVER_SAMPLES
