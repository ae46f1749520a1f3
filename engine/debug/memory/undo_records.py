"""The writes to one array, container or object, each with what undoes it.

In each class `at` holds the moments of the writes, in order.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from copy import copy
from typing import Any

from engine.debug.memory.container_changes import Change, undo_change
from engine.debug.reach.buffers import Array, ArrayLayout, lowest_address, outline_of
from engine.debug.reach.contents import attributes_of, dictionary_of, put_attributes
from engine.debug.reach.placeholders import MISSING

# View, index, and the cells there before the write. Without a view: all of the memory.
ArrayUndo = tuple[Array | ArrayLayout | None, Any, Array]


class ArrayWrites:
    """The writes to one root array, in order."""

    __slots__ = ("_start", "at", "frozen", "is_left", "marks", "root", "undo", "whole")

    def __init__(self, root: Array) -> None:
        self.root = root
        self._start: int | None = None
        self.at: list[int] = []
        self.whole = False  # the last write was logged with all of the memory
        self.undo: list[ArrayUndo] = []
        self.frozen: Array | None = None  # a copy of the memory from the end of the trace
        self.is_left = False  # the memory may have changed since the end, and there is no copy
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

    __slots__ = ("_by_name", "_sorted", "at", "first", "now", "stores", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.first = self.attributes()
        self.now = dict(self.first)
        self.at: list[int] = []
        self.stores: list[tuple[str, Any]] = []
        self._by_name: dict[str, tuple[list[int], list[Any]]] = {}
        self._sorted = 0  # so many stores are in `_by_name`

    def attributes(self) -> dict[str, Any]:
        """The attributes now."""
        return attributes_of(self.thing)

    @property
    def dictionary(self) -> Any:
        """The live dictionary that holds the attributes, or None."""
        return dictionary_of(self.thing)

    def first_values(self) -> Iterable[Any]:
        """The values of the attributes when the object was first seen."""
        return self.first.values()

    def store(self, moment: int, name: str, value: Any) -> None:
        """Log that an attribute was set (`MISSING`: deleted)."""
        self.at.append(moment)
        self.stores.append((name, value))
        if value is MISSING:
            self.now.pop(name, None)
        else:
            self.now[name] = value

    def attributes_at(self, event: int) -> dict[str, Any]:
        """The attributes at an event; the content of the values is live."""
        found = dict(self.first)
        for name, value in self.stores[: bisect_right(self.at, event)]:
            if value is MISSING:
                found.pop(name, None)
            else:
                found[name] = value
        return found

    def stores_of(self, name: str) -> tuple[list[int], list[Any]]:
        """The moments at which one attribute was stored, and what was stored."""
        for place in range(self._sorted, len(self.stores)):
            own, value = self.stores[place]
            moments, values = self._by_name.setdefault(own, ([], []))
            moments.append(self.at[place])
            values.append(value)
        self._sorted = len(self.stores)
        return self._by_name.get(name, ([], []))

    def last_store(self, name: str, event: int) -> tuple[int | None, Any]:
        """The last store of an attribute at or before an event: its moment and the very object.

        Without a store in this trace: None, and the object from before it or `MISSING`.
        """
        moments, values = self.stores_of(name)
        place = bisect_right(moments, event) - 1
        if place < 0:
            return None, self.first.get(name, MISSING)
        return moments[place], values[place]

    def put_back(self, event: int) -> None:
        """Give the live object its attributes of an event."""
        put_attributes(self.thing, self.attributes_at(event), self.attributes().keys())
