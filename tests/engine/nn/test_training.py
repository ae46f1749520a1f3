"""The default network on the real digits."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from engine.nn.models import two_layer_net
from engine.nn.optimizers import SGD
from engine.nn.training import train_step
from engine.presets import PRESETS

MNIST = Path(__file__).parents[3] / "resources" / "datasets" / "mnist"


def read(name, offset):
    return np.frombuffer(gzip.decompress((MNIST / name).read_bytes()), np.uint8, offset=offset)


@pytest.fixture(scope="module")
def mnist():
    train = read("train-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    test = read("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 784)
    return (
        train,
        read("train-labels-idx1-ubyte.gz", 8),
        test / np.float32(255),
        read("t10k-labels-idx1-ubyte.gz", 8),
    )


@pytest.mark.parametrize(
    ("id", "accuracy"), [("784-50-10", 0.915), ("784-10", 0.9), ("784-100-50-10", 0.93)]
)
def test_an_epoch_of_mnist(mnist, id, accuracy):
    images, labels, test_x, test_t = mnist
    preset = PRESETS[id]
    network, optimizer = preset.build(seed=0), preset.optimizer(lr=preset.learning_rate)
    order = np.random.default_rng(0).permutation(60_000)
    losses = []
    with threadpool_limits(limits=1):
        for indices in order.reshape(600, 100):
            x = images[indices] / np.float32(255)
            losses.append(train_step(network, optimizer, x, labels[indices]))
        found = (network.predict(test_x).argmax(axis=1) == test_t).mean()
    assert found > accuracy
    assert np.mean(losses[-50:]) < 0.5 * np.mean(losses[:10])


def test_the_loss_returned_is_the_one_before_the_update():
    network = two_layer_net()
    x, t = np.ones((3, 784), np.float32), np.array([1, 2, 3])
    before = network.forward(x, t)
    assert train_step(network, SGD(lr=0.1), x, t) == before
    assert network.forward(x, t) < before


def test_the_same_steps_make_the_same_bits(mnist):
    images, labels, *_ = mnist
    x, t = images[:100] / np.float32(255), labels[:100]
    runs = []
    for _ in range(2):
        network, optimizer = two_layer_net(seed=7), SGD(lr=0.5)
        losses = [train_step(network, optimizer, x, t).tobytes() for _ in range(5)]
        runs.append((losses, [array.tobytes() for array in network.parameters().values()]))
    assert runs[0] == runs[1]
