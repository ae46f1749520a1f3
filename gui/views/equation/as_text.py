"""Writes an operation as text: its expression, its value, or its arrays as tables."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Form, Operation
from engine.debug.snapshots.snapshot import Snapshot
from gui.paint.values import brief, is_scalar, scalar_text
from gui.views.equation.picture.part_maker import is_drawable
from gui.widgets.view import Table


def expression_text(operation: Operation) -> str:
    """The expression of a picture: the call if arguments are passed, else the source."""
    if operation.form is Form.ARGUMENTS:
        return f"{operation.symbol}({', '.join(operand.text for operand in operation.operands)})"
    return operation.source.splitlines()[0]


def value_line(operation: Operation) -> str:
    """The value of an operation without a picture: `loss = 0.342159`, `layer: Affine`."""
    result = operation.result
    if operation.form is Form.ARGUMENTS:
        text = QCoreApplication.translate("Equation", "{0}: nothing is passed")
        return text.format(operation.symbol)
    text = scalar_text(result) if is_scalar(result) else brief(result)
    source = operation.source.splitlines()[0] if operation.source else operation.name
    if operation.form is Form.ASSIGNMENT:
        return f"{operation.name} = {text}" if is_scalar(result) else f"{operation.name}: {text}"
    if operation.form is Form.RETURN:
        return source if source.removeprefix("return ") == text else f"{source} → {text}"
    return f"{source} → {text}"


def tables_of(operation: Operation) -> list[Table]:
    """The result and the operands that are arrays; of more than two axes, as rows of the last."""
    found = [(operation.name, operation.result)]
    found += [(operand.text, operand.value) for operand in operation.operands]
    return [
        Table(name, np.asarray(value).reshape(-1, np.shape(value)[-1]))
        if np.ndim(value) > 2
        else Table(name, np.asarray(value))
        for name, value in found
        if is_drawable(value) and isinstance(value, np.ndarray)
    ]


def place_line(snapshot: Snapshot, about: str = "") -> str:
    """The function at the cursor, and what it is about there: by default the source."""
    where = snapshot.stack[0].function if snapshot.stack else ""
    operation = snapshot.operation
    source = "" if operation is None else operation.source.splitlines()[0]
    return f"{where}   {about or source}"
