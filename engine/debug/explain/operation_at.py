"""The `Operation` of an event, derived from its trace."""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterator
from types import BuiltinFunctionType
from typing import Any

import numpy as np

from engine.debug.events import Frame, Kind
from engine.debug.explain.elementwise import BINARY, is_of_numpy
from engine.debug.explain.expressions import indices_of, read_expression
from engine.debug.explain.mismatch import find_mismatch
from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.explain.reading import Reading, is_array, is_scalar
from engine.debug.explain.scene import UNKNOWN, Scene
from engine.debug.record.syntax import span_of, syntax_of, text_of
from engine.debug.record.trace import Trace


def operation_at(trace: Trace, event: int) -> Operation:
    """The operation of an event, with the values of its operands.

    This is a pure function of the trace. Nothing runs again.
    """
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


def _make(trace: Trace, event: int, reading: Reading, result: Any, **more: Any) -> Operation:
    frame = trace.frame(event)
    more.setdefault("source", trace.site(event).source)
    more.setdefault("name", more["source"])
    return Operation(
        form=reading.form, symbol=reading.symbol, operands=reading.operands, result=result,
        axes=reading.axes, keepdims=reading.keepdims, curve=reading.curve, details=reading.details,
        layer=frame.layer, function=_name_of(frame), **more,
    )  # fmt: skip


def _name_of(frame: Frame) -> str:
    return frame.function.rpartition(".")[2]


def _of_expression(trace: Trace, event: int) -> Operation:
    node = syntax_of(trace.site(event))
    result = trace.value(event)
    if not isinstance(node, ast.expr):
        return _make(trace, event, Reading(Form.FALLBACK), result)
    scene = Scene(trace, event)
    called = _callee(scene, node)
    if called is None:
        reading = read_expression(node, scene, result)
    else:
        reading = Reading(Form.CALL, _called_by(trace, called), tuple(_passed(trace, called)))
    return _make(trace, event, reading, result, name=_bound_name(trace, event, node))


def _callee(scene: Scene, node: ast.expr) -> Frame | None:
    """The frame of the recorded call that an expression made, and that has just returned."""
    trace, event = scene.trace, scene.event
    if trace.kind(event - 1) is not Kind.RETURN:
        return None
    frame = trace.frame(event - 1)
    if frame.parent is not scene.frame:
        return None
    name = _name_of(frame)
    if name in ("__next__", "__iter__"):  # the loop called these, before this expression
        return None
    if isinstance(node, ast.Call):  # numpy or Python may have called the recorded function
        function = scene.raw(node.func)
        outside = is_of_numpy(function) or isinstance(function, BuiltinFunctionType)
        return None if outside else frame
    operators = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript)
    overloaded = isinstance(node, operators) and name.startswith("__")
    return frame if overloaded or isinstance(node, ast.Attribute) else None


def _called_by(trace: Trace, frame: Frame) -> str:
    """The name of a call; for a layer's method with the layer's name, as in `Affine1.forward`."""
    for name, layer in trace.layers.items():
        if layer is frame.owner:
            return f"{name}.{_name_of(frame)}"
    return frame.function


def _passed(trace: Trace, frame: Frame) -> Iterator[Operand]:
    """The arguments of a call by the parameters' names, without `self`."""
    event = frame.call_event
    scene = Scene(trace, event, event)
    # The outermost frame has no call event.
    count = len(trace.raw(event)) if trace.kind(event) is Kind.CALL else None
    for place, (moment, name, raw) in enumerate(frame.bindings):
        if moment > event or (count is not None and place >= count):
            break
        if raw is not UNKNOWN and not (name == "self" or raw is frame.owner):
            yield Operand(name, scene.then(raw), scene.made(raw))


