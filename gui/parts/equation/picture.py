"""What stands in the picture of an operation, from left to right: a table by its form.

No painting here, and no sizes: `arrange.py` gives the parts their places, `canvas.py` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication

from engine.debug.explain.operation import Form, Operand, Operation
from engine.debug.explain.terms import Index, Region
from engine.debug.memory.undo_log import FadedArray
from gui.parts.equation.cells import Cells, Pictures, Plain, Wrapped
from gui.parts.heatmap import as_matrix
from gui.parts.mosaic import best_across, make_mosaic, picture_axis
from gui.parts.values import array_text, brief, is_scalar, is_whole_vector, scalar_text, shape_text

Array = np.ndarray[Any, Any]
RESULT = -1
MOST_ROWS = 10  # of a dictionary
MOST_NUMBERS = 300  # of a vector of whole numbers, in so many lines
MOST_LINES = 10
LARGEST_FOOT = 1.6  # scale of the type up to which the room beneath an image grows
FRAME = 100.0  # pixels above and below an array, about
NUMERAL = (8.0, 17.0)  # width of a digit, height of a line, in pixels at a scale of 1


@dataclass(slots=True, eq=False)
class Block:
    """An array.

    Attributes:
        operand: which one of the operation, or `RESULT`.
        values: the matrix that is drawn; None where the shape alone is known.
        cells: the way between the array and the matrix.
        sizes: what is written at its rows and its columns, "" for nothing.
        match: whether rows, columns are a dimension that must agree with another's.
        wrong: whether rows, columns are one that does not.
        gone: whether rows, columns are summed over.
        repeats: how often the real rows, columns are repeated; 1: they are not.
        tile: rows and columns of the pictures that it is made of, or None.
        marked: regions of the array that are always marked, such as the cells picked by an index.
        array: the whole array.
        numbers: of a vector of whole numbers, such as labels, what is written in its cells in the
            place of colours; then there are no `values`.
        captions: what stands beneath each of its pictures, in `foot` rows.
        short: the size of its columns where there is little room for it.
    """

    name: str
    operand: int
    values: Array | None
    cells: Cells
    array: Any
    event: int | None = None
    sizes: tuple[str, str] = ("", "")
    match: tuple[bool, bool] = (False, False)
    wrong: tuple[bool, bool] = (False, False)
    gone: tuple[bool, bool] = (False, False)
    repeats: tuple[int, int] = (1, 1)
    tile: tuple[int, int] | None = None
    marked: tuple[Region, ...] = ()
    numbers: Array | None = None
    captions: tuple[str, ...] = ()
    foot: int = 0
    short: str = ""

    @property
    def is_drawn(self) -> bool:
        """Whether its cells are there to be seen, in colours or as numbers."""
        return self.values is not None or self.numbers is not None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns as drawn."""
        return self.cells.shape


@dataclass(slots=True, eq=False)
class Sign:
    """What stands between: `@`, `+`, `=`; with a word beneath, such as `sum`."""

    text: str
    caption: str = ""


@dataclass(slots=True, eq=False)
class Number:
    """A number, large, under its name; or a word, small where there is an array to be seen."""

    name: str
    text: str
    event: int | None = None
    small: bool = False


@dataclass(slots=True, eq=False)
class Listing:
    """A dictionary or the like: its entries and what they are, one of them marked."""

    name: str
    rows: tuple[tuple[str, str], ...]
    marked: int = -1
    more: int = 0
    event: int | None = None


@dataclass(slots=True, eq=False)
class Curve:
    """A function of one array: `operation.curve` over its values."""

    name: str
    operation: Operation


Part = Block | Sign | Number | Listing | Curve


