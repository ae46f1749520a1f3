"""A fast test for calls that certainly overwrite nothing, such as `len` and `np.zeros`.

Most calls of a minibatch are of this kind, so the recorder asks here first. A call that is not
known to be harmless is examined by `mutations.overwritten`.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

from engine.debug.memory.mutations import (
    CHANGES_A_CONTAINER,
    CHANGES_ITS_ARRAY,
    MAY_CHANGE,
    OVERWRITE,
    RANDOM_SOURCES,
    Dispatcher,
    position_of_out,
)

_PURE_TYPES = frozenset({int, float, bool, str, len, range, zip, enumerate, isinstance, reversed,
                         abs, min, max, sum, list, tuple, dict, set, print, getattr,
                         hasattr})  # fmt: skip
_ALLOCATE = (np.zeros, np.ones, np.empty, np.eye, np.identity, np.arange)

# By function: how many positional arguments it certainly leaves unchanged. Most calls need only
# this look-up, so the keys are of types that hash by address.
HARMLESS: dict[Any, int] = dict.fromkeys((*_PURE_TYPES, *_ALLOCATE), sys.maxsize)
HARMLESS.update({np.array: 2, np.asarray: 2})
HASHED_QUICKLY = frozenset({np.ufunc, Dispatcher, type, BuiltinFunctionType, FunctionType})
_SCALARS = frozenset({int, float, bool, str, type(None), np.float64, np.float32, np.int64})
_MOST_KNOWN = 4096


def changes_nothing(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Whether a call is of a common kind that overwrites nothing. False: not known."""
    kind = type(function)
    if kind is np.ufunc or kind is Dispatcher:
        most = HARMLESS.get(function)
        if most is None:
            most = function.nin if kind is np.ufunc else _harmless(function)
            if len(HARMLESS) < _MOST_KNOWN:
                HARMLESS[function] = most
        return len(args) <= most and "out" not in kwargs and OVERWRITE not in kwargs
    if kind is BuiltinFunctionType:
        owner = type(function.__self__)
        if owner is np.ndarray:
            changes = function.__name__ in CHANGES_ITS_ARRAY or "out" in kwargs
            return not changes and (len(args) < 2 or all(map(_holds_nothing, args[1:])))
        if owner is dict and not args and not kwargs:  # `items`, `values`, `keys`, `copy`
            return function.__name__ not in CHANGES_A_CONTAINER
        return function in HARMLESS and len(args) <= HARMLESS[function]
    if kind is MethodType:
        drawn = type(function.__self__) in RANDOM_SOURCES and "out" not in kwargs
        return drawn and all(map(_holds_nothing, args))
    if kind is FunctionType:
        return function in _ALLOCATE
    return kind is type and function in _PURE_TYPES


def _holds_nothing(value: Any) -> bool:
    """Whether a value is a scalar or a tuple of scalars, such as a shape."""
    kind = type(value)
    return kind in _SCALARS or (kind is tuple and all(type(part) in _SCALARS for part in value))


def _harmless(function: Any) -> int:
    """How many positional arguments a numpy function certainly leaves unchanged."""
    return -1 if function.__name__ in MAY_CHANGE else position_of_out(function)
