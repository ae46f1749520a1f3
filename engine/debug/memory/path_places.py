"""What was at a path from a step at an event of a batch, and when it was written or rebound.

A path is followed as of the event, so that containers and objects on the way that a batch makes
anew (`params = {...}`) come out right.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from types import CellType
from typing import Any

import numpy as np

from engine.debug.memory.namespaces import CONTENT
from engine.debug.memory.undo_log import UndoLog
from engine.debug.memory.undo_records import ArrayUndo, ContainerWrites
from engine.debug.reach.buffers import Array, ArrayLayout, root_of
from engine.debug.reach.paths import Access, Path, Way, follow, function_of
from engine.debug.reach.placeholders import MISSING, item_of

_BY_NAME = (Way.GLOBAL, Way.CELL, Way.ATTRIBUTE)


@dataclass(frozen=True, slots=True, eq=False)
class PathPlace:
    """The place at a path.

    Attributes:
        step: where the path begins.
    """

    step: Any
    path: Path

    def at(self, history: UndoLog, event: int) -> Any:
        """The very object that was there at an event, or `MISSING`."""
        return self._object(history, event, len(self.path))

    def writes(self, history: UndoLog) -> list[int]:
        """The moments, in order, at which the place was rebound or its array written.

        A store of the same object counts. What is stored on the way counts if another object was
        at the place then.
        """
        turns: set[int] = set()  # at which anything on the path was stored
        found: set[int] = set()
        for depth, access in enumerate(self.path):
            moments = {
                moment
                for holder in self._objects(history, depth, turns)
                for moment in _stores_of(history, holder, access)
                if any(self._object(history, e, depth) is holder for e in (moment, moment - 1))
            }
            turns |= moments
            if depth == len(self.path) - 1:
                found |= moments
        found |= {e for e in turns if self.at(history, e) is not self.at(history, e - 1)}
        for array in self._objects(history, len(self.path), turns):
            if isinstance(array, np.ndarray):
                found.update(
                    moment
                    for moment in _writes_into(history, array)
                    if any(self.at(history, e) is array for e in (moment, moment - 1))
                )
        return sorted(found)

    def owned(self, history: UndoLog, event: int = 0) -> tuple[Any, str, tuple[Any, ...]] | None:
        """The object, namespace or cell, its variable and the keys into that, as of an event.

        None if the path has no variable, as with an argument of a `partial`.
        """
        for depth in range(len(self.path) - 1, -1, -1):
            access = self.path[depth]
            if access.way in _BY_NAME:
                holder = self._object(history, event, depth)
                owner, name = _variable_of(holder, access)
                return owner, name, tuple(later.key for later in self.path[depth + 1 :])
            if access.way is not Way.ITEM:
                break
        return None

    def _object(self, history: UndoLog, event: int, depth: int) -> Any:
        value = self.step
        for access in self.path[:depth]:
            value = _inner(history, event, value, access)
            if value is MISSING:
                break
        return value

    def _objects(self, history: UndoLog, depth: int, events: set[int]) -> list[Any]:
        """The different objects that were at the beginning of the path before and at events."""
        found = [self._object(history, event, depth) for event in sorted({-1, *events})]
        return list({id(value): value for value in found}.values())


def _inner(history: UndoLog, event: int, value: Any, access: Access) -> Any:
    if access.way is Way.ITEM:
        contents = history.contents_at(value, event)
        if isinstance(contents, deque):
            contents = list(contents)
        return item_of(contents, access.key)
    if access.way not in _BY_NAME:
        return follow(value, (access,))
    if access.key == "__class__":
        return type(value)
    owner, name = _variable_of(value, access)
    return MISSING if owner is None else history.attribute_at(owner, name, event)


def _variable_of(value: Any, access: Access) -> tuple[Any, str]:
    """What holds a variable, and its name there: for a closure's a cell, or None."""
    if access.way is Way.GLOBAL:
        return function_of(value).__globals__, access.key
    if access.way is Way.CELL:
        return _cell_of(value, access.key), CONTENT
    return value, access.key


def _cell_of(value: Any, name: str) -> CellType | None:
    function = function_of(value)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return dict(cells).get(name)


def _stores_of(history: UndoLog, holder: Any, access: Access) -> list[int]:
    """The moments at which one variable or item of an object was stored."""
    if holder is MISSING or access.way in (Way.SELF, Way.ARGUMENT):
        return []
    if access.way is Way.ITEM:
        writes = history.containers.get(id(holder))
        if writes is None:
            return []
        return [m for i, m in enumerate(writes.at) if _touches(writes, i, access.key)]
    owner, name = _variable_of(holder, access)
    record = history.record_of(owner)
    return [] if record is None else record.stores_of(name)[0]


def _touches(writes: ContainerWrites, number: int, key: Any) -> bool:
    """Whether a write to a container was one to the item of this key."""
    undo = writes.undo[number]
    if isinstance(undo, int):  # it made a list longer
        return bool(key >= undo)
    if isinstance(undo, tuple) and isinstance(writes.container, list):
        start, length, old, _ = undo
        return bool(start <= key and (length != len(old) or key < start + length))
    if isinstance(undo, tuple):
        return bool(undo[0] == key)
    before, after = (item_of(writes.contents_before(number + later), key) for later in (0, 1))
    return before is not after


def _writes_into(history: UndoLog, array: Array) -> list[int]:
    """The moments at which the memory of an array was written, not the rest of its buffer."""
    writes = history.arrays.get(id(root_of(array)))
    if writes is None:
        return []
    pairs = zip(writes.at, writes.undo, strict=True)
    return [moment for moment, undo in pairs if _overlaps(undo, array)]


def _overlaps(undo: ArrayUndo, array: Array) -> bool:
    view, index, _ = undo
    if view is None or isinstance(view, ArrayLayout):
        return True
    parts = index if isinstance(index, tuple) else (index,)
    if all(isinstance(part, (int, slice)) for part in parts):
        cells = view[(*parts, ...)]
        return np.may_share_memory(cells, array)
    return np.may_share_memory(view, array)
