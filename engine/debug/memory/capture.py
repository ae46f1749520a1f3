"""The walk over everything that a set of objects reaches, and what a state holds of each.

A holder of values (an object, a container, a closure, a class, a module) is held as its values.
Arrays among them are held as references to a copy of their memory, iterators as references to how
they are made again. Functions, classes and modules are held as themselves.
"""

from __future__ import annotations

import dis
from array import array as CArray
from collections.abc import Callable, Iterable, Iterator
from enum import Enum
from functools import lru_cache, partial
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MethodType,
    MethodWrapperType,
    ModuleType,
)  # fmt: skip
from typing import Any
from weakref import ref

import numpy as np

from engine.debug.memory.mutations import CONTAINERS, PLAIN_CONTAINERS
from engine.debug.reach.array_refs import ArrayRef, RootCopy, address_of
from engine.debug.reach.buffers import root_of
from engine.debug.reach.contents import attributes_of, content_of, is_a
from engine.debug.reach.function_caches import LRU_CACHE, FunctionCache
from engine.debug.reach.iterators import ITERATORS, IteratorRef, reference_to
from engine.debug.reach.leaves import (
    ATOMS,
    LEAVES,
    belongs_to_process,
    has_no_state,
    is_library_module,
    is_of_a_library,
    is_of_the_house,
)
from engine.debug.reach.own_modules import Namespace, OwnCode, is_variable
from engine.debug.reach.placeholders import MISSING
from engine.debug.reach.random_states import RANDOM, generator_state
from engine.debug.reach.unknown_kinds import is_unknown

Array = np.ndarray[Any, Any]
PER_ARRAY, _PER_OBJECT, _PER_NAME = 700, 350, 20  # bytes besides the content, as measured
_REPLACED = ITERATORS | {np.ndarray, tuple}
_NO_VARIABLE = (FunctionType, type, ModuleType)


