"""Networks as other people write them by hand, which the recorder was not made for."""

# ruff: noqa
# (it is written as other people write)

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

CASES: dict[str, Callable[[], Case]] = {}


@dataclass
class Case:
    """One training step of somebody's network: `function(*args(step))` with the objects it changes.

    `deprecated` is what the function does on purpose that this version of numpy warns of, in the
    words of the warning.
    """

    function: Any
    parts: list[Any]
    args: Callable[[int], tuple[Any, ...]]
    deprecated: str = ""

    def warned(self) -> AbstractContextManager[Any]:
        """Expects that warning, if there is one, and lets no other pass."""
        if not self.deprecated:
            return nullcontext()
        return pytest.warns(DeprecationWarning, match=self.deprecated)


def case(build: Callable[[], Case]) -> Callable[[], Case]:
    CASES[build.__name__] = build
    return build


def samples(step: int, features: int = 6, classes: int = 3, n: int = 5) -> tuple[Any, Any]:
    rng = np.random.default_rng(step)
    return rng.normal(size=(n, features)), rng.integers(0, classes, n)


# Deep Learning from Scratch: params in a dict, layers in an OrderedDict, in-place ReLU


def softmax(x):
    if x.ndim == 2:
        x = x.T
        x = x - np.max(x, axis=0)
        y = np.exp(x) / np.sum(np.exp(x), axis=0)
        return y.T
    x = x - np.max(x)
    return np.exp(x) / np.sum(np.exp(x))


def cross_entropy_error(y, t):
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size


class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = x <= 0
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        dx = dout
        return dx


class BookAffine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.original_x_shape = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.original_x_shape = x.shape
        x = x.reshape(x.shape[0], -1)
        self.x = x
        out = np.dot(self.x, self.W) + self.b
        return out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        dx = dx.reshape(*self.original_x_shape)  # back to the input's shape
        return dx


class BookSoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        if self.t.size == self.y.size:
            dx = (self.y - self.t) / batch_size
        else:
            dx = self.y.copy()
            dx[np.arange(batch_size), self.t] -= 1
            dx = dx / batch_size
        return dx


