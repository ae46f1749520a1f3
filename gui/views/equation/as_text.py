"""Writes an operation as a line of text: its expression, or its value if it has no picture."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Form, Operation
from gui.paint.values import brief, is_scalar, scalar_text


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
