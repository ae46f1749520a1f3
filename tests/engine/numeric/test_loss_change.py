"""The change of a loss by a step of one number."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadValue, CodeRaised
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric.gradient import numerical_gradient
from engine.numeric.loss_change import loss_change
from tests.engine.numeric.networks import backprop, network_of, random_case, seeds

STEP = 1e-3


def cells(array):
    return list(np.ndindex(array.shape))


@given(seeds, st.integers(0, 10**6), st.sampled_from([STEP, -STEP, 1e-5]))
def test_it_is_the_gradient_times_the_step_as_far_as_it_allows(seed, pick, step):
    network, x, t = network_of(seed, 5, [4, 3, 3])
    name = list(network.parameters())[pick % len(network.parameters())]
    places = cells(network.parameters()[name])
    index = places[pick % len(places)]
    found = loss_change(network, x, t, name, index, step)
    slope = numerical_gradient(network, x, t)[name][index]
    assert abs(found.change - slope * step) <= found.allowance + 1e-9 * abs(step)
    assert found.loss == pytest.approx(network.forward(x, t), rel=1e-12)


@pytest.mark.parametrize("wrong", [1.05, 0.5, -1.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_largest_gradient_times_a_wrong_factor_is_not_allowed(wrong, dtype):
    case = random_case(3, ["Sigmoid", "ReLU"], dtype)
    gradients = backprop(case.network, case.x, case.t)
    for name, gradient in gradients.items():
        index = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        predicted = float(gradient[index]) * STEP
        found = loss_change(case.network, case.x, case.t, name, tuple(map(int, index)), STEP)
        assert abs(found.change - predicted) <= found.allowance
        assert abs(found.change - wrong * predicted) > found.allowance


def test_the_output_of_a_layer_moves_for_the_layers_behind_it():
    case = random_case(5, ["Tanh"])
    network, x, t = case.network, case.x, case.t
    network.forward(x, t)
    dz = network.loss.backward()
    for index in cells(dz):
        found = loss_change(network, x, t, "Affine2", index, STEP)
        assert abs(found.change - dz[index] * STEP) <= found.allowance
    dh = network.layers[2].backward(dz)
    index = tuple(map(int, np.unravel_index(np.abs(dh).argmax(), dh.shape)))
    found = loss_change(network, x, t, "Tanh1", index, STEP)
    assert abs(found.change - dh[index] * STEP) <= found.allowance < abs(dh[index] * STEP)


def test_network_minibatch_and_random_states_stay_as_they_were():
    case = random_case(1, ["Sigmoid"])
    before = {name: array.copy() for name, array in case.network.parameters().items()}
    x, states = case.x.copy(), (np.random.get_state()[1].tolist(), random.getstate())
    loss_change(case.network, case.x, case.t, "Affine1.W", (0, 0), STEP)
    assert np.array_equal(x, case.x)
    assert all(np.array_equal(before[n], a) for n, a in case.network.parameters().items())
    assert states == (np.random.get_state()[1].tolist(), random.getstate())


class Drops:
    """Half of its inputs become 0, as its own generator, or numpy's, has it."""

    def __init__(self, own: bool) -> None:
        self.rng = np.random.default_rng(4) if own else None

    def forward(self, x):
        drawn = np.random.random(x.shape) if self.rng is None else self.rng.random(x.shape)
        self.mask = drawn < 0.5
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


@pytest.mark.parametrize("own", [True, False])
def test_a_random_layer_draws_the_same_numbers_in_each_pass(own):
    rng = np.random.default_rng(0)
    layers = [
        Affine(rng.normal(size=(5, 8))),
        Drops(own),
        Sigmoid(),
        Affine(rng.normal(size=(8, 3))),
    ]
    network, x, t = Network(layers, SoftmaxWithLoss()), rng.random((6, 5)), rng.integers(0, 3, 6)
    found = [loss_change(network, x, t, "Affine1.W", (2, 3), STEP) for _ in range(2)]
    assert found[0] == found[1]
    gradient = backprop(network, x, t)["Affine1.W"][2, 3]  # the same numbers, drawn only now
    assert abs(found[0].change - gradient * STEP) <= found[0].allowance


@pytest.mark.parametrize(
    ("array", "index"),
    [("Affine9.W", (0, 0)), ("Affine1.W", (0,)), ("Affine1.W", (0, 99)), ("Affine1", (-1, 0))],
)
def test_an_unknown_array_or_cell_is_refused(array, index):
    case = random_case(1, ["Sigmoid"])
    with pytest.raises(BadValue):
        loss_change(case.network, case.x, case.t, array, index, STEP)


def test_an_exception_of_a_layer_is_typed():
    case = random_case(1, ["Sigmoid"])
    case.network.layers[1].forward = None
    with pytest.raises(CodeRaised):
        loss_change(case.network, case.x, case.t, "Affine1.W", (0, 0), STEP)
