"""Logs what each write to an array, container or object overwrites, while a trace is recorded.

A trace keeps references, not copies. Just before a write the log takes the cells that will be
overwritten. Moments are counted in events: a write at moment `m` happens after event `m - 1` and
before event `m`, so event `e` sees every write with `m <= e`.
"""

from __future__ import annotations

import sys
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable
from copy import copy, deepcopy
from typing import Any
from weakref import ref

import numpy as np

from engine.debug.memory.container_changes import Change, change_by_item
from engine.debug.memory.mutations import CONTAINERS
from engine.debug.memory.namespaces import is_namespace, owner_of, stores_to
from engine.debug.memory.retention import KEPT, Retention
from engine.debug.memory.state import State
from engine.debug.memory.undo_records import (
    ArrayUndo,
    ArrayWrites,
    AttributeStores,
    ContainerWrites,
)
from engine.debug.reach.buffers import (
    Array,
    ArrayLayout,
    copy_memory,
    outline_of,
    root_of,
)
from engine.debug.reach.contents import has_attributes, is_a
from engine.debug.reach.placeholders import MISSING

_BYTES_OF_CHANGE = 128  # a tuple and what is in it
_NEVER_WRITTEN = frozenset({int, float, bool, str, tuple, np.float64, np.float32, np.int64})
_NEVER_CHANGED = frozenset({int, slice, type(None), type(...), np.int64})  # parts of an index


class _Unlogged:
    """The writes to a root array that were not logged.

    Attributes:
        root: returns the array, or None once it is freed.
        last: by number of logged writes before them, the moment of the last unlogged write.
    """

    __slots__ = ("last", "root")

    def __init__(self, root: Array) -> None:
        self.root: Callable[[], Array | None] = ref(root)
        self.last: dict[int, int] = {}


