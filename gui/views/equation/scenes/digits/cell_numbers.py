"""One number of a gradient as a sum over the images: of products, or of the factors alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.explain.operation import Form
from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.views.equation.scenes.digits.numbers import (
    ImageSum,
    image_product,
    is_matrix,
    is_own_gradient,
)

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class CellSums:
    """A gradient each of whose numbers is a sum over the images of the minibatch.

    Attributes:
        inputs: (N, D) what the weights were multiplied by; None for a bias.
        factors: (N, M) the gradient at the layer's output.
        result: (D, M), or (M,) for a bias.
        input_text, factor_text, name: of the three, in the source.
    """

    inputs: Array | None
    factors: Array
    result: Array
    input_text: str
    factor_text: str
    name: str

    def largest(self) -> Index:
        """The index of the number of the largest magnitude."""
        sizes = np.abs(self.result)
        place = int(np.argmax(np.where(np.isnan(sizes), -1.0, sizes)))
        return tuple(int(i) for i in np.unravel_index(place, self.result.shape))


def cell_sums(snapshot: Snapshot) -> CellSums | None:
    """The gradient of a stop; None if it is not certain that its rows are the images."""
    operation = snapshot.operation
    if operation is None or not is_own_gradient(snapshot) or not _rows_are_images(snapshot):
        return None
    values = [operand.value for operand in operation.operands]
    count, result = len(snapshot.minibatch.labels), operation.result
    if not isinstance(result, np.ndarray) or not all(is_matrix(value) for value in values):
        return None
    texts = [operand.text for operand in operation.operands]
    if operation.form is Form.PRODUCT and len(values) == 2 and is_matrix(result):
        left, right = values
        if left.shape[1] != count or result.shape != (left.shape[0], right.shape[1]):
            return None
        if image_product(snapshot) is not None:  # which has a picture of its own
            return None
        return CellSums(
            left.T, right, result, texts[0].removesuffix(".T"), texts[1], operation.name
        )
    summed = operation.form is Form.REDUCTION and operation.symbol == "sum"
    if not summed or operation.axes != (0,) or len(values) != 1:
        return None
    if len(values[0]) != count or result.shape != values[0].shape[1:]:
        return None
    return CellSums(None, values[0], result, "", texts[0], operation.name)


def _rows_are_images(snapshot: Snapshot) -> bool:
    """Whether the layer of the stop got a row for each image."""
    count = len(snapshot.minibatch.labels)
    shapes = [layer.in_shape for layer in snapshot.layers if layer.name == snapshot.event.layer]
    return any(len(shape) == 2 and shape[0] == count for shape in shapes)


class CellSum(ImageSum):
    """The sum of one number; the weight of an image is its product.

    Attributes:
        sums: the gradient that it is a number of.
        index: of the number.
        running: (N,) the sum after 1, 2, ... images of the order.
        result: the number, as the network has it.
    """

    def __init__(self, sums: CellSums, index: Index) -> None:
        self.sums, self.index = sums, index
        self.factors: Array = sums.factors[:, index[-1]]
        self.inputs: Array | None = None if sums.inputs is None else sums.inputs[:, index[0]]
        super().__init__(self.factors if self.inputs is None else self.inputs * self.factors)
        self.running = np.cumsum(self.weights[self.order], dtype=np.float64)
        self.result = float(sums.result[index])

    def after(self, count: int) -> float:
        """The sum of the first `count` images; of all, the number that the network has."""
        return self.result if count == len(self) else float(self.running[count - 1])
