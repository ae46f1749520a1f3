"""How far a change reaches: what each layer declares, so that the rest is not computed again.

One element W[i, j] of an Affine layer moves one column of its output, column j, and sample n of it
by as much as W moved times x[n, i]: where the pixel is 0, not at all. An elementwise layer hands a
moved column on as a moved column. The next Affine spreads it: its output moves by the column's move
times row j of its own W. From there on all columns have moved, and each layer runs as ever.

These are declarations about the forward passes of `engine.nn`, made here so that those need not
know of them. `tests/engine/numeric` proves each against its layer's own forward. A class that is
not in the tables, a subclass included, promises nothing: it is run whole.
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
    """What P elements of a parameter move in the output of their layer, each by itself.

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
    """(M, P): what the output moves by when one of these input columns (P,) moves by 1."""
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
    """Whether all of these layers, and the loss, say how far a change in them reaches."""
    known = all(type(layer) in ELEMENTWISE or type(layer) in OF_COLUMN for layer in layers)
    return known and type(loss) in MEAN_OVER_SAMPLES
