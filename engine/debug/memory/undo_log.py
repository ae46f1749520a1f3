"""Values as of any event of a trace: the present values with the later writes undone."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from copy import copy
from functools import cached_property
from gc import get_referents
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from engine.debug.memory.mutations import CONTAINERS
from engine.debug.memory.namespaces import variables_of
from engine.debug.memory.shown_arrays import ShownArrays
from engine.debug.memory.undo_records import ArrayUndo, ArrayWrites, ContainerWrites
from engine.debug.memory.write_log import WriteLog
from engine.debug.reach.buffers import (
    Array,
    copy_memory,
    look_at,
    outline_of,
    root_of,
)
from engine.debug.reach.contents import refill
from engine.debug.reach.placeholders import MISSING, FadedArray, faded

# With many writes to an array, versions are marked so many writes apart, within so many bytes.
_SPACING, _MARKED_BYTES = 256, 8 * 2**20
_LARGE_PART = 2**20  # bytes of an array of which small parts are copied by themselves
_LARGE = 32 * 2**20  # bytes; a training set that a global variable or an attribute holds
_DICTIONARY_VIEWS: tuple[type, ...] = (type({}.keys()), type({}.values()), type({}.items()))


class UndoLog(WriteLog):
    """A write log that shows values as of an event and puts live objects back to it."""

    @cached_property
    def _versions(self) -> WeakValueDictionary[tuple[int, int], Array]:
        """Memory of roots with their last writes undone, while somebody refers to it."""
        return WeakValueDictionary()

    @cached_property
    def _shown(self) -> WeakValueDictionary[tuple[Any, ...], Array]:
        """Old array values by layout, while somebody refers to them."""
        return WeakValueDictionary()

    @cached_property
    def shown_arrays(self) -> ShownArrays:
        """Old array values by live array, which is quicker to look up."""
        return ShownArrays()

    def seal(self, arrays: Iterator[Array] | list[Array], containers: list[Any]) -> None:
        """Copy the arrays and containers that code may change from now on.

        Data that the batch has only read are not copied if they are large. From now on they are
        shown as not kept.
        """
        for array in arrays:
            own = self._writes_to(root_of(array))
            if _is_large_data(own):
                own.is_left = True
            else:
                self.freeze(own)
        for container in containers:
            if id(container) not in self.containers:
                self.containers[id(container)] = ContainerWrites(container)
        for writes in self.containers.values():  # all of them: changes are undone in the present
            if writes.frozen is None:
                writes.frozen = copy(writes.container)

    def attributes_at(self, thing: Any, event: int) -> dict[str, Any]:
        """The attributes of an object at an event; the content of the values is live.

        A module's, or a namespace's, are its variables; a cell's is its content.
        """
        known = self.record_of(thing)
        return variables_of(thing) if known is None else known.attributes_at(event)

    def attribute_at(self, thing: Any, name: str, event: int) -> Any:
        """One attribute, as `attributes_at` has it; `MISSING` without it."""
        known = self.record_of(thing)
        if known is None:
            return variables_of(thing).get(name, MISSING)
        return known.last_store(name, event)[1]

    def contents_at(self, container: Any, event: int) -> Any:
        """A container with its items at an event; the content of the items is live."""
        writes = self.containers.get(id(container))
        if writes is None:
            return container
        return writes.contents_before(bisect_right(writes.at, event))

    def as_of(self, value: Any, event: int) -> Any:
        """A value as it was at an event: arrays are read-only, containers are deep copies.

        An array that was not kept is a `FadedArray`.
        """
        if isinstance(value, np.ndarray):
            return self._array_as_of(value, event)
        if isinstance(value, CONTAINERS):
            return self._container_as_of(value, event, set())
        if isinstance(value, tuple):
            items = [self.as_of(item, event) for item in value]
            return value._make(items) if hasattr(value, "_make") else tuple(items)
        if isinstance(value, _DICTIONARY_VIEWS):
            dictionary = self.as_of(get_referents(value)[0], event)
            return getattr(dictionary, type(value).__name__.rpartition("_")[2])()
        if isinstance(value, np.void) and isinstance(value.base, np.ndarray):
            row = self._array_as_of(value, event)
            return row if isinstance(row, FadedArray) else row[()]
        return value

    def _container_as_of(self, value: Any, event: int, seen: set[int]) -> Any:
        if id(value) in seen:
            return value
        seen = seen | {id(value)}
        state = self.contents_at(value, event)
        owner = self._owner_of(value) if type(value) is dict else None
        if owner is not None:
            state = self.attributes_at(owner.thing, event)

        def then(item: Any) -> Any:
            if isinstance(item, CONTAINERS):
                return self._container_as_of(item, event, seen)
            return self.as_of(item, event)

        if isinstance(state, dict):
            fresh = copy(state)
            for key, item in state.items():
                fresh[key] = then(item)
            return fresh
        if type(state) is deque:
            return deque(map(then, state), state.maxlen)
        if isinstance(state, list):
            return [then(item) for item in state]
        return copy(state)

    def _array_as_of(self, array: Array | np.void, event: int) -> Array | FadedArray:
        root = root_of(array)
        changed = self.outlines.get(id(array))
        resized = self.resized_at.get(id(root), ())
        unlogged = self._unlogged_of(root)
        writes, left = self._writes_to(root), {} if unlogged is None else unlogged.last
        for moment, then, left_then in resized:
            if moment > event:
                writes, left = then, left_then
                break
        later = len(writes.at) - bisect_right(writes.at, event)
        if writes.is_left:
            return faded(outline_of(array))
        plain: Array | None = None  # the array, if only its memory may have changed
        if isinstance(array, np.ndarray) and changed is None and not resized and not left:
            plain = array
            if (known := self.shown_arrays.find(plain, later)) is not None:
                return known
            if _is_large_data(writes):
                live = plain.view(np.ndarray)
                live.flags.writeable = False
                return live
            if _is_small_part(plain, writes):
                part = plain.copy(order="K")
                part.flags.writeable = False
                self.shown_arrays.put(plain, later, part)
                return part
        outline = outline_of(array)
        for moment, old in () if changed is None else changed[1]:
            if moment > event:
                outline = old
                break
        # The next logged write kept all of the memory, but unlogged writes may have come before it.
        if left and left.get(len(writes.at) - later, -1) > event:
            return faded(outline)
        key = (
            id(writes),
            later,
            outline.address,
            outline.shape,
            outline.strides,
            outline.dtype.str,
        )
        shown = self._shown.get(key)
        if shown is None:
            shown = look_at(outline, self._version(writes, later), writes.start).view()
            if shown.dtype == object:
                for place, cell in enumerate(shown.ravel().tolist()):
                    shown.flat[place] = self._in_cell(cell, event)
            else:
                self._shown[key] = shown
            shown.flags.writeable = False
        if plain is not None and shown.dtype != object:
            self.shown_arrays.put(plain, later, shown)
        return shown

    def _in_cell(self, cell: Any, event: int) -> Any:
        """A value for an element of an object array. `flat` would unpack a 0-d array."""
        value = self.as_of(cell, event)
        if isinstance(value, np.ndarray) and value.ndim == 0:
            return value[()]
        return value

    def _version(self, writes: ArrayWrites, later: int) -> Array:
        """The memory of a root array with its last `later` writes undone."""
        key = (id(writes), later)
        block = self._versions.get(key)
        if block is None:
            undone, block = self._version_near(writes, later)
            spacing = max(_SPACING, len(writes.undo) * block.nbytes // _MARKED_BYTES)
            while undone < later:
                end = min(undone + spacing, later)
                count = len(writes.undo)
                _undo(block, writes.undo[count - end : count - undone], writes.start)
                undone = end
                if undone < later:
                    writes.marks[undone] = block.copy()
                    self.nbytes += block.nbytes
            self._versions[key] = block
        return block

    def _version_near(self, writes: ArrayWrites, later: int) -> tuple[int, Array]:
        """A copy of the memory with at most `later` writes undone, and how many are."""
        known = max((mark for mark in writes.marks if mark <= later), default=0)
        if known:
            return known, writes.marks[known].copy()
        if writes.frozen is None:
            return 0, copy_memory(writes.root)
        return 0, writes.frozen if later == 0 else writes.frozen.copy()

    def changes(self, first: int, last: int) -> Iterator[tuple[str, Any]]:
        """The records with writes in (first, last]: ("array" | "container" | "object", record)."""
        for kind, records in (
            ("array", self.arrays), ("container", self.containers), ("object", self.objects)
        ):  # fmt: skip
            for record in records.values():
                if bisect_right(record.at, last) > bisect_right(record.at, first):
                    yield kind, record

    def put_back(self, event: int, came_from: int) -> None:
        """Put the live objects, which are as at `came_from`, back to `event`."""
        first, last = sorted((event, came_from))
        for kind, record in list(self.changes(first, last)):
            if kind == "array":
                self._put_back_array(record, event)
            elif kind == "container":
                if record.frozen is None:
                    record.frozen = copy(record.container)
                refill(record.container, record.contents_before(bisect_right(record.at, event)))
            else:
                record.put_back(event)

    def _put_back_array(self, writes: ArrayWrites, event: int) -> None:
        self.freeze(writes)
        later = len(writes.at) - bisect_right(writes.at, event)
        block = self._version(writes, later)
        np.copyto(writes.root, look_at(writes.root, block, writes.start))


def _is_large_data(writes: ArrayWrites) -> bool:
    """Whether an array is too large to be copied for a look, and no write to it was logged."""
    root = writes.root
    return (
        root.nbytes > _LARGE and not writes.undo and writes.frozen is None and root.dtype != object
    )


def _is_small_part(array: Array, writes: ArrayWrites) -> bool:
    """Whether an array is a small part of a large one that the batch only reads: a minibatch."""
    unwritten = not writes.at and writes.frozen is None and not array.dtype.hasobject
    return unwritten and writes.root.nbytes > max(_LARGE_PART, 4 * array.nbytes)


def _undo(block: Array, records: list[ArrayUndo], start: int) -> None:
    """Undo writes, the last one first, in a copy of the memory that begins at address `start`."""
    known: Any = None
    cells = block
    for view, index, old in reversed(records):
        if view is not known:
            known, cells = view, block if view is None else look_at(view, block, start)
        cells[index] = old
