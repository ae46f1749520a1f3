"""Stands in for a value that a trace lacks: a missing name, or an array that was not kept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.debug.reach.buffers import Array, ArrayLayout


class Missing:
    """The value of a name or attribute that does not exist."""

    def __repr__(self) -> str:
        return "<not there>"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class FadedArray:
    """The outline of an array that a trace over budget has not kept."""

    shape: tuple[int, ...]
    dtype: str


def faded(array: Array | ArrayLayout) -> FadedArray:
    """The outline of an array. Arrays of one shape and dtype share it."""
    return _faded(array.shape, array.dtype)


@lru_cache(maxsize=1024)
def _faded(shape: tuple[int, ...], dtype: np.dtype[Any]) -> FadedArray:
    return FadedArray(shape, str(dtype))  # numpy builds this text in Python, each time


def item_of(container: Any, key: Any) -> Any:
    """The item of a dict, list or tuple, or MISSING. Other types are not asked: they run code."""
    try:
        if isinstance(container, dict):
            return dict.get(container, key, MISSING)
        if isinstance(container, list):
            return list.__getitem__(container, key)
        return tuple.__getitem__(container, key) if isinstance(container, tuple) else MISSING
    except (TypeError, IndexError):
        return MISSING
