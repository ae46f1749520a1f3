"""Rules for unhealthy activations: saturated at an end of the range, or dead at 0.

A saturated or dead unit passes back almost no gradient, and does not learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SATURATED_MARGIN = 0.01  # share of the range, from an end, that counts as saturated


@dataclass(frozen=True, slots=True)
class ActivationRule:
    """The thresholds of an activation's health.

    Attributes:
        range: of the outputs, if both ends saturate; else None.
        can_die: whether a cell with output 0 passes no gradient back.
        saturated_warning: the smallest share of saturated cells to warn about.
        dead_warning: the smallest share of dead units to warn about.
    """

    range: tuple[float, float] | None = None
    can_die: bool = False
    saturated_warning: float = 0.5
    dead_warning: float = 0.25


# By a part of the class's name in lower case; the first match applies.
ACTIVATION_RULES: dict[str, ActivationRule] = {
    "hardsigmoid": ActivationRule(range=(0.0, 1.0)),
    "sigmoid": ActivationRule(range=(0.0, 1.0)),
    "logistic": ActivationRule(range=(0.0, 1.0)),
    "tanh": ActivationRule(range=(-1.0, 1.0)),
    "softsign": ActivationRule(range=(-1.0, 1.0)),
    "leakyrelu": ActivationRule(),
    "prelu": ActivationRule(),
    "relu": ActivationRule(can_die=True),
}


def rule_for(kind: str) -> ActivationRule | None:
    """The rule for a layer of this class, or None."""
    name = kind.replace("_", "").lower()
    return next((rule for part, rule in ACTIVATION_RULES.items() if part in name), None)


def measure_saturated(output: Array, low: float, high: float) -> float:
    """Share of the cells of an output (N, M) within a margin of an end of low..high."""
    margin = SATURATED_MARGIN * (high - low)
    near = np.count_nonzero(output < low + margin) + np.count_nonzero(output > high - margin)
    return int(near) / output.size


def measure_dead(output: Array) -> float | None:
    """Share of the units (columns) of an output (N, M) that are 0 for every sample."""
    if output.ndim < 2:
        return None
    quiet = ~output.any(axis=0)
    return int(np.count_nonzero(quiet)) / quiet.size
