"""The memory behind arrays: which array owns it, copies of it, and views of such a copy."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from engine.debug.reach.contents import look_up

Array = np.ndarray[Any, Any]


def root_of(array: Array | np.void) -> Array:
    """The array that owns the memory of an array, or of a row of a structured array."""
    base: Any = array
    root: Any = array
    while base is not None:
        if isinstance(base, np.ndarray):
            root = base
            base = base.base
        elif isinstance(base, memoryview):
            base = base.obj
        elif isinstance(base, np.nditer):
            base = _operand_of(base, root)
        else:
            base = look_up(base, "base")
    return cast(Array, root)


def read_only(array: Array) -> Array:
    """A read-only view."""
    view = array.view()
    view.flags.writeable = False
    return view


def _operand_of(iterator: np.nditer, element: Array) -> Array | None:
    """The array that holds an iterator's element; None if the iterator copies to a buffer."""
    for operand in iterator.operands:
        if np.shares_memory(operand, element):
            return operand
    return None


@dataclass(frozen=True, slots=True)
class ArrayLayout:
    """The layout of an array in memory, remembered because the array may change it."""

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]


def outline_of(array: Array | np.void | ArrayLayout) -> ArrayLayout:
    """The present layout of an array."""
    if isinstance(array, ArrayLayout):
        return array
    address = array.__array_interface__["data"][0]
    return ArrayLayout(address, array.shape, array.strides, array.dtype)


def lowest_address(root: ArrayLayout) -> int:
    """The address of the first byte of an array."""
    if 0 in root.shape:
        return root.address
    return root.address + sum(
        min(0, (n - 1) * stride) for n, stride in zip(root.shape, root.strides, strict=True)
    )


def copy_memory(root: Array) -> Array:
    """A copy of all the memory of an array, as bytes; for objects the cells in memory order."""
    if root.dtype.hasobject:
        return np.array(root.view(np.ndarray).ravel("K"))
    outline = outline_of(root)
    if root.size == 0:
        return np.empty(0, np.uint8)
    size = root.itemsize + sum(
        abs((n - 1) * stride) for n, stride in zip(root.shape, root.strides, strict=True)
    )
    memory = (ctypes.c_uint8 * size).from_address(lowest_address(outline))
    return np.frombuffer(memory, np.uint8).copy()


def look_at(view: Array | ArrayLayout, block: Array, start: int) -> Array:
    """`view` laid on `block`, a copy of the memory that starts at address `start`.

    For objects the result is a new array that does not share the cells of the copy.
    """
    outline = outline_of(view)
    if 0 in outline.shape:
        return np.empty(outline.shape, outline.dtype)
    offset = outline.address - start
    if not block.dtype.hasobject:
        return np.ndarray(outline.shape, outline.dtype, block, offset, outline.strides)
    size = block.itemsize
    word = np.dtype(np.intp)
    places: Array = np.ndarray(
        outline.shape,
        word,
        np.arange(block.size, dtype=word),
        offset // size * word.itemsize,
        tuple(stride // size * word.itemsize for stride in outline.strides),
    )
    cells: Array = np.empty(outline.shape, block.dtype)
    cells[...] = block[places]
    return cells if outline.dtype == block.dtype else cells.view(outline.dtype)
