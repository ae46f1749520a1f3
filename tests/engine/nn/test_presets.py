from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine.nn.models import initial_weights, one_layer_net, tiny_net, two_layer_net
from engine.nn.training import train_step
from engine.presets import PRESETS


def bytes_of(network):
    return {name: array.tobytes() for name, array in network.parameters().items()}


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_id_says_the_sizes(preset):
    widths = [int(width) for width in preset.id.split("-")]
    weights = [array for array in preset.build().parameters().values() if array.ndim == 2]
    assert [W.shape for W in weights] == list(itertools.pairwise(widths))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_a_seed_stands_for_the_same_weights(preset):
    assert bytes_of(preset.build(seed=3)) == bytes_of(preset.build(seed=3))
    assert bytes_of(preset.build(seed=3)) != bytes_of(preset.build(seed=4))
    single, double = (
        preset.build(seed=3).parameters(),
        preset.build(seed=3, dtype="float64").parameters(),
    )
    for name, array in single.items():
        np.testing.assert_array_equal(array, double[name].astype(np.float32))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_training_keeps_the_dtype_everywhere_and_lowers_the_loss(preset, dtype):
    network, optimizer = preset.build(dtype=dtype), preset.optimizer(lr=preset.learning_rate)
    network.input_gradient = True
    D, K = (int(width) for width in (preset.id.split("-")[0], preset.id.split("-")[-1]))
    rng = np.random.default_rng(0)
    x, t = rng.random((20, D)).astype(dtype), rng.integers(0, K, 20)
    losses = [train_step(network, optimizer, x, t) for _ in range(30)]
    assert losses[-1] < losses[0]
    assert losses[0].dtype == dtype
    objects = [network, network.loss, *network.layers]
    for thing in objects:
        for name, value in vars(thing).items():
            if isinstance(value, np.ndarray) and value.dtype.kind == "f":
                assert value.dtype == dtype, f"{thing}.{name}"
    assert network.predict(x).dtype == dtype


@pytest.mark.parametrize(
    ("weight_init", "sigma"),
    [("xavier", math.sqrt(1 / 784)), ("he", math.sqrt(2 / 784)), (0.01, 0.01)],
)
def test_initial_weights_spread_as_asked(weight_init, sigma):
    W = initial_weights(np.random.default_rng(0), 784, 200, weight_init, "float32")
    assert abs(W.std() / sigma - 1) < 0.01
    assert abs(W.mean()) < 0.01 * sigma
    assert W.dtype == np.float32


def test_biases_begin_at_zero_and_the_first_part_has_none():
    assert not two_layer_net().parameters()["Affine1.b"].any()
    assert list(one_layer_net().parameters()) == ["Affine1.W"]


def test_the_global_random_numbers_are_left_alone():
    before = np.random.get_state()[1].copy()
    tiny_net(seed=1)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize("wrong", ["xavierr", -0.01, math.nan, math.inf])
def test_an_unknown_initialisation(wrong):
    with pytest.raises(ValueError, match="weight_init"):
        two_layer_net(weight_init=wrong)


@pytest.mark.parametrize("wrong", ["int32", "float16", "complex64"])
def test_an_unfit_dtype(wrong):
    with pytest.raises(ValueError, match=f"dtype .*{wrong}"):
        two_layer_net(dtype=wrong)


def test_no_hidden_units():
    with pytest.raises(ValueError, match="784 and 0"):
        two_layer_net(hidden_size=0)
