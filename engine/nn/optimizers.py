"""The optimizers: how far, and which way, a gradient moves a parameter.

`update(parameters, gradients)` changes the parameters in place. Its memory from one update to the
next is dictionaries by the parameter's name, of arrays of the parameter's shape.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy import ndarray

Arrays = Mapping[str, ndarray]


class Optimizer(Protocol):
    """What `train_step` asks of an optimizer."""

    lr: float

    def update(self, parameters: Arrays, gradients: Arrays, /) -> None:
        """Change each parameter that has a gradient, in place."""


class SGD:
    """Stochastic gradient descent: a step downhill.

    update      W ← W − lr dW
    """

    def __init__(self, lr: float = 0.01) -> None:
        self.lr = positive("lr", lr)

    def update(self, parameters: Arrays, gradients: Arrays) -> None:
        """Move each parameter that has a gradient, in place."""
        for name, dW in gradients.items():
            W = parameters[name]
            W -= self.lr * dW


class Momentum:
    """A ball that rolls downhill: gradients push it, friction slows it.

    update      v ← momentum v − lr dW
                W ← W + v
    """

    def __init__(self, lr: float = 0.01, momentum: float = 0.9) -> None:
        self.lr = positive("lr", lr)
        self.momentum = below_one("momentum", momentum)
        self.v: dict[str, ndarray] = {}

    def update(self, parameters: Arrays, gradients: Arrays) -> None:
        """Move each parameter that has a gradient, in place."""
        for name, dW in gradients.items():
            W = parameters[name]
            if name not in self.v:
                self.v[name] = np.zeros_like(W)
            v = self.v[name]
            v *= self.momentum
            v -= self.lr * dW
            W += v


class AdaGrad:
    """Steps that shrink, for each weight, by how much it has been moved so far.

    update      h ← h + dW²
                W ← W − lr dW / (√h + eps)

    Duchi, Hazan, Singer: Adaptive Subgradient Methods, 2011.
    """

    def __init__(self, lr: float = 0.01, eps: float = 1e-7) -> None:
        self.lr = positive("lr", lr)
        self.eps = positive("eps", eps)  # no division by zero
        self.h: dict[str, ndarray] = {}

    def update(self, parameters: Arrays, gradients: Arrays) -> None:
        """Move each parameter that has a gradient, in place."""
        for name, dW in gradients.items():
            W = parameters[name]
            if name not in self.h:
                self.h[name] = np.zeros_like(W)
            h = self.h[name]
            h += dW * dW
            W -= self.lr * dW / (np.sqrt(h) + self.eps)


class Adam:
    """Momentum, with steps scaled by the recent size of each weight's gradient.

    update      m ← beta1 m + (1 − beta1) dW
                v ← beta2 v + (1 − beta2) dW²
                W ← W − lr m̂ / (√v̂ + eps), with m̂ = m / (1 − beta1ⁿ), v̂ = v / (1 − beta2ⁿ)

    n counts the updates: m and v begin at 0, and the division makes good for that.
    Kingma, Ba: Adam, a Method for Stochastic Optimization, 2015, algorithm 1.
    """

    def __init__(
        self, lr: float = 0.001, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
    ) -> None:
        self.lr = positive("lr", lr)
        self.beta1 = below_one("beta1", beta1)
        self.beta2 = below_one("beta2", beta2)
        self.eps = positive("eps", eps)  # no division by zero
        self.n = 0
        self.m: dict[str, ndarray] = {}
        self.v: dict[str, ndarray] = {}

    def update(self, parameters: Arrays, gradients: Arrays) -> None:
        """Move each parameter that has a gradient, in place."""
        self.n += 1
        for name, dW in gradients.items():
            W = parameters[name]
            if name not in self.m:
                self.m[name] = np.zeros_like(W)
                self.v[name] = np.zeros_like(W)
            m, v = self.m[name], self.v[name]
            m += (1 - self.beta1) * (dW - m)
            v += (1 - self.beta2) * (dW * dW - v)
            m_hat = m / (1 - self.beta1**self.n)
            v_hat = v / (1 - self.beta2**self.n)
            W -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    kind.__name__: kind for kind in (SGD, Momentum, AdaGrad, Adam)
}


def positive(argument: str, value: float) -> float:
    """The value, if it is a finite number above 0."""
    if not 0 < value < math.inf:
        raise ValueError(f"{argument} must be a finite number above 0, not {value!r}")
    return float(value)  # a numpy float64 would make float64 of a float32 update


def below_one(argument: str, value: float) -> float:
    """The value, if it is at least 0 and below 1."""
    if not 0 <= value < 1:
        raise ValueError(f"{argument} must be at least 0 and below 1, not {value!r}")
    return float(value)