def _bound_name(trace: Trace, event: int, node: ast.expr) -> str:
    """The target of the line if an expression is its whole right-hand side; else the expression."""
    line = _line_before(trace, event)
    statement = None if line is None else syntax_of(trace.site(line))
    value = getattr(statement, "value", None)
    if isinstance(value, ast.expr) and span_of(value) == trace.site(event).span:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            return text_of(statement.targets[0])
        if isinstance(statement, ast.AnnAssign):
            return text_of(statement.target)
    return text_of(node)


def _arguments(trace: Trace, event: int) -> Operation:
    frame = trace.frame(event)
    reading = Reading(Form.ARGUMENTS, _called_by(trace, frame), tuple(_passed(trace, frame)))
    return _make(trace, event, reading, None, name=_name_of(frame))


def _returned(trace: Trace, event: int) -> Operation:
    result = trace.value(event)
    statement = syntax_of(trace.site(event))
    operand = Operand(text_of(ast.Constant(None)), result)
    if isinstance(statement, ast.Return) and statement.value is not None:
        scene = Scene(trace, event, event)
        found = scene.event_of(statement.value)
        made = scene.made(trace.raw(event)) if found is None else found
        operand = Operand(text_of(statement.value), result, made, span_of(statement.value))
    reading = Reading(Form.RETURN, _called_by(trace, trace.frame(event)), (operand,))
    return _make(trace, event, reading, result)


def _line_before(trace: Trace, event: int) -> int | None:
    """The line event of this frame before an event."""
    return next((e for e in _own_before(trace, event) if trace.kind(e) is Kind.LINE), None)


def _own_before(trace: Trace, event: int) -> Iterator[int]:
    """The events of this frame before an event, the latest first."""
    own = trace.events_of[id(trace.frame(event))]
    for place in range(bisect_left(own, event) - 1, -1, -1):
        yield own[place]


def _in_place(trace: Trace, event: int) -> Operation | None:
    """The change by a statement such as `W -= lr * dW` or `dx[mask] = 0`, if it has just run."""
    line = _line_before(trace, event)
    statement = None if line is None else syntax_of(trace.site(line))
    found = _target_of(statement)
    if line is None or found is None:
        return None
    target, value, symbol = found
    # The moments just before and after its write. Other frames may have written later, before a
    # generator is resumed.
    last = next(_own_before(trace, event))
    before, after = Scene(trace, event, last, last), Scene(trace, event, last + 1, last + 1)
    target, indices = _split(target, before)
    if not (symbol or indices):  # `self.v[name] = ...`: an assignment
        return None
    old, new = before.operand(target), after.value(target)
    number = old.value is not None and is_scalar(old.value) and before.is_followed(target)
    failed = before.raw(value) is UNKNOWN or (
        isinstance(target, ast.Name) and not indices and not after.is_bound_now(target)
    )
    if failed or not (number or is_array(old.value)):  # such as a list that is extended
        return None
    reading = Reading(Form.IN_PLACE, symbol, (old, before.operand(value), *indices))
    return _make(trace, event, reading, new, source=trace.site(line).source, name=old.text)


def _split(target: ast.expr, scene: Scene) -> tuple[ast.expr, list[Operand]]:
    """The array and the indices of a target such as `dz[rows, t]`; any other target has none."""
    if isinstance(target, ast.Subscript) and isinstance(scene.raw(target.value), np.ndarray):
        return target.value, indices_of(target.slice, scene)
    return target, []


def _target_of(statement: ast.AST | None) -> tuple[ast.expr, ast.expr, str] | None:
    """Target, value and symbol of a statement that may write into an array; "" for a store."""
    if isinstance(statement, ast.AugAssign):
        matrix = isinstance(statement.op, ast.MatMult)
        symbol = "@" if matrix else BINARY[type(statement.op)][0]
        return statement.target, statement.value, symbol
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return (target, statement.value, "") if isinstance(target, ast.Subscript) else None
    return None


