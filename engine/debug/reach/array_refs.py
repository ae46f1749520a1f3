"""References from a stored state to arrays: to their memory, and to their layout in it.

A reference is weak, so that a state keeps no live array alive. An array that is gone by the time of
a restore is made again from the copy of its memory.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from typing import Any
from weakref import ReferenceType

import numpy as np

from engine.debug.reach.buffers import root_of
from engine.debug.reach.iterators import IteratorRef

Array = np.ndarray[Any, Any]


@dataclass(slots=True, eq=False)
class ArrayRef:
    """An array in a state: the root that owns its memory, and its layout there."""

    root: int
    itself: ReferenceType[Array]
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]
    offset: int


Checksums = tuple[str, tuple[int, ...], str, str]  # dtype, shape, order in memory, checksums


class Content(ABC):
    """The content that a large array had, held elsewhere."""

    @property
    @abstractmethod
    def is_right(self) -> bool:
        """False once the array has turned out to have had another content."""

    @abstractmethod
    def __call__(self) -> Array:
        """A copy of the array as it was."""

    def checksums(self) -> Checksums | None:
        """What tells this content from another without a copy; None: it is small, so copy it."""
        return None

    @abstractmethod
    def put_into(self, array: Array | None) -> Array:
        """Put the content back into the live array; None: into a new one. Returns the array."""


@dataclass(slots=True, eq=False)
class RootCopy:
    """The content of a root array: a copy, or a function that computes it again."""

    itself: ReferenceType[Array]
    kept: Array | Callable[[], Array] | Content

    @property
    def copy(self) -> Array:
        """The content when the state was made."""
        return self.kept if isinstance(self.kept, np.ndarray) else self.kept()


class LiveValues:
    """The live objects in place of what a state holds for them, each made once."""

    def __init__(self) -> None:
        self._iterators: dict[int, Any] = {}

    def array(self, held: ArrayRef) -> Any:
        """The live array of a reference."""
        raise NotImplementedError

    def value(self, held: Any) -> Any:
        """A held value with live arrays and iterators in place of the references to them."""
        kind = type(held)  # `isinstance` would ask the object
        if kind is ArrayRef:
            return self.array(held)
        if kind is tuple:
            return tuple([self.value(item) for item in held])
        if issubclass(kind, IteratorRef):
            if id(held) not in self._iterators:
                self._iterators[id(held)] = held.remade(self.value)
            return self._iterators[id(held)]
        return held


class PresentArrays(LiveValues):
    """The live arrays of a state that has just been made: they are as they are."""

    def array(self, held: ArrayRef) -> Any:
        """The live array of a reference."""
        return held.itself()


class LiveArrays(LiveValues):
    """The live arrays of a state while it is restored: their memory is put back at once.

    `as_they_are` are the ids of live arrays that are known to hold what they held.
    """

    def __init__(self, roots: Mapping[int, RootCopy], as_they_are: Set[int] = frozenset()) -> None:
        super().__init__()
        self.roots: dict[int, Array] = {}
        for number, root in roots.items():
            live = root.itself() if as_they_are else None
            if live is not None and id(live) in as_they_are:
                self.roots[number] = live
                continue
            if isinstance(root.kept, Content):
                self.roots[number] = root.kept.put_into(root.itself())
                continue
            array, then = root.itself(), root.copy
            if array is None or array.shape != then.shape or array.dtype != then.dtype:
                array = then.copy(order="K")
            elif array.flags.writeable:
                np.copyto(array, then)
            self.roots[number] = array
        self.arrays: dict[int, Array] = {}

    def array(self, held: ArrayRef) -> Any:
        """The live array of a reference; a new view where that is gone."""
        array = held.itself()
        root = self.roots[held.root]
        if (
            array is not None
            and root_of(array) is root
            and (array.shape, array.strides, array.dtype) == (held.shape, held.strides, held.dtype)
        ):
            return array
        return self._look(held, root)

    def _look(self, held: ArrayRef, root: Array) -> Array:
        """A new view in place of one that is gone; the same view for all references to it."""
        if id(held) not in self.arrays:
            self.arrays[id(held)] = view_like(held, root)
        return self.arrays[id(held)]


def view_like(held: ArrayRef, root: Array) -> Array:
    """A view of a root with an array's layout; the root itself where the layouts are equal."""
    if (held.shape, held.strides, held.dtype) == (root.shape, root.strides, root.dtype):
        return root
    memory = root.ravel("K").view(np.uint8)
    return np.ndarray(held.shape, held.dtype, memory, held.offset, held.strides)


def address_of(array: Array) -> int:
    """The address of an array's first cell."""
    address: int = array.__array_interface__["data"][0]
    return address