@dataclass(slots=True, eq=False)
class Picture:
    """The parts of an equation.

    Attributes:
        below: the part from which on all stand beneath the ones before, or None: all in a row.
    """

    operation: Operation
    parts: list[Part]
    below: int | None = None
    mode_possible: bool = False
    blocks: list[Block] = field(default_factory=list)

    def block_of(self, operand: int) -> Block | None:
        """The block of an operand, or of the result."""
        return next((block for block in self.blocks if block.operand == operand), None)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to show it: images as pictures, and where in the leading axes of deeper arrays.

    Attributes:
        labels: of the minibatch's images.
        room: width and height of what there is.
        scale: of the type.
    """

    image: tuple[int, int] = (28, 28)
    pictures: bool = False
    leading: tuple[int, ...] = ()
    labels: Array | None = None
    room: tuple[float, float] = (600.0, 300.0)
    scale: float = 1.0


def _tr(text: str) -> str:
    return QCoreApplication.translate("Equation", text)


def tells(picture: Picture) -> bool:
    """Whether there is more to see than a number or a name.

    That is an array, a curve, a list of what is in something; or numbers that are reckoned with.
    """
    if any(isinstance(part, Block | Curve | Listing) for part in picture.parts):
        return True
    operation = picture.operation
    numbers = [operand.value for operand in operation.operands]
    reckons = operation.form is Form.SCALAR and all(
        is_scalar(value) and not isinstance(value, bool | np.bool)
        for value in (*numbers, operation.result)
    )
    return operation.error is not None or (reckons and len(numbers) > 0)


def is_drawable(value: object) -> bool:
    """Whether a value is an array of numbers with an axis and an element; or was one, faded."""
    if isinstance(value, FadedArray):
        return len(value.shape) > 0
    return (
        isinstance(value, np.ndarray)
        and value.ndim > 0
        and value.size > 0
        and value.dtype.kind in "biufc"
    )


def make_picture(operation: Operation, manner: Manner) -> Picture:
    """The parts of an operation's picture."""
    maker = _Maker(operation, manner)
    parts = _MAKERS[operation.form](maker)
    picture = Picture(operation, parts, below=maker.below, mode_possible=maker.mode_possible)
    picture.blocks = [part for part in parts if isinstance(part, Block)]
    for part in parts:
        if isinstance(part, Number):
            part.small = bool(picture.blocks) and not part.text[:1].strip("−.(").isnumeric()
    _mark_mismatch(picture)
    return picture


class _Maker:
    """Makes the parts of one operation."""

    def __init__(self, operation: Operation, manner: Manner) -> None:
        self.operation = operation
        self.manner = manner
        self.below: int | None = None
        self.mode_possible = False
        labels = manner.labels
        self.captioned = (
            labels is not None
            and manner.pictures
            and operation.form in WITH_CAPTIONS
            and any(
                self._are_images(value)
                for value in (operation.result, *(one.value for one in operation.operands))
            )
        )

    def _are_images(self, value: Any) -> bool:
        """Whether the rows of a value are the images of the minibatch."""
        labels, pixels = self.manner.labels, self.manner.image[0] * self.manner.image[1]
        there = isinstance(value, np.ndarray) and labels is not None
        return there and pixels > 1 and value.shape == (len(labels), pixels)

    def operand(self, number: int, **more: Any) -> Part:
        """An operand as what it is."""
        operand = self.operation.operands[number]
        return self.part(operand, number, **more)

    def part(self, operand: Operand, number: int, **more: Any) -> Part:
        value = operand.value
        named = self.captioned and is_whole_vector(value)
        if named and np.array_equal(value, self.manner.labels):
            return Number(operand.text, _tr("under the images"), operand.event)
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

    def result(self, **more: Any) -> Part:
        """The result as what it is."""
        operation = self.operation
        name = operation.name if operation.form is not Form.RETURN else ""
        return self.part(Operand(name, operation.result), RESULT, **more)

    def block(
        self, name: str, number: int, value: Any, event: int | None = None, **more: Any
    ) -> Block:
        """An array, in the manner wanted."""
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
        return Block(name, number, matrix, cells, value, event, sizes, **more)

    def repeated(self, number: int, out: tuple[int, ...]) -> Part:
        """An operand that is stretched to the shape of the result, drawn repeated."""
        operand = self.operation.operands[number]
        value = operand.value
        if not is_drawable(value) or isinstance(value, FadedArray) or len(out) > 2 or not out:
            return self.operand(number)
        shape = tuple(value.shape)
        full = (1,) * (len(out) - len(shape)) + shape
        repeats = tuple(n if own == 1 and n > 1 else 1 for own, n in zip(full, out, strict=True))
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
        own = axis if matrix.ndim == value.ndim else 1
        count = matrix.shape[1 - own]
        rows, columns = self.manner.image
        captions: tuple[str, ...] = ()
        foot, room = 0, (1.0, 1.0)
        if self.captioned and self._are_images(value):
            captions = tuple(str(int(label)) for label in self.manner.labels)
            foot = ceil(0.5 * rows * min(self.manner.scale, LARGEST_FOOT))
            alone = self.operation.form in (Form.ARGUMENTS, Form.ASSIGNMENT, Form.RETURN)
            wide, high = self.manner.room
            frame = FRAME * self.manner.scale
            room = (0.96 if alone else 0.55) * wide, max(high - frame, 0.5 * high)
        across = best_across(count, *room, (rows + foot) / columns)
        mosaic = make_mosaic(matrix, own, self.manner.image, across, foot)
        what = _tr("{0} pictures of {1}").format(count, shape_text(self.manner.image))
        more = {key: value for key, value in more.items() if key == "marked"}
        return Block(
            name, number, mosaic.matrix, Pictures(mosaic), value, event, ("", what),
            tile=(rows + foot, columns), captions=captions, foot=foot,
            short=_tr("{0} pictures").format(count), **more,
        )  # fmt: skip

    def _numerals(
        self, name: str, number: int, value: Array, event: int | None, more: dict[str, Any]
    ) -> Block:
        """A vector of whole numbers as what it is: numbers, in as many lines as there is room."""
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
    """A dictionary: names and what they are."""
    rows = []
    at = -1
    for place, (key, value) in enumerate(values.items()):
        if place < MOST_ROWS:
            text = array_text(value.shape) if is_drawable(value) else brief(value)
            rows.append((str(key), text))
        if marked is not None and key == marked:
            at = place
    return Listing(name, tuple(rows), at, max(len(values) - MOST_ROWS, 0), event)


