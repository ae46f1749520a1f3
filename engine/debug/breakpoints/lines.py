"""The lines of a source file at which a run can stop."""

from __future__ import annotations

import ast
from functools import lru_cache

from engine.debug.instrument.parsing import unwarned

# Raised by parsing a text that is not Python; the last two if it is nested too deeply.
NO_PROGRAM = (SyntaxError, ValueError, RecursionError, MemoryError)


@lru_cache(maxsize=64)
def running_lines(file: str, text: str) -> tuple[int, ...]:
    """The lines, from 1 and in order, on which statements within functions begin."""
    found: set[int] = set()
    declarations = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Global, ast.Nonlocal)

    def walk(node: ast.AST, inside: bool) -> None:
        for child in ast.iter_child_nodes(node):
            is_docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if inside and isinstance(child, ast.stmt) and not isinstance(child, declarations):
                found.update(() if is_docstring else (child.lineno,))
            walk(child, inside or isinstance(child, ast.FunctionDef))

    with unwarned():
        tree = ast.parse(text, file)
    walk(tree, False)
    return tuple(sorted(found))
