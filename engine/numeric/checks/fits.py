"""Sorts gradients: of the shape of their parameter, so comparable; of another shape; or missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.numeric.checks.findings import Left, Misfit, NotExamined, Why, fitted, misfit
from engine.numeric.working_copy import WorkingCopy

Array = np.ndarray[Any, Any]


def backpropagated(copy: WorkingCopy) -> dict[str, Array]:
    """The present gradients of a copy that fit their parameters' shapes."""
    return sorted_out(copy, copy.network.gradients(), list(copy.parameters))[0]


def unfit(copy: WorkingCopy) -> list[Misfit]:
    """The misfits of the present gradients of a copy that do not fit."""
    return list(sorted_out(copy, copy.network.gradients(), list(copy.parameters))[1].values())


def sorted_out(
    copy: WorkingCopy, given: Mapping[str, Any], names: list[str]
) -> tuple[dict[str, Array], dict[str, Misfit], list[Left]]:
    """The gradients in their parameters' shapes, the misfits, and the missing gradients."""
    analytic: dict[str, Array] = {}
    misfits: dict[str, Misfit] = {}
    left: list[Left] = []
    for name in names:
        if name not in copy.parameters:
            continue
        layer, _, attribute = name.rpartition(".")
        gradient, shape = given.get(name), copy.parameters[name].shape
        array = fitted(gradient, shape) if gradient is not None else None
        if array is not None:
            analytic[name] = array
        elif gradient is None:
            left.append(NotExamined(layer or "the network", f"d{attribute}", name, Why.NO_GRADIENT))
        else:
            misfits[name] = misfit(layer, attribute, name, gradient, shape, len(copy.x))
    return analytic, misfits, left