class WriteLog:
    """Everything that was overwritten while a trace was recorded.

    In a faded stretch the log keeps one old value of each array: all of its memory from before the
    first write there, and again from before the first write after an event that is kept apart. It
    does so only for arrays that an event kept in full may show.

    Args:
        retention: which events are kept in full.
        look: returns the ids of the root arrays that events, variables and objects refer to, or
            have referred to.

    Attributes:
        room: bytes left of the budget for arrays of events and old values; negative over budget.
        nbytes: bytes of the old values.
        fades_until: every moment before it lies in the faded stretch entered last.
        outlines: by id of an array, the array and its layouts before each change of its layout.
        behind: objects that code without hooks may be changing now.
    """

    def __init__(
        self, retention: Retention | None = None, look: Callable[[], Collection[int]] = list
    ) -> None:
        self.retention = retention or Retention()
        self.look = look
        self._stretch = KEPT  # the faded stretch entered last
        self.fades_until = 0
        self._needed: set[int] = set()  # in a faded stretch: ids of roots with a write to log
        self._unlogged: dict[int, _Unlogged] = {}
        self.room = self.retention.budget
        self.arrays: dict[int, ArrayWrites] = {}
        self._containers: dict[int, ContainerWrites] = {}
        self._container_writes: list[
            tuple[int, Any, Change | Any]
        ] = []  # still to be sorted into it
        self.objects: dict[int, AttributeStores] = {}
        self._owners: dict[int, AttributeStores] = {}  # `objects` by id of their `__dict__`
        self.outlines: dict[int, tuple[Array, list[tuple[int, ArrayLayout]]]] = {}
        self.resized_at: dict[int, list[tuple[int, ArrayWrites, dict[int, int]]]] = {}
        self.behind: list[AttributeStores] = []
        self.nbytes = 0

    @property
    def containers(self) -> dict[int, ContainerWrites]:
        """The writes to containers, by id of the container."""
        for moment, container, undo in self._container_writes:
            writes = self._containers.get(id(container))
            if writes is None:
                writes = self._containers[id(container)] = ContainerWrites(container)
            writes.at.append(moment)
            writes.undo.append(undo)
        self._container_writes.clear()
        return self._containers

    def before_write(self, moment: int, target: Any, index: Any = ...) -> None:
        """Log what a write to `target[index]` will overwrite (`...`: all of it).

        An invalid index is ignored, since the write itself will raise.
        """
        kind = type(target)
        if kind is np.ndarray or is_a(target, np.ndarray):
            self._before_array_write(moment, target, index)
        elif kind in _NEVER_WRITTEN:
            return
        elif is_a(target, CONTAINERS):
            change = None if index is ... else change_by_item(target, index)
            self.before_container_write(moment, target, change)
        elif is_a(target, (np.flatiter, np.void)):
            if isinstance(target.base, np.ndarray):
                self._before_array_write(moment, target.base, ...)
        elif is_a(target, memoryview):
            if isinstance(target.obj, np.ndarray):
                self._before_array_write(moment, target.obj, ...)
        elif has_attributes(target):
            self.behind.append(self.track(target))

    def before_container_write(
        self, moment: int, container: Any, change: Change | None = None
    ) -> None:
        """Log a write to a list, dict, set or the like.

        Without a `change` the log takes a copy of the container. The variables of a namespace are
        logged one by one.
        """
        if type(container) is dict:
            owner = self._owner_of(container)
            if owner is None and is_namespace(container):
                owner = self.track(container)
            if owner is not None:
                self.behind.append(owner)
                if owner.thing is container:
                    return
        if change is None:
            change = copy(container)
            size = 64 + 8 * len(container)
        else:
            size = _BYTES_OF_CHANGE
        self._container_writes.append((moment, container, change))
        self.nbytes += size
        self.room -= size

    def stretch(self, moment: int) -> int:
        """The faded stretch of the present moment, or `KEPT`. Over budget the first one begins."""
        retention = self.retention
        if retention.faded_from is None:
            if self.room >= 0:
                return KEPT
            retention.faded_from = moment
        stretch = retention.stretch(moment)
        if stretch not in (KEPT, self._stretch):
            self._stretch = stretch
            self.fades_until = retention.end_of(stretch)
            self._needed = {*self.look(), *self.arrays}
        return stretch

    def _before_array_write(self, moment: int, array: Array, index: Any) -> None:
        root = array if array.base is None else root_of(array)
        writes = self.arrays.get(id(root))
        stretch = KEPT
        if self.room < 0 or self.retention.faded_from is not None:
            stretch = self.stretch(moment)
        if stretch:
            logged = 0 if writes is None else len(writes.at)
            is_whole = writes is None or not logged or writes.whole
            if is_whole and id(root) not in self._needed:
                self._note_unlogged(root, moment, logged)
                return
            self._needed.discard(id(root))
            array, index = root, ...
        if writes is None:
            writes = self._writes_to(root)
        undo = _undo_of(array, index, root)
        if undo is None:
            return
        writes.undo.append(undo)
        writes.at.append(moment)
        writes.whole = stretch != KEPT
        size = undo[2].nbytes
        self.nbytes += size
        self.room -= size

    def _note_unlogged(self, root: Array, moment: int, logged: int) -> None:
        unlogged = self._unlogged_of(root)
        if unlogged is None:
            unlogged = self._unlogged[id(root)] = _Unlogged(root)
        unlogged.last[logged] = moment

    def keep_apart(self, values: Iterable[Any]) -> None:
        """Log the next write to each array in these values, in a faded stretch too."""
        self._needed.update(State(values, copies=False).roots)

    def has_written(self, root: Array) -> bool:
        """Whether a write to the memory of an array is noted."""
        return self.last_write(root, sys.maxsize) is not None

    def last_write(self, array: Array, before: int) -> int | None:
        """The last moment before `before` at which the memory of an array was written, or None."""
        root = root_of(array)
        found = []
        if (writes := self.arrays.get(id(root))) is not None:
            found = writes.at[: bisect_left(writes.at, before)][-1:]
        if (unlogged := self._unlogged_of(root)) is not None:
            found += [moment for moment in unlogged.last.values() if moment < before]
        return max(found, default=None)

    def _unlogged_of(self, root: Array) -> _Unlogged | None:
        known = self._unlogged.get(id(root))
        return known if known is not None and known.root() is root else None

    def _writes_to(self, root: Array) -> ArrayWrites:
        writes = self.arrays.get(id(root))
        if writes is None:
            writes = self.arrays[id(root)] = ArrayWrites(root)
        return writes

    def before_attribute(self, moment: int, array: Array, name: str) -> None:
        """Log that an array attribute is about to be set, which writes or changes the layout."""
        if name in ("real", "imag", "flat"):
            self.before_write(moment, array)
            return
        outline = outline_of(array)
        self.outlines.setdefault(id(array), (array, []))[1].append((moment, outline))
        writes = self._writes_to(root_of(array))
        writes.undo = [
            (outline if view is array else view, index, old) for view, index, old in writes.undo
        ]

    def resized(self, moment: int, array: Array) -> None:
        """Log that an array that owns its memory is about to move to other memory."""
        unlogged = self._unlogged_of(array)
        self._unlogged.pop(id(array), None)  # numpy does not resize an array with a weak reference
        self.before_attribute(moment, array, "shape")
        writes = self.arrays.pop(id(array))
        self.freeze(writes)
        assert writes.start is not None  # it cannot be found out later
        left = {} if unlogged is None else unlogged.last
        self.resized_at.setdefault(id(array), []).append((moment, writes, left))

    def track(self, thing: Any) -> AttributeStores:
        """Log the current attributes of an object; the record takes the stores that follow.

        A module's, or a namespace's, are its variables; a cell's is its content.
        """
        known = self.objects.get(id(thing))
        if known is None:
            owner = owner_of(thing)
            known = self.objects.get(id(owner))
            if known is None:
                known = self.objects[id(owner)] = stores_to(owner)
                self._owners[id(known.dictionary)] = known
        return known

    def record_of(self, thing: Any) -> AttributeStores | None:
        """The stores to an object, a module, a namespace or a cell; None if it is not tracked."""
        known = self.objects.get(id(thing))
        return self.objects.get(id(owner_of(thing))) if known is None else known

    def changed_behind(self, moment: int, thing: Any) -> None:
        """Log the stores that code without hooks, such as `setattr`, made on a tracked object."""
        known = self.track(thing)
        self._owners[id(known.dictionary)] = known  # its `__dict__` may have been replaced
        before, now = known.now, known.attributes()
        for name in {**before, **now}:
            value = now.get(name, MISSING)
            if before.get(name, MISSING) is not value:
                known.store(moment, name, value)

    def note_behind(self, moment: int) -> None:
        """Log what code without hooks has stored on the objects it was given."""
        for known in self.behind:
            self.changed_behind(moment, known.thing)
        self.behind.clear()

    def _owner_of(self, dictionary: dict[Any, Any]) -> AttributeStores | None:
        """The tracked object with this `__dict__`, or None."""
        known = self._owners.get(id(dictionary))
        return known if known and known.dictionary is dictionary else None

    def freeze(self, writes: ArrayWrites) -> None:
        """Copy the memory of a root array at the end of the trace, unless a copy exists."""
        if writes.frozen is None:
            writes.frozen = copy_memory(writes.root)
            self.nbytes += writes.frozen.nbytes
            self.room -= writes.frozen.nbytes


