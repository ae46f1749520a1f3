"""The old values of what was overwritten.

A trace keeps references, not copies. Just before a write the history takes the cells that will be
overwritten; an old value is then the present one with the later writes undone. Moments are counted
in events: a write at moment `m` happened after event `m - 1` and before event `m`, so event `e` sees
every write with `m <= e`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from engine.debug.writes import CONTAINERS

Array = np.ndarray[Any, Any]


class Missing:
    """The value of a name or an attribute that is not there."""

    def __repr__(self) -> str:
        return "<not there>"


MISSING = Missing()


@dataclass(frozen=True, slots=True)
class Faded:
    """An array of which a trace over its budget has kept the outline alone."""

    shape: tuple[int, ...]
    dtype: str


def root_of(array: Array) -> Array:
    """The array that owns the memory that `array` looks at."""
    base: Any = array
    root = array
    while base is not None:
        if isinstance(base, np.ndarray):
            root = base
            base = base.base
        elif isinstance(base, memoryview):
            base = base.obj
        else:
            base = getattr(base, "base", None)
    return root


def attributes_of(thing: Any) -> dict[str, Any]:
    """The attributes stored on an object, in its `__dict__` and its slots."""
    found = dict(getattr(thing, "__dict__", {}))
    for cls in type(thing).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name.startswith("__") and not name.endswith("__"):
                name = f"_{cls.__name__.lstrip('_')}{name}"
            if name not in ("__dict__", "__weakref__") and hasattr(thing, name):
                found[name] = getattr(thing, name)
    return found


class _ArrayWrites:
    """The writes to one root array, in order."""

    __slots__ = ("at", "frozen", "root", "undo", "whole")

    def __init__(self, root: Array) -> None:
        self.root = root
        self.whole = False  # the last write kept all of it, and nothing since is shown
        self.at: list[int] = []
        self.undo: list[tuple[Array, Any, Array]] = []  # view, index, old cells
        self.frozen: Array | None = None  # the memory at the end of the trace


class _ContainerWrites:
    """The writes to a list, dict, set or the like: whole shallow copies from before each."""

    __slots__ = ("at", "before", "container", "frozen")

    def __init__(self, container: Any) -> None:
        self.container = container
        self.at: list[int] = []
        self.before: list[Any] = []
        self.frozen: Any = None


class _Attributes:
    """An object's attributes when it was first seen, and the stores since."""

    __slots__ = ("at", "first", "stores", "thing")

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.first = attributes_of(thing)
        self.at: list[int] = []
        self.stores: list[tuple[str, Any]] = []


