"""Rewriting of functions: a call event on entry, a return event at every end.

Only code inside functions has events. Outside, lambdas and default values report their overwrites,
and everything else stays as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any, cast

from engine.debug.events import Kind
from engine.debug.instrument.outer_names import OuterNames
from engine.debug.instrument.rewrite_base import (
    Scope,
    as_statement,
    closing_over,
    hook,
    name_node,
)
from engine.debug.instrument.rewrite_statements import StatementRewriter
from engine.debug.instrument.sites import SITES, TOKEN

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function, without those of nested scopes."""
    pending = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def _last_statement(node: ast.stmt) -> ast.stmt:
    """The last simple statement in a statement, in source order."""
    for part in ("finalbody", "orelse", "cases", "handlers", "body"):
        inside = getattr(node, part, None)
        if inside and not isinstance(node, _SCOPES):
            return _last_statement(inside[-1])
    return node


class FunctionRewriter(StatementRewriter):
    """Rewrites the functions of one file."""

    def rewrite(self, tree: ast.Module) -> ast.Module:
        """Rewrite the functions of a tree in place, and return the tree."""
        self._outside_functions(tree, "", "")
        return ast.fix_missing_locations(tree)

    def _outside_functions(self, node: ast.AST, prefix: str, class_name: str) -> None:
        """Rewrite the functions below a node; lambdas anywhere report their overwrites."""
        for name, value in ast.iter_fields(node):
            children = value if isinstance(value, list) else [value]
            for place, child in enumerate(children):
                if isinstance(child, ast.FunctionDef):
                    in_class = isinstance(node, ast.ClassDef)
                    self._header(child)
                    self._function(child, prefix, class_name, in_class)
                elif isinstance(child, ast.ClassDef):
                    self._outside_functions(child, f"{prefix}{child.name}.", child.name)
                elif isinstance(child, ast.expr):
                    if isinstance(value, list):
                        value[place] = self._e(child)
                    else:
                        setattr(node, name, self._e(child))
                elif isinstance(child, ast.AST) and not isinstance(
                    child, (ast.AsyncFunctionDef, ast.pattern)
                ):
                    self._outside_functions(child, prefix, class_name)

    def _header(self, node: ast.FunctionDef) -> None:
        """Rewrite decorators and defaults, which are evaluated in the enclosing scope."""
        node.decorator_list = [self._e(decorator) for decorator in node.decorator_list]
        self._defaults(node.args)
        made = ast.copy_location(ast.Name("<made>", ast.Load()), node)
        node.decorator_list.append(made)

    def _function(
        self, node: ast.FunctionDef, prefix: str, class_name: str, in_class: bool = False
    ) -> None:
        outer = self.scope
        own = list(_own_nodes(node))
        generator = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own)
        declared = [n for n in own if isinstance(n, (ast.Global, ast.Nonlocal))]
        outside = {name for n in declared for name in n.names}
        outer_names = self.outer_names.get((node.name, node.lineno), OuterNames())
        arguments = self._argument_names(node.args)
        cleanups = (ast.With, ast.Try, ast.TryStar)
        self.scope = Scope(
            qualname=f"{prefix}{node.name}",
            quiet=generator,
            returns_late=any(isinstance(n, cleanups) for n in own),
            outside=frozenset(outside),
            class_name=class_name,
            global_names=frozenset(
                name for n in declared if isinstance(n, ast.Global) for name in n.names
            ),
            cells=outer_names.cells,
        )
        body = node.body
        docstring = body[:1] if ast.get_docstring(node, clean=False) is not None else []
        end = _last_statement(body[-1])
        rest = self._block(body[len(docstring) :])
        if outer_names.cells:
            cells = closing_over(sorted(outer_names.cells), node)
            rest = [as_statement(hook("open cells", node, self._token(node), cells), node), *rest]
        if self.scope.global_names and (generator or not outer_names.global_names):
            rest = [as_statement(hook("open globals", node, self._token(node)), node), *rest]
        if not generator:
            rest = self._entered(node, arguments, rest, end, in_class)
        node.body = [*docstring, *rest] or [ast.copy_location(ast.Pass(), node)]
        self.scope = outer

    @staticmethod
    def _argument_names(arguments: ast.arguments) -> list[str]:
        every = [*arguments.posonlyargs, *arguments.args, arguments.vararg]
        every += [*arguments.kwonlyargs, arguments.kwarg]
        return [argument.arg for argument in every if argument is not None]

    def _entered(
        self,
        node: ast.FunctionDef,
        arguments: list[str],
        body: list[ast.stmt],
        end: ast.stmt,
        in_class: bool,
    ) -> list[ast.stmt]:
        """Add a call event before the body, and a return event if it can end without `return`."""
        last = node.body[-1]
        kinds = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
        owner: ast.expr = ast.copy_location(ast.Constant(None), node)
        positional = [*node.args.posonlyargs, *node.args.args]
        ownerless = kinds & {"staticmethod", "classmethod"}
        if positional and not ownerless and (in_class or positional[0].arg == "self"):
            owner = name_node(positional[0].arg, node)
        header = ast.copy_location(ast.Pass(), node)
        header.end_lineno, header.end_col_offset = self._end_of_header(node)
        site = self._site(Kind.CALL, header)
        outer_names = self.outer_names.get((node.name, node.lineno), OuterNames())
        SITES[-1].shared, SITES[-1].free = outer_names.shared, outer_names.free
        SITES[-1].global_names = outer_names.global_names
        enter = ast.copy_location(
            ast.Assign(
                [ast.Name(TOKEN, ast.Store())],
                hook(
                    "call", node, site, owner,
                    ast.Constant(cast(Any, tuple(arguments))),
                    ast.Tuple([name_node(name, node) for name in arguments], ast.Load()),
                ),
            ),
            node,
        )  # fmt: skip
        if not isinstance(last, (ast.Return, ast.Raise)):
            nothing = ast.copy_location(ast.Constant(None), end)
            body = [*body, as_statement(self._returned(end, nothing), end)]
        if self.scope.returns_late:
            leave = as_statement(hook("leave", last, self._token(last)), last)
            prepare = as_statement(hook("prepare to leave", node, self._token(node)), node)
            body = [prepare, ast.copy_location(ast.Try(body, [], [], [leave]), node)]
        return [enter, *body]

    def _s_FunctionDef(self, node: ast.FunctionDef) -> list[ast.stmt]:
        self._header(node)
        self._function(node, f"{self.scope.qualname}.<locals>.", self.scope.class_name)
        return [node, *self._bind([node.name], node)]

    def _s_ClassDef(self, node: ast.ClassDef) -> list[ast.stmt]:
        outer = self.scope
        self.scope = Scope(outer.qualname, True, False, frozenset(), node.name)
        self._outside_functions(node, f"{outer.qualname}.<locals>.{node.name}.", node.name)
        self.scope = outer
        return [node, *self._bind([node.name], node)]
