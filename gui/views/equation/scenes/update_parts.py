"""What the update's scene shows: the arrays of a step, one unit, one weight's arithmetic."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.events import Phase
from engine.debug.explain.operation import Form, Operation
from engine.debug.reach.placeholders import FadedArray
from engine.debug.snapshots.snapshot import Snapshot
from gui.paint.values import is_drawable, is_scalar

Array = np.ndarray[Any, Any]
LEAST_PICTURE = 16  # pixels of an image; the columns of fewer are no pictures
_SIGNS = {"-": "−", "*": "×", "/": "÷", "+": "+", "−": "−", "×": "×", "÷": "÷"}


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """An array of the step, or a number.

    Attributes:
        name: the source's: `W`, `self.lr * dW`.
        moment: "before", "after" or "".
    """

    name: str
    value: Any
    moment: str = ""

    @property
    def is_array(self) -> bool:
        """Whether it has cells."""
        return is_drawable(self.value)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """An operation of the update: left, sign, right, result.

    Attributes:
        changes: whether `left` is what becomes the result.
        target: what the result will change, where the line that runs says so; or None.
        target_sign: the sign with which the target is changed.
        label: of the update's band: `Affine1.W`; or "".
    """

    left: Term
    sign: str
    right: Term
    result: Term
    changes: bool
    target: Term | None = None
    target_sign: str = ""
    label: str = ""

    @property
    def terms(self) -> tuple[Term, Term, Term]:
        """In the order of the picture."""
        return self.left, self.right, self.result

    @property
    def moved(self) -> Array:
        """The array whose largest number is looked for: the step."""
        term = self.right if self.changes and self.right.is_array else self.result
        array: Array = term.value
        return array


def step_of(snapshot: Snapshot) -> Step | None:
    """The step at the cursor; None if it is no arithmetic of arrays of one shape in the update."""
    operation = snapshot.operation
    if snapshot.event.phase is not Phase.UPDATE or operation is None or not _fits(operation):
        return None
    left, right = operation.operands
    changes = operation.form is Form.IN_PLACE
    names = (operation.name, operation.name) if changes else (left.text, operation.name)
    moments = ("before", "after") if changes else ("", "")
    target, sign = _target(snapshot, operation)
    return Step(
        Term(names[0], left.value, moments[0]),
        _SIGNS[operation.symbol],
        Term(right.text, right.value),
        Term(names[1], operation.result, moments[1]),
        changes,
        target,
        sign,
        next((b.label for b in snapshot.bands if b.first <= snapshot.event.index <= b.last), ""),
    )


def _fits(operation: Operation) -> bool:
    if operation.form not in (Form.ELEMENTWISE, Form.IN_PLACE) or operation.error is not None:
        return False
    if len(operation.operands) != 2 or operation.symbol not in _SIGNS:
        return False
    result = operation.result
    if not _is_real(result) or result.size < 2:
        return False
    values = [operand.value for operand in operation.operands]
    return all(
        (_is_real(value) and value.shape == result.shape) or _is_number(value) for value in values
    ) and any(_is_real(value) for value in values)


def _is_real(value: Any) -> bool:
    faded = isinstance(value, FadedArray)
    return not faded and is_drawable(value) and value.dtype.kind == "f"


def _is_number(value: Any) -> bool:
    return is_scalar(value) and not isinstance(value, complex | np.complexfloating)


def _target(snapshot: Snapshot, operation: Operation) -> tuple[Term | None, str]:
    """What the statement that runs will change by the operation's result, and its sign."""
    ahead = snapshot.ahead
    if ahead is None or operation.form is Form.IN_PLACE:
        return None, ""
    try:
        statement = ast.parse(ahead.source.strip()).body[0]
    except (SyntaxError, ValueError, IndexError):
        return None, ""
    if not isinstance(statement, ast.AugAssign) or ast.unparse(statement.value) != (
        operation.source
    ):
        return None, ""
    sign = {ast.Sub: "−", ast.Add: "+"}.get(type(statement.op), "")
    value = value_named(snapshot, ast.unparse(statement.target))
    if not sign or not _is_real(value) or value.shape != operation.result.shape:
        return None, ""
    return Term(ast.unparse(statement.target), value), sign


def value_named(snapshot: Snapshot, name: str) -> Any:
    """The value of a variable in scope; None if there is none."""
    return next((v.value for v in snapshot.variables if v.name == name), None)


def factors_of(snapshot: Snapshot, term: Term, cell: tuple[int, ...]) -> tuple[float, float] | None:
    """The number and the array's cell whose product a term's cell is, as 0.5 × 0.0103; or None.

    They are read from the variables in scope, and compared with the cell that is there.
    """
    try:
        node = ast.parse(term.name.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        return None
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mult):
        return None
    values = [value_named(snapshot, ast.unparse(side)) for side in (node.left, node.right)]
    numbers = [value for value in values if _is_number(value)]
    arrays = [value for value in values if _is_real(value) and value.shape == term.value.shape]
    if len(numbers) != 1 or len(arrays) != 1:
        return None
    number, at = float(numbers[0]), float(arrays[0][cell])
    return (number, at) if np.isclose(number * at, float(term.value[cell]), rtol=1e-4) else None


def largest_cell(array: Array, unit: int | None = None) -> tuple[int, ...]:
    """The cell with the largest magnitude, of one column or of all; NaN counts as 0."""
    magnitude = np.nan_to_num(np.abs(array), nan=0.0, posinf=0.0)
    if unit is not None:
        return int(magnitude[:, unit].argmax()), unit
    return tuple(int(i) for i in np.unravel_index(int(magnitude.argmax()), array.shape))


def has_units(shape: tuple[int, ...], image: tuple[int, int]) -> bool:
    """Whether the columns of a matrix are pictures of an image's size."""
    return len(shape) == 2 and shape[0] == image[0] * image[1] >= LEAST_PICTURE
