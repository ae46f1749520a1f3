"""What the event at the cursor has done: of a trace, the `Operation` to draw."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.debug.elementwise import (
    BINARY,
    COMPARED,
    RELATED,
    find_curve,
    is_array,
    parts_of,
    symbol_of,
)
from engine.debug.events import Frame, Kind
from engine.debug.history import MISSING
from engine.debug.mismatch import find_mismatch
from engine.debug.operands import UNKNOWN, Scene, parse_expression, parse_statement, text_of
from engine.debug.operation import Form, Operand, Operation
from engine.debug.trace import Trace

_REDUCTIONS = (
    "sum", "mean", "max", "min", "amax", "amin", "prod", "argmax", "argmin", "any", "all", "std",
    "var", "median", "ptp", "count_nonzero", "nansum", "nanmean", "nanmax", "nanmin", "norm",
)  # fmt: skip
_COPIES = (
    "copy", "astype", "reshape", "ravel", "flatten", "squeeze", "asarray", "array", "view",
    "ascontiguousarray", "asfortranarray", "atleast_1d", "atleast_2d", "expand_dims", "repeat",
    "tile", "pad", "broadcast_to", "concatenate", "stack", "hstack", "vstack",
)  # fmt: skip
_CREATIONS = (
    "arange", "zeros", "ones", "empty", "full", "eye", "identity", "linspace", "logspace",
    "zeros_like", "ones_like", "empty_like", "full_like", "random", "standard_normal", "normal",
    "uniform", "integers", "permutation", "choice", "binomial", "nonzero", "indices",
)  # fmt: skip
_PRODUCTS = ("dot", "matmul")
_TRANSPOSES = ("transpose", "swapaxes", "moveaxis")


def operation_at(trace: Trace, event: int) -> Operation:
    """What an event has done, with the values that it was given."""
    kind = trace.kind(event)
    if kind is Kind.EXPRESSION:
        return _of_expression(trace, event)
    if kind is Kind.CALL:
        return _arguments(trace, event)
    if kind is Kind.EXCEPTION:
        return _failed(trace, event)
    if kind is Kind.RETURN:
        changed = _in_place(trace, event) if trace.raw(event) is None else None
        return changed or _returned(trace, event)
    return _in_place(trace, event) or _assignment(trace, event)


def _make(
    trace: Trace,
    event: int,
    form: Form,
    symbol: str,
    operands: tuple[Operand, ...] | list[Operand],
    result: Any,
    **more: Any,
) -> Operation:
    frame = trace.frame(event)
    site = trace.site(event)
    more.setdefault("source", site.source)
    more.setdefault("name", more["source"])
    return Operation(
        form=form, symbol=symbol, operands=tuple(operands), result=result, layer=frame.layer,
        function=frame.function.rpartition(".")[2], **more,
    )  # fmt: skip


# Expressions ---------------------------------------------------------------------------------


def _of_expression(trace: Trace, event: int) -> Operation:
    source = trace.site(event).source
    node = parse_expression(source)
    result = trace.value(event)
    if node is None:
        return _make(trace, event, Form.FALLBACK, "", (), result)
    scene = Scene(trace, event)
    name = _bound_name(trace, scene, source)
    return _classify(trace, event, scene, node, result, source=source, name=name)


def _classify(
    trace: Trace, event: int, scene: Scene, node: ast.expr, result: Any, **more: Any
) -> Operation:
    def make(form: Form, symbol: str = "", operands: Any = (), **rest: Any) -> Operation:
        return _make(trace, event, form, symbol, operands, result, **{**more, **rest})

    if isinstance(node, ast.NamedExpr):
        return _classify(trace, event, scene, node.value, result, **more)
    called = _callee(trace, event)
    if called is not None and isinstance(node, (ast.Call, ast.Attribute)):
        return make(Form.CALL, called.function, _passed(trace, called))
    kind = _KINDS.get(type(node))
    if kind is None:
        return make(Form.FALLBACK, "", _all_operands(scene, node))
    return kind(make, scene, node, result)


Make = Callable[..., Operation]


def _of_cells(make: Make, scene: Scene, node: ast.expr, result: Any) -> Operation | None:
    """An operation on cells, as a curve or as arithmetic; None where it is neither."""
    parts = parts_of(node, scene)
    if parts is None:
        return None
    operands = [scene.operand(part) for part in parts]
    arrays = any(is_array(operand.value) for operand in operands)
    if not arrays:
        return make(Form.SCALAR, symbol_of(node, scene), operands)
    found = find_curve(node, scene)
    if found is None:
        return make(Form.ELEMENTWISE, symbol_of(node, scene), operands)
    leaf, curve = found
    plain = sum(is_array(operand.value) for operand in operands) == 1 and leaf in parts
    symbol = symbol_of(node, scene) if plain and isinstance(node, ast.Call) else "f"
    return make(Form.FUNCTION, symbol, [scene.operand(leaf)], curve=curve)


def _binary(make: Make, scene: Scene, node: ast.BinOp, result: Any) -> Operation:
    if isinstance(node.op, ast.MatMult):
        return make(Form.PRODUCT, "@", [scene.operand(node.left), scene.operand(node.right)])
    made = _of_cells(make, scene, node, result)
    assert made is not None
    return made


def _unary(make: Make, scene: Scene, node: ast.UnaryOp, result: Any) -> Operation:
    made = _of_cells(make, scene, node, result)
    return made or make(Form.SCALAR, "not", [scene.operand(node.operand)])


def _compare(make: Make, scene: Scene, node: ast.Compare, result: Any) -> Operation:
    made = _of_cells(make, scene, node, result)
    if made is not None:
        return made
    operands = [scene.operand(part) for part in (node.left, *node.comparators)]
    kind = type(node.ops[0])
    return make(Form.SCALAR, RELATED.get(kind) or COMPARED[kind][0], operands)


def _logic(make: Make, scene: Scene, node: ast.BoolOp, result: Any) -> Operation:
    symbol = "and" if isinstance(node.op, ast.And) else "or"
    # What was not evaluated any more has no event, and is not shown.
    seen = [
        part for part in node.values
        if scene.event_of(part) is not None or isinstance(part, (ast.Name, ast.Attribute))
    ]  # fmt: skip
    return make(Form.SCALAR, symbol, [scene.operand(part) for part in seen])


def _choice(make: Make, scene: Scene, node: ast.IfExp, result: Any) -> Operation:
    test = scene.operand(node.test)
    chosen = node.body if bool(test.value) else node.orelse
    operands = [scene.operand(chosen)] if is_array(result) else [test, scene.operand(chosen)]
    return make(Form.COPY if is_array(result) else Form.SCALAR, "if", operands)


def _attribute(make: Make, scene: Scene, node: ast.Attribute, result: Any) -> Operation:
    thing = scene.operand(node.value)
    if is_array(thing.value) and node.attr in ("T", "mT"):
        axes = tuple(reversed(range(len(thing.value.shape))))
        if node.attr == "mT":
            axes = (*range(len(axes) - 2), len(axes) - 1, len(axes) - 2)
        return make(Form.TRANSPOSE, "ᵀ", [thing], details={"axes": axes})
    if is_array(thing.value) and is_array(result):
        return make(Form.COPY, f".{node.attr}", [thing])
    return make(Form.LOOKUP, f".{node.attr}", [thing])


def _subscript(make: Make, scene: Scene, node: ast.Subscript, result: Any) -> Operation:
    thing = scene.operand(node.value)
    indices = _indices(scene, node.slice)
    form = Form.INDEXING if is_array(thing.value) else Form.LOOKUP
    return make(form, "[ ]", [thing, *indices])


def _indices(scene: Scene, node: ast.expr) -> list[Operand]:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    found = []
    for part in parts:
        if isinstance(part, ast.Slice):
            ends = [
                None if end is None else scene.value(end)
                for end in (part.lower, part.upper, part.step)
            ]
            known = [None if end is UNKNOWN else end for end in ends]
            found.append(Operand(text_of(part), slice(*known)))
        else:
            found.append(scene.operand(part))
    return found


def _collection(make: Make, scene: Scene, node: ast.expr, result: Any) -> Operation:
    elements = getattr(node, "elts", [])
    return make(Form.COLLECTION, "", [scene.operand(element) for element in elements])


def _text(make: Make, scene: Scene, node: ast.expr, result: Any) -> Operation:
    return make(Form.SCALAR, "", ())


def _call(make: Make, scene: Scene, node: ast.Call, result: Any) -> Operation:
    made = _of_cells(make, scene, node, result)
    if made is not None:
        return made
    method = isinstance(node.func, ast.Attribute)
    name = node.func.attr if isinstance(node.func, ast.Attribute) else text_of(node.func)
    given = [part.value if isinstance(part, ast.Starred) else part for part in node.args]
    keywords = {k.arg: k.value for k in node.keywords if k.arg}
    of_array = False
    if isinstance(node.func, ast.Attribute):
        owner = scene.value(node.func.value)
        of_array = is_array(owner) or isinstance(owner, np.generic)
        if of_array:
            given = [node.func.value, *given]
    operands = [scene.operand(part) for part in given]
    first = operands[0].value if operands else None
    known = method or name in ("len", "getattr", "reversed")
    if known and is_array(first):
        if name in _REDUCTIONS:
            return _reduction(make, scene, name, operands, given, keywords, result)
        if name in _PRODUCTS and len(operands) > 1:
            return make(Form.PRODUCT, "@", operands[:2])
        if name in _TRANSPOSES:
            return make(
                Form.TRANSPOSE, "ᵀ", operands[:1], details={"axes": _axes_of(name, operands)}
            )
        if name in _COPIES:
            return make(Form.COPY, name, operands[:1])
    if known and name in _CREATIONS and is_array(result):
        return make(Form.CREATION, name, operands)
    if is_array(first) and is_array(result) and name in _COPIES:
        return make(Form.COPY, name, operands[:1])
    if not is_array(result) or name == "getattr":
        others = operands if of_array or not method else [_owner(scene, node.func), *operands]
        numbers = all(not is_array(o.value) and np.isscalar(o.value) for o in others)
        return make(Form.SCALAR if numbers and others else Form.LOOKUP, name, others)
    if name == "get" and method and not of_array:
        return make(Form.LOOKUP, "[ ]", [_owner(scene, node.func), *operands])
    return make(Form.FALLBACK, name, operands)


def _owner(scene: Scene, function: ast.expr) -> Operand:
    assert isinstance(function, ast.Attribute)
    return scene.operand(function.value)


def _axes_of(name: str, operands: list[Operand]) -> tuple[int, ...]:
    """Which axis of the array each axis of a transposed one was."""
    count = len(operands[0].value.shape)
    given = [operand.value for operand in operands[1:]]
    places = np.empty(tuple(range(2, 2 + count)))
    if name == "transpose":
        axes = given[0] if len(given) == 1 and not isinstance(given[0], int) else given
        turned = places.transpose(*axes) if axes else places.T
    else:
        turned = getattr(np, name)(places, *given)
    return tuple(length - 2 for length in turned.shape)


def _reduction(
    make: Make,
    scene: Scene,
    name: str,
    operands: list[Operand],
    given: list[ast.expr],
    keywords: dict[str, ast.expr],
    result: Any,
) -> Operation:
    count = len(operands[0].value.shape)
    axis = None
    if "axis" in keywords:
        axis = scene.value(keywords["axis"])
    elif len(operands) > 1:
        axis = operands[1].value
    if axis is None or axis is UNKNOWN:
        axes = tuple(range(count))
    else:
        axes = tuple(sorted(int(a) % count for a in (axis if isinstance(axis, tuple) else (axis,))))
    kept = count if len(axes) == 0 else count - len(axes)
    keepdims = is_array(result) and len(result.shape) == count and kept != count
    return make(Form.REDUCTION, name, operands[:1], axes=axes, keepdims=keepdims)


_KINDS: dict[type[ast.expr], Callable[..., Operation]] = {
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.BoolOp: _logic,
    ast.IfExp: _choice,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.Tuple: _collection,
    ast.List: _collection,
    ast.Set: _collection,
    ast.Dict: _collection,
    ast.ListComp: _collection,
    ast.SetComp: _collection,
    ast.DictComp: _collection,
    ast.GeneratorExp: _collection,
    ast.JoinedStr: _text,
    ast.Lambda: _text,
    ast.Constant: _text,
}


def _all_operands(scene: Scene, node: ast.expr) -> list[Operand]:
    return [
        scene.operand(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr)
    ]


def _callee(trace: Trace, event: int) -> Frame | None:
    """The recorded call that this expression was, which has just returned."""
    if event == 0:
        return None
    frame = trace.frame(event - 1)
    ended = trace.kind(event - 1) is Kind.RETURN
    return frame if ended and frame.parent is trace.frame(event) else None


def _passed(trace: Trace, frame: Frame) -> list[Operand]:
    """The arguments of a call by the parameters' names, without its `self`."""
    if frame.parent is None:
        names = [name for moment, name, _ in frame.bindings if moment == 0]
        values = {name: value for name, value in trace.locals_at(0, frame).items() if name in names}
        raw = dict.fromkeys(values)
    else:
        values = trace.value(frame.call_event)
        raw = {name: value for _, name, value in frame.bindings[: len(values)]}
    scene = Scene(trace, frame.call_event)
    return [
        Operand(name, value, scene.made(raw[name]))
        for name, value in values.items()
        if value is not frame.owner and name != "self"
    ]


