"""A loss with log(y + 1e-7) is not accused where the floor alone makes the difference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.nn.layers import Affine, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric import AgreementLimit, Verdict, check_gradients
from engine.numeric.checks.floor import without_floor
from engine.numeric.studies.directions import Directions
from tests.engine.numeric.checks.test_check import RIGHT, matters, told
from tests.engine.numeric.networks import (
    WRONG_ACTIVATIONS,
    WRONG_AFFINES,
    network_of,
    seeds,
)

floors = st.sampled_from([1e-5, 1e-7, 1e-8, 1e-12])


class Floored(SoftmaxWithLoss):
    """The book's, with any floor; its backward leaves that out."""

    def __init__(self, floor=1e-7, clips=False, sums=False):
        self.floor, self.clips, self.sums = floor, clips, sums

    def forward(self, z, t):
        super().forward(z, t)
        y = self.y[np.arange(len(z)), self.t]
        logs = np.log(np.maximum(y, self.floor) if self.clips else y + self.floor)
        return -logs.sum() / (1 if self.sums else len(z))

    def backward(self):
        return super().backward() * (len(self.y) if self.sums else 1)


class Softmax:
    """A layer of its own, as some write it."""

    def forward(self, x):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.y = e / e.sum(axis=1, keepdims=True)
        return self.y

    def backward(self, d):
        return self.y * (d - (d * self.y).sum(axis=1, keepdims=True))


class CrossEntropy:
    """Of probabilities, with a floor that its backward leaves out."""

    name = "CrossEntropy"
    factor = 1.0

    def forward(self, y, t):
        self.y, self.t = y, t
        return -np.log(y[np.arange(len(t)), t] + 1e-7).mean()

    def backward(self):
        d = np.zeros_like(self.y)
        rows = np.arange(len(self.t))
        d[rows, self.t] = -self.factor / (self.y[rows, self.t] * len(self.t))
        return d


def sure(network, by):
    """Make its answers sure, and some of them wrong: y at the label is as small as the floor."""
    last = network.layers[-1]
    last.W *= by
    return network


@pytest.mark.slow
@settings(max_examples=120, deadline=None)
@given(
    seed=seeds, floor=floors, by=st.sampled_from([1, 8, 20, 40]), clips=st.booleans(),
    sums=st.booleans(), one_hot=st.booleans(), dtype=st.sampled_from(["float64", "float32"]),
    method=st.sampled_from(["incremental", "central"]),
)  # fmt: skip
def test_a_floor_alone_is_never_accused(seed, floor, by, clips, sums, one_hot, dtype, method):
    network, x, t = network_of(seed, 5, [3, 4, 3], [Sigmoid, Tanh], True, one_hot, dtype)
    loss = Floored(floor, clips, sums)
    network = sure(Network(network.layers, loss), by)
    check = check_gradients(network, x, t, method)
    assert check.verdict in RIGHT, told(check)
    assert not check.layer and not check.findings


def test_the_floor_is_said_where_it_matters():
    network, x, t = network_of(0, 5, [3, 4, 3], [Sigmoid])
    network = sure(Network(network.layers, Floored()), 30)
    check = check_gradients(network, x, t)
    assert max(one.largest for one in check.parameters) > 0.1, told(check)
    assert (check.verdict, check.reason) == (
        Verdict.AGREES_AS_FAR_AS_CAN_BE,
        AgreementLimit.LOSS_FLOOR,
    )
    assert check.layers[0].floor == pytest.approx(1e-7, rel=1e-6)
    assert check.layers[0].is_near and check.layers[0].holds


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(
    seed=seeds, floor=floors, by=st.sampled_from([1, 8, 20]), clips=st.booleans(),
    wrong=st.sampled_from([*WRONG_ACTIVATIONS, *WRONG_AFFINES]),
)  # fmt: skip
def test_behind_a_floor_a_wrong_layer_is_found_as_ever(seed, floor, by, clips, wrong):
    rng, size = np.random.default_rng(seed), 4
    layers = []
    for number in range(3):
        cls = wrong if number == 1 and issubclass(wrong, Affine) else Affine
        layers.append(cls(rng.normal(size=(size, size)), rng.normal(size=size)))
        layers.append(wrong() if number == 0 and not issubclass(wrong, Affine) else Tanh())
    network = Network(layers[:-1], SoftmaxWithLoss())
    x, t = rng.normal(size=(size, size)), rng.integers(0, size, size)
    assume(matters(network, x, t))
    network = sure(Network(network.layers, Floored(floor, clips)), by)
    check = check_gradients(network, x, t)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, f"{wrong.__name__}1"), told(check)


