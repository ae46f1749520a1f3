"""Hooks of stores: each logs what it is about to overwrite, then does the store.

They also serve quiet code, such as a lambda, which reports no events and has no token.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import Any, cast

import numpy as np

from engine.debug.memory.container_changes import change_by_extension
from engine.debug.reach.contents import has_attributes, is_a
from engine.debug.record.recording import Recording, Token, here

_IN_PLACE: Mapping[str, Callable[[Any, Any], Any]] = {
    "Add": operator.iadd, "Sub": operator.isub, "Mult": operator.imul, "Div": operator.itruediv,
    "FloorDiv": operator.ifloordiv, "Mod": operator.imod, "Pow": operator.ipow,
    "MatMult": operator.imatmul, "LShift": operator.ilshift, "RShift": operator.irshift,
    "BitAnd": operator.iand, "BitOr": operator.ior, "BitXor": operator.ixor,
}  # fmt: skip
_ndarray = np.ndarray
_COMMON = frozenset({_ndarray, list, dict, tuple})  # what is indexed most


def _set_attribute(token: Token | None, value: Any, thing: Any, name: str) -> None:
    recording = token.recording if token is not None else here()
    if recording is None:
        setattr(thing, name, value)
        return
    history = recording.history
    known = history.objects.get(id(thing))
    if known is not None and _stores_plainly(cast(Hashable, type(thing)), name):
        setattr(thing, name, value)
        known.at.append(len(recording.events))
        known.stores.append((name, value))
        known.now[name] = value
    else:
        _set_otherwise(recording, value, thing, name)


def _set_otherwise(recording: Recording, value: Any, thing: Any, name: str) -> None:
    history = recording.history
    if is_a(thing, _ndarray):
        history.before_attribute(len(recording.events), thing, name)
    if not has_attributes(thing):
        setattr(thing, name, value)
        return
    known = history.track(thing)
    setattr(thing, name, value)
    if _stores_plainly(cast(Hashable, type(thing)), name):
        known.store(len(recording.events), name, value)
    else:
        history.changed_behind(len(recording.events), thing)


@lru_cache(maxsize=4096)
def _stores_plainly(kind: Any, name: str) -> bool:
    """Whether setting this attribute only stores it: no property and no `__setattr__`."""
    plain = kind.__setattr__ is object.__setattr__ and not issubclass(kind, _ndarray)
    return plain and not hasattr(getattr(kind, name, None), "__set__")


def _delete_attribute(token: Token | None, thing: Any, name: str) -> None:
    recording = token.recording if token is not None else here()
    if recording is not None and has_attributes(thing):
        recording.history.track(thing)
    delattr(thing, name)
    if recording is not None and has_attributes(thing):
        recording.history.changed_behind(len(recording.events), thing)


def _set_item(token: Token | None, value: Any, thing: Any, index: Any) -> None:
    recording = token.recording if token is not None else here()
    if recording is None:
        thing[index] = value
        return
    history = recording.history
    history.before_write(len(recording.events), thing, index)
    thing[index] = value
    if history.behind:
        history.note_behind(len(recording.events))


def _delete_item(token: Token | None, thing: Any, index: Any) -> None:
    recording = token.recording if token is not None else here()
    if recording is not None:
        recording.history.before_write(len(recording.events), thing)
    del thing[index]
    if recording is not None and recording.history.behind:
        recording.history.note_behind(len(recording.events))


class _AttributeTarget:
    """Stands for `thing` in `a, thing.name = ...`. The store is logged when it happens."""

    __slots__ = ("_store",)

    def __init__(self, store: Callable[[str, Any], None]) -> None:
        object.__setattr__(self, "_store", store)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__getattribute__(self, "_store")(name, value)


class _ItemTarget:
    """Stands for `thing` in `a, thing[index] = ...`."""

    __slots__ = ("index", "thing", "token")

    def __init__(self, token: Token | None, thing: Any, index: Any) -> None:
        self.token, self.thing, self.index = token, thing, index

    def __setitem__(self, _: None, value: Any) -> None:
        _set_item(self.token, value, self.thing, self.index)


def _attribute_target(token: Token | None, thing: Any) -> _AttributeTarget:
    return _AttributeTarget(lambda name, value: _set_attribute(token, value, thing, name))


def _in_place(token: Token | None, name: str, left: Any, right: Any) -> Any:
    recording = token.recording if token is not None else here()
    if recording is not None:
        change = change_by_extension(left, right) if name == "Add" else None
        if change is None:
            recording.history.before_write(len(recording.events), left)
        else:
            recording.history.before_container_write(len(recording.events), left, change)
    return _IN_PLACE[name](left, right)


def _load_attribute(_: Token | None, thing: Any, name: str) -> tuple[Any, str, Any]:
    return thing, name, getattr(thing, name)


def _in_place_attribute(
    token: Token | None, name: str, thing: Any, attribute: str, left: Any, right: Any
) -> None:
    _set_attribute(token, _in_place(token, name, left, right), thing, attribute)


def _load_item(token: Token | None, thing: Any, index: Any) -> tuple[Any, Any, Any]:
    return thing, index, _subscripted(token, thing)[index]


def _subscripted(token: Token | None, thing: Any) -> Any:
    """The container of an indexed read. A `defaultdict` may insert an item, so it is logged."""
    kind = type(thing)
    if kind not in _COMMON and issubclass(kind, defaultdict):
        recording = token.recording if token is not None else here()
        if recording is not None:
            recording.history.before_write(len(recording.events), thing)
    return thing


def _in_place_item(
    token: Token | None, name: str, thing: Any, index: Any, left: Any, right: Any
) -> None:
    recording = token.recording if token is not None else here()
    if recording is not None and is_a(thing, _ndarray):
        recording.history.before_write(len(recording.events), thing, index)
        if thing.dtype.hasobject:  # the in-place change is to the element, not to `thing`
            recording.history.before_write(len(recording.events), left)
        thing[index] = _IN_PLACE[name](left, right)
        return
    _set_item(token, _in_place(token, name, left, right), thing, index)


WRITE_HOOKS: Mapping[str, Any] = {
    "set attribute": _set_attribute, "set item": _set_item,
    "delete attribute": _delete_attribute, "delete item": _delete_item,
    "attribute target": _attribute_target, "item target": _ItemTarget,
    "in place": _in_place, "load attribute": _load_attribute,
    "in place attribute": _in_place_attribute, "load item": _load_item,
    "subscripted": _subscripted, "in place item": _in_place_item,
}  # fmt: skip
