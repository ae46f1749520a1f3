from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.nn.layers import Affine, ReLU, Sigmoid, Tanh

DTYPES = [np.float32, np.float64]


def floats(dtype):
    width = np.dtype(dtype).itemsize * 8
    return st.floats(width=width, allow_nan=False)


def affine(dtype):
    rng = np.random.default_rng(1)
    return Affine(rng.normal(size=(4, 3)).astype(dtype), rng.normal(size=3).astype(dtype))


LAYERS = {
    "Affine": affine,
    **{kind.__name__: lambda _, k=kind: k() for kind in (Sigmoid, ReLU, Tanh)},
}


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_sigmoid_is_right_for_any_number_without_a_warning(dtype, data):
    x = data.draw(hnp.arrays(dtype, 5, elements=floats(dtype)))
    y = Sigmoid().forward(x)
    exact = np.exp(-np.logaddexp(0, -x.astype(np.float64)))
    assert y.dtype == dtype
    np.testing.assert_allclose(y, exact, rtol=20 * np.finfo(dtype).eps, atol=2e-35)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_at_infinity(dtype):
    y = Sigmoid().forward(np.array([-np.inf, 0, np.inf], dtype))
    np.testing.assert_allclose(y, [0, 0.5, 1], atol=1e-30)


@pytest.mark.parametrize("kind", [Sigmoid, ReLU, Tanh])
def test_not_a_number_stays_visible(kind):
    assert np.isnan(kind().forward(np.array([[np.nan, 1.0]]))).tolist() == [[True, False]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", LAYERS)
def test_dtype_is_kept_and_nothing_given_is_changed(name, dtype):
    rng = np.random.default_rng(0)
    layer = LAYERS[name](dtype)
    x = rng.normal(size=(5, 4)).astype(dtype)
    x.setflags(write=False)
    y = layer.forward(x)
    dout = rng.normal(size=y.shape).astype(dtype)
    dout.setflags(write=False)
    before = y.copy()
    dx = layer.backward(dout)
    assert y.dtype == dx.dtype == dtype
    assert dx.shape == x.shape
    np.testing.assert_array_equal(y, before)  # the next layer may have kept it
    for attribute in ("dW", "db"):
        if hasattr(layer, attribute):
            assert getattr(layer, attribute).dtype == dtype


def test_affine_leaves_out_the_input_gradient_where_nobody_needs_it():
    layer = affine(np.float64)
    layer.needs_dx = False
    layer.forward(np.ones((2, 4)))
    assert layer.backward(np.ones((2, 3))) is None
    np.testing.assert_array_equal(layer.db, [2, 2, 2])


def test_affine_gives_each_batch_gradients_of_its_own():
    layer = affine(np.float64)
    layer.forward(np.ones((2, 4)))
    layer.backward(np.ones((2, 3)))
    first, kept = layer.dW, layer.dW.copy()
    layer.backward(5 * np.ones((2, 3)))
    np.testing.assert_array_equal(first, kept)


def test_affine_follows_weights_of_another_size_and_dtype():
    layer = affine(np.float32)
    layer.forward(np.ones((2, 4), np.float32))
    layer.backward(np.ones((2, 3), np.float32))
    layer.W, layer.b = np.ones((6, 2)), np.zeros(2)
    layer.forward(np.ones((3, 6)))
    layer.backward(np.ones((3, 2)))
    assert layer.dW.shape == (6, 2)
    assert layer.dW.dtype == np.float64
