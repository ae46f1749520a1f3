"""What a call may overwrite.

The recorder keeps the old cells of an array before something writes to them. Stores and in-place
operators say themselves what they write; a call of code that is not recorded (numpy, the standard
library, another package) does not. This module names the objects that a call may change. To name
one too many costs a copy; to name one too few would show a wrong number, so what is unknown counts
as a writer of all its array arguments.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

CONTAINERS = (list, dict, set, bytearray, deque)
_CHANGES_A_CONTAINER = frozenset(
    "append appendleft extend extendleft insert remove pop popleft popitem clear sort reverse rotate "
    "update setdefault add discard difference_update intersection_update symmetric_difference_update "
    "__setitem__ __delitem__ __iadd__ __imul__ __ior__ __iand__ __isub__ __ixor__".split()
)
_CHANGES_ITS_ARRAY = frozenset(
    "sort partition fill put itemset setfield setflags byteswap resize __setitem__ __iadd__ __isub__ "
    "__imul__ __itruediv__ __ifloordiv__ __imod__ __ipow__ __imatmul__ __iand__ __ior__ __ixor__ "
    "__ilshift__ __irshift__ __setstate__".split()
)
_CHANGES_ITS_FIRST = frozenset(
    "copyto put place putmask fill_diagonal put_along_axis shuffle at nan_to_num".split()
)
_PURE_MODULES = ("builtins", "math", "operator", "itertools", "collections", "random", "cmath")
_STORES_BY_NAME = (setattr, delattr)


def overwritten(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[Any]:
    """The arrays and containers that `function(*args, **kwargs)` may change.

    `function` is not recorded code. Objects changed by `setattr` are yielded whole.
    """
    if kwargs:
        yield from _arrays(kwargs.get("out"))
    if isinstance(function, partial):
        yield from overwritten(function.func, function.args + args, {**function.keywords, **kwargs})
    elif isinstance(function, np.ufunc):
        yield from _arrays(args[function.nin :])
    elif isinstance(function, BuiltinFunctionType):
        yield from _by_builtin(function, args, kwargs)
    elif isinstance(function, type):
        if function.__module__ not in _PURE_MODULES and not _of_numpy(function):
            yield from _arrays((*args, *kwargs.values()))
    elif _of_numpy(function):
        yield from _by_numpy(function, args, kwargs)
    elif isinstance(function, MethodType) and _of_numpy(type(function.__self__)):
        yield function.__self__
        yield from _arrays(args)
    else:
        yield from _arrays((*args, *kwargs.values()))


def _by_builtin(
    function: BuiltinFunctionType, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> Iterator[Any]:
    owner, name = function.__self__, function.__name__
    if isinstance(owner, np.ndarray):
        if name in _CHANGES_ITS_ARRAY:
            yield owner
        yield from _arrays(args[1:])
    elif isinstance(owner, CONTAINERS):
        if name in _CHANGES_A_CONTAINER:
            yield owner
    elif isinstance(owner, np.ufunc):
        yield from _arrays(args[:1] if name == "at" else args[2:])
    elif isinstance(owner, (np.random.Generator, np.random.RandomState)):
        yield from _arrays(args)
    elif function in _STORES_BY_NAME:
        yield args[0]
    elif _of_numpy(function):
        yield from _by_numpy(function, args, kwargs)
    elif function.__module__ not in _PURE_MODULES and type(owner) not in (str, bytes, int, float):
        yield from _arrays((*args, *kwargs.values()))


def _by_numpy(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[Any]:
    if getattr(function, "__name__", "") in _CHANGES_ITS_FIRST:
        named = (kwargs.get(name) for name in ("a", "dst", "arr", "x"))
        yield from _arrays((*args[:1], *named))
    else:
        yield from _arrays(args[_position_of_out(function) :])


def _of_numpy(function: Any) -> bool:
    module = getattr(function, "__module__", None)
    return isinstance(module, str) and (module == "numpy" or module.startswith("numpy."))


@lru_cache(maxsize=1024)
def _position_of_out(function: Any) -> int:
    """From which positional argument on an array may be an output."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return 2
    return names.index("out") if "out" in names else len(names)


def _arrays(values: Any) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays in a value or directly in a container of values."""
    if isinstance(values, np.ndarray):
        yield values
    elif isinstance(values, (tuple, list)):
        for value in values:
            if isinstance(value, np.ndarray):
                yield value
            elif isinstance(value, (tuple, list)):
                yield from (v for v in value if isinstance(v, np.ndarray))
            elif isinstance(value, dict):
                yield from (v for v in value.values() if isinstance(v, np.ndarray))


def is_plain_python(function: Any) -> bool:
    """Whether this is a function or method written in Python, which can have a twin."""
    return isinstance(function, (FunctionType, MethodType))
