"""Labels as class numbers, however they come. Labels that do not fit the scores are refused."""

# mypy: no-warn-return-any
# (numpy's type stubs take the result of argmax for Any)

from __future__ import annotations

import numpy as np
from numpy import ndarray


def class_numbers(t: ndarray, z: ndarray) -> ndarray:
    """The labels as class numbers (N,), whether they came as numbers or one-hot (N, K).

    Raises ValueError for labels that do not fit the scores `z` (N, K).
    """
    N, K = z.shape
    if t.ndim == 2:
        return from_one_hot(t, z)
    if t.shape != (N,):
        raise ValueError(f"labels of shape {t.shape} for scores of {N} samples")
    if t.dtype.kind not in "iu":
        raise ValueError(f"labels of type {t.dtype}: they must be integers or one-hot rows")
    if t.min() < 0 or t.max() >= K:
        wrong = t[(t < 0) | (t >= K)][0]
        raise ValueError(f"label {wrong} is not one of the {K} classes 0 to {K - 1}")
    return t


def from_one_hot(t: ndarray, z: ndarray) -> ndarray:
    """The place of the one in each row (N, K) -> (N,)."""
    if t.shape != z.shape:
        raise ValueError(f"one-hot labels of shape {t.shape} for scores of shape {z.shape}")
    if np.any((t != 0) & (t != 1)) or np.any(t.sum(axis=1) != 1):
        raise ValueError("one-hot labels must have a single 1 in each row, and 0 elsewhere")
    return t.argmax(axis=1)
