"""A list of params and a plain sgd function, batches from a generator made before, after a book."""

import numpy as np


def synthetic_data(rng, num_examples):
    X = rng.normal(0, 1, (num_examples, 5))
    y = (np.abs(X[:, :2]).sum(axis=1) > 1.6).astype(float).reshape(-1, 1)
    return X, y


def data_iter(batch_size, features, labels, rng):
    num_examples = len(features)
    while True:
        indices = list(range(num_examples))
        rng.shuffle(indices)
        for i in range(0, num_examples, batch_size):
            batch_indices = np.array(indices[i : min(i + batch_size, num_examples)])
            yield features[batch_indices], labels[batch_indices]


def net(X, params):
    W1, b1, W2, b2 = params
    H = np.maximum(np.dot(X, W1) + b1, 0)
    return H, 1 / (1 + np.exp(-(np.dot(H, W2) + b2)))


def loss_fn(y_hat, y):
    return -(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))


def gradient(X, H, y_hat, y, params):
    W1, b1, W2, b2 = params
    delta = y_hat - y
    dH = np.dot(delta, W2.T)
    dH[H <= 0] = 0
    return [np.dot(X.T, dH), dH.sum(axis=0), np.dot(H.T, delta), delta.sum(axis=0)]


def sgd(params, grads, lr, batch_size):
    for param, grad in zip(params, grads):
        param -= lr * grad / batch_size


def make_step(seed):
    rng = np.random.default_rng(seed)
    features, labels = synthetic_data(rng, 90)
    num_inputs, num_hiddens = 5, 10
    params = [
        rng.normal(0, 0.5, (num_inputs, num_hiddens)),
        np.zeros(num_hiddens),
        rng.normal(0, 0.5, (num_hiddens, 1)),
        np.zeros(1),
    ]
    lr, batch_size = 0.5, 16
    batches = data_iter(batch_size, features, labels, rng)

    def train_batch():
        X, y = next(batches)
        H, y_hat = net(X, params)
        loss = loss_fn(y_hat, y)
        grads = gradient(X, H, y_hat, y, params)
        sgd(params, grads, lr, len(X))
        return loss.mean()

    return train_batch


step = make_step(42)
