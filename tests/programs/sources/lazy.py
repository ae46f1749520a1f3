"""Layers that are built by the first batch, Adam keyed by `id`, the gradients of three batches."""

import numpy as np


class Dense:
    def __init__(self, units, activation=None):
        self.units = units
        self.activation = activation
        self.built = False

    def build(self, n_in, rng):
        self.W = rng.normal(0, np.sqrt(1 / n_in), (n_in, self.units))
        self.b = np.zeros((1, self.units))
        self.dW = np.zeros_like(self.W)
        self.db = np.zeros_like(self.b)
        self.built = True

    def forward_pass(self, X, rng):
        if not self.built:
            self.build(X.shape[1], rng)
        self.layer_input = X
        z = X.dot(self.W) + self.b
        self.output = np.tanh(z) if self.activation == "tanh" else z
        return self.output

    def backward_pass(self, accum_grad):
        if self.activation == "tanh":
            accum_grad = accum_grad * (1 - np.power(self.output, 2))
        self.dW += self.layer_input.T.dot(accum_grad)
        self.db += np.sum(accum_grad, axis=0, keepdims=True)
        return accum_grad.dot(self.W.T)

    def slots(self):
        return [(self.W, self.dW), (self.b, self.db)]


class Adam:
    def __init__(self, learning_rate, b1=0.9, b2=0.999):
        self.learning_rate = learning_rate
        self.b1, self.b2 = b1, b2
        self.eps = 1e-8
        self.t = 0
        self.m, self.v = {}, {}

    def apply_gradients(self, slots):
        self.t += 1
        for w, grad in slots:
            key = id(w)
            if key not in self.m:
                self.m[key] = np.zeros_like(grad)
                self.v[key] = np.zeros_like(grad)
            self.m[key] = self.b1 * self.m[key] + (1 - self.b1) * grad
            self.v[key] = self.b2 * self.v[key] + (1 - self.b2) * np.power(grad, 2)
            m_hat = self.m[key] / (1 - self.b1**self.t)
            v_hat = self.v[key] / (1 - self.b2**self.t)
            w -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.eps)


class NeuralNetwork:
    optimizer = None

    def __init__(self, layers, data, seed, accumulate=3):
        self.layers = layers
        self.X, self.y = data
        self.rng = np.random.default_rng(seed)
        self.accumulate = accumulate
        self.pending = 0
        self.errors = []

    def train_on_batch(self, number):
        rows = self.rng.integers(0, len(self.X), 8)
        X, y = self.X[rows], self.y[rows]
        out = X
        for layer in self.layers:
            out = layer.forward_pass(out, self.rng)
        loss = 0.5 * np.mean(np.power(out - y, 2))
        self.errors.append(loss)
        loss_grad = (out - y) / y.size
        for layer in reversed(self.layers):
            loss_grad = layer.backward_pass(loss_grad)
        if self.optimizer is None:
            self.optimizer = Adam(learning_rate=0.02)
        self.pending += 1
        if self.pending == self.accumulate:
            self.optimizer.apply_gradients(
                [slot for layer in self.layers for slot in layer.slots()]
            )
            for layer in self.layers:
                layer.dW.fill(0)
                layer.db.fill(0)
            self.pending = 0
        return loss


def load_data(seed):
    rng = np.random.RandomState(seed)
    X = rng.uniform(-2, 2, size=(100, 3))
    return X, np.stack([X[:, 0] * X[:, 1], np.cos(X[:, 2])], axis=1)


clf = NeuralNetwork([Dense(9, activation="tanh"), Dense(2)], load_data(0), seed=1)