class Capture:
    """What a state holds, without the content of arrays.

    Args:
        things: the objects to start from.
        own: the person's own modules, whose variables are all held.
        copies: False only lists the arrays.

    Attributes:
        roots: the arrays that own memory, by id.
        arrays: the references to arrays, by the ids of these.
        iterators: the references to iterators, by the ids of these.
        kept_alive: the arrays whose ids are keys: another array in their place would have another.
        unknown: the objects whose state is not held.
    """

    __slots__ = (
        "arrays", "attributes", "caches", "cells", "class_values", "containers", "copies",
        "generators", "iterators", "kept_alive", "module_values", "namespaces", "nbytes", "own",
        "roots", "unknown",
    )  # fmt: skip

    def __init__(self, things: Iterable[Any], own: OwnCode, copies: bool) -> None:
        self.own = own
        self.copies = copies
        self.nbytes = 0
        self.roots: dict[int, RootCopy] = {}
        self.arrays: dict[int, ArrayRef] = {}
        self.iterators: dict[int, IteratorRef] = {}
        self.kept_alive: list[Array] = []
        self.attributes: list[tuple[Any, dict[str, Any]]] = []
        self.containers: list[tuple[Any, Any]] = []
        self.generators: list[tuple[Any, Any]] = []
        self.caches: list[FunctionCache] = []
        self.cells: list[tuple[CellType, Any]] = []
        self.class_values: list[tuple[type, dict[str, Any]]] = []
        self.module_values: list[tuple[Namespace, str, Any]] = []
        self.namespaces: list[tuple[Namespace, dict[str, Any]]] = []
        self.unknown: list[Any] = []
        pending = list(things)
        for namespace in own.namespaces():
            pending += self._note_namespace(namespace)
        self._walk(pending)
        if copies:
            self._keep_alive()

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

    def _keep_alive(self) -> None:
        for _, content in self.containers:
            if isinstance(content, (dict, set)) and type(next(iter(content), None)) is int:
                keyed = [self.arrays.get(key) for key in content if type(key) is int]
                found = [known.itself() for known in keyed if known is not None]
                self.kept_alive += [array for array in found if array is not None]

    def _note_cells(self, array: Array) -> list[Any]:
        self._note_array(array)
        found = array.ravel().tolist() if array.dtype.hasobject else []
        return found if type(array) is np.ndarray else found + self._note_attributes(array)

    def _note_random(self, generator: Any) -> Iterable[Any]:
        try:
            self.generators.append((generator, generator_state(generator)))
        except NotImplementedError:  # it draws from the system
            self.unknown.append(generator)
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

    def _note_container(self, container: Any) -> list[Any]:
        own = self.own
        if belongs_to_process(container) or own.has(container) or own.is_foreign(container):
            return []
        kind = type(container)
        content = container if kind is dict or kind is list else content_of(container)
        size = len(content)
        self.containers.append((container, self._shallow(content)))
        self.nbytes += _PER_OBJECT + 2 * _PER_NAME * size
        reached = [] if kind in PLAIN_CONTAINERS else self._note_attributes(container)
        if isinstance(content, dict):
            return [*content.values(), *content.keys(), *reached]
        return reached if isinstance(content, (bytearray, CArray)) else [*content, *reached]

    def _note_iterator(self, iterator: Any) -> Iterable[Any]:
        known = self.iterators.get(id(iterator))
        if known is None and self.copies:  # held by nothing in which another could be put
            self.unknown.append(iterator)
        return () if known is None else known.reached

    def _note_function(self, function: FunctionType) -> Iterator[Any]:
        """Note a function's closure, defaults and attributes, and the variables that it uses."""
        names, module = names_in(function.__code__), function.__globals__
        if is_of_the_house(str(module.get("__name__"))):
            return
        for cell in function.__closure__ or ():
            try:
                value = cell.cell_contents
            except ValueError:  # an empty cell
                value = MISSING
            self.cells.append((cell, self._held(value)))
            yield value
        if is_library_module(function.__module__ or ""):
            return
        yield function.__defaults__
        yield function.__kwdefaults__
        if function.__dict__ or self.own.has(module):
            yield function.__dict__
        self.own.note_code(function)
        if self.own.has(module):
            return
        for name, is_set in names.items():
            value = module.get(name, MISSING)
            if is_a(value, _NO_VARIABLE):
                yield value
            elif value is not MISSING or is_set:
                self.module_values.append((module, name, self._held(value)))
                yield value

    def _note_namespace(self, namespace: Namespace) -> Iterator[Any]:
        """Note all variables of one of the person's own modules."""
        held: dict[str, Any] = {}
        for name, value in list(namespace.items()):
            if is_variable(name, value, namespace):
                held[name] = self._held(value)
                yield value
        self.namespaces.append((namespace, held))
        self.nbytes += _PER_OBJECT + _PER_NAME * len(held)

    def _note_class(self, cls: type) -> Iterator[Any]:
        """Note class attributes, such as a `params = {}` that all layers of a class share."""
        if is_library_module(cls.__module__):
            return
        for base in cls.__mro__[:-1]:
            if is_library_module(base.__module__):
                continue
            held: dict[str, Any] = {}
            for name, value in list(vars(base).items()):
                if is_a(value, (staticmethod, classmethod)):
                    yield value.__func__
                elif is_a(value, property):
                    yield from (value.fget, value.fset)
                elif type(value) is FunctionType:
                    yield value
                elif is_class_value(base, name):
                    held[name] = self._held(value)
                    yield value
                elif is_a(value, LRU_CACHE):
                    yield value
            self.class_values.append((base, held))
            self.nbytes += _PER_OBJECT + _PER_NAME * len(held)

    def _note_object(self, thing: Any) -> list[Any]:
        cls: Any = type(thing)
        if self.copies and is_unknown(thing):
            self.unknown.append(thing)
        return [] if has_no_state(cls) else [cls, *self._note_attributes(thing)]

    def _note_attributes(self, thing: Any) -> list[Any]:
        held = attributes_of(thing)
        children: list[Any] = []
        for name, value in held.items():
            kind = type(value)
            if kind in ATOMS:
                continue
            children.append(value)
            if (
                kind is np.ndarray
                or kind is tuple
                or issubclass(kind, np.ndarray)
                or kind in ITERATORS
            ):
                held[name] = self._held(value)
        self.attributes.append((thing, held))
        self.nbytes += _PER_OBJECT + _PER_NAME * len(held)
        return children

    def _note_cache(self, function: Any) -> Iterator[Any]:
        """Note what a function with an `lru_cache` has kept."""
        wrapped = vars(function).get("__wrapped__")
        if not is_a(wrapped, FunctionType) or is_of_a_library(wrapped):
            return
        cache = FunctionCache(function, self._held)
        self.caches.append(cache)
        yield wrapped
        yield from cache.reached

    def _held(self, value: Any) -> Any:
        """Replace arrays by references to them, so that the state keeps no live array alive."""
        kind = type(value)
        if kind in ATOMS:
            return value
        if issubclass(kind, np.ndarray):  # `isinstance` would ask the object
            return self._note_array(value)
        if kind is tuple and not all(type(item) in ATOMS for item in value):
            return tuple([self._held(item) for item in value])
        if kind in ITERATORS and self.copies:
            return self._held_iterator(value)
        return value

    def _held_iterator(self, iterator: Any) -> IteratorRef:
        known = self.iterators.get(id(iterator))
        if known is None:
            known = reference_to(iterator, self._held)
            self.iterators[id(iterator)] = self.iterators[id(known.itself)] = known
            self.nbytes += known.nbytes
        return known

    def _shallow(self, content: Any) -> Any:
        if isinstance(content, dict):
            return {key: self._held(value) for key, value in content.items()}
        return [self._held(item) for item in content] if isinstance(content, list) else content


