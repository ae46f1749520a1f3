"""Makes the formula of a stop from the syntax of its line."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from engine.debug.events import Kind, Phase, Span
from engine.debug.explain.operation import Form, Operation
from engine.debug.instrument.sites import Site
from engine.debug.record.syntax import span_of, syntax_of, text_of
from engine.debug.snapshots.snapshot import Group, Snapshot
from gui.paint.values import is_scalar
from gui.words.formula.formula import Formula
from gui.words.formula.names import Around, is_everything
from gui.words.formula.pieces import (
    COMMA,
    Piece,
    Rank,
    indexed,
    numeral,
    row,
    running,
    sign,
    words,
)
from gui.words.formula.roles import result_of, roles_of
from gui.words.formula.scope import Scope
from gui.words.formula.writer import Writer
from gui.words.saying import number

_STORES = (ast.Assign, ast.AnnAssign, ast.AugAssign)
_STORED = (Form.IN_PLACE, Form.ASSIGNMENT)  # at the event after such a statement


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """The statement that a stop is about.

    Attributes:
        runs: the part of it that runs now; None for its whole right side.
        is_done: whether the whole right side has been computed.
        operation: of the stop, if it belongs to the statement.
    """

    statement: ast.expr | ast.stmt
    runs: Span | None
    is_done: bool
    operation: Operation | None


def formula_of(snapshot: Snapshot) -> Formula | None:
    """The formula at the cursor; None where the line computes nothing."""
    line = _line_of(snapshot)
    if line is None:
        return None
    value = _computed(line)
    if value is None:
        return None
    try:
        return _Composer(snapshot, line, value).formula()
    except RecursionError:  # an expression that is nested very deeply
        return None


# The statement -------------------------------------------------------------------------------


def _line_of(snapshot: Snapshot) -> _Line | None:
    event, operation, ran = snapshot.event, snapshot.operation, snapshot.ran
    if operation is None or event.kind is Kind.CALL:
        return None
    if event.kind is Kind.RETURN:
        last = _tree(event.source, event.span)
        stores = operation.form in _STORED and isinstance(last, _STORES)
        if last is not None and (stores or isinstance(last, ast.Return)):
            return _Line(last, None, True, operation)
        return None
    if event.kind is Kind.LINE:
        if ran is not None and ran.span is not None and ran.source == operation.source:
            stored = _tree(ran.source, ran.span)
            if operation.form in _STORED and isinstance(stored, _STORES):
                return _Line(stored, None, True, operation)
        coming = _tree(event.source, event.span)
        return None if coming is None else _Line(coming, None, False, None)
    return _of_expression(snapshot, operation)


def _of_expression(snapshot: Snapshot, operation: Operation) -> _Line | None:
    event = snapshot.event
    tree = None if snapshot.statement is None else _tree(*snapshot.statement)
    if tree is None or _value_of(tree) is None or not _has(tree, event.span):
        tree = _tree(event.source, event.span)  # such as in a function without lines
    value = None if tree is None else _value_of(tree)
    if tree is None or value is None:
        return None
    stores = not isinstance(tree, ast.AugAssign)
    computed = stores and event.kind is Kind.EXPRESSION and span_of(value) == event.span
    return _Line(tree, event.span, computed, operation)


def _has(tree: ast.AST, span: Span) -> bool:
    whole = span_of(tree)
    return whole[:2] <= span[:2] and span[2:] <= whole[2:]


@lru_cache(maxsize=1 << 12)
def _tree(source: str, span: Span) -> ast.expr | ast.stmt | None:
    """The syntax of a piece of source, with positions in the file."""
    for kind in (Kind.LINE, Kind.EXPRESSION):
        site = Site(kind, "", "", span, source, Phase.FORWARD, ast.Pass())
        try:
            tree = syntax_of(site)
        except (RecursionError, MemoryError):
            return None
        if tree is not None:
            return tree
    return None


def _value_of(tree: ast.AST) -> ast.expr | None:
    """What a statement computes."""
    match tree:
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Return() | ast.Expr():
            return tree.value
        case ast.If() | ast.While() | ast.Assert():
            return tree.test
        case ast.For():
            return tree.iter
        case ast.With(items=[item]):
            return item.context_expr
        case ast.expr():
            return tree
    return None


def _computed(line: _Line) -> ast.expr | None:
    """What the line computes; None for a constant, a test of a name, and a loop's header."""
    value = _value_of(line.statement)
    if isinstance(line.statement, (ast.For, ast.With)) and line.runs is None:
        return None
    tests = isinstance(line.statement, (ast.If, ast.While, ast.Assert))
    if tests and isinstance(value, (ast.Name, ast.Attribute)) and line.runs is None:
        return None
    into = any(isinstance(target, ast.Subscript) for target in _targets(line.statement))
    if into or isinstance(line.statement, ast.AugAssign):
        return value
    if isinstance(value, (ast.Constant, ast.Dict, ast.JoinedStr, ast.Lambda, ast.Set)):
        return None
    if isinstance(value, (ast.List, ast.Tuple)) and not value.elts:
        return None
    return value


# The formula ---------------------------------------------------------------------------------


