"""A copy of everything that a set of objects reaches before a minibatch, and its way back.

A state has all that the next minibatch depends on: the attributes of network, layers, loss and
optimizer; the arrays, containers and random generators that they reach; the variables of closures,
classes and modules that their code uses; and the process's global random states. `restore` puts it
back into the same objects, bit for bit, so names, aliases and views stay as they were.
"""

from __future__ import annotations

import dis
import random
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import lru_cache, partial
from types import (
    CellType,
    CodeType,
    FunctionType,
    MethodType,
    ModuleType,
)  # fmt: skip
from typing import Any, Protocol
from weakref import ref

import numpy as np

from engine.debug.memory.array_refs import (
    ArrayRef,
    LiveArrays,
    RootCopy,
    address_of,
    view_like,
)
from engine.debug.memory.buffers import root_of
from engine.debug.memory.contents import attributes_of, put_attributes, refill
from engine.debug.memory.leaves import (
    ATOMS,
    LEAVES,
    belongs_to_process,
    has_no_state,
    is_library_module,
)
from engine.debug.memory.mutations import CONTAINERS
from engine.debug.memory.pool import MemoryPool
from engine.debug.memory.random_states import (
    GlobalRandom,
    generator_state,
    put_generator_state,
)

Array = np.ndarray[Any, Any]
_ALIGNED = 64  # bytes, at whose multiples arrays in one piece of memory begin
_PER_ARRAY, _PER_OBJECT, _PER_NAME = 700, 350, 20  # bytes besides the content, as measured


@lru_cache(maxsize=1024)
def _names_in(code: CodeType) -> frozenset[str]:
    """The global names that a function reads or sets."""
    inside = [_names_in(c) for c in code.co_consts if isinstance(c, CodeType)]
    own = {i.argval for i in dis.get_instructions(code) if i.opname.endswith("_GLOBAL")}
    return frozenset(own).union(*inside)


class Redrawn(Protocol):
    """Arrays that can be computed again; a state does not copy an array that equals one of them."""

    def find(self, array: Array) -> Callable[[], Array] | None:
        """A function that returns an array equal to this one bit for bit, or None."""


