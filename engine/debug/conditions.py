"""A person's expressions over the variables in sight: `abs(dout).max() > 1`, `{loss:.3f}`.

They are evaluated by asteval, which knows no imports, files, or names with underscores; and before
that only what has no effect is let through at all: arithmetic, comparisons, indexing, the functions
and the methods listed here. `self.forward(x)` is not among them, so no condition can change a run,
wherever it came from: typed, or read from a file.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from asteval import Interpreter

from engine.debug.in_sight import InSight
from engine.errors import BadCondition, ConditionFailed

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "abs": np.abs, "all": np.all, "any": np.any, "argmax": np.argmax, "argmin": np.argmin,
    "bool": bool, "count_nonzero": np.count_nonzero, "exp": np.exp, "float": float, "int": int,
    "isfinite": np.isfinite, "isinf": np.isinf, "isnan": np.isnan, "len": len, "log": np.log,
    "log10": np.log10, "max": np.max, "mean": np.mean, "median": np.median, "min": np.min,
    "norm": np.linalg.norm, "percentile": np.percentile, "round": np.round, "sign": np.sign,
    "sqrt": np.sqrt, "square": np.square, "std": np.std, "sum": np.sum, "var": np.var,
}  # fmt: skip
METHODS = frozenset((
    "all", "any", "argmax", "argmin", "copy", "max", "mean", "min", "prod", "ravel", "reshape",
    "round", "std", "sum", "transpose", "var",
))  # fmt: skip
ATTRIBUTES = frozenset(("T", "dtype", "ndim", "shape", "size", "nbytes"))
CONSTANTS = {"nan": np.nan, "inf": np.inf, "pi": np.pi}
_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Constant,
    ast.Name, ast.Load, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Attribute, ast.Call,
    ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
_OWN = "selfː"  # stands before an attribute of self, in a name of its own


class Condition:
    """One expression, ready to be evaluated again and again.

    Attributes:
        text: as it was typed.
        names: the variables that it asks for: `x`, `self.W`.

    Raises:
        BadCondition: it does not parse, or does what a condition may not; says what and where.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        try:
            tree = ast.parse(self.text, mode="eval")
        except (SyntaxError, ValueError) as error:
            column = getattr(error, "offset", None) or 1
            raise BadCondition(self.text, column, str(getattr(error, "msg", error))) from None
        names: dict[str, None] = {}
        tree = _Checker(self.text, names).visit(tree)
        self.names = tuple(names)
        self._tree = ast.fix_missing_locations(tree)
        self._evaluator = Interpreter(
            minimal=True, with_ifexp=True, use_numpy=False, max_statement_length=10_000
        )
        self._evaluator.symtable.clear()
        self._evaluator.symtable.update(FUNCTIONS, **CONSTANTS)
        self._evaluator.expr = self.text  # without which it swallows what goes wrong
        self._own = tuple((name, name.replace("self.", _OWN)) for name in self.names)

    def check(self, there: InSight) -> None:
        """Say whether all its names are among those that are in sight.

        Raises:
            BadCondition: names the first that is not, and those that are.
        """
        for name in self.names:
            if not there.has(name):
                known = ", ".join(sorted(there.names)) or "none"
                column = self.text.find(name.removeprefix("self.")) + 1
                raise BadCondition(self.text, column, f"{name} is not here; there are: {known}")

    def value(self, variables: Mapping[str, Any]) -> Any:
        """What the expression is, for these variables by name (`x`, `self.W`).

        Raises:
            ConditionFailed: a name is not there, or numpy refuses.
        """
        evaluator = self._evaluator
        table = evaluator.symtable
        try:
            for name, own in self._own:
                table[own] = variables[name]
            with np.errstate(all="ignore"):
                result = evaluator.run(self._tree.body, with_raise=True)
        except KeyError as error:
            if not evaluator.error:
                missing = NameError(f"{error.args[0]} is not here")
                raise ConditionFailed(self.text, missing) from None
            raise self._failure(error) from None
        except Exception as error:
            raise self._failure(error) from None
        finally:
            for _, own in self._own:  # it keeps no array alive
                table[own] = None
        return result

    def _failure(self, error: Exception) -> ConditionFailed:
        evaluator = self._evaluator
        cause = _cause(evaluator, error)
        evaluator.error, evaluator.error_msg, evaluator.expr = [], None, self.text
        return ConditionFailed(self.text, cause)

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """Whether it is true; raises ConditionFailed also where the truth of an array is asked."""
        value = self.value(variables)
        try:
            return bool(value)
        except ValueError:
            error = ValueError("it is an array of several: say all(...) or any(...)")
            raise ConditionFailed(self.text, error) from None