def _bound_name(trace: Trace, scene: Scene, source: str) -> str:
    """What the line calls the value of an expression that is its whole right-hand side."""
    site = trace.site(scene.since)
    statement = parse_statement(site.source) if site.kind is Kind.LINE else None
    value = getattr(statement, "value", None)
    whole = isinstance(value, ast.expr) and text_of(value) == _plain(source)
    if whole and isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        return text_of(statement.targets[0])
    if whole and isinstance(statement, ast.AnnAssign):
        return text_of(statement.target)
    return source


def _plain(source: str) -> str:
    node = parse_expression(source)
    return source if node is None else text_of(node)


# Lines, calls, returns, exceptions -------------------------------------------------------------


def _arguments(trace: Trace, event: int) -> Operation:
    frame = trace.frame(event)
    name = frame.function.rpartition(".")[2]
    return _make(trace, event, Form.ARGUMENTS, name, _passed(trace, frame), None)


def _returned(trace: Trace, event: int) -> Operation:
    result = trace.value(event)
    scene = Scene(trace, event)
    operands: tuple[Operand, ...] = ()
    statement = parse_statement(trace.site(event).source)
    if isinstance(statement, ast.Return) and statement.value is not None:
        operands = (scene.operand(statement.value),)
    elif result is None:
        operands = (Operand("None", None),)
    name = trace.frame(event).function.rpartition(".")[2]
    return _make(trace, event, Form.RETURN, name, operands, result)


