"""The nodes of a picture: the objects that a step reaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from engine.debug.reach.contents import is_a
from engine.debug.reach.function_caches import LRU_CACHE

_SAID = (range, slice, np.dtype, type(Ellipsis), type(NotImplemented))  # they never change


@dataclass(eq=False, slots=True)
class Node:
    """An object in a picture.

    Attributes:
        kind: how its content is written: "list", "object", "root" (an array), ...
        itself: the object; for the variables of a module their dictionary; for an array or an
            iterator its reference or copy in the state.
        before, part: the node from which it was reached first, and how.
        content: plain data, in which `{"r": n}` is node n.
    """

    kind: str
    itself: Any
    before: int | None
    part: str
    content: list[Any] = field(default_factory=list)

    @property
    def live(self) -> Any:
        """The object itself; None if it is gone."""
        if self.kind in ("root", "view"):
            return self.itself.itself()
        return self.itself.itself if self.kind == "iterator" else self.itself


def functions_in(value: Any) -> Iterator[Any]:
    """The functions of a method, a property or a cached function in a class."""
    if is_a(value, (staticmethod, classmethod)):
        yield value.__func__
    elif is_a(value, property):
        yield from (f for f in (value.fget, value.fset) if is_a(f, FunctionType))
    elif is_a(value, FunctionType) or is_a(value, LRU_CACHE):
        yield value


def said_of_leaf(thing: Any) -> Iterator[Any]:
    """What a picture has of an object without state."""
    yield type(thing).__qualname__
    if is_a(thing, _SAID):
        yield repr(thing)
    elif is_a(thing, ModuleType):
        yield str(dict.get(vars(thing), "__name__"))
