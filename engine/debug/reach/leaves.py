"""Decides where the copy of a state ends: at constants, modules, and what belongs to the process.

A layer may reach more than a run's own objects. A namespace that `exec` has filled, as in a
notebook, leads to the dictionary of all built-ins, and maybe to the session itself. To restore
these would take names such as `isinstance` from the whole process, so they count as leaves.
"""

from __future__ import annotations

import builtins
import linecache
import logging
import sys
import warnings
from enum import Enum
from functools import lru_cache
from types import BuiltinFunctionType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from engine.own_code import dictionary_of, is_library

ATOMS = frozenset({int, float, complex, str, bytes, bool, type(None), *np.sctypeDict.values()})
LEAVES = (np.generic, np.dtype, ModuleType, BuiltinFunctionType, Enum)
# A dataset never changes, and the debugger is no part of the run that it debugs.
_ENGINE_LEAVES = ("engine.data.", "engine.debug.")
_HOUSE = ("engine.debug.", "gui.")
FRAMEWORKS = frozenset({"pytest", "_pytest", "pluggy", "hypothesis"})
# Classes of the standard library whose objects have all their state in their attributes.
WITH_ATTRIBUTES = {
    SimpleNamespace.__module__: ("SimpleNamespace",),
    "argparse": ("Namespace",),
    "collections": ("UserDict", "UserList", "UserString", "ChainMap"),
}
_LIVE_OBJECTS = "engine.debug.program.live_objects"  # the part of the debugger that is state


@lru_cache(maxsize=1024)
def is_library_module(module: Any) -> bool:
    """Whether a module belongs to a library, whose variables are not part of a run's state."""
    if not isinstance(module, str):  # a class that is written in C may have something else there
        return True
    package = module.partition(".")[0]
    return package in ("engine", "numpy") or package in sys.stdlib_module_names


@lru_cache(maxsize=1024)
def is_of_the_house(module: str) -> bool:
    """Whether a module is the debugger's or a test framework's: its closures are no state."""
    return module.startswith(_HOUSE) or module.partition(".")[0] in FRAMEWORKS


def is_of_a_library(function: FunctionType) -> bool:
    """Whether a function belongs to a library, so that what it has cached is no state."""
    file = function.__code__.co_filename
    typed = file.startswith("<")  # in a notebook, or by `exec`
    return is_library_module(function.__module__) or (not typed and is_library(file))


def belongs_to_process(container: Any) -> bool:
    """Whether a container is the interpreter's or a library's: a registry, a module's variables."""
    if id(container) in _registries():
        return True
    if not isinstance(container, dict):
        return False
    name = dict.get(container, "__name__")
    if type(name) is not str or dictionary_of(sys.modules.get(name)) is not container:
        return False
    file = dict.get(container, "__file__")
    return is_library_module(name) or (isinstance(file, str) and is_library(file))


def _registries() -> set[int]:
    """The ids of registries of the process. Some are replaced at times, so none is remembered."""
    return {
        id(vars(builtins)), id(sys.modules), id(sys.path), id(sys.meta_path), id(sys.path_hooks),
        id(sys.path_importer_cache), id(sys.argv), id(sys.warnoptions), id(warnings.filters),
        id(linecache.cache), id(logging.root.handlers), id(logging.Logger.manager.loggerDict),
    }  # fmt: skip


@lru_cache(maxsize=4096)
def has_no_state(kind: Any) -> bool:
    """Whether the attributes of a class's objects are no state: a lock, a dataset, a session."""
    module = kind.__module__
    if not isinstance(module, str):  # of Cython's functions, say, it is a descriptor
        return True
    if module == _LIVE_OBJECTS:
        return False
    if kind.__qualname__ in WITH_ATTRIBUTES.get(module, ()):
        return False
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names or package in FRAMEWORKS:
        return True
    return module.startswith(_ENGINE_LEAVES)
