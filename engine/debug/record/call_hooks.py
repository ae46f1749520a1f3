"""Hooks of calls: the call expression, and the start and the end of a recorded function."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, cast

import numpy as np

from engine.debug.instrument.sites import SITES
from engine.debug.instrument.swaps import swaps
from engine.debug.memory.container_changes import change_by_call
from engine.debug.memory.harmless_calls import HARMLESS, HASHED_QUICKLY, changes_nothing
from engine.debug.memory.mutations import CHANGES_A_CONTAINER, PLAIN_CONTAINERS, overwritten
from engine.debug.record.expression_hooks import report_expression
from engine.debug.record.recording import ELIDABLE, Recording, Token, here

_NO_KEYWORDS: Mapping[str, Any] = {}
_Method = MethodType
_ndarray = np.ndarray
_reporting = swaps.reporting


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
    return value if token is None else report_expression(token, number, value)


def _apply_to_all(token: Token | None, number: int, function: Any, /, *args: Any) -> Any:
    """Run a call with positional arguments only, the commonest kind, on a shorter path."""
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
        history = recording.history  # the rest is `Recording.keep`, written out for speed
        if value.base is not None:
            fits = recording.retention.faded_from is None
        elif fits := history.room >= 0 and (size := value.nbytes) < ELIDABLE:
            history.room -= size
        token.append((number, token, value if fits else recording.keep(value)))
    else:
        token.append((number, token, value))
    return value


def _call_of_container(recording: Recording, function: Any, args: tuple[Any, ...]) -> Any:
    """Call a method of a list, dict or set, and log the write if the method changes it."""
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
    try:
        return function(*args)
    finally:  # code that the method calls may have changed objects, too
        if history.behind:
            history.note_behind(len(recording.events))


def _call_unrecorded(
    recording: Recording, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Call code that has no hooks. Log everything it may overwrite first."""
    history, moment = recording.history, len(recording.events)
    for argument in (*args, *kwargs.values()):
        if callable(argument):
            swaps.adopt(argument)
    for target in overwritten(function, args, kwargs):
        history.before_write(moment, target)
    if _is_array_method(function) and function.__name__ == "resize":
        history.resized(moment, function.__self__)
        kwargs = {"refcheck": False, **kwargs}  # the trace holds references to the array
    try:
        return function(*args, **kwargs)
    finally:  # changes made before an exception are real
        if history.behind:
            history.note_behind(len(recording.events))


def _is_array_method(function: Any) -> bool:
    return type(function) is BuiltinFunctionType and isinstance(function.__self__, _ndarray)


def _call(number: int, owner: Any, names: tuple[str, ...], values: tuple[Any, ...]) -> Token | None:
    recording = here()
    if recording is None:
        return None
    token = recording.enter(number, owner, names, values)
    site = SITES[number]
    if site.global_names:
        recording.open_namespace(token, number, sys._getframe(1).f_globals)
    if site.free:
        recording.bind_free(token, site.free, sys._getframe(1))
    if site.shared:
        recording.share(token, site.shared, sys._getframe(1))
    if token.parent is not None:
        token.append((number, token, names))
    return token


def report_return(token: Token | None, number: int, value: Any) -> Any:
    """Append the event of a return. The calling frame is the current one again."""
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
    """Report the return of a function with cleanup code, which returns only after the cleanup."""
    if token is not None and token.late is not None and sys.exc_info()[1] is token.handled:
        report_return(token, *token.late)


CALL_HOOKS: Mapping[str, Any] = {
    "apply": _apply, "apply to all": _apply_to_all, "call": _call, "return": report_return,
    "return late": _return_late, "prepare to leave": _prepare_to_leave, "leave": _leave,
}  # fmt: skip
