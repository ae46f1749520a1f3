"""The next read of a variable after the cursor: the operation that takes it as an operand.

An expression reads its operands. A call reads its arguments. A statement reads the names that no
expression event covers, such as the `x` of `self.x = x` or the `W` of `W -= lr * dW`. The event of
a read is the first event after the read, as for a write.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.debug.events import Kind, Position
from engine.debug.explain.scene import Scene
from engine.debug.queries.last_write import returning
from engine.debug.queries.variable import (
    TracedVariable,
    VariableHistory,
    parameter_in_scope,
    variable_in_scope,
)
from engine.debug.reach.placeholders import MISSING
from engine.debug.record.syntax import syntax_of
from engine.debug.record.trace import Trace
from engine.debug.travel.cursor import Cursor
from engine.debug.travel.pace import CancelCallback, Pace, ProgressCallback, pace_of
from engine.errors import BadValue

# The expressions in these are evaluated later, with events of their own or none.
_APART = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)


def next_read(
    cursor: Cursor,
    name: str,
    cells: str = "",
    progress: ProgressCallback = None,
    cancel: CancelCallback = None,
) -> Position | None:
    """The next event after the cursor at which a variable is read; the cursor stays.

    An array is read by an operation that has it, or a view of its memory, as an operand, under any
    name. For other values the variable itself must be read. For a parameter, later batches that
    have run are searched, too. A read of any cells counts as a read of the array: `W[0]` reads `W`.

    Args, raises: as `last_write`.

    Returns:
        the position. None if the variable is not read as far as the run reaches, or the search was
        cancelled.
    """
    start, pace = cursor.position, pace_of(progress, cancel)
    with cursor.whole_trace() as trace:
        variable = variable_in_scope(cursor, name)
        if cells.strip():
            VariableHistory(trace, variable).cells(start.event, cells)
        found = _read_in(trace, start.batch, variable, start.event, pace)
    if found is not None or pace.called_off:
        return found
    try:
        parameter = parameter_in_scope(cursor, name)
    except BadValue:
        return None
    with returning(cursor):
        for batch in range(start.batch + 1, cursor.reach):
            cursor.goto(batch)
            with cursor.whole_trace() as trace:
                variable = variable_in_scope(cursor, parameter)
                found = _read_in(trace, batch, variable, -1, pace)
            if found is not None or pace.called_off:
                return found
    return None


def _read_in(
    trace: Trace, batch: int, variable: TracedVariable, after: int, pace: Pace
) -> Position | None:
    """The first read in a batch, after an event, of the value that a variable has at that event."""
    reader = _Reader(variable, VariableHistory(trace, variable).raw(max(after, 0)))
    for event in range(after + 1, len(trace)):
        if reader.reads_at(trace, event):
            return Position(batch, event)
        if pace.stops(batch):
            return None
    return None


class _Reader:
    """Tells whether an event reads a variable."""

    def __init__(self, variable: TracedVariable, value: Any) -> None:
        self._variable, self._value = variable, value

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
            # The call event counts arrays as read. Other arguments count here.
            return not isinstance(self._value, np.ndarray) and self._takes(
                Scene(trace, event), tree
            )
        return tree is not None and self._takes(Scene(trace, event), tree)

    def _ends_statement(self, trace: Trace, event: int) -> bool:
        """Whether the statement that ended before an event reads it outside of any expression."""
        own = trace.events_of[id(trace.frame(event))]
        earlier = (own[place] for place in range(bisect_left(own, event) - 1, -1, -1))
        line = next((e for e in earlier if trace.kind(e) is Kind.LINE), None)
        tree = None if line is None else syntax_of(trace.site(line))
        # Its names have the values from before the statement bound them.
        scene = Scene(trace, event, named=event - 1)
        return tree is not None and self._takes(scene, tree, parts=False)

    def _is_recorded(self, trace: Trace, event: int) -> bool:
        """Whether the call that an event completes has recorded events."""
        if event == 0 or trace.kind(event - 1) is not Kind.RETURN:
            return False
        return trace.frame(event - 1).parent is trace.frame(event)

    def _takes(self, scene: Scene, tree: ast.AST, parts: bool = True) -> bool:
        """Whether an operation has it as an operand, by name or (with `parts`) computed."""
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
        variable = self._variable  # compare the variable: equal numbers may be one object
        if variable.keys:
            return isinstance(node, ast.Subscript)
        if isinstance(node, ast.Name):
            return node.id == variable.name and scene.frame is variable.frame
        if not isinstance(node, ast.Attribute) or node.attr != variable.name:
            return False
        return scene.raw(node.value) is variable.owner

    def _is_array(self, value: Any) -> bool:
        """Whether a value is the array, or a view of its memory."""
        known = self._value
        both = isinstance(value, np.ndarray) and isinstance(known, np.ndarray)
        return both and bool(np.may_share_memory(value, known))


def _operands(tree: ast.AST) -> Iterator[ast.expr]:
    """The direct operands of an expression or a statement, without the targets of assignments."""
    if isinstance(tree, ast.AugAssign):  # reads its target, too
        target = tree.target
        if isinstance(target, ast.Name):
            yield ast.copy_location(ast.Name(target.id, ast.Load()), target)
        else:
            yield target.value
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (*_APART, ast.stmt)):
            continue
        if isinstance(child, ast.keyword) and child.arg == "out":  # a target
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
