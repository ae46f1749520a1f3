"""Networks and data small enough for a property test, and layers such as people bring along.

The layers keep state in every way that Python offers: what time travel has to put back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.data.dataset import Dataset
from engine.debug.session import Session
from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.nn.optimizers import SGD, AdaGrad, Adam, Momentum

FEATURES, HIDDEN, CLASSES = 9, 5, 4
COUNT, BATCH_SIZE = 23, 5  # the last minibatch of an epoch has 3 samples


def tiny_dataset(seed: int = 0, tests: int = 7) -> Dataset:
    """23 random images of 3 × 3 pixels in 4 classes."""
    rng = np.random.default_rng(seed)

    def images(count: int) -> np.ndarray:
        return rng.integers(0, 256, (count, 3, 3), dtype=np.uint8)

    def labels(count: int) -> np.ndarray:
        return rng.integers(0, CLASSES, count)

    test = Dataset("tests", images(tests), labels(tests), CLASSES) if tests else None
    return Dataset("tiny", images(COUNT), labels(COUNT), CLASSES, test=test)


DATASET = tiny_dataset()


class BatchNorm:
    """Keeps running means from batch to batch, some in place and some by rebinding.

    forward     y = gamma x̂ + beta, with x̂ = (x − mean) / √(var + eps)
    """

    parameter_names = ("gamma", "beta")

    def __init__(self, size: int, dtype: str) -> None:
        self.gamma = np.ones(size, dtype)
        self.beta = np.zeros(size, dtype)
        self.running_mean = np.zeros(size, dtype)
        self.running_var = np.ones(size, dtype)

    def forward(self, x):
        mean = x.mean(axis=0)
        centred = x - mean
        var = (centred**2).mean(axis=0)
        self.std = np.sqrt(var + x.dtype.type(1e-5))
        self.xhat = centred / self.std
        self.running_mean *= x.dtype.type(0.9)
        self.running_mean += x.dtype.type(0.1) * mean
        self.running_var = x.dtype.type(0.9) * self.running_var + x.dtype.type(0.1) * var
        return self.gamma * self.xhat + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.xhat).sum(axis=0)
        self.dbeta = dout.sum(axis=0)
        dxhat = dout * self.gamma
        inner = dxhat - dxhat.mean(axis=0) - self.xhat * (dxhat * self.xhat).mean(axis=0)
        return inner / self.std


class OwnDropout:
    """Draws from a Generator of its own."""

    def __init__(self) -> None:
        self.rng = np.random.default_rng(3)

    def forward(self, x):
        self.mask = (self.rng.random(x.shape) > 0.3).astype(x.dtype)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class GlobalDropout:
    """Draws from numpy's global generator."""

    def forward(self, x):
        self.mask = (np.random.rand(*x.shape) > 0.3).astype(x.dtype)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class PythonDropout:
    """Draws from Python's global generator, in a loop."""

    def forward(self, x):
        self.mask = np.ones_like(x)
        for column in range(x.shape[1]):
            if random.random() < 0.3:
                self.mask[:, column] = 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


MODULE_RNG = np.random.default_rng(11)
module_count = 0


class ModuleDropout:
    """Draws from a generator of its module, and counts in a global."""

    def forward(self, x):
        global module_count
        module_count += 1
        self.mask = (MODULE_RNG.random(x.shape) > 0.1 * (module_count % 3)).astype(x.dtype)
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


class Counter:
    """Counts its calls, in an attribute that appears late and one that goes away again."""

    def __init__(self) -> None:
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls == 3:
            self.third = x.copy()
        if self.calls == 5:
            del self.third
        self.scale = x.dtype.type(1 + 0.1 * (self.calls % 4))
        return x * self.scale

    def backward(self, dout):
        return dout * self.scale


class Buffered:
    """Writes into the same arrays at each call, and hands them on."""

    def __init__(self, size: int, dtype: str) -> None:
        self.y = np.zeros((2 * BATCH_SIZE, size), dtype)
        self.dx = np.zeros((BATCH_SIZE, size), dtype)

    def forward(self, x):
        self.n = len(x)
        y = self.y[: self.n]
        np.multiply(x, x.dtype.type(0.5), out=y)
        y += x
        return y

    def backward(self, dout):
        dx = self.dx[: self.n]
        np.multiply(dout, dout.dtype.type(1.5), out=dx)
        return dx


class Shared:
    """Has one dictionary for all its instances, and a count on the class."""

    means: dict[str, Any] = {}  # noqa: RUF012  (the very mistake that people make)
    count = 0

    def forward(self, x):
        type(self).count += 1
        old = self.means.get("mean", 0)
        self.means["mean"] = x.mean(axis=0) * x.dtype.type(0.1)
        return x + old

    def backward(self, dout):
        return dout


class Lister:
    """Appends to a list, and forgets the oldest."""

    def __init__(self) -> None:
        self.seen: list[Any] = []
        self.by_sign: dict[str, list[float]] = {"plus": [], "minus": []}

    def forward(self, x):
        mean = float(x.mean())
        self.seen.append(x.sum(axis=1))
        if len(self.seen) > 2:
            self.seen.pop(0)
        self.by_sign["plus" if mean > 0 else "minus"].append(mean)
        return x + x.dtype.type(0.01 * len(self.by_sign["plus"]))

    def backward(self, dout):
        return dout


