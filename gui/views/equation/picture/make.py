"""Makes the picture of an operation: its parts from left to right, by the table of forms.

Parts have no sizes: `arrange.py` gives them their places, `canvas.py` draws them.
"""

from __future__ import annotations

import numpy as np

from engine.debug.explain.operation import Form, Operation
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.type_scale import SCALE
from gui.paint.mosaic import LEAST_PICTURE
from gui.paint.values import is_scalar
from gui.views.equation.picture.forms import row_of
from gui.views.equation.picture.part_maker import PartMaker
from gui.views.equation.picture.parts import Block, Curve, Listing, Manner, Number, Picture


def manner_of(
    snapshot: Snapshot, operation: Operation, pictures: bool | None, room: tuple[float, float]
) -> Manner:
    """How to show an operation in a room; `pictures`: as a person has chosen, or None."""
    rows, columns = map(int, snapshot.minibatch.images.shape[1:3])
    if pictures is None:
        pictures = rows * columns >= LEAST_PICTURE or row_of(operation).captions
    return Manner(
        (rows, columns),
        pictures,
        labels=snapshot.minibatch.labels,
        room=room,
        scale=SCALE.factor,
    )


def make_picture(operation: Operation, manner: Manner) -> Picture:
    """The parts of an operation's picture."""
    row = row_of(operation)
    maker = PartMaker(operation, manner, captions=row.captions, alone=row.alone)
    parts = row.parts(maker)
    picture = Picture(operation, parts, below=maker.below, mode_possible=maker.mode_possible)
    picture.blocks = [part for part in parts if isinstance(part, Block)]
    for part in parts:
        if isinstance(part, Number):
            part.small = bool(picture.blocks) and not part.text[:1].strip("−.(").isnumeric()
    _mark_mismatch(picture)
    return picture


def has_picture(operation: Operation) -> bool:
    """Whether an operation has more to draw than a number; one that computes always has."""
    return row_of(operation).computes or has_content(make_picture(operation, Manner()))


def has_content(picture: Picture) -> bool:
    """Whether a picture shows more than a number or a name.

    More is an array, a curve, a listing, or arithmetic of numbers.
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
