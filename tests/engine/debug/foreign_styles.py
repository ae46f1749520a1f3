"""More foreign networks: recurrent, functional, with data classes, slots, properties, closures."""

# ruff: noqa
# (it is written as other people write)

from __future__ import annotations

import functools
from collections import deque, namedtuple
from dataclasses import dataclass, field

import numpy as np

from tests.engine.debug.foreign import Case, case, samples

# A recurrent cell with gates cut out of one array by views


class Cell:
    def __init__(self, rng, inputs, hidden):
        self.Wx = rng.normal(size=(inputs, 4 * hidden))
        self.Wh = rng.normal(size=(hidden, 4 * hidden), scale=0.3)
        self.b = np.zeros(4 * hidden)
        self.params = [self.Wx, self.Wh, self.b]
        self.grads = [np.zeros_like(p) for p in self.params]
        self.cache = None

    def forward(self, x, h_prev, c_prev):
        H = h_prev.shape[1]
        A = x @ self.Wx + h_prev @ self.Wh + self.b
        f, g, i, o = A[:, :H], A[:, H : 2 * H], A[:, 2 * H : 3 * H], A[:, 3 * H :]
        for gate in (f, i, o):
            np.negative(gate, out=gate)
            np.exp(gate, gate)
            gate += 1
            np.reciprocal(gate, out=gate)
        np.tanh(g, out=g)
        c_next = f * c_prev + g * i
        h_next = o * np.tanh(c_next)
        self.cache = (x, h_prev, c_prev, i, f, g, o, c_next)
        return h_next, c_next

    def backward(self, dh_next, dc_next):
        x, h_prev, c_prev, i, f, g, o, c_next = self.cache
        tanh_c = np.tanh(c_next)
        ds = dc_next + (dh_next * o) * (1 - tanh_c**2)
        dA = np.hstack((
            ds * c_prev * f * (1 - f),
            ds * i * (1 - g**2),
            ds * g * i * (1 - i),
            dh_next * tanh_c * o * (1 - o),
        ))  # fmt: skip
        self.grads[0][...] += x.T @ dA
        self.grads[1] += np.dot(h_prev.T, dA)
        self.grads[2] += dA.sum(axis=0)
        return dA @ self.Wh.T, ds * f


def recurrent_step(cell, xs, hidden):
    h = c = np.zeros((xs.shape[1], hidden))
    caches = deque()
    for x in xs:
        h, c = cell.forward(x, h, c)
        caches.append(cell.cache)
    for grad in cell.grads:
        grad.fill(0)
    loss = (h**2).sum()
    dh, dc = 2 * h, np.zeros_like(c)
    while caches:
        cell.cache = caches.pop()
        dh, dc = cell.backward(dh, dc)
    norm = np.sqrt(sum((g**2).sum() for g in cell.grads))
    if (rate := 1.0 / (norm + 1e-6)) < 1:
        for g in cell.grads:
            g *= rate
    for p, g in zip(cell.params, cell.grads, strict=True):
        p -= 0.1 * g
    return loss


@case
def recurrent() -> Case:
    cell = Cell(np.random.default_rng(5), 3, 2)
    return Case(
        recurrent_step,
        [cell],
        lambda step: (cell, np.random.default_rng(step).normal(size=(4, 2, 3)), 2),
    )


# Functions all the way: closures, partials, wrapped functions, a tape of lambdas


def logged(function):
    calls = [0]

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        calls[0] += 1
        return function(*args, **kwargs)

    return wrapper


def leaky(slope, *, buffers={}):
    def activate(z):
        out = buffers.setdefault(z.shape, np.empty(z.shape))
        np.multiply(z, slope, out)
        np.maximum(z, out, out=out)
        return out

    def derive(z):
        return np.where(z > 0, 1, slope)

    return activate, derive


@logged
def dense(W, x, /, bias=0.0, *, scale=1):
    return (x @ W + bias) * scale


halved = functools.partial(dense, scale=0.5)
square_into = lambda values, out: np.multiply(values, values, out=out)


