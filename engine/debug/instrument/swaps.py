"""Swapping the code of functions for that of their twins while a recording runs.

A function is swapped only if its live code equals its compiled source. This proves that the source
on the screen is the code that runs. A call of a function without a twin (numpy, C, another package)
counts as one expression.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import Any
from weakref import ReferenceType, WeakSet, ref

import numpy as np

from engine.debug.instrument.twin import Twin, compile_twin, remembered_source
from engine.debug.reach.contents import dictionary_of, is_a
from engine.own_code import DEBUGGER, is_library


def _stamp(file: str) -> tuple[int, int]:
    """The time and size of a file, which differ after a change.

    Without a file: 0, and a number that differs after a change of the remembered lines.
    """
    try:
        status = os.stat(file)
    except OSError:
        return 0, hash(remembered_source(file))
    return status.st_mtime_ns, status.st_size


_Known = tuple["ReferenceType[FunctionType]", CodeType, CodeType]  # function, plain and twin code


class Swaps:
    """The functions whose code is swapped while a recording runs."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[tuple[int, int], Twin | None]] = {}  # with its stamp
        self.known: dict[int, _Known] = {}  # by id of the function
        self.reporting: dict[int, tuple[CodeType, Twin]] = {}  # by id of the code
        self.passed: dict[int, CodeType] = {}  # by id, code that has no twin
        self.classes: WeakSet[type] = WeakSet()  # whose methods are known
        self.roots: set[str] = set()  # files recorded even if they belong to a library
        self.swapped: list[tuple[FunctionType, CodeType]] = []
        self.made: list[ReferenceType[FunctionType]] = []
        self.on = False

    def refresh(self) -> None:
        """Forget the twins of files that have changed since."""
        for file, (stamp, _) in list(self.files.items()):
            if stamp != _stamp(file):
                del self.files[file]
        self.passed.clear()

    def twin_of(self, code: CodeType) -> Twin | None:
        """The twin of the file of some code, or None if it cannot be read or parsed."""
        file = code.co_filename
        if file not in self.files:
            stamp, twin = _stamp(file), None
            with suppress(OSError, SyntaxError, ValueError, RecursionError, MemoryError):
                twin = compile_twin(file, code.co_flags)
            self.files[file] = stamp, twin
        return self.files[file][1]

    def add(self, function: FunctionType) -> bool:
        """Find the twin of a function, and return whether it has one."""
        code = function.__code__
        if id(code) in self.reporting:
            return True
        if id(code) in self.passed:
            return False
        known = self.known.get(id(function))
        if known is not None and known[0]() is function and known[1] is code:
            return True
        file = code.co_filename
        wanted = file in self.roots or not is_library(file)
        if wanted and not file.startswith(DEBUGGER):
            twin = self.twin_of(code)
            reporting = twin.reporting_of(code) if twin is not None else None
            if twin is not None and reporting is not None:
                self._know(function, code, reporting)
                self._note(reporting, twin)
                if self.on:
                    self._swap(function, code, reporting)
                return True
        self.passed[id(code)] = code
        return False

    def adopt(self, function: Any) -> bool:
        """Whether a callable is recorded code; finds its twin on first sight."""
        kind = type(function)
        if kind is MethodType:
            function = function.__func__
            kind = type(function)
        if kind is FunctionType:
            return self.add(function)
        if kind is BuiltinFunctionType or kind is np.ufunc:
            return False
        if is_a(function, partial):
            return self.adopt(function.func)
        if is_a(function, type):
            self.add_class(function)
            maker = getattr(function, "__init__", None)
            return type(maker) is FunctionType and self.add(maker)
        self.add_class(kind)
        call = next((vars(c)["__call__"] for c in kind.__mro__ if "__call__" in vars(c)), None)
        return type(call) is FunctionType and self.add(call)

    def add_class(self, cls: type) -> None:
        """Find the twins of the methods of a class on first sight."""
        if cls in self.classes or cls.__module__ in ("builtins", "numpy"):
            return
        self.classes.add(cls)
        for base in cls.__mro__:
            for function in _unwrapped(vars(base).values()):
                self.add(function)

    def _know(self, function: FunctionType, code: CodeType, reporting: CodeType) -> None:
        known, key = self.known, id(function)

        def forget(reference: ReferenceType[FunctionType]) -> None:
            if key in known and known[key][0] is reference:
                del known[key]

        known[key] = ref(function, forget), code, reporting

    def _note(self, code: CodeType, twin: Twin) -> None:
        self.reporting[id(code)] = code, twin
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                self._note(constant, twin)

    def _swap(self, function: FunctionType, plain: CodeType, reporting: CodeType) -> None:
        self.swapped.append((function, plain))
        function.__code__ = reporting

    def add_everything(self, root: Any) -> None:
        """Add the functions of an object, its class, and their module and closures."""
        for function in _functions_around(root):
            self.add(function)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """A context in which functions have their twins' code; all are restored afterwards."""
        self.on = True
        try:
            swapped = self.swapped
            for reference, plain, reporting in list(self.known.values()):
                function = reference()
                if function is not None and function.__code__ is plain:
                    swapped.append((function, plain))
                    function.__code__ = reporting
            yield
        finally:
            self.on = False
            for function, plain in self.swapped:
                function.__code__ = plain
            self.swapped.clear()
            for reference in self.made:
                self._restore_made(reference())
            self.made.clear()

    def note_made(self, function: Any) -> Any:
        """Note a function made by a `def` or lambda of a twin, to restore its plain code later."""
        if type(function) is FunctionType:
            if self.on:
                self.made.append(ref(function))
            else:  # made by a twin that outlives its recording, such as a suspended generator
                self._restore_made(function)
        return function

    def _restore_made(self, function: FunctionType | None) -> None:
        if function is not None and id(function.__code__) in self.reporting:
            code, twin = self.reporting[id(function.__code__)]
            plain = twin.plain_of(code)
            if plain is not None:
                function.__code__ = plain


