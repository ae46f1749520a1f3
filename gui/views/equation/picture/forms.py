"""The table that says how each form of operation is shown, one row per form.

A row has the function that makes the parts of the picture, and the card's text about a cell. An
operation of the form LINKED may have a row of its own, by its symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.terms import Index, Region, Terms
from engine.debug.reach.placeholders import FadedArray
from gui.paint.values import cell_name, is_scalar, is_whole_vector, scalar_text
from gui.views.equation.picture.cells import Plain
from gui.views.equation.picture.part_maker import PartMaker, is_drawable, listing, shape_of, tr
from gui.views.equation.picture.parts import (
    RESULT,
    Array,
    Block,
    Curve,
    Listing,
    Number,
    Part,
    Sign,
)
from gui.views.equation.running_sum import contributions_of_product, contributions_of_sum


def _equals(maker: PartMaker, sign: str = "=") -> list[Part]:
    if maker.operation.error is not None:
        return [Sign(sign), Number("", tr("no result"))]
    return [Sign(sign), maker.result()]


def _listed(parts: list[Part]) -> list[Part]:
    found: list[Part] = []
    for part in parts:
        found += [Sign(","), part] if found else [part]
    return found


def _product(maker: PartMaker) -> list[Part]:
    left = maker.operand(0, match=(False, True))
    right = maker.operand(1, match=(True, False))
    if isinstance(right, Block) and len(np.shape(right.array)) == 1:
        right.match = (False, True)
    return [left, Sign("@"), right, *_equals(maker)]


def _elementwise(maker: PartMaker) -> list[Part]:
    operation = maker.operation
    out = tuple(getattr(operation.result, "shape", ()))
    operands = [maker.repeated(number, out) for number in range(len(operation.operands))]
    if len(operands) == 1:
        return [Sign(operation.symbol), operands[0], *_equals(maker)]
    if len(operands) == 2 and not operation.symbol.isidentifier():
        return [operands[0], Sign(operation.symbol), operands[1], *_equals(maker)]
    return [Sign("", operation.symbol), *_listed(operands), *_equals(maker)]


def _function(maker: PartMaker) -> list[Part]:
    return [maker.operand(0), Curve(maker.operation.source, maker.operation), *_equals(maker)]


def _reduction(maker: PartMaker) -> list[Part]:
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
        column = _upright(maker.block(operation.name, RESULT, result))
        return [operand, Sign("→", operation.symbol), column]
    return [operand, Sign("→", operation.symbol), maker.result()]


def _transpose(maker: PartMaker) -> list[Part]:
    return [maker.operand(0), Sign("ᵀ", tr("turned")), *_equals(maker)]


def _indexing(maker: PartMaker) -> list[Part]:
    operation = maker.operation
    array = operation.operands[0].value
    indices = tuple(operand.value for operand in operation.operands[1:])
    found = maker.operand(0, marked=_picked(array, indices))
    parts: list[Part] = [found, Sign("[")]
    parts += _listed([_index_part(maker, number) for number in range(1, len(operation.operands))])
    return [*parts, Sign("]"), *_equals(maker)]


def _index_part(maker: PartMaker, number: int) -> Part:
    operand = maker.operation.operands[number]
    if isinstance(operand.value, slice):
        return Number("", operand.text)
    return maker.operand(number)


def _picked(array: Any, indices: tuple[Any, ...]) -> tuple[Region, ...]:
    """The cells that integer indices pick, to be marked."""
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


def _copy(maker: PartMaker) -> list[Part]:
    return [maker.operand(0), Sign("→", maker.operation.symbol), maker.result()]


def _creation(maker: PartMaker) -> list[Part]:
    numbers = [
        Number("" if is_scalar(operand.value) else operand.text, shape_of(operand.value))
        for operand in maker.operation.operands
    ]
    call: list[Part] = [Sign("", maker.operation.symbol), *_listed(list(numbers))]
    return [*call, *_equals(maker)]


def _lookup(maker: PartMaker) -> list[Part]:
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


def _collection(maker: PartMaker) -> list[Part]:
    parts = _listed([maker.operand(n) for n in range(len(maker.operation.operands))])
    return [*parts, *([Sign("→")] if parts else []), maker.result()]


def _scalar(maker: PartMaker) -> list[Part]:
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


def _call(maker: PartMaker) -> list[Part]:
    operation = maker.operation
    operands = [maker.operand(number) for number in range(len(operation.operands))]
    return [*_listed(operands), Sign("→", operation.symbol), *_equals(maker)[1:]]


def _arguments(maker: PartMaker) -> list[Part]:
    operands = [maker.operand(number) for number in range(len(maker.operation.operands))]
    if not operands:
        return [Number("", tr("{0}: nothing is passed").format(maker.operation.symbol))]
    images = [part for part in operands if isinstance(part, Block) and part.captions]
    if images and not any(isinstance(part, Block) for part in operands if part is not images[0]):
        return [_images_passed(maker, images[0])]
    return [Sign("", maker.operation.symbol), Sign("("), *_listed(operands), Sign(")")]


def _images_passed(maker: PartMaker, images: Block) -> Block:
    """The images in all the room, under the call that they are passed to."""
    operands, labels = maker.operation.operands, maker.manner.labels
    named = [
        operand.text
        for operand in operands
        if labels is not None
        and is_whole_vector(operand.value)
        and np.array_equal(operand.value, labels)
    ]
    words = f"{images.name}: {images.sizes[1]}"
    if named:
        words = tr("{0}; {1}: the numbers under them").format(words, named[0])
    images.sizes = ("", words)
    images.name = f"{maker.operation.symbol}({', '.join(operand.text for operand in operands)})"
    return images


def _returned(maker: PartMaker) -> list[Part]:
    result = maker.result(name="")
    operands = maker.operation.operands
    if isinstance(result, (Block, Number)) and operands:
        result.name = operands[0].text if operands[0].text != "None" else ""
        result.event = operands[0].event
    return [Sign("", tr("return")), result]


def _in_place(maker: PartMaker) -> list[Part]:
    operation = maker.operation
    out = tuple(getattr(operation.result, "shape", ()))
    indices = tuple(operand.value for operand in operation.operands[2:])
    before = maker.operand(0, marked=_picked(operation.operands[0].value, indices))
    if isinstance(before, (Block, Number)):
        before.name = tr("{0}, before").format(operation.name)
    change = maker.repeated(1, out) if not indices else maker.operand(1)
    after = maker.result()
    if isinstance(after, (Block, Number)):
        after.name = tr("{0}, after").format(operation.name)
    at = tr("at the marked cells") if indices else ""
    return [before, Sign(operation.symbol or "←", at), change, Sign("="), after]


def _assignment(maker: PartMaker) -> list[Part]:
    result = maker.result()
    if isinstance(result, (Block, Number, Listing)):
        result.event = maker.operation.operands[0].event
    return [result]


def _outer(maker: PartMaker) -> list[Part]:
    left, right = maker.operand(0), maker.operand(1)
    if isinstance(left, Block) and left.values is not None and left.tile is None:
        left = _upright(left)
    return [left, Sign("⊗", "outer"), right, *_equals(maker)]


def _outer_cell(operation: Operation, terms: Terms) -> list[str]:
    factors = _factors(terms)
    return [f"{' × '.join(factors)} = {number_text_of(terms.result)}"] if factors else []


def _fallback(maker: PartMaker) -> list[Part]:
    operands = [maker.operand(number) for number in range(len(maker.operation.operands))]
    return [*_listed(operands), *_equals(maker, "→")]


def _upright(block: Block) -> Block:
    """A vector's block, drawn as a column."""
    block.values = np.asarray(block.array)[:, None]
    block.cells = _Column(block.array.shape)
    block.sizes = (str(block.array.shape[0]), "")
    return block


