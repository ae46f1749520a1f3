"""Breakpoint conditions and log messages: `abs(dout).max() > 1`, `loss {loss:.3f}`.

An expression may use arithmetic, comparisons, indexing, and the functions, methods and attributes
in a table (`functions.py`); anything else is refused when it is typed. asteval then evaluates it
without imports, files or names that start with an underscore. So a condition can neither change a
run nor hold it up, whether it was typed or came from a file.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from itertools import islice
from typing import Any

import numpy as np

from engine.debug.conditions.costs import LIMITS, LONGEST, NESTING, CostUnit, Meter
from engine.debug.conditions.evaluator import CONSTANTS, Evaluator
from engine.debug.conditions.functions import ATTRIBUTES, FUNCTIONS, METHODS, arguments_problem
from engine.debug.conditions.operators import COMPARISONS
from engine.debug.conditions.scope import ConditionScope
from engine.debug.conditions.values import NUMERIC, Opaque, as_seen, truth, words_for
from engine.debug.instrument.parsing import unwarned
from engine.errors import BadCondition, ConditionFailed, Described, TooMuch, clipped

_NODES = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Constant,
    ast.Name, ast.Load, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Attribute, ast.Call,
    ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
)  # fmt: skip
_NUMBERS = frozenset({int, float, np.float32, np.float64})
_ORDER = frozenset({ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq})
_LARGEST = 3e38  # just below the largest float32
_OWN = "selfː"  # prefix of the name that stands for an attribute of self
_MAY_WARN = re.compile(r"\\|\d[a-z]")  # Python may warn of an odd escape or number
_FORMAT = re.compile(r"(?:.?[<>=^])?[-+ ]?z?#?0?(\d*)[,_]?(?:\.(\d*))?[a-zA-Z%]?", re.DOTALL)


class Condition:
    """An expression, parsed and checked once, to be evaluated many times.

    Attributes:
        text: as it was typed.
        names: the variables that it uses: `x`, `self.W`.

    Raises:
        BadCondition: it does not parse or uses something forbidden. The error says what and where.
    """

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        names: dict[str, None] = {}
        tree = _Checker(self.text, names).visit(_parsed(self.text))
        self.names = tuple(names)
        self._tree = ast.fix_missing_locations(tree).body
        self._comparison = _comparison_in(self._tree)
        self._evaluator = Evaluator()
        self._meter = Meter()
        self._own = tuple((name, name.replace("self.", _OWN)) for name in self.names)

    def check(self, scope: ConditionScope) -> None:
        """Check that all its names are in scope.

        Raises:
            BadCondition: a name is not in scope. The error lists the names that are.
        """
        for name in self.names:
            if not scope.has(name):
                known = ", ".join(sorted(scope.names)) or "none"
                column = self.text.find(name.removeprefix("self.")) + 1
                raise BadCondition(
                    self.text, column, f"{name} is not in scope; in scope are: {known}"
                )

    def value(self, variables: Mapping[str, Any], meter: Meter | None = None) -> Any:
        """The value of the expression for these variables, by name (`x`, `self.W`).

        With a `meter`, the cost is added to it; without one, the expression has the whole budget.

        Raises:
            ConditionFailed: a name is missing, or the evaluation raises.
        """
        evaluator = self._evaluator
        table = evaluator.symtable
        if meter is None:
            meter = self._meter
            meter.reset()
        evaluator.meter = meter
        try:
            for name, own in self._own:
                if name not in variables:
                    raise NameError(f"{name} is not in scope")
                table[own] = as_seen(variables[name])
            with np.errstate(all="ignore"):
                return evaluator.run(self._tree)
        except Exception as error:  # any error here is the expression's
            raise ConditionFailed(self.text, error) from None
        finally:
            for _, own in self._own:  # so that no array is kept alive
                table[own] = None

    def holds(self, variables: Mapping[str, Any]) -> bool:
        """Whether it is true; raises ConditionFailed for an array, which has no truth value."""
        if self._comparison is not None:  # a common form, `loss > 1`: no interpreter needed
            name, compare, bound = self._comparison
            if type(variables.get(name)) in _NUMBERS:
                return bool(compare(variables[name], bound))
        value = self.value(variables)
        try:
            return truth(value)
        except (ValueError, Described) as error:
            raise ConditionFailed(self.text, error) from None


class Message:
    """A logpoint's text with `{expression}`s; a format may follow a colon: `{loss:.3f}`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._meter = Meter()
        if len(text) > LONGEST:
            raise BadCondition(text, LONGEST, f"it is longer than {LONGEST:,} characters")
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
                raise BadCondition(text, len(text) - len(inside), "a { is never closed")
            expression, _, form = (
                inside.rpartition(":") if _has_format(inside) else (inside, "", "")
            )
            if not all(len(figures or "") < 5 and int(figures or 0) <= LIMITS[CostUnit.CHARACTERS]
                       for figures in _figures_of(form)):  # fmt: skip
                most = f"a format may ask for {LIMITS[CostUnit.CHARACTERS]:,} characters at most"
                raise BadCondition(text, len(text) - len(rest) - len(form), most)
            self._parts.append((Condition(expression), form))

    @property
    def names(self) -> tuple[str, ...]:
        """The variables that it uses."""
        found = [
            name for part in self._parts if not isinstance(part, str) for name in part[0].names
        ]
        return tuple(dict.fromkeys(found))

    def check(self, scope: ConditionScope) -> None:
        """Check every expression in it; see `Condition.check`."""
        for part in self._parts:
            if not isinstance(part, str):
                part[0].check(scope)

    def filled(self, variables: Mapping[str, Any]) -> str:
        """The text with the values filled in; an expression that fails leaves its reason."""
        words = []
        self._meter.reset()
        for part in self._parts:
            if isinstance(part, str):
                words.append(part)
                continue
            try:
                value = part[0].value(variables, self._meter)
                words.append(_formatted(part[0].text, value, part[1]) if part[1] else brief(value))
            except ConditionFailed as error:
                words.append(f"<{error}>")
        return "".join(words)


