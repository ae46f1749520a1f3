"""What objects and containers hold: read it, and give them other contents."""

from __future__ import annotations

from collections.abc import Hashable, Set
from contextlib import suppress
from functools import lru_cache
from types import MemberDescriptorType
from typing import Any, cast


def attributes_of(thing: Any) -> dict[str, Any]:
    """The attributes stored on an object, in its `__dict__` and its slots."""
    found = dict(getattr(thing, "__dict__", ()))
    for name in _slots_of(cast(Hashable, type(thing))):
        with suppress(AttributeError):  # a slot that is empty
            found[name] = getattr(thing, name)
    return found


@lru_cache(maxsize=1024)
def _slots_of(kind: Any) -> tuple[str, ...]:
    members = ((name, value) for cls in kind.__mro__ for name, value in vars(cls).items())
    slots = (name for name, value in members if type(value) is MemberDescriptorType)
    return tuple(name for name in slots if name != "__dict__")  # SimpleNamespace has it as a slot


def put_attributes(thing: Any, attributes: dict[str, Any], present: Set[str]) -> None:
    """Give an object exactly these attributes, past any `__setattr__` or property of its class."""
    own = getattr(thing, "__dict__", None)
    for name in present - attributes.keys():
        if own is not None and name in own:
            del own[name]
        else:
            object.__delattr__(thing, name)
    for name, value in attributes.items():
        if own is not None and (name in own or name not in present):
            own[name] = value
        else:
            object.__setattr__(thing, name, value)


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
