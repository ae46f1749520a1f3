"""Finds the factor between a gradient and the derivative of the loss, and how an update uses it.

A gradient that lacks the mean over the batch is N times the derivative in every cell, one whose
mean was taken twice 1/N. The direction is right then. Whether the factor is a mistake depends on
the update, which may divide by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.numeric.checks.findings import Uses
from engine.numeric.probed import BatchMade

Array = np.ndarray[Any, Any]
CLOSE = 1e-4  # relative to the largest cell: two arrays that are the same multiple of each other
LOUD = 100  # times its noise, a gradient has to be to tell a factor


def factor_between(
    a: Array, b: Array, noise_of_a: float = 0.0, noise_of_b: float = 0.0
) -> float | None:
    """The factor with which `a` is a multiple of `b` in every cell; None if it is none.

    NaN in `b` are cells that are not known.
    """
    known = np.isfinite(b)
    a, b = np.asarray(a, np.float64)[known], np.asarray(b, np.float64)[known]
    largest = float(np.abs(b).max(initial=0))
    if not np.all(np.isfinite(a)) or largest <= LOUD * noise_of_b:
        return None
    factor = float(np.sum(a * b) / np.sum(b * b))
    off = float(np.abs(a - factor * b).max(initial=0))
    limit = (CLOSE * largest + noise_of_b) * abs(factor) + noise_of_a
    return factor if factor and off <= limit else None


def is_silent(numeric: Array, noise: float) -> bool:
    """Whether a numerical gradient is too small to tell any factor."""
    known = numeric[np.isfinite(numeric)]
    return float(np.abs(known).max(initial=0)) <= LOUD * noise


def uses_of(made: BatchMade, numeric: Mapping[str, Array], factor: float, noise: float) -> Uses:
    """What the update does with gradients that are `factor` times the derivatives.

    It is known where the update is the learning rate times the gradient, and nothing else.
    """
    rate = made.learning_rate
    if not rate:
        return Uses.UNKNOWN
    seen = set()
    for name, derivative in numeric.items():
        change = made.changes.get(name)
        if change is None or is_silent(derivative, noise):
            continue
        used = factor_between(-change / rate, derivative, 0.0, noise)
        if used is None:
            return Uses.UNKNOWN
        seen.add(
            Uses.DIVIDED if abs(used - 1) <= 1e-3
            else Uses.AS_THEY_ARE if abs(used - factor) <= 1e-3 * abs(factor)
            else Uses.UNKNOWN
        )  # fmt: skip
    return seen.pop() if len(seen) == 1 else Uses.UNKNOWN