class _Column:
    """Maps a vector to a column."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = (shape[0], 1)
        self._plain = Plain((shape[0], 1), self.shape)

    def index(self, row: int, column: int) -> Index | None:
        return (row,)

    def boxes(self, region: Region) -> Any:
        return self._plain.boxes((region[0], slice(None)))


def number_text_of(value: Any) -> str:
    """The text of a cell's number; a truth value is a word."""
    item = np.asarray(value).item()
    if isinstance(item, bool):
        return tr("True" if item else "False")
    return scalar_text(item)


def _factors(terms: Terms) -> list[str]:
    return [number_text_of(cell[()]) for cell in terms.factors if cell.ndim == 0]


def _taken(operation: Operation, terms: Terms) -> list[str]:
    if not terms.terms:
        return []
    return [tr("from {0}").format(cell_name(operation.operands[0].text, terms.terms[0].at))]


def _applied(operation: Operation, terms: Terms) -> list[str]:
    factors = _factors(terms)
    if not factors:
        return []
    result = number_text_of(terms.result)
    return [f"{operation.operands[0].text} = {factors[0]}", f"{operation.source} = {result}"]


def _computed(operation: Operation, terms: Terms) -> list[str]:
    factors, result = _factors(terms), number_text_of(terms.result)
    if not factors:
        return _taken(operation, terms)
    if len(factors) == 1:
        return [f"{operation.symbol} {factors[0]} = {result}"]
    if operation.symbol.isidentifier():
        return [f"{operation.symbol}({', '.join(factors)}) = {result}"]
    return [f"{factors[0]} {operation.symbol} {factors[1]} = {result}"]


