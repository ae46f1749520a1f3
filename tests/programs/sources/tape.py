"""A small autograd engine on arrays: each operation leaves a closure that knows its backward."""

import numpy as np


def unbroadcast(grad, shape):
    while grad.ndim > len(shape):
        grad = grad.sum(axis=0)
    return grad


class Tensor:
    def __init__(self, data, _children=()):
        self.data = data
        self.grad = np.zeros_like(data)
        self._backward = lambda: None
        self._prev = _children

    def __add__(self, other):
        out = Tensor(self.data + other.data, (self, other))

        def _backward():
            self.grad += unbroadcast(out.grad, self.data.shape)
            other.grad += unbroadcast(out.grad, other.data.shape)

        out._backward = _backward
        return out

    def __matmul__(self, other):
        out = Tensor(self.data @ other.data, (self, other))

        def _backward():
            self.grad += out.grad @ other.data.T
            other.grad += self.data.T @ out.grad

        out._backward = _backward
        return out

    def tanh(self):
        y = np.tanh(self.data)
        out = Tensor(y, (self,))

        def _backward():
            self.grad += (1 - y**2) * out.grad

        out._backward = _backward
        return out

    def mse(self, target):
        diff = self.data - target
        out = Tensor(np.array((diff**2).mean()), (self,))

        def _backward():
            self.grad += 2 * diff / diff.size * out.grad

        out._backward = _backward
        return out

    def backward(self):
        topo = []
        visited = set()

        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)

        build_topo(self)
        self.grad = np.ones_like(self.data)
        for v in reversed(topo):
            v._backward()


class Linear:
    def __init__(self, nin, nout, rng, nonlin=True):
        self.w = Tensor(rng.uniform(-1, 1, (nin, nout)))
        self.b = Tensor(np.zeros(nout))
        self.nonlin = nonlin

    def __call__(self, x):
        act = x @ self.w + self.b
        return act.tanh() if self.nonlin else act

    def parameters(self):
        return [self.w, self.b]


class MLP:
    def __init__(self, sizes, rng):
        last = len(sizes) - 2
        self.layers = [
            Linear(sizes[i], sizes[i + 1], rng, nonlin=i != last) for i in range(len(sizes) - 1)
        ]

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self):
        return [p for layer in self.layers for p in layer.parameters()]

    def zero_grad(self):
        for p in self.parameters():
            p.grad = np.zeros_like(p.data)


rng = np.random.default_rng(1337)
xs = rng.uniform(-1, 1, (48, 3))
ys = np.sin(3 * xs[:, :1]) * xs[:, 1:2]
model = MLP([3, 8, 5, 1], rng)
learning_rate = 0.3
batch_size = 8


def train(k):
    # forward
    start = k * batch_size % len(xs)
    x = Tensor(xs[start : start + batch_size])
    loss = model(x).mse(ys[start : start + batch_size])

    # backward
    model.zero_grad()
    loss.backward()

    # update (sgd)
    for p in model.parameters():
        p.data -= learning_rate * p.grad

    return loss.data.item()
