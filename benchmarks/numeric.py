"""Numerical differentiation, in units of backpropagation.

The default network on a minibatch of 100 in float64. The slow methods are timed on what they do in
a second, and extrapolated to all 39,760 parameters: those rows say ≈.
"""

from __future__ import annotations

from importlib.util import find_spec
from time import perf_counter

import numpy as np

from benchmarks.time_travel import Row

SECONDS = 1.0  # a method
SLICE = 200  # weights of the slice that scipy differentiates, too


def measure() -> list[Row]:
    """Run the contest, and scipy on a slice of the weights where it is installed."""
    from engine import load_mnist, two_layer_net
    from engine.numeric import Method, contest, numerical_gradient

    network = two_layer_net(seed=0, dtype="float64")
    x, t = load_mnist().batch(np.arange(100), "float64")
    list(contest(network, x, t, seconds=0.1))  # warm
    found = {row.method: row for row in contest(network, x, t, seconds=SECONDS)}
    rows = []
    for method in (Method.CENTRAL, Method.FORWARD, Method.COMPLEX, Method.INCREMENTAL):
        row = found[method]
        about = "≈ " if row.extrapolated else ""
        rows.append(Row(f"{about}{method.value} / backprop", row.times_backprop, "×", ""))
    central, incremental = found[Method.CENTRAL], found[Method.INCREMENTAL]
    rows.append(Row(
        "≈ one by one / incremental", central.seconds_total / incremental.seconds_total, "×",
        "above 65",
    ))  # fmt: skip
    if find_spec("scipy") is None:
        return rows
    only = {"Affine1.W": np.random.default_rng(0).choice(39_200, SLICE, replace=False)}
    begin = perf_counter()
    ours = numerical_gradient(network, x, t, "forward", only=only)["Affine1.W"]
    seconds = perf_counter() - begin
    theirs, scipy_seconds = _approx_fprime(network, x, t, only["Affine1.W"])
    off = np.abs(theirs - ours.reshape(-1)[only["Affine1.W"]]).max() / np.abs(theirs).max()
    rows.append(Row(f"scipy's approx_fprime / forward, {SLICE} weights", scipy_seconds / seconds,
                    "×", ""))  # fmt: skip
    rows.append(Row("its largest difference from ours", off, "", "below 1e-5"))
    return rows


def _approx_fprime(
    network: object, x: np.ndarray, t: np.ndarray, indices: np.ndarray
) -> tuple[np.ndarray, float]:
    """Scipy's forward differences by some weights of the first layer, and their seconds."""
    from scipy.optimize import approx_fprime

    W = network.parameters()["Affine1.W"].reshape(-1)  # type: ignore[attr-defined]
    before = W[indices].copy()

    def loss(weights: np.ndarray) -> float:
        W[indices] = weights
        return float(network.forward(x, t))  # type: ignore[attr-defined]

    begin = perf_counter()
    gradient = approx_fprime(before, loss)
    seconds = perf_counter() - begin
    W[indices] = before
    return gradient, seconds