class Message:
    """A logpoint's text with `{expression}`s, each with a format after a colon if it has one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts: list[str | tuple[Condition, str]] = []
        rest = text
        while rest:
            before, brace, rest = rest.partition("{")
            if before:
                self._parts.append(before)
            if not brace:
                break
            inside, closed, rest = rest.partition("}")
            if not closed:
                raise BadCondition(text, len(text) - len(inside), "a { that is never closed")
            expression, _, form = (
                inside.rpartition(":") if _has_format(inside) else (inside, "", "")
            )
            self._parts.append((Condition(expression), form))

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that it asks for."""
        found = [
            name for part in self._parts if not isinstance(part, str) for name in part[0].names
        ]
        return tuple(dict.fromkeys(found))

    def check(self, there: InSight) -> None:
        """As `Condition.check`, for every expression in it."""
        for part in self._parts:
            if not isinstance(part, str):
                part[0].check(there)

    def filled(self, variables: Mapping[str, Any]) -> str:
        """The text with the values in their places; where one fails, why stands there."""
        words = []
        for part in self._parts:
            if isinstance(part, str):
                words.append(part)
                continue
            try:
                value = part[0].value(variables)
                words.append(format(_plain(value), part[1]) if part[1] else _brief(value))
            except (ConditionFailed, ValueError, TypeError) as error:
                words.append(f"<{error}>")
        return "".join(words)


def _has_format(text: str) -> bool:
    """Whether a colon outside of brackets parts a format from the expression."""
    head, colon, form = text.rpartition(":")
    return bool(colon) and head.count("[") == head.count("]") and "]" not in form


def _plain(value: Any) -> Any:
    return (
        value.item() if isinstance(value, (np.ndarray, np.generic)) and value.size == 1 else value
    )


def _brief(value: Any) -> str:
    if isinstance(value, np.ndarray) and value.size > 1:
        return np.array2string(value, precision=4, threshold=12, edgeitems=2)
    plain = _plain(value)
    return f"{plain:.6g}" if isinstance(plain, float) else str(plain)


def _cause(evaluator: Any, error: Exception) -> Exception:
    """What asteval has caught, without its own words around it."""
    for holder in evaluator.error:
        kind, words = holder.exc, str(holder.msg)
        if isinstance(kind, type) and issubclass(kind, Exception):
            return kind(words.strip().splitlines()[-1] if words.strip() else "")
    return error


class _Checker(ast.NodeTransformer):
    """Lets through what has no effect, and gives attributes of self names of their own."""

    def __init__(self, text: str, names: dict[str, None]) -> None:
        self._text = text
        self._names = names

    def visit(self, node: ast.AST) -> Any:
        """Check a node, and those in it."""
        if not isinstance(node, _NODES):
            self._refuse(node, f"{type(node).__name__} is not for conditions")
        return super().visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A variable, a function or a constant."""
        if node.id.startswith("_"):
            self._refuse(node, "names with an underscore in front are not for conditions")
        if node.id == "self":
            self._refuse(node, "self alone is not for conditions: say self.W")
        if node.id not in FUNCTIONS and node.id not in CONSTANTS:
            self._names[node.id] = None
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """`self.W`, or a harmless attribute of an array."""
        if node.attr.startswith("_"):
            self._refuse(node, "names with an underscore in front are not for conditions")
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            self._names[f"self.{node.attr}"] = None
            return ast.copy_location(ast.Name(f"{_OWN}{node.attr}", ast.Load()), node)
        if node.attr not in ATTRIBUTES:
            self._refuse(node, f".{node.attr} is not for conditions")
        node.value = self.visit(node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A call of a function or a method of the lists."""
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr not in METHODS:
                self._refuse(function, f".{function.attr}() is not for conditions")
            if isinstance(function.value, ast.Name) and function.value.id == "self":
                self._refuse(function, "methods of self are not for conditions: they may change it")
            function.value = self.visit(function.value)
        elif not (isinstance(function, ast.Name) and function.id in FUNCTIONS):
            known = ", ".join(sorted(FUNCTIONS))
            self._refuse(function, f"this is no function for conditions; there are: {known}")
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        return node

    def _refuse(self, node: ast.AST, why: str) -> None:
        raise BadCondition(self._text, getattr(node, "col_offset", 0) + 1, why)
