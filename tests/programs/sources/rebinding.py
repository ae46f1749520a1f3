"""A script: everything is a variable of the module, and everything is bound anew."""

import numpy as np

rng = np.random.default_rng(11)
N, D, H, C = 90, 5, 7, 3
X = rng.standard_normal((D, N))
labels = (X[0] > 0).astype(int) + (X[1] + X[2] > 0)
Y = np.eye(C)[labels].T

W1 = rng.standard_normal((H, D)) * 0.4
b1 = np.zeros((H, 1))
W2 = rng.standard_normal((C, H)) * 0.4
b2 = np.zeros((C, 1))
lr = 0.2
mu = 0.8
m = 15


def softmax(z):
    e = np.exp(z - z.max(axis=0))
    return e / e.sum(axis=0)


def train(it):
    global W1, b1, W2, b2, vW1, vb1, vW2, vb2, loss, acc
    start = it * m % N
    x = X[:, start : start + m]
    y = Y[:, start : start + m]

    # forward propagation
    Z1 = W1.dot(x) + b1
    A1 = np.tanh(Z1)
    Z2 = W2.dot(A1) + b2
    A2 = softmax(Z2)
    loss = -1 / m * np.sum(y * np.log(A2))
    acc = np.mean(A2.argmax(axis=0) == y.argmax(axis=0))

    # back propagation
    dZ2 = A2 - y
    dW2 = 1 / m * dZ2.dot(A1.T)
    db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
    dZ1 = W2.T.dot(dZ2) * (1 - A1**2)
    dW1 = 1 / m * dZ1.dot(x.T)
    db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)

    # update parameters with momentum
    if it == 0:
        vW1, vb1 = np.zeros_like(W1), np.zeros_like(b1)
        vW2, vb2 = np.zeros_like(W2), np.zeros_like(b2)
    vW1 = mu * vW1 + dW1
    vb1 = mu * vb1 + db1
    vW2 = mu * vW2 + dW2
    vb2 = mu * vb2 + db2
    W1 = W1 - lr * vW1
    b1 = b1 - lr * vb1
    W2 = W2 - lr * vW2
    b2 = b2 - lr * vb2
    return loss
