"""The hooks of events: functions that twins call at every line, expression, call and binding.

Each is as short as it can be (`Recording.keep` stands written out in the two that see most arrays),
since a minibatch calls hundreds. The swap of code is seen by the
whole process, so a recording remembers its thread: a twin that is called on another one gets no
token and runs on silently.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, auto
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, MethodType, ModuleType
from typing import Any, cast

import numpy as np

from engine.debug.instrument.sites import SITES, TOKEN
from engine.debug.instrument.swaps import swaps
from engine.debug.memory.container_changes import change_by_call
from engine.debug.memory.contents import dictionary_of, is_a
from engine.debug.memory.mutations import (
    CHANGES_A_CONTAINER,
    HARMLESS,
    HASHED_QUICKLY,
    PLAIN_CONTAINERS,
    changes_nothing,
    overwritten,
)
from engine.debug.memory.undo_log import MISSING
from engine.debug.record.recording import ELIDABLE, Recording, Token, here
from engine.debug.record.write_hooks import WRITE_HOOKS

_NO_KEYWORDS: Mapping[str, Any] = {}
_Method = MethodType
_ndarray = np.ndarray
_reporting = swaps.reporting


def _line(token: Token | None, number: int) -> None:
    if token is not None:
        recording = token.recording
        if len(token.events) >= recording.most:
            recording.end()
        token.line = number
        recording.current = token
        token.append((number, token, None))


def _expression(token: Token | None, number: int, value: Any) -> Any:
    if token is not None:
        recording = token.recording
        if len(token.events) >= recording.most:
            recording.end()
        recording.current = token
        if type(value) is _ndarray:
            history = recording.history
            if value.base is not None:
                fits = recording.retention.faded_from is None
            elif fits := history.room >= 0 and (size := value.nbytes) < ELIDABLE:
                history.room -= size
            token.append((number, token, value if fits else recording.keep(value)))
        else:
            token.append((number, token, value))
    return value


def _attribute(token: Token | None, number: int, thing: Any, name: str) -> Any:
    if token is None:
        return getattr(thing, name)
    how = SITES[number].stored.get(type(thing))
    if how is _STORED:
        token.recording.reads.append((len(token.events), thing, name))
        return getattr(thing, name)
    if how is _COMPUTED:
        return _expression(token, number, getattr(thing, name))
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
    return _expression(token, number, value)


class _Reading(Enum):
    """How an attribute is read, which its object's type decides."""

    STORED = auto()
    COMPUTED = auto()
    LAZY = auto()  # stored where the object's own dictionary has it, or else computed


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


def _apply(token: Token | None, number: int, function: Any, /, *args: Any, **kwargs: Any) -> Any:
    recording = token.recording if token is not None else here()
    if recording is None:
        return function(*args, **kwargs)
    if token is not None:
        recording.current = token
    if changes_nothing(function, args, kwargs) or swaps.adopt(function):
        value = function(*args, **kwargs)
    else:
        value = _call_unrecorded(recording, function, args, kwargs)
    return value if token is None else _expression(token, number, value)


def _apply_to_all(token: Token | None, number: int, function: Any, /, *args: Any) -> Any:
    """A call with positional arguments alone: the commonest, by a shorter way."""
    if token is None:
        return _apply(token, number, function, *args)
    recording = token.recording
    if len(token.events) >= recording.most:
        recording.end()
    recording.current = token
    kind = type(function)
    if kind is _Method:
        inner = function.__func__
        recorded = type(inner) is FunctionType and id(inner.__code__) in _reporting
        if recorded or changes_nothing(function, args, _NO_KEYWORDS) or swaps.adopt(function):
            value = function(*args)
        else:
            value = _call_unrecorded(recording, function, args, {})
    elif kind is BuiltinFunctionType and type(function.__self__) in PLAIN_CONTAINERS:
        value = _call_of_container(recording, function, args)
    elif (
        (kind in HASHED_QUICKLY and len(args) <= HARMLESS.get(function, -1))
        or changes_nothing(function, args, _NO_KEYWORDS)
        or swaps.adopt(function)
    ):
        value = function(*args)
    else:
        value = _call_unrecorded(recording, function, args, {})
    recording.current = token
    if type(value) is _ndarray:
        history = recording.history
        if value.base is not None:
            fits = recording.retention.faded_from is None
        elif fits := history.room >= 0 and (size := value.nbytes) < ELIDABLE:
            history.room -= size
        token.append((number, token, value if fits else recording.keep(value)))
    else:
        token.append((number, token, value))
    return value


def _call_of_container(recording: Recording, function: Any, args: tuple[Any, ...]) -> Any:
    """Call a method of a list, a dict or a set: the commonest that change something."""
    for argument in args:
        if callable(argument):
            swaps.adopt(argument)
    name = function.__name__
    if name not in CHANGES_A_CONTAINER:
        return function(*args)
    container, history = function.__self__, recording.history
    history.before_container_write(
        len(recording.events), container, change_by_call(container, name, args)
    )
    if not history.behind:
        return function(*args)
    try:
        return function(*args)
    finally:
        history.note_behind(len(recording.events))


