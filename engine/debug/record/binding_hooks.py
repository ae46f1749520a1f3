"""Hooks that note which local variables are bound, and to what values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.debug.reach.placeholders import MISSING
from engine.debug.record.expression_hooks import report_expression
from engine.debug.record.recording import Token


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
    return report_expression(token, number, value)


def _mark(token: Token | None, names: tuple[str, ...]) -> None:
    """A comprehension begins: save what its variable names mean outside of it."""
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
    """The innermost comprehension ends: give its names their outer meanings again."""
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
    """An exception may have been caught, so no comprehension of this frame is running."""
    if token is not None:
        while token.open:
            _close(token)


BINDING_HOOKS: Mapping[str, Any] = {
    "bind": _bind, "bind one": _bind_one, "unbind": _unbind,
    "named expression": _named_expression, "mark": _mark, "comprehension": _comprehension,
    "caught": _caught,
}  # fmt: skip
