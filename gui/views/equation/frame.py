"""Paints the surroundings of an array's cells: name, sizes, colour bar, count of repeats."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.debug.health.arrays import health_of
from gui.look.type_scale import px
from gui.paint.cell_marks import enlarged, paint_outline
from gui.paint.grid import Grid
from gui.paint.heatmap import Clipped, Scale, paint_colour_bar
from gui.paint.scale_words import scale_text
from gui.paint.text import draw_text
from gui.paint.values import bad_count_text
from gui.views.equation.arrange import HEAD, SIDE, PartPlace
from gui.views.equation.part_painter import (
    BESIDE,
    CENTRE,
    LEFT,
    RIGHT,
    Ink,
    badge_width,
    repeats_text,
)
from gui.views.equation.picture.cells import Pictures
from gui.views.equation.picture.parts import Block

LEAST_MARK = 7.0  # pixels; the mark of a smaller cell is enlarged to this


def paint_frame(
    painter: QPainter,
    place: PartPlace,
    block: Block,
    grid: Grid,
    scale: Scale | None,
    clipped: Clipped,
    ink: Ink,
    bar_above: bool = False,
) -> None:
    """Paint the surroundings of a block's cells: name, sizes, frame, colour bar."""
    theme, cells = ink.theme, place.cells
    painter.setPen(QColor(theme.strong))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(cells.adjusted(-0.5, -0.5, 0.5, 0.5))
    name = QRectF(
        place.rect.left(), cells.top() - HEAD * ink.scale, place.rect.width(), 19 * ink.scale
    )
    if place.rect.top() < cells.top() - 4:
        face = ink.code(13)
        align = CENTRE if face.width(block.name) > cells.width() else LEFT
        if badge := repeats_box(place, block, ink):
            name.setRight(badge.left() - BESIDE)
            name.setLeft(name.right() - face.width(block.name))
            align = RIGHT
        if align is LEFT:
            name.setLeft(cells.left())
        draw_text(painter, name, block.name, face, theme.text, align)
        _paint_columns(painter, cells, block, grid, ink)
    else:  # a row below a matrix shares its columns
        line = QRectF(cells.right() + 8, cells.top(), 200, cells.height())
        line.setRight(painter.viewport().width() / painter.device().devicePixelRatioF())
        draw_text(painter, line, f"{block.name} ({block.sizes[1]},)", ink.code(13), theme.text)
    _paint_rows(painter, cells, block, grid, ink)
    if scale is not None:
        _paint_bar(painter, place, block, scale, clipped, ink, bar_above)


def _style(block: Block, axis: int, ink: Ink) -> tuple[str, float, bool]:
    """The colour, width and boldness of a dimension's line."""
    theme = ink.theme
    if block.wrong[axis]:
        return theme.error, 3.0, True
    if block.match[axis]:
        return theme.match, 3.0, True
    if block.gone[axis]:
        return ink.phase, 3.0, True
    return theme.text3, 1.0, False


def _paint_columns(painter: QPainter, cells: QRectF, block: Block, grid: Grid, ink: Ink) -> None:
    text = block.sizes[1]
    if grid.zoom > 1 and block.tile is not None:
        text = f"× {grid.zoom:.1f}"
    elif isinstance(block.cells, Pictures) and ink.code(11).width(text) > cells.width() + 48:
        text = str(block.cells.mosaic.count)
    elif grid.zoom > 1:
        seen = grid.window()
        text = f"{int(seen.left)}–{int(np.ceil(seen.right)) - 1} / {text}"
    if block.short and ink.code(11).width(text) > cells.width() + SIDE * ink.scale:
        text = block.short
    y = cells.top() - 10 * ink.scale
    paint_dimension(
        painter, QPointF(cells.left(), y), cells.width(), text, _style(block, 1, ink), ink
    )


