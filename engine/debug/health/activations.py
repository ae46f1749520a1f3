"""When the output of an activation is unhealthy: saturated at an end of its range, or dead at 0.

A unit that is saturated or dead passes back almost no gradient, and does not learn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
SATURATED_MARGIN = 0.01  # of the range: how near to an end of it counts as saturated


@dataclass(frozen=True, slots=True)
class ActivationRule:
    """What is unhealthy in the output of an activation.

    Attributes:
        range: of the outputs, where both ends saturate; None where they do not.
        can_die: whether 0 means that a cell passes nothing on.
        saturated_warning: the share of saturated cells from which on to warn.
        dead_warning: the share of dead units from which on to warn.
    """

    range: tuple[float, float] | None = None
    can_die: bool = False
    saturated_warning: float = 0.5
    dead_warning: float = 0.25


# By the words that a class's name is made of, without case; the first that is found holds.
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
