"""Many arrays of one shape at once, behind the face of a single one.

To know what a loss is for 3,000 slightly different scores one can call it 3,000 times, or run its
code once on a `Many`: an array each of whose elements stands for 3,000 numbers. The code sees the
shape of a single configuration; the axis along which the configurations lie is hidden behind it.
So the very lines of a layer or a loss compute all of them, each as it would by itself, and in
memory the configurations are neighbours, which is what numpy is quick at.

Only what the layers of `engine.nn` do is understood: arithmetic and other elementwise functions, a
product with a plain matrix, `sum` and `max`, indexing. Anything else is a TypeError or an
AttributeError; nothing is computed in a way that the code did not say.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

Array = np.ndarray[Any, Any]


class Many(NDArrayOperatorsMixin):
    """R arrays of shape `shape`, kept as one of `shape + (R,)` in `values`."""

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
        """Sum of each configuration, over an axis or over all of it."""
        return self._reduced(np.add, axis, keepdims)

    def max(self, axis: int | None = None, keepdims: bool = False) -> Many:
        """Largest number of each configuration, along an axis or in all of it."""
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
        # A plain array is the same for all configurations: it gets an axis of length 1 for them.
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