def _assignment(trace: Trace, event: int) -> Operation:
    """The value that the previous lines of this frame set last; else the arguments."""
    scene = Scene(trace, event, event)
    for line in _own_before(trace, event):
        if trace.kind(line) is not Kind.LINE:
            continue
        for target in _targets(syntax_of(trace.site(line))):
            operand = scene.operand(target)
            if scene.raw(target) is not UNKNOWN and scene.is_followed(target):
                reading = Reading(Form.ASSIGNMENT, "←", (operand,))
                return _make(trace, event, reading, operand.value,
                             source=trace.site(line).source, name=operand.text)  # fmt: skip
    return _arguments(trace, event)


def _targets(statement: ast.AST | None) -> list[ast.expr]:
    """The targets of a statement; for a `for`, the last target first (`for name, dW in ...`)."""
    if isinstance(statement, ast.Assign):
        return [end for target in statement.targets for end in _ends(target)]
    if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
        return _ends(statement.target)
    return list(reversed(_ends(statement.target))) if isinstance(statement, ast.For) else []


def _ends(target: ast.expr) -> list[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        return [end for element in target.elts for end in _ends(element)]
    return [target]


def _failed(trace: Trace, event: int) -> Operation:
    """The operation that raised, with its operands."""
    site, error = trace.site(event), trace.raw(event)
    scene = Scene(trace, event)
    line = _line_before(trace, event)
    ran = site if line is None else trace.site(line)
    statement, node = syntax_of(ran), syntax_of(site)
    stored = _target_of(statement)
    part = _part_of(statement, node) or _used_at(statement, scene)
    more: dict[str, Any] = {"error": error}
    if stored is not None and site.span in (span_of(stored[0]), ran.span):
        target, value, symbol = stored
        target, indices = _split(target, scene)
        operands = (scene.operand(target), scene.operand(value), *indices)
        reading = Reading(Form.IN_PLACE, symbol, operands)
        more |= {"source": ran.source, "name": text_of(target)}
    elif part is not None:
        reading = Reading(Form.FALLBACK, "", (scene.operand(part),))
    elif isinstance(node, ast.expr):
        reading = read_expression(node, scene, None)
    else:
        reading = Reading(Form.FALLBACK)
    return find_mismatch(_make(trace, event, reading, None, **more))


def _part_of(statement: ast.AST | None, node: ast.AST | None) -> ast.expr | None:
    """The operand with which a statement itself failed, such as a test without a truth value."""
    if isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)):
        return node.test
    if isinstance(node, ast.For):
        return node.iter
    if isinstance(node, ast.With):
        return node.items[0].context_expr if len(node.items) == 1 else None
    if isinstance(statement, ast.Assign) and node is not None:  # a failed unpacking
        return statement.value if span_of(node) in map(span_of, statement.targets) else None
    if isinstance(statement, ast.For) and node is not None:
        return statement.iter if span_of(node) == span_of(statement.target) else None
    return None


def _used_at(statement: ast.AST | None, scene: Scene) -> ast.expr | None:
    """The part that already had its value when its use raised.

    For an array without a truth value, Python 3.11 reports that `if x > 0:` raised. Later versions
    report `x > 0`, although that comparison succeeded.
    """
    span = scene.trace.site(scene.event).span
    for node in () if statement is None else ast.walk(statement):
        for whole, part in _uses(node):
            if span_of(whole) == span and scene.is_known_now(part):
                return part
    return None


def _uses(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """The parts that a node tests, iterates, enters or formats, each after its place of error."""
    if isinstance(node, (ast.If, ast.While, ast.Assert, ast.IfExp)):
        yield node.test, node.test
    elif isinstance(node, (ast.For, ast.comprehension)):
        yield node.iter, node.iter
        for test in node.ifs if isinstance(node, ast.comprehension) else ():
            yield test, test
    elif isinstance(node, ast.withitem):
        yield node.context_expr, node.context_expr
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:  # before Python 3.12 each part has the span of the whole
            if isinstance(part, ast.FormattedValue) and span_of(part) != span_of(node):
                yield part, part.value
