"""What a step reaches in a stored state, as numbered nodes of plain data.

The walk begins at the step and takes everything in the same order in every process. So two
programs that begin alike give equal pictures, and the number of a node says which object is meant.
An integer that is the `id` of an object, as optimizers use it for a key, is written as the number
of that object.
"""

from __future__ import annotations

import json
from array import array as CArray
from collections import deque
from collections.abc import Callable, Iterator
from functools import cached_property, partial
from hashlib import blake2b
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from engine.debug.memory.capture import names_in
from engine.debug.memory.state import State
from engine.debug.reach.array_refs import ArrayRef
from engine.debug.reach.contents import dictionary_of, is_a
from engine.debug.reach.function_caches import LRU_CACHE
from engine.debug.reach.iterators import ITERATORS, IteratorRef, ReducedIterator
from engine.debug.reach.leaves import ATOMS
from engine.debug.reach.own_modules import Namespace
from engine.debug.reach.placeholders import MISSING
from engine.debug.session_file.array_digests import content_digest
from engine.debug.session_file.nodes import Node, functions_in, said_of_leaf
from engine.debug.session_file.plain_values import NotPlain, to_plain

_LEAST_ID = 2**16  # smaller integers are no addresses


class Picture:
    """What a step reaches in a state.

    Args:
        state: the state, with copies.
        step: the step.

    Attributes:
        nodes: everything, in the order of the walk.
        digest: of all nodes; equal pictures have equal digests.
        is_bound: whether it depends on what no file has: identities of objects, iterators.
    """

    def __init__(self, state: State, step: Callable[..., Any]) -> None:
        self.nodes: list[Node] = []
        self.is_bound = False
        self._state = state
        self._numbers: dict[int, int] = {}
        self._roots: dict[int, int] = {}  # ids of arrays that are gone may be used again
        self._views: dict[int, int] = {}
        self._ids: dict[int, int] = {}
        self._index()
        self._at: int | None = None
        self.step = self._value(step, "")
        at = 0
        while at < len(self.nodes):
            self._at, node = at, self.nodes[at]
            node.content[:0] = self._content(node)
            at += 1
        text = json.dumps([self.step, [[node.kind, node.content] for node in self.nodes]])
        self.digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()

    def _index(self) -> None:
        state = self._state
        self._attributes = {id(thing): held for thing, held in state.attributes}
        self._containers = {id(thing): content for thing, content in state.containers}
        self._cells = {id(cell): held for cell, held in state.cells}
        self._classes = {id(cls): held for cls, held in state.class_values}
        self._random = {id(generator): held for generator, held in state.generators}
        self._caches = {id(cache.function): cache for cache in state.caches}
        self._own = {id(names): held for names, held in state.namespaces}
        self._used: dict[tuple[int, str], Any] = {
            (id(names), name): held for names, name, held in state.module_values
        }
        self._addresses = {
            *state.arrays, *state.roots, *self._attributes, *self._containers, *self._classes
        }  # fmt: skip

    def path(self, number: int) -> str:
        """How a node is reached from the step, as a person would write it."""
        parts: list[str] = []
        at: int | None = number
        while at is not None:
            node = self.nodes[at]
            parts.append(node.part)
            at = node.before
        return "".join(reversed(parts)).removeprefix(".") or "the step"

    @cached_property
    def parts(self) -> dict[str, str]:
        """A short digest of each node's content by its path; those near the step come first."""
        found: dict[str, str] = {}
        for number, node in enumerate(self.nodes):
            text = json.dumps(node.content).encode("utf-8", "surrogatepass")
            digest = blake2b(text, digest_size=6).hexdigest()
            found.setdefault(self.path(number), f"{node.kind} {digest}")
        return found

    # Values --------------------------------------------------------------------------------------

    def _value(self, held: Any, part: str) -> Any:
        """A held value as plain data."""
        kind = type(held)
        if kind in ATOMS:
            return self._atom(held)
        if kind is ArrayRef:
            return self._array(held, part)
        if issubclass(kind, np.ndarray):
            known = self._state.arrays.get(id(held))
            return self._node("leaf", held, part) if known is None else self._array(known, part)
        if kind is tuple:
            return ["t", [self._value(v, f"{part}[{n}]") for n, v in enumerate(held)]]
        if kind is MethodType:
            owner = self._value(held.__self__, part or "self")
            return ["method", owner, self._value(held.__func__, part)]
        if issubclass(kind, partial):
            given = [self._value(v, f"{part}.argument {n}") for n, v in enumerate(held.args)]
            named = [[n, self._value(v, f"{part}.{n}")] for n, v in held.keywords.items()]
            return ["partial", self._value(held.func, part), given, named]
        if held is MISSING:
            return ["missing"]
        if kind in ITERATORS:
            held = self._state.iterators.get(id(held), held)
        if is_a(held, IteratorRef):
            return self._node("iterator", held, part, id(held.itself))
        return self._node(self._kind(held), held, part)

    def _atom(self, value: Any) -> Any:
        if type(value) is int and value > _LEAST_ID and value in self._addresses:
            self.is_bound = True
            return ["id", self._ids.setdefault(value, len(self._ids))]
        try:
            return to_plain(value)
        except NotPlain:
            self.is_bound = True
            return ["other", type(value).__name__, repr(value)]

    def _node(self, kind: str, thing: Any, part: str, key: int | None = None) -> Any:
        key = id(thing) if key is None else key
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = self._put(kind, thing, part)
        return {"r": number}

    def _put(self, kind: str, thing: Any, part: str) -> int:
        self.nodes.append(Node(kind, thing, self._at, part))
        return len(self.nodes) - 1

    def _array(self, held: ArrayRef, part: str) -> Any:
        """An array: the memory that it owns, or a view of another one's."""
        if self._state.arrays.get(held.root) is held or self._is_whole(held):
            return self._root(held.root, part)
        known = self._views.get(id(held))
        if known is None:
            known = self._views[id(held)] = self._put("view", held, part)
        return {"r": known}

    def _is_whole(self, held: ArrayRef) -> bool:
        """Whether a view is like the array that it looks at, which a restore puts in its place."""
        root = self._state.roots[held.root].kept
        layout = held.shape, held.strides, held.dtype
        return isinstance(root, np.ndarray) and layout == (root.shape, root.strides, root.dtype)

    def _root(self, key: int, part: str) -> Any:
        number = self._roots.get(key)
        if number is None:
            number = self._roots[key] = self._put("root", self._state.roots[key], part)
        return {"r": number}

    # Nodes ---------------------------------------------------------------------------------------

    def _kind(self, thing: Any) -> str:
        key = id(thing)
        if is_a(thing, FunctionType):
            return "function"
        if is_a(thing, type):
            return "class"
        if is_a(thing, ModuleType):
            return "module" if id(dictionary_of(thing)) in self._own else "leaf"
        if is_a(thing, LRU_CACHE):
            return "cache"
        if key in self._random:
            return "random"
        if key in self._containers:
            return self._kind_of_container(thing)
        if is_a(thing, frozenset):
            return "frozenset"
        if is_a(thing, tuple):
            return "tuple"
        return "object" if key in self._attributes else "leaf"

    def _kind_of_container(self, thing: Any) -> str:
        for kind in (list, dict, set, deque, bytearray):
            if type(thing) is kind:
                return kind.__name__
        return "container"

    def _content(self, node: Node) -> list[Any]:
        thing = node.itself
        match node.kind:
            case "list" | "deque":
                return list(self._items(self._containers[id(thing)], thing))
            case "dict":
                return list(self._pairs(self._containers[id(thing)]))
            case "set" | "frozenset":
                return self._unordered(self._containers.get(id(thing), thing))
            case "bytearray":
                return [to_plain(bytes(self._containers[id(thing)]))]
            case "container":
                return list(self._container(thing))
            case "tuple":
                items = [self._value(v, f"[{n}]") for n, v in enumerate(tuple.__iter__(thing))]
                return [type(thing).__qualname__, items]
            case "object":
                return list(self._object(thing))
            case "cell":
                return [self._value(self._cells.get(id(thing), MISSING), "")]
            case "function":
                return list(self._function(thing))
            case "class":
                return list(self._class(thing))
            case "module":
                return [self._namespace(vars(thing))]
            case "names":
                return []  # each function adds those that it uses
            case "random":
                return [self._generator(self._random[id(thing)])]
            case "cache":
                return list(self._cache(thing))
            case "iterator":
                return list(self._iterator(thing))
            case "root":
                return self._memory(node)
            case "view":
                name = np.dtype(thing.dtype).str
                layout = [name, list(thing.shape), list(thing.strides), thing.offset]
                return [self._root(thing.root, node.part), *layout]
        return list(said_of_leaf(thing))

    def _items(self, content: list[Any], thing: Any) -> Iterator[Any]:
        if is_a(thing, deque):
            yield thing.maxlen
        for number, item in enumerate(content):
            yield self._value(item, f"[{number}]")

    def _pairs(self, content: dict[Any, Any]) -> Iterator[Any]:
        for key, value in content.items():
            part = f"[{key!r}]" if type(key) in (str, int, bool) else f".{type(key).__name__}"
            yield [self._value(key, part), self._value(value, part)]

    def _unordered(self, content: Any) -> list[Any]:
        """The members of a set, in an order that does not depend on their hashes."""
        if not all(type(item) in ATOMS for item in content):
            self.is_bound = True
            return [len(content)]
        return sorted((self._atom(item) for item in content), key=json.dumps)

    def _container(self, thing: Any) -> Iterator[Any]:
        """A container of another class, which may have attributes, too."""
        content = self._containers[id(thing)]
        yield type(thing).__qualname__
        if isinstance(content, dict):
            yield list(self._pairs(content))
        elif isinstance(content, (set, frozenset)):
            yield self._unordered(content)
        elif isinstance(content, (bytearray, CArray)):
            yield [to_plain(bytes(content))]
        else:
            yield list(self._items(list(content), thing))
        yield from self._object(thing)

    def _object(self, thing: Any) -> Iterator[Any]:
        yield type(thing).__qualname__
        yield self._value(type(thing), ".__class__")
        held = self._attributes.get(id(thing), {})
        yield [[name, self._value(held[name], f".{name}")] for name in sorted(held)]

    def _function(self, function: FunctionType) -> Iterator[Any]:
        code = function.__code__
        yield code.co_name
        cells = zip(code.co_freevars, function.__closure__ or (), strict=True)
        yield [[name, self._cell(cell, name)] for name, cell in cells]
        if function.__defaults__ is not None:
            yield self._value(self._held(function.__defaults__), ".__defaults__")
        if function.__kwdefaults__ is not None:
            yield self._value(function.__kwdefaults__, ".__kwdefaults__")
        if id(function.__dict__) in self._containers:
            yield self._value(function.__dict__, "")
        yield self._used_by(function)

    def _held(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([self._state.arrays.get(id(value), value) for value in values])

    def _cell(self, cell: CellType, name: str) -> Any:
        if id(cell) not in self._cells:
            return ["missing"]
        return self._node("cell", cell, f".{name}")

    def _used_by(self, function: FunctionType) -> Any:
        """The variables of a function's module: all, or those that functions name."""
        names = function.__globals__
        if id(names) in self._own and not self._state.own.is_typed(names):
            return self._namespace(names)
        used = names_in(function.__code__)
        if id(names) in self._own and self._state.own.may_be_set(names, "\0"):
            self.is_bound = True  # it sets variables by names that are not known
        held = self._own.get(id(names))
        for name in used:
            if held is None and (id(names), name) in self._used:
                self._add_name(names, name, self._used[id(names), name])
            elif held is not None and (name in held or used[name]):
                self._add_name(names, name, held.get(name, MISSING))
        return None

    def _add_name(self, names: Namespace, name: str, held: Any) -> None:
        number = self._node("names", names, "")["r"]
        node = self.nodes[number]
        if all(name != known for known, _ in node.content):
            node.content.append([name, self._value(held, f".{name}")])

    def _namespace(self, names: Namespace) -> Any:
        """All variables of one of the person's own modules."""
        reference = self._node("names", names, "")
        node = self.nodes[reference["r"]]
        for name, value in () if node.content else sorted(self._own[id(names)].items()):
            node.content.append([name, self._value(value, f".{name}")])
        return reference

    def _class(self, cls: type) -> Iterator[Any]:
        yield cls.__qualname__
        if id(cls) not in self._classes:
            return
        yield [self._value(base, "") for base in cls.__mro__[1:] if id(base) in self._classes]
        held = self._classes[id(cls)]
        yield [[name, self._value(held[name], f".{name}")] for name in sorted(held)]
        for value in list(vars(cls).values()):
            for function in functions_in(value):
                yield self._value(function, f".{cls.__name__}")

    def _cache(self, function: Any) -> Iterator[Any]:
        cache = self._caches.get(id(function))
        if cache is None:
            return
        yield self._value(vars(function).get("__wrapped__"), "")
        if cache.results is None:
            self.is_bound = True
        else:
            yield list(self._pairs(cache.results))

    def _iterator(self, held: Any) -> Iterator[Any]:
        """An iterator; how far one is that was read before it was opened, no file says."""
        if is_a(held, ReducedIterator):
            yield type(held.itself).__name__
            yield self._value(held.arguments, "")
            yield self._value(held.state, "")
        else:
            self.is_bound = True

    def _generator(self, state: Any) -> Any:
        try:
            return to_plain(state)
        except NotPlain:
            self.is_bound = True
            return ["other", type(state).__name__]

    def _memory(self, node: Node) -> list[Any]:
        root = node.itself
        digest = content_digest(root)
        if digest.cells is not None:  # an array of objects
            cells = [self._value(cell, f"[{n}]") for n, cell in enumerate(digest.cells)]
            return [digest.dtype, list(digest.shape), digest.order, cells]
        return [digest.dtype, list(digest.shape), digest.order, digest.text]
