"""What stood in an expression when it ran: the values of its names, attributes and parts."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
import textwrap
from bisect import bisect_left
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.debug.events import Kind
from engine.debug.history import MISSING
from engine.debug.operation import Operand
from engine.debug.trace import Trace

UNKNOWN = MISSING  # the value of what cannot be told without running it again


@lru_cache(maxsize=4096)
def parse_expression(source: str) -> ast.expr | None:
    """The syntax of an expression's text, which may run over lines; None if it is none."""
    try:
        return ast.parse(f"(\n{source}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None


@lru_cache(maxsize=4096)
def parse_statement(source: str) -> ast.stmt | None:
    """The syntax of a statement's text, or of the header of a compound one; None if it is none."""
    text = textwrap.dedent(source)
    for body in (text, f"{text} pass", f"{text}\n pass"):
        try:
            statements = ast.parse(body).body
        except (SyntaxError, ValueError):
            continue
        if statements:
            return statements[0]
    return None


@lru_cache(maxsize=256)
def _module_of(file: str) -> Mapping[str, Any]:
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == file:
            return vars(module)
    return {"np": np, "numpy": np}


def text_of(node: ast.AST) -> str:
    """A node as source text."""
    return ast.unparse(node)


class Scene:
    """The frame of an event, as it was then: values of the nodes of its statement."""

    def __init__(self, trace: Trace, event: int, since: int | None = None) -> None:
        self.trace = trace
        self.event = event
        self.frame = trace.frame(event)
        self.bound = trace.bindings_at(event, self.frame)
        self._file = trace.site(event).file
        own = trace.events_of[id(self.frame)]
        place = bisect_left(own, event)
        first = place if since is None else bisect_left(own, since)
        if since is None:  # back to the line that runs
            while first > 0:
                first -= 1
                if trace.kind(own[first]) in (Kind.LINE, Kind.CALL):
                    break
        self.since = own[first]
        self._parts = own[first:place]

    def operand(self, node: ast.expr) -> Operand:
        """A node with its value and where that was made."""
        text = text_of(node)
        found = self.event_of(node)
        if found is not None:
            text = self.trace.site(found).source
            return Operand(text, self.trace.value(found), found, self.trace.site(found).span)
        value = self.raw(node)
        if value is UNKNOWN:
            return Operand(text, None)
        return Operand(text, self.then(value), self.made(value))

    def event_of(self, node: ast.expr) -> int | None:
        """The event at which this part of the statement was evaluated, if it has one."""
        if isinstance(node, (ast.Name, ast.Constant)):
            return None
        wanted = text_of(node)
        for event in reversed(self._parts):
            site = self.trace.site(event)
            if site.kind is Kind.EXPRESSION and _normal(site.source) == wanted:
                return event
        return None

    def value(self, node: ast.expr) -> Any:
        """A node's value as of this event; `UNKNOWN` where it cannot be told."""
        found = self.event_of(node)
        return self.then(self.raw(node)) if found is None else self.trace.value(found)

    def then(self, value: Any) -> Any:
        """A live value as it was at this event."""
        return value if value is UNKNOWN else self.trace.as_of(value, self.event)

    def raw(self, node: ast.expr) -> Any:
        """The very object that a name, constant or stored attribute stood for."""
        found = self.event_of(node)
        if found is not None:
            return self.trace.raw(found)
        if isinstance(node, ast.Name):
            if node.id in self.bound:
                return self.bound[node.id][1]
            return _module_of(self._file).get(node.id, getattr(builtins, node.id, UNKNOWN))
        if isinstance(node, ast.Attribute):
            return self._attribute(self.raw(node.value), node.attr)
        if isinstance(node, ast.Starred):
            return self.raw(node.value)
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return UNKNOWN

    def _attribute(self, thing: Any, name: str) -> Any:
        if thing is UNKNOWN:
            return UNKNOWN
        if inspect.ismodule(thing) or isinstance(thing, type):
            return vars(thing).get(name, getattr(thing, name, UNKNOWN))
        if isinstance(thing, (np.ndarray, np.generic)):
            return getattr(thing, name, UNKNOWN)
        stored = self.trace.history.attributes_at(thing, self.event)
        if name in stored:
            return stored[name]
        kept = inspect.getattr_static(thing, name, UNKNOWN)
        return UNKNOWN if isinstance(kept, property) else kept

    def made(self, value: Any) -> int | None:
        """The event before this one at which an array was made, to go there; None: it is older."""
        if not isinstance(value, np.ndarray):
            return None
        event = _makers(self.trace).get(id(value))
        return event if event is not None and event < self.event else None


@lru_cache(maxsize=4096)
def _normal(source: str) -> str:
    node = parse_expression(source)
    return source if node is None else ast.unparse(node)


_made: WeakKeyDictionary[Trace, dict[int, int]] = WeakKeyDictionary()


def _makers(trace: Trace) -> dict[int, int]:
    """By id of an array the first expression event that had it as its value, and computed it."""
    known = _made.get(trace)
    if known is None:
        known = {}
        for event in range(len(trace)):
            value = trace.raw(event)
            if isinstance(value, np.ndarray) and trace.kind(event) is Kind.EXPRESSION:
                known.setdefault(id(value), event)
        _made[trace] = known
    return known
