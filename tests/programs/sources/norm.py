"""One long function with batch normalisation and dropout; the training set is shuffled in place."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Config:
    lr: float = 0.3
    drop: float = 0.25
    momentum: float = 0.9
    eps: float = 1e-5
    batch: int = 16


@dataclass
class Model:
    W1: np.ndarray
    gamma: np.ndarray
    beta: np.ndarray
    W2: np.ndarray
    b2: np.ndarray
    running_mean: np.ndarray
    running_var: np.ndarray
    history: list = field(default_factory=list)


def train_batch(model, cfg, X, y, i, rng):
    xb, yb = X[i : i + cfg.batch], y[i : i + cfg.batch]
    n = len(xb)

    a = xb @ model.W1
    mean = a.mean(axis=0)
    var = a.var(axis=0)
    std = np.sqrt(var + cfg.eps)
    norm = (a - mean) / std
    model.running_mean = cfg.momentum * model.running_mean + (1 - cfg.momentum) * mean
    model.running_var = cfg.momentum * model.running_var + (1 - cfg.momentum) * var
    s = model.gamma * norm + model.beta
    h = np.where(s > 0, s, 0.1 * s)
    mask = (rng.random(h.shape) >= cfg.drop) / (1 - cfg.drop)
    d = h * mask
    out = d @ model.W2 + model.b2
    p = np.exp(out - out.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(n), yb]).mean()
    model.history.append(loss)

    dout = p.copy()
    dout[np.arange(n), yb] -= 1
    dout /= n
    dW2 = d.T @ dout
    db2 = dout.sum(axis=0)
    dd = dout @ model.W2.T
    dh = dd * mask
    ds = dh * np.where(s > 0, 1, 0.1)
    dgamma = (ds * norm).sum(axis=0)
    dbeta = ds.sum(axis=0)
    dnorm = ds * model.gamma
    da = (dnorm - dnorm.mean(axis=0) - norm * (dnorm * norm).mean(axis=0)) / std
    dW1 = xb.T @ da

    model.W1 -= cfg.lr * dW1
    model.gamma -= cfg.lr * dgamma
    model.beta -= cfg.lr * dbeta
    model.W2 -= cfg.lr * dW2
    model.b2 -= cfg.lr * db2


class Loop:
    def __init__(self):
        self.rng = np.random.default_rng(99)
        self.dropout_rng = np.random.default_rng(100)
        self.cfg = Config()
        self.X = self.rng.normal(size=(112, 6))
        self.y = (self.X[:, 0] * self.X[:, 1] > 0) + (self.X[:, 2] > 1).astype(int)
        self.model = Model(
            W1=self.rng.normal(size=(6, 12)) / 2,
            gamma=np.ones(12),
            beta=np.zeros(12),
            W2=self.rng.normal(size=(12, 3)) / 3,
            b2=np.zeros(3),
            running_mean=np.zeros(12),
            running_var=np.ones(12),
        )
        self.i = 0

    def __call__(self):
        train_batch(self.model, self.cfg, self.X, self.y, self.i, self.dropout_rng)
        self.i += self.cfg.batch
        if self.i >= len(self.X):
            order = self.rng.permutation(len(self.X))
            self.X[:] = self.X[order]
            self.y[:] = self.y[order]
            self.i = 0


loop = Loop()
