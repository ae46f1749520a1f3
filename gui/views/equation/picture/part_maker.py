"""Makes the parts of one operation's picture: from operands and result to blocks and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Operand, Operation
from engine.debug.reach.placeholders import FadedArray
from gui.paint.heatmap import as_matrix
from gui.paint.mosaic import best_across, make_mosaic, picture_axis
from gui.paint.values import array_text, brief, is_scalar, is_whole_vector, scalar_text, shape_text
from gui.paint.values import is_drawable as is_array_drawable
from gui.views.equation.picture.cells import Pictures, Plain, Wrapped
from gui.views.equation.picture.parts import (
    NUMERAL,
    RESULT,
    Array,
    Block,
    Listing,
    Manner,
    Number,
    Part,
)

MOST_ROWS = 10  # the most rows of a dictionary
MOST_NUMBERS = 300  # the most cells of a vector of whole numbers
MOST_LINES = 10  # the most lines of such a vector
LARGEST_FOOT = 1.6  # font scale up to which the room beneath an image grows
FRAME = 100.0  # approximate pixels above and below an array


def tr(text: str) -> str:
    """Translate a text of the equation view."""
    return QCoreApplication.translate("Equation", text)


def is_drawable(value: object) -> bool:
    """Whether a value is a non-empty array of numbers with an axis, or has faded from one."""
    return len(value.shape) > 0 if isinstance(value, FadedArray) else is_array_drawable(value)


class PartMaker:
    """Makes the parts of one operation.

    Attributes:
        captions: whether labels are written beneath images that are drawn.
        alone: whether the array has the whole picture to itself.
        below: the index of the first part that lies beneath the previous parts, or None.
        mode_possible: whether one of its arrays can be drawn as pictures.
    """

    def __init__(
        self, operation: Operation, manner: Manner, *, captions: bool = False, alone: bool = False
    ) -> None:
        self.operation = operation
        self.manner = manner
        self.alone = alone
        self.below: int | None = None
        self.mode_possible = False
        self.captioned = (
            captions
            and manner.labels is not None
            and manner.pictures
            and any(
                self._are_images(value)
                for value in (operation.result, *(operand.value for operand in operation.operands))
            )
        )

    def _are_images(self, value: Any) -> bool:
        """Whether the rows of a value are the images of the minibatch."""
        labels, pixels = self.manner.labels, self.manner.image[0] * self.manner.image[1]
        if labels is None or pixels < 2 or not isinstance(value, np.ndarray):
            return False
        shape: tuple[int, ...] = value.shape
        return shape == (len(labels), pixels)

    def operand(self, number: int, **more: Any) -> Part:
        """The part of an operand."""
        operand = self.operation.operands[number]
        return self.part(operand, number, **more)

    def part(self, operand: Operand, number: int, **more: Any) -> Part:
        """The part of a named value: a block, a listing or a number."""
        value = operand.value
        labels = self.manner.labels if self.captioned and is_whole_vector(value) else None
        if labels is not None and np.array_equal(value, labels):
            return Number(operand.text, tr("under the images"), operand.event)
        if is_drawable(value) and not (is_whole_vector(value) and value.size > MOST_NUMBERS):
            return self.block(operand.text, number, value, operand.event, **more)
        if is_drawable(value):
            low, high = int(value.min()), int(value.max())
            return Number(operand.text, f"{array_text(value.shape)} {low}…{high}", operand.event)
        if isinstance(value, Mapping):
            return listing(operand.text, value, operand.event)
        if isinstance(value, (tuple, list)) and any(is_drawable(item) for item in value):
            return listing(operand.text, dict(enumerate(value)), operand.event)
        text = scalar_text(value) if is_scalar(value) else brief(value)
        name = "" if text == operand.text.replace("-", "−") else operand.text
        return Number(name, text, operand.event)

    def result(self, name: str | None = None) -> Part:
        """The part of the result, under its own name or another."""
        operation = self.operation
        shown_name = operation.name if name is None else name
        return self.part(Operand(shown_name, operation.result), RESULT)

    def block(
        self, name: str, number: int, value: Any, event: int | None = None, **more: Any
    ) -> Block:
        """The block of an array, as `manner` asks."""
        shape = tuple(value.shape)
        sizes = (str(shape[-2]) if len(shape) > 1 else "", str(shape[-1]))
        if is_whole_vector(value) and "repeats" not in more:
            return self._numerals(name, number, value, event, more)
        if isinstance(value, FadedArray):
            cells = Plain(shape, _drawn(shape), (0,) * max(len(shape) - 2, 0))
            return Block(name, number, None, cells, value, event, sizes, **more)
        if value.dtype.kind == "c":
            value = np.abs(value)
        leading = self._leading(shape)
        matrix = as_matrix(value[leading] if leading else value)
        axis = picture_axis(shape, self.manner.image) if len(shape) <= 2 else None
        self.mode_possible = self.mode_possible or axis is not None
        if self.manner.pictures and axis is not None and "repeats" not in more:
            return self._pictures(name, number, value, matrix, axis, event, more)
        cells = Plain(shape, matrix.shape, leading)
        if leading:  # what is drawn is a part, which its name alone would not say
            more["short"] = sizes[1]
            part = f"[{', '.join(str(place) for place in leading)}]"
            words = tr("{0}: {1} of {2}").format(sizes[1], part, shape_text(shape))
            sizes = (sizes[0], words)
        return Block(name, number, matrix, cells, value, event, sizes, **more)

    def repeated(self, number: int, out: tuple[int, ...]) -> Part:
        """The block of an operand that broadcasting repeats to the result's shape."""
        operand = self.operation.operands[number]
        value = operand.value
        if not is_drawable(value) or isinstance(value, FadedArray) or len(out) > 2 or not out:
            return self.operand(number)
        shape = tuple(value.shape)
        full = (1,) * (len(out) - len(shape)) + shape
        repeats = tuple(n if size == 1 and n > 1 else 1 for size, n in zip(full, out, strict=True))
        if all(count == 1 for count in repeats):
            return self.operand(number)
        drawn = as_matrix(np.broadcast_to(value, out))
        counts = (1, repeats[0]) if len(repeats) == 1 else (repeats[0], repeats[1])
        block = self.block(operand.text, number, value, operand.event, repeats=counts)
        block.values = drawn
        block.cells = Plain(shape, drawn.shape)
        sizes = [str(n) for n in drawn.shape]
        block.sizes = (sizes[0], sizes[1])
        return block

    def _leading(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        wanted = (*self.manner.leading, *(0,) * len(shape))
        return tuple(min(i, n - 1) for i, n in zip(wanted, shape[:-2], strict=False))

    def _pictures(
        self, name: str, number: int, value: Array, matrix: Array, axis: int,
        event: int | None, more: dict[str, Any],
    ) -> Block:  # fmt: skip
        pixels_axis = axis if matrix.ndim == value.ndim else 1
        count = matrix.shape[1 - pixels_axis]
        rows, columns = self.manner.image
        captions: tuple[str, ...] = ()
        foot, room = 0, (1.0, 1.0)
        labels = self.manner.labels
        if self.captioned and labels is not None and self._are_images(value):
            captions = tuple(str(int(label)) for label in labels)
            foot = ceil(0.5 * rows * min(self.manner.scale, LARGEST_FOOT))
            wide, high = self.manner.room
            frame = FRAME * self.manner.scale
            room = (0.96 if self.alone else 0.55) * wide, max(high - frame, 0.5 * high)
        across = best_across(count, *room, (rows + foot) / columns)
        mosaic = make_mosaic(matrix, pixels_axis, self.manner.image, across, foot)
        text = tr("{0} pictures of {1}").format(count, shape_text(self.manner.image))
        more = {key: value for key, value in more.items() if key == "marked"}
        return Block(
            name, number, mosaic.matrix, Pictures(mosaic), value, event, ("", text),
            tile=(rows + foot, columns), captions=captions, foot=foot,
            short=tr("{0} pictures").format(count), **more,
        )  # fmt: skip

    def _numerals(
        self, name: str, number: int, value: Array, event: int | None, more: dict[str, Any]
    ) -> Block:
        """The block of a vector of whole numbers, written as text in as many lines as fit."""
        lines = min(max(int(0.6 * self.manner.room[1] // NUMERAL[1]), 1), MOST_LINES)
        across = -(-value.size // lines)
        cells = Wrapped(value.size, across)
        numbers = np.zeros(cells.shape, dtype=value.dtype)
        numbers.ravel()[: value.size] = value
        return Block(
            name, number, None, cells, value, event, ("", array_text(value.shape)),
            gone=(False, any(more.get("gone", ()))), marked=more.get("marked", ()),
            numbers=numbers,
        )  # fmt: skip


def _drawn(shape: tuple[int, ...]) -> tuple[int, int]:
    return (shape[-2] if len(shape) > 1 else 1), shape[-1]


def listing(name: str, values: Mapping[Any, Any], event: int | None, marked: Any = None) -> Listing:
    """The part of a dictionary: keys and short values."""
    rows = []
    at = -1
    for place, (key, value) in enumerate(values.items()):
        if place < MOST_ROWS:
            text = array_text(value.shape) if is_drawable(value) else brief(value)
            rows.append((str(key), text))
        if marked is not None and key == marked:
            at = place
    return Listing(name, tuple(rows), at, max(len(values) - MOST_ROWS, 0), event)


def shape_of(value: Any) -> str:
    """The shape of an array, or a number itself."""
    if is_drawable(value):
        return array_text(value.shape)
    return scalar_text(value) if is_scalar(value) else brief(value)
