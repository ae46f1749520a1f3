"""What tells the content of one array in a state from that of another: a digest, or checksums.

A large array is told by the checksums of its pieces, however it is held: no copy of it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from engine.debug.memory.held_arrays import LARGE, checksums_of
from engine.debug.reach.array_refs import Content, RootCopy

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class ArrayDigest:
    """The content of an array in short.

    Attributes:
        dtype, shape: of the array.
        order: "C" or "F": how its cells lie in memory.
        text: the digest of its cells.
        cells: of an array of objects, these; else None.
    """

    dtype: str
    shape: tuple[int, ...]
    order: str
    text: str
    cells: Sequence[Any] | None = None


def content_digest(root: RootCopy) -> ArrayDigest:
    """The digest of an array in a state."""
    kept = root.kept
    if isinstance(kept, Content):
        found = kept.checksums()
        if found is not None:
            return ArrayDigest(*found)
    array = root.copy
    head = array.dtype.str, array.shape, order_of(array)
    if array.dtype.hasobject:
        return ArrayDigest(*head, "", array.ravel().tolist())
    if array.nbytes >= LARGE and array.flags.forc:
        return ArrayDigest(*checksums_of(array))
    return ArrayDigest(*head, blake2b(array.tobytes("A"), digest_size=16).hexdigest())


def order_of(array: Array) -> str:
    """How the cells of an array lie in memory."""
    return "C" if array.flags.c_contiguous else "F"
