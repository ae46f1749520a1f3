"""Networks ready made, and the random numbers that they begin with."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy import ndarray

from engine.nn.layers import Affine, ReLU, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Layer, Network

WeightInit = str | float
DEEP = (784, 30, 30, 30, 30, 30, 10)


def two_layer_net(
    seed: int = 0,
    dtype: str = "float32",
    weight_init: WeightInit = "xavier",
    hidden_size: int = 50,
) -> Network:
    """784-50-10 with a sigmoid: images of 28 × 28 pixels to the ten digits.

    `weight_init` is "xavier", "he", or the standard deviation itself (the book's is 0.01).
    """
    return chain((784, hidden_size, 10), Sigmoid, seed, dtype, weight_init)


def one_layer_net(
    seed: int = 0, dtype: str = "float32", weight_init: WeightInit = "xavier"
) -> Network:
    """784-10, a single product without biases: as little as a network can be."""
    rng = np.random.default_rng(seed)
    W = initial_weights(rng, 784, 10, weight_init, dtype)
    return Network([Affine(W)], SoftmaxWithLoss())


def three_layer_net(
    seed: int = 0, dtype: str = "float32", weight_init: WeightInit = "he"
) -> Network:
    """784-100-50-10 with ReLU."""
    return chain((784, 100, 50, 10), ReLU, seed, dtype, weight_init)


def tiny_net(seed: int = 0, dtype: str = "float32", weight_init: WeightInit = "xavier") -> Network:
    """16-4-3 with a sigmoid: images of 4 × 4 pixels to three digits."""
    return chain((16, 4, 3), Sigmoid, seed, dtype, weight_init)


def deep_sigmoid_net(
    seed: int = 0, dtype: str = "float32", weight_init: WeightInit = 0.01
) -> Network:
    """784-30-30-30-30-30-10 with sigmoids, in which the gradient vanishes on its way back.

    Each sigmoid takes it times a slope of at most 0.25, and each product times small weights.
    """
    return chain(DEEP, Sigmoid, seed, dtype, weight_init)


def deep_relu_net(seed: int = 0, dtype: str = "float32", weight_init: WeightInit = 0.01) -> Network:
    """The same with ReLU, whose slope is 1 or 0: what still shrinks a gradient is the weights."""
    return chain(DEEP, ReLU, seed, dtype, weight_init)


def chain(
    sizes: tuple[int, ...],
    activation: Callable[[], Layer],
    seed: int,
    dtype: str,
    weight_init: WeightInit,
) -> Network:
    """Affine layers of the given sizes with an activation between any two; biases begin at 0."""
    rng = np.random.default_rng(seed)
    layers: list[Layer] = []
    for D, M in pairwise(sizes):
        W = initial_weights(rng, D, M, weight_init, dtype)
        layers += [Affine(W, np.zeros(M, W.dtype)), activation()]
    return Network(layers[:-1], SoftmaxWithLoss())


def initial_weights(
    rng: np.random.Generator, D: int, M: int, weight_init: WeightInit, dtype: str
) -> ndarray:
    """Weights (D, M) from a normal distribution around 0.

    "xavier" has the standard deviation √(1 / D), which keeps the size of the signal through sigmoid
    and tanh (Glorot, Bengio, 2010); "he" √(2 / D), for ReLU (He and others, 2015). Drawn as float64
    whatever the dtype, so that a seed stands for the same weights in both.
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32 or float64, not {dtype!r}")
    if D < 1 or M < 1:
        raise ValueError(f"a layer needs at least one input and one output, not {D} and {M}")
    sigma = standard_deviation(weight_init, D)
    return rng.normal(0, sigma, (D, M)).astype(dtype)


def standard_deviation(weight_init: WeightInit, D: int) -> float:
    """Standard deviation of the initial weights of a layer with D inputs."""
    if weight_init == "xavier":
        return math.sqrt(1 / D)
    if weight_init == "he":
        return math.sqrt(2 / D)
    if isinstance(weight_init, str) or not 0 <= weight_init < math.inf:
        raise ValueError(
            f'weight_init must be "xavier", "he" or a standard deviation, not {weight_init!r}'
        )
    return weight_init
