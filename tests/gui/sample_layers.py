"""A layer as a book prints it: the source that hand-made snapshots point into."""

import numpy as np


class Affine:
    """A fully connected layer.

    forward     z  = x W + b
    backward    dx = dz W.T     dW = x.T dz     db = sum over the batch of dz
    """

    def __init__(self, W, b):
        self.W = W  # (D, M)
        self.b = b  # (M,)

    def forward(self, x):
        self.x = x  # kept for backward
        return x @ self.W + self.b  # (N, D) @ (D, M) + (M,)

    def backward(self, dout):
        self.dW = self.x.T @ dout  # (D, N) @ (N, M)
        self.db = dout.sum(axis=0)  # (M,)
        return dout @ self.W.T  # (N, M) @ (M, D)


class Sigmoid:
    """Squashes every number into 0..1."""

    def forward(self, x):
        self.out = 1.0 / (1.0 + np.exp(-x))
        return self.out

    def backward(self, dout):
        return dout * (1.0 - self.out) * self.out