class History:
    """What was overwritten while a trace was recorded, and the values as of any event of it."""

    def __init__(self) -> None:
        self.arrays: dict[int, _ArrayWrites] = {}
        self.containers: dict[int, _ContainerWrites] = {}
        self.objects: dict[int, _Attributes] = {}
        self.nbytes = 0
        self.fading = False  # what happens now is not shown: one whole old value will do,
        self.in_sight: set[int] = set()  # and of these arrays alone, which what is shown looks at
        self._versions: WeakValueDictionary[tuple[int, int], Array] = WeakValueDictionary()
        self._shown: WeakValueDictionary[tuple[Any, ...], Array] = WeakValueDictionary()

    # While recording ---------------------------------------------------------------------------

    def before_write(self, moment: int, target: Any, index: Any = ...) -> None:
        """Keep what a write to `target[index]` will overwrite (`...`: all of it).

        An index that does not fit is let be: the write itself will raise.
        """
        if isinstance(target, np.ndarray):
            self._before_array_write(moment, target, index)
        elif isinstance(target, CONTAINERS):
            writes = self.containers.get(id(target))
            if writes is None:
                writes = self.containers[id(target)] = _ContainerWrites(target)
            writes.at.append(moment)
            writes.before.append(target.copy())
            self.nbytes += 64 + 8 * len(target)
        elif isinstance(target, np.flatiter):
            self._before_array_write(moment, target.base, ...)
        elif hasattr(target, "__dict__"):
            self.track(target)

    def _before_array_write(self, moment: int, array: Array, index: Any) -> None:
        root = root_of(array)
        if self.fading and id(root) not in self.in_sight:
            return
        writes = self.arrays.get(id(root))
        if writes is None:
            writes = self.arrays[id(root)] = _ArrayWrites(root)
        if self.fading:
            if writes.whole:
                return
            array, index = root, ...
        writes.whole = self.fading
        try:
            old = np.array(array[index])
        except (IndexError, TypeError, ValueError):
            return
        writes.at.append(moment)
        writes.undo.append((array, index, old))
        self.nbytes += old.nbytes

    def track(self, thing: Any) -> _Attributes:
        """Keep the attributes that an object has now; stores are added by `stored`."""
        known = self.objects.get(id(thing))
        if known is None:
            known = self.objects[id(thing)] = _Attributes(thing)
        return known

    def stored(self, moment: int, thing: Any, name: str, value: Any) -> None:
        """An attribute was set (`MISSING`: deleted) on an object that is tracked."""
        known = self.objects[id(thing)]
        known.at.append(moment)
        known.stores.append((name, value))

    def changed_behind(self, moment: int, thing: Any) -> None:
        """Note the stores that code without hooks (`setattr`) has made on a tracked object."""
        before, now = self.attributes_at(thing, moment), attributes_of(thing)
        for name in {**before, **now}:
            value = now.get(name, MISSING)
            if before.get(name, MISSING) is not value:
                self.stored(moment, thing, name, value)

    # Afterwards --------------------------------------------------------------------------------

    def seal(self, arrays: Iterator[Array] | list[Array], containers: list[Any]) -> None:
        """Take copies of what code that runs from now on may change."""
        for array in arrays:
            root = root_of(array)
            writes = self.arrays.get(id(root))
            if writes is None:
                writes = self.arrays[id(root)] = _ArrayWrites(root)
            self.freeze(writes)
        for container in containers:
            kept = self.containers.get(id(container))
            if kept is None:
                kept = self.containers[id(container)] = _ContainerWrites(container)
            if kept.frozen is None:
                kept.frozen = container.copy()

    def freeze(self, writes: _ArrayWrites) -> None:
        """Copy the memory of a root array as it is now, at the end of the trace."""
        if writes.frozen is None:
            writes.frozen = _block(writes.root)
            self.nbytes += writes.frozen.nbytes

    def attributes_at(self, thing: Any, event: int) -> dict[str, Any]:
        """The attributes of a tracked object at an event; the values are not yet as of then."""
        known = self.objects.get(id(thing))
        if known is None:
            return attributes_of(thing)
        found = dict(known.first)
        for name, value in known.stores[: bisect_right(known.at, event)]:
            if value is MISSING:
                found.pop(name, None)
            else:
                found[name] = value
        return found

    def as_of(self, value: Any, event: int) -> Any:
        """A value as it was at an event: arrays read-only, containers as shallow copies with as-of values."""
        if isinstance(value, np.ndarray):
            return self._array_as_of(value, event)
        if isinstance(value, CONTAINERS):
            return self._container_as_of(value, event, set())
        if type(value) is tuple:
            return tuple(self.as_of(item, event) for item in value)
        return value

    def _container_as_of(self, value: Any, event: int, seen: set[int]) -> Any:
        if id(value) in seen:
            return value
        seen = seen | {id(value)}
        writes = self.containers.get(id(value))
        state = value
        if writes is not None:
            place = bisect_right(writes.at, event)
            if place < len(writes.at):
                state = writes.before[place]
            elif writes.frozen is not None:
                state = writes.frozen

        def then(item: Any) -> Any:
            if isinstance(item, CONTAINERS):
                return self._container_as_of(item, event, seen)
            return self.as_of(item, event)

        if isinstance(state, dict):
            fresh = state.copy()
            for key, item in state.items():
                fresh[key] = then(item)
            return fresh
        if isinstance(state, list):
            return [then(item) for item in state]
        return state.copy()

    def _array_as_of(self, array: Array, event: int) -> Array:
        root = root_of(array)
        writes = self.arrays.get(id(root))
        if writes is None:
            writes = self.arrays[id(root)] = _ArrayWrites(root)
        later = len(writes.at) - bisect_right(writes.at, event)
        key = (id(root), later, array.__array_interface__["data"][0], array.shape, array.strides,
               array.dtype.str)  # fmt: skip
        shown = self._shown.get(key)
        if shown is None:
            shown = _look(array, root, self._version(writes, later)).view()
            shown.flags.writeable = False
            self._shown[key] = shown
        return shown

    def _version(self, writes: _ArrayWrites, later: int) -> Array:
        """The memory of a root with its last `later` writes undone."""
        key = (id(writes.root), later)
        block = self._versions.get(key)
        if block is None:
            if writes.frozen is not None:
                block = writes.frozen if later == 0 else writes.frozen.copy()
            else:
                block = _block(writes.root)
            for view, index, old in reversed(writes.undo[len(writes.undo) - later :]):
                _look(view, writes.root, block)[index] = old
            self._versions[key] = block
        return block

    def changes(self, first: int, last: int) -> Iterator[tuple[str, Any]]:
        """What was written at moments in (first, last]: ("array" | "container" | "object", record)."""
        for kind, records in (
            ("array", self.arrays), ("container", self.containers), ("object", self.objects)
        ):  # fmt: skip
            for record in records.values():  # type: ignore[attr-defined]
                if bisect_right(record.at, last) > bisect_right(record.at, first):
                    yield kind, record

    def put_back(self, event: int, came_from: int) -> None:
        """Make the live objects what they were at `event`; now they are as at `came_from`."""
        first, last = sorted((event, came_from))
        for kind, record in list(self.changes(first, last)):
            if kind == "array":
                self.freeze(record)
                np.copyto(record.root, self._array_as_of(record.root, event))
            elif kind == "container":
                if record.frozen is None:
                    record.frozen = record.container.copy()
                _refill(record.container, record, event)
            else:
                _put_attributes(record.thing, self.attributes_at(record.thing, event))


