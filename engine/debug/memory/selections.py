"""Finds a minibatch among the rows of a training set, from which it was selected."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_LEAST = 1024  # bytes of an array that is worth looking for
_LEAST_ROW = 16  # bytes
_AT_A_TIME = 2**20  # bytes


class RowIndex:
    """The rows of a large array by a number that is computed from each.

    Args:
        array: (n, ...), contiguous.
    """

    def __init__(self, array: Array) -> None:
        words = _words(array)
        kind = np.random.Generator(np.random.PCG64(words.shape[1]))
        self._weights = kind.integers(1, 2**62, words.shape[1], np.uint64) * np.uint64(2)
        self._weights += np.uint64(1)
        numbers = self._numbers(words)
        self._order = np.argsort(numbers, kind="stable")
        self._numbers_in_order = numbers[self._order]

    @staticmethod
    def may_have(large: Array, array: Array) -> bool:
        """Whether an array may be a selection of the rows of a large one."""
        return (
            array.ndim > 1
            and array.dtype == large.dtype
            and array.shape[1:] == large.shape[1:]
            and array.nbytes >= _LEAST
            and array.nbytes >= _LEAST_ROW * len(array)
            and array.flags.c_contiguous
            and large.flags.c_contiguous
        )

    def find(self, large: Array, array: Array) -> Array | None:
        """(n,) places of the rows that an array consists of, bit for bit; None if it does not."""
        if not self.may_have(large, array):
            return None
        words = _words(array)
        numbers = self._numbers(words)
        found = np.searchsorted(self._numbers_in_order, numbers)
        found = self._order[np.minimum(found, len(self._order) - 1)]
        return found if np.array_equal(_words(large)[found], words) else None

    def _numbers(self, words: Array) -> Array:
        step = max(_AT_A_TIME // self._weights.nbytes, 1)  # words are widened to 8 bytes
        return np.concatenate(
            [words[start : start + step] @ self._weights for start in range(0, len(words), step)]
        )


def _words(array: Array) -> Array:
    """(n, m) words of a contiguous array, as wide as its rows allow."""
    rows = array.view(np.ndarray).reshape(len(array), -1).view(np.uint8)
    width = next(w for w in (8, 4, 2, 1) if rows.shape[1] % w == 0)
    return rows.view(f"u{width}")
