"""Paths: how an object is reached from a step, in a form that can be said, saved and followed.

A path begins at the step: at a variable of its module, at the variable of a closure, at the object
whose method it is. From there it goes on by attributes, items and closures. The same path leads to
another object once the program has stored another one there: a path is a place, not a thing.
"""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial
from types import FunctionType, MethodType, ModuleType
from typing import Any, cast

import numpy as np

from engine.debug.reach.contents import attributes_of, dictionary_of, is_a
from engine.debug.reach.leaves import ATOMS, LEAVES, has_no_state, is_library_module
from engine.debug.reach.placeholders import MISSING


class Way(Enum):
    """How one object leads to the next."""

    GLOBAL = "global"  # a variable of a function's module
    CELL = "cell"  # a variable of a function's closure
    SELF = "self"  # the object whose method it is, or a callable object itself
    ARGUMENT = "argument"  # an argument that a `partial` holds
    ATTRIBUTE = "attribute"  # of an object, a class or a module
    ITEM = "item"  # of a list, tuple, dict or deque


@dataclass(frozen=True, slots=True)
class Access:
    """One part of a path: a way, and the name or key that it takes."""

    way: Way
    key: Any = None


Path = tuple[Access, ...]


def text_of(path: Path) -> str:
    """A path as a person would write it: `params['W1']`, `self.layers[0].W`."""
    found = ""
    for access in path:
        if access.way is Way.ITEM:
            found += f"[{access.key!r}]"
        elif access.way is Way.SELF:
            found += "self"
        elif access.way is Way.ARGUMENT:
            found += f"argument {access.key}"
        else:
            found += f".{access.key}" if found else str(access.key)
    return found


def path_of(step: Callable[..., Any], text: str) -> Path | None:
    """The path that a text such as `params['W1']` or `self.W` names; None if it is none.

    Its first name is `self`, a variable of the step's closure, or one of its module.
    """
    try:
        node: ast.expr = ast.parse(text.strip(), mode="eval").body
        found: list[Access] = []
        while not isinstance(node, ast.Name):
            if isinstance(node, ast.Subscript):
                found.append(Access(Way.ITEM, ast.literal_eval(node.slice)))
            elif isinstance(node, ast.Attribute):
                found.append(Access(Way.ATTRIBUTE, node.attr))
            else:
                return None
            node = node.value
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    first = {access.key if access.key is not None else "self": access
             for access, _ in _held_by(step, True)}  # fmt: skip
    access = first.get(node.id, Access(Way.GLOBAL, node.id))
    return (access, *reversed(found))


def follow(step: Callable[..., Any], path: Path) -> Any:
    """The object at a path now; `MISSING` if the path leads nowhere."""
    value: Any = step
    for access in path:
        value = _next(value, access)
        if value is MISSING:
            return MISSING
    return value


def paths_from(step: Callable[..., Any]) -> Iterator[tuple[Path, Any]]:
    """Everything that a step reaches: each object once, at its shortest path, those first.

    Arrays are ends. Libraries, their modules and their classes are left out, and so are functions
    and classes themselves, but not what they hold.
    """
    seen = {id(step)}
    pending: deque[tuple[Path, Any]] = deque([((), step)])
    while pending:
        path, value = pending.popleft()
        for access, inner in _held_by(value, not path):
            if type(inner) not in ATOMS and not _is_itself(access, inner, value):
                if id(inner) in seen:
                    continue
                seen.add(id(inner))
            longer = (*path, access)
            if not is_a(inner, (FunctionType, type, ModuleType, MethodType, partial)):
                yield longer, inner
            if not is_a(inner, np.ndarray) and type(inner) not in ATOMS:
                pending.append((longer, inner))


