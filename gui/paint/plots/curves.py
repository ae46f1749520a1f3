"""Reduces long curves: each column of pixels keeps the least and largest of its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.debug.snapshots.snapshot import RunHistory

Array = np.ndarray[Any, Any]


def same_run(a: RunHistory | None, b: RunHistory | None) -> bool:
    """Whether two histories draw the same; each snapshot has one of its own."""
    if a is None or b is None or a is b:
        return a is b
    if a.test_parts != b.test_parts:
        return False
    return (a.reach, a.batches_per_epoch) == (b.reach, b.batches_per_epoch) and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for name in ("losses", "test_batches", "test_accuracies", "test_losses")
    )


def stretches(wrong: Array) -> list[tuple[int, int]]:
    """Where a mask is true: the first of each stretch, and the one after its last."""
    edges = np.flatnonzero(np.diff(wrong, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def envelope(values: Array, columns: int) -> tuple[Array, Array]:
    """Least and largest value of each of `columns` equal stretches of a curve.

    Returns two (columns,) arrays. Of fewer values than columns each is repeated; stretches without
    a finite value are NaN.
    """
    n = len(values)
    if n == 0:
        empty = np.full(columns, np.nan)
        return empty, empty
    starts = np.arange(columns) * n // columns
    if n < columns:
        taken = values[starts]
        return taken, taken
    return np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)


def decimate(values: Array, first: int, last: int, points: int) -> tuple[Array, Array]:
    """The curve `values[first:last]` in at most `2 * points` points, its peaks kept.

    Returns (x, y), x ascending: the positions of the least and the largest of each stretch.
    """
    part = values[first:last]
    n = len(part)
    if n <= 2 * points:
        return np.arange(first, first + n), part
    width = -(-n // points)
    whole = n // width * width
    blocks = part[:whole].reshape(-1, width)
    ends = np.stack([_arg(blocks, np.inf, np.argmin), _arg(blocks, -np.inf, np.argmax)], axis=1)
    ends.sort(axis=1)
    at = (ends + np.arange(len(blocks))[:, None] * width).ravel()
    at = np.concatenate([at, np.arange(whole, n)[:: max(1, width // 2)], [n - 1]])
    at = np.unique(at)
    return at + first, part[at]


def _arg(blocks: Array, stand_in: float, find: Callable[..., Array]) -> Array:
    """Where each row's extreme is; NaN counts as `stand_in`, which is never extreme."""
    if np.isnan(blocks).any():
        blocks = np.where(np.isnan(blocks), stand_in, blocks)
    return find(blocks, axis=1)


_BLOCK = 128


class MovingAverage:
    """An exponential moving average that goes on where it stopped when the curve has grown.

    y[k] = y[k−1] + (v[k] − y[k−1]) / min(k + 1, span): the mean of what there is, until `span`
    values have come. Values that are not finite leave it as it is.
    """

    def __init__(self, span: int = 50) -> None:
        self._span = span
        self._values: Array = np.empty(0)
        self._done: Array = np.empty(0)
        self._count = 0
        keep = 1 - 1 / span
        lag = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
        self._weights = np.where(lag >= 0, keep ** np.maximum(lag, 0) / span, 0.0)
        self._decay = keep ** np.arange(1, _BLOCK + 1)

    def of(self, values: Array) -> Array:
        """The average along a curve, of the same length; costs what has been added since."""
        values = np.ascontiguousarray(values, dtype=np.float64)
        n = len(values)
        # Compared by their bits: NaN is equal to itself, and a million take a millisecond.
        old = self._values[: self._count].view(np.int64)
        if self._count > n or not np.array_equal(values[: self._count].view(np.int64), old):
            self._count = 0
        if n > len(self._done):
            self._done = np.resize(self._done, max(n, 2 * len(self._done)))
        self._values = values
        while self._count < n:
            self._go_on(values[self._count :])
        return self._done[:n]

    def _go_on(self, fresh: Array) -> None:
        """Average the next values: blocks at a time where their weights are all the same."""
        k = self._count
        average = float(self._done[k - 1]) if k else 0.0
        whole = len(fresh) // _BLOCK * _BLOCK
        if k >= self._span and whole and np.isfinite(fresh[:whole]).all():
            sums = fresh[:whole].reshape(-1, _BLOCK) @ self._weights.T
            for block in sums:
                block += self._decay * average
                average = float(block[-1])
            self._done[k : k + whole] = sums.ravel()
            self._count += whole
            return
        # The first ones, up to a block's worth, and all up to where the values are finite again.
        part = fresh[: max(self._span, _BLOCK)].tolist()
        for at, value in enumerate(part, start=k):
            if value - value == 0:  # finite
                average += (value - average) / min(at + 1, self._span)
            self._done[at] = average
        self._count += len(part)