class State:
    """Everything that a set of objects reaches before minibatch `batch`.

    Args:
        things: the objects to start from.
        batch: the minibatch that runs next.
        copies: False lists the arrays and copies none.
        given: arrays that can be computed again, and are not copied.
        pool: the memory for the copies; None takes new memory.
    """

    __slots__ = (
        "arrays", "attributes", "batch", "cells", "class_values", "containers", "copies",
        "generators", "global_random", "module_values", "nbytes", "roots",
    )  # fmt: skip

    def __init__(
        self,
        things: Iterable[Any],
        batch: int = 0,
        copies: bool = True,
        given: Redrawn | None = None,
        pool: MemoryPool | None = None,
    ) -> None:
        self.batch = batch
        self.copies = copies
        self.roots: dict[int, RootCopy] = {}
        self.arrays: dict[int, ArrayRef] = {}
        self.attributes: list[tuple[Any, dict[str, Any]]] = []
        self.containers: list[tuple[Any, Any]] = []
        self.generators: list[tuple[Any, Any]] = []
        self.cells: list[tuple[CellType, Any]] = []
        self.class_values: list[tuple[type, str, Any]] = []
        self.module_values: list[tuple[dict[str, Any], str, Any]] = []
        self.global_random = GlobalRandom() if copies else None
        self.nbytes = self.global_random.nbytes if self.global_random else 0
        self._walk(list(things))
        if copies:
            self._copy_all(given, pool)

    # Capturing ---------------------------------------------------------------------------------

    def _walk(self, pending: list[Any]) -> None:
        seen: set[int] = set()
        while pending:
            thing = pending.pop()
            kind: Any = type(thing)
            if kind in ATOMS or id(thing) in seen:
                continue
            seen.add(id(thing))
            note = _how_to_note(kind)
            if note is not None:
                pending += note(self, thing)

    def _note_cells(self, array: Array) -> Iterable[Any]:
        self._note_array(array)
        return array.ravel().tolist() if array.dtype.hasobject else ()

    def _note_generator(self, generator: Any) -> Iterable[Any]:
        self.generators.append((generator, generator_state(generator)))
        self.nbytes += 3000
        return ()

    def _note_array(self, array: Array) -> ArrayRef:
        known = self.arrays.get(id(array))
        if known is not None:
            return known
        root = root_of(array)
        if id(root) not in self.roots:
            self.roots[id(root)] = RootCopy(ref(root), root.view(np.ndarray))
        known = self.arrays[id(array)] = ArrayRef(
            id(root), ref(array), array.shape, array.strides, array.dtype,
            0 if array is root else address_of(array) - address_of(root),
        )  # fmt: skip
        return known

    def _copy_all(self, given: Redrawn | None, pool: MemoryPool | None) -> None:
        """Copy the content of all roots into one piece of memory."""
        pieces: list[tuple[RootCopy, Array, int]] = []
        size = 0
        for root in self.roots.values():
            live = root.kept
            assert isinstance(live, np.ndarray)
            self.nbytes += _PER_ARRAY
            drawn = given.find(live) if given is not None else None
            if drawn is not None:
                root.kept = drawn
                continue
            self.nbytes += live.nbytes
            if live.dtype.hasobject or not live.size or not live.flags.forc:
                root.kept = live.copy(order="K")
                continue
            pieces.append((root, live, size))
            size += -(-live.nbytes // _ALIGNED) * _ALIGNED
        memory = np.empty(size, np.uint8) if pool is None else pool.take(size)
        for root, live, place in pieces:
            copy: Array = np.ndarray(live.shape, live.dtype, memory, place, live.strides)
            copy[...] = live
            root.kept = copy

    def _note_container(self, container: Any) -> list[Any]:
        if belongs_to_process(container):
            return []
        self.containers.append((container, self._shallow(container)))
        self.nbytes += _PER_OBJECT + 2 * _PER_NAME * len(container)
        if isinstance(container, dict):
            return [*container.values(), *container.keys()]
        return [] if isinstance(container, bytearray) else list(container)

    def _note_function(self, function: FunctionType) -> Iterator[Any]:
        """Note a function's closure, its defaults, and the module variables that it uses."""
        for cell in function.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:  # an empty cell
                continue
            self.cells.append((cell, self._held(value)))
            yield value
        if is_library_module(function.__module__ or ""):
            return
        yield function.__defaults__
        yield function.__kwdefaults__
        names, module = _names_in(function.__code__), function.__globals__
        for name in names & module.keys():
            value = module[name]
            if not isinstance(value, (FunctionType, type, ModuleType)):
                self.module_values.append((module, name, self._held(value)))
            yield value

    def _note_class(self, cls: type) -> Iterator[Any]:
        """Note class attributes, such as a `params = {}` that all layers of a class share."""
        if is_library_module(cls.__module__):
            return
        for base in cls.__mro__[:-1]:
            if is_library_module(base.__module__):
                continue
            for name, value in vars(base).items():
                if isinstance(value, (staticmethod, classmethod)):
                    yield value.__func__
                elif isinstance(value, property):
                    yield from (value.fget, value.fset)
                elif isinstance(value, FunctionType):
                    yield value
                elif not (
                    name.startswith("__")
                    or callable(value)
                    or hasattr(type(value), "__get__")
                    or issubclass(base, Enum)  # its tables grow as flags are combined
                ):
                    self.class_values.append((base, name, self._held(value)))
                    yield value

    def _note_object(self, thing: Any) -> list[Any]:
        cls: Any = type(thing)
        if has_no_state(cls):
            return []
        held = attributes_of(thing)
        children: list[Any] = [cls]
        for name, value in held.items():
            kind = type(value)
            if kind in ATOMS:
                continue
            children.append(value)
            if kind is np.ndarray or kind is tuple or isinstance(value, np.ndarray):
                held[name] = self._held(value)
        self.attributes.append((thing, held))
        self.nbytes += _PER_OBJECT + _PER_NAME * len(held)
        return children

    def _held(self, value: Any) -> Any:
        """Replace arrays by references to them, so that the state keeps no live array alive."""
        if type(value) in ATOMS:
            return value
        if isinstance(value, np.ndarray):
            return self._note_array(value)
        if type(value) is tuple and not all(type(item) in ATOMS for item in value):
            return tuple([self._held(item) for item in value])
        return value

    def _shallow(self, container: Any) -> Any:
        if isinstance(container, dict):
            fresh = container.copy()
            for key, value in container.items():
                fresh[key] = self._held(value)
            return fresh
        if isinstance(container, list):
            return [self._held(item) for item in container]
        return container.copy()

    # Putting back ------------------------------------------------------------------------------

    def restore(self) -> None:
        """Put everything back, into the same objects where these still exist."""
        live = LiveArrays(self.roots)
        for thing, held in self.attributes:
            put_attributes(
                thing,
                {name: live.value(v) for name, v in held.items()},
                attributes_of(thing).keys(),
            )
        for container, content in self.containers:
            if isinstance(container, dict):
                refill(container, {key: live.value(v) for key, v in content.items()})
            elif isinstance(container, list):
                refill(container, [live.value(item) for item in content])
            else:
                refill(container, content)
        for cell, held in self.cells:
            cell.cell_contents = live.value(held)
        for cls, name, held in self.class_values:
            value = live.value(held)
            if vars(cls).get(name) is not value:
                setattr(cls, name, value)
        for module, name, held in self.module_values:
            module[name] = live.value(held)
        for generator, state in self.generators:
            put_generator_state(generator, state)
        if self.global_random is not None:
            self.global_random.restore()

    def array_in_place_of(self, array: Array) -> Array | None:
        """A copy of the array that was in this array's place; None if there was none.

        The place is an attribute or an item of a container. A view that is made at each access,
        such as a part of one long vector, is found by its memory. Nothing is put back.
        """
        for thing, held in self.attributes:
            for name, value in attributes_of(thing).items():
                if value is array and isinstance(held.get(name), ArrayRef):
                    return self._copied(held[name])
        for container, content in self.containers:
            if not isinstance(container, (dict, list)):
                continue
            then = content if isinstance(content, dict) else dict(enumerate(content))
            for key, value in _items(container):
                if value is array and isinstance(then.get(key), ArrayRef):
                    return self._copied(then[key])
        root = root_of(array)
        known = self.roots.get(id(root))
        if known is None or known.itself() is not root:
            return None
        offset = address_of(array) - address_of(root)
        return self._copied(
            ArrayRef(id(root), ref(array), array.shape, array.strides, array.dtype, offset)
        )

    def _copied(self, held: ArrayRef) -> Array:
        return view_like(held, self.roots[held.root].copy).copy()

    def things(self) -> list[Any]:
        """The objects whose attributes the state has."""
        return [thing for thing, _ in self.attributes]

    def attributes_then(self, thing: Any) -> dict[str, Any]:
        """An object's attributes as they were; arrays and dictionaries are copies."""
        held = next(held for noted, held in self.attributes if noted is thing)
        return {name: self._copy_of(value) for name, value in held.items()}

    def _copy_of(self, held: Any) -> Any:
        if isinstance(held, ArrayRef):
            return self._copied(held)
        if type(held) is dict:
            content = next(c for container, c in self.containers if container is held)
            return {key: self._copy_of(value) for key, value in content.items()}
        return held

    def live_arrays(self) -> list[Array]:
        """The root arrays of this state that still exist."""
        return [array for root in self.roots.values() if (array := root.itself()) is not None]

    def live_containers(self) -> list[Any]:
        """The containers of this state."""
        return [container for container, _ in self.containers]


_Note = Callable[[State, Any], Iterable[Any]]
_HOW_TO_NOTE: tuple[tuple[Any, _Note | None], ...] = (
    (np.ndarray, State._note_cells),
    (CONTAINERS, State._note_container),
    ((tuple, frozenset), lambda _, items: items),
    (LEAVES, None),
    ((np.random.Generator, np.random.RandomState, random.Random), State._note_generator),
    (MethodType, lambda _, method: (method.__self__, method.__func__)),
    (partial, lambda _, bound: (bound.func, bound.args, bound.keywords)),
    (FunctionType, State._note_function),
    (type, State._note_class),
)


@lru_cache(maxsize=4096)
def _how_to_note(kind: Any) -> _Note | None:
    """The function that notes objects of a class and returns what they reach; None for leaves.

    It is looked up once per class, since training waits for each state.
    """
    for base, note in _HOW_TO_NOTE:
        if issubclass(kind, base):
            return note
    return State._note_object


def _items(container: dict[Any, Any] | list[Any]) -> Iterable[tuple[Any, Any]]:
    return container.items() if isinstance(container, dict) else enumerate(container)
