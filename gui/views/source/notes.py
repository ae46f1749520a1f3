"""The notes beside the source: the value of each line, from the variables at the cursor.

The note of an earlier line shows the current value of the line's name. So only the last line that
set the name has a note, and only if that line must have run before the cursor: it is an earlier
sibling of the current statement or of a block around it, with no branch or loop in between that
sets the name, too.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.events import Event, Kind
from engine.debug.instrument.parsing import unwarned
from engine.debug.snapshots.snapshot import Group, Snapshot
from gui.paint.values import array_text, brief, exception_text, tuple_text, type_text

translate = QCoreApplication.translate
Shape = tuple[int, ...]
Lookup = Callable[[str], Any]
Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign
NOT_IN_SIGHT = object()


@dataclass(frozen=True, slots=True)
class Note:
    """A pill at the end of a line.

    Attributes:
        texts: from the fullest to the shortest; the first that fits is shown.
        current: whether it is about the cursor's event, and has its phase's colour.
        error: whether it is about an exception.
    """

    line: int
    texts: tuple[str, ...]
    current: bool = False
    error: bool = False


def notes_of(snapshot: Snapshot, tree: ast.Module | None) -> list[Note]:
    """The notes for the file of the cursor's event; `tree` is that file parsed, or None."""
    found = []
    if tree is not None:
        found += earlier_notes(snapshot, tree)
    current = current_note(snapshot)
    if current is not None:
        found = [note for note in found if note.line != current.line] + [current]
    return found


def current_note(snapshot: Snapshot) -> Note | None:
    """The note of the cursor's event; None for a line that is about to run."""
    event = snapshot.event
    line = event.span.end_line
    if event.kind is Kind.EXCEPTION and isinstance(event.value, BaseException):
        name = type(event.value).__name__
        return Note(line, (exception_text(event.value), name), current=True, error=True)
    texts = _current_texts(event, snapshot)
    return Note(line, texts, current=True) if texts else None


def _current_texts(event: Event, snapshot: Snapshot) -> tuple[str, ...]:
    if event.kind is Kind.CALL:
        return _call_texts(event.value)
    if event.kind is Kind.RETURN:
        return (translate("notes", "returns {0}").format(brief(event.value)),)
    if event.kind is Kind.EXPRESSION:
        node = _expression(event.source)
        lookup = {variable.name: variable.value for variable in snapshot.variables}
        full = None
        if node is not None:
            full = operation_text(node, event.value, lambda name: lookup.get(name, NOT_IN_SIGHT))
        short = f"→ {brief(event.value)}"
        return (full, short) if full else (short,)
    return ()


def _call_texts(arguments: Any) -> tuple[str, ...]:
    word = translate("notes", "call")
    if not isinstance(arguments, Mapping):
        return (word,)
    given = [f"{name} {brief(value)}" for name, value in arguments.items() if name != "self"]
    return (f"{word}  {', '.join(given)}", word) if given else (word,)


