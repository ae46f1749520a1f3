"""Five networks as other people write them, for which no words were written."""

from __future__ import annotations

import numpy as np

from engine.data import Dataset
from engine.debug.session import Session
from engine.nn.layers import Affine
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network

N = 8


def dataset() -> Dataset:
    rng = np.random.default_rng(1)

    def part(n: int, test: Dataset | None) -> Dataset:
        images = rng.integers(0, 256, (n, 6, 6), dtype=np.uint8)
        return Dataset("Noise", images, rng.integers(0, 3, n), 3, test)

    return part(6 * N, part(N, None))


def session_of(network, optimizer, step=None) -> Session:
    more = {} if step is None else {"step": step}
    return Session(network, dataset(), optimizer, N, seed=0, **more)


# 1. Lists of parameters, and loops over the places in them --------------------------------------


class ListNet:
    """A network without layers: weights and gradients in lists."""

    layers = ()
    loss = None

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.sizes = [36, 7, 5, 3]
        self.W = [rng.normal(0, 0.3, (a, b)) for a, b in zip(self.sizes, self.sizes[1:])]  # noqa: B905
        self.b = [np.zeros((1, n)) for n in self.sizes[1:]]
        self.gW = [np.zeros_like(W) for W in self.W]
        self.gb = [np.zeros_like(b) for b in self.b]

    def forward(self, x, t):
        self.a = [x]
        for i in range(len(self.W)):
            s = np.dot(self.a[i], self.W[i]) + self.b[i]
            if i < len(self.W) - 1:
                s = 1.0 / (1.0 + np.exp(-s))
            self.a.append(s)
        self.t = np.eye(self.sizes[-1])[t]
        diff = self.a[-1] - self.t
        return np.mean(diff**2)

    def backward(self):
        delta = 2 * (self.a[-1] - self.t) / self.t.size
        for i in range(len(self.W) - 1, -1, -1):
            self.gW[i][...] = self.a[i].T.dot(delta)
            self.gb[i][:] = np.sum(delta, axis=0, keepdims=True)
            if i > 0:
                delta = (delta @ self.W[i].T) * self.a[i] * (1 - self.a[i])

    def predict(self, x):
        for i in range(len(self.W)):
            x = x @ self.W[i] + self.b[i]
        return x

    def parameters(self):
        return {f"W{i}": W for i, W in enumerate(self.W)} | {
            f"b{i}": b for i, b in enumerate(self.b)
        }

    def gradients(self):
        return {f"W{i}": g for i, g in enumerate(self.gW)} | {
            f"b{i}": g for i, g in enumerate(self.gb)
        }


class PlainDescent:
    lr = 0.1

    def update(self, parameters, gradients):
        for key in parameters:
            parameters[key] += -self.lr * gradients[key]


# 2. Functions with caches ------------------------------------------------------------------------


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, _b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def relu_forward(x):
    out = np.maximum(0, x)
    return out, x


def relu_backward(dout, cache):
    dx = np.array(dout, copy=True)
    dx[cache <= 0] = 0
    return dx


def softmax_loss(scores, y):
    shifted = scores - np.max(scores, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    probs = np.exp(log_probs)
    n = scores.shape[0]
    loss = -np.sum(log_probs[np.arange(n), y]) / n
    dscores = probs.copy()
    dscores[np.arange(n), y] -= 1
    dscores /= n
    return loss, dscores


class CacheNet:
    layers = ()
    loss = None

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.params = {
            "w1": 0.1 * rng.standard_normal((36, 6)),
            "b1": np.zeros(6),
            "w2": 0.1 * rng.standard_normal((6, 3)),
            "b2": np.zeros(3),
        }
        self.grads = {}
        self.reg = 0.01

    def forward(self, x, t):
        h, fc1 = affine_forward(x, self.params["w1"], self.params["b1"])
        h, act = relu_forward(h)
        scores, fc2 = affine_forward(h, self.params["w2"], self.params["b2"])
        loss, self.dscores = softmax_loss(scores, t)
        for name in ("w1", "w2"):
            loss += 0.5 * self.reg * np.sum(self.params[name] * self.params[name])
        self.caches = fc1, act, fc2
        return loss

    def backward(self):
        fc1, act, fc2 = self.caches
        dh, self.grads["w2"], self.grads["b2"] = affine_backward(self.dscores, fc2)
        dh = relu_backward(dh, act)
        _, self.grads["w1"], self.grads["b1"] = affine_backward(dh, fc1)
        for name in ("w1", "w2"):
            self.grads[name] += self.reg * self.params[name]

    def predict(self, x):
        h = np.maximum(0, x @ self.params["w1"] + self.params["b1"])
        return h @ self.params["w2"] + self.params["b2"]

    def parameters(self):
        return self.params

    def gradients(self):
        return self.grads


class Clipped:
    """Gradients cut to a length, with a velocity and a decay of the weights."""

    lr = 0.05

    def __init__(self) -> None:
        self.speed = {}

    def update(self, parameters, gradients):
        total = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))
        scale = 1.0 if total < 1.0 else 1.0 / total
        for key, p in parameters.items():
            g = np.clip(gradients[key] * scale, -0.1, 0.1)
            v = self.speed.setdefault(key, np.zeros_like(p))
            v[:] = 0.9 * v - self.lr * g
            p += v


# 3. A convolution by loops -----------------------------------------------------------------------


