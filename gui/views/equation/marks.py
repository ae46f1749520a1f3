"""Paints the marks of an equation: linked cells and their tags, the veil, the pinned sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.debug.explain.terms import Region
from gui.paint.backdrop import Backdrop, Paint
from gui.paint.cell_marks import paint_outline
from gui.views.equation.block_painter import boxes_on_screen
from gui.views.equation.layout import FEW, EquationLayout
from gui.views.equation.part_painter import Ink
from gui.views.equation.picture.linked import region_text
from gui.views.equation.picture.parts import Block
from gui.views.equation.tags import APART, place_tags

VEIL = 0.45
MOST_UNVEILED = 8  # boxes of lit cells drawn again in a dimmed block


def tags_of(
    layout: EquationLayout, marked: Mapping[int, Region], room: QRectF, ink: Ink
) -> list[tuple[QRectF, str]]:
    """The place and the text of each tag of a marked cell."""
    named = [
        (place, boxes[0], region_text(block, region))
        for place, block, region, boxes in layout.boxes(marked)
        if boxes
    ]
    within = room.adjusted(APART, 0, -APART, 0)  # the card may be at the right
    return place_tags(named, layout.places, within, ink)


def paint_linked(
    painter: QPainter, layout: EquationLayout, marked: Mapping[int, Region],
    unveiled: Block | None, base: tuple[Backdrop, Paint], ink: Ink,
) -> None:  # fmt: skip
    """Outline the marked cells, or dot them if they are many.

    While a cell of the block `unveiled` is pointed at, the other blocks are dimmed except for their
    marked cells, which are drawn again from the `base`. With None no block is dimmed.
    """
    for place, block, _, boxes in layout.boxes(marked):
        if unveiled is not None and block is not unveiled and len(boxes) <= MOST_UNVEILED:
            _paint_veil(painter, place.cells, boxes, base, ink)
        for box in boxes:
            paint_outline(painter, box) if len(boxes) <= FEW else _paint_dot(painter, box)


def _paint_veil(
    painter: QPainter, cells: QRectF, boxes: Sequence[QRectF], base: tuple[Backdrop, Paint],
    ink: Ink,
) -> None:  # fmt: skip
    """Dim a block except for its lit cells."""
    veil = QColor(ink.theme.panel)
    veil.setAlphaF(VEIL)
    painter.save()
    painter.fillRect(cells, veil)
    for box in boxes:
        base[0].draw_part(painter, box.intersected(cells), base[1])
    painter.restore()


def _paint_dot(painter: QPainter, rect: QRectF) -> None:
    """Mark a cell among many with a white dot on black, which hides little."""
    dot = QRectF(0, 0, 3, 3)
    dot.moveCenter(rect.center())
    painter.fillRect(dot.adjusted(-1, -1, 1, 1), QColor("#000000"))
    painter.fillRect(dot, QColor("#ffffff"))


def paint_pin(painter: QPainter, layout: EquationLayout, pin: int, batch: int, ink: Ink) -> None:
    """Mark the pinned sample's row or column in every block with the batch's axis.

    `pin` is the sample's row in a minibatch of `batch` samples.
    """
    for place in layout.places:
        part = place.part
        if not isinstance(part, Block) or not part.is_drawn:
            continue
        shape = np.shape(part.array)
        if len(shape) > 2 or batch not in shape:
            continue
        axis = shape.index(batch)
        region: Region = tuple(
            pin if number == axis else slice(None) for number in range(len(shape))
        )
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(ink.theme.accent), 1.5))
        boxes = part.cells.boxes(region)
        for box in boxes_on_screen(boxes, layout.grid_of(part), place.cells):
            painter.drawRect(box)
