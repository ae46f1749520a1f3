"""Steps that keep their parameters at many kinds of places."""

# ruff: noqa

import numpy as np

W, b = np.ones(3), np.zeros(2)
params = {"W": np.ones(3), "b": np.zeros(2), "deep": {"all": [np.ones(2), (np.ones(4),)]}}
flat = np.arange(6.0)
views = [flat[:2], flat[2:]]


def rebinds_globals(n):
    global W
    g = W * n
    W = W - g
    b[0] += n
    W[1:] *= 2
    return W.sum()


def remakes_the_dictionary(n):
    global params
    new = {name: value * 2 for name, value in params.items() if name != "deep"}
    params = {**new, "deep": params["deep"]}
    params["W"] = params["W"] - n
    params["b"] += 1
    params = dict(params)
    params["deep"]["all"][0] = params["W"][:2] + 1
    return params["W"].sum()


def writes_items(n):
    for name in ("W", "b"):
        params[name] -= n * params[name] + 1
    params["new"] = n
    params["deep"]["all"].append(np.ones(1))
    params["deep"]["all"].insert(0, np.full(2, n))
    params["deep"]["all"][2][0][:] = 5
    params.update(b=np.full(2, 7.0))
    return params["b"].sum()


class Layer:
    kinds = {"gain": np.ones(2)}

    def __init__(self, size):
        self.W = np.ones(size)
        self.v = np.zeros(size)


class Model:
    def __init__(self):
        self.layers = [Layer(2), Layer(3)]
        self.named = {"first": self.layers[0].W}

    def step(self, n):
        for layer in self.layers:
            layer.v = layer.v * 0.9 - layer.W * n
            layer.W += layer.v
        self.layers[1].W = self.layers[1].W * 2
        Layer.kinds = {"gain": Layer.kinds["gain"] + n}
        return self.layers[1].W.sum()


layers = [Layer(2), Layer(3)]


def remakes_the_layers(n):
    global layers
    old = layers
    layers = [Layer(2), Layer(3)]
    for new, layer in zip(layers, old):
        new.W = layer.W + n
        new.v[0] = n
    layers.reverse()
    layers.reverse()
    return layers[0].W.sum()


def closure():
    weights, bias = np.ones(3), {"b": np.zeros(2)}

    def step(n):
        nonlocal weights, bias
        weights = weights - n
        bias["b"] += n
        bias = {"b": bias["b"] * 2}
        return weights.sum()

    return step


def flat_buffer(n):
    views[0][:] = views[0] * n
    views[1] -= n
    flat[3] = n
    return flat.sum()


def with_argument(values, n, lr):
    values["W"] = values["W"] - lr * n
    values["W"] *= 2
    return values["W"].sum()


def changes_nothing(n):
    global W
    W -= np.zeros(3)
    n = n + 1
    W[...] = W
    return W.sum()
