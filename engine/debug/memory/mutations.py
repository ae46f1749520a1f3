"""Names the objects that a call of code outside the recording, such as numpy, may change.

The recorder logs the old cells of an array before a write. A store or an in-place operator shows
what it writes; a call of numpy, the standard library or another package does not. One object too
many costs a copy. One too few would show a wrong number, so an unknown function counts as a writer
of all its array arguments.
"""

from __future__ import annotations

import inspect
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

from engine.debug.reach.contents import dictionary_of, is_a, look_up

CONTAINERS = (list, dict, set, bytearray, deque)
PLAIN_CONTAINERS = frozenset([list, dict, set])
CHANGES_A_CONTAINER = frozenset([
    "append", "appendleft", "extend", "extendleft", "insert", "remove", "pop", "popleft",
    "popitem", "clear", "sort", "reverse", "rotate", "update", "setdefault", "add", "discard",
    "difference_update", "intersection_update", "symmetric_difference_update", "move_to_end",
    "subtract", "__setitem__", "__delitem__", "__iadd__", "__imul__", "__ior__", "__iand__",
    "__isub__", "__ixor__", "__init__",
])  # fmt: skip
CHANGES_ITS_ARRAY = frozenset([
    "sort", "partition", "fill", "put", "itemset", "setfield", "setflags", "byteswap", "resize",
    "__setitem__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__",
    "__imod__", "__ipow__", "__imatmul__", "__iand__", "__ior__", "__ixor__", "__ilshift__",
    "__irshift__", "__setstate__",
])  # fmt: skip
_CHANGES_ITS_FIRST = frozenset([
    "copyto", "put", "place", "putmask", "fill_diagonal", "put_along_axis", "shuffle", "at",
    "nan_to_num",
])  # fmt: skip
_CALLS_BACK = frozenset(["apply_along_axis", "apply_over_axes", "piecewise"])
MAY_CHANGE = _CHANGES_ITS_FIRST | _CALLS_BACK
OVERWRITE = "overwrite_input"  # a parameter of medians and percentiles
Dispatcher = type(np.where)  # the type of most numpy functions
_PURE_MODULES = ("builtins", "math", "operator", "itertools", "collections", "random", "cmath")
_STORES_BY_NAME = (setattr, delattr)
_KNOWN_OWNERS = (
    np.ndarray, *CONTAINERS, np.ufunc, np.random.Generator, np.random.RandomState
)  # fmt: skip
RANDOM_SOURCES = (np.random.Generator, np.random.RandomState)
_UNBOUND = (MethodDescriptorType, WrapperDescriptorType)
_NO_DATA = (FunctionType, MethodType, BuiltinFunctionType, ModuleType, type, str, bytes, int, float)


def overwritten(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[Any]:
    """The arrays, containers and objects that `function(*args, **kwargs)` may change.

    `function` is not recorded code. It may set any attribute of a named object.
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
    """The objects that a method of a type written in C may change."""
    if is_a(owner, np.ndarray):
        if name in CHANGES_ITS_ARRAY:
            yield owner
        yield from _arrays(args[1:])
    elif is_a(owner, CONTAINERS):
        if name in CHANGES_A_CONTAINER:
            yield owner
    elif name in ("__setattr__", "__delattr__", "__init__"):
        yield owner
    elif is_a(owner, np.ufunc):
        yield from _arrays(args[:1] if name == "at" else args[2:])
    elif is_a(owner, RANDOM_SOURCES):
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
        out = position_of_out(function)
        yield from _arrays(args[out:])
        if OVERWRITE in kwargs or len(args) > out + 1:  # it follows `out`
            yield from _arrays((*args[:1], kwargs.get("a")))


def _of_numpy(function: Any) -> bool:
    module = look_up(function, "__module__")
    return isinstance(module, str) and (module == "numpy" or module.startswith("numpy."))


@lru_cache(maxsize=1024)
def position_of_out(function: Any) -> int:
    """The first positional argument that may be an output array."""
    try:
        if function is np.where:  # it has no signature, and is common
            return 3
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return 2
    return names.index("out") if "out" in names else 99


def _arrays(values: Any) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays in a value, or in a tuple or list up to two levels deep."""
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
    """Everything that unknown code can reach from these values and change."""
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
