"""The layers: each has a forward pass and the backward pass that belongs to it.

`forward(x)` returns the layer's output and keeps what `backward` needs. `backward(dout)` gets the
gradient of the loss by that output, keeps the gradients by the parameters (`W` has `dW`), and
returns the gradient by the input. Arrays hold N samples, a row each; no layer changes an array that
it was given.
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

    x (N, D), W (D, M), b (M,), z and dout (N, M). Without `b`, z is the product alone. The cost of
    dx is that of the whole forward; with `needs_dx = False`, backward leaves it out: returns None.
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
    """Squeezes every number of an array, of any shape, into 0 to 1.

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
    """Lets the positive numbers of an array, of any shape, pass, and puts 0 for the others.

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
    """Squeezes every number of an array, of any shape, into −1 to 1.

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
