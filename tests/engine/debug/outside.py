"""A step written as short scripts are: its variables are global, or those of a closure."""

# ruff: noqa

import numpy as np

rng = np.random.default_rng(0)
W = np.ones(3)
params = {"b": np.zeros(3), "k": [np.ones(3)]}
rate = 0.5
history = []
count: int = 0


class Counter:
    made = 0
    last = None

    def __init__(self, value):
        Counter.made += 1
        type(self).last = value
        self.value = value


def noted(value):
    history.append(value)
    return value


def decay():
    global rate, velocity
    rate *= 0.9
    velocity = -rate * W
    return rate


def drawn(n):
    global count
    for count in range(n):
        yield count * W


def step(n):
    global W, count, params, late
    velocity_before = globals().get("velocity")
    grad = W - n
    count += 1
    W = W - rate * grad
    decay()
    total = sum(part.sum() for part in drawn(3))
    params["b"] += grad
    params = {**params, "k": [W, grad]}
    params["k"][0][...] *= 2
    noted([W.sum() + i for i in range(2)])
    if (late := float(W[0])) > 1e9:
        return late
    globals()["W"] = W + 1
    W, (count, params["c"]) = W * 2, (count + 1, grad)
    exec("rate = rate + 0.25", globals())
    del late
    Counter(grad)
    try:
        raise ValueError(n)
    except ValueError as late:
        seen = late.args[0]
    return float(total + W.sum() + seen + rate)


def step_with_local_rate(n):
    rate = n
    return W * rate


def trainer():
    weights, turns = np.zeros(3), 0

    def decay(by):
        nonlocal turns
        turns += 1
        return by**turns

    def step(n):
        nonlocal weights
        before = weights
        weights = weights + n * decay(0.5)
        for turn in range(2):
            weights -= turn
            later = lambda: before * turns
        turns_before = turns
        own = 1

        def bump():
            nonlocal own
            own += turns
            return own

        own = 5
        bump()
        own += 1
        weights = weights + bump()
        return float(weights.sum() + later().sum() + turns_before + own)

    return step


outside_W, outside_b, outside_rate = np.ones(3), np.zeros(1), 0.5


def trained(x):
    global outside_W, outside_b
    error = x @ outside_W
    outside_W = outside_W - outside_rate * (x * error)
    outside_b -= error
    return error


images = np.zeros((64, 2**17))


def reads_the_data(n):
    x = images[n, :5] + W.sum()
    return x.sum()


def writes_the_data(n):
    images[n] += 1
    return n
