"""Reads and replaces the contents of objects and containers.

Reading runs no code of the object: its `__getattr__`, `__getattribute__` or properties could do or
raise anything.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Set
from contextlib import suppress
from functools import lru_cache
from types import MemberDescriptorType, ModuleType
from typing import Any, cast

from engine.own_code import dictionary_of as dictionary_of
from engine.own_code import has_dictionary, of_the_code

_CONTAINERS = (OrderedDict, dict, list, set, deque, bytearray, array)


def attributes_of(thing: Any) -> dict[str, Any]:
    """The attributes stored in an object's `__dict__` and slots."""
    found = dict(dictionary_of(thing) or ())
    for name, slot in _slots_of(cast(Hashable, type(thing))).items():
        with suppress(AttributeError):  # an empty slot
            found[name] = slot.__get__(thing)
    return found


def is_a(thing: Any, kind: type | tuple[type, ...]) -> bool:
    """Like `isinstance`, which would ask the object itself for its `__class__`."""
    return issubclass(type(thing), kind)


def has_attributes(thing: Any) -> bool:
    """Whether an object can store attributes."""
    return has_dictionary(thing) or _has_slots(cast(Hashable, type(thing)))


def look_up(thing: Any, name: str, default: Any = None) -> Any:
    """An attribute, or the default if it is missing or the object's code raises."""
    return answer_of(lambda: getattr(thing, name, default), default)


def answer_of(ask: Callable[[], Any], default: Any) -> Any:
    """The result of user code, or the default if it raises anything."""
    try:
        return ask()
    except BaseException as error:
        if not of_the_code(error):
            raise
        return default


def has(thing: Any, name: str) -> bool:
    """Whether an object has an attribute; see `look_up`."""
    return look_up(thing, name, look_up) is not look_up


@lru_cache(maxsize=1024)
def _slots_of(kind: Any) -> dict[str, MemberDescriptorType]:
    found: dict[str, MemberDescriptorType] = {}
    for cls in kind.__mro__:
        if "__slots__" not in vars(cls):  # members of classes that are written in C are read-only
            continue
        for name, value in vars(cls).items():
            if type(value) is MemberDescriptorType and name != "__dict__":
                found.setdefault(name, value)
    return found


@lru_cache(maxsize=4096)
def _has_slots(kind: Any) -> bool:
    return any("__slots__" in vars(cls) for cls in kind.__mro__)


def put_attributes(thing: Any, attributes: dict[str, Any], present: Set[str]) -> None:
    """Give an object exactly these attributes, bypassing `__setattr__` and properties."""
    own = dictionary_of(thing)
    slots = _slots_of(cast(Hashable, type(thing)))
    for name in present - attributes.keys():
        if own is not None and name in own:
            del own[name]
        else:
            slots[name].__delete__(thing)
    for name, value in attributes.items():
        if own is not None and (name in own or name not in slots):
            own[name] = value
        else:
            slots[name].__set__(thing, value)


def put_attribute(thing: Any, name: str, value: Any) -> None:
    """Set an attribute of an object, a class or a module, bypassing an object's `__setattr__`."""
    if is_a(thing, (type, ModuleType)):
        setattr(thing, name, value)
    else:
        put_attributes(thing, {**attributes_of(thing), name: value}, frozenset())


def content_of(container: Any) -> Any:
    """A copy of what a container holds, as a plain container; none of its class's code is run."""
    base: Any = _plain_class(cast(Hashable, type(container)))
    if issubclass(base, dict):
        return dict(base.items(container))
    if base in (list, deque):
        return list(base.__iter__(container))
    return base.__getitem__(container, slice(None)) if base is array else base.copy(container)


def refill(container: Any, state: Any) -> None:
    """Replace the content of a container, which stays the same object."""
    base: Any = _plain_class(cast(Hashable, type(container)))
    if base in (list, bytearray, array):
        base.__setitem__(container, slice(None), state)
        return
    base.clear(container)
    if base is OrderedDict:
        for key, value in state.items():
            base.__setitem__(container, key, value)
    elif base is deque:
        base.extend(container, state)
    else:
        base.update(container, state)


@lru_cache(maxsize=1024)
def _plain_class(kind: Any) -> Any:
    """The class of containers that a class is derived from."""
    return next(base for base in _CONTAINERS if issubclass(kind, base))