class Conv:
    """3 × 3 windows over one channel, each a row of a product."""

    def __init__(self) -> None:
        rng = np.random.default_rng(2)
        self.W = rng.normal(0, 0.3, (2, 3, 3)).astype(np.float32)

    def forward(self, x):
        n = x.shape[0]
        image = x.reshape(n, 6, 6)
        padded = np.pad(image, ((0, 0), (1, 1), (1, 1)))
        out = np.zeros((n, 2, 6, 6), dtype=x.dtype)
        for i in range(0, 6, 3):
            for j in range(0, 6, 3):
                window = padded[:, None, i : i + 3, j : j + 3]
                out[:, :, i, j] = (window * self.W).sum(axis=(2, 3))
        self.padded = padded
        return out.reshape(n, -1)

    def backward(self, dout):
        n = dout.shape[0]
        grid = dout.reshape(n, 2, 6, 6)
        self.dW = np.zeros_like(self.W)
        for i in range(0, 6, 3):
            for j in range(0, 6, 3):
                window = self.padded[:, i : i + 3, j : j + 3]
                self.dW += np.einsum("nk,nij->kij", grid[:, :, i, j], window)
        return None


# 4. A recurrent layer ----------------------------------------------------------------------------


class Recurrent:
    """The rows of an image one after the other, with a state that is handed on."""

    parameter_names = ("W",)

    def __init__(self) -> None:
        self.W = np.random.default_rng(3).normal(0, 0.2, (11, 5)).astype(np.float32)

    def forward(self, x):
        rows = x.reshape(len(x), 6, 6)
        h = np.zeros((len(x), 5), dtype=x.dtype)
        self.states = [h]
        self.joined = []
        for row in np.swapaxes(rows, 0, 1):
            both = np.concatenate([row, h], axis=1)
            h = np.tanh(both @ self.W)
            self.joined.append(both)
            self.states.append(h)
        return np.stack(self.states[1:]).mean(axis=0)

    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        dh = np.zeros_like(dout)
        step = len(self.joined)
        while step > 0:
            step -= 1
            h = self.states[step + 1]
            ds = (dh + dout / len(self.joined)) * (1 - h * h)
            self.dW += self.joined[step].T @ ds
            dh = (ds @ self.W.T)[:, 6:]
        return dh


# 5. Other layers ---------------------------------------------------------------------------------


class BatchNorm:
    def __init__(self, n: int) -> None:
        self.gamma = np.ones(n, np.float32)
        self.beta = np.zeros(n, np.float32)
        self.running = np.zeros(n, np.float32)
        self.parameter_names = ("gamma", "beta")

    def forward(self, x):
        mu, var = x.mean(axis=0), x.var(axis=0)
        self.running = 0.9 * self.running + 0.1 * mu
        self.std = np.sqrt(var + 1e-5)
        self.hat = (x - mu) / self.std
        return self.gamma * self.hat + self.beta

    def backward(self, dout):
        n = dout.shape[0]
        self.dgamma = np.einsum("ij,ij->j", dout, self.hat)
        self.dbeta = dout.sum(0)
        dhat = dout * self.gamma
        return (n * dhat - dhat.sum(0) - self.hat * (dhat * self.hat).sum(0)) / (n * self.std)


class Dropout:
    def __init__(self) -> None:
        self.ratio = 0.25

    def forward(self, x):
        rng = np.random.default_rng(7)
        keep = rng.random(x.shape) > self.ratio
        self.keep = keep.astype(x.dtype) / (1 - self.ratio)
        if not keep.any():
            raise ValueError("nothing is left")
        return x * self.keep

    def backward(self, dout):
        return dout * self.keep


class Leaky:
    def forward(self, x):
        self.x = x
        small = np.minimum(x, 0)
        far = np.abs(x) > 2
        self.far = np.flatnonzero(far.ravel())
        self.biggest = float(x.max())
        order = np.argsort(x[:, 0])
        self.order = x[order]
        return np.where(x > 0, x, 0.1 * small)

    def backward(self, dout):
        dx = np.ones_like(dout)
        dx[self.x < 0] = 0.1
        dx *= dout
        spread = dx[:, :1] - dx[:, 0]
        self.spread = np.outer(dx[0], spread[0]) if spread.size else None
        gap = dx - dx.mean(axis=1, keepdims=True)
        self.gap = np.linalg.norm(gap)
        return dx


def decaying_step(network, optimizer, x, t):
    loss = network.forward(x, t)
    try:
        network.backward()
    finally:
        done = True
    gradients = network.gradients()
    longest = max(float(np.sqrt((g**2).sum())) for g in gradients.values())
    optimizer.update(network.parameters(), {k: g / max(1.0, longest) for k, g in gradients.items()})
    return loss if done else None


def networks() -> dict[str, Session]:
    """The sessions by name, each at its first event."""
    rng = np.random.default_rng(0)

    def affine(D: int, M: int) -> Affine:
        return Affine(rng.normal(0, 0.2, (D, M)).astype(np.float32), np.zeros(M, np.float32))

    return {
        "lists": session_of(ListNet(), PlainDescent()),
        "caches": session_of(CacheNet(), Clipped()),
        "convolution": session_of(Network([Conv(), affine(72, 3)], SoftmaxWithLoss()), Clipped()),
        "recurrent": session_of(
            Network([Recurrent(), affine(5, 3)], SoftmaxWithLoss()), PlainDescent()
        ),
        "layers": session_of(
            Network(
                [affine(36, 6), BatchNorm(6), Leaky(), Dropout(), affine(6, 3)], SoftmaxWithLoss()
            ),
            PlainDescent(),
            decaying_step,
        ),
    }


def broken() -> Session:
    """A network whose second layer does not fit the first."""
    network = Network(
        [Affine(np.ones((36, 4), np.float32)), Affine(np.ones((5, 3), np.float32))],
        SoftmaxWithLoss(),
    )
    return session_of(network, PlainDescent())