def _line_before(trace: Trace, event: int) -> int | None:
    """The line event of this frame before an event."""
    own = trace.events_of[id(trace.frame(event))]
    for place in range(bisect_left(own, event) - 1, -1, -1):
        if trace.kind(own[place]) is Kind.LINE:
            return own[place]
    return None


def _in_place(trace: Trace, event: int) -> Operation | None:
    """What `W -= lr * dW` has changed, if that is what has just run."""
    line = _line_before(trace, event)
    statement = None if line is None else parse_statement(trace.site(line).source)
    if line is None or not isinstance(statement, ast.AugAssign):
        return None
    before = Scene(trace, event, since=line)
    target: ast.expr = statement.target
    indices: list[Operand] = []
    if isinstance(target, ast.Subscript):
        whole = before.raw(target.value)
        if isinstance(whole, np.ndarray):
            indices = _indices(before, target.slice)
            target = target.value
    live = before.raw(target)
    old = trace.as_of(Scene(trace, line).raw(target), line)
    new = trace.as_of(live, event)
    if live is UNKNOWN or old is MISSING:
        return None
    symbol = "@" if isinstance(statement.op, ast.MatMult) else BINARY[type(statement.op)][0]
    text = text_of(target)
    operands = [Operand(text, old, Scene(trace, line).made(live)), before.operand(statement.value)]
    source = trace.site(line).source
    made = _make(trace, event, Form.IN_PLACE, symbol, [*operands, *indices], new,
                 source=source, name=text)  # fmt: skip
    return made