def is_class_value(cls: type, name: str) -> bool:
    """Whether a name of a class is a variable, and no method, property or slot."""
    if name.startswith(("__", "_abc_")) or issubclass(cls, Enum):  # its tables grow by flags
        return False
    return not hasattr(type(vars(cls)[name]), "__get__")


@lru_cache(maxsize=1024)
def names_in(code: CodeType) -> dict[str, bool]:
    """The global names that a function reads or sets, and whether it sets them."""
    found: dict[str, bool] = {}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            for name, is_set in names_in(inner).items():
                found[name] = found.get(name, False) or is_set
    for i in dis.get_instructions(code):
        if i.opname.endswith("_GLOBAL"):
            found[i.argval] = found.get(i.argval, False) or not i.opname.startswith("LOAD")
    return found


_Note = Callable[[Capture, Any], Iterable[Any]]
_HOW_TO_NOTE: tuple[tuple[Any, _Note | None], ...] = (
    (np.ndarray, Capture._note_cells),
    ((*CONTAINERS, CArray), Capture._note_container),
    ((tuple, frozenset), lambda _, items: items),
    ((BuiltinFunctionType, MethodWrapperType), lambda _, function: (function.__self__,)),
    (LEAVES, None),
    (RANDOM, Capture._note_random),
    (MethodType, lambda _, method: (method.__self__, method.__func__)),
    (partial, lambda _, bound: (bound.func, bound.args, bound.keywords)),
    (LRU_CACHE, Capture._note_cache),
    (FunctionType, Capture._note_function),
    (type, Capture._note_class),
    (tuple(ITERATORS), Capture._note_iterator),
)


@lru_cache(maxsize=4096)
def _how_to_note(kind: Any) -> _Note | None:
    """The function that notes objects of a class and returns what they reach; None for leaves.

    It is looked up once per class, since training waits for each state.
    """
    for base, note in _HOW_TO_NOTE:
        if issubclass(kind, base):
            return note
    return Capture._note_object
