"""The undo logs: what an array, a container or an object held before each write to it.

In each, `at` has the moments of the writes, in order.
"""

from __future__ import annotations

from typing import Any

from engine.debug.memory.buffers import Array, ArrayLayout, lowest_address, outline_of
from engine.debug.memory.contents import attributes_of


class ArrayWrites:
    """The writes to one root array, in order."""

    __slots__ = ("_start", "at", "frozen", "root", "undo", "whole")

    def __init__(self, root: Array) -> None:
        self.root = root
        self._start: int | None = None
        self.at: list[int] = []
        self.whole = False  # the last one has kept all of the memory
        self.undo: list[
            tuple[Array | ArrayLayout | None, Any, Array]
        ] = []  # view, index, old cells
        self.frozen: Array | None = None  # the memory at the end of the trace

    @property
    def start(self) -> int:
        """The lowest address of the memory; asked before the root leaves it for another."""
        if self._start is None:
            self._start = lowest_address(outline_of(self.root))
        return self._start


class ContainerWrites:
    """The writes to a list, dict, set or the like: whole shallow copies from before each."""

    __slots__ = ("at", "before", "container", "frozen")

    def __init__(self, container: Any) -> None:
        self.container = container
        self.at: list[int] = []
        self.before: list[Any] = []
        self.frozen: Any = None


class AttributeStores:
    """An object's attributes when it was first seen, and the stores since."""

    __slots__ = ("at", "first", "now", "stores", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.first = attributes_of(thing)
        self.now = dict(self.first)
        self.at: list[int] = []
        self.stores: list[tuple[str, Any]] = []