def _assignment(trace: Trace, event: int) -> Operation:
    """The value that the lines before this one have set last, else what was passed."""
    line = _line_before(trace, event)
    while line is not None:
        statement = parse_statement(trace.site(line).source)
        for target in _targets(statement):
            scene = Scene(trace, event, since=line)
            value = scene.value(target)
            if value is not UNKNOWN:
                operand = Operand(text_of(target), value, scene.made(scene.raw(target)))
                return _make(trace, event, Form.ASSIGNMENT, "←", [operand], value,
                             source=trace.site(line).source, name=operand.text)  # fmt: skip
        line = _line_before(trace, line)
    return _arguments(trace, event)


def _targets(statement: ast.stmt | None) -> list[ast.expr]:
    """What a statement sets, arrays being likeliest last (`for name, dW in ...`)."""
    if isinstance(statement, ast.Assign):
        found = [end for target in statement.targets for end in _ends(target)]
    elif isinstance(statement, (ast.AnnAssign, ast.For)):
        found = _ends(statement.target)
    else:
        found = []
    return list(reversed(found)) if isinstance(statement, ast.For) else found


def _ends(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        return [end for element in target.elts for end in _ends(element)]
    return [target]


def _failed(trace: Trace, event: int) -> Operation:
    """The operation that raised, with what it was given."""
    error = trace.raw(event)
    scene = Scene(trace, event)
    line = trace.site(scene.since)
    statement = parse_statement(line.source)
    node = None if statement is None else _innermost(statement, scene)
    if node is None:
        empty = _make(trace, event, Form.FALLBACK, "", (), None, error=error)
        return empty
    source = text_of(node)
    made = _classify(trace, event, scene, node, None, source=source, name=source, error=error)
    return find_mismatch(made)


def _innermost(statement: ast.stmt, scene: Scene) -> ast.expr | None:
    """The first part of a statement, in the order of evaluation, that has no value."""

    def visit(node: ast.expr) -> ast.expr | None:
        for part in ast.iter_child_nodes(node):
            inner = part.value if isinstance(part, ast.keyword) else part
            if isinstance(inner, ast.expr) and not (
                isinstance(node, ast.Call) and inner is node.func and isinstance(inner, ast.Name)
            ):
                found = visit(inner)
                if found is not None:
                    return found
        reported = isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Call, ast.Subscript))
        if reported and scene.event_of(node) is None and scene.raw(node) is UNKNOWN:
            return node
        return None

    if isinstance(statement, ast.AugAssign):
        found = visit(statement.value)
        if found is None:
            return ast.BinOp(statement.target, statement.op, statement.value)
        return found
    for part in ast.iter_child_nodes(statement):
        if isinstance(part, ast.expr) and isinstance(getattr(part, "ctx", ast.Load()), ast.Load):
            found = visit(part)
            if found is not None:
                return found
    return None
