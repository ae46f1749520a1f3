"""The table of hooks: functions that instrumented code calls at each line, expression and call.

A minibatch calls hundreds of hooks, so each is as short as it can be. Code is swapped for the whole
process, so a recording remembers its thread: code that runs on another thread gets no token, and
its hooks report nothing.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.debug.instrument.sites import TOKEN
from engine.debug.instrument.swaps import swaps
from engine.debug.record.binding_hooks import BINDING_HOOKS
from engine.debug.record.call_hooks import CALL_HOOKS
from engine.debug.record.expression_hooks import read_attribute, report_expression, report_line
from engine.debug.record.outside_hooks import OUTSIDE_HOOKS
from engine.debug.record.recording import Token
from engine.debug.record.write_hooks import WRITE_HOOKS


def _iterate(token: Token | None, number: int, iterable: Iterable[Any]) -> Iterator[Any]:
    """Yield the items of a `for`. Its line runs again before each item but the first."""
    items = iter(iterable)
    for item in items:
        yield item
        break
    else:  # an exhausted iterator is not asked again
        return
    for item in items:
        report_line(token, number)
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
    **CALL_HOOKS,
    **BINDING_HOOKS,
    **OUTSIDE_HOOKS,
    "line": report_line, "expression": report_expression, "attribute": read_attribute,
    "index": _Index(), "made": swaps.note_made, "iterate": _iterate,
    "without token": _without_token,
}  # fmt: skip


def install() -> None:
    """Put the hooks into `builtins`, where instrumented code finds them."""
    for name, function in _HOOKS.items():
        setattr(builtins, f"<{name}>", function)