class _Composer:
    """Puts the formula of a line together."""

    def __init__(self, snapshot: Snapshot, line: _Line, value: ast.expr) -> None:
        self._snapshot, self._line, self._value = snapshot, line, value
        statement = line.statement
        self._targets = list(_targets(statement))
        self._operation = line.operation
        variables = _variables(snapshot)
        is_stored = line.is_done and snapshot.event.kind in (Kind.LINE, Kind.RETURN)
        # An array that was changed in place has the same shape as before.
        is_stored = is_stored and not isinstance(statement, ast.AugAssign)
        replaced = {text_of(target) for target in self._targets} if is_stored else set()
        operands = () if self._operation is None else self._operation.operands
        scope = Scope(variables, operands, frozenset(replaced))
        parts = [statement] if isinstance(statement, ast.expr) else [value, *self._targets]
        names = {n.id for part in parts for n in ast.walk(part) if isinstance(n, ast.Name)}
        around = Around(_owner(snapshot), frozenset(names), roles_of(snapshot, variables))
        self._writer = Writer(scope, around, line.runs)

    def formula(self) -> Formula:
        """The formula of the line."""
        parts = self._left()
        right = self._right()
        if not self._writer.is_marked:
            right = running(right)
        parts += [right, *self._result()]
        whole = row(parts, Rank.LIST)
        xml = f'<math display="block">{whole.xml}</math>'
        return Formula(xml, tuple(self._writer.symbols))

    # The left side -------------------------------------------------------------------------------

    def _left(self) -> list[str | Piece]:
        statement = self._line.statement
        if isinstance(statement, ast.Return):
            place = result_of(self._snapshot)
            return [self._writer.place(place, *self._stored()), sign("=")]
        parts: list[str | Piece] = []
        given = statement.targets if isinstance(statement, ast.Assign) else self._targets
        for target in given:
            parts += [self._target(target), sign(self._arrow(target))]
        return parts

    def _arrow(self, target: ast.expr) -> str:
        """← into what is there already, = for a new name."""
        if isinstance(self._line.statement, ast.AugAssign) or isinstance(target, ast.Subscript):
            return "←"
        parts = [n for n in ast.walk(self._value) if isinstance(n, (ast.Name, ast.Attribute))]
        return "←" if text_of(target) in map(text_of, parts) else "="

    def _target(self, target: ast.expr) -> Piece:
        if isinstance(target, (ast.Tuple, ast.List)):
            parts: list[str | Piece] = []
            for element in target.elts:
                if parts:
                    parts.append(COMMA)
                parts.append(self._target(element))
            return row(parts, Rank.LIST)
        return self._written(target, is_target=True)

    def _stored(self, target: ast.expr | None = None) -> tuple[Any, bool]:
        """What is stored so far into a target, and whether it is the operation's result."""
        line = self._line
        after = line.is_done and self._snapshot.event.kind in (Kind.LINE, Kind.RETURN)
        into = target is not None and target not in self._targets  # cells of an array
        whole = line.is_done and len(self._targets) <= 1 and (after or not into)
        if whole and line.operation is not None:
            return line.operation.result, True
        if target is not None and (after or into or isinstance(line.statement, ast.AugAssign)):
            return self._writer.scope.now(target), False
        return None, False

    def _written(self, target: ast.expr, is_target: bool) -> Piece:
        """A target, or the old value of one that changes in place."""
        writer = self._writer
        if writer.is_symbol(target):
            if is_target:
                return writer.target(target, *self._stored(target))
            return writer.symbol(target)
        if not isinstance(target, ast.Subscript):
            return writer.write(target)
        if is_everything(target.slice):
            return self._written(target.value, is_target)
        base = self._written(target.value, is_target)
        return indexed(base, writer.index(target.slice))

    # The right side ------------------------------------------------------------------------------

    def _right(self) -> Piece:
        statement, writer = self._line.statement, self._writer
        if not isinstance(statement, ast.AugAssign):
            return writer.write(self._value)
        old = self._written(statement.target, is_target=False)
        times = writer.times(statement.target, self._value)
        return writer.joined(statement.op, old, writer.write(self._value), times)

    def _result(self) -> list[str | Piece]:
        """The result, if it is one number."""
        operation = self._operation
        if not self._line.is_done or operation is None or len(self._targets) > 1:
            return []
        text = _number_text(operation.result)
        if not text:
            return []
        if isinstance(operation.result, (bool, np.bool_)):
            return [sign("→"), words(text)]
        stored = isinstance(self._line.statement, ast.Assign)
        if stored and isinstance(self._value, ast.Constant):
            return []  # no `a[0] ← 1 = 1`
        return [sign("="), numeral(text)]


def _variables(snapshot: Snapshot) -> Mapping[str, Any]:
    """The variables in scope, and the numbers that the class of `self` has, such as a rate."""
    owner = snapshot.event.frame.owner
    found: dict[str, Any] = {}
    for kind in () if owner is None else reversed(type(owner).__mro__):
        found |= {f"self.{n}": v for n, v in vars(kind).items() if type(v) in (int, float)}
    return found | {v.name: v.value for v in snapshot.variables if v.group is not Group.CURSOR}


def _owner(snapshot: Snapshot) -> str:
    """The layer at the cursor, or the class of the object whose method runs, or ""."""
    frame = snapshot.event.frame
    return frame.layer or ("" if frame.owner is None else type(frame.owner).__name__)


def _number_text(value: Any) -> str:
    """A number as it is written at a formula; "" for anything else."""
    if value is None or isinstance(value, str) or not is_scalar(value):
        return ""
    return number(value)


def _targets(statement: ast.AST) -> Iterator[ast.expr]:
    """What a statement stores into, one by one."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _ends(target)
    elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        yield statement.target


def _ends(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _ends(element)
    else:
        yield target
