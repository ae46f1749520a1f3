"""Hooks of stores to variables outside of the frame: globals, and variables of closures.

Each logs a store after it was made. What was there before is known, since the namespace or the cell
is tracked from the start of every function that stores to it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import FunctionType
from typing import Any

from engine.debug.memory.namespaces import CONTENT, variables_of
from engine.debug.reach.placeholders import MISSING
from engine.debug.record.recording import Recording, Token, here


def _recording_of(token: Token | None) -> Recording | None:
    return token.recording if token is not None else here()


def _open_globals(token: Token | None) -> None:
    recording = _recording_of(token)
    if recording is not None:
        recording.history.track(sys._getframe(1).f_globals)


def _open_cells(token: Token | None, closing_over: FunctionType) -> None:
    recording = _recording_of(token)
    if recording is not None:
        for cell in closing_over.__closure__ or ():
            recording.history.track(cell)


def _store_global(token: Token | None, names: tuple[str, ...]) -> bool:
    recording = _recording_of(token)
    if recording is not None:
        namespace = sys._getframe(1).f_globals
        record, moment = recording.history.track(namespace), len(recording.events)
        for name in names:
            record.store(moment, name, namespace.get(name, MISSING))
    return True


def _delete_global(token: Token | None, names: tuple[str, ...]) -> None:
    """Log that globals were deleted, or are about to be at the end of an `except`."""
    recording = _recording_of(token)
    if recording is not None:
        record = recording.history.track(sys._getframe(1).f_globals)
        for name in names:
            record.store(len(recording.events), name, MISSING)


def _store_cell(token: Token | None, closing_over: FunctionType) -> bool:
    recording = _recording_of(token)
    if recording is not None:
        (cell,) = closing_over.__closure__ or ()
        value = variables_of(cell).get(CONTENT, MISSING)
        recording.history.track(cell).store(len(recording.events), CONTENT, value)
    return True


def _delete_cell(token: Token | None, closing_over: FunctionType) -> None:
    """Log that a closure's variable was deleted, or is about to be at the end of an `except`."""
    recording = _recording_of(token)
    if recording is not None:
        (cell,) = closing_over.__closure__ or ()
        recording.history.track(cell).store(len(recording.events), CONTENT, MISSING)


def _logged(value: Any, *_: bool) -> Any:
    """The value of `name := ...`, whose store the other arguments have logged."""
    return value


def _executed(token: Token | None, result: Any) -> Any:
    """The result of `exec` or `eval`, which may have stored any variable of the namespace."""
    recording = _recording_of(token)
    if recording is not None:
        record = recording.history.record_of(sys._getframe(1).f_globals)
        if record is not None:
            recording.history.changed_behind(len(recording.events), record.thing)
    return result


OUTSIDE_HOOKS: Mapping[str, Any] = {
    "open globals": _open_globals, "store global": _store_global,
    "delete global": _delete_global, "open cells": _open_cells, "store cell": _store_cell,
    "delete cell": _delete_cell, "logged": _logged, "executed": _executed,
}  # fmt: skip
