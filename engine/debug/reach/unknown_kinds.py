"""Objects whose state cannot be put back, named with the path to them.

An object of a class that is written in C may have state that no attribute shows: an open file, a
lock, a socket, the object of an extension. Objects that never change are left out, and so are those
of the process, such as a logger.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import MemberDescriptorType
from typing import Any, cast

import numpy as np

from engine.debug.reach.leaves import FRAMEWORKS, WITH_ATTRIBUTES
from engine.debug.reach.paths import Path, paths_from, text_of

# Modules of the standard library whose objects never change, or belong to the process.
_HARMLESS = frozenset([
    "__future__", "_abc", "_decimal", "_operator", "_sre", "_thread._local", "abc", "argparse",
    "ast", "builtins", "collections", "contextlib", "copyreg", "dataclasses", "datetime",
    "decimal", "enum", "fractions", "functools", "importlib", "_frozen_importlib",
    "_frozen_importlib_external", "inspect", "logging", "numbers", "operator", "pathlib", "re",
    "site", "_sitebuiltins", "string", "time", "types", "typing", "uuid", "warnings", "weakref",
    "zipimport", "traceback", "struct", "_struct", "getpass", "platform", "textwrap", "pprint",
    "reprlib", "doctest", "unittest", "os", "posix", "sys",
])  # fmt: skip
_CHANGING = frozenset([
    "async_generator", "coroutine", "memoryview", "generator", "weakref.WeakValueDictionary",
])  # fmt: skip
_WITHOUT_STATE = (
    np.ufunc, np.dtype, np.generic, int, float, complex, str, bytes, BaseException
)  # fmt: skip
_POINTER = 8


@dataclass(frozen=True, slots=True)
class Unknown:
    """An object that cannot be put back.

    Attributes:
        path: how the step reaches it; empty where no path of names leads to it.
        kind: its class, with the module.
        thing: the object.
    """

    path: Path
    kind: str
    thing: Any

    @property
    def name(self) -> str:
        """How the object is named to a person."""
        return text_of(self.path) or f"an object of {self.kind}"


def named(step: Callable[..., Any], things: Iterable[Any]) -> tuple[Unknown, ...]:
    """Objects with the shortest paths that lead to them from a step."""
    wanted = {id(thing): thing for thing in things}
    paths: dict[int, Path] = {}
    if wanted:
        for path, thing in paths_from(step):
            if id(thing) in wanted:
                paths.setdefault(id(thing), path)
    return tuple(
        Unknown(paths.get(number, ()), _class_name(type(thing)), thing)
        for number, thing in wanted.items()
    )


def is_unknown(thing: Any) -> bool:
    """Whether an object of no known kind may have state that its attributes do not show."""
    return _is_unknown(cast(Hashable, type(thing))) and not any(
        thing is stream
        for stream in (sys.stdin, sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    )


@lru_cache(maxsize=4096)
def _is_unknown(kind: Any) -> bool:
    module = kind.__module__
    if not isinstance(module, str) or issubclass(kind, _WITHOUT_STATE):
        return False
    package = module.partition(".")[0]
    if package in FRAMEWORKS or package in ("engine", "gui"):
        return False
    if package in sys.stdlib_module_names:
        if kind.__qualname__ in _CHANGING:
            return True
        return package not in _HARMLESS and kind.__qualname__ not in WITH_ATTRIBUTES.get(module, ())
    return package != "numpy" and _hidden_bytes(kind) > 0


def _hidden_bytes(kind: type) -> int:
    """The bytes of an object that neither `__dict__` nor slots show."""
    shown = sum(
        type(value) is MemberDescriptorType and name != "__dict__"
        for cls in kind.__mro__
        for name, value in vars(cls).items()
    )
    shown += (kind.__dictoffset__ > 0) + (kind.__weakrefoffset__ > 0)
    return kind.__basicsize__ - object.__basicsize__ - _POINTER * shown


def _class_name(kind: type) -> str:
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
