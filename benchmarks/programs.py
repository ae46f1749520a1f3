"""Networks as people write them by hand, to measure the cost of recording."""

from __future__ import annotations

import itertools

import numpy as np


def step(program: PerSample | Recurrent | Convolution) -> float:
    """Run one minibatch of a program. This is the recorded function."""
    return program.run()


class PerSample:
    """A loop over samples of 8×8 pixels with gradients in lists, as in Nielsen's book."""

    def __init__(self, samples: int, sizes: tuple[int, ...] = (64, 30, 10)) -> None:
        rng = np.random.default_rng(0)
        pairs = list(itertools.pairwise(sizes))
        self.weights = [rng.normal(0, 0.1, (m, n)) for n, m in pairs]
        self.biases = [np.zeros((m, 1)) for _, m in pairs]
        self.samples = [
            (rng.random((sizes[0], 1)), np.eye(sizes[-1])[:, [n % sizes[-1]]])
            for n in range(samples)
        ]

    def run(self) -> float:
        """Sum the gradients of all samples, update, and return the mean loss."""
        loss = 0.0
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in self.samples:
            cost, delta_b, delta_w = self.backprop(x, y)
            loss += cost
            nabla_b = [nb + db for nb, db in zip(nabla_b, delta_b, strict=True)]
            nabla_w = [nw + dw for nw, dw in zip(nabla_w, delta_w, strict=True)]
        rate = 0.5 / len(self.samples)
        self.weights = [w - rate * nw for w, nw in zip(self.weights, nabla_w, strict=True)]
        self.biases = [b - rate * nb for b, nb in zip(self.biases, nabla_b, strict=True)]
        return loss / len(self.samples)

    def backprop(
        self, x: np.ndarray, y: np.ndarray
    ) -> tuple[float, list[np.ndarray], list[np.ndarray]]:
        """Return the loss of one sample and its gradients."""
        activations = [x]
        for w, b in zip(self.weights, self.biases, strict=True):
            z = np.dot(w, activations[-1]) + b
            activations.append(1.0 / (1.0 + np.exp(-z)))
        error = activations[-1] - y
        cost = 0.5 * float(np.sum(error**2))
        delta = error * activations[-1] * (1 - activations[-1])
        nabla_b = [delta]
        nabla_w = [np.dot(delta, activations[-2].T)]
        for place in range(2, len(self.weights) + 1):
            slope = activations[-place] * (1 - activations[-place])
            delta = np.dot(self.weights[-place + 1].T, delta) * slope
            nabla_b.insert(0, delta)
            nabla_w.insert(0, np.dot(delta, activations[-place - 1].T))
        return cost, nabla_b, nabla_w


class Recurrent:
    """A character RNN with loops over time and states in dictionaries, as in min-char-rnn."""

    def __init__(self, steps: int, hidden: int = 100, vocabulary: int = 50) -> None:
        rng = np.random.default_rng(0)
        self.steps, self.hidden, self.vocabulary = steps, hidden, vocabulary
        self.Wxh = rng.normal(0, 0.01, (hidden, vocabulary))
        self.Whh = rng.normal(0, 0.01, (hidden, hidden))
        self.Why = rng.normal(0, 0.01, (vocabulary, hidden))
        self.bh, self.by = np.zeros((hidden, 1)), np.zeros((vocabulary, 1))
        self.memory = [np.zeros_like(p) for p in (self.Wxh, self.Whh, self.Why, self.bh, self.by)]
        self.text = rng.integers(0, vocabulary, steps + 1).tolist()

    def run(self) -> float:
        """Run forward and back through time, and update with Adagrad; return the loss."""
        xs, hs, ps = {}, {-1: np.zeros((self.hidden, 1))}, {}
        loss = 0.0
        for t in range(self.steps):
            xs[t] = np.zeros((self.vocabulary, 1))
            xs[t][self.text[t]] = 1
            hs[t] = np.tanh(np.dot(self.Wxh, xs[t]) + np.dot(self.Whh, hs[t - 1]) + self.bh)
            y = np.dot(self.Why, hs[t]) + self.by
            ps[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(ps[t][self.text[t + 1], 0])
        dWxh, dWhh, dWhy = (np.zeros_like(p) for p in (self.Wxh, self.Whh, self.Why))
        dbh, dby = np.zeros_like(self.bh), np.zeros_like(self.by)
        dhnext = np.zeros_like(hs[0])
        for t in reversed(range(self.steps)):
            dy = np.copy(ps[t])
            dy[self.text[t + 1]] -= 1
            dWhy += np.dot(dy, hs[t].T)
            dby += dy
            dh = np.dot(self.Why.T, dy) + dhnext
            dhraw = (1 - hs[t] * hs[t]) * dh
            dbh += dhraw
            dWxh += np.dot(dhraw, xs[t].T)
            dWhh += np.dot(dhraw, hs[t - 1].T)
            dhnext = np.dot(self.Whh.T, dhraw)
        parameters = (self.Wxh, self.Whh, self.Why, self.bh, self.by)
        gradients = (dWxh, dWhh, dWhy, dbh, dby)
        for p, d, memory in zip(parameters, gradients, self.memory, strict=True):
            np.clip(d, -5, 5, out=d)
            memory += d * d
            p -= 0.1 * d / np.sqrt(memory + 1e-8)
        return float(loss)


class Convolution:
    """A convolution in four loops with its backward pass, as in course assignments."""

    def __init__(self, images: int = 2, filters: int = 3, size: int = 12) -> None:
        rng = np.random.default_rng(0)
        self.x = rng.random((images, 1, size, size))
        self.w = rng.normal(0, 0.1, (filters, 1, 3, 3))
        self.b = np.zeros(filters)

    def run(self) -> float:
        """Run forward, backward and update. The loss is the mean of the squares."""
        x, w, b = self.x, self.w, self.b
        images, filters = len(x), len(w)
        size = x.shape[2] - 2
        out = np.zeros((images, filters, size, size))
        for n in range(images):
            for f in range(filters):
                for i in range(size):
                    for j in range(size):
                        patch = x[n, :, i : i + 3, j : j + 3]
                        out[n, f, i, j] = np.sum(patch * w[f]) + b[f]
        dout = 2 * out / out.size
        dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
        for n in range(images):
            for f in range(filters):
                for i in range(size):
                    for j in range(size):
                        patch = x[n, :, i : i + 3, j : j + 3]
                        dw[f] += dout[n, f, i, j] * patch
                        dx[n, :, i : i + 3, j : j + 3] += dout[n, f, i, j] * w[f]
                        db[f] += dout[n, f, i, j]
        self.w -= 0.1 * dw
        self.b -= 0.1 * db
        return float(np.mean(out**2))
