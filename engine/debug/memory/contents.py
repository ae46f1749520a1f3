"""What objects and containers hold: read it, and give them other contents.

A look at what an object holds runs none of its code: a `__getattr__`, a `__getattribute__` or a
property may do or raise anything.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from contextlib import suppress
from functools import lru_cache
from types import MemberDescriptorType
from typing import Any, cast

from engine.own_code import dictionary_of as dictionary_of
from engine.own_code import has_dictionary, of_the_code


def attributes_of(thing: Any) -> dict[str, Any]:
    """The attributes stored on an object, in its `__dict__` and its slots."""
    found = dict(dictionary_of(thing) or ())
    for name, slot in _slots_of(cast(Hashable, type(thing))).items():
        with suppress(AttributeError):  # a slot that is empty
            found[name] = slot.__get__(thing)
    return found


def is_a(thing: Any, kind: type | tuple[type, ...]) -> bool:
    """What `isinstance` says, which would ask the object itself for its `__class__`."""
    return issubclass(type(thing), kind)


def has_attributes(thing: Any) -> bool:
    """Whether attributes can be stored on an object."""
    return has_dictionary(thing) or _has_slots(cast(Hashable, type(thing)))


def look_up(thing: Any, name: str, default: Any = None) -> Any:
    """An attribute that need not be there: where the object's code raises anything, it is not."""
    return answer_of(lambda: getattr(thing, name, default), default)


def answer_of(ask: Callable[[], Any], default: Any) -> Any:
    """What a person's code answers; the default where it raises anything."""
    try:
        return ask()
    except BaseException as error:
        if not of_the_code(error):
            raise
        return default


def has(thing: Any, name: str) -> bool:
    """Whether there is an attribute of that name; see `look_up`."""
    return look_up(thing, name, look_up) is not look_up


@lru_cache(maxsize=1024)
def _slots_of(kind: Any) -> dict[str, MemberDescriptorType]:
    found: dict[str, MemberDescriptorType] = {}
    for cls in kind.__mro__:
        for name, value in vars(cls).items():
            # SimpleNamespace has its dictionary as a slot.
            if type(value) is MemberDescriptorType and name != "__dict__":
                found.setdefault(name, value)
    return found


@lru_cache(maxsize=4096)
def _has_slots(kind: Any) -> bool:
    return any("__slots__" in vars(cls) for cls in kind.__mro__)


def put_attributes(thing: Any, attributes: dict[str, Any], present: Set[str]) -> None:
    """Give an object exactly these attributes, past any `__setattr__` or property of its class."""
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


def refill(container: Any, state: Any) -> None:
    """Give a container another's content; it stays the same object."""
    if isinstance(container, (list, bytearray)):
        container[:] = state
    else:
        container.clear()
        if isinstance(container, (dict, set)):
            container.update(state)
        else:
            container.extend(state)
