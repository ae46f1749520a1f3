"""The operation of a call of numpy, or of one of Python's own functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from engine.debug.explain.dependencies import Index, Region, Regions, Shapes
from engine.debug.explain.elementwise import is_of_numpy
from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.explain.reading import COLLECTIONS, Reading, form_of_value, is_array, is_scalar
from engine.debug.explain.scene import UNKNOWN, Scene
from engine.debug.reach.contents import look_up
from engine.debug.record.syntax import text_of

_REDUCTIONS = (
    "sum", "mean", "max", "min", "amax", "amin", "prod", "argmax", "argmin", "any", "all", "std",
    "var", "median", "ptp", "count_nonzero", "nansum", "nanmean", "nanmax", "nanmin", "average",
    "norm",
)  # fmt: skip
_AXIS_AT = {"norm": 2}  # the position of `axis`, if it is not 1
_COPIES = (
    "copy", "astype", "reshape", "ravel", "flatten", "squeeze", "expand_dims", "asarray", "array",
    "asanyarray", "ascontiguousarray", "asfortranarray", "view", "float32", "float64",
)  # fmt: skip
# These move cells to other places, some several times. Places without a cell get a constant.
_MOVES = (
    "repeat", "tile", "pad", "broadcast_to", "flip", "fliplr", "flipud", "roll", "rot90", "tril",
    "triu", "diag", "diagonal", "take", "resize", "atleast_1d", "atleast_2d", "atleast_3d",
)  # fmt: skip
_JOINS = (
    "concatenate", "stack", "hstack", "vstack", "column_stack", "dstack", "array",
    "asarray",
)  # fmt: skip
_PADDED = ("constant", "edge", "reflect", "symmetric", "wrap", "empty")  # modes that move cells
_CREATIONS = (
    "arange", "zeros", "ones", "empty", "full", "eye", "identity", "linspace", "logspace",
    "zeros_like", "ones_like", "empty_like", "full_like", "random", "random_sample", "rand",
    "randn", "randint", "standard_normal", "normal", "uniform", "integers", "permutation",
    "choice", "binomial", "nonzero", "flatnonzero", "argwhere", "indices", "array", "asarray",
)  # fmt: skip
_TRANSPOSES = ("transpose", "swapaxes", "moveaxis")
# Python functions and methods that return a part of their argument, or an iterator over parts.
_LOOKUPS = (
    "len", "getattr", "reversed", "iter", "next", "enumerate", "zip", "get", "items", "keys",
    "values", "pop", "popleft", "popitem", "setdefault", "item", "tolist", "ndenumerate",
    "ndindex", "nditer",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Call:
    """A call with its arguments.

    Attributes:
        name: of the function or method.
        operands: the positional arguments; for a method of an array, preceded by the array.
        nodes: the syntax of the operands.
        named: the keyword arguments.
        function: computes the call with other arguments; None if unknown.
    """

    scene: Scene
    name: str
    operands: tuple[Operand, ...]
    nodes: tuple[ast.expr, ...]
    named: Mapping[str, ast.expr]
    function: Callable[..., Any] | None

    def rest(self) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
        """The values of the arguments after the first; None if any is unknown."""
        values = [self.scene.value(node) for node in self.nodes[1:]]
        named = {name: self.scene.value(node) for name, node in self.named.items()}
        known = not any(value is UNKNOWN for value in (*values, *named.values()))
        return (tuple(values), named) if known else None


def read_call(node: ast.Call, scene: Scene, result: Any) -> Reading:
    """The form and the operands of a call."""
    function = scene.raw(node.func)
    nodes = [part.value if isinstance(part, ast.Starred) else part for part in node.args]
    name = node.func.attr if isinstance(node.func, ast.Attribute) else text_of(node.func)
    spread = len(nodes) > 0 and any(isinstance(part, ast.Starred) for part in node.args)
    spread = spread or any(keyword.arg is None for keyword in node.keywords)
    named = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    method = False
    if isinstance(node.func, ast.Attribute):
        owner = scene.raw(node.func.value)
        method = is_array(owner) or isinstance(owner, (np.ndarray, np.generic))
        if method or not (is_of_numpy(function) or isinstance(owner, ModuleType)):
            nodes.insert(0, node.func.value)
    operands = tuple(scene.operand(part) for part in nodes)
    if method or is_of_numpy(function):
        name = name if method else str(look_up(function, "__name__", name))
        compute = _method(name) if method else function
        call = _Call(scene, name, operands, tuple(nodes), named, None if spread else compute)
        found = _of_numpy(call, result)
        if found is not None:
            return found
    return _of_others(name, operands, result)


def _method(name: str) -> Callable[..., Any]:
    def call(array: Any, *given: Any, **named: Any) -> Any:
        return getattr(array, name)(*given, **named)

    return call


def _of_numpy(call: _Call, result: Any) -> Reading | None:
    name, operands = call.name, call.operands
    first = operands[0].value if operands else None
    linked = _LINKED[name](call) if name in _LINKED else None
    if linked is not None:
        return linked
    if is_array(first):
        if name in _REDUCTIONS:
            return _reduction(call, result)
        if name in ("dot", "matmul") and len(operands) > 1:
            return _product(call)
        if name in _TRANSPOSES:
            return Reading(Form.TRANSPOSE, "ᵀ", operands[:1], details={"axes": _axes_of(call)})
        if name in _COPIES or name in _MOVES:
            return Reading(Form.COPY, name, operands[:1], details=_movement(call))
    if isinstance(first, (list, tuple)) and name in _JOINS and any(map(is_array, first)):
        return _joined(call)
    if name in _CREATIONS and is_array(result):
        return Reading(Form.CREATION, name, operands)
    return None


def _of_others(name: str, operands: tuple[Operand, ...], result: Any) -> Reading:
    if name in _LOOKUPS:
        return Reading(Form.LOOKUP, "[ ]" if name == "get" else name, operands)
    if is_array(result):
        return Reading(Form.FALLBACK, name, operands)
    if isinstance(result, COLLECTIONS):
        return Reading(Form.COLLECTION, name, operands)
    if isinstance(result, bool) or all(is_scalar(operand.value) for operand in operands):
        return Reading(form_of_value(result), name, operands)
    lookup = result is not None and is_scalar(result)  # `float(x)`, `np.ndim(x)`
    return Reading(Form.LOOKUP if lookup else Form.FALLBACK, name, operands)


def _product(call: _Call) -> Reading:
    left, right = call.operands[:2]
    if not is_array(right.value):
        return Reading(Form.ELEMENTWISE, "×", (left, right))
    if call.name == "dot" and len(right.value.shape) > 2:  # unlike @ for stacked matrices
        return Reading(Form.FALLBACK, call.name, (left, right))
    return Reading(Form.PRODUCT, "@", (left, right))


def _reduction(call: _Call, result: Any) -> Reading:
    count = len(call.operands[0].value.shape)
    place = _AXIS_AT.get(call.name, 1)
    axis: Any = None
    if "axis" in call.named:
        axis = call.scene.value(call.named["axis"])
    elif len(call.operands) > place:
        axis = call.operands[place].value
    axes = tuple(range(count))
    if axis is not None and axis is not UNKNOWN:
        given = axis if isinstance(axis, (tuple, list)) else (axis,)
        numbers = [a for a in given if isinstance(a, (int, np.integer)) and -count <= a < count]
        axes = tuple(sorted({int(a) % count for a in numbers}))
    keepdims = is_array(result) and len(result.shape) == count and len(axes) > 0
    return Reading(Form.REDUCTION, call.name, call.operands[:1], axes=axes, keepdims=keepdims)


def _axes_of(call: _Call) -> tuple[int, ...]:
    """For each axis of the transposed array, its axis in the original."""
    shape = call.operands[0].value.shape
    rest = call.rest()
    # An array whose axes have distinct lengths, and that takes no memory.
    marked = np.broadcast_to(np.int8(0), tuple(range(2, 2 + len(shape))))
    try:
        if rest is None or call.function is None:
            raise ValueError
        turned = call.function(marked, *rest[0], **rest[1])
    except (ValueError, TypeError):  # the call raised in the trace, too
        turned = marked.T
    return tuple(length - 2 for length in turned.shape)


def _movement(call: _Call) -> dict[str, Any]:
    """A function that moves labels as the call moved cells, to find where each cell went."""
    rest, function = call.rest(), call.function
    plain = call.name not in _MOVES and "order" not in call.named
    if plain or rest is None or function is None or "out" in call.named:
        return {}
    values, named = rest
    if call.name == "pad":
        mode = values[1] if len(values) > 1 else named.get("mode", "constant")
        if mode not in _PADDED:
            return {}
        named.pop("constant_values", None)
    named.pop("dtype", None)
    return {"move": lambda labels: function(labels, *values, **named)}


def _joined(call: _Call) -> Reading:
    """A concatenation: each joined array is an operand."""
    whole, node = call.operands[0], call.nodes[0]
    if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) == len(whole.value):
        operands = tuple(call.scene.operand(part) for part in node.elts)
    else:
        operands = tuple(
            Operand(f"{whole.text}[{place}]", value, whole.event, whole.span)
            for place, value in enumerate(whole.value)
        )
    rest, function = call.rest(), call.function
    if rest is None or function is None or not all(is_array(o.value) for o in operands):
        return Reading(Form.COPY, call.name, operands)
    values, named = rest
    kept = {name: value for name, value in named.items() if name in ("axis", "order")}

    def move(*labels: Any) -> Any:
        return function(list(labels), *values, **kept)

    return Reading(Form.COPY, call.name, operands, details={"move": move})


def _outer(call: _Call) -> Reading | None:
    """Each cell of a vector times each cell of another; arrays of more axes are not read."""
    vectors = [o for o in call.operands[:2] if is_array(o.value) and len(o.value.shape) == 1]
    if len(vectors) < 2 or "out" in call.named:
        return None
    links = _outer_sources, _outer_target
    return Reading(Form.LINKED, "outer", call.operands[:2], details={"links": links})


def _outer_sources(operation: Operation, shapes: Shapes, index: Index) -> Regions:
    return index[:1], index[1:]


def _outer_target(operation: Operation, shapes: Shapes, operand: int, index: Index) -> Region:
    return (*index, slice(None)) if operand == 0 else (slice(None), *index)


# Operations whose cells hang together in a way of their own, by the function's name. A row makes
# the `Reading`, with `details["links"]`, or returns None where the arguments do not suit.
_LINKED: dict[str, Callable[[_Call], Reading | None]] = {"outer": _outer}
