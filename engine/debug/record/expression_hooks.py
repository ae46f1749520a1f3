"""Hooks that report lines, expressions and attribute reads.

A token is the frame of a recorded call. Without a token a hook only does what it stands for.
"""

from __future__ import annotations

from enum import Enum, auto
from types import FunctionType, MemberDescriptorType, ModuleType
from typing import Any

import numpy as np

from engine.debug.instrument.sites import SITES
from engine.debug.instrument.swaps import swaps
from engine.debug.reach.contents import dictionary_of, is_a
from engine.debug.record.recording import ELIDABLE, Token

_ndarray = np.ndarray


def report_line(token: Token | None, number: int) -> None:
    """Append the event of a line, which is about to run."""
    if token is not None:
        recording = token.recording
        if len(token.events) >= recording.most:
            recording.end()
        token.line = number
        recording.current = token
        token.append((number, token, None))


def report_expression(token: Token | None, number: int, value: Any) -> Any:
    """Append the event of an expression and return its value."""
    if token is not None:
        recording = token.recording
        if len(token.events) >= recording.most:
            recording.end()
        recording.current = token
        if type(value) is _ndarray:
            history = recording.history  # the rest is `Recording.keep`, written out for speed
            if value.base is not None:
                fits = recording.retention.faded_from is None
            elif fits := history.room >= 0 and (size := value.nbytes) < ELIDABLE:
                history.room -= size
            token.append((number, token, value if fits else recording.keep(value)))
        else:
            token.append((number, token, value))
    return value


def read_attribute(token: Token | None, number: int, thing: Any, name: str) -> Any:
    """Read an attribute. Only a computed one, such as a property, is an event."""
    if token is None:
        return getattr(thing, name)
    how = SITES[number].stored.get(type(thing))
    if how is _STORED:
        token.recording.reads.append((len(token.events), thing, name))
        return getattr(thing, name)
    if how is _COMPUTED:
        return report_expression(token, number, getattr(thing, name))
    return _attribute_read(token, number, thing, name, how)


def _attribute_read(token: Token, number: int, thing: Any, name: str, how: _Reading | None) -> Any:
    if how is None:
        how = SITES[number].stored[type(thing)] = _reading(thing, name)
    if how is _Reading.LAZY and name in dictionary_of(thing):
        how = _STORED
    value = getattr(thing, name)
    recording = token.recording
    if how is _STORED:
        recording.reads.append((len(token.events), thing, name))
        return value
    if how is _Reading.LAZY and id(thing) in recording.history.objects:
        recording.history.changed_behind(len(token.events), thing)
    return report_expression(token, number, value)


class _Reading(Enum):
    """How an attribute is read. The type of the object decides it."""

    STORED = auto()
    COMPUTED = auto()
    LAZY = auto()  # stored if the object's `__dict__` holds it, else computed


_STORED, _COMPUTED = _Reading.STORED, _Reading.COMPUTED


def _reading(thing: Any, name: str) -> _Reading:
    kind = type(thing)
    swaps.add_class(kind)
    for cls in kind.__mro__:
        if name in cls.__dict__:
            found = cls.__dict__[name]
            member = type(found)
            if member is MemberDescriptorType or not hasattr(member, "__get__"):
                return _Reading.STORED
            if issubclass(member, (FunctionType, staticmethod, classmethod)):
                return _Reading.STORED
            if hasattr(member, "__set__") or dictionary_of(thing) is None:
                return _Reading.COMPUTED
            return _Reading.LAZY
    if is_a(thing, (type, ModuleType)) or not hasattr(kind, "__getattr__"):
        return _Reading.STORED
    return _Reading.LAZY if dictionary_of(thing) is not None else _Reading.COMPUTED
