"""The form and the operands of an expression, for drawing it as an equation.

Both are derived from the syntax and from recorded values. Nothing runs again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from engine.debug.explain.elementwise import COMPARED, find_curve, parts_of, symbol_of
from engine.debug.explain.numpy_calls import read_call
from engine.debug.explain.operation import Form, Operand
from engine.debug.explain.reading import Reading, form_of_value, is_array
from engine.debug.explain.scene import UNKNOWN, Scene
from engine.debug.reach.placeholders import FadedArray
from engine.debug.record.syntax import span_of, text_of

_RELATED: dict[type[ast.cmpop], str] = {
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def read_expression(node: ast.expr, scene: Scene, result: Any) -> Reading:
    """The form and the operands of an expression that made `result` (None where it raised)."""
    while isinstance(node, (ast.NamedExpr, ast.Starred)):
        node = node.value
    cells = _read_cells(node, scene, result)
    if cells is not None:
        return cells
    read = _READERS.get(type(node))
    return Reading(Form.FALLBACK, "", _all(node, scene)) if read is None else read(
        node, scene, result
    )  # fmt: skip


def _read_cells(node: ast.expr, scene: Scene, result: Any) -> Reading | None:
    """An elementwise operation, as a curve or as arithmetic; None if it is no such operation."""
    parts = parts_of(node, scene)
    if parts is None:
        return None
    operands = tuple(scene.operand(part) for part in parts)
    symbol = symbol_of(node, scene)
    if not any(is_array(operand.value) for operand in operands):
        return Reading(form_of_value(result), symbol, operands)
    found = find_curve(node, scene)
    if found is None:
        return Reading(Form.ELEMENTWISE, symbol, operands)
    leaf, curve = found
    direct = all(part is leaf or not is_array(scene.raw(part)) for part in parts)
    named = direct and isinstance(node, ast.Call)
    return Reading(Form.FUNCTION, symbol if named else "f", (scene.operand(leaf),), curve=curve)


def _binary(node: ast.BinOp, scene: Scene, result: Any) -> Reading:
    return Reading(Form.PRODUCT, "@", (scene.operand(node.left), scene.operand(node.right)))


def _unary(node: ast.UnaryOp, scene: Scene, result: Any) -> Reading:
    symbol = "not" if isinstance(node.op, ast.Not) else "−"
    return Reading(Form.SCALAR, symbol, (scene.operand(node.operand),))


def _compare(node: ast.Compare, scene: Scene, result: Any) -> Reading:
    operands = tuple(scene.operand(part) for part in (node.left, *node.comparators))
    symbols = [_RELATED.get(type(op)) or COMPARED[type(op)][0] for op in node.ops]
    symbol = symbols[0] if len(set(symbols)) == 1 else " ".join(symbols)
    return Reading(Form.ELEMENTWISE if is_array(result) else Form.SCALAR, symbol, operands)


def _logic(node: ast.BoolOp, scene: Scene, result: Any) -> Reading:
    symbol = "and" if isinstance(node.op, ast.And) else "or"
    # Parts that were skipped by short-circuit evaluation have no value, and are not shown.
    seen = [part for part in node.values if scene.raw(part) is not UNKNOWN]
    operands = tuple(scene.operand(part) for part in seen)
    if is_array(result):  # the last part that was evaluated
        same = [operand for operand in operands if is_array(operand.value)]
        return Reading(Form.COPY, symbol, tuple(same[-1:]))
    return Reading(Form.SCALAR, symbol, operands)


def _choice(node: ast.IfExp, scene: Scene, result: Any) -> Reading:
    test = scene.operand(node.test)
    try:
        chosen = node.body if test.value else node.orelse
    except ValueError:  # an array with several cells has no truth value
        return Reading(Form.SCALAR, "if", (test,))
    if is_array(result):
        return Reading(Form.COPY, "if", (scene.operand(chosen),))
    return Reading(Form.SCALAR, "if", (test, scene.operand(chosen)))


def _attribute(node: ast.Attribute, scene: Scene, result: Any) -> Reading:
    owner = scene.operand(node.value)
    if not is_array(owner.value):
        return Reading(Form.LOOKUP, f".{node.attr}", (owner,))
    depth = len(owner.value.shape)
    if node.attr in ("T", "mT"):
        axes = tuple(reversed(range(depth)))
        if node.attr == "mT":
            axes = (*range(depth - 2), depth - 1, depth - 2)
        return Reading(Form.TRANSPOSE, "ᵀ", (owner,), details={"axes": axes})
    form = Form.COPY if is_array(result) else Form.LOOKUP
    return Reading(form, f".{node.attr}", (owner,))


def _subscript(node: ast.Subscript, scene: Scene, result: Any) -> Reading:
    container = scene.operand(node.value)
    if is_array(container.value):
        return Reading(Form.INDEXING, "[ ]", (container, *indices_of(node.slice, scene)))
    return Reading(Form.LOOKUP, "[ ]", (container, scene.operand(node.slice)))


def indices_of(node: ast.expr, scene: Scene) -> list[Operand]:
    """The indices between the brackets, one per axis.

    An unknown index has a `FadedArray` as its value, because None means a new axis.
    """
    if isinstance(node, ast.Tuple):
        return [index for part in node.elts for index in indices_of(part, scene)]
    raw = scene.raw(node)
    if raw is UNKNOWN:
        return [Operand(text_of(node), FadedArray((), "?"), None, span_of(node))]
    operand = scene.operand(node)
    if isinstance(operand.value, tuple):
        return [
            Operand(f"{operand.text}[{place}]", value, operand.event, operand.span)
            for place, value in enumerate(operand.value)
        ]
    return [operand]


def _collection(node: ast.expr, scene: Scene, result: Any) -> Reading:
    elements = getattr(node, "elts", None) or getattr(node, "values", [])
    return Reading(Form.COLLECTION, "", tuple(scene.operand(element) for element in elements))


def _constant(node: ast.expr, scene: Scene, result: Any) -> Reading:
    return Reading(Form.SCALAR)


def _name(node: ast.expr, scene: Scene, result: Any) -> Reading:
    """A name alone, such as the iterable of a comprehension or a `for`."""
    return Reading(Form.LOOKUP, "", (scene.operand(node),))


def _all(node: ast.expr, scene: Scene) -> tuple[Operand, ...]:
    parts = ast.iter_child_nodes(node)
    return tuple(scene.operand(part) for part in parts if isinstance(part, ast.expr))


_READERS: dict[type[ast.expr], Callable[..., Reading]] = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _logic,
    ast.IfExp: _choice,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: read_call,
    ast.Tuple: _collection,
    ast.List: _collection,
    ast.Set: _collection,
    ast.Dict: _collection,
    ast.ListComp: _collection,
    ast.SetComp: _collection,
    ast.DictComp: _collection,
    ast.GeneratorExp: _collection,
    ast.JoinedStr: _constant,
    ast.Lambda: _constant,
    ast.Constant: _constant,
    ast.Name: _name,
}
