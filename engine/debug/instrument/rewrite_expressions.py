"""Rewriting of expressions: each becomes a call of a hook with its value, innermost first."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from engine.debug.events import Kind
from engine.debug.instrument.rewrite_base import Rewriter, hook, name_node, names_in

_LOOKS_AT_ITS_CALLER = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec"})


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(_is_constant(element) for element in node.elts)
    if isinstance(node, ast.Dict):
        return all(key is not None and _is_constant(key) for key in node.keys) and all(
            _is_constant(value) for value in node.values
        )
    return False


class ExpressionRewriter(Rewriter):
    """Rewrites expressions: `_e` any expression, `_e_Call` and the like one kind each."""

    def _quietly(self, node: ast.expr, is_lambda: bool = False) -> ast.expr:
        """Rewrite an expression to report its overwrites, but no events."""
        outer = self.scope
        self.scope = replace(outer, quiet=True, returns_late=False)
        if is_lambda:  # what it binds is its own
            self.scope = replace(self.scope, global_names=frozenset(), cells=frozenset())
        new = self._e(node)
        self.scope = outer
        return new

    def _e(self, node: ast.expr, report: bool = True) -> ast.expr:
        rewrite = cast(
            "Callable[[ast.expr], ast.expr] | None",
            getattr(self, f"_e_{type(node).__name__}", None),
        )
        if rewrite is not None:
            return rewrite(node)
        if isinstance(node, (ast.Constant, ast.Name)) or _is_constant(node):
            return node
        self._children(node)
        return self._report(node, node) if report else node

    def _children(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, name, self._e(value))
            elif isinstance(value, list):
                setattr(node, name, [self._e(v) if isinstance(v, ast.expr) else v for v in value])

    def _e_Attribute(self, node: ast.Attribute) -> ast.expr:
        value = self._e(node.value)
        if self.scope.quiet:
            node.value = value
            return node
        name = ast.Constant(self._mangled(node.attr))
        site = self._site(Kind.EXPRESSION, node)
        return hook("attribute", node, self._token(node), site, value, name)

    def _e_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute):  # looking up the method is no event
            node.func.value = self._e(node.func.value)
        else:
            node.func = self._e(node.func)
        site = self._site(Kind.EXPRESSION, node)
        arguments = [self._e(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self._e(keyword.value)
        if isinstance(node.func, ast.Name) and node.func.id in _LOOKS_AT_ITS_CALLER:
            node.args = arguments
            value: ast.expr = node
            if node.func.id in ("locals", "vars", "dir") and not node.args:
                value = hook("without token", node, node)
            elif node.func.id in ("exec", "eval"):
                value = hook("executed", node, self._token(node), node)
            return self._report(node, value)
        kind = "apply" if node.keywords else "apply to all"
        call = hook(kind, node, self._token(node), site, node.func, *arguments)
        call.keywords = node.keywords
        return call

    def _e_Starred(self, node: ast.Starred) -> ast.expr:
        node.value = self._e(node.value)
        return node

    def _slice(self, node: ast.expr) -> ast.expr:
        """An index: its parts have events, the index itself has none."""
        if isinstance(node, ast.Slice):
            for part in ("lower", "upper", "step"):
                value = getattr(node, part)
                if value is not None:
                    setattr(node, part, self._e(value))
            return node
        if isinstance(node, ast.Tuple):
            node.elts = [self._slice(element) for element in node.elts]
            return node
        return self._e(node)

    def _e_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self._e(node.value)
        has_slice = any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))
        node.slice = self._slice(node.slice)
        if not has_slice:
            node.value = hook("subscripted", node.value, self._token(node), node.value)
        return self._report(node, node)

    def _e_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self._e(node.value)
        logs = [cast(ast.Expr, log).value for log in self._log_outside([node.target.id], node)]
        value: ast.expr = node
        if logs:
            value = hook("logged", node, node, *logs)
        if self.scope.quiet or node.target.id in self.scope.outside:
            return self._report(node, value)
        name = ast.Constant(node.target.id)
        site = self._site(Kind.EXPRESSION, node)
        return hook("named expression", node, self._token(node), site, name, value)

    def _e_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        self._formatted(node)
        return self._report(node, node)

    def _formatted(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                part.value = self._e(part.value)
                if isinstance(part.format_spec, ast.JoinedStr):
                    self._formatted(part.format_spec)

    def _e_Lambda(self, node: ast.Lambda) -> ast.expr:
        self._defaults(node.args)
        node.body = self._quietly(node.body, is_lambda=True)
        return self._report(node, hook("made", node, node))

    def _e_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        first = node.generators[0]
        first.iter = self._e(first.iter)  # evaluated at once; the rest lazily
        node.elt = self._quietly(node.elt)
        for number, generator in enumerate(node.generators):
            if number:
                generator.iter = self._quietly(generator.iter)
            generator.ifs = [self._quietly(test) for test in generator.ifs]
        return self._report(node, node)

    def _comprehension(self, node: Any) -> ast.expr:
        bound: list[str] = []
        for generator in node.generators:
            generator.iter = self._e(generator.iter)
            names = names_in(generator.target)
            bound += names
            generator.ifs = [self._e(test) for test in generator.ifs]
            if names and not self.scope.quiet:
                values = ast.Tuple(
                    [name_node(name, generator.target) for name in names], ast.Load()
                )
                constant = ast.Constant(cast(Any, tuple(names)))
                token = self._token(generator.target)
                generator.ifs.insert(0, hook("bind", generator.target, token, constant, values))
        if isinstance(node, ast.DictComp):
            node.key, node.value = self._e(node.key), self._e(node.value)
        else:
            node.elt = self._e(node.elt)
        if self.scope.quiet:
            return cast(ast.expr, node)
        site = self._site(Kind.EXPRESSION, node)
        constant = ast.Constant(cast(Any, tuple(dict.fromkeys(bound))))
        before = hook("mark", node, self._token(node), constant)
        return hook("comprehension", node, self._token(node), site, before, node)

    _e_ListComp = _e_SetComp = _e_DictComp = _comprehension

    def _e_Yield(self, node: ast.Yield) -> ast.expr:
        self._children(node)
        return node

    _e_YieldFrom = _e_Await = _e_Yield

    def _defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self._e(default) for default in arguments.defaults]
        arguments.kw_defaults = [d and self._e(d) for d in arguments.kw_defaults]
