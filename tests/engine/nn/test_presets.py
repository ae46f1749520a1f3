from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from engine.nn.models import initial_weights, one_layer_net, tiny_net, two_layer_net
from engine.nn.training import train_step
from engine.options import Options, build_session
from engine.presets import PRESETS


def bytes_of(network):
    return {name: array.tobytes() for name, array in network.parameters().items()}


def widths_of(preset):
    """The widths in an id: 784, 30, 30, 30, 30, 30 and 10 of "784-30x5-10-relu"."""
    parts = [part.partition("x") for part in preset.id.split("-")]
    counted = [(int(width), int(times or 1)) for width, _, times in parts if width.isdigit()]
    return [width for width, times in counted for _ in range(times)]


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_the_id_says_the_sizes(preset):
    widths = widths_of(preset)
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
    D, *_, K = widths_of(preset)
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


@pytest.mark.parametrize("id", PRESETS)
def test_the_setup_names_a_network_by_its_id(id):
    assert build_session(Options(network=id)).setup().network == id


def sizes_of_gradients(id, **options):
    """The mean |dW| of each product, the first layer's first, in the first minibatch."""
    session = build_session(Options(network=id, **options))
    session.run(1)
    gradients = session.network.gradients()
    return [float(abs(dW).mean()) for name, dW in gradients.items() if name.endswith(".W")]


def test_the_gradient_vanishes_in_the_deep_network_with_sigmoids():
    sizes = sizes_of_gradients("784-30x5-10-sigmoid")
    ratios = [nearer / deeper for nearer, deeper in itertools.pairwise(sizes)]
    assert all(ratio < 0.02 for ratio in ratios)  # at every layer on its way back
    assert sizes[0] / sizes[-1] < 1e-8


def test_with_relu_it_reaches_the_first_layer_but_is_small_in_all():
    sizes = sizes_of_gradients("784-30x5-10-relu")
    assert 0.05 < sizes[0] / sizes[-1] < 1
    assert max(sizes) < 1e-7


def test_with_relu_and_xavier_it_reaches_the_first_layer_as_large_as_in_the_last():
    sizes = sizes_of_gradients("784-30x5-10-relu", weight_init="xavier")
    assert 0.3 < sizes[0] / sizes[-1] < 2
    assert min(sizes) > 1e-4


def test_of_the_deep_networks_only_relu_with_xavier_learns():
    def learned(id, **options):
        session = build_session(Options(network=id, **options))
        session.run(300)
        return session.losses[-20:].mean()

    assert learned("784-30x5-10-sigmoid") > 2.2  # ln 10 = 2.30: equal guesses
    assert learned("784-30x5-10-relu") > 2.2
    assert learned("784-30x5-10-relu", weight_init="xavier") < 1


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
