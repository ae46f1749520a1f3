"""Elementwise expressions: their symbols, and the curve of expressions in one array.

`1 / (1 + np.exp(-x))` is a curve of the array `x`. `-x` and `lr * dW` are straight lines. A plot of
a line shows nothing of interest, so lines are drawn as arithmetic.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from engine.debug.explain.reading import Curve, is_array
from engine.debug.explain.scene import UNKNOWN, Scene
from engine.debug.reach.contents import look_up
from engine.debug.record.syntax import text_of

Array = np.ndarray[Any, Any]

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
# Elementwise functions that are no ufuncs, with the number of their array arguments.
_OF_CELLS = {"where": 3, "clip": 3, "round": 1, "around": 1, "nan_to_num": 1, "real": 1, "imag": 1}
_METHODS = ("clip", "round")
_LINEAR = ("positive", "negative")


def is_of_numpy(function: Any) -> bool:
    """Whether a callable is numpy's own (or a ufunc of another package)."""
    if isinstance(function, np.ufunc):
        return True
    random = (np.random.RandomState, np.random.Generator)
    if type(look_up(function, "__self__")) in random:
        return True
    if look_up(function, "__objclass__") in random:
        return True
    module = look_up(function, "__module__")
    return isinstance(module, str) and module.partition(".")[0] == "numpy"


def parts_of(node: ast.expr, scene: Scene) -> list[ast.expr] | None:
    """The operands of an elementwise operation; None if the node is no such operation."""
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        return [node.left, node.right]
    if isinstance(node, ast.UnaryOp) and type(node.op) in UNARY and not _is_number(node.operand):
        return [node.operand]
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
        return [node.left, node.comparators[0]]
    return _parts_of_call(node, scene) if isinstance(node, ast.Call) else None


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant)  # as in `-80`


def _parts_of_call(node: ast.Call, scene: Scene) -> list[ast.expr] | None:
    given = list(node.args)
    if any(isinstance(part, ast.Starred) for part in given):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        owner = scene.raw(node.func.value)
        if is_array(owner):
            return [node.func.value, *given[: _OF_CELLS[node.func.attr] - 1]]
    function = scene.raw(node.func)
    if isinstance(function, np.ufunc):
        plain = function.nout == 1 and function.signature is None and len(given) >= function.nin
        return given[: function.nin] if plain else None
    name = look_up(function, "__name__", "")
    if name not in _OF_CELLS or not is_of_numpy(function) or not given:
        return None
    if name == "where" and len(given) != 3:  # `np.where(condition)` returns indices
        return None
    return given[: _OF_CELLS[name]]


def symbol_of(node: ast.expr, scene: Scene) -> str:
    """The sign or the name of an elementwise operation."""
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)][0]
    if isinstance(node, ast.UnaryOp):
        return UNARY[type(node.op)][0]
    if isinstance(node, ast.Compare):
        return COMPARED[type(node.ops[0])][0]
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return str(look_up(scene.raw(node.func), "__name__", text_of(node.func)))


def find_curve(node: ast.expr, scene: Scene) -> tuple[ast.expr, Curve] | None:
    """The array of which an expression is a curve, and the curve; None if it is no curve.

    The array is the only array among the leaves of the whole tree, such as `x` in `np.exp(-x)`.
    Leaves are names, and parts that are no elementwise operations. If there are several, it is the
    only array operand of the outermost operation.
    """
    parts = parts_of(node, scene)
    if parts is None:
        return None
    for ends in (list(_leaves(node, scene)), parts):
        arrays = {id(scene.raw(end)): end for end in ends if is_array(scene.raw(end))}
        if len(arrays) != 1:
            continue
        key, leaf = arrays.popitem()
        made = _compose(node, key, scene)
        if made is None:
            continue
        bends, compute = made
        return (leaf, _quiet(compute)) if bends > 1 else None
    return None


def _leaves(node: ast.expr, scene: Scene) -> Iterator[ast.expr]:
    """The parts of a tree of elementwise operations that are no such operations themselves."""
    parts = parts_of(node, scene)
    if parts is None:
        yield node
    else:
        for part in parts:
            yield from _leaves(part, scene)


def _quiet(compute: Curve) -> Curve:
    def curve(x: Array) -> Array:
        with np.errstate(all="ignore"):
            return np.asarray(compute(x))

    return curve


def _compose(node: ast.expr, leaf: int, scene: Scene) -> tuple[int, Curve] | None:
    """Degree of a tree in its leaf (0 constant, 1 line, 2 curve), and a function that computes it.

    `leaf` is the id of the leaf's array.
    """
    value = scene.raw(node)
    if id(value) == leaf:
        return 1, lambda x: x
    parts = parts_of(node, scene) if value is UNKNOWN or is_array(value) else None
    if parts is None:
        constant = scene.then(value)
        number = isinstance(constant, (bool, int, float, complex, np.generic, np.ndarray))
        # None as in `np.clip(x, None, 1)`.
        known = constant is None or (number and not is_array(constant))
        return (0, lambda x: constant) if known else None
    if isinstance(node, ast.Call) and (node.keywords or len(node.args) > len(parts)):
        return None  # with `out=` and the like, computing again would overwrite an array
    made = [_compose(part, leaf, scene) for part in parts]
    inner = [part for part in made if part is not None]
    if len(inner) < len(made):
        return None
    computes = [compute for _, compute in inner]
    function = _function_of(node, scene)

    def compute(x: Array) -> Array:
        result: Array = function(*(part(x) for part in computes))
        return result

    return _degree(node, [degree for degree, _ in inner], scene), compute


def _function_of(node: ast.expr, scene: Scene) -> Callable[..., Any]:
    if isinstance(node, ast.BinOp):
        return BINARY[type(node.op)][1]
    if isinstance(node, ast.UnaryOp):
        return UNARY[type(node.op)][1]
    if isinstance(node, ast.Compare):
        return COMPARED[type(node.ops[0])][1]
    assert isinstance(node, ast.Call)
    if isinstance(node.func, ast.Attribute) and is_array(scene.raw(node.func.value)):
        return np.clip if node.func.attr == "clip" else np.round
    function: Callable[..., Any] = scene.raw(node.func)
    return function


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
    return most if isinstance(node, ast.Call) and symbol_of(node, scene) in _LINEAR else 2
