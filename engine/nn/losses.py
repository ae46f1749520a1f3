"""The loss: one number for how wrong the network is. The backward pass begins with it."""

# mypy: no-warn-return-any
# (numpy's type stubs take an array times a plain number for Any)

from __future__ import annotations

import numpy as np
from numpy import ndarray

from engine.nn.labels import class_numbers


class SoftmaxWithLoss:
    """Softmax turns scores into probabilities; the loss is the mean surprise at the right answers.

    forward     L  = mean of −log y[t]
                y  = softmax z = eᶻ / Σ eᶻ
    backward    dz = (y − t) / N, with t one-hot

    Scores z (N, K) are shifted so that the largest of each sample is 0: e cannot overflow then,
    and y (N, K) is the same; log y is computed as z − log Σ eᶻ, so that no log of 0 is taken.
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
