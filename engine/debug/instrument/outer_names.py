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
        shared: those that may be bound by another function while it runs: by `nonlocal`, by `:=` in
            a generator expression, or by a generator that it resumes.
        free: its other free variables, which stay what they are while it runs.
        cells: its own variables among these, and those that it declares nonlocal.
        global_names: global variables, but not those that the file binds by `import`, `def` or
            `class`, and not the built-in ones.
    """

    shared: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    cells: frozenset[str] = frozenset()
    global_names: tuple[str, ...] = ()


def outer_names_in(text: str, file: str, tree: ast.Module) -> dict[tuple[str, int], OuterNames]:
    """The outer variables of each function, by its name and line."""
    found: dict[tuple[str, int], OuterNames] = {}
    module = symtable.symtable(text, file, "exec")
    code = {s.get_name() for s in module.get_symbols() if s.is_namespace()} | _modules_in(tree)
    bound = {s.get_name() for s in module.get_symbols() if s.is_local() or s.is_assigned()}
    left_out = code | (set(dir(builtins)) - bound - _NAMESPACE)
    generators = set(_generators_in(tree))
    rebound_somewhere = _rebound_in(module)

    def walk(table: symtable.SymbolTable, resumed: frozenset[str]) -> frozenset[str]:
        outer = resumed
        if isinstance(table, symtable.Function):
            own = frozenset(table.get_locals())
            is_generator = (table.get_name(), table.get_lineno()) in generators
            resumed = resumed | own if is_generator else resumed - own
        inner = frozenset[str]().union(*(walk(child, resumed) for child in table.get_children()))
        if not isinstance(table, symtable.Function):
            return inner
        rebound = _rebound_by(table)
        free = frozenset(table.get_frees()) - {"__class__"}
        shared = inner | (free & (rebound_somewhere | outer))
        names = tuple(dict.fromkeys(name for name in _globals_of(table) if name not in left_out))
        own &= inner
        found[table.get_name(), table.get_lineno()] = OuterNames(
            shared, free - shared, own | rebound, names
        )
        return (inner - own) | rebound

    walk(module, frozenset())
    return found


def _rebound_by(table: symtable.SymbolTable) -> frozenset[str]:
    """The variables of enclosing functions that a function binds."""
    if table.get_name() in _COMPREHENSIONS:
        return frozenset()
    return frozenset(s.get_name() for s in table.get_symbols() if s.is_nonlocal())


def _rebound_in(table: symtable.SymbolTable) -> frozenset[str]:
    """The variables that any function in a table binds in an enclosing one."""
    return _rebound_by(table).union(*(_rebound_in(child) for child in table.get_children()))


def _generators_in(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The name and line of each function with a `yield`, maybe of a nested function's."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and any(
            isinstance(inner, (ast.Yield, ast.YieldFrom, ast.Await)) for inner in ast.walk(node)
        ):
            yield node.name, node.lineno


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
