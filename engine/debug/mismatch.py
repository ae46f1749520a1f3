"""Two dimensions that had to be equal: which, and in plain words why."""

from __future__ import annotations

from dataclasses import replace

from engine.debug.operation import Form, Mismatch, Operand, Operation

_AXES = {1: ("elements",), 2: ("rows", "columns")}


def find_mismatch(operation: Operation) -> Operation:
    """The operation with its mismatch, if that is why it raised."""
    shapes = [tuple(getattr(o.value, "shape", ())) for o in operation.operands]
    found = None
    if operation.form is Form.PRODUCT and len(shapes) == 2 and all(shapes):
        found = _of_product(operation, shapes[0], shapes[1])
    elif operation.form in (Form.ELEMENTWISE, Form.IN_PLACE, Form.FUNCTION):
        found = _of_broadcast(operation, shapes)
    return operation if found is None else replace(operation, mismatch=found)


def _of_product(
    operation: Operation, left: tuple[int, ...], right: tuple[int, ...]
) -> Mismatch | None:
    left_axis, right_axis = len(left) - 1, max(len(right) - 2, 0)
    sizes = left[left_axis], right[right_axis]
    if sizes[0] == sizes[1]:
        return None
    a, b = operation.operands[:2]
    sentence = f"{_count(a, left, left_axis)}, {_count(b, right, right_axis)}."
    advice = "They must be equal."
    if len(right) == 2 and right[1] == sizes[0]:
        advice += f" Did you mean {_turned(b)} ({right[1]} × {right[0]})?"
    elif len(left) == 2 and left[0] == sizes[1]:
        advice += f" Did you mean {_turned(a)} ({left[1]} × {left[0]})?"
    return Mismatch((0, left_axis), (1, right_axis), sizes, sentence, advice)


def _of_broadcast(operation: Operation, shapes: list[tuple[int, ...]]) -> Mismatch | None:
    arrays = [(number, shape) for number, shape in enumerate(shapes[:2]) if shape]
    if len(arrays) < 2:
        return None
    (i, a), (j, b) = arrays[0], arrays[1]
    one_may_grow = operation.form is not Form.IN_PLACE  # the target keeps its shape
    for back in range(1, min(len(a), len(b)) + 1):
        sizes = a[-back], b[-back]
        fits = sizes[0] == sizes[1] or sizes[1] == 1 or (one_may_grow and sizes[0] == 1)
        if fits:
            continue
        left, right = (i, len(a) - back), (j, len(b) - back)
        first, second = operation.operands[i], operation.operands[j]
        sentence = f"{_count(first, a, left[1])}, {_count(second, b, right[1])}."
        advice = "Counted from the last axis, each pair of sizes must be equal, or one of them 1."
        if len(b) == 1 and len(a) == 2 and a[0] == b[0]:
            advice += f" One for each row would be {second.text}[:, None] ({b[0]} × 1)."
        return Mismatch(left, right, sizes, sentence, advice)
    return None


def _count(operand: Operand, shape: tuple[int, ...], axis: int) -> str:
    names = _AXES.get(len(shape))
    size = shape[axis]
    if names is None:
        return f"{operand.text} is {size} long along axis {axis}"
    name = names[axis] if size != 1 else names[axis].removesuffix("s")
    return f"{operand.text} has {size} {name}"


def _turned(operand: Operand) -> str:
    text = operand.text
    if text.endswith(".T"):
        return text.removesuffix(".T")
    return f"{text}.T" if text.replace(".", "").replace("_", "").isalnum() else f"({text}).T"
