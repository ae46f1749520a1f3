"""Paints an equation: first its parts, then the marks over them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from engine.debug.explain.terms import Index, Region
from gui.paint.backdrop import Backdrop
from gui.paint.cell_pointer import ArrayCell
from gui.views.equation.arrange import BAR, PartPlace
from gui.views.equation.block_painter import BlockPainter
from gui.views.equation.block_scales import BlockScales
from gui.views.equation.curve import Shape, paint_curve, sample, tag_of
from gui.views.equation.layout import EquationLayout
from gui.views.equation.marks import paint_linked, paint_pin, tags_of
from gui.views.equation.part_painter import Ink, paint_listing, paint_number, paint_sign
from gui.views.equation.picture.linked import index_of
from gui.views.equation.picture.parts import Block, Curve, Listing, Number, Picture, Sign
from gui.views.equation.tags import paint_tags


class EquationPainter:
    """Paints a picture.

    The parts are painted once and kept as a picture; only the marks follow the mouse.

    Attributes:
        ink: theme, colour and scale of the font.
        example: the cell that is marked while the person points at none.
        past: whether the picture is of an earlier stop; then nothing is marked.
    """

    def __init__(self, layout: EquationLayout, scales: BlockScales, ink: Ink) -> None:
        self.example: ArrayCell[Block] | None = None
        self.past = False
        self._layout = layout
        self._scales = scales
        self.ink = ink
        self._picture: Picture | None = None
        self._pin: tuple[int, int] | None = None
        self._shape: Shape | None = None
        self._blocks = BlockPainter()
        self._kept = Backdrop()

    def show(self, picture: Picture, ink: Ink, pin: int | None, batch: int) -> None:
        """Paint another picture from now on; `pin` is the pinned sample's row of `batch` rows."""
        self._picture, self.ink = picture, ink
        self._pin = None if pin is None else (pin, batch)
        self._shape = None
        if any(isinstance(part, Curve) for part in picture.parts):
            value = picture.operation.operands[0].value
            if isinstance(value, np.ndarray):
                self._shape = sample(picture.operation, value)

    def forget(self) -> None:
        """Paint the parts again."""
        self._kept.forget()

    def paint(
        self, painter: QPainter, room: QRectF, at: ArrayCell[Block] | None,
        marked: dict[int, Region],
    ) -> None:  # fmt: skip
        """Paint the parts, from the kept picture if it is valid, and the marks.

        `at` is the cell pointed at; `marked` are the cells linked to it, or else to the example.
        """

        def paint_parts(painter: QPainter) -> None:
            painter.fillRect(room, QColor(self.ink.theme.panel))
            for place in self._layout.places:
                self._paint_part(painter, place, curves=self.past or not (at or self.example))

        self._kept.draw(painter, room.size().toSize(), paint_parts)
        if self._pin is not None:
            paint_pin(painter, self._layout, *self._pin, self.ink)
        if self.past or not marked:
            return
        for place in self._layout.places:
            if isinstance(place.part, Curve) and self._shape is not None:
                painter.fillRect(place.rect, QColor(self.ink.theme.panel))
                self._paint_curve(painter, place.rect, place.part, at or self.example)
        unveiled = at.array if at is not None else None
        base = self._kept, paint_parts
        paint_linked(painter, self._layout, marked, unveiled, base, self.ink)
        paint_tags(painter, self.tags(room, marked), self.ink)

    def tags(self, room: QRectF, marked: dict[int, Region]) -> list[tuple[QRectF, str]]:
        """The place and the text of each tag of a marked cell."""
        return [] if self.past else tags_of(self._layout, marked, room, self.ink)

    def _paint_part(self, painter: QPainter, place: PartPlace, curves: bool) -> None:
        part = place.part
        if isinstance(part, Block):
            self._paint_block(painter, place, part)
        elif isinstance(part, Sign):
            paint_sign(painter, place, part, self.ink)
        elif isinstance(part, Number):
            paint_number(painter, place, part, self.ink)
        elif isinstance(part, Listing):
            paint_listing(painter, place, part, self.ink)
        elif curves:
            self._paint_curve(painter, place.rect, part, self.example)

    def _paint_block(self, painter: QPainter, place: PartPlace, block: Block) -> None:
        grid = self._layout.grid_of(block)
        shown = self._scales.of(block) if block.values is not None else None
        # Where there is no room beneath a block, its colour bar is above.
        above = place.rect.bottom() - place.cells.bottom() < (BAR - 1) * self.ink.scale
        self._blocks.paint(painter, place, block, grid, shown, self.ink, above)

    def _paint_curve(
        self, painter: QPainter, rect: QRectF, part: Curve, cell: ArrayCell[Block] | None
    ) -> None:
        if self._shape is None:
            return
        at, tag = None, ""
        index, operation = self._curve_index(cell), part.operation
        if index is not None:
            x, y = operation.operands[0].value[index], operation.result[index]
            at, tag = (float(x), float(y)), tag_of(index, x, y)
        ink = self.ink
        paint_curve(painter, rect, self._shape, part.name, ink.phase, ink.theme, at, tag)

    def _curve_index(self, cell: ArrayCell[Block] | None) -> Index | None:
        """The index of a cell's point on a curve, if all arrays have the same shape."""
        index, picture = index_of(cell), self._picture
        if index is None or picture is None or picture.operation.result is None:
            return None
        shapes = {np.shape(block.array) for block in picture.blocks}
        return index if len(shapes) == 1 else None
