from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from engine.nn.layers import Affine, ReLU, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import one_layer_net, three_layer_net, two_layer_net
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.nn.training import train_step
from engine.silence import Silence, insert


class Scale:
    """A layer by somebody who has never heard of this project."""

    def __init__(self, gamma):
        self.gamma = gamma
        self.dgamma = np.zeros_like(gamma)  # present from the start, and yet no parameter
        self.running_mean = np.zeros_like(gamma)
        self.classes = np.arange(3)  # not floats
        self.x = None

    def forward(self, x):
        self.x = x
        self.running_mean = 0.9 * self.running_mean + 0.1 * x.mean(axis=0)
        return x * self.gamma

    def backward(self, dout):
        self.dgamma = (dout * self.x).sum(axis=0)
        return dout * self.gamma


class Slotted:
    __slots__ = ("mask",)

    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, dout):
        return dout * self.mask


@pytest.fixture
def batch():
    rng = np.random.default_rng(5)
    return rng.random((7, 4)), rng.integers(0, 3, 7)


def affine(D, M):
    rng = np.random.default_rng(D * M)
    return Affine(rng.normal(size=(D, M)), np.zeros(M))


def test_layers_are_named_by_class_and_number():
    network = two_layer_net()
    assert [layer.name for layer in network.layers] == ["Affine1", "Sigmoid1", "Affine2"]
    assert network.loss.name == "SoftmaxWithLoss"
    deep = three_layer_net()
    assert deep.layer_names == ("Affine1", "ReLU1", "Affine2", "ReLU2", "Affine3")


def test_parameters_are_named_in_order_and_are_the_arrays_themselves():
    network = two_layer_net()
    shapes = {name: array.shape for name, array in network.parameters().items()}
    assert list(shapes.items()) == [
        ("Affine1.W", (784, 50)),
        ("Affine1.b", (50,)),
        ("Affine2.W", (50, 10)),
        ("Affine2.b", (10,)),
    ]
    assert network.parameters()["Affine2.W"] is network.layers[2].W
    assert list(one_layer_net().parameters()) == ["Affine1.W"]


def test_gradients_have_the_names_of_the_parameters_once_backward_has_run(batch):
    network = Network([affine(4, 3)], SoftmaxWithLoss())
    assert network.gradients() == {}
    network.forward(*batch)
    network.backward()
    assert list(network.gradients()) == ["Affine1.W", "Affine1.b"]
    assert network.gradients()["Affine1.W"] is network.layers[0].dW


def test_a_layer_of_ones_own_is_trained(batch):
    scale = Scale(np.ones(4))
    network = Network([scale, Slotted(), affine(4, 3)], SoftmaxWithLoss())
    assert scale.name == "Scale1"
    assert network.layer_names == ("Scale1", "Slotted1", "Affine1")
    assert list(network.parameters())[:2] == ["Scale1.gamma", "Scale1.running_mean"]

    optimizer = SGD(lr=0.1)
    losses = [train_step(network, optimizer, *batch) for _ in range(20)]
    assert losses[-1] < losses[0]
    assert not np.array_equal(scale.gamma, np.ones(4))
    assert list(network.gradients()) == ["Scale1.gamma", "Affine1.W", "Affine1.b"]


def test_a_layer_may_list_its_parameters(batch):
    scale = Scale(np.ones(4))
    scale.parameter_names = ("gamma",)
    network = Network([scale, affine(4, 3)], SoftmaxWithLoss())
    assert list(network.parameters()) == ["Scale1.gamma", "Affine1.W", "Affine1.b"]


def test_the_input_gradient_is_computed_only_when_asked_for(batch):
    network = Network([affine(4, 3)], SoftmaxWithLoss())
    network.forward(*batch)
    network.backward()
    assert network.dx is None

    without = network.gradients()["Affine1.W"]
    network.input_gradient = True
    network.backward()
    assert network.dx.shape == (7, 4)
    np.testing.assert_array_equal(network.gradients()["Affine1.W"], without)

    network.input_gradient = False
    network.backward()
    assert network.dx is None


def test_a_first_layer_that_cannot_leave_it_out_simply_runs(batch):
    network = Network([Scale(np.ones(4)), affine(4, 3)], SoftmaxWithLoss())
    network.forward(*batch)
    network.backward()
    assert network.dx is None
    network.input_gradient = True
    network.backward()
    assert network.dx.shape == (7, 4)


def test_predict_does_not_disturb_what_backward_needs(batch):
    network = Network(
        [affine(4, 5), Sigmoid(), affine(5, 4), ReLU(), affine(4, 3)], SoftmaxWithLoss()
    )
    network.forward(*batch)
    network.backward()
    expected = {name: array.copy() for name, array in network.gradients().items()}

    network.forward(*batch)
    scores = network.predict(np.ones((2, 4)))
    network.backward()
    assert scores.shape == (2, 3)
    for name, gradient in network.gradients().items():
        np.testing.assert_array_equal(gradient, expected[name])


def test_predict_gives_the_scores_that_the_loss_is_computed_from(batch):
    network = Network([affine(4, 3)], SoftmaxWithLoss())
    x, t = batch
    assert network.forward(x, t) == SoftmaxWithLoss().forward(network.predict(x), t)


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda n: pickle.loads(pickle.dumps(n))])
def test_a_copy_goes_its_own_way(clone, batch):
    network = Network([affine(4, 3)], SoftmaxWithLoss())
    before = network.parameters()["Affine1.W"].copy()
    twin = clone(network)
    train_step(twin, SGD(lr=1.0), *batch)
    np.testing.assert_array_equal(network.parameters()["Affine1.W"], before)
    assert twin.parameters()["Affine1.W"] is twin.layers[0].W
    assert not np.array_equal(twin.layers[0].W, before)


def test_what_cannot_be_a_network():
    with pytest.raises(ValueError, match="at least one layer"):
        Network([], SoftmaxWithLoss())
    layer = affine(3, 3)
    with pytest.raises(ValueError, match="twice"):
        Network([layer, layer], SoftmaxWithLoss())


def test_images_of_another_size_are_refused_by_numpy():
    with pytest.raises(ValueError, match="matmul"):
        two_layer_net().forward(np.zeros((2, 783), np.float32), np.zeros(2, int))


def test_a_layer_that_is_inserted_leaves_the_parameters_as_they_were():
    network = two_layer_net()
    before = network.parameters()
    x = np.random.default_rng(0).random((3, 784), np.float32)
    network.forward(x, np.array([1, 2, 3]))  # now Sigmoid1 remembers an array of floats
    insert(network, 2, Silence(np.ones(50, np.float32)))
    assert network.layer_names == ("Affine1", "Sigmoid1", "Silence1", "Affine2")
    after = network.parameters()
    assert list(after) == list(before)
    assert all(after[name] is before[name] for name in before)
