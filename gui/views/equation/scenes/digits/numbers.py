"""The numbers of the sum: which product is one over images, and what each image adds to a unit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import engine.nn
from engine.debug.explain.operation import Form
from engine.debug.snapshots.snapshot import Snapshot

Array = np.ndarray[Any, Any]
CLOSE = 1e-6  # between a pixel of the network's and the image's, which lie in 0..1
MOST_COMPARED = 1_000_000  # cells; of more, rows are compared at even distances
_OWN = Path(engine.nn.__path__[0])


@dataclass(frozen=True, slots=True, eq=False)
class ImageProduct:
    """A product of the images, transposed, and an array with a row for each of them.

    Attributes:
        images: (N, D), one image in each row, as the network got it.
        factors: (N, M), what each image is multiplied by.
        result: (D, M), for each unit a picture.
        factor_text, name: of the factors and of the result, in the source.
        sign_known: whether it is a gradient that the update goes against.
    """

    images: Array
    factors: Array
    result: Array
    factor_text: str
    name: str
    sign_known: bool

    @property
    def units(self) -> int:
        """M."""
        return int(self.result.shape[1])

    def largest_unit(self) -> int:
        """The unit that holds the number of the largest magnitude."""
        sizes = np.maximum(self.result.max(axis=0), -self.result.min(axis=0))
        return int(np.argmax(np.where(np.isnan(sizes), -1.0, sizes)))


def image_product(snapshot: Snapshot) -> ImageProduct | None:
    """The product of a stop; None if it is another operation or its rows are not the images."""
    operation = snapshot.operation
    if operation is None or operation.form is not Form.PRODUCT or operation.error is not None:
        return None
    left, right = (operand.value for operand in operation.operands)
    result = operation.result
    if not all(is_matrix(value) for value in (left, right, result)):
        return None
    images = snapshot.minibatch.images
    if (
        images.ndim != 3
        or not len(images)
        or images[0].size < 2
        or left.shape != (images[0].size, len(images))
    ):
        return None
    if right.shape[0] != len(images) or result.shape != (left.shape[0], right.shape[1]):
        return None
    if not is_of_images(left.T, images):
        return None
    text = operation.operands[1].text
    known = is_own_gradient(snapshot)
    return ImageProduct(left.T, right, result, text, operation.name or operation.source, known)


def is_matrix(value: Any) -> bool:
    """Whether a value is a matrix of real numbers, with at least one cell."""
    return (
        isinstance(value, np.ndarray)
        and value.ndim == 2
        and value.size > 0
        and value.dtype.kind == "f"
    )


def is_of_images(rows: Array, images: Array) -> bool:
    """Whether rows (N, D) are the images (N, rows, columns), their bytes divided by 255."""
    step = -(-rows.size // MOST_COMPARED)
    pixels = images.reshape(len(images), -1)[::step] / np.float32(255)
    return bool(np.abs(rows[::step] - pixels).max() <= CLOSE)


def is_own_gradient(snapshot: Snapshot) -> bool:
    """Whether the operation makes the gradient of a parameter in a layer of `engine.nn`."""
    operation, event = snapshot.operation, snapshot.event
    if operation is None or Path(event.file).parent != _OWN:
        return False
    own = operation.name.removeprefix("self.d")
    layers = (layer for layer in snapshot.layers if layer.name == event.layer)
    return any(operation.name == f"self.d{own}" and own in layer.parameters for layer in layers)


def closed_by(snapshot: Snapshot, unit: int) -> str:
    """The ReLU behind the layer of the stop, if it gave 0 for this unit and every image; or ""."""
    names = [layer.name for layer in snapshot.layers]
    if snapshot.event.layer not in names[:-1]:
        return ""
    after = snapshot.layers[names.index(snapshot.event.layer) + 1]
    output = after.output
    if after.kind != "ReLU" or not isinstance(output, np.ndarray) or output.ndim != 2:
        return ""
    return after.name if unit < output.shape[1] and not output[:, unit].any() else ""


class ImageSum:
    """Something that each image of the minibatch adds to, in an order.

    Attributes:
        weights: (N,) the strength of each image, signed.
        order: (N,) rows of the minibatch, by falling |weight|; what is not finite comes first.
    """

    def __init__(self, weights: Array) -> None:
        self.weights = weights
        self.order = by_push(weights)
        self._rank = np.empty(len(self.order), dtype=np.intp)
        self._rank[self.order] = np.arange(len(self.order))

    def __len__(self) -> int:
        return len(self.order)

    @property
    def silent(self) -> bool:
        """Whether no image pushes at all."""
        return not self.weights.any()

    def rank(self, row: int) -> int:
        """The place of a row of the minibatch in the order."""
        return int(self._rank[row])

    def weight(self, rank: int) -> float:
        """The strength of the image at a place of the order."""
        return float(self.weights[self.order[rank]])

    def largest(self) -> float:
        """The largest magnitude of the finite weights; 1 if all are 0."""
        finite = self.weights[np.isfinite(self.weights)]
        return float(np.abs(finite).max(initial=0.0)) or 1.0


class UnitSum(ImageSum):
    """The sum of one unit; the weight of an image is what it is multiplied by.

    Attributes:
        product: of which it is a column.
        unit: the column.
        result: (D,) the unit's column of the product, as the network has it.
    """

    def __init__(self, product: ImageProduct, unit: int) -> None:
        super().__init__(product.factors[:, unit])
        self.product, self.unit = product, unit
        self.result: Array = product.result[:, unit]

    def alone(self, rank: int) -> Array:
        """(D,) what the image at a place of the order adds."""
        row = self.order[rank]
        return np.asarray(self.product.images[row] * self.weights[row])

    def after(self, count: int) -> Array:
        """(D,) the sum of the first `count` images of the order."""
        # Zeros for the others: gathering the rows would take longer than adding all of them.
        weights = np.where(self._rank < count, self.weights, self.weights.dtype.type(0))
        return np.asarray(weights @ self.product.images)

    def first(self, count: int) -> Array:
        """(count, D) the running sums after the first 1, 2, ... images."""
        head = self.order[:count]
        return np.cumsum(self.product.images[head] * self.weights[head, None], axis=0)


def by_push(weights: Array) -> Array:
    """(N,) the rows by falling magnitude of their numbers; what is not finite comes first."""
    sizes = np.where(np.isfinite(weights), np.abs(weights), np.inf)
    return np.argsort(-sizes, kind="stable")