class BookNet:
    def __init__(self, layers, last):
        self.params = {}
        self.layers = OrderedDict()
        for name, layer in layers:
            self.layers[name] = layer
            if hasattr(layer, "W"):
                self.params["W" + name[-1]] = layer.W
                self.params["b" + name[-1]] = layer.b
        self.last_layer = last

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        y = self.predict(x)
        return self.last_layer.forward(y, t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = 1
        dout = self.last_layer.backward(dout)
        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            dout = layer.backward(dout)
        grads = {}
        for name, layer in self.layers.items():
            if hasattr(layer, "dW"):
                grads["W" + name[-1]], grads["b" + name[-1]] = layer.dW, layer.db
        return grads


class BookMomentum:
    def __init__(self, lr=0.1, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def update(self, params, grads):
        if self.v is None:
            self.v = {}
            for key, val in params.items():
                self.v[key] = np.zeros_like(val)
        for key in params.keys():
            self.v[key] = self.momentum * self.v[key] - self.lr * grads[key]
            params[key] += self.v[key]


def book_step(network, optimizer, x, t):
    grads = network.gradient(x, t)
    optimizer.update(network.params, grads)
    return network.loss(x, t)


def book_layers(rng, *middle, inputs=6, hidden=4, classes=3):
    first = BookAffine(rng.normal(size=(inputs, hidden)), np.zeros(hidden))
    second = BookAffine(rng.normal(size=(hidden, classes)), np.zeros(classes))
    return [("Affine1", first), *middle, ("Affine2", second)]


@case
def book() -> Case:
    rng = np.random.default_rng(0)
    network = BookNet(book_layers(rng, ("Relu1", Relu())), BookSoftmaxWithLoss())
    optimizer = BookMomentum()
    parts = [network, optimizer, *network.layers.values(), network.last_layer]
    return Case(book_step, parts, lambda step: (network, optimizer, *samples(step)))


# Batch norm that keeps running means, dropout with a Generator of its own and with the global one


class BatchNormalization:
    def __init__(self, gamma, beta, momentum=0.9):
        self.W, self.b = gamma, beta
        self.momentum = momentum
        self.running_mean = self.running_var = None

    def forward(self, x, train_flg=True):
        if self.running_mean is None:
            N, D = x.shape
            self.running_mean, self.running_var = np.zeros(D), np.zeros(D)
        if train_flg:
            mu = x.mean(axis=0)
            xc = x - mu
            var = np.mean(xc**2, axis=0)
            self.std = np.sqrt(var + 10e-7)
            self.xc, self.xn = xc, xc / self.std
            self.running_mean *= self.momentum
            self.running_mean += (1 - self.momentum) * mu
            self.running_var[...] = self.momentum * self.running_var + (1 - self.momentum) * var
        return self.W * self.xn + self.b

    def backward(self, dout):
        self.db = dout.sum(axis=0)
        self.dW = np.sum(self.xn * dout, axis=0)
        dxn = self.W * dout
        dxc = dxn / self.std
        dstd = -np.sum((dxn * self.xc) / (self.std * self.std), axis=0)
        dxc += (2.0 / len(dout)) * self.xc * (0.5 * dstd / self.std)
        return dxc - np.sum(dxc, axis=0) / len(dout)


class Dropout:
    def __init__(self, rng=None, ratio=0.5):
        self.rng = rng
        self.dropout_ratio = ratio

    def forward(self, x):
        random = self.rng.random if self.rng is not None else np.random.random
        self.mask = random(x.shape) > self.dropout_ratio
        return x * self.mask

    def backward(self, dout):
        dout *= self.mask
        return dout


@case
def normalized_dropout() -> Case:
    rng = np.random.default_rng(1)
    np.random.seed(7)
    middle = [
        ("Norm3", BatchNormalization(np.ones(4), np.zeros(4))),
        ("Relu1", Relu()),
        ("Drop1", Dropout(np.random.default_rng(3))),
        ("Drop2", Dropout(ratio=0.1)),
    ]
    network = BookNet(book_layers(rng, *middle), BookSoftmaxWithLoss())
    optimizer = BookMomentum(0.05)
    parts = [network, optimizer, *network.layers.values(), network.last_layer]
    return Case(book_step, parts, lambda step: (network, optimizer, *samples(step, n=8)))


# Convolution: im2col with strided views, and by four loops


def im2col(x, k):
    N, H, W = x.shape
    shape = (N, H - k + 1, W - k + 1, k, k)
    s = x.strides
    windows = np.lib.stride_tricks.as_strided(x, shape, (s[0], s[1], s[2], s[1], s[2]))
    return windows.reshape(N * (H - k + 1) * (W - k + 1), k * k)


def col2im(col, shape, k):
    N, H, W = shape
    rows, columns = H - k + 1, W - k + 1
    col = col.reshape(N, rows, columns, k, k).transpose(0, 3, 4, 1, 2)
    img = np.zeros(shape)
    for y in range(k):
        for x in range(k):
            img[:, y : y + rows, x : x + columns] += col[:, y, x, :, :]
    return img


class Im2colConvolution:
    def __init__(self, kernel):
        self.kernel = kernel

    def forward(self, x):
        k = self.kernel.shape[0]
        self.shape = x.shape
        self.col = im2col(x, k)
        out = self.col @ self.kernel.reshape(-1, 1)
        return out.reshape(x.shape[0], x.shape[1] - k + 1, -1)

    def backward(self, dout):
        flat = dout.reshape(-1, 1)
        self.dkernel = (self.col.T @ flat).reshape(self.kernel.shape)
        return col2im(flat @ self.kernel.reshape(1, -1), self.shape, self.kernel.shape[0])


class LoopConvolution:
    """Four loops, as in a course's first assignment; the output lives in a buffer that is reused."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.out = None

    def forward(self, x):
        self.x = x
        N, H, W = x.shape
        k = len(self.kernel)
        if self.out is None:
            self.out = np.empty((N, H - k + 1, W - k + 1))
        for n in range(N):
            for i in range(H - k + 1):
                for j in range(W - k + 1):
                    patch = x[n, i : i + k, j : j + k]
                    self.out[n, i, j] = (patch * self.kernel).sum()
        return self.out

    def backward(self, dout):
        self.dkernel = np.zeros_like(self.kernel)
        dx = np.zeros_like(self.x)
        k = len(self.kernel)
        for (n, i, j), d in np.ndenumerate(dout):
            self.dkernel += d * self.x[n, i : i + k, j : j + k]
            dx[n, i : i + k, j : j + k] += d * self.kernel
        return dx


def convolution_step(layers, x):
    first = x
    for layer in layers:
        x = layer.forward(x)
    dout = 2 * x / x.size
    for layer in layers[::-1]:
        dout = layer.backward(dout)
    for layer in layers:
        layer.kernel -= 0.1 * layer.dkernel
    first[0] = 0  # it is ours to spoil
    return float((x**2).mean())


@case
def convolution() -> Case:
    rng = np.random.default_rng(2)
    layers = [Im2colConvolution(rng.normal(size=(2, 2))), LoopConvolution(rng.normal(size=(2, 2)))]
    return Case(
        convolution_step,
        layers,
        lambda step: (layers, np.random.default_rng(step).normal(size=(2, 5, 5))),
    )


# Params shared by all layers in a dict of the class; parameters in an object array


class Shared:
    params: dict[str, Any] = {}
    grads: dict[str, Any] = {}
    count = 0

    def __init__(self, name, W):
        self.name = name
        Shared.params[name] = W
        Shared.count += 1

    def forward(self, x):
        self.x = x
        return np.tanh(x.dot(self.params[self.name]))

    def backward(self, y, dout):
        dz = dout * (1 - y**2)
        self.grads[self.name] = self.x.T.dot(dz)
        return dz.dot(self.params[self.name].T)

    @classmethod
    def update(cls, lr):
        for name, grad in cls.grads.items():
            cls.params[name] -= lr * grad
        cls.count += 1


def shared_step(layers, x):
    outputs = []
    for layer in layers:
        x = layer.forward(x)
        outputs.append(x)
    dout = np.ones_like(x)
    for layer, y in zip(reversed(layers), outputs[::-1], strict=True):
        dout = layer.backward(y, dout)
    Shared.update(lr=0.1)
    return x.sum()


@case
def shared_by_the_class() -> Case:
    rng = np.random.default_rng(3)
    Shared.params.clear()
    Shared.grads.clear()
    layers = [Shared("one", rng.normal(size=(6, 4))), Shared("two", rng.normal(size=(4, 2)))]
    return Case(shared_step, [*layers, Shared.params], lambda step: (layers, samples(step)[0]))


def nielsen_step(weights, biases, x, y, eta):
    """Neural Networks and Deep Learning, with ragged arrays of objects for the parameters."""
    activation = x
    activations = [x]
    zs = []
    for b, w in zip(biases, weights):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = 1.0 / (1.0 + np.exp(-z))
        activations.append(activation)
    nabla_b = [np.zeros(b.shape) for b in biases]
    nabla_w = [np.zeros(w.shape) for w in weights]
    delta = (activations[-1] - y) * activation * (1 - activation)
    nabla_b[-1] = delta.sum(axis=1, keepdims=True)
    nabla_w[-1] = np.dot(delta, activations[-2].transpose())
    for l in range(2, len(weights) + 1):
        sp = activations[-l] * (1 - activations[-l])
        delta = np.dot(weights[-l + 1].transpose(), delta) * sp
        nabla_b[-l] = delta.sum(axis=1, keepdims=True)
        nabla_w[-l] = np.dot(delta, activations[-l - 1].transpose())
    for i in range(len(weights)):
        weights[i] -= eta * nabla_w[i]
        biases[i][...] = biases[i] - eta * nabla_b[i]
    return ((activation - y) ** 2).sum()


@case
def object_arrays() -> Case:
    rng = np.random.default_rng(4)
    sizes = [6, 4, 3]
    weights = np.empty(2, dtype=object)
    biases = np.empty(2, dtype=object)
    for i in range(2):
        weights[i] = rng.normal(size=(sizes[i + 1], sizes[i]))
        biases[i] = rng.normal(size=(sizes[i + 1], 1))
    return Case(
        nielsen_step,
        [weights, biases],
        lambda step: (weights, biases, samples(step)[0].T.copy(), np.eye(3)[:, :1], 0.3),
    )
