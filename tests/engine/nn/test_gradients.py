"""Backpropagation agrees with numerical differentiation, whatever the network."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network

STEP = 5e-4
TOLERANCE = 1e-7  # of the largest element of the gradient, or of 1e-3 where all are smaller

seeds = st.integers(0, 2**32 - 1)
sizes = st.integers(1, 6)


def numerical_gradient(f, array):
    """Derivative of the number f() by each element of `array`, which it moves in place.

    Central differences at h and at 2h, combined so that the error falls with h⁴: with h² alone, a
    saturated network has third derivatives that spoil the seventh digit.
    """
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]

        def at(steps, index=index, value=value):
            array[index] = value + steps * STEP
            return f()

        gradient[index] = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * STEP)
        array[index] = value
    return gradient


def assert_same_gradient(analytic, numeric, what):
    assert analytic.shape == numeric.shape, what
    error = np.abs(analytic - numeric).max()
    scale = max(np.abs(numeric).max(), 1e-3)
    assert error <= TOLERANCE * scale, f"{what}: {error=}\n{analytic=}\n{numeric=}"


def away_from_zero(rng, *shape):
    """Numbers on either side of 0, none so near that a small step crosses the kink of ReLU."""
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(0.05, 1.5, shape)


def labels(rng, N, K, one_hot):
    t = rng.integers(0, K, N)
    return np.eye(K)[t] if one_hot else t


@pytest.mark.parametrize("kind", [Sigmoid, ReLU, Tanh])
@given(seed=seeds, N=sizes, D=sizes)
def test_activation(kind, seed, N, D):
    rng = np.random.default_rng(seed)
    layer, x, dout = kind(), away_from_zero(rng, N, D), rng.normal(size=(N, D))
    numeric = numerical_gradient(lambda: np.sum(layer.forward(x) * dout), x)
    layer.forward(x)
    assert_same_gradient(layer.backward(dout), numeric, "dx")


@given(seed=seeds, N=sizes, D=sizes, M=sizes, bias=st.booleans())
def test_affine(seed, N, D, M, bias):
    rng = np.random.default_rng(seed)
    b = rng.normal(size=M) if bias else None
    layer, x = Affine(rng.normal(size=(D, M)), b), rng.normal(size=(N, D))
    dout = rng.normal(size=(N, M))

    def f():
        return np.sum(layer.forward(x) * dout)

    layer.forward(x)
    assert_same_gradient(layer.backward(dout), numerical_gradient(f, x), "dx")
    assert_same_gradient(layer.dW, numerical_gradient(f, layer.W), "dW")
    if bias:
        assert_same_gradient(layer.db, numerical_gradient(f, layer.b), "db")


@given(seed=seeds, N=sizes, K=sizes, one_hot=st.booleans(), scale=st.floats(0.1, 5))
def test_loss(seed, N, K, one_hot, scale):
    rng = np.random.default_rng(seed)
    loss, z, t = SoftmaxWithLoss(), scale * rng.normal(size=(N, K)), labels(rng, N, K, one_hot)
    numeric = numerical_gradient(lambda: loss.forward(z, t), z)
    loss.forward(z, t)
    assert_same_gradient(loss.backward(), numeric, "dz")


@given(
    seed=seeds,
    N=sizes,
    widths=st.lists(sizes, min_size=2, max_size=4),
    kind=st.sampled_from([Sigmoid, Tanh]),
    bias=st.booleans(),
    one_hot=st.booleans(),
)
def test_network(seed, N, widths, kind, bias, one_hot):
    rng = np.random.default_rng(seed)
    layers = []
    for D, M in itertools.pairwise(widths):
        layers += [Affine(rng.normal(size=(D, M)), rng.normal(size=M) if bias else None), kind()]
    network = Network(layers[:-1], SoftmaxWithLoss(), input_gradient=True)
    x, t = rng.normal(size=(N, widths[0])), labels(rng, N, widths[-1], one_hot)

    network.forward(x, t)
    network.backward()
    gradients = network.gradients()
    assert list(gradients) == list(network.parameters())
    for name, parameter in network.parameters().items():
        numeric = numerical_gradient(lambda: network.forward(x, t), parameter)
        assert_same_gradient(gradients[name], numeric, name)
    assert_same_gradient(network.dx, numerical_gradient(lambda: network.forward(x, t), x), "dx")


@given(seed=seeds, N=sizes, M=sizes, K=sizes)
def test_network_with_relu_away_from_its_kink(seed, N, M, K):
    rng = np.random.default_rng(seed)
    identity = Affine(np.eye(M), np.zeros(M))  # hands its input on, so that no unit is near 0
    layers = [identity, ReLU(), Affine(rng.normal(size=(M, K)), rng.normal(size=K))]
    network = Network(layers, SoftmaxWithLoss())
    x, t = away_from_zero(rng, N, M), rng.integers(0, K, N)

    network.forward(x, t)
    network.backward()
    for name, gradient in network.gradients().items():
        numeric = numerical_gradient(lambda: network.forward(x, t), network.parameters()[name])
        assert_same_gradient(gradient, numeric, name)
