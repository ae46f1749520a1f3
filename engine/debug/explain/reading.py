"""The result of reading an expression: its form, such as a matrix product, and its operands.

An `Operation` has both, and also its result, its source and where it runs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.debug.explain.operation import Form, Operand
from engine.debug.reach.placeholders import FadedArray

Curve = Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]
COLLECTIONS = (list, tuple, dict, set, frozenset, range, deque)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """The form of an expression and its operands; see `Operation`."""

    form: Form
    symbol: str = ""
    operands: tuple[Operand, ...] = ()
    axes: tuple[int, ...] = ()
    keepdims: bool = False
    curve: Curve | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


def is_array(value: Any) -> bool:
    """Whether a value is an array with at least one axis; its values may not be kept."""
    return isinstance(value, (np.ndarray, FadedArray)) and len(value.shape) > 0


def is_scalar(value: Any) -> bool:
    """Whether a value is a number, a text or a truth value (or an array without axes)."""
    return value is None or np.isscalar(value) or (isinstance(value, np.ndarray) and not value.ndim)


def form_of_value(value: Any) -> Form:
    """The form of an expression without array operands, by its value."""
    if isinstance(value, COLLECTIONS):
        return Form.COLLECTION
    return Form.SCALAR if is_scalar(value) or isinstance(value, type) else Form.FALLBACK


def shape_of(value: Any) -> tuple[int, ...]:
    """The shape of an array, or of a list or tuple as an array; () of anything else."""
    if isinstance(value, (np.ndarray, np.generic, FadedArray)):
        return value.shape
    if isinstance(value, (list, tuple)):
        try:
            return np.shape(value)
        except ValueError:  # the parts differ in length
            return ()
    return ()
