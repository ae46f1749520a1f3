"""Runs code once for many variants of an array: `Many` looks like one array and holds thousands.

To compute a loss for 3,000 slightly different scores, its code can run once on a `Many`: an array
whose every element stands for 3,000 numbers. The code sees the shape of a single configuration; the
axis of the configurations is hidden. The code of a layer or a loss thus computes all
configurations, each as by itself. In memory they are adjacent, which numpy processes fast.

A `Many` supports only the operations of the layers of `engine.nn`: elementwise functions, a product
with a plain matrix, `sum` and `max`, indexing. Any other operation is a TypeError or an
AttributeError, so that nothing is computed differently from the code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

Array = np.ndarray[Any, Any]


class Many(NDArrayOperatorsMixin):
    """R arrays of shape `shape`, stored as one array of shape `shape + (R,)` in `values`."""

    def __init__(self, values: Array) -> None:
        self.values = values

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each configuration."""
        shape: tuple[int, ...] = self.values.shape[:-1]
        return shape

    @property
    def ndim(self) -> int:
        """Number of dimensions of each configuration."""
        return self.values.ndim - 1

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        dtype: np.dtype[Any] = self.values.dtype
        return dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("many configurations are no single array")

    def __getitem__(self, index: Any) -> Many:
        whole = index if isinstance(index, tuple) else (index,)
        return Many(self.values[(*whole, ..., slice(None))])

    def sum(self, axis: int | None = None, keepdims: bool = False) -> Many:
        """Sum of each configuration, over an axis or over all axes."""
        return self._reduced(np.add, axis, keepdims)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Many:
        """Largest number of each configuration, along an axis or over all axes."""
        return self._reduced(np.maximum, axis, keepdims)

    def _reduced(self, ufunc: np.ufunc, axis: int | None, keepdims: bool) -> Many:
        return Many(ufunc.reduce(self.values, axis=self._axes(axis), keepdims=keepdims))

    def _axes(self, axis: int | None) -> int | tuple[int, ...]:
        if axis is None:
            return tuple(range(self.ndim))
        return axis if axis >= 0 else axis + self.ndim

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            return NotImplemented
        if ufunc is np.matmul:
            return _product(*inputs)
        if ufunc.signature is not None:
            return NotImplemented
        # A plain array is the same for all configurations: it gets a last axis of length 1.
        plain = [
            x.values if isinstance(x, Many) else x[..., None] if isinstance(x, np.ndarray) else x
            for x in inputs
        ]
        return Many(ufunc(*plain))


def _product(x: Any, W: Any) -> Any:
    """Each configuration of `x` (N, D) times the plain matrix `W` (D, M)."""
    if not (isinstance(x, Many) and x.ndim == 2 and isinstance(W, np.ndarray) and W.ndim == 2):
        return NotImplemented
    return Many(np.matmul(W.T, x.values))  # (M, D) @ (N, D, R) -> (N, M, R)
