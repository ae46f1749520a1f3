"""The functions that have a form of their own in a formula, by their last name."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

MODULES = frozenset({"np", "numpy", "jnp", "math", "cmath"})
# Written as a name before their argument.
NAMED: Mapping[str, str] = {
    "log": "log", "log2": "log₂", "log10": "log₁₀", "tanh": "tanh", "sin": "sin", "cos": "cos",
    "tan": "tan", "sinh": "sinh", "cosh": "cosh", "arctan": "arctan", "sign": "sign",
}  # fmt: skip
ABSOLUTE = frozenset({"abs", "absolute", "fabs"})
GREATER: Mapping[str, str] = {"maximum": "max", "minimum": "min", "fmax": "max", "fmin": "min"}
ARITHMETIC: Mapping[str, type[ast.operator]] = {
    "add": ast.Add, "subtract": ast.Sub, "multiply": ast.Mult, "divide": ast.Div,
    "true_divide": ast.Div, "power": ast.Pow,
}  # fmt: skip
PRODUCTS = frozenset({"dot", "matmul"})
REDUCTIONS: Mapping[str, str] = {
    "sum": "∑", "prod": "∏", "max": "max", "amax": "max", "min": "min", "amin": "min",
    "mean": "mean", "std": "std", "var": "var", "argmax": "argmax", "argmin": "argmin",
    "any": "any", "all": "all",
}  # fmt: skip
# Methods of arrays that give the same cells, maybe at other places.
REARRANGING = frozenset({
    "copy", "astype", "reshape", "ravel", "flatten", "squeeze", "swapaxes", "transpose", "repeat",
    "take", "clip", "round", "cumsum", "argsort", "nonzero", "view",
})  # fmt: skip
CREATIONS = frozenset({
    "zeros", "ones", "full", "empty", "zeros_like", "ones_like", "full_like", "empty_like",
    "arange", "eye", "identity", "linspace", "array", "asarray",
})  # fmt: skip
ELEMENTWISE = frozenset({"exp", "sqrt", "square", "where", "expm1", "log1p", *NAMED, *ABSOLUTE,
                         *GREATER, *ARITHMETIC})  # fmt: skip


def called(
    node: ast.Call, is_module: Callable[[ast.expr], bool]
) -> tuple[str, ast.expr | None, list[ast.expr]]:
    """The last name of what is called, the object whose method it is, and the arguments."""
    function = node.func
    if isinstance(function, ast.Name):
        return function.id, None, node.args
    if isinstance(function, ast.Attribute):
        subject = None if is_module(function.value) else function.value
        return function.attr, subject, node.args
    return "", None, node.args
