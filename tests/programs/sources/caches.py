"""A two-layer net of functions that return what they computed and a cache, after a course."""

import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache


def affine_backward(dout, cache):
    x, w, b = cache
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db


def relu_forward(x):
    out = np.maximum(0, x)
    cache = x
    return out, cache


def relu_backward(dout, cache):
    x = cache
    dx = dout * (x > 0)
    return dx


def softmax_loss(x, y):
    shifted = x - np.max(x, axis=1, keepdims=True)
    Z = np.sum(np.exp(shifted), axis=1, keepdims=True)
    log_probs = shifted - np.log(Z)
    probs = np.exp(log_probs)
    N = x.shape[0]
    loss = -np.sum(log_probs[np.arange(N), y]) / N
    dscores = probs.copy()
    dscores[np.arange(N), y] -= 1
    dscores /= N
    return loss, dscores


def loss_and_grads(params, X, y, reg):
    a1, fc1_cache = affine_forward(X, params["W1"], params["b1"])
    h1, relu_cache = relu_forward(a1)
    scores, fc2_cache = affine_forward(h1, params["W2"], params["b2"])

    data_loss, dscores = softmax_loss(scores, y)
    reg_loss = 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    loss = data_loss + reg_loss

    grads = {}
    dh1, grads["W2"], grads["b2"] = affine_backward(dscores, fc2_cache)
    da1 = relu_backward(dh1, relu_cache)
    dx, grads["W1"], grads["b1"] = affine_backward(da1, fc1_cache)
    grads["W2"] += reg * params["W2"]
    grads["W1"] += reg * params["W1"]
    return loss, grads


np.random.seed(231)
num_train, input_dim, hidden_dim, num_classes = 120, 6, 9, 4
X_train = np.random.randn(num_train, 2, 3)
y_train = np.argmax(
    X_train.reshape(num_train, -1).dot(np.random.randn(input_dim, num_classes)), axis=1
)

params = {
    "W1": 0.3 * np.random.randn(input_dim, hidden_dim),
    "b1": np.zeros(hidden_dim),
    "W2": 0.3 * np.random.randn(hidden_dim, num_classes),
    "b2": np.zeros(num_classes),
}
learning_rate = 0.4
reg = 1e-3
batch_size = 10
loss_history = []


def train_step(it):
    batch_mask = np.random.choice(num_train, batch_size)
    X_batch = X_train[batch_mask]
    y_batch = y_train[batch_mask]
    loss, grads = loss_and_grads(params, X_batch, y_batch, reg)
    loss_history.append(loss)
    for p in params:
        params[p] -= learning_rate * grads[p]
    return loss


if __name__ == "__main__":
    for it in range(200):
        loss = train_step(it)
        if it % 50 == 0:
            print("iteration", it, "loss", loss)
