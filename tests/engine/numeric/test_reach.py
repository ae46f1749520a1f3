"""What a layer declares of the reach of its parameters is what its own forward does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.nn.layers import Affine
from engine.nn.losses import SoftmaxWithLoss
from engine.numeric.many import Many
from engine.numeric.reach import ELEMENTWISE, MEAN_OVER_SAMPLES, OF_COLUMN, OF_PARAMETER
from tests.engine.numeric.networks import seeds

sizes = st.integers(1, 5)


def affine(rng, D, M):
    return Affine(rng.normal(size=(D, M)), rng.normal(size=M))


@pytest.mark.parametrize("attribute", ["W", "b"])
@given(seed=seeds, N=sizes, D=sizes, M=sizes)
def test_an_element_moves_its_column_and_nothing_else(attribute, seed, N, D, M):
    rng = np.random.default_rng(seed)
    layer, x = affine(rng, D, M), rng.normal(size=(N, D))
    array = getattr(layer, attribute)
    elements = np.arange(array.size)
    reach = OF_PARAMETER[Affine, attribute](layer, x, elements)
    before = layer.forward(x)
    for element in elements:
        expected = np.zeros_like(before)
        expected[:, reach.columns[element]] = 0.5 * reach.by[:, reach.sources[element]]
        array.flat[element] += 0.5
        moved = layer.forward(x) - before
        array.flat[element] -= 0.5
        np.testing.assert_allclose(moved, expected, rtol=0, atol=1e-13)


@given(seed=seeds, N=sizes, D=sizes, M=sizes)
def test_a_moved_column_spreads_as_a_row_of_the_weights(seed, N, D, M):
    rng = np.random.default_rng(seed)
    layer, x = affine(rng, D, M), rng.normal(size=(N, D))
    columns = np.arange(D)
    spread = OF_COLUMN[Affine](layer, columns)
    before = layer.forward(x)
    for column in columns:
        moved = x.copy()
        moved[:, column] += 1
        difference = layer.forward(moved) - before
        np.testing.assert_allclose(difference, np.tile(spread[:, column], (N, 1)), atol=1e-12)


@pytest.mark.parametrize("kind", sorted(ELEMENTWISE, key=lambda kind: kind.__name__))
@given(seed=seeds, N=sizes, D=sizes)
def test_an_elementwise_layer_is_elementwise(kind, seed, N, D):
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 3, (N, D))
    whole = kind().forward(x)
    alone = np.array([[kind().forward(np.array([[v]]))[0, 0] for v in row] for row in x])
    assert whole.tobytes() == alone.tobytes()


@pytest.mark.parametrize("kind", sorted(MEAN_OVER_SAMPLES, key=lambda kind: kind.__name__))
@given(seed=seeds, N=sizes, K=st.integers(2, 5))
def test_a_loss_is_the_mean_over_its_samples(kind, seed, N, K):
    rng = np.random.default_rng(seed)
    z, t = rng.normal(0, 3, (N, K)), rng.integers(0, K, N)
    each = [kind().forward(z[n : n + 1], t[n : n + 1]) for n in range(N)]
    np.testing.assert_allclose(kind().forward(z, t), np.mean(each), rtol=1e-13)


@given(seed=seeds, R=st.integers(1, 4), K=st.integers(2, 5))
def test_many_configurations_are_computed_each_as_by_itself(seed, R, K):
    rng = np.random.default_rng(seed)
    z, t = rng.normal(0, 3, (1, K, R)), rng.integers(0, K, 1)
    together = SoftmaxWithLoss().forward(Many(z), t).values
    layer = affine(rng, K, 3)
    spread = layer.forward(Many(z)).values
    for number in range(R):
        alone = SoftmaxWithLoss().forward(z[..., number], t)
        np.testing.assert_allclose(together[number], alone, rtol=1e-13, atol=1e-15)
        np.testing.assert_allclose(spread[..., number], layer.forward(z[..., number]), atol=1e-13)


def test_what_many_does_not_know_is_an_error_and_no_guess():
    with pytest.raises((TypeError, AttributeError)):
        np.linalg.norm(Many(np.ones((2, 3, 4))))
    with pytest.raises((TypeError, AttributeError)):
        Many(np.ones((2, 3, 4))).argsort()
