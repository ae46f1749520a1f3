"""The modules that are a person's own: all their variables are part of a program's state.

Own is the folder of the step's file, and those below it. Code without a file, as in a notebook, has
its namespace, and the modules imported from the working directory. Libraries, test frameworks and
the debugger itself are never own.

A namespace in which a person types (a notebook, an interactive session, a script that runs as
`__main__`) also has names of that person, such as `session`. There only the names that a function
can set are put back.
"""

from __future__ import annotations

import dis
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from engine.debug.reach.contents import dictionary_of, is_a
from engine.debug.reach.leaves import FRAMEWORKS
from engine.own_code import ENGINE, is_library

Namespace = dict[str, Any]
_OURS = (ENGINE + os.sep, os.path.join(os.path.dirname(ENGINE), "gui") + os.sep)
_OUR_OBJECTS = ("engine.debug.", "gui.")
_PACKAGES = ("site-packages", "dist-packages")
_NOTEBOOK = re.compile(r"_+(i+|ih|oh|dh|\d+|i\d+)?|In|Out|exit|quit|get_ipython")
_SETS_ANY_NAME = frozenset({"globals", "vars", "exec", "__dict__"})


class OwnCode:
    """The namespaces of a person's own modules, and the names that their functions can set.

    Args:
        step: the step; None: nothing is own.

    Attributes:
        folder: the person's folder; None if there is none.
    """

    def __init__(self, step: Callable[..., Any] | None) -> None:
        function = None if step is None else function_of(step)
        self._first: Namespace = {} if function is None else function.__globals__
        self.folder = None if function is None else _folder_of(function)
        self._codes: dict[int, CodeType] = {}
        self._settable: dict[int, set[str]] = {}  # names by namespace
        self._modules = 0  # how many were loaded when the namespaces were looked for
        self._namespaces: dict[int, Namespace] = {}
        self._typed: set[int] = set()
        self._foreign: set[int] = set()

    def namespaces(self) -> list[Namespace]:
        """The variables of all own modules."""
        if self.folder is not None and self._modules != len(sys.modules):
            self._modules = len(sys.modules)
            found = [self._first, *self._of_modules(self.folder)]
            self._namespaces = {id(namespace): namespace for namespace in found}
            files = {id(vars(m)) for m in list(sys.modules.values()) if _is_from_file(m)}
            self._typed = self._namespaces.keys() - files
            self._foreign = {id(value) for value in _variables_of_ours()}
        return list(self._namespaces.values())

    def has(self, namespace: Any) -> bool:
        """Whether these are the variables of an own module."""
        return id(namespace) in self._namespaces

    def is_foreign(self, container: Any) -> bool:
        """Whether a container is a variable of the debugger, which an own module has imported."""
        return id(container) in self._foreign

    def note_code(self, function: FunctionType) -> None:
        """Note the names that a function can set in its own module."""
        namespace, code = id(function.__globals__), function.__code__
        if namespace in self._typed and id(code) not in self._codes:
            self._codes[id(code)] = code
            self._settable.setdefault(namespace, set()).update(names_set_by(code))

    def is_typed(self, namespace: Namespace) -> bool:
        """Whether a person types in these variables, so that some are no part of the program."""
        return id(namespace) in self._typed

    def may_be_set(self, namespace: Namespace, name: str) -> bool:
        """Whether the program, and not the person, may have set a variable."""
        if id(namespace) not in self._typed:
            return True
        settable = self._settable.get(id(namespace), set())
        return name in settable or not _SETS_ANY_NAME.isdisjoint(settable)

    def _of_modules(self, folder: str) -> Iterator[Namespace]:
        for module in list(sys.modules.values()):
            file = dictionary_of(module).get("__file__") if is_a(module, ModuleType) else None
            if isinstance(file, str) and _is_below(file, folder) and not _is_config(module):
                yield vars(module)


NOTHING_OWN = OwnCode(None)


def function_of(step: Callable[..., Any]) -> FunctionType | None:
    """The Python function behind a callable; None for code that is written in C."""
    found: Any = step
    for _ in range(20):
        if is_a(found, FunctionType):
            function: FunctionType = found
            return function
        if is_a(found, partial):
            found = found.func
        elif is_a(found, MethodType):
            found = found.__func__
        elif is_a(found, BuiltinFunctionType):
            return None
        else:
            found = type(found).__call__
    return None


def is_variable(name: Any, value: Any, namespace: Namespace) -> bool:
    """Whether a name is a variable of a program, and not the interpreter's or the debugger's."""
    if type(name) is not str or name.startswith(("__", "@")):
        return False
    if "get_ipython" in namespace and _NOTEBOOK.fullmatch(name):
        return False
    return not is_ours(value)


def is_ours(value: Any) -> bool:
    """Whether an object belongs to the debugger, such as a session."""
    module = type(value).__module__
    return isinstance(module, str) and module.startswith(_OUR_OBJECTS)


def is_part_of(namespace: Namespace, name: str, value: Any) -> bool:
    """Whether a value is a module in the package whose variables these are."""
    package = namespace.get("__name__")
    return is_a(value, ModuleType) and sys.modules.get(f"{package}.{name}") is value


@lru_cache(maxsize=4096)
def names_set_by(code: CodeType) -> frozenset[str]:
    """The names that a function may give a variable of a module, also by a text."""
    found = {
        str(instruction.argval)
        for instruction in dis.get_instructions(code)
        if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR")
    }
    found |= _SETS_ANY_NAME.intersection(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, str) and constant.isidentifier():
            found.add(constant)
        elif isinstance(constant, CodeType):
            found |= names_set_by(constant)
    return frozenset(found)


def _folder_of(function: FunctionType) -> str | None:
    file = function.__code__.co_filename
    if not os.path.isfile(file):
        return str(Path.cwd().resolve())
    if is_library(file) or os.path.realpath(file).startswith(_OURS):
        return None
    return str(Path(file).resolve().parent)


def _is_below(file: str, folder: str) -> bool:
    path = _own_path(file)
    return path is not None and path.is_relative_to(folder)


@lru_cache(maxsize=4096)
def _own_path(file: str) -> Path | None:
    """Where a file is; None if it belongs to a library or to us."""
    path = Path(file).resolve()
    if is_library(file) or str(path).startswith(_OURS):
        return None
    return None if any(part in _PACKAGES for part in path.parts) else path


def _variables_of_ours() -> Iterator[Any]:
    for name, module in list(sys.modules.items()):
        if name.startswith(_OUR_OBJECTS) and is_a(module, ModuleType):
            yield from list(vars(module).values())


def _is_config(module: ModuleType) -> bool:
    """Whether a module belongs to a test framework."""
    name = module.__name__
    return name.rpartition(".")[2] == "conftest" or name.partition(".")[0] in FRAMEWORKS


def _is_from_file(module: Any) -> bool:
    if not is_a(module, ModuleType) or module.__name__ == "__main__":
        return False
    return isinstance(dictionary_of(module).get("__file__"), str)