def _paint_rows(painter: QPainter, cells: QRectF, block: Block, grid: Grid, ink: Ink) -> None:
    text = block.sizes[0]
    if not text:
        return
    if grid.zoom > 1 and block.tile is None:
        seen = grid.window()
        part = f"{int(seen.top)}–{int(np.ceil(seen.bottom)) - 1} / {text}"
        text = part if ink.code(11).width(part) < cells.height() else text
    painter.save()
    painter.translate(cells.left() - 11 * ink.scale, cells.bottom())
    painter.rotate(-90)
    paint_dimension(painter, QPointF(0, 0), cells.height(), text, _style(block, 0, ink), ink)
    painter.restore()


def paint_dimension(
    painter: QPainter,
    start: QPointF,
    length: float,
    text: str,
    style: tuple[str, float, bool],
    ink: Ink,
) -> None:
    """Paint a line with end strokes and the size in its middle."""
    colour, width, bold = style
    face = ink.code(13 if bold else 11, bold)
    wide = face.width(text)
    pen = QPen(QColor(colour), width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    y, left, right = start.y(), start.x(), start.x() + length
    box = QRectF(left + (length - wide) / 2 - 1, y - px(10), wide + 4, px(20))
    if wide + 14 <= length:
        painter.drawLine(QLineF(left, y, box.left() - 4, y))
        painter.drawLine(QLineF(box.right() + 2, y, right, y))
        for x in (left, right):
            painter.drawLine(QLineF(x, y - 5, x, y + 5))
    ink_colour = colour if bold else ink.theme.text2
    draw_text(painter, box, text, face, ink_colour, CENTRE)


def _paint_bar(
    painter: QPainter,
    place: PartPlace,
    block: Block,
    scale: Scale,
    clipped: Clipped,
    ink: Ink,
    above: bool,
) -> None:
    """Paint the colour bar with its text: beneath the cells, or at the right of the name."""
    cells, theme = place.cells, ink.theme
    text, colour = scale_text(scale), theme.text2
    health = health_of(block.array)
    if health is not None and health.bad:
        text, colour = f"⊗ {bad_count_text(health)}", theme.nan
    face = ink.code(11)
    width = min(max(cells.width(), px(44)), px(140))
    if above:
        width = min(width, cells.width() - ink.code(13).width(block.name) - face.width(text) - 24)
        if width < 24:
            return
        y = cells.top() - 30 * ink.scale
        bar = QRectF(cells.right() - width, y - 3, width, 6)
        wide = face.width(text) + 4
        line = QRectF(bar.left() - wide - 8, y - px(8), wide, px(16))
    else:
        bar = QRectF(cells.center().x() - width / 2, cells.bottom() + 6, width, 6)
        wide = max(place.rect.width(), face.width(text) + 4)
        line = QRectF(cells.center().x() - wide / 2, bar.bottom() + 1, wide, 16 * ink.scale)
    paint_colour_bar(painter, bar, scale, theme, clipped)
    draw_text(painter, line, text, face, colour, CENTRE)


def repeats_box(place: PartPlace, block: Block, ink: Ink) -> QRectF | None:
    """The rectangle of the count of repeats: beside the name, off the cells."""
    text = repeats_text(block)
    if not text:
        return None
    cells, name = place.cells, ink.code(13).width(block.name)
    wide = badge_width(text, ink)
    fits = name + BESIDE + wide <= cells.width()
    left = (cells.left() if fits else place.rect.left()) + name + BESIDE
    return QRectF(left, cells.top() - HEAD * ink.scale, wide, 19 * ink.scale)


def paint_repeats(painter: QPainter, place: PartPlace, block: Block, ink: Ink) -> None:
    """Mark a block that broadcasting repeats: outline the real part, and write the count."""
    badge = repeats_box(place, block, ink)
    if badge is None:
        return
    theme, cells = ink.theme, place.cells
    (down, across), (rows, columns) = block.repeats, block.shape
    real = QRectF(
        cells.left(), cells.top(),
        cells.width() / (columns if across > 1 else 1), cells.height() / (rows if down > 1 else 1),
    )  # fmt: skip
    paint_outline(painter, enlarged(real, LEAST_MARK))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.strong))
    painter.setBrush(QColor(theme.panel))
    painter.drawRoundedRect(badge, 5, 5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    draw_text(painter, badge, repeats_text(block), ink.code(12), theme.text, CENTRE)
