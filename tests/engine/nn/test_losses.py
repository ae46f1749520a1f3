from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.nn.losses import SoftmaxWithLoss

seeds = st.integers(0, 2**32 - 1)


def both(z, t):
    loss = SoftmaxWithLoss()
    value = loss.forward(z, t)
    return value, loss.backward()


@given(
    seed=seeds,
    N=st.integers(1, 8),
    K=st.integers(1, 12),
    dtype=st.sampled_from(["float32", "float64"]),
    label_dtype=st.sampled_from(["uint8", "int32", "int64"]),
    one_hot_dtype=st.sampled_from(["uint8", "int64", "float32", "float64", "bool"]),
)
def test_one_hot_labels_are_the_same_bit_for_bit(seed, N, K, dtype, label_dtype, one_hot_dtype):
    rng = np.random.default_rng(seed)
    z, t = rng.normal(size=(N, K)).astype(dtype), rng.integers(0, K, N).astype(label_dtype)
    one_hot = np.eye(K, dtype=one_hot_dtype)[t]
    for array in (z, t, one_hot):
        array.setflags(write=False)
    value, dz = both(z, t)
    value_one_hot, dz_one_hot = both(z, one_hot)
    assert value == value_one_hot
    assert dz.tobytes() == dz_one_hot.tobytes()
    assert value.dtype == dz.dtype == value_one_hot.dtype == dz_one_hot.dtype == dtype


@given(seed=seeds, N=st.integers(1, 9), K=st.integers(2, 5))
def test_the_mean_over_the_batch_whatever_its_size(seed, N, K):
    rng = np.random.default_rng(seed)
    z, t = rng.normal(size=(N, K)), rng.integers(0, K, N)
    value, dz = both(z, t)
    single = [both(z[n : n + 1], t[n : n + 1]) for n in range(N)]
    np.testing.assert_allclose(value, np.mean([v for v, _ in single]))
    np.testing.assert_allclose(dz, np.concatenate([d for _, d in single]) / N)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@given(
    scores=st.lists(st.floats(-(2.0**99), 2.0**99, width=32), min_size=2, max_size=6),
    data=st.data(),
)
def test_extreme_scores_stay_finite(dtype, scores, data):
    z = np.array([scores], dtype)
    t = np.array([data.draw(st.integers(0, len(scores) - 1))])
    value, dz = both(z, t)
    assert np.isfinite(value)
    assert value >= 0
    assert np.isfinite(dz).all()
    np.testing.assert_allclose(dz.sum(), 0, atol=1e-6)


def test_the_loss_is_not_capped_by_the_log_of_zero():
    value, _ = both(np.array([[0.0, -2000.0]]), np.array([1]))
    assert value == 2000


@pytest.mark.parametrize("wrong", [-1, 3, 200])
def test_a_label_that_is_no_class_is_named(wrong):
    t = np.array([0, wrong, 2])
    with pytest.raises(ValueError, match=rf"label {wrong} is not one of the 3 classes"):
        SoftmaxWithLoss().forward(np.zeros((3, 3)), t)


@pytest.mark.parametrize(
    ("t", "message"),
    [
        (np.array([0, 1, 2]), r"\(3,\).*2 samples"),
        (np.array([0.0, 1.0]), "float64"),
        (np.array([[1, 0], [0, 1]]), r"\(2, 2\).*\(2, 3\)"),
        (np.array([[1, 0, 0], [0, 1, 1]]), "single 1"),
        (np.array([[1, 0, 0], [0, 0, 0]]), "single 1"),
        (np.array([[1, 0, 0], [2, -1, 0]]), "single 1"),
    ],
)
def test_labels_that_do_not_fit_the_scores(t, message):
    with pytest.raises(ValueError, match=message):
        SoftmaxWithLoss().forward(np.zeros((2, 3)), t)
