"""What a call may overwrite.

The recorder keeps the old cells of an array before something writes to them. Stores and in-place
operators say themselves what they write; a call of code that is not recorded (numpy, the standard
library, another package) does not. This module names the objects that a call may change. To name
one too many costs a copy; to name one too few would show a wrong number, so what is unknown counts
as a writer of all its array arguments.
"""

from __future__ import annotations

import inspect
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from types import (
    BuiltinFunctionType,
    FunctionType,
    GeneratorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)  # fmt: skip
from typing import Any

import numpy as np

from engine.debug.memory.contents import dictionary_of, is_a, look_up

CONTAINERS = (list, dict, set, bytearray, deque)
PLAIN_CONTAINERS = frozenset([list, dict, set])
CHANGES_A_CONTAINER = frozenset(
    [
        "append",
        "appendleft",
        "extend",
        "extendleft",
        "insert",
        "remove",
        "pop",
        "popleft",
        "popitem",
        "clear",
        "sort",
        "reverse",
        "rotate",
        "update",
        "setdefault",
        "add",
        "discard",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
        "move_to_end",
        "subtract",
        "__setitem__",
        "__delitem__",
        "__iadd__",
        "__imul__",
        "__ior__",
        "__iand__",
        "__isub__",
        "__ixor__",
        "__init__",
    ]
)
_CHANGES_ITS_ARRAY = frozenset(
    [
        "sort",
        "partition",
        "fill",
        "put",
        "itemset",
        "setfield",
        "setflags",
        "byteswap",
        "resize",
        "__setitem__",
        "__iadd__",
        "__isub__",
        "__imul__",
        "__itruediv__",
        "__ifloordiv__",
        "__imod__",
        "__ipow__",
        "__imatmul__",
        "__iand__",
        "__ior__",
        "__ixor__",
        "__ilshift__",
        "__irshift__",
        "__setstate__",
    ]
)
_CHANGES_ITS_FIRST = frozenset(
    [
        "copyto",
        "put",
        "place",
        "putmask",
        "fill_diagonal",
        "put_along_axis",
        "shuffle",
        "at",
        "nan_to_num",
    ]
)
_CALLS_BACK = frozenset(["apply_along_axis", "apply_over_axes", "piecewise"])
_MAY_CHANGE = _CHANGES_ITS_FIRST | _CALLS_BACK
_OVERWRITE = "overwrite_input"  # of the medians and percentiles
_Dispatcher = type(np.where)  # what numpy makes of its functions
_PURE_MODULES = ("builtins", "math", "operator", "itertools", "collections", "random", "cmath")
_STORES_BY_NAME = (setattr, delattr)
_KNOWN_OWNERS = (
    np.ndarray, *CONTAINERS, np.ufunc, np.random.Generator, np.random.RandomState
)  # fmt: skip
_RANDOM = (np.random.Generator, np.random.RandomState)
_UNBOUND = (MethodDescriptorType, WrapperDescriptorType)
_NO_DATA = (FunctionType, MethodType, BuiltinFunctionType, ModuleType, type, str, bytes, int, float)


_PURE_TYPES = frozenset({int, float, bool, str, len, range, zip, enumerate, isinstance, reversed,
                         abs, min, max, sum, list, tuple, dict, set, print, getattr,
                         hasattr})  # fmt: skip


_ALLOCATE = (np.zeros, np.ones, np.empty, np.eye, np.identity, np.arange)

# How many positional arguments a function surely leaves as they are, as far as is known: so that
# most calls need no more than a look here. Only of kinds whose hash is their address.
HARMLESS: dict[Any, int] = dict.fromkeys((*_PURE_TYPES, *_ALLOCATE), sys.maxsize)
HARMLESS.update({np.array: 2, np.asarray: 2})
HASHED_QUICKLY = frozenset({np.ufunc, _Dispatcher, type, BuiltinFunctionType, FunctionType})
_SCALARS = frozenset({int, float, bool, str, type(None), np.float64, np.float32, np.int64})
_MOST_KNOWN = 4096