@lru_cache(maxsize=512)
def _expression(source: str) -> ast.expr | None:
    """The expression in a piece of source, or None if it cannot be parsed alone."""
    try:
        with unwarned():
            return ast.parse(f"({source}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def operation_text(node: ast.expr, value: Any, lookup: Lookup) -> str | None:
    """`(100, 784) @ (784, 50) → (100, 50)` for an operator between arrays of known shapes."""
    if not isinstance(node, ast.BinOp) or not isinstance(value, np.ndarray):
        return None
    sign = _SIGNS.get(type(node.op))
    left, right = shape_of(node.left, lookup), shape_of(node.right, lookup)
    if sign is None or left is None or right is None or not (left and right):
        return None
    return f"{tuple_text(left)} {sign} {tuple_text(right)} → {tuple_text(value.shape)}"


_SIGNS: dict[type[ast.operator], str] = {
    ast.MatMult: "@",
    ast.Add: "+",
    ast.Sub: "−",
    ast.Mult: "×",
    ast.Div: "÷",
    ast.Pow: "**",
}


def shape_of(node: ast.expr, lookup: Lookup) -> Shape | None:
    """The shape of an expression of names in scope, numbers, `.T` and operators, else None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return ()
    if isinstance(node, ast.UnaryOp):
        return shape_of(node.operand, lookup)
    if isinstance(node, ast.BinOp):
        left, right = shape_of(node.left, lookup), shape_of(node.right, lookup)
        if left is None or right is None:
            return None
        return _result_shape(isinstance(node.op, ast.MatMult), left, right)
    if isinstance(node, ast.Name | ast.Attribute):
        found = lookup(_text(node))
        if found is not NOT_IN_SIGHT:
            return found.shape if isinstance(found, np.ndarray | np.generic) else _scalar(found)
        if isinstance(node, ast.Attribute) and node.attr == "T":
            inner = shape_of(node.value, lookup)
            return inner[::-1] if inner is not None else None
    return None


@lru_cache(maxsize=2048)
def _text(node: ast.expr) -> str:
    return ast.unparse(node)


def _scalar(value: object) -> Shape | None:
    return () if isinstance(value, int | float) else None


def _result_shape(matmul: bool, left: Shape, right: Shape) -> Shape | None:
    if matmul:
        agree = len(left) == len(right) == 2 and left[1] == right[0]
        return (left[0], right[1]) if agree else None
    try:
        return np.broadcast_shapes(left, right)
    except ValueError:
        return None


def earlier_notes(snapshot: Snapshot, tree: ast.Module) -> list[Note]:
    """Notes for the lines of the running function that set a name still in scope."""
    event = snapshot.event
    function = _function_at(tree, event.frame.first_line, event.line)
    if function is None:
        return []
    # The previous batch's values were set by the same lines, but not in this run of them.
    lookup = {
        variable.name: variable.value
        for variable in snapshot.variables
        if not variable.stale and variable.group is not Group.CURSOR
    }
    last, changed = _last_assignments(function, event.line)
    found = []
    for name, statement in last.items():
        value = lookup.get(name)
        if isinstance(value, np.ndarray):
            later = {other for other, s in last.items() if s.lineno >= statement.lineno}
            texts = _texts_of(statement, value, lookup, changed | later)
            found.append(Note(statement.end_lineno or statement.lineno, texts))
    return found


def _texts_of(
    statement: Assignment,
    value: np.ndarray[Any, Any],
    lookup: Mapping[str, Any],
    changed: set[str],
) -> tuple[str, ...]:
    """The texts about an assignment's value, without operands that may have changed since."""

    def unchanged(name: str) -> Any:
        return NOT_IN_SIGHT if name in changed else lookup.get(name, NOT_IN_SIGHT)

    result = statement.value
    shape = array_text(value.shape) or brief(value)
    if isinstance(statement, ast.AugAssign) or not isinstance(result, ast.Name | ast.Attribute):
        full = operation_text(result, value, unchanged) if isinstance(result, ast.BinOp) else None
        return (full, f"→ {shape}") if full else (f"→ {shape}",)
    return (f"{shape}  {type_text(value)}", shape)


def _function_at(
    tree: ast.Module, first_line: int, line: int
) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The innermost function around a line, if it is the frame's; decorators may come first."""
    innermost = None
    for start, function in _functions(tree):
        if start <= line <= (function.end_lineno or function.lineno):
            innermost = function, start
    if innermost is None or not innermost[1] <= first_line <= innermost[0].body[0].lineno:
        return None
    return innermost[0]


@lru_cache(maxsize=64)
def _functions(tree: ast.Module) -> list[tuple[int, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The functions of a file with their first lines, outer functions before inner functions."""
    return [
        (min([node.lineno, *(d.lineno for d in node.decorator_list)]), node)
        for node in ast.walk(tree)  # breadth first
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@lru_cache(maxsize=512)
def _last_assignments(
    function: ast.FunctionDef | ast.AsyncFunctionDef, line: int
) -> tuple[dict[str, Assignment], set[str]]:
    """For each name, the last assignment that must have set it before `line` runs.

    Also the names that may have been set more than once.
    """
    last: dict[str, Assignment] = {}
    changed: set[str] = set()
    for statement in _before(function.body, line):
        stored = _stored(statement)
        changed |= stored & last.keys()
        for name in stored:
            last.pop(name, None)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            last |= dict.fromkeys(stored & {ast.unparse(statement.targets[0])}, statement)
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign) and statement.value is not None:
            last |= dict.fromkeys(stored, statement)
        else:
            changed |= stored
    return last, changed


def _before(body: Sequence[ast.stmt], line: int) -> Iterator[ast.stmt]:
    """The statements before the statement at `line`; a block around it comes before its content."""
    for statement in body:
        if (statement.end_lineno or statement.lineno) >= line:
            if statement.lineno < line:
                for block in _blocks(statement):
                    if block[0].lineno <= line <= (block[-1].end_lineno or block[-1].lineno):
                        # A loop may have set names further down, in its previous round.
                        yield statement
                        yield from _before(block, line)
            return
        yield statement


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for field in ("body", "orelse", "finalbody"):
        block = getattr(statement, field, None)
        if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
            yield block
    for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield branch.body


def _stored(statement: ast.stmt) -> set[str]:
    """The names and attributes that a statement sets or deletes anywhere inside."""
    return {
        ast.unparse(node)
        for node in ast.walk(statement)
        if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    }
