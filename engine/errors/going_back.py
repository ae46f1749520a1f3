"""Notices about what a program holds, and how exactly it can go back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.errors.base import Worded

__all__ = ["NoRoomForCopies", "NotPutBack"]
_NAMED = 5  # objects, at most, in a sentence


@dataclass(eq=False)
class NotPutBack(Worded):
    """Objects of a program whose state going back does not put back. A notice.

    Attributes:
        names: how the step reaches each object, such as `self.loader['file']`.
        kinds: the class of each object, with its module.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]

    sentence = "Going back does not put these objects back: {objects}."
    advice = "What a batch takes from them may be something else when the batch runs again."

    def fields(self) -> dict[str, Any]:
        """The fields, with the first objects in words."""
        pairs = zip(self.names, self.kinds, strict=True)
        words = [f"{name} ({kind})" for name, kind in pairs]
        left = len(words) - _NAMED
        more = f" +{left}" if left > 0 else ""
        return {**vars(self), "objects": ", ".join(words[:_NAMED]) + more}


@dataclass(eq=False)
class NoRoomForCopies(Worded):
    """A disk without room for the copies of a program's large arrays. A notice.

    Attributes:
        needed: bytes of the array that found no room.
        free: bytes that were free.
    """

    needed: int
    free: int

    sentence = (
        "The disk has no room for a copy of a large array ({needed_mb} MB, {free_mb} MB are free), "
        "so that each stored state holds one."
    )
    advice = "Make room in the folder for temporary files, and open the program again."

    def fields(self) -> dict[str, Any]:
        """The sizes in MB, too."""
        sizes = {"needed_mb": self.needed / 2**20, "free_mb": self.free / 2**20}
        return {**vars(self), **{name: f"{size:.0f}" for name, size in sizes.items()}}
