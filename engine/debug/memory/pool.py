"""Memory for stored states, used again once a state is gone.

Memory that the system has just handed out is slow to write: each page of 4 KB is a page fault, and
a state of the default network has 90 of them. So states share large blocks, for which numpy asks
Linux for pages of 2 MB, and a new state takes the place of one that was thinned away.
"""

from __future__ import annotations

import ctypes
from typing import Any
from weakref import finalize

import numpy as np

Array = np.ndarray[Any, Any]
_LEAST = 128 * 1024  # bytes; smaller pieces come from the heap, whose pages are used again anyway
_PAGE = 4096
_BLOCK = 8 * 2**20  # bytes
_SIZES = 4  # so many sizes of state are served at a time


class MemoryPool:
    """Gives out pieces of memory; a piece returns when the last array that looks at it is gone."""

    def __init__(self) -> None:
        self._free: dict[int, list[tuple[Array, int]]] = {}  # size -> (block, offset)

    def take(self, size: int) -> Array:
        """(size,) bytes of any content."""
        if size < _LEAST:
            return np.empty(size, np.uint8)
        padded = -(-size // _PAGE) * _PAGE
        free = self._free.pop(padded, [])
        self._free[padded] = free  # the size that is used last is the last one to be let go
        if len(self._free) > _SIZES:
            self._free.pop(next(iter(self._free))).clear()
        if not free:
            free += _new_block(padded)
        block, offset = piece = free.pop()
        # Arrays refer to the object that owns their memory: here to `owner`, and not to the array
        # of the whole block. So the piece is free as soon as `owner` is gone.
        owner = (ctypes.c_uint8 * size).from_buffer(block.data, offset)
        finalize(owner, free.append, piece).atexit = False
        return np.frombuffer(memoryview(owner), np.uint8)


def _new_block(size: int) -> list[tuple[Array, int]]:
    """The pieces of a new block, the first one last."""
    block = np.empty(max(_BLOCK // size, 1) * size, np.uint8)
    return [(block, offset) for offset in range(0, block.size, size)][::-1]
