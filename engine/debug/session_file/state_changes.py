"""A stored state of a step as its differences from the first state, and its way back.

Objects of the first state are meant by their numbers in its picture. Lists, dictionaries, sets and
arrays that were made since are written in full. Where a state has more (objects of a class, say),
it is not written. A file sets data only: what can be called stays where the program itself has it.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from engine.debug.reach.array_refs import Content
from engine.debug.reach.contents import attributes_of, put_attributes, refill
from engine.debug.reach.random_states import generator_state, put_generator_state
from engine.debug.session_file.array_digests import content_digest
from engine.debug.session_file.nodes import Node
from engine.debug.session_file.picture import Picture
from engine.debug.session_file.plain_values import (
    checked_shape,
    from_plain,
    is_simple,
    simple_dtype,
)

Array = np.ndarray[Any, Any]
MADE = ("list", "dict", "set", "deque", "bytearray", "root", "view")  # kinds that can be made anew
_DATA = (*MADE, "object", "random", "container", "tuple", "frozenset")
_NAMED = {"object": 2, "class": 2, "names": None}  # where the content has names with values
_CHANGED = (*MADE, *_NAMED, "cell", "random", "container")
_LIMITS = {"pos": 624, "buffer_pos": 4, "has_uint32": 1, "has_gauss": 1, "uinteger": 2**32 - 1}
_MISSING = ["missing"]  # a variable that is not there
_BITS = 256  # of a number in the state of a random generator


class NotWritten(Exception):
    """A state has more than a file can hold."""


# Writing -----------------------------------------------------------------------------------------


def changes_of(picture: Picture, first: Picture, arrays: dict[str, Array]) -> dict[str, Any]:
    """What a state has that the first state has not, as JSON; its arrays are added to `arrays`.

    Raises:
        NotWritten: the state has more than a file can hold.
    """
    if picture.is_bound or first.is_bound:
        raise NotWritten
    numbers = _numbered(picture, first)
    changed: list[list[Any]] = []
    made: list[list[Any]] = []
    count = len(first.nodes)
    for node, number in zip(picture.nodes, numbers, strict=True):
        content = _translated(node.content, numbers)
        if number >= count:
            if node.kind not in MADE:
                raise NotWritten
            made.append([node.kind, _with_array(node, content, arrays)])
            _check_data(content, first, frozenset())
        elif content != (before := first.nodes[number].content):
            check_change(node.kind, before, content, first)
            changed.append([number, _with_array(node, content, arrays)])
    if _translated(picture.step, numbers) != first.step:
        raise NotWritten
    return {"changed": changed, "made": made}


def _numbered(picture: Picture, first: Picture) -> list[int]:
    """The number of each node: that of the first state, or one that follows."""
    known = {id(live): n for n, node in enumerate(first.nodes) if (live := node.live) is not None}
    found, free = [], len(first.nodes)
    for node in picture.nodes:
        live = node.live
        number = None if live is None else known.get(id(live))
        if number is None or first.nodes[number].kind != node.kind:
            number, free = free, free + 1
        found.append(number)
    return found


def _translated(content: Any, numbers: list[int]) -> Any:
    if isinstance(content, dict):
        return {"r": numbers[content["r"]]}
    if isinstance(content, list):
        return [_translated(item, numbers) for item in content]
    return content


def _with_array(node: Node, content: list[Any], arrays: dict[str, Array]) -> list[Any]:
    """The content of a node, for an array with the name of its cells in the file."""
    if node.kind != "root":
        return content
    root = node.itself
    digest = content_digest(root)
    large = isinstance(root.kept, Content) and root.kept.checksums() is not None
    if large or digest.cells is not None or not is_simple(np.dtype(digest.dtype)):
        raise NotWritten
    name = f"cells {digest.text} {digest.dtype} {digest.order}"
    if name not in arrays:
        arrays[name] = np.frombuffer(root.copy.tobytes("A"), np.uint8)
    return [digest.dtype, list(digest.shape), digest.order, name]


# What may change ---------------------------------------------------------------------------------


def check_change(kind: str, before: list[Any], now: list[Any], first: Picture) -> None:
    """Refuse a change that would not be one of data; raises NotWritten."""
    if kind not in _CHANGED:
        raise NotWritten
    if kind in _NAMED:
        place = _NAMED[kind]
        if place is not None and (before[:place], before[place + 1 :]) != (
            now[:place], now[place + 1 :],
        ):  # fmt: skip
            raise NotWritten
        known = dict(_named(kind, before))
        for name, value in _named(kind, now):
            if name not in known or known[name] != value:
                if type(name) is not str or (name.startswith("__") and name not in known):
                    raise NotWritten
                old = known.get(name, _MISSING)
                if old != _MISSING and _callables_in(old, first):
                    raise NotWritten  # what can be called stays where it is
                if value != _MISSING:
                    _check_data(value, first, frozenset())
        return
    if kind == "container" and (before[:1], before[2:]) != (now[:1], now[2:]):
        raise NotWritten
    if kind == "view" or (kind == "deque" and before[:1] != now[:1]):
        raise NotWritten
    if kind == "root" and before[:3] != now[:3]:
        raise NotWritten
    _check_data(now, first, _callables_in(before, first))


def _named(kind: str, content: list[Any]) -> list[Any]:
    place = _NAMED[kind]
    found: list[Any] = content if place is None else content[place]
    return found


def _check_data(value: Any, first: Picture, allowed: frozenset[str]) -> None:
    """Refuse functions, classes and modules, but for those in `allowed`."""
    if _callables_in(value, first) - allowed:
        raise NotWritten


def _callables_in(value: Any, first: Picture) -> frozenset[str]:
    return frozenset(json.dumps(one) for one in _callables(value, first))


def _callables(value: Any, first: Picture) -> Iterator[Any]:
    if isinstance(value, dict):
        number = value["r"]
        if number < len(first.nodes) and first.nodes[number].kind not in _DATA:
            yield value
    elif isinstance(value, list):
        if value and value[0] in ("method", "partial", "missing", "id", "other"):
            yield value
        else:
            for item in value:
                yield from _callables(item, first)


# Putting back ------------------------------------------------------------------------------------


def put_back(row: Mapping[str, Any], first: Picture, arrays: Mapping[str, Array]) -> None:
    """Change the live objects of the first state to what a stored state had.

    Args:
        row: as `changes_of` returned it.
        first: the picture of the first state, in which the live objects are.
        arrays: those of the file.

    Raises:
        NotWritten: the row says something that no state could have.
        ValueError, TypeError, KeyError, IndexError, AttributeError: likewise.
    """
    _Change(row, first, arrays).apply()


class _Change:
    """A change of the live objects from the first state to a stored one."""

    def __init__(self, row: Mapping[str, Any], first: Picture, arrays: Mapping[str, Array]) -> None:
        self._first, self._arrays = first, arrays
        self._changed: list[tuple[int, list[Any]]] = [
            (_index(number, len(first.nodes)), _content(content))
            for number, content in row["changed"]
        ]
        self._made = [(str(kind), _content(content)) for kind, content in row["made"]]
        self._objects = [node.live for node in first.nodes]
        for kind, content in self._made:
            self._objects.append(self._new(kind, content))

    def _new(self, kind: str, content: list[Any]) -> Any:
        """A new object; but for arrays without its content, which may refer to later ones."""
        if kind == "root":
            dtype, shape, order, name = content
            return self._cells(dtype, shape, order, name)
        if kind == "deque":
            return deque(maxlen=None if content[0] is None else _index(content[0], 2**40))
        plain: dict[str, Any] = {
            "list": list, "dict": dict, "set": set, "bytearray": bytearray, "view": lambda: None
        }  # fmt: skip
        return plain[kind]()

    def _cells(self, dtype: Any, shape: Any, order: Any, name: Any) -> Array:
        """A new array with cells of the file."""
        cells, kind = self._arrays[str(name)], simple_dtype(dtype)
        if order not in ("C", "F") or cells.dtype != np.uint8 or cells.ndim != 1:
            raise ValueError("an array does not fit")
        found = np.empty(checked_shape(shape), kind, order)
        if found.nbytes != cells.nbytes:
            raise ValueError("an array does not fit its shape")
        found.reshape(-1, order="A").view(np.uint8)[...] = cells
        return found

    def apply(self) -> None:
        """Make the change."""
        for number, (kind, content) in enumerate(self._made, len(self._first.nodes)):
            _check_data(content, self._first, frozenset())
            if kind == "view":
                self._objects[number] = self._view(*content)
        for number, content in self._changed:
            node = self._first.nodes[number]
            check_change(node.kind, node.content, content, self._first)
        for number, (kind, content) in enumerate(self._made, len(self._first.nodes)):
            self._fill(kind, self._objects[number], content)
        for number, content in self._changed:
            node = self._first.nodes[number]
            self._put(node, self._objects[number], content)

    def _view(self, root: Any, dtype: Any, shape: Any, strides: Any, offset: Any) -> Array:
        whole = self._value(root)
        if type(whole) is not np.ndarray:
            raise ValueError("a view looks at no array")
        memory = whole.ravel("K").view(np.uint8)
        steps = tuple(strides)
        if any(type(step) is not int for step in steps) or len(steps) != len(shape):
            raise ValueError("a view does not fit")
        place = _index(offset, memory.size + 1)
        return np.ndarray(checked_shape(shape), simple_dtype(dtype), memory, place, steps)

    def _fill(self, kind: str, thing: Any, content: list[Any]) -> None:
        """Give a container its content."""
        match kind:
            case "list":
                refill(thing, [self._value(item) for item in content])
            case "deque":
                refill(thing, [self._value(item) for item in content[1:]])
            case "dict":
                refill(thing, self._pairs(content))
            case "set":
                refill(thing, {self._value(item) for item in content})
            case "bytearray":
                refill(thing, bytearray(self._value(content[0])))
            case "container":
                if not isinstance(thing, dict):
                    raise NotWritten
                refill(thing, self._pairs(content[1]))

    def _pairs(self, content: Any) -> dict[Any, Any]:
        return {self._value(key): self._value(value) for key, value in content}

    def _put(self, node: Node, thing: Any, content: list[Any]) -> None:
        """Change an object of the first state."""
        match node.kind:
            case "root":
                dtype, shape, order, name = content
                np.copyto(thing, self._cells(dtype, shape, order, name), casting="no")
            case "object":
                values = dict(self._values(node, content, attributes_of(thing)))
                put_attributes(thing, values, attributes_of(thing).keys())
            case "names":
                self._put_names(node, thing, content)
            case "class":
                self._put_class(node, thing, content)
            case "cell":
                thing.cell_contents = self._value(content[0])
            case "random":
                state = from_plain(content[0])
                check_state(state, generator_state(thing))
                put_generator_state(thing, state)
            case _:
                self._fill(node.kind, thing, content)

    def _values(
        self, node: Node, content: list[Any], present: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """The names with their values; what is as it was stays what it is."""
        before = dict(_named(node.kind, node.content))
        for name, value in _named(node.kind, content):
            if value == _MISSING:
                continue
            same = name in present and before.get(name, self) == value
            yield name, present[name] if same else self._value(value)

    def _put_names(self, node: Node, names: dict[str, Any], content: list[Any]) -> None:
        values = dict(self._values(node, content, names))
        for name, _ in node.content:
            if name not in values:
                names.pop(name, None)
        names.update(values)

    def _put_class(self, node: Node, cls: Any, content: list[Any]) -> None:
        values = dict(self._values(node, content, vars(cls)))
        for name, _ in _named("class", node.content):
            if name not in values and name in vars(cls):
                delattr(cls, name)
        for name, value in values.items():
            if vars(cls).get(name, self) is not value:
                setattr(cls, name, value)

    def _value(self, data: Any) -> Any:
        if isinstance(data, dict):
            return self._objects[_index(data["r"], len(self._objects))]
        if isinstance(data, list) and data[:1] == ["t"]:
            return tuple([self._value(item) for item in data[1]])
        return from_plain(data)


def _index(value: Any, end: int) -> int:
    if type(value) is not int or not 0 <= value < end:
        raise ValueError(f"there is no number {value!r:.20} below {end}")
    return value


def _content(content: Any) -> list[Any]:
    if not isinstance(content, list):
        raise ValueError("a state is no list")
    _check_references(content)
    return content


def _check_references(value: Any) -> None:
    if isinstance(value, dict):
        if value.keys() != {"r"} or type(value["r"]) is not int or value["r"] < 0:
            raise ValueError("a state refers to nothing")
    elif isinstance(value, list):
        for item in value:
            _check_references(item)


def check_state(state: Any, present: Any, name: str = "") -> None:
    """Refuse a state that no such random generator could have; raises ValueError.

    Numpy's own setters check little: a place beyond the numbers would be read.
    """
    fits = type(state) is type(present)
    if isinstance(present, dict) and fits:
        fits = state.keys() == present.keys()
        for key in present if fits else ():
            check_state(state[key], present[key], str(key))
    elif isinstance(present, tuple) and fits:
        fits = len(state) == len(present)
        names = ("", "", "pos", "has_gauss", "") if len(present) == 5 else ("",) * len(present)
        if len(present) > 100:  # Python's own: the last number is the place
            names = (*names[:-1], "pos")
        for part, like, its in zip(state, present, names, strict=True) if fits else ():
            check_state(part, like, its)
    elif isinstance(present, np.ndarray) and fits:
        fits = (state.shape, state.dtype) == (present.shape, present.dtype)
    elif type(present) is int and fits:
        fits = 0 <= state <= _LIMITS.get(name, 2**_BITS)
    elif present is None or type(present) is float:
        fits = state is None or type(state) is float
    elif type(present) is str and fits:
        fits = state == present
    if not fits:
        raise ValueError("the state of a random generator does not fit")