def changes_nothing(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """The commonest calls that overwrite nothing, told apart quickly; no other is asked of more."""
    kind = type(function)
    if kind is np.ufunc or kind is _Dispatcher:
        most = HARMLESS.get(function)
        if most is None:
            most = function.nin if kind is np.ufunc else _harmless(function)
            if len(HARMLESS) < _MOST_KNOWN:
                HARMLESS[function] = most
        return len(args) <= most and "out" not in kwargs and _OVERWRITE not in kwargs
    if kind is BuiltinFunctionType:
        owner = type(function.__self__)
        if owner is np.ndarray:
            changes = function.__name__ in _CHANGES_ITS_ARRAY or "out" in kwargs
            return not changes and (len(args) < 2 or all(map(_holds_nothing, args[1:])))
        if owner is dict and not args and not kwargs:  # `items`, `values`, `keys`, `copy`
            return function.__name__ not in CHANGES_A_CONTAINER
        return function in HARMLESS and len(args) <= HARMLESS[function]
    if kind is MethodType:
        drawn = type(function.__self__) in _RANDOM and "out" not in kwargs
        return drawn and all(map(_holds_nothing, args))
    if kind is FunctionType:
        return function in _ALLOCATE
    return kind is type and function in _PURE_TYPES


def _holds_nothing(value: Any) -> bool:
    """Whether this is a number or the like, or a tuple of such, as a shape is."""
    kind = type(value)
    return kind in _SCALARS or (kind is tuple and all(type(part) in _SCALARS for part in value))


def _harmless(function: Any) -> int:
    """How many positional arguments a function of numpy surely leaves as they are."""
    return -1 if function.__name__ in _MAY_CHANGE else _position_of_out(function)


def overwritten(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[Any]:
    """The arrays, containers and objects that `function(*args, **kwargs)` may change.

    `function` is not recorded code. Of an object all attributes may be set.
    """
    if kwargs:
        yield from _arrays(kwargs.get("out"))
    if is_a(function, partial):
        yield from overwritten(function.func, function.args + args, {**function.keywords, **kwargs})
    elif is_a(function, np.ufunc):
        yield from _arrays(args[function.nin :])
    elif is_a(function, BuiltinFunctionType):
        yield from _by_builtin(function, args, kwargs)
    elif is_a(function, MethodWrapperType):
        yield from _by_method(function.__self__, function.__name__, args)
    elif is_a(function, _UNBOUND) and args:
        yield from _by_method(args[0], function.__name__, args[1:])
    elif is_a(function, type):
        if function.__module__ not in _PURE_MODULES and not _of_numpy(function):
            yield from _everything((*args, *kwargs.values()))
    elif _of_numpy(function):
        yield from _by_numpy(function, args, kwargs)
    elif is_a(function, MethodType) and _of_numpy(type(function.__self__)):
        yield function.__self__
        yield from _arrays(args)
    else:
        owner = function.__self__ if hasattr(type(function), "__self__") else function
        yield from _everything((owner, *args, *kwargs.values()))


def _by_method(owner: Any, name: str, args: tuple[Any, ...]) -> Iterator[Any]:
    """What a method of a type that is written in C may change."""
    if is_a(owner, np.ndarray):
        if name in _CHANGES_ITS_ARRAY:
            yield owner
        yield from _arrays(args[1:])
    elif is_a(owner, CONTAINERS):
        if name in CHANGES_A_CONTAINER:
            yield owner
    elif name in ("__setattr__", "__delattr__", "__init__"):
        yield owner
    elif is_a(owner, np.ufunc):
        yield from _arrays(args[:1] if name == "at" else args[2:])
    elif is_a(owner, _RANDOM):
        yield from _everything(args[:1] if name == "shuffle" else args[1:])


def _by_builtin(
    function: BuiltinFunctionType, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Iterator[Any]:
    owner, name = function.__self__, function.__name__
    if is_a(owner, _KNOWN_OWNERS):
        yield from _by_method(owner, name, args)
    elif function in _STORES_BY_NAME:
        yield args[0]
    elif function is next and is_a(args[0], GeneratorType) and args[0].gi_frame is not None:
        yield from _everything(tuple(args[0].gi_frame.f_locals.values()))
    elif _of_numpy(function):
        yield from _by_numpy(function, args, kwargs)
    elif function.__module__ not in _PURE_MODULES and not is_a(owner, (str, bytes, int, float)):
        yield from _everything((*args, *kwargs.values()))


def _by_numpy(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[Any]:
    if getattr(function, "__name__", "") in _CHANGES_ITS_FIRST:
        named = (kwargs.get(name) for name in ("a", "dst", "arr", "x"))
        yield from _arrays((*args[:1], *named))
    else:
        out = _position_of_out(function)
        yield from _arrays(args[out:])
        if _OVERWRITE in kwargs or len(args) > out + 1:  # it stands behind `out`
            yield from _arrays((*args[:1], kwargs.get("a")))


def _of_numpy(function: Any) -> bool:
    module = look_up(function, "__module__")
    return isinstance(module, str) and (module == "numpy" or module.startswith("numpy."))


@lru_cache(maxsize=1024)
def _position_of_out(function: Any) -> int:
    """From which positional argument on an array may be an output."""
    try:
        if function is np.where:  # has no signature, and is called by everyone
            return 3
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return 2
    return names.index("out") if "out" in names else 99


def _arrays(values: Any) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays in a value or directly in a container of values."""
    if is_a(values, np.ndarray):
        yield values
    elif is_a(values, (tuple, list)):
        for value in values:
            if is_a(value, np.ndarray):
                yield value
            elif is_a(value, (tuple, list)):
                yield from (v for v in value if is_a(v, np.ndarray))
            elif is_a(value, dict):
                yield from (v for v in value.values() if is_a(v, np.ndarray))


def _everything(values: tuple[Any, ...]) -> Iterator[Any]:
    """All that unknown code can reach from these values and change."""
    seen: set[int] = set()
    pending = list(values)
    while pending:
        value = pending.pop()
        if id(value) in seen or is_a(value, _NO_DATA):
            continue
        seen.add(id(value))
        if is_a(value, np.ndarray):
            yield value
            if value.dtype == object:
                pending += value.ravel().tolist()
        elif is_a(value, CONTAINERS):
            yield value
            pending += value.values() if is_a(value, dict) else value
        elif is_a(value, tuple):
            pending += value
        elif not _of_numpy(type(value)):
            attributes = dictionary_of(value)
            if attributes is not None:
                yield value
                pending += attributes.values()