def closure_pair(size: int, dtype: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    count = 0
    drift = np.zeros(size, dtype)

    def forward(x):
        nonlocal count
        count += 1
        drift[count % len(drift)] += x.dtype.type(0.01)
        return x * x.dtype.type(1 + 0.1 * (count % 2)) + drift

    def backward(dout):
        return dout * dout.dtype.type(1 + 0.1 * (count % 2))

    return forward, backward


class Closure:
    """Has its methods made by a function whose variables are the state."""

    def __init__(self, size: int, dtype: str) -> None:
        self.forward, self.backward = closure_pair(size, dtype)


class Slotted:
    """No `__dict__`, a private name, no room for a name."""

    __slots__ = ("__seen", "mask")

    def forward(self, x):
        self.__seen = len(x)
        self.mask = x > 0
        return np.where(self.mask, x, x.dtype.type(0.1) * x)

    def backward(self, dout):
        assert len(dout) == self.__seen
        return np.where(self.mask, dout, dout.dtype.type(0.1) * dout)


class Viewer:
    """Keeps views of an array, which it moves by one at each call."""

    def __init__(self, size: int, dtype: str) -> None:
        self.ring = np.zeros((3, size), dtype)
        self.place = 0
        self.flipped = self.ring[::-1].T
        self.bits = self.ring.view(np.uint8)

    def forward(self, x):
        self.place = (self.place + 1) % 3
        self.now = self.ring[self.place]
        self.now[...] = x.mean(axis=0)
        return x + self.flipped.sum(axis=1) * x.dtype.type(0.1)

    def backward(self, dout):
        return dout


STATEFUL: dict[str, Callable[[int, str], Any]] = {
    "batch norm": BatchNorm,
    "own dropout": lambda size, dtype: OwnDropout(),
    "global dropout": lambda size, dtype: GlobalDropout(),
    "python dropout": lambda size, dtype: PythonDropout(),
    "module dropout": lambda size, dtype: ModuleDropout(),
    "counter": lambda size, dtype: Counter(),
    "buffered": Buffered,
    "shared": lambda size, dtype: Shared(),
    "lister": lambda size, dtype: Lister(),
    "closure": Closure,
    "slotted": lambda size, dtype: Slotted(),
    "viewer": Viewer,
}
PLAIN: dict[str, Callable[[int, str], Any]] = {
    "sigmoid": lambda size, dtype: Sigmoid(),
    "relu": lambda size, dtype: ReLU(),
    "tanh": lambda size, dtype: Tanh(),
}
LAYERS = {**PLAIN, **STATEFUL}
OPTIMIZERS = {
    "sgd": lambda: SGD(lr=0.3),
    "momentum": lambda: Momentum(lr=0.1),
    "adagrad": lambda: AdaGrad(lr=0.1),
    "adam": lambda: Adam(lr=0.05),
}


@dataclass(frozen=True)
class Recipe:
    """How to make a network and its optimizer, as often as needed, always the same."""

    middle: tuple[str, ...] = ("sigmoid",)
    optimizer: str = "sgd"
    dtype: str = "float32"
    seed: int = 0
    input_gradient: bool = False

    def build(self) -> tuple[Network, Any]:
        """A network and an optimizer, with all that they share with others put back."""
        global module_count
        module_count = 0
        MODULE_RNG.bit_generator.state = np.random.default_rng(11).bit_generator.state
        Shared.means.clear()
        Shared.count = 0
        np.random.seed(self.seed)
        random.seed(self.seed)
        rng = np.random.default_rng(self.seed)

        def affine(D: int, M: int) -> Affine:
            W = rng.normal(0, 0.5, (D, M)).astype(self.dtype)
            return Affine(W, np.zeros(M, self.dtype))

        middle = [LAYERS[name](HIDDEN, self.dtype) for name in self.middle]
        layers = [affine(FEATURES, HIDDEN), *middle, affine(HIDDEN, CLASSES)]
        network = Network(layers, SoftmaxWithLoss(), input_gradient=self.input_gradient)
        return network, OPTIMIZERS[self.optimizer]()

    def session(self, dataset: Dataset = DATASET, **settings: Any) -> Session:
        """A session at its start."""
        network, optimizer = self.build()
        settings = {"batch_size": BATCH_SIZE, "seed": self.seed, "blas_threads": None, **settings}
        return Session(network=network, dataset=dataset, optimizer=optimizer, **settings)


def recipes(layers: dict[str, Any] = LAYERS) -> st.SearchStrategy[Recipe]:
    """Networks of one to three layers between two affine ones, with any optimizer and dtype."""
    return st.builds(
        Recipe,
        middle=st.lists(st.sampled_from(sorted(layers)), min_size=1, max_size=3).map(tuple),
        optimizer=st.sampled_from(sorted(OPTIMIZERS)),
        dtype=st.sampled_from(["float32", "float64"]),
        seed=st.integers(0, 3),
        input_gradient=st.booleans(),
    )
