"""The names in scope at a line, read from the source before anything runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from engine.debug.instrument.parsing import unwarned
from engine.debug.instrument.twin import read_source

NUMBERS = frozenset({"batch", "epoch"})  # a condition can use these everywhere

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class ConditionScope:
    """The names that a condition can use at a line.

    Attributes:
        names: `batch`, `x`, `self.W`.
        is_open: whether `self` may have attributes that this file does not show, because a base
            class is defined elsewhere.
    """

    names: frozenset[str]
    is_open: bool

    def has(self, name: str) -> bool:
        """Whether a name is in scope, or may be."""
        return name in self.names or (self.is_open and name.startswith("self."))


def scope_at(file: str, line: int) -> ConditionScope:
    """The names in scope at a line of a file.

    Raises:
        OSError, SyntaxError: the file cannot be read.
    """
    return _scope_at(file, read_source(file), line)


@lru_cache(maxsize=64)
def _scope_at(file: str, text: str, line: int) -> ConditionScope:
    with unwarned():
        tree = ast.parse(text, file)
    function, owner = _enclosing(tree, line)
    if function is None:
        return ConditionScope(NUMBERS, False)
    names = set(NUMBERS) | set(_locals_of(function))
    is_open = False
    classes = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    waiting, seen = [owner] if owner is not None else [], set()
    while waiting:
        cls = waiting.pop()
        seen.add(cls.name)
        names |= {f"self.{name}" for name in _attributes_of(cls)}
        for base in cls.bases:
            name = base.id if isinstance(base, ast.Name) else ""
            if name in classes and name not in seen:
                waiting.append(classes[name])
            elif name not in ("object", "Protocol", *seen):
                is_open = True
    return ConditionScope(frozenset(names - {"self"}), is_open)


def _enclosing(tree: ast.Module, line: int) -> tuple[Function | None, ast.ClassDef | None]:
    """The innermost function that contains a line, and the class of its method."""
    function: Function | None = None
    owner: ast.ClassDef | None = None
    node: ast.AST = tree
    while True:
        inner = next(
            (child for child in ast.iter_child_nodes(node)
             if isinstance(child, ast.stmt) and _spans(child, line)), None,
        )  # fmt: skip
        if inner is None:
            return function, owner
        if isinstance(inner, ast.ClassDef):
            function, owner = None, inner
        elif isinstance(inner, Function):
            function = inner
        node = inner


def _spans(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _locals_of(function: Function) -> Iterator[str]:
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                arguments.vararg, arguments.kwarg):  # fmt: skip
        if argument is not None:
            yield argument.arg
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _attributes_of(cls: ast.ClassDef) -> Iterator[str]:
    """The attributes of `self` that its methods store or read, and those that its body declares."""
    for node in ast.walk(cls):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                yield name
    for statement in cls.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id
        elif isinstance(statement, ast.Assign):
            yield from (t.id for t in statement.targets if isinstance(t, ast.Name))
