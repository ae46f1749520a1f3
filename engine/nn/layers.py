"""The layers: each remembers what it saw going forward, so that going back computes nothing twice.

`forward(x)` keeps what `backward` needs and returns the layer's output. `backward(dout)` is given
the gradient of the loss by that output, keeps the gradients by its parameters (`W` has `dW`), and
returns the gradient by its input. N samples come at a time, one a row; no layer changes an array
that it was given.
"""

# mypy: no-warn-return-any
# (numpy's type stubs take an array times a plain number for Any)

from __future__ import annotations

import numpy as np
from numpy import ndarray


class Affine:
    """Each output is a weighted sum of all inputs, plus a bias.

    forward     z  = x W + b
    backward    dW = xᵀ dout
                db = Σ dout, over the samples
                dx = dout Wᵀ

    Without `b`, the product alone. Where nothing uses `dx`, which costs as much as the whole of
    forward, `needs_dx = False` leaves it out: `backward` then returns None.
    """

    name = "Affine"
    dW: ndarray
    db: ndarray

    def __init__(self, W: ndarray, b: ndarray | None = None) -> None:
        self.W = W  # (D, M)
        self.b = b  # (M,)
        self.parameter_names = ("W",) if b is None else ("W", "b")
        self.needs_dx = True

    def forward(self, x: ndarray) -> ndarray:
        """(N, D) -> (N, M)."""
        self.x = x  # kept for backward
        if self.b is None:
            return x @ self.W  # (N, D) @ (D, M)
        return x @ self.W + self.b  # (N, D) @ (D, M) + (M,)

    def backward(self, dout: ndarray) -> ndarray | None:
        """(N, M) -> (N, D)."""
        self.dW = self.x.T @ dout  # (D, N) @ (N, M)
        if self.b is not None:
            self.db = dout.sum(axis=0)  # (M,)
        if self.needs_dx:
            return dout @ self.W.T  # (N, M) @ (M, D)
        return None


class Sigmoid:
    """Squeezes every number into 0 to 1.

    forward     y  = 1 / (1 + e⁻ˣ)
    backward    dx = dout y (1 − y)

    An x below −80 counts as −80, where y is 10⁻³⁵: e to a higher power may overflow.
    """

    name = "Sigmoid"

    def forward(self, x: ndarray) -> ndarray:
        """Any shape to the same."""
        x = np.maximum(x, -80)  # e⁸⁰ is finite, also in float32
        self.y = 1 / (1 + np.exp(-x))  # kept for backward
        return self.y

    def backward(self, dout: ndarray) -> ndarray:
        """Any shape to the same."""
        return dout * self.y * (1 - self.y)


class ReLU:
    """Lets positive numbers pass, and nothing else.

    forward     y  = max(x, 0)
    backward    dx = dout where x > 0, else 0
    """

    name = "ReLU"

    def forward(self, x: ndarray) -> ndarray:
        """Any shape to the same."""
        self.mask = x > 0  # kept for backward
        return np.maximum(x, 0)

    def backward(self, dout: ndarray) -> ndarray:
        """Any shape to the same."""
        return dout * self.mask


class Tanh:
    """Squeezes every number into −1 to 1.

    forward     y  = tanh x
    backward    dx = dout (1 − y²)
    """

    name = "Tanh"

    def forward(self, x: ndarray) -> ndarray:
        """Any shape to the same."""
        self.y = np.tanh(x)  # kept for backward
        return self.y

    def backward(self, dout: ndarray) -> ndarray:
        """Any shape to the same."""
        return dout * (1 - self.y * self.y)