def _refill(container: Any, record: _ContainerWrites, event: int) -> None:
    place = bisect_right(record.at, event)
    state = record.before[place] if place < len(record.at) else record.frozen
    refill(container, state)


def refill(container: Any, state: Any) -> None:
    """Give a container another's content; it stays the same object."""
    if isinstance(container, (list, bytearray)):
        container[:] = state
    else:
        container.clear()
        if isinstance(container, (dict, set)):
            container.update(state)
        else:
            container.extend(state)


def _put_attributes(thing: Any, attributes: dict[str, Any]) -> None:
    put_attributes(thing, attributes, attributes_of(thing).keys())


def put_attributes(thing: Any, attributes: dict[str, Any], present: Set[str]) -> None:
    """Give an object exactly these attributes, past any `__setattr__` or property of its class."""
    own = getattr(thing, "__dict__", None)
    for name in present - attributes.keys():
        if own is not None and name in own:
            del own[name]
        else:
            object.__delattr__(thing, name)
    for name, value in attributes.items():
        if own is not None and (name in own or name not in present):
            own[name] = value
        else:
            object.__setattr__(thing, name, value)


def _block(root: Array) -> Array:
    """A copy of an array's memory: of the same shape and strides, so that views can be laid on it."""
    return root.view(np.ndarray).copy(order="K")


def _look(view: Array, root: Array, block: Array) -> Array:
    """The same view of `block` that `view` is of `root`."""
    if view.size == 0 or (view.shape == root.shape and view.strides == root.strides
                          and view.dtype == root.dtype):  # fmt: skip
        return block if view.size else view.copy()
    if view.dtype.hasobject:
        return view.copy()
    if block.strides != root.strides:  # a root with gaps in its memory: nothing else can look at it
        return view.copy()
    memory = block.ravel("K").view(np.uint8)
    offset = view.__array_interface__["data"][0] - root.__array_interface__["data"][0]
    return np.ndarray(view.shape, view.dtype, memory, offset, view.strides)
