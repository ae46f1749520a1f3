"""The writes to one array, container or object, each with what undoes it.

In each class `at` holds the moments of the writes, in order.
"""

from __future__ import annotations

from copy import copy
from typing import Any

from engine.debug.memory.buffers import Array, ArrayLayout, lowest_address, outline_of
from engine.debug.memory.container_changes import Change, undo_change
from engine.debug.memory.contents import attributes_of

# View, index, and the cells there before the write. Without a view: all of the memory.
ArrayUndo = tuple[Array | ArrayLayout | None, Any, Array]


class ArrayWrites:
    """The writes to one root array, in order."""

    __slots__ = ("_start", "at", "frozen", "marks", "root", "undo", "whole")

    def __init__(self, root: Array) -> None:
        self.root = root
        self._start: int | None = None
        self.at: list[int] = []
        self.whole = False  # the last write was logged with all of the memory
        self.undo: list[ArrayUndo] = []
        self.frozen: Array | None = None  # a copy of the memory from the end of the trace
        self.marks: dict[int, Array] = {}  # copies with so many of the last writes undone

    @property
    def start(self) -> int:
        """The lowest address of the memory. Ask before a resize moves it."""
        if self._start is None:
            self._start = lowest_address(outline_of(self.root))
        return self._start


class ContainerWrites:
    """The writes to a list, dict, set or the like, in order.

    `undo` holds a `Change` for each write known to touch one place only, and a shallow copy of the
    container from before any other write.
    """

    __slots__ = ("at", "container", "frozen", "undo")

    def __init__(self, container: Any) -> None:
        self.container = container
        self.at: list[int] = []
        self.undo: list[Change | Any] = []
        self.frozen: Any = None  # a copy from the end of the trace

    def contents_before(self, write: int) -> Any:
        """The container as it was before write number `write`, or after all writes."""
        undo, count = self.undo, len(self.undo)
        copied = write  # the next write that was logged with a copy of the container
        while copied < count and isinstance(undo[copied], (int, tuple)):
            copied += 1
        if copied < count:
            contents = undo[copied]
        else:
            contents = self.container if self.frozen is None else self.frozen
        if copied > write:
            contents = copy(contents)
            for change in reversed(undo[write:copied]):
                undo_change(contents, change)
        return contents

    def once_held(self) -> list[Any]:
        """Objects that together refer to everything this container has ever held."""
        return [self.container, *self.undo]


class AttributeStores:
    """The attributes of an object when it was first seen, and the stores since."""

    __slots__ = ("at", "first", "now", "stores", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.first = attributes_of(thing)
        self.now = dict(self.first)
        self.at: list[int] = []
        self.stores: list[tuple[str, Any]] = []
