"""Shape errors: the two dimensions of an operation that had to be equal, and advice in words."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations, zip_longest

import numpy as np

from engine.debug.explain.operation import Form, Mismatch, Operand, Operation
from engine.debug.explain.reading import is_array

_AXES = {1: ("elements",), 2: ("rows", "columns")}
_RULE = "Counted from the last axis, each pair of sizes must be equal, or one of them 1."
_COLLAPSED = re.compile(r"[\w.]+\.\w+\([^()]*\baxis=-?\d+\)")
_KEPT = "What is changed in place keeps its shape: the other must fit it."
Shape = tuple[int, ...]


def find_mismatch(operation: Operation) -> Operation:
    """The operation with its mismatch, if a mismatch is why it raised."""
    operands = operation.operands
    found = None
    if operation.form is Form.PRODUCT or operation.symbol == "@":
        if len(operands) >= 2 and all(is_array(operand.value) for operand in operands[:2]):
            found = _of_product(operands[0], operands[1])
    elif operation.form is Form.INDEXING:
        found = _of_mask(operands) or _of_arrays(operands, range(1, len(operands)))
    elif operation.form is Form.IN_PLACE and len(operands) == 2:
        found = _of_arrays(operands, range(2), first_stays=True)
    elif operation.form is Form.ELEMENTWISE:
        found = _of_arrays(operands, range(len(operands)))
    return operation if found is None else replace(operation, mismatch=found)


def _of_product(a: Operand, b: Operand) -> Mismatch | None:
    left, right = a.value.shape, b.value.shape
    left_axis, right_axis = len(left) - 1, max(len(right) - 2, 0)
    sizes = left[left_axis], right[right_axis]
    if sizes[0] == sizes[1]:
        return None
    advice = "They must be equal."
    if len(right) == 2 and right[1] == sizes[0]:
        advice += f" Did you mean {_turned(b)} ({_times(right[::-1])})?"
    elif len(left) == 2 and left[0] == sizes[1]:
        advice += f" Did you mean {_turned(a)} ({_times(left[::-1])})?"
    sentence = f"{_count(a, left_axis)}, {_count(b, right_axis)}."
    return Mismatch((0, left_axis), (1, right_axis), sizes, sentence, advice)


def _of_arrays(
    operands: tuple[Operand, ...], numbers: range, first_stays: bool = False
) -> Mismatch | None:
    """Two arrays that cannot be broadcast together (to the first's shape, with `first_stays`)."""
    arrays = [number for number in numbers if is_array(operands[number].value)]
    for i, j in combinations(arrays, 2):
        first, second = operands[i], operands[j]
        a, b = first.value.shape, second.value.shape
        for back in range(1, min(len(a), len(b)) + 1):
            sizes = a[-back], b[-back]
            if sizes[0] == sizes[1] or sizes[1] == 1 or (sizes[0] == 1 and not first_stays):
                continue
            axes = len(a) - back, len(b) - back
            sentence = f"{_count(first, axes[0])}, {_count(second, axes[1])}."
            advice = _advice(first, second) or ("" if first_stays else _advice(second, first))
            advice = f"{_KEPT if first_stays else _RULE}{advice}"
            return Mismatch((i, axes[0]), (j, axes[1]), sizes, sentence, advice)
    return None


def _advice(first: Operand, second: Operand) -> str:
    """A suggestion for the second operand, if it fits when transposed or with another axis."""
    a, b = first.value.shape, second.value.shape
    if len(a) == 2 and b == a[::-1]:
        return f" Did you mean {_turned(second)} ({_times(a)})?"
    if len(a) == 2 and b == a[:1]:
        text = f"{second.text}[:, None]" if _is_plain(second.text) else f"({second.text})[:, None]"
        if _COLLAPSED.fullmatch(second.text):
            text = f"{second.text[:-1]}, keepdims=True)"
        return f" Did you mean {text} ({b[0]} × 1), one for each row?"
    return ""


def _of_mask(operands: tuple[Operand, ...]) -> Mismatch | None:
    """A mask whose length differs from that of the array that it indexes."""
    array, mask = operands[0], operands[1] if len(operands) == 2 else None
    if mask is None or not isinstance(mask.value, np.ndarray) or mask.value.dtype != bool:
        return None
    for axis, (size, length) in enumerate(zip_longest(array.value.shape, mask.value.shape)):
        if length is None or size is None:
            return None
        if size != length:
            sentence = f"{_count(array, axis)}, {_count(mask, axis)}."
            advice = "A mask has a truth value for each cell: they must be equal."
            return Mismatch((0, axis), (1, axis), (size, length), sentence, advice)
    return None


def _count(operand: Operand, axis: int) -> str:
    shape = operand.value.shape
    names, size = _AXES.get(len(shape)), shape[axis]
    if names is None:
        return f"{operand.text} is {size} long along axis {axis}"
    name = names[axis] if size != 1 else names[axis].removesuffix("s")
    return f"{operand.text} has {size} {name}"


def _times(shape: Shape) -> str:
    return " × ".join(map(str, shape))


def _turned(operand: Operand) -> str:
    text = operand.text
    if text.endswith(".T"):
        return text.removesuffix(".T")
    return f"{text}.T" if _is_plain(text) else f"({text}).T"


def _is_plain(text: str) -> bool:
    """Whether an attribute or an index can follow without parentheses."""
    return text.replace(".", "").replace("_", "").isalnum() or text.endswith((")", "]"))