def _has_format(text: str) -> bool:
    """Whether a colon outside of brackets separates a format from the expression."""
    head, colon, form = text.rpartition(":")
    return bool(colon) and head.count("[") == head.count("]") and "]" not in form


def _figures_of(form: str) -> tuple[str | None, ...]:
    """The width and the precision of a format; empty if the text is no format."""
    found = _FORMAT.fullmatch(form)
    return found.groups() if found is not None else ()


def _formatted(expression: str, value: Any, form: str) -> str:
    """A number or a text, formatted.

    Raises:
        ConditionFailed: the value has another type, or the format does not fit it.
    """
    plain = _plain(value)
    try:
        if not isinstance(plain, (str, int, float, complex, np.number)):
            raise TypeError(f"a format is for one number or text, not for {words_for(value)}")
        if _FORMAT.fullmatch(form) is None:
            raise ValueError(f"{form} is not a format")
        made = format(plain, form)
        if len(made) > 2 * LIMITS[CostUnit.CHARACTERS]:  # the width and the number may both be long
            unit = CostUnit.CHARACTERS
            raise TooMuch(f":{form}", len(made), LIMITS[unit], str(unit))
        return made
    except (ValueError, TypeError, OverflowError, TooMuch) as error:
        raise ConditionFailed(expression, error) from None


def _plain(value: Any) -> Any:
    is_single = isinstance(value, (np.ndarray, np.generic)) and value.size == 1
    return value.item() if is_single and value.dtype.kind in NUMERIC else value


def brief(value: Any, depth: int = 0) -> str:
    """A value in a few words, without running any of the user's code."""
    value = _plain(as_seen(value))
    if isinstance(value, np.ndarray):
        shown = math.prod(min(length, 4) for length in value.shape)
        if value.dtype.kind not in NUMERIC or shown > (12 if depth else 100):
            return f"<{words_for(value)}>"
        return np.array2string(value, precision=4, threshold=12, edgeitems=2)
    if isinstance(value, str):
        return _with_length(repr(value) if depth else value)
    if isinstance(value, (list, tuple, dict, set, frozenset)):
        items = _brief_items(value, depth)
        return items if depth else _with_length(items)
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, int) and value.bit_length() > LIMITS[CostUnit.BITS]:
        return f"<{words_for(value)}>"
    return f"<{value.kind}>" if isinstance(value, Opaque) else _with_length(str(value))


def _brief_items(value: Any, depth: int) -> str:
    """The first items of a container, and of containers in it."""
    if depth > 2:
        return "…"
    first = list(islice(value.items() if isinstance(value, dict) else value, 6))
    if isinstance(value, dict):
        items = [f"{brief(key, 3)}: {brief(item, depth + 1)}" for key, item in first]
    else:
        items = [brief(item, depth + 1) for item in first]
    if len(value) > len(first):
        items.append(f"… {len(value):,} in all")
    inside = ", ".join(items)
    if isinstance(value, list):
        return f"[{inside}]"
    if isinstance(value, tuple):
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return f"{{{inside}}}"


