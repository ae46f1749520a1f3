"""Expressions that take each cell for itself: their symbols, and the curve that some of them are.

`1 / (1 + np.exp(-x))` is a curve of the one array `x`; `-x` and `lr * dW` are straight lines, of
which a picture says nothing, so they are drawn as the arithmetic that they are.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.debug.history import Faded
from engine.debug.operands import UNKNOWN, Scene, text_of

Array = np.ndarray[Any, Any]
Curve = Callable[[Array], Array]

BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add),
    ast.Sub: ("−", operator.sub),
    ast.Mult: ("×", operator.mul),
    ast.Div: ("÷", operator.truediv),
    ast.FloorDiv: ("//", operator.floordiv),
    ast.Mod: ("mod", operator.mod),
    ast.Pow: ("^", operator.pow),
    ast.BitAnd: ("and", operator.and_),
    ast.BitOr: ("or", operator.or_),
    ast.BitXor: ("xor", operator.xor),
    ast.LShift: ("<<", operator.lshift),
    ast.RShift: (">>", operator.rshift),
}
UNARY: dict[type[ast.unaryop], tuple[str, Callable[[Any], Any]]] = {
    ast.USub: ("−", operator.neg),
    ast.UAdd: ("+", operator.pos),
    ast.Invert: ("not", operator.invert),
}
COMPARED: dict[type[ast.cmpop], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Gt: (">", operator.gt),
    ast.GtE: ("≥", operator.ge),
    ast.Lt: ("<", operator.lt),
    ast.LtE: ("≤", operator.le),
    ast.Eq: ("=", operator.eq),
    ast.NotEq: ("≠", operator.ne),
}
RELATED: dict[type[ast.cmpop], str] = {
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}
_OF_CELLS = (np.where, np.clip, np.round, np.nan_to_num)  # no ufuncs, but as cell by cell
_LINEAR = (np.positive, np.negative)


def is_array(value: Any) -> bool:
    """Whether a value has cells: an array with an axis, or the outline of one."""
    return isinstance(value, (np.ndarray, Faded)) and len(value.shape) > 0


def parts_of(node: ast.expr, scene: Scene) -> list[ast.expr] | None:
    """What an operation on cells takes; None where a node is something else."""
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY:
        return [node.operand]
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        return [node.left, node.comparators[0]]
    if isinstance(node, ast.Call) and works_on_cells(scene.raw(node.func)):
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        return None if any(isinstance(part, ast.Starred) for part in given) else given
    return None


def works_on_cells(function: Any) -> bool:
    """Whether numpy's function takes cell by cell."""
    if isinstance(function, np.ufunc):
        return function.nout == 1 and function.signature is None
    return any(function is known for known in _OF_CELLS)


def symbol_of(node: ast.expr, scene: Scene) -> str:
    """The sign or the name of an operation on cells."""
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)][0]
    if isinstance(node, ast.UnaryOp):
        return UNARY[type(node.op)][0]
    if isinstance(node, ast.Compare):
        return COMPARED[type(node.ops[0])][0]
    assert isinstance(node, ast.Call)
    return str(getattr(scene.raw(node.func), "__name__", text_of(node.func)))


def leaves(node: ast.expr, scene: Scene) -> Iterator[ast.expr]:
    """The parts of a tree of operations on cells that are none themselves."""
    parts = parts_of(node, scene)
    if parts is None:
        yield node
    else:
        for part in parts:
            yield from leaves(part, scene)


def find_curve(node: ast.expr, scene: Scene) -> tuple[ast.expr, Curve] | None:
    """The one array that an expression is a curve of, and the curve; None where it is none."""
    for direct in (False, True):
        parts = parts_of(node, scene)
        if parts is None:
            return None
        ends = parts if direct else list(leaves(node, scene))
        arrays = {text_of(end): end for end in ends if is_array(scene.value(end))}
        if len(arrays) != 1:
            continue
        text, leaf = arrays.popitem()
        made = _compile(node, text, scene)
        if made is None:
            continue
        degree, compute = made
        if degree <= 1:
            return None
        return leaf, _quiet(compute)
    return None


def _quiet(compute: Curve) -> Curve:
    def curve(x: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(compute(x))

    return curve


def _compile(node: ast.expr, leaf: str, scene: Scene) -> tuple[int, Curve] | None:
    """Degree of a tree in its leaf (0 constant, 1 a line, 2 bent), and what computes it."""
    if text_of(node) == leaf:
        return 1, lambda x: x
    parts = parts_of(node, scene)
    if parts is None:
        constant = scene.value(node)
        if constant is UNKNOWN or is_array(constant) or constant is None:
            return None
        return 0, lambda x: constant
    made = [_compile(part, leaf, scene) for part in parts]
    if any(part is None for part in made):
        return None
    degrees = [part[0] for part in made if part is not None]
    computes = [part[1] for part in made if part is not None]
    function = _function_of(node, scene)

    def compute(x: Array) -> Array:
        result: Array = function(*(part(x) for part in computes))
        return result

    return _degree(node, degrees, scene), compute


def _function_of(node: ast.expr, scene: Scene) -> Callable[..., Any]:
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)][1]
    if isinstance(node, ast.UnaryOp):
        return UNARY[type(node.op)][1]
    if isinstance(node, ast.Compare):
        return COMPARED[type(node.ops[0])][1]
    assert isinstance(node, ast.Call)
    function = scene.raw(node.func)
    names = [None] * len(node.args) + [keyword.arg for keyword in node.keywords]

    def call(*values: Any) -> Any:
        given = [v for v, name in zip(values, names, strict=True) if name is None]
        named = {name: v for v, name in zip(values, names, strict=True) if name is not None}
        return function(*given, **named)

    return call


def _degree(node: ast.expr, degrees: list[int], scene: Scene) -> int:
    most = max(degrees, default=0)
    if most == 0:
        return 0
    if isinstance(node, ast.UnaryOp):
        return most
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, (ast.Add, ast.Sub)):
            return most
        if isinstance(node.op, ast.Mult):
            return most if min(degrees) == 0 else 2
        if isinstance(node.op, ast.Div) and degrees[1] == 0:
            return most
    linear = isinstance(node, ast.Call) and scene.raw(node.func) in _LINEAR
    return most if linear else 2