def _product(maker: _Maker) -> list[Part]:
    left = maker.operand(0, match=(False, True))
    right = maker.operand(1, match=(True, False))
    if isinstance(right, Block) and len(np.shape(right.array)) == 1:
        right.match = (False, True)
    return [left, Sign("@"), right, *_equals(maker)]


def _equals(maker: _Maker, sign: str = "=") -> list[Part]:
    if maker.operation.error is not None:
        return [Sign(sign), Number("", _tr("no result"))]
    return [Sign(sign), maker.result()]


def _elementwise(maker: _Maker) -> list[Part]:
    operation = maker.operation
    out = tuple(getattr(operation.result, "shape", ()))
    operands = [maker.repeated(number, out) for number in range(len(operation.operands))]
    if len(operands) == 1:
        return [Sign(operation.symbol), operands[0], *_equals(maker)]
    if len(operands) == 2 and not operation.symbol.isidentifier():
        return [operands[0], Sign(operation.symbol), operands[1], *_equals(maker)]
    return [Sign("", operation.symbol), *_listed(operands), *_equals(maker)]


def _listed(parts: list[Part]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        found += [Sign(","), part] if found else [part]
    return found


def _function(maker: _Maker) -> list[Part]:
    return [maker.operand(0), Curve(maker.operation.source, maker.operation), *_equals(maker)]


def _reduction(maker: _Maker) -> list[Part]:
    operation = maker.operation
    depth = len(operation.operands[0].value.shape)
    shown = [axis - (depth - 2) for axis in operation.axes]
    gone = (0 in shown and depth > 1, 1 in shown)
    operand = maker.operand(0, gone=gone)
    if operation.error is not None:
        return [operand, *_equals(maker)]
    rows_collapse = gone == (True, False)
    tiled = isinstance(operand, Block) and operand.tile is not None
    if rows_collapse and not tiled and not is_whole_vector(operation.result):
        maker.below = 1
        return [operand, Sign("↓", operation.symbol), maker.result()]
    result = operation.result
    kept = is_drawable(result) and not isinstance(result, FadedArray)
    upright = kept and gone == (False, True) and result.ndim == 1 and depth > 1
    if upright and not is_whole_vector(result):
        column = maker.block(operation.name, RESULT, result)
        column.values = result[:, None]
        column.cells = _Column(result.shape)
        column.sizes = (str(result.shape[0]), "")
        return [operand, Sign("→", operation.symbol), column]
    return [operand, Sign("→", operation.symbol), maker.result()]


class _Column:
    """A vector drawn upright."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = (shape[0], 1)
        self._plain = Plain((shape[0], 1), self.shape)

    def index(self, row: int, column: int) -> Index | None:
        return (row,)

    def boxes(self, region: Region) -> Any:
        return self._plain.boxes((region[0], slice(None)))


def _transpose(maker: _Maker) -> list[Part]:
    return [maker.operand(0), Sign("ᵀ", _tr("turned")), *_equals(maker)]


def _indexing(maker: _Maker) -> list[Part]:
    operation = maker.operation
    array = operation.operands[0].value
    indices = tuple(operand.value for operand in operation.operands[1:])
    found = maker.operand(0, marked=_picked(array, indices))
    parts: list[Part] = [found, Sign("[")]
    parts += _listed([_index_part(maker, number) for number in range(1, len(operation.operands))])
    return [*parts, Sign("]"), *_equals(maker)]


def _index_part(maker: _Maker, number: int) -> Part:
    operand = maker.operation.operands[number]
    if isinstance(operand.value, slice):
        return Number("", operand.text)
    return maker.operand(number)


def _picked(array: Any, indices: tuple[Any, ...]) -> tuple[Region, ...]:
    """The cells that whole-number indices pick, to be marked."""
    if not isinstance(array, np.ndarray) or any(
        isinstance(part, (slice, FadedArray)) or part is None for part in indices
    ):
        return ()
    if any(isinstance(part, np.ndarray) and part.dtype == bool for part in indices):
        return ()
    if len(indices) != array.ndim:
        return ()
    try:
        return (tuple(np.broadcast_arrays(*(np.asarray(part) for part in indices))),)
    except ValueError:
        return ()


def _copy(maker: _Maker) -> list[Part]:
    return [maker.operand(0), Sign("→", maker.operation.symbol), maker.result()]


def _creation(maker: _Maker) -> list[Part]:
    numbers = [
        Number("" if is_scalar(operand.value) else operand.text, shape_of(operand.value))
        for operand in maker.operation.operands
    ]
    call: list[Part] = [Sign("", maker.operation.symbol), *_listed(list(numbers))]
    return [*call, *_equals(maker)]


def shape_of(value: Any) -> str:
    """A number as it is, of an array its shape."""
    if is_drawable(value):
        return array_text(value.shape)
    return scalar_text(value) if is_scalar(value) else brief(value)


def _lookup(maker: _Maker) -> list[Part]:
    operation = maker.operation
    parts: list[Part] = []
    operands = operation.operands
    first = operands[0] if operands else None
    if first is not None and isinstance(first.value, Mapping):
        key = operands[1].value if len(operands) > 1 else None
        parts = [listing(first.text, first.value, first.event, key)]
        parts += _listed([maker.operand(n) for n in range(1, len(operands))])
        if len(operands) > 1:
            parts.insert(1, Sign("[ ]"))
        return [*parts, Sign("→"), maker.result()]
    parts = _listed([maker.operand(number) for number in range(len(operands))])
    return [*parts, Sign("→", operation.symbol), maker.result()]


def _collection(maker: _Maker) -> list[Part]:
    parts = _listed([maker.operand(n) for n in range(len(maker.operation.operands))])
    return [*parts, *([Sign("→")] if parts else []), maker.result()]


def _scalar(maker: _Maker) -> list[Part]:
    operation = maker.operation
    operands = [maker.operand(number) for number in range(len(operation.operands))]
    if not operands:
        return [maker.result()]
    named = operation.symbol.isidentifier() and len(operands) != 2
    if len(operands) == 1:
        return [Sign(operation.symbol), operands[0], *_equals(maker, "→" if named else "=")]
    parts: list[Part] = []
    for operand in operands:
        parts += [Sign(operation.symbol), operand] if parts else [operand]
    comparison = isinstance(operation.result, (bool, np.bool_)) or operation.symbol == "if"
    return [*parts, *_equals(maker, "→" if comparison else "=")]


def _call(maker: _Maker) -> list[Part]:
    operation = maker.operation
    operands = [maker.operand(number) for number in range(len(operation.operands))]
    return [*_listed(operands), Sign("→", operation.symbol), *_equals(maker)[1:]]


def _arguments(maker: _Maker) -> list[Part]:
    operands = [maker.operand(number) for number in range(len(maker.operation.operands))]
    if not operands:
        return [Number("", _tr("{0}: nothing is passed").format(maker.operation.symbol))]
    images = [part for part in operands if isinstance(part, Block) and part.captions]
    if images and not any(isinstance(part, Block) for part in operands if part is not images[0]):
        return [_images_passed(maker, images[0])]
    return [Sign("", maker.operation.symbol), Sign("("), *_listed(operands), Sign(")")]


def _images_passed(maker: _Maker, images: Block) -> Block:
    """The images, alone in the room that there is, under the call that they are passed in."""
    operands, labels = maker.operation.operands, maker.manner.labels
    named = [one.text for one in operands if is_whole_vector(one.value)
             and np.array_equal(one.value, labels)]  # fmt: skip
    words = f"{images.name}: {images.sizes[1]}"
    if named:
        words = _tr("{0}; {1}: the numbers under them").format(words, named[0])
    images.sizes = ("", words)
    images.name = f"{maker.operation.symbol}({', '.join(one.text for one in operands)})"
    return images


def _returned(maker: _Maker) -> list[Part]:
    result = maker.result()
    operands = maker.operation.operands
    if isinstance(result, (Block, Number)) and operands:
        result.name = operands[0].text if operands[0].text != "None" else ""
        result.event = operands[0].event
    return [Sign("", _tr("return")), result]


def _in_place(maker: _Maker) -> list[Part]:
    operation = maker.operation
    out = tuple(getattr(operation.result, "shape", ()))
    indices = tuple(operand.value for operand in operation.operands[2:])
    before = maker.operand(0, marked=_picked(operation.operands[0].value, indices))
    if isinstance(before, (Block, Number)):
        before.name = _tr("{0}, before").format(operation.name)
    change = maker.repeated(1, out) if not indices else maker.operand(1)
    after = maker.result()
    if isinstance(after, (Block, Number)):
        after.name = _tr("{0}, after").format(operation.name)
    at = _tr("at the marked cells") if indices else ""
    return [before, Sign(operation.symbol, at), change, Sign("="), after]


def _assignment(maker: _Maker) -> list[Part]:
    result = maker.result()
    if isinstance(result, (Block, Number, Listing)):
        result.event = maker.operation.operands[0].event
    return [result]


def _fallback(maker: _Maker) -> list[Part]:
    operands = [maker.operand(number) for number in range(len(maker.operation.operands))]
    return [*_listed(operands), *_equals(maker, "→")]


WITH_CAPTIONS = (Form.ARGUMENTS, Form.CALL, Form.ASSIGNMENT, Form.RETURN, Form.LOOKUP)
_MAKERS: dict[Form, Callable[[_Maker], list[Part]]] = {
    Form.PRODUCT: _product,
    Form.ELEMENTWISE: _elementwise,
    Form.FUNCTION: _function,
    Form.REDUCTION: _reduction,
    Form.TRANSPOSE: _transpose,
    Form.INDEXING: _indexing,
    Form.COPY: _copy,
    Form.CREATION: _creation,
    Form.LOOKUP: _lookup,
    Form.COLLECTION: _collection,
    Form.SCALAR: _scalar,
    Form.CALL: _call,
    Form.ARGUMENTS: _arguments,
    Form.RETURN: _returned,
    Form.IN_PLACE: _in_place,
    Form.ASSIGNMENT: _assignment,
    Form.FALLBACK: _fallback,
}


def _mark_mismatch(picture: Picture) -> None:
    mismatch = picture.operation.mismatch
    if mismatch is None:
        return
    for operand, axis in (mismatch.left, mismatch.right):
        block = picture.block_of(operand)
        if block is None:
            continue
        shape = np.shape(block.array)
        rows = len(shape) > 1 and axis == len(shape) - 2
        block.wrong = (rows, not rows)
        block.match = (False, False)
    for block in picture.blocks:
        block.values = None
