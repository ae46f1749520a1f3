"""The data flow of a recorded batch: which values were computed from which.

A node is a value that was made: by an expression, by a store, by a write to the memory of an array.
Its parents are the nodes that it was computed from, always of lower numbers. A leaf is a value that
the batch read and no event of it made. A test that decides which line runs next makes no edge.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np

NONE = -1  # no node


class Made(Enum):
    """How a node was made."""

    EVENT = 0  # by an expression
    ALIAS = 1  # an expression that only hands on a value: `params['W']`, a call, a return
    WRITE = 2  # by a write to memory, after the event
    STORE = 3  # a number stored by a statement without an event of its own: `loss += l`
    LEAF = 4  # by an earlier batch, or before the first


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """A value from before the batch.

    Attributes:
        value: the very object; of an array the one that owns the memory.
        seen: the array by which it was read first, which may be a view of `value`.
        variable: the file and name of a global variable that held it, or None.
        owner, name: of a number, the object and the attribute, or the container and the key,
            that held it.
    """

    value: Any
    seen: Any
    variable: tuple[str, str] | None = None
    owner: Any = None
    name: Any = ""


@dataclass(frozen=True, slots=True, eq=False)
class StoredAt:
    """A store to a place: an attribute, an item, a global variable, or an array's memory.

    Attributes:
        moment: the event before which it happened.
        line: the line event of the statement, or the event of the call that wrote.
        owner: the object or container; None for a variable or a write to memory.
        key: the name or key in it; of a variable its file and name.
        value: what was stored, where known.
        node: the node of what was stored, or `NONE` for a container.
        memory: id of the root array that was written, or 0.
    """

    moment: int
    line: int
    owner: Any
    key: Any
    value: Any
    node: int
    memory: int = 0


@dataclass(slots=True, eq=False)
class Graph:
    """The nodes of a trace.

    Attributes:
        parents: of each node.
        made: how each node was made.
        at: the event of each node: its own, that of the line or call that wrote, or that before
            which a leaf was first read.
        of_event: the node of each event, or `NONE`.
        of_line: the nodes that a statement made without an event of their own, by line event.
        line_of: the line event of the statement that each event belongs to.
        leaves: what is known of each leaf.
        stores: in order.
        given: by event of a call without a result, such as `append`, the nodes of its arguments.
        memory: by id of a root array, the last node that made or wrote it.
        views, numbers: by id of an array or a number, the node that made it.
        values: of nodes without an event, what they are.
        attributes, items: the last number stored in a place, by id of the owner and key.
        variables: the last value and node of each global variable, by file and name.
        roots_of_writes: by node of a write, the id of the root array.
    """

    parents: list[tuple[int, ...]] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    at: array[int] = field(default_factory=lambda: array("q"))
    of_event: array[int] = field(default_factory=lambda: array("q"))
    of_line: dict[int, list[int]] = field(default_factory=dict)
    line_of: array[int] = field(default_factory=lambda: array("q"))
    leaves: dict[int, Leaf] = field(default_factory=dict)
    stores: list[StoredAt] = field(default_factory=list)
    given: dict[int, list[int]] = field(default_factory=dict)
    memory: dict[int, int] = field(default_factory=dict)
    views: dict[int, int] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)
    values: dict[int, Any] = field(default_factory=dict)
    attributes: dict[tuple[int, str], tuple[Any, int]] = field(default_factory=dict)
    items: dict[tuple[int, Any], int] = field(default_factory=dict)
    variables: dict[tuple[str, str], tuple[Any, int]] = field(default_factory=dict)
    roots_of_writes: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.parents)

    def add(self, made: Made, event: int, parents: Iterable[int]) -> int:
        """Add a node."""
        self.parents.append(tuple(parents))
        self.made.append(made)
        self.at.append(event)
        return len(self.parents) - 1

    def slice_of(self, nodes: Iterable[int], cut: Iterable[int] = ()) -> bytearray:
        """Which nodes these were computed from, themselves included; 1 for each.

        The slice does not go further back than the nodes in `cut`, which it includes.
        """
        marks = bytearray(len(self.parents))
        stopped = bytearray(len(self.parents))
        for node in cut:
            stopped[node] = 1
        last = NONE
        for node in nodes:
            if node >= 0:
                marks[node] = 2
                last = max(last, node)
        parents = self.parents
        for node in range(last, -1, -1):
            mark = marks[node]
            if mark and (mark == 2 or not stopped[node]):
                for parent in parents[node]:
                    if not marks[parent]:
                        marks[parent] = 1
            if mark:
                marks[node] = 1
        return marks

    def back_from(self, node: int, cut: bytearray | None = None) -> set[int]:
        """Which nodes one node was computed from, itself included; for small slices."""
        found = {node} if node >= 0 else set()
        pending = list(found)
        while pending:
            for parent in self.parents[pending.pop()]:
                if parent not in found:
                    found.add(parent)
                    if cut is None or not cut[parent]:
                        pending.append(parent)
        return found

    def flow_from(self, nodes: Iterable[int], but: Iterable[int] = ()) -> bytearray:
        """Which nodes were computed from any of these, themselves included; 1 for each.

        It does not flow through the nodes in `but`, and neither do they count.
        """
        marks = bytearray(len(self.parents))
        stopped = bytearray(len(self.parents))
        for node in but:
            stopped[node] = 1
        first = len(self.parents)
        for node in nodes:
            marks[node] = 1
            first = min(first, node)
        parents = self.parents
        for node in range(first, len(parents)):
            if not marks[node] and not stopped[node]:
                for parent in parents[node]:
                    if marks[parent]:
                        marks[node] = 1
                        break
        return marks

    def children(self) -> list[list[int]]:
        """By node, the nodes that were computed directly from it."""
        found: list[list[int]] = [[] for _ in self.parents]
        for node, parents in enumerate(self.parents):
            for parent in parents:
                found[parent].append(node)
        return found


def is_number(value: Any) -> bool:
    """Whether a value is a single number, in Python or numpy."""
    return isinstance(value, (int, float, np.number)) and not isinstance(value, (bool, np.bool_))


def is_float_array(value: Any) -> bool:
    """Whether a value is an array of real or complex numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind in "fc"
