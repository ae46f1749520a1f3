"""The stores to variables that live outside of a frame: globals, class attributes, closures.

They are logged like the attributes of an object, and put back one by one: a namespace may hold much
that is no part of the run, such as the other variables of a notebook.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import BuiltinFunctionType, CellType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from engine.debug.memory.undo_records import AttributeStores
from engine.debug.reach.contents import attributes_of, is_a
from engine.debug.reach.placeholders import MISSING

CONTENT = "cell_contents"  # the name of a cell's only variable
_CODE = (
    FunctionType, BuiltinFunctionType, MethodType, type, ModuleType, np.ufunc, type(np.where)
)  # fmt: skip


def is_code(value: Any) -> bool:
    """Whether a global is no variable but a function, a class or a module."""
    return is_a(value, _CODE)


def is_namespace(dictionary: dict[Any, Any]) -> bool:
    """Whether a plain dictionary holds the variables of a module, or of code run by `exec`."""
    return "__builtins__" in dictionary


def owner_of(thing: Any) -> Any:
    """The object by which the stores are logged: of a module its dictionary."""
    return vars(thing) if is_a(thing, ModuleType) else thing


def variables_of(thing: Any) -> dict[str, Any]:
    """The variables of a namespace, a module, a class or a cell, or an object's attributes."""
    if is_a(thing, CellType):
        try:
            return {CONTENT: thing.cell_contents}
        except ValueError:  # an empty cell
            return {}
    if is_a(thing, (type, ModuleType)):
        return dict(vars(thing))
    return dict(thing) if type(thing) is dict else attributes_of(thing)


class _OutsideStores(AttributeStores):
    """A record whose variables are put back one by one, and only those that were stored."""

    __slots__ = ()

    def attributes(self) -> dict[str, Any]:
        return variables_of(self.thing)

    @property
    def dictionary(self) -> Any:
        return None

    def put_back(self, event: int) -> None:
        self.stores_of("")
        for name in self._by_name:
            self._put(name, self.last_store(name, event)[1])

    def _put(self, name: str, value: Any) -> None:
        raise NotImplementedError


class NamespaceStores(_OutsideStores):
    """The stores to the variables of a module, or of code run by `exec`.

    Attributes:
        named: the global variables that recorded functions name, by the site of their call.
    """

    __slots__ = ("named",)

    def __init__(self, thing: dict[str, Any]) -> None:
        super().__init__(thing)
        self.named: dict[int, tuple[str, ...]] = {}

    @property
    def dictionary(self) -> Any:
        """The namespace itself."""
        return self.thing

    def first_values(self) -> Iterable[Any]:
        """The values of those variables only that recorded code names or stores."""
        names = {name for names in self.named.values() for name in names}
        names.update(name for name, _ in self.stores)
        values = (self.first.get(name, MISSING) for name in names)
        return [value for value in values if value is not MISSING and not is_code(value)]

    def _put(self, name: str, value: Any) -> None:
        if value is MISSING:
            self.thing.pop(name, None)
        else:
            self.thing[name] = value


class ClassStores(_OutsideStores):
    """The stores to the attributes of a class."""

    __slots__ = ()

    def first_values(self) -> Iterable[Any]:
        """The values of the attributes, without methods."""
        return [value for value in self.first.values() if not is_code(value)]

    def _put(self, name: str, value: Any) -> None:
        if value is not MISSING:
            type.__setattr__(self.thing, name, value)
        elif name in vars(self.thing):
            type.__delattr__(self.thing, name)


class CellStores(_OutsideStores):
    """The stores to a variable of a closure."""

    __slots__ = ()

    def _put(self, name: str, value: Any) -> None:
        if value is not MISSING:
            self.thing.cell_contents = value
        elif variables_of(self.thing):
            del self.thing.cell_contents


def stores_to(owner: Any) -> AttributeStores:
    """A new record of the stores to an object, a namespace, a class or a cell."""
    if type(owner) is dict:
        return NamespaceStores(owner)
    if is_a(owner, CellType):
        return CellStores(owner)
    return ClassStores(owner) if is_a(owner, type) else AttributeStores(owner)
