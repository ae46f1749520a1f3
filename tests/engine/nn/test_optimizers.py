"""Each optimizer against its formula, spelt out number by number."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.nn.optimizers import SGD, AdaGrad, Adam, Momentum

OPTIMIZERS = [SGD, Momentum, AdaGrad, Adam]
seeds = st.integers(0, 2**32 - 1)
rates = st.floats(1e-4, 1)
decays = st.floats(0, 0.999)


def run(optimizer, W, gradients, dtype=np.float64):
    parameters = {"W": np.array(W, dtype), "b": np.ones(2, dtype)}
    for gradient in gradients:
        optimizer.update(
            parameters, {"W": np.array(gradient, dtype), "b": np.full(2, gradient[0], dtype)}
        )
    return parameters


def numbers(seed):
    rng = np.random.default_rng(seed)
    # None is near 0: where the average of squares falls from 1 to 1e-6, it has lost six digits.
    gradients = rng.uniform(0.2, 3, (5, 3)) * rng.choice([-1, 1], (5, 3))
    return rng.normal(size=3), gradients


def check(optimizer, reference, seed):
    """`reference(w, gradients)` is the path of a single weight."""
    W, gradients = numbers(seed)
    found = run(optimizer, W, gradients)
    expected = [reference(w, gradients[:, i]) for i, w in enumerate(W)]
    np.testing.assert_allclose(found["W"], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found["b"], reference(1.0, gradients[:, 0]), rtol=1e-9, atol=1e-12)


@given(seed=seeds, lr=rates)
def test_sgd(seed, lr):
    check(SGD(lr), lambda w, gs: w - lr * sum(gs), seed)


@given(seed=seeds, lr=rates, momentum=decays)
def test_momentum(seed, lr, momentum):
    def reference(w, gs):
        v = 0
        for g in gs:
            v = momentum * v - lr * g
            w = w + v
        return w

    check(Momentum(lr, momentum), reference, seed)


@given(seed=seeds, lr=rates)
def test_adagrad(seed, lr):
    def reference(w, gs):
        h = 0
        for g in gs:
            h = h + g**2
            w = w - lr * g / (math.sqrt(h) + 1e-7)
        return w

    check(AdaGrad(lr), reference, seed)


@given(seed=seeds, lr=rates, beta1=decays, beta2=decays)
def test_adam(seed, lr, beta1, beta2):
    def reference(w, gs):
        m = v = 0
        for n, g in enumerate(gs, start=1):
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g**2
            w = w - lr * (m / (1 - beta1**n)) / (math.sqrt(v / (1 - beta2**n)) + 1e-8)
        return w

    check(Adam(lr, beta1, beta2), reference, seed)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_updates_in_place_in_the_dtype_of_the_parameters(kind, dtype):
    W, dW = np.ones((3, 2), dtype), np.full((3, 2), 0.5, dtype)
    dW.setflags(write=False)
    optimizer = kind(lr=np.float64(0.1))
    optimizer.update({"W": W}, {"W": dW})
    assert (W < 1).all()
    state = [
        array
        for value in vars(optimizer).values()
        if isinstance(value, dict)
        for array in value.values()
    ]
    assert all(array.dtype == dtype for array in state)
    assert type(optimizer.lr) is float  # a numpy number would draw float32 arrays up to float64


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_parameter_without_a_gradient_stays(kind):
    W, mean = np.ones(2), np.ones(2)
    kind(lr=0.1).update({"mean": mean, "W": W}, {"W": np.ones(2)})
    assert (mean == 1).all()
    assert (W != 1).all()


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize("lr", [0, -0.1, math.nan, math.inf])
def test_learning_rates_that_make_no_sense(kind, lr):
    with pytest.raises(ValueError, match=f"lr .*{lr}"):
        kind(lr=lr)


@pytest.mark.parametrize(
    ("kind", "argument"), [(Momentum, "momentum"), (Adam, "beta1"), (Adam, "beta2")]
)
@pytest.mark.parametrize("value", [-0.1, 1, 1.5, math.nan])
def test_decays_that_make_no_sense(kind, argument, value):
    with pytest.raises(ValueError, match=f"{argument} .*{value}"):
        kind(**{argument: value})
