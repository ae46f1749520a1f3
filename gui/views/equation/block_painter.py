"""Paints the cells of an equation's arrays: heat maps, mosaics and vectors of whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.look.type_scale import SCALE
from gui.paint.cell_marks import enlarged, paint_seams
from gui.paint.cell_numbers import paint_numbers
from gui.paint.grid import Grid
from gui.paint.heatmap import Clipped, HeatMap
from gui.paint.scales import Shown
from gui.paint.text import code_face, draw_text
from gui.paint.values import number_text
from gui.views.equation.arrange import PartPlace
from gui.views.equation.frame import paint_frame, paint_repeats
from gui.views.equation.part_painter import CENTRE, Ink
from gui.views.equation.picture.cells import Box
from gui.views.equation.picture.parts import Block

LEAST_CAPTION = 9.0  # pixels of height beneath a picture that a readable digit needs


class BlockPainter:
    """Paints blocks, and keeps their heat maps from one painting to the next."""

    def __init__(self) -> None:
        # Keyed by operand, because an equation may have the same array twice.
        self._maps: dict[int, HeatMap] = {}

    def paint(
        self, painter: QPainter, place: PartPlace, block: Block, grid: Grid, shown: Shown | None,
        ink: Ink, bar_above: bool,
    ) -> None:  # fmt: skip
        """Paint a block and its surroundings; `shown` is None if it has no colours."""
        cells = place.cells
        if block.numbers is not None:
            paint_numerals(painter, place, block, grid, ink)
            return
        if block.values is None or shown is None:
            painter.fillRect(cells, QColor(ink.theme.raised))
            paint_frame(painter, place, block, grid, None, Clipped(0, 0, 0), ink)
            return
        scale, clipped = shown.scale, shown.clipped
        heat_map = self._maps.setdefault(block.operand, HeatMap())
        heat_map.paint(painter, cells, block.values, scale, ink.theme, grid.window())
        painter.save()
        painter.setClipRect(cells)
        if block.tile is None:
            paint_numbers(painter, cells, block.values, scale, grid, ink.theme)
        else:
            paint_seams(painter, cells, grid, block.tile, ink.theme)
            paint_captions(painter, cells, block, grid, ink)
        painter.restore()
        paint_frame(painter, place, block, grid, scale, clipped, ink, bar_above)
        if grid.zoom == 1:
            paint_repeats(painter, place, block, ink)
        paint_picks(painter, cells, block, grid)


def paint_numerals(painter: QPainter, place: PartPlace, block: Block, grid: Grid, ink: Ink) -> None:
    """Paint a vector of whole numbers as text in its cells."""
    theme, cells = ink.theme, place.cells
    assert block.numbers is not None
    painter.fillRect(cells, QColor(theme.raised))
    face = code_face(round(max(11.0, min(0.7 * grid.cell[1] / SCALE.factor, 32.0))))
    painter.save()
    painter.setClipRect(cells)
    for number, value in enumerate(np.ravel(block.array)):
        x, y, width, height = grid.rect_of(*divmod(number, block.shape[1]))
        box = QRectF(cells.left() + x, cells.top() + y, width, height)
        draw_text(painter, box, number_text(value), face, theme.text, CENTRE)
    painter.restore()
    paint_frame(painter, place, block, grid, None, Clipped(0, 0, 0), ink)
    paint_picks(painter, cells, block, grid)


def paint_captions(painter: QPainter, cells: QRectF, block: Block, grid: Grid, ink: Ink) -> None:
    """Paint the caption beneath each picture if it is large enough to read."""
    if not block.captions or block.tile is None:
        return
    rows, columns = block.tile
    across = block.shape[1] // columns
    foot = block.foot
    # As large as the room beneath a picture allows.
    face = code_face(round(max(11.0, min(0.7 * grid.cell[1] * foot / SCALE.factor, 40.0))))
    least = max(LEAST_CAPTION, face.metrics.capHeight())
    for number, words in enumerate(block.captions):
        down, right = divmod(number, across)
        x, y, width, height = grid.rect_of(down * rows + rows - foot, right * columns)
        box = QRectF(cells.left() + x, cells.top() + y, width * columns, height * foot)
        if box.height() >= least and box.intersects(cells):
            draw_text(painter, box, words, face, ink.theme.text2, CENTRE)


def paint_picks(painter: QPainter, cells: QRectF, block: Block, grid: Grid) -> None:
    """Mark the cells that an index picks, independent of the mouse."""
    painter.save()
    painter.setClipRect(cells.adjusted(-4, -4, 4, 4))
    for region in block.marked:
        boxes = block.cells.boxes(region)
        for rect in boxes_on_screen(boxes, grid, cells, least=3.0 if len(boxes) > 12 else 7.0):
            _paint_pick(painter, rect)
    painter.restore()


def _paint_pick(painter: QPainter, rect: QRectF) -> None:
    """Mark a cell that an index picks."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if min(rect.width(), rect.height()) < 6:
        painter.fillRect(rect, QColor("#ffffff"))
        return
    painter.setPen(QPen(QColor("#ffffff"), 1))
    painter.drawRect(rect)


def boxes_on_screen(
    boxes: Sequence[Box], grid: Grid, cells: QRectF, least: float = 7.0
) -> list[QRectF]:
    """The rectangles of visible cells, enlarged to at least `least` pixels."""
    found = []
    for box in boxes:
        x, y, width, height = grid.rect_of(box.top, box.left)
        rect = QRectF(
            cells.left() + x, cells.top() + y,
            width * (box.right - box.left), height * (box.bottom - box.top),
        )  # fmt: skip
        if not rect.intersects(cells):
            continue
        found.append(enlarged(rect.intersected(cells), least))
    return found