def aliases_of(step: Callable[..., Any], thing: Any) -> Iterator[Path]:
    """All paths of length up to that of the walk which lead to this very object."""
    seen = {id(step)}
    pending: deque[tuple[Path, Any]] = deque([((), step)])
    while pending:
        path, value = pending.popleft()
        for access, inner in _held_by(value, not path):
            if inner is thing:
                yield (*path, access)
            elif type(inner) not in ATOMS and (
                id(inner) not in seen or _is_itself(access, inner, value)
            ):
                seen.add(id(inner))
                if not is_a(inner, np.ndarray):
                    pending.append(((*path, access), inner))


def _is_itself(access: Access, inner: Any, value: Any) -> bool:
    """Whether a way leads from the step, which is an object, to the object."""
    return access.way is Way.SELF and inner is value


def _next(value: Any, access: Access) -> Any:
    way, key = access.way, access.key
    if way is Way.SELF:
        return value.__self__ if is_a(value, MethodType) else value
    if way is Way.GLOBAL:
        return function_of(value).__globals__.get(key, MISSING)
    if way is Way.CELL:
        return dict(_cells(function_of(value))).get(key, MISSING)
    if way is Way.ARGUMENT:
        held = {**dict(enumerate(value.args)), **value.keywords} if is_a(value, partial) else {}
        return held.get(key, MISSING)
    if way is Way.ITEM:
        try:
            return value[key]
        except (LookupError, TypeError):
            return MISSING
    if is_a(value, (type, ModuleType)):
        return vars(value).get(key, MISSING)
    return attributes_of(value).get(key, MISSING)


def function_of(value: Any) -> FunctionType:
    """The Python function behind a callable."""
    while not is_a(value, FunctionType):
        if is_a(value, MethodType):
            value = value.__func__
        elif is_a(value, partial):
            value = value.func
        else:
            value = type(value).__call__
    found: FunctionType = value
    return found


def _cells(function: FunctionType) -> Iterator[tuple[str, Any]]:
    cells = function.__closure__ or ()
    for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
        try:
            yield name, cell.cell_contents
        except ValueError:  # an empty cell
            continue


def _held_by(value: Any, is_step: bool) -> Iterator[tuple[Access, Any]]:
    """What an object holds, with the way to it; a step leads to the variables of its module."""
    if is_a(value, partial):
        for key, held in {**dict(enumerate(value.args)), **value.keywords}.items():
            yield Access(Way.ARGUMENT, key), held
        yield from _held_by(value.func, is_step)
    elif is_a(value, MethodType):
        yield Access(Way.SELF), value.__self__
        yield from _held_by(value.__func__, is_step)
    elif is_a(value, FunctionType):
        for name, held in _cells(value):
            yield Access(Way.CELL, name), held
        if is_step:
            for name, held in list(value.__globals__.items()):
                if not name.startswith("__"):
                    yield Access(Way.GLOBAL, name), held
    elif is_a(value, ModuleType):
        if not is_library_module(value.__name__):
            for name, held in list(vars(value).items()):
                if not name.startswith("__"):
                    yield Access(Way.ATTRIBUTE, name), held
    elif is_a(value, type):
        if not is_library_module(value.__module__):
            for name, held in list(vars(value).items()):
                if not name.startswith("__") and not is_a(held, (FunctionType, property)):
                    yield Access(Way.ATTRIBUTE, name), held
    elif is_a(value, dict):
        for key, held in list(value.items()):
            yield Access(Way.ITEM, key), held
    elif is_a(value, (list, tuple, deque)):
        for number, held in enumerate(value):
            yield Access(Way.ITEM, number), held
    elif not is_a(value, LEAVES) and type(value) not in ATOMS:
        yield from _held_by_object(value, is_step)


def _held_by_object(thing: Any, is_step: bool) -> Iterator[tuple[Access, Any]]:
    if is_step:
        yield Access(Way.SELF), thing
        yield from _held_by(type(thing).__call__, True)
        return
    if is_a(thing, np.ndarray) or has_no_state(cast(Hashable, type(thing))):
        return
    for name, held in attributes_of(thing).items():
        yield Access(Way.ATTRIBUTE, name), held
    if dictionary_of(thing) is not None:
        yield Access(Way.ATTRIBUTE, "__class__"), type(thing)
