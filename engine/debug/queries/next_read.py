"""Who reads this next: from the cursor on, which operation takes it as an operand.

An expression reads what it has as an operand; a call, what it was passed; a statement, the names
that are in it alone, such as the `x` of `self.x = x` or the `W` of `W -= lr * dW`. The event of a
read is the first at which it has happened, as that of a write is.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.debug.events import Kind, Position
from engine.debug.explain.scene import Scene
from engine.debug.memory.undo_log import MISSING
from engine.debug.queries.last_write import returning
from engine.debug.queries.variable import (
    TracedVariable,
    VariableHistory,
    parameter_in_sight,
    thing_in_sight,
)
from engine.debug.record.syntax import syntax_of
from engine.debug.record.trace import Trace
from engine.debug.travel.cursor import Cursor
from engine.debug.travel.pace import Cancel, Pace, Progress, pace_of
from engine.errors import BadValue

# What is in these is evaluated in its own time, and reports by itself or not at all.
_APART = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)


def next_read(
    cursor: Cursor, name: str, cells: str = "", progress: Progress = None, cancel: Cancel = None
) -> Position | None:
    """The next event after the cursor at which something is read; the cursor stays.

    An array is read by whatever has it, or a view of its memory, as an operand, under any name; of
    other things the name itself must be read. Of a parameter the batches that have run after this
    one are looked through, too. A read of other cells of the array counts as well: `W[0]` reads the
    whole `W`.

    Args, raises: as `last_write`.

    Returns:
        the position, or None: it is not read as far as the run reaches, or it was cancelled.
    """
    came_from, pace = cursor.position, pace_of(progress, cancel)
    with cursor.whole_trace() as trace:
        thing = thing_in_sight(cursor, name)
        if cells.strip():
            VariableHistory(trace, thing).cells(came_from.event, cells)
        found = _read_in(trace, came_from.batch, thing, came_from.event, pace)
    if found is not None or pace.called_off:
        return found
    try:
        parameter = parameter_in_sight(cursor, name)
    except BadValue:
        return None
    with returning(cursor):
        for batch in range(came_from.batch + 1, cursor.reach):
            cursor.goto(batch)
            with cursor.whole_trace() as trace:
                thing = thing_in_sight(cursor, parameter)
                found = _read_in(trace, batch, thing, -1, pace)
            if found is not None or pace.called_off:
                return found
    return None


def _read_in(
    trace: Trace, batch: int, thing: TracedVariable, after: int, pace: Pace
) -> Position | None:
    """Where in a batch a thing is read first after an event, as it is at that event."""
    reader = _Reader(thing, VariableHistory(trace, thing).raw(max(after, 0)))
    for event in range(after + 1, len(trace)):
        if reader.reads_at(trace, event):
            return Position(batch, event)
        if pace.stops(batch):
            return None
    return None


class _Reader:
    """Tells whether an event reads a thing."""

    def __init__(self, thing: TracedVariable, value: Any) -> None:
        self._thing, self._value = thing, value

    def reads_at(self, trace: Trace, event: int) -> bool:
        """Whether a read has happened at an event, and not before it."""
        kind = trace.kind(event)
        if kind is Kind.CALL:
            passed = trace.frame(event).bindings[: len(trace.raw(event))]
            return any(name != "self" and self._is_array(value) for _, name, value in passed)
        if kind in (Kind.LINE, Kind.RETURN):
            return self._ends_statement(trace, event)
        tree = syntax_of(trace.site(event))
        if isinstance(tree, ast.Call) and self._is_recorded(trace, event):
            # An array was read when it was passed; whatever is passed besides counts now.
            return not isinstance(self._value, np.ndarray) and self._takes(
                Scene(trace, event), tree
            )
        return tree is not None and self._takes(Scene(trace, event), tree)

    def _ends_statement(self, trace: Trace, event: int) -> bool:
        """Whether the statement that has ended before an event reads it, with no other event."""
        own = trace.events_of[id(trace.frame(event))]
        earlier = (own[place] for place in range(bisect_left(own, event) - 1, -1, -1))
        line = next((e for e in earlier if trace.kind(e) is Kind.LINE), None)
        tree = None if line is None else syntax_of(trace.site(line))
        # Its names stand for what they did before it has bound them.
        scene = Scene(trace, event, named=event - 1)
        return tree is not None and self._takes(scene, tree, parts=False)

    def _is_recorded(self, trace: Trace, event: int) -> bool:
        """Whether the call that ends with an event has events of its own."""
        if event == 0 or trace.kind(event - 1) is not Kind.RETURN:
            return False
        return trace.frame(event - 1).parent is trace.frame(event)

    def _takes(self, scene: Scene, tree: ast.AST, parts: bool = True) -> bool:
        """Whether an operation has it as an operand, be it by name or (`parts`) computed."""
        for node in _operands(tree):
            computed = scene.event_of(node) is not None
            if (parts or not computed) and self._is(scene, node):
                return True
            if not computed and self._takes(scene, node, parts):
                return True
        return False

    def _is(self, scene: Scene, node: ast.expr) -> bool:
        value = scene.raw(node)
        if isinstance(self._value, np.ndarray):
            return self._is_array(value)
        if value is not self._value or value is MISSING:
            return False
        thing = self._thing  # numbers and the like are the same in many places
        if thing.keys:
            return isinstance(node, ast.Subscript)
        if isinstance(node, ast.Name):
            return node.id == thing.name and scene.frame is thing.frame
        if not isinstance(node, ast.Attribute) or node.attr != thing.name:
            return False
        return scene.raw(node.value) is thing.owner

    def _is_array(self, value: Any) -> bool:
        """Whether a value is the array, or looks at its memory."""
        known = self._value
        both = isinstance(value, np.ndarray) and isinstance(known, np.ndarray)
        return both and bool(np.may_share_memory(value, known))


def _operands(tree: ast.AST) -> Iterator[ast.expr]:
    """The expressions that an expression or a statement takes itself; not what it stores to."""
    if isinstance(tree, ast.AugAssign):  # takes what it stores to, too
        target = tree.target
        if isinstance(target, ast.Name):
            yield ast.copy_location(ast.Name(target.id, ast.Load()), target)
        else:
            yield target.value
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (*_APART, ast.stmt)):
            continue
        if isinstance(child, ast.keyword) and child.arg == "out":  # is written into
            continue
        if isinstance(getattr(child, "ctx", None), (ast.Store, ast.Del)):
            if isinstance(child, ast.Subscript):
                yield child.slice
            elif not isinstance(child, ast.Attribute):
                yield from _operands(child)
        elif isinstance(child, ast.expr):
            yield child
        else:
            yield from _operands(child)
