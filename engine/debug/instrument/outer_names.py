"""The names in each function of a file that mean variables outside of its own frame."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator
from dataclasses import dataclass

_COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp")
_WITHIN = (*_COMPREHENSIONS, "genexpr", "lambda")  # what they name, their function's code names
_NAMESPACE = frozenset({"exec", "eval", "globals"})  # they may store any global variable


@dataclass(frozen=True, slots=True)
class OuterNames:
    """The outer variables of a function.

    Attributes:
        shared: those that more than one function can bind: its free variables, and its own
            variables that a nested function (or generator expression) binds, by `nonlocal` or `:=`.
        cells: its own variables among these, and those that it declares nonlocal.
        global_names: global variables, but not those that the file binds by `import`, `def` or
            `class`, and not the built-in ones.
    """

    shared: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    global_names: tuple[str, ...] = ()


def outer_names_in(text: str, file: str, tree: ast.Module) -> dict[tuple[str, int], OuterNames]:
    """The outer variables of each function, by its name and line."""
    found: dict[tuple[str, int], OuterNames] = {}
    module = symtable.symtable(text, file, "exec")
    code = {s.get_name() for s in module.get_symbols() if s.is_namespace()} | _modules_in(tree)
    bound = {s.get_name() for s in module.get_symbols() if s.is_local() or s.is_assigned()}
    left_out = code | (set(dir(builtins)) - bound - _NAMESPACE)

    def walk(table: symtable.SymbolTable) -> frozenset[str]:
        inner = frozenset[str]().union(*(walk(child) for child in table.get_children()))
        if not isinstance(table, symtable.Function):
            return inner
        rebound = {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_nonlocal() and table.get_name() not in _COMPREHENSIONS
        }
        free = set(table.get_frees())
        shared = (inner | free) - {"__class__"}
        names = tuple(dict.fromkeys(name for name in _globals_of(table) if name not in left_out))
        own = inner.intersection(table.get_locals())
        found[table.get_name(), table.get_lineno()] = OuterNames(shared, own | rebound, names)
        return (inner - own) | rebound

    walk(module)
    return found


def _globals_of(table: symtable.SymbolTable) -> Iterator[str]:
    for symbol in table.get_symbols():
        if symbol.is_global() and (symbol.is_referenced() or symbol.is_assigned()):
            yield symbol.get_name()
    for child in table.get_children():
        if child.get_name() in _WITHIN:
            yield from _globals_of(child)


def _modules_in(tree: ast.Module) -> set[str]:
    """The names that `import` binds outside of functions."""
    found: set[str] = set()
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import):
            found.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending.extend(ast.iter_child_nodes(node))
    return found