swaps = Swaps()


def _functions_around(root: Any) -> Iterator[FunctionType]:
    seen: set[int] = set()
    pending: list[Any] = [root]
    modules: set[str] = set()
    namespaces: dict[int, dict[str, Any]] = {}
    while pending:
        item = pending.pop()
        if id(item) in seen:
            continue
        seen.add(id(item))
        if isinstance(item, (staticmethod, classmethod, MethodType)):
            pending.append(item.__func__)
        elif isinstance(item, property):
            pending += [f for f in (item.fget, item.fset, item.fdel) if f is not None]
        elif isinstance(item, FunctionType):
            yield item
            pending.append(_wrapped_by(item))
            for cell in item.__closure__ or ():
                try:
                    pending.append(cell.cell_contents)
                except ValueError:  # an empty cell
                    continue
            modules.add(item.__module__ or "")
            namespaces[id(item.__globals__)] = item.__globals__
        elif isinstance(item, type):
            if item.__module__ not in ("builtins", "numpy"):
                pending += [v for cls in item.__mro__[:-1] for v in vars(cls).values()]
                modules.add(item.__module__)
        elif item is root or type(item).__name__ == "cached_property":
            own = dictionary_of(item) or {}
            pending += [type(item), *filter(callable, own.values()), own.get("func")]
    for name in modules:
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if module is None or not file or (is_library(file) and file not in swaps.roots):
            continue
        for value in list(vars(module).values()):
            if isinstance(value, FunctionType) and value.__code__.co_filename == file:
                yield value
            elif isinstance(value, type) and value.__module__ == name and id(value) not in seen:
                yield from _unwrapped(vars(value).values())
    for namespace in namespaces.values():
        if "__file__" not in namespace:
            yield from _functions_without_file(namespace)


def _functions_without_file(namespace: dict[str, Any]) -> Iterator[FunctionType]:
    """The functions and methods made in a namespace without a file, such as a notebook's."""
    for value in list(namespace.values()):
        if type(value) is FunctionType and value.__globals__ is namespace:
            yield value
        elif type(value) is type and value.__module__ == namespace.get("__name__"):
            yield from _unwrapped(vars(value).values())


def _unwrapped(values: Iterable[Any]) -> Iterator[FunctionType]:
    for value in list(values):
        if isinstance(value, FunctionType):
            yield value
        elif isinstance(value, (staticmethod, classmethod)):
            yield from _unwrapped([value.__func__])
        elif isinstance(value, property):
            yield from _unwrapped([value.fget, value.fset, value.fdel])
        elif isinstance(value, cached_property):
            yield from _unwrapped([value.func])
        while isinstance(value := _wrapped_by(value), FunctionType):
            yield value


def _wrapped_by(decorated: Any) -> Any:
    """The function that a decorator wrapped by `functools.wraps`, or None."""
    return (dictionary_of(decorated) or {}).get("__wrapped__")


def files_of(root: Any) -> Iterator[str]:
    """The files of a function, or of the class of an object, even if they belong to a library."""
    if isinstance(root, FunctionType):
        yield root.__code__.co_filename
        return
    for cls in type(root).__mro__[:-1]:
        for function in _unwrapped(vars(cls).values()):
            yield function.__code__.co_filename