def _undo_of(array: Array, index: Any, root: Array) -> ArrayUndo | None:
    """What undoes a write to `array[index]`; None if the index is invalid."""
    dtype = array.dtype
    if dtype.hasobject:
        return None, ..., copy_memory(root)
    if dtype.kind == "V":  # a row of it would be a view
        index = ...
    if index is ...:
        return array, index, array.copy("K") if type(array) is np.ndarray else np.array(array)
    try:
        old = _own_cells(array[index])
    except (IndexError, TypeError, ValueError):
        return None
    return array, index if type(index) is int else _kept(index), old


def _own_cells(cells: Any) -> Any:
    """The result of an index, in its own memory. Scalars and gathered arrays are so already.

    An array of another class is always copied, since its class decides what an index returns.
    """
    if type(cells) is np.ndarray:
        return cells if cells.base is None else cells.copy("K")
    return cells if isinstance(cells, np.generic) else np.array(cells)


def _kept(index: Any) -> Any:
    """An index with copies of its arrays and lists, which later code may change."""
    if isinstance(index, tuple):
        for part in index:
            if type(part) not in _NEVER_CHANGED and isinstance(part, (np.ndarray, list, tuple)):
                return tuple([_kept(part) for part in index])
        return index
    return deepcopy(index) if isinstance(index, (np.ndarray, list)) else index
