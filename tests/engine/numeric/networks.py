"""Random networks, right ones and ones whose backward is wrong in one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network

seeds = st.integers(0, 2**32 - 1)
KINDS = {"sigmoid": Sigmoid, "relu": ReLU, "tanh": Tanh}


@dataclass(frozen=True)
class Case:
    """A network with a minibatch."""

    network: Network
    x: np.ndarray
    t: np.ndarray


def random_case(
    seed: int, kinds: list[str], dtype: str = "float64", square: bool = False, zeros: bool = True,
    bias: bool = True, loss: type = SoftmaxWithLoss, affine: type = Affine,
    activations: dict[int, type] | None = None,
) -> Case:  # fmt: skip
    """Affine layers with an activation of each kind between two of them.

    `activations` puts other classes in the place of some, by their number.
    """
    rng = np.random.default_rng(seed)
    N, K = int(rng.integers(1, 7)), int(rng.integers(2, 5))
    sizes = [int(n) for n in rng.integers(1, 6, len(kinds) + 1)]
    if square:
        N, K = 4, 4
        sizes = [4] * len(sizes)
    layers: list = []
    for number, (D, M) in enumerate(zip(sizes, [*sizes[1:], K], strict=True)):
        W = rng.normal(0, 1 / np.sqrt(D), (D, M)).astype(dtype)
        layers.append(affine(W, rng.normal(0, 0.3, M).astype(dtype) if bias else None))
        if number < len(kinds):
            layers.append((activations or {}).get(number, KINDS[kinds[number]])())
    x = rng.random((N, sizes[0])).astype(dtype)
    if zeros:
        x[rng.random(x.shape) < 0.3] = 0
    return Case(Network(layers, loss()), x, rng.integers(0, K, N))


class SignFlipped(Sigmoid):
    """backward has the sign of nobody."""

    def backward(self, dout):
        return -super().backward(dout)


class DerivativeForgotten(Sigmoid):
    """backward passes on what it is given."""

    def backward(self, dout):
        return dout


class HalfForgotten(Tanh):
    """backward has lost the square."""

    def backward(self, dout):
        return dout * (1 - self.y)


class ReLUPassesAll(ReLU):
    """backward has lost the mask."""

    def backward(self, dout):
        return dout


class ReLUInverted(ReLU):
    """backward lets through what forward did not."""

    def backward(self, dout):
        return dout * ~self.mask


class TransposeMissing(Affine):
    """dx goes through W in place of Wᵀ; the shapes fit if W is square."""

    def backward(self, dout):
        super().backward(dout)
        return dout @ self.W


class WeightTransposeMissing(Affine):
    """dW is turned; the shapes fit if it is square."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.dW.T
        return dx


class AxisSwapped(Affine):
    """db is summed over the units; the shapes fit if there are as many samples."""

    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.sum(axis=1)
        return dx


class MeanForgotten(SoftmaxWithLoss):
    """backward has lost the 1/N."""

    def backward(self):
        return super().backward() * len(self.y)


class BooksLoss(SoftmaxWithLoss):
    """The book's: log(y + 1e-7) going forward, as if it were log y going back."""

    def forward(self, z, t):
        super().forward(z, t)
        return -np.log(self.y[np.arange(len(z)), t] + 1e-7).sum() / len(z)