def _changed(operation: Operation, terms: Terms) -> list[str]:
    if len(_factors(terms)) == 1 and not operation.symbol:  # `v[:] = g` changes without a sign
        return [tr("holds {0} now").format(number_text_of(terms.result))]
    if len(_factors(terms)) == 1:
        return [tr("not changed: {0}").format(number_text_of(terms.result))]
    return _computed(operation, terms)


@dataclass(frozen=True, slots=True)
class FormRow:
    """How operations of one form are shown.

    Attributes:
        parts: makes the parts of the picture, from left to right.
        computes: whether it makes new numbers; then one cell is followed from step to step.
        cells: whether the card explains a cell of a result that is an array.
        arithmetic: the arithmetic of that cell as a line of text.
        lists: whether a cell, or a single number, is made of many cells, which the card lists.
        contributions: the contribution of each of these to the cell; None if the cell is no sum.
        captions: whether labels are written beneath images.
        alone: whether the array has the whole picture to itself.
    """

    parts: Callable[[PartMaker], list[Part]]
    computes: bool = False
    cells: bool = False
    arithmetic: Callable[[Operation, Terms], list[str]] = _taken
    lists: bool = False
    contributions: Callable[[Operation, Terms], Array | None] = lambda operation, terms: None
    captions: bool = False
    alone: bool = False


_FORMS = {
    Form.PRODUCT: FormRow(
        _product, computes=True, cells=True, lists=True, contributions=contributions_of_product
    ),
    Form.ELEMENTWISE: FormRow(_elementwise, computes=True, cells=True, arithmetic=_computed),
    Form.FUNCTION: FormRow(_function, computes=True, cells=True, arithmetic=_applied),
    Form.REDUCTION: FormRow(
        _reduction, computes=True, cells=True, lists=True, contributions=contributions_of_sum
    ),
    Form.TRANSPOSE: FormRow(_transpose, cells=True),
    Form.INDEXING: FormRow(_indexing, cells=True),
    Form.COPY: FormRow(_copy, cells=True),
    Form.CREATION: FormRow(_creation),
    Form.LOOKUP: FormRow(_lookup, captions=True),
    Form.COLLECTION: FormRow(_collection),
    Form.SCALAR: FormRow(_scalar),
    Form.CALL: FormRow(_call, captions=True),
    Form.LINKED: FormRow(_call, computes=True, cells=True, arithmetic=_computed),
    Form.ARGUMENTS: FormRow(_arguments, captions=True, alone=True),
    Form.RETURN: FormRow(_returned, captions=True, alone=True),
    Form.IN_PLACE: FormRow(_in_place, computes=True, cells=True, arithmetic=_changed),
    Form.ASSIGNMENT: FormRow(_assignment, captions=True, alone=True),
    Form.FALLBACK: FormRow(_fallback),
}


# Operations of the form LINKED with a picture of their own, by symbol.
_LINKED = {"outer": FormRow(_outer, computes=True, cells=True, arithmetic=_outer_cell)}


def row_of(operation: Operation) -> FormRow:
    """The row that says how an operation is shown."""
    row = _LINKED.get(operation.symbol) if operation.form is Form.LINKED else None
    return row or _FORMS[operation.form]