def _call_unrecorded(
    recording: Recording, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call code that has no hooks, and keep what it may overwrite."""
    history, moment = recording.history, len(recording.events)
    for argument in (*args, *kwargs.values()):
        if callable(argument):
            swaps.adopt(argument)
    for target in overwritten(function, args, kwargs):
        history.before_write(moment, target)
    if _is_array_method(function) and function.__name__ == "resize":
        history.resized(moment, function.__self__)
        kwargs = {"refcheck": False, **kwargs}  # the trace itself refers to the array
    try:
        return function(*args, **kwargs)
    finally:  # what it has changed before it raised is changed
        if history.behind:
            history.note_behind(len(recording.events))


def _is_array_method(function: Any) -> bool:
    return type(function) is BuiltinFunctionType and isinstance(function.__self__, _ndarray)


def _call(number: int, owner: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> Token | None:
    recording = here()
    if recording is None:
        return None
    token = recording.enter(number, owner, names, values)
    shared = SITES[number].shared
    if shared:
        recording.share(token, shared, sys._getframe(1))
    if token.parent is not None:
        token.append((number, token, names))
    return token


def _return(token: Token | None, number: int, value: Any) -> Any:
    if token is not None:
        recording = token.recording
        if type(value) is _ndarray:
            token.append((number, token, recording.keep(value)))
        else:
            if len(token.events) in recording.retention.apart:
                recording.history.keep_apart((value,))
            token.append((number, token, value))
        recording.current = cast("Token | None", token.parent)
        if recording.retention.faded_from is not None:
            recording.fade_frame(token)
    return value


def _return_late(token: Token | None, number: int, value: Any) -> Any:
    if token is not None:
        token.late = (number, value)
    return value


def _prepare_to_leave(token: Token | None) -> None:
    if token is not None:
        token.handled = sys.exc_info()[1]


def _leave(token: Token | None) -> None:
    """The end of a function that cleans up: only now has it really returned."""
    if token is not None and token.late is not None and sys.exc_info()[1] is token.handled:
        _return(token, *token.late)


def _bind(token: Token | None, names: tuple[str, ...], values: tuple[Any, ...]) -> bool:
    if token is not None:
        moment = len(token.events)
        if len(names) == 2:
            (first, second), (one, other) = names, values
            token.bindings.append((moment, first, one))
            token.bindings.append((moment, second, other))
        else:
            bindings = token.bindings
            for name, value in zip(names, values):  # noqa: B905 (they are of one length)
                bindings.append((moment, name, value))
        if token.recording.retention.faded_from is not None:
            token.recording.fade_bindings(token)
    return True


def _bind_one(token: Token | None, name: str, value: Any) -> bool:
    if token is not None:
        token.bindings.append((len(token.events), name, value))
        if token.recording.retention.faded_from is not None:
            token.recording.fade_bindings(token)
    return True


def _unbind(token: Token | None, names: tuple[str, ...]) -> None:
    if token is not None:
        moment = len(token.events)
        token.bindings.extend((moment, name, MISSING) for name in names)


def _named_expression(token: Token | None, number: int, name: str, value: Any) -> Any:
    _bind(token, (name,), (value,))
    return _expression(token, number, value)


def _mark(token: Token | None, names: tuple[str, ...]) -> None:
    """A comprehension begins, which has variables of its own."""
    if token is not None:
        bindings, places = token.bindings, token.places
        for place in range(token.noted, len(bindings)):
            places[bindings[place][1]] = place
        token.noted = len(bindings)
        outer = {name: bindings[places[name]][2] if name in places else MISSING for name in names}
        if token.open is None:
            token.open = [outer]
        else:
            token.open.append(outer)


def _close(token: Token) -> None:
    """The innermost comprehension ends, and its variables with it."""
    assert token.open is not None
    moment = len(token.events)
    for name, bound in token.open.pop().items():
        token.bindings.append((moment, name, bound))


def _comprehension(token: Token | None, number: int, _: None, value: Any) -> Any:
    if token is not None:
        _close(token)
        token.recording.current = token
        token.append((number, token, value))
    return value


def _caught(token: Token | None) -> None:
    """An exception may have been caught: no comprehension is running any more."""
    if token is not None:
        while token.open:
            _close(token)


def _iterate(token: Token | None, number: int, iterable: Iterable[Any]) -> Iterator[Any]:
    """The items of a `for`; its line runs again before each but the first."""
    items = iter(iterable)
    for item in items:
        yield item
        break
    else:  # it is not asked a second time whether there are any
        return
    for item in items:
        _line(token, number)
        yield item


def _without_token(names: Any) -> Any:
    if isinstance(names, dict):
        return {name: value for name, value in names.items() if name != TOKEN}
    return [name for name in names if name != TOKEN]


class _Index:
    def __getitem__(self, index: Any) -> Any:
        return index


_HOOKS: Mapping[str, Any] = {
    **WRITE_HOOKS,
    "line": _line, "expression": _expression, "attribute": _attribute,
    "apply": _apply, "apply to all": _apply_to_all, "index": _Index(),
    "call": _call, "return": _return, "return late": _return_late, "leave": _leave,
    "prepare to leave": _prepare_to_leave, "bind": _bind, "bind one": _bind_one,
    "unbind": _unbind, "named expression": _named_expression,
    "mark": _mark, "comprehension": _comprehension, "caught": _caught,
    "made": swaps.note_made, "iterate": _iterate, "without token": _without_token,
}  # fmt: skip


def install() -> None:
    """Put the hooks where twins look for them."""
    for name, function in _HOOKS.items():
        setattr(builtins, f"<{name}>", function)