def functional_step(params, x, t, *extra, lr=0.1, **options):
    activate, derive = leaky(0.1)
    tape = []
    W1, W2 = params["W1"], params["W2"]
    z = dense(W1, x, bias=params["b"])
    tape.append(lambda d: (x.T @ d, d.sum(0)))
    a = activate(z)
    a = a.copy() if options.get("copy", True) else a
    tape.append(lambda d: d * derive(z))
    y = halved(W2, a)
    tape.append(lambda d: d @ W2.T * 0.5)
    buffer = np.empty_like(y)
    square_into(y - t, buffer)
    loss = buffer.mean()
    square_into(buffer, out=buffer)
    d = 2 * (y - t) / y.size
    grads = {"W2": 0.5 * a.T @ d}
    for back in reversed(tape[1:]):
        d = back(d)
    grads["W1"], grads["b"] = tape[0](d)
    for name in sorted(grads, key=lambda n: -len(n)):
        params[name] -= lr * grads[name]
    return loss


@case
def functional() -> Case:
    rng = np.random.default_rng(6)
    params = {"W1": rng.normal(size=(6, 4)), "b": np.zeros(4), "W2": rng.normal(size=(4, 2))}
    return Case(
        functional_step,
        [params],
        lambda step: (params, samples(step)[0], np.ones((5, 2)), "more"),
    )


# Data classes, slots, private names, properties, inheritance


Gradients = namedtuple("Gradients", "dx dW")


@dataclass
class Config:
    sizes: tuple[int, ...] = (6, 4, 2)
    rate: float = 0.1
    history: list[float] = field(default_factory=list)


class Base:
    __slots__ = ("W", "__x", "dW")

    def __init__(self, W):
        self.W = W

    def forward(self, x):
        self.__x = x
        return self._activate(x @ self.W)

    def backward(self, dout):
        self.dW = self.__x.T @ dout
        return Gradients(dout @ self.W.T, self.dW)

    @staticmethod
    def _activate(z):
        return z

    @property
    def norm(self):
        total = (self.W**2).sum()
        return np.sqrt(total)


class Rectified(Base):
    __slots__ = ("_mask", "__dict__")
    made = 0

    def __init__(self, W):
        super().__init__(W)
        self.__class__.made += 1
        self.seen = 0

    def forward(self, x):
        z = super().forward(x)
        self._mask = z > 0
        self.seen += len(x)
        z *= self._mask
        return z

    def backward(self, dout):
        dout = dout * self._mask
        gradients = super().backward(dout)
        del self._mask
        return gradients

    @property
    def half(self):
        return self.W / 2

    @half.setter
    def half(self, value):
        self.W = value * 2


class Model:
    def __init__(self, config, rng):
        self.config = config
        kinds = [Rectified] * (len(config.sizes) - 2) + [Base]
        self._layers = [
            kind(rng.normal(size=shape))
            for kind, shape in zip(kinds, zip(config.sizes, config.sizes[1:]))
        ]

    def __iter__(self):
        yield from self._layers

    def __getitem__(self, index):
        return self._layers[index]

    def __len__(self):
        return len(self._layers)

    def __call__(self, x):
        for layer in self:
            x = layer.forward(x)
        return x

    def learn(self, x, t):
        y = self(x)
        dout = 2 * (y - t) / t.size
        every = []
        for layer in self[::-1]:
            gradients = layer.backward(dout)
            dout, _ = gradients
            every.append(gradients)
        for layer in self:
            layer.W -= self.config.rate * layer.dW
        if self[0].norm > 1:
            self[0].half = self[0].half * 0.9
        loss = float(np.mean((y - t) ** 2))
        self.config.history.append(loss)
        self.config.rate *= 0.99
        return loss


def dressed_step(model, x, t):
    loss = model.learn(x, t)
    return loss


@case
def dressed() -> Case:
    model = Model(Config(), np.random.default_rng(8))
    return Case(
        dressed_step,
        [model, *model, model.config],
        lambda step: (model, samples(step)[0], np.ones((5, 2))),
    )


# Big temporaries whose memory numpy reuses where nobody holds them


def big_step(state, scale):
    A, B = state["A"], state["B"]
    total = (A.T * 2 + B).sum()
    total += (np.asfortranarray(A) * scale + B.T - 1).sum(axis=0).sum()
    flipped = (A[::-1, ::-1] * scale - B).mean(axis=1)
    A -= 1e-3 * (B.T + flipped) * total
    state["B"] = (B.T * 0.99 + A.T).T
    return total + (np.exp(-np.abs(A.T)) / 2 + 1).std()


@case
def big_temporaries() -> Case:
    rng = np.random.default_rng(9)
    state = {"A": rng.normal(size=(220, 220)), "B": rng.normal(size=(220, 220))}
    return Case(big_step, [state], lambda step: (state, 1 + step / 7))