def _with_length(text: str) -> str:
    most = LIMITS[CostUnit.CHARACTERS]
    length = f" ({len(text):,} characters)" if len(text) > most else ""
    return f"{clipped(text, most)}{length}"


# Before anything is evaluated


def _comparison_in(tree: ast.expr) -> tuple[str, Callable[[Any, Any], Any], int | float] | None:
    """Name, operator and number of an expression like `name < number`; None for other forms.

    The number fits a float32; numpy would warn of a larger one.
    """
    match tree:
        case ast.Compare(
            left=ast.Name(id=name), ops=[op], comparators=[ast.Constant(value=int() | float() as n)]
        ) if (
            type(op) in _ORDER
            and type(n) is not bool
            and abs(n) < _LARGEST
            and name not in CONSTANTS
        ):
            return name, COMPARISONS[type(op)][1], n
    return None


def _parsed(text: str) -> ast.Expression:
    """Parse an expression.

    Raises:
        BadCondition: it is not an expression, is too long, or is nested too deeply.
    """
    deep = BadCondition(text, 1, f"it is nested too deeply: at most {NESTING} levels are allowed")
    if len(text) > LONGEST:
        raise BadCondition(text, LONGEST, f"it is longer than {LONGEST:,} characters")
    try:
        with unwarned() if _MAY_WARN.search(text) else nullcontext():
            tree = ast.parse(text, mode="eval")
    except (RecursionError, MemoryError):
        raise deep from None
    except (SyntaxError, ValueError) as error:
        if "too many nested" in str(error):
            raise deep from None
        column = getattr(error, "offset", None) or 1
        raise BadCondition(text, column, str(getattr(error, "msg", error))) from None
    level: list[ast.AST] = [tree.body]
    for _ in range(NESTING + 1):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return tree
    raise deep


class _Checker(ast.NodeTransformer):
    """Refuses everything not allowed, and replaces each attribute of self by a name."""

    def __init__(self, text: str, names: dict[str, None]) -> None:
        self._text = text
        self._names = names

    def visit(self, node: ast.AST) -> Any:
        """Check a node and its children."""
        if not isinstance(node, _NODES):
            self._refuse(node, f"{type(node).__name__} cannot be used in conditions")
        return super().visit(node)

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        """A number or text."""
        value = node.value
        if isinstance(value, int) and value.bit_length() > LIMITS[CostUnit.BITS]:
            self._refuse(node, f"{words_for(value)} is longer than {LIMITS[CostUnit.BITS]:,}")
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """A variable, a function or a constant."""
        if node.id.startswith("_"):
            self._refuse(node, "names that start with an underscore cannot be used in conditions")
        if node.id == "self":
            self._refuse(node, "self alone cannot be used in conditions: write self.W")
        if node.id in FUNCTIONS:
            self._refuse(node, f"{node.id} is a function: write {node.id}(...)")
        if node.id not in CONSTANTS:
            self._names[node.id] = None
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        """`self.W`, or a harmless attribute of an array."""
        if node.attr.startswith("_"):
            self._refuse(node, "names that start with an underscore cannot be used in conditions")
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            self._names[f"self.{node.attr}"] = None
            return ast.copy_location(ast.Name(f"{_OWN}{node.attr}", ast.Load()), node)
        if node.attr not in ATTRIBUTES:
            self._refuse(node, f".{node.attr} cannot be used in conditions")
        node.value = self.visit(node.value)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A call of a function or method in the table."""
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr not in METHODS:
                self._refuse(function, f".{function.attr}() cannot be used in conditions")
            if isinstance(function.value, ast.Name) and function.value.id == "self":
                self._refuse(function, "methods of self cannot be used in conditions")
            function.value = self.visit(function.value)
            name, as_method = function.attr, True
        elif not (isinstance(function, ast.Name) and function.id in FUNCTIONS):
            known = ", ".join(sorted(FUNCTIONS))
            self._refuse(
                function, f"this function cannot be used in conditions; allowed are: {known}"
            )
        else:
            name, as_method = function.id, False
        names = [keyword.arg for keyword in node.keywords]
        if problem := arguments_problem(name, as_method, len(node.args), names):
            self._refuse(node, problem)
        node.args = [self.visit(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        return node

    def _refuse(self, node: ast.AST, why: str) -> None:
        raise BadCondition(self._text, getattr(node, "col_offset", 0) + 1, why)
