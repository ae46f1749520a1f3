"""Layers with lists of params and grads, momentum, a trainer, after a book's part two."""

import numpy as np


class Affine:
    def __init__(self, W, b):
        self.params = [W, b]
        self.grads = [np.zeros_like(W), np.zeros_like(b)]
        self.x = None

    def forward(self, x):
        W, b = self.params
        out = np.dot(x, W) + b
        self.x = x
        return out

    def backward(self, dout):
        W, b = self.params
        dx = np.dot(dout, W.T)
        dW = np.dot(self.x.T, dout)
        db = np.sum(dout, axis=0)

        self.grads[0][...] = dW
        self.grads[1][...] = db
        return dx


class Sigmoid:
    def __init__(self):
        self.params, self.grads = [], []
        self.out = None

    def forward(self, x):
        out = 1 / (1 + np.exp(-x))
        self.out = out
        return out

    def backward(self, dout):
        dx = dout * (1.0 - self.out) * self.out
        return dx


class SoftmaxWithLoss:
    def __init__(self):
        self.params, self.grads = [], []
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        x = x - x.max(axis=1, keepdims=True)
        x = np.exp(x)
        self.y = x / x.sum(axis=1, keepdims=True)
        rows = np.arange(len(t))
        return -np.sum(np.log(self.y[rows, t])) / len(t)

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        dx = self.y.copy()
        dx[np.arange(batch_size), self.t] -= 1
        dx *= dout
        dx = dx / batch_size
        return dx


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, rng):
        W1 = 0.5 * rng.standard_normal((input_size, hidden_size))
        b1 = np.zeros(hidden_size)
        W2 = 0.5 * rng.standard_normal((hidden_size, output_size))
        b2 = np.zeros(output_size)
        self.layers = [Affine(W1, b1), Sigmoid(), Affine(W2, b2)]
        self.loss_layer = SoftmaxWithLoss()
        self.params, self.grads = [], []
        for layer in self.layers:
            self.params += layer.params
            self.grads += layer.grads

    def predict(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def forward(self, x, t):
        score = self.predict(x)
        loss = self.loss_layer.forward(score, t)
        return loss

    def backward(self, dout=1):
        dout = self.loss_layer.backward(dout)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return dout


class Momentum:
    def __init__(self, lr=0.01, momentum=0.9):
        self.lr = lr
        self.momentum = momentum
        self.v = None

    def apply(self, params, grads):
        if self.v is None:
            self.v = []
            for param in params:
                self.v.append(np.zeros_like(param))

        for i in range(len(params)):
            self.v[i] = self.momentum * self.v[i] - self.lr * grads[i]
            params[i] += self.v[i]


class Trainer:
    def __init__(self, model, optimizer, x, t, batch_size):
        self.model, self.optimizer = model, optimizer
        self.x, self.t = x, t
        self.batch_size = batch_size
        self.current = 0
        self.loss_list = []

    def batch(self):
        if self.current + self.batch_size > len(self.x):
            self.current = 0
        start, end = self.current, self.current + self.batch_size
        self.current = end
        loss = self.model.forward(self.x[start:end], self.t[start:end])
        self.model.backward()
        self.optimizer.apply(self.model.params, self.model.grads)
        self.loss_list.append(loss)
        return loss


def spirals(rng, count, classes):
    x = np.zeros((count * classes, 2))
    t = np.zeros(count * classes, dtype=int)
    for j in range(classes):
        for i in range(count):
            radius = i / count
            theta = j * 4.0 + 2.0 * radius + rng.standard_normal() * 0.1
            x[count * j + i] = radius * np.sin(theta), radius * np.cos(theta)
            t[count * j + i] = j
    order = rng.permutation(len(x))
    return x[order], t[order]


def main():
    rng = np.random.default_rng(1984)
    x, t = spirals(rng, 40, 3)
    model = TwoLayerNet(2, 8, 3, rng)
    return Trainer(model, Momentum(lr=0.3), x, t, 15)


trainer = main()
