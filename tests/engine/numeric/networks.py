"""Random networks, and layers whose backward, or forward, is not what it should be."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network

KINDS = {"Sigmoid": Sigmoid, "Tanh": Tanh, "ReLU": ReLU}
SMOOTH = [Sigmoid, Tanh]

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 6)
widths = st.lists(sizes, min_size=2, max_size=4)


def network_of(seed, N, widths, kinds=SMOOTH, bias=True, one_hot=False, dtype="float64", zeros=0.3):
    """A network, and a minibatch of which some pixels are 0 and some equally bright."""
    rng = np.random.default_rng(seed)
    layers = []
    for D, M in itertools.pairwise(widths):
        b = rng.normal(size=M).astype(dtype) if bias else None
        layers += [Affine((rng.normal(size=(D, M)) / np.sqrt(D)).astype(dtype), b)]
        layers += [kinds[number]() for number in rng.integers(0, len(kinds), rng.integers(1, 3))]
    x = rng.choice([0.25, 0.5, -1.0, 1.0], (N, widths[0])) * rng.choice([1, rng.normal()])
    x = np.where(rng.random(x.shape) < zeros, 0.0, x).astype(dtype)
    t = rng.integers(0, widths[-1], N)
    while not isinstance(layers[-1], Affine):
        layers.pop()
    network = Network(layers, SoftmaxWithLoss())
    return network, x, np.eye(widths[-1], dtype=int)[t] if one_hot else t


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


def backprop(network, x, t):
    network.forward(x, t)
    network.backward()
    return {name: np.array(gradient) for name, gradient in network.gradients().items()}


def bits(network):
    """All that the network and its layers hold, for comparing bit for bit."""
    held = {}
    for number, thing in enumerate((*network.layers, network.loss)):
        for name, value in vars(thing).items():
            is_array = isinstance(value, np.ndarray)
            held[number, name] = (
                (value.dtype.str, value.shape, value.tobytes()) if is_array else value
            )
    return held


class SignedSigmoid(Sigmoid):
    def backward(self, dout):
        return -dout * self.y * (1 - self.y)


class SigmoidWithoutDerivative(Sigmoid):
    def backward(self, dout):
        return dout


class TanhHalfDone(Tanh):
    def backward(self, dout):
        return dout * (1 - self.y)


class UntransposedInput(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = self.x @ dout  # the batch is as large as the layer is wide
        return dx


class UntransposedWeights(Affine):
    def backward(self, dout):
        super().backward(dout)
        return dout @ self.W


class SwappedAxis(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.sum(axis=1)
        return dx


class MeanBias(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.db = dout.mean(axis=0)
        return dx


class SignedWeights(Affine):
    def backward(self, dout):
        dx = super().backward(dout)
        self.dW = -self.dW
        return dx


class SummedLoss(SoftmaxWithLoss):
    def backward(self):
        return super().backward() * len(self.y)


class SwappedSignLoss(SoftmaxWithLoss):
    def backward(self):
        return -super().backward()


class BookLoss(SoftmaxWithLoss):
    """The book's: log(y + 1e-7), while its backward ignores the 1e-7."""

    def forward(self, z, t):
        super().forward(z, t)
        return -np.log(self.y[np.arange(len(z)), self.t] + 1e-7).sum() / len(z)


class LeakyBackward(ReLU):
    """Lets all of the gradient through."""

    def backward(self, dout):
        return dout


class ReLUTheWrongWayRound(ReLU):
    def backward(self, dout):
        return dout * ~self.mask


WRONG_ACTIVATIONS = [
    SignedSigmoid, SigmoidWithoutDerivative, TanhHalfDone, LeakyBackward, ReLUTheWrongWayRound,
]  # fmt: skip
WRONG_AFFINES = [UntransposedInput, UntransposedWeights, SwappedAxis, MeanBias, SignedWeights]
WRONG_LOSSES = [SummedLoss, SwappedSignLoss]


class Centred:
    """A layer of somebody's own, that mixes the samples: no parameter, no declaration."""

    def forward(self, x):
        return x - x.mean(axis=0)

    def backward(self, dout):
        return dout - dout.mean(axis=0)


class Scaled:
    """A layer of somebody's own, with a parameter."""

    def __init__(self, size, dtype="float64"):
        self.gamma = np.linspace(0.5, 1.5, size).astype(dtype)

    def forward(self, x):
        self.x = x
        return self.gamma * x

    def backward(self, dout):
        self.dgamma = (dout * self.x).sum(axis=0)
        return dout * self.gamma


class KeepsOut:
    """A sigmoid that keeps its output for the way back, and hands out the same array."""

    def forward(self, x):
        self.out = 1 / (1 + np.exp(-x))
        return self.out

    def backward(self, d):
        return d * self.out * (1 - self.out)


class Scale:
    """Halves what it is given in place."""

    def forward(self, x):
        x *= 0.5
        return x

    def backward(self, d):
        return d * 0.5
