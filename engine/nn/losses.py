"""The loss: one number for how wrong the network is, and the place where going back begins."""

# mypy: no-warn-return-any
# (numpy's type stubs take an array times a plain number for Any)

from __future__ import annotations

import numpy as np
from numpy import ndarray


class SoftmaxWithLoss:
    """Softmax turns scores into probabilities; the loss is the mean surprise at the right answers.

    forward     L  = mean of −log y[t]
                y  = softmax z = eᶻ / Σ eᶻ
    backward    dz = (y − t) / N, with t one-hot

    The scores are shifted so that the largest of each sample is 0, which changes no probability and
    keeps e from overflowing; log y is computed as z − log Σ eᶻ, so that no log of 0 is taken.
    """

    name = "SoftmaxWithLoss"

    def forward(self, z: ndarray, t: ndarray) -> np.floating:
        """Scores (N, K) and labels -> loss."""
        self.t = class_numbers(t, z)  # (N,), kept for backward
        shifted = z - z.max(axis=1, keepdims=True)  # (N, K) - (N, 1)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)  # (N, 1)
        self.y = e / total  # (N, K) / (N, 1), kept for backward
        log_y = shifted - np.log(total)  # (N, K) - (N, 1)
        rows = np.arange(len(z))
        return -log_y[rows, self.t].sum() / len(z)

    def backward(self) -> ndarray:
        """The gradient by the scores (N, K)."""
        dz = self.y.copy()  # (N, K)
        rows = np.arange(len(dz))
        dz[rows, self.t] -= 1
        return dz / len(dz)


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
