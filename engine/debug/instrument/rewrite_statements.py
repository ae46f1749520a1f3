"""Rewriting of statements: a line event before each, and a report of its bindings and overwrites.

A store by attribute or index becomes a call of a hook, which saves the old value first.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, cast

from engine.debug.events import Kind, Phase
from engine.debug.instrument.rewrite_base import as_statement, hook, name_node, names_in
from engine.debug.instrument.rewrite_expressions import ExpressionRewriter

PASS_OF_CALL = {
    "forward": Phase.FORWARD,
    "backward": Phase.BACKWARD,
    "update": Phase.UPDATE,
    "step": Phase.UPDATE,
}


class StatementRewriter(ExpressionRewriter):
    """Rewrites blocks of statements: `_s_For` and the like one kind of statement each."""

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [new for statement in statements for new in self._rewrite(statement)]

    def _rewrite(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            return [node]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return [node]
        self.scope.phase = self._phase_of(node)
        lines = [] if isinstance(node, ast.While) else self._line(node)
        rewrite = cast(
            "Callable[[ast.stmt], list[ast.stmt]] | None",
            getattr(self, f"_s_{type(node).__name__}", None),
        )
        if rewrite is None:
            return [*lines, node]
        return [*lines, *rewrite(node)]

    def _phase_of(self, node: ast.stmt) -> Phase:
        calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
        calls.sort(key=lambda call: (call.lineno, call.col_offset))
        for call in calls:
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in PASS_OF_CALL:
                return PASS_OF_CALL[name]
        return self.scope.phase

    def _line_hook(self, node: ast.stmt) -> ast.expr:
        end: ast.AST = node
        if hasattr(node, "body") or isinstance(node, ast.Match):  # the line event covers the header
            end = ast.copy_location(ast.Pass(), node)
            end.end_lineno, end.end_col_offset = self._end_of_header(node)
        return hook("line", node, self._token(node), self._site(Kind.LINE, node, end))

    def _line(self, node: ast.stmt) -> list[ast.stmt]:
        return [] if self.scope.quiet else [as_statement(self._line_hook(node), node)]

    def _bind(self, names: Iterable[str], node: ast.AST) -> list[ast.stmt]:
        names = list(names)
        logs = self._log_outside(names, node)
        own = tuple(name for name in names if name not in self.scope.outside)
        if not own or self.scope.quiet:
            return logs
        if len(own) == 1:
            name, value = ast.Constant(own[0]), name_node(own[0], node)
            bind = hook("bind one", node, self._token(node), name, value)
        else:
            values = ast.Tuple([name_node(name, node) for name in own], ast.Load())
            bind = hook("bind", node, self._token(node), ast.Constant(cast(Any, own)), values)
        return [as_statement(bind, node), *logs]

    def _s_Expr(self, node: ast.Expr) -> list[ast.stmt]:
        node.value = self._e(node.value)
        return [node]

    def _s_Return(self, node: ast.Return) -> list[ast.stmt]:
        value = self._e(node.value) if node.value else ast.copy_location(ast.Constant(None), node)
        if not self.scope.quiet:
            node.value = self._returned(node, value)
        elif node.value:
            node.value = value
        return [node]

    def _s_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        unpacks = isinstance(node.value, ast.Tuple) and all(
            isinstance(target, (ast.Tuple, ast.List)) for target in node.targets
        )
        value = self._e(node.value, report=not unpacks)
        if len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                return [as_statement(self._store(target, value, node), node)]
        node.value = value
        node.targets = [self._target(target) for target in node.targets]
        return [node, *self._bind(names_in(*node.targets), node)]

    def _store(
        self, target: ast.Attribute | ast.Subscript, value: ast.expr, node: ast.AST
    ) -> ast.expr:
        """A call that does a single store; value, object and index are evaluated in this order."""
        if isinstance(target, ast.Attribute):
            name = ast.Constant(self._mangled(target.attr))
            return hook(
                "set attribute", target, self._token(node), value, self._e(target.value), name
            )
        index = self._index(target.slice)
        return hook("set item", target, self._token(node), value, self._e(target.value), index)

    def _index(self, index: ast.expr) -> ast.expr:
        """A subscript's index as a value: `<index>[a:b, c]` evaluates to the index."""
        catcher = ast.copy_location(ast.Name("<index>", ast.Load()), index)
        return ast.copy_location(ast.Subscript(catcher, self._slice(index), ast.Load()), index)

    def _target(self, node: ast.expr) -> ast.expr:
        """A target, one of several, whose store is reported when Python evaluates it."""
        if isinstance(node, ast.Attribute):
            node.value = hook("attribute target", node, self._token(node), self._e(node.value))
        elif isinstance(node, ast.Subscript):
            index = self._index(node.slice)
            node.value = hook("item target", node, self._token(node), self._e(node.value), index)
            node.slice = ast.copy_location(ast.Constant(None), node)
        elif isinstance(node, (ast.Tuple, ast.List)):
            node.elts = [self._target(element) for element in node.elts]
        elif isinstance(node, ast.Starred):
            node.value = self._target(node.value)
        return node

    def _s_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        node.value = self._e(node.value)
        node.target = cast(Any, self._target(node.target))
        return [node, *self._bind(names_in(node.target), node)]

    def _s_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        """`a op= v` in Python's order: load, evaluate the value, operate in place, store."""
        operator = ast.Constant(type(node.op).__name__)
        target = node.target
        token = self._token(node)
        if isinstance(target, ast.Name):
            value = self._e(node.value)
            operate = hook("in place", node, token, operator, name_node(target.id, target), value)
            store = ast.copy_location(ast.Assign([target], operate), node)
            return [store, *self._bind([target.id], node)]
        if isinstance(target, ast.Attribute):
            name = ast.Constant(self._mangled(target.attr))
            loaded = hook("load attribute", target, token, self._e(target.value), name)
        else:
            loaded = hook(
                "load item", target, token, self._e(target.value), self._index(target.slice)
            )
        kind = "in place attribute" if isinstance(target, ast.Attribute) else "in place item"
        spread = ast.copy_location(ast.Starred(loaded, ast.Load()), target)
        return [as_statement(hook(kind, node, token, operator, spread, self._e(node.value)), node)]

    def _s_For(self, node: ast.For) -> list[ast.stmt]:
        node.iter = self._e(node.iter)
        if not self.scope.quiet:
            site = self._line_hook(node).args[1]  # type: ignore[attr-defined]
            node.iter = hook("iterate", node.iter, self._token(node), site, node.iter)
        node.target = self._target(node.target)
        node.body = [*self._bind(names_in(node.target), node.target), *self._block(node.body)]
        node.orelse = self._block(node.orelse)
        return [node]

    def _s_While(self, node: ast.While) -> list[ast.stmt]:
        test = self._e(node.test)
        if not self.scope.quiet:  # the line runs again before each test; the hook returns None
            test = ast.copy_location(ast.BoolOp(ast.Or(), [self._line_hook(node), test]), node.test)
        node.test = test
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)
        return [node]

    def _s_If(self, node: ast.If) -> list[ast.stmt]:
        node.test = self._e(node.test)
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)
        return [node]

    def _s_With(self, node: ast.With) -> list[ast.stmt]:
        bound: list[str] = []
        for item in node.items:
            item.context_expr = self._e(item.context_expr)
            if item.optional_vars is not None:
                item.optional_vars = self._target(item.optional_vars)
                bound += names_in(item.optional_vars)
        node.body = [*self._bind(bound, node), *self._block(node.body)]
        return [node, *self._caught(node)]

    def _caught(self, node: ast.AST) -> list[ast.stmt]:
        """Report a place where an exception may have been caught, which ends comprehensions."""
        if self.scope.quiet:
            return []
        return [as_statement(hook("caught", node, self._token(node)), node)]

    def _s_Try(self, node: ast.Try) -> list[ast.stmt]:
        node.body = self._block(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                handler.type = self._quietly(handler.type)
            body = self._block(handler.body)
            if handler.name and (forget := self._unbind([handler.name], handler.body[-1])):
                body = [ast.copy_location(ast.Try(body, [], [], forget), handler)]
                body = [*self._bind([handler.name], handler), *body]
            handler.body = [*self._caught(handler), *body]
        node.orelse = self._block(node.orelse)
        if node.finalbody:
            node.finalbody = [*self._caught(node.finalbody[0]), *self._block(node.finalbody)]
        return [node]

    _s_TryStar = _s_Try

    def _s_Match(self, node: ast.Match) -> list[ast.stmt]:
        node.subject = self._e(node.subject)
        for case in node.cases:
            bound = self._bind(names_in(case.pattern), case.pattern)
            if case.guard is None:
                case.body = [*bound, *self._block(case.body)]
                continue
            tests = [cast(ast.Expr, statement).value for statement in bound]
            guard = self._e(case.guard)
            case.guard = (
                ast.copy_location(ast.BoolOp(ast.And(), [*tests, guard]), guard) if tests else guard
            )
            case.body = self._block(case.body)
        return [node]

    def _s_Raise(self, node: ast.Raise) -> list[ast.stmt]:
        node.exc = self._e(node.exc) if node.exc else None
        node.cause = self._e(node.cause) if node.cause else None
        return [node]

    def _s_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        node.test = self._e(node.test)
        node.msg = self._e(node.msg) if node.msg else None
        return [node]

    def _s_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        new: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                name = ast.Constant(self._mangled(target.attr))
                call = hook(
                    "delete attribute", target, self._token(node), self._e(target.value), name
                )
                new.append(as_statement(call, target))
            elif isinstance(target, ast.Subscript):
                index = self._index(target.slice)
                call = hook("delete item", target, self._token(node), self._e(target.value), index)
                new.append(as_statement(call, target))
            else:
                new.append(ast.copy_location(ast.Delete([target]), node))
                new += self._unbind(
                    [n.id for n in ast.walk(target) if isinstance(n, ast.Name)], target
                )
        return new

    def _unbind(self, names: list[str], node: ast.AST) -> list[ast.stmt]:
        logs = self._log_outside(names, node, is_deleted=True)
        if self.scope.quiet:
            return logs
        constant = ast.Constant(cast(Any, tuple(names)))
        return [as_statement(hook("unbind", node, self._token(node), constant), node), *logs]

    def _s_Import(self, node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
        if any(alias.name == "*" for alias in node.names):
            return [node]
        names = [alias.asname or alias.name.split(".")[0] for alias in node.names]
        return [node, *self._bind(names, node)]

    _s_ImportFrom = _s_Import
