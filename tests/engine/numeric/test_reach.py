"""What a layer declares of the reach of its parameters is true of its forward pass."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.network import Network
from engine.numeric import reach
from engine.numeric.many import Many
from tests.engine.numeric.networks import seeds, sizes


def affine(seed, N, D, M):
    rng = np.random.default_rng(seed)
    x = np.where(rng.random((N, D)) < 0.3, 0.0, rng.normal(size=(N, D)))
    return rng, x, Affine(rng.normal(size=(D, M)), rng.normal(size=M))


@settings(max_examples=40)
@given(seed=seeds, N=sizes, D=sizes, M=sizes, attribute=st.sampled_from(["W", "b"]))
def test_a_parameter_moves_what_it_says_and_nothing_else(seed, N, D, M, attribute):
    rng, x, layer = affine(seed, N, D, M)
    array, h = getattr(layer, attribute), 0.25
    elements = rng.permutation(array.size)
    declared = reach.OF_PARAMETER[Affine, attribute](layer, x, elements)
    before = layer.forward(x)
    for p, element in enumerate(elements):
        w = array.flat[element]
        array.flat[element] += h
        moved = layer.forward(x)
        array.flat[element] = w
        expected = before.copy()
        expected[:, declared.columns[p]] += h * declared.by[:, declared.sources[p]]
        assert np.allclose(moved, expected, rtol=0, atol=1e-13)
        still = np.ones_like(moved, bool)
        still[:, declared.columns[p]] = declared.by[:, declared.sources[p]] == 0
        assert np.allclose(moved[still], before[still], rtol=0, atol=1e-15)


@settings(max_examples=40)
@given(seed=seeds, N=sizes, D=sizes, M=sizes)
def test_a_column_spreads_as_it_says(seed, N, D, M):
    rng, x, layer = affine(seed, N, D, M)
    columns = rng.integers(0, D, 4)
    spread = reach.OF_COLUMN[Affine](layer, columns)
    for p, column in enumerate(columns):
        moved, move = x.copy(), rng.normal(size=N)
        moved[:, column] += move
        expected = layer.forward(x) + np.outer(move, spread[:, p])
        assert np.allclose(layer.forward(moved), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("kind", sorted(reach.ELEMENTWISE, key=str))
@given(seed=seeds, N=sizes, D=sizes)
def test_an_elementwise_layer_is_one(kind, seed, N, D):
    x = np.random.default_rng(seed).normal(0, 3, (N, D))
    whole = kind().forward(x)
    alone = [[kind().forward(x[n : n + 1, d : d + 1])[0, 0] for d in range(D)] for n in range(N)]
    assert np.allclose(whole, alone, rtol=1e-15, atol=0)


@pytest.mark.parametrize("kind", sorted(reach.MEAN_OVER_SAMPLES, key=str))
@given(seed=seeds, N=sizes, K=sizes, one_hot=st.booleans())
def test_a_loss_is_the_mean_of_those_of_its_samples(kind, seed, N, K, one_hot):
    rng = np.random.default_rng(seed)
    z, t = rng.normal(0, 5, (N, K)), rng.integers(0, K, N)
    t = np.eye(K, dtype=int)[t] if one_hot else t
    alone = [kind().forward(z[n : n + 1], t[n : n + 1]) for n in range(N)]
    assert np.allclose(kind().forward(z, t), np.mean(alone), rtol=1e-13, atol=1e-13)


def test_who_is_not_in_the_tables_has_declared_nothing():
    class Mine(Affine):
        pass

    known = Network([Affine(np.ones((2, 2))), ReLU(), Sigmoid(), Tanh()], SoftmaxWithLoss())
    assert reach.is_declared(known.layers, known.loss)
    assert not reach.is_declared((Mine(np.ones((2, 2))),), known.loss)
    assert not reach.is_declared(known.layers, object())


@settings(max_examples=60)
@given(
    seed=seeds, N=sizes, K=sizes, R=sizes, one_hot=st.booleans(),
    dtype=st.sampled_from(["float32", "float64"]),
)  # fmt: skip
def test_many_configurations_at_once_are_each_as_it_is_alone(seed, N, K, R, one_hot, dtype):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 4, (N, 3, R)).astype(dtype)
    W, b = rng.normal(size=(3, K)).astype(dtype), rng.normal(size=K).astype(dtype)
    t = rng.integers(0, K, N)
    t = np.eye(K, dtype=int)[t] if one_hot else t
    for activation in (Sigmoid(), ReLU(), Tanh()):
        layers = [activation, Affine(W, b), Affine(np.eye(K, dtype=dtype))]
        network = Network(layers, SoftmaxWithLoss())
        together = network.forward(Many(x), t)
        assert together.shape == () and together.dtype == dtype
        alone = [network.forward(np.ascontiguousarray(x[..., r]), t) for r in range(R)]
        tolerance = 1e-5 if dtype == "float32" else 1e-13
        assert np.allclose(together.values, alone, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    "code",
    [
        lambda many: np.add.reduce(many),
        lambda many: np.add(many, 1, where=True),
        lambda many: many @ many,
        lambda many: np.ones((1, 3)) @ many,
        lambda many: many.T,
        lambda many: np.vecdot(many, many),
    ],
)
def test_what_it_does_not_understand_it_does_not_compute(code):
    with pytest.raises((TypeError, AttributeError)):
        code(Many(np.ones((3, 2, 5))))