@pytest.mark.parametrize("factor", [2.0, 0.5, -1.0, 1.001, 1 / 5])
@pytest.mark.parametrize("by", [1, 20])
def test_behind_a_floor_a_wrong_loss_is_found_as_ever(factor, by):
    class Wrong(Floored):
        def backward(self):
            return factor * super().backward()

    network, x, t = network_of(0, 5, [3, 4, 3], [Sigmoid])
    network = sure(Network(network.layers, Wrong()), by)
    check = check_gradients(network, x, t)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "SoftmaxWithLoss"), told(check)


@pytest.mark.parametrize("by", [1, 20])
def test_behind_a_floor_layers_wrongly_put_together_are_found_as_ever(by):
    class Skips(Network):
        def backward(self):
            dout = self.loss.backward()
            for number, layer in enumerate(reversed(self.layers)):
                dout = dout if number == 1 else layer.backward(dout)

    network, x, t = network_of(0, 5, [3, 3, 3], [Tanh])
    network = sure(Skips(network.layers, Floored()), by)
    check = check_gradients(network, x, t)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, ""), told(check)


@pytest.mark.parametrize("by", [1, 8, 20])
def test_a_cross_entropy_of_probabilities(by):
    network, x, t = network_of(0, 5, [3, 4, 3], [Sigmoid])
    layers = [*sure(network, by).layers, Softmax()]
    check = check_gradients(Network(layers, CrossEntropy()), x, t)
    assert check.verdict in RIGHT, told(check)
    wrong = CrossEntropy()
    wrong.factor = 1.5
    check = check_gradients(Network(layers, wrong), x, t)
    assert (check.verdict, check.layer) == (Verdict.DISAGREES, "CrossEntropy"), told(check)


@settings(max_examples=40, deadline=None)
@given(seed=seeds, by=st.sampled_from([1, 8, 20]))
def test_along_directions_a_floor_is_not_accused_either(seed, by):
    network, x, t = network_of(seed, 5, [3, 4, 3], [Sigmoid])
    network = sure(Network(network.layers, Floored()), by)
    assert not any(one.is_right is False for one in Directions(network, x, t, 2)())


def test_a_loss_without_a_floor_or_of_another_kind_has_none():
    class Squares:
        def forward(self, z, t):
            self.d = z - np.eye(z.shape[1])[t]
            return (self.d**2).sum()

        def backward(self):
            return 2 * self.d

    class Raises(SoftmaxWithLoss):
        def forward(self, z, t):
            raise RuntimeError("not now")

    class Smoothed(SoftmaxWithLoss):
        def forward(self, z, t):
            return 0.9 * super().forward(z, t) - 0.1 * np.log(self.y + 1e-7).mean()

    z, t = np.random.default_rng(0).normal(size=(5, 4)), np.arange(5) % 4
    for loss in (SoftmaxWithLoss(), Squares(), Raises(), Smoothed(), Floored(0.01)):
        assert without_floor(loss, z, t) is None, loss
    assert without_floor(Floored(), z[:, :1], t * 0) is None
    assert without_floor(Floored(), z[0], t) is None
    bare = without_floor(Floored(1e-8), z, t)
    assert bare is not None and bare.floor == pytest.approx(1e-8, rel=1e-6)
    assert bare.forward(z, t) == pytest.approx(float(SoftmaxWithLoss().forward(z, t)), rel=1e-12)
