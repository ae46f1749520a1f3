"""Paints tiles: title, cells, strip, histogram, colour bar and words of each."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from engine.debug.health.arrays import health_of
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.cell_marks import enlarged, paint_outline, paint_seams
from gui.paint.cell_numbers import paint_numbers
from gui.paint.grid import Grid
from gui.paint.heatmap import Cover, HeatMap, count_clipped, paint_colour_bar
from gui.paint.histogram import paint_histogram
from gui.paint.scale_words import scale_text
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.tiles.note import NoteLink, paint_note, told
from gui.paint.tiles.tile import FOOT, HEAD, HEADING, HISTOGRAM, LEGEND, Tile, lines_in
from gui.paint.values import bad_count_text

LEAST_LINE = 12.0  # between two lines of type that can both be read
LEAST_MARK = 5.0  # pixels to which the mark of a smaller cell is enlarged
CENTRE, RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight


class TilePainter:
    """Paints tiles, and keeps the heat maps from one painting to the next.

    Attributes:
        cells: where the cells of each tile are, by its id.
        links: painted links to where a missing array is made, with the event.
        notes: painted links that undo what a colour scale has done.
        warnings: where warnings are painted, and what they mean.
    """

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.cells: dict[str, QRectF] = {}
        self.links: list[tuple[QRectF, int]] = []
        self.notes: list[NoteLink] = []
        self.warnings: list[tuple[QRectF, str]] = []
        self._maps: dict[tuple[str, str], HeatMap] = {}
        self._covers: dict[str, Cover] = {}

    def keep(self, ids: set[str]) -> None:
        """Forget the heat maps of all other tiles."""
        for key in [key for key in self._maps if key[0] not in ids]:
            del self._maps[key]

    def begin(self) -> None:
        """Forget the links that were painted."""
        self.links, self.notes, self.warnings = [], [], []

    def paint(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        """Paint a tile, unless it is too small to see."""
        if rect.width() < 8 or rect.height() < 8:
            return
        self._paint_head(painter, tile, rect)
        if tile.values is None:
            self._paint_missing(painter, tile, rect)
        else:
            self._paint_tile(painter, tile, rect)

    def _paint_head(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        if not tile.title:
            return
        theme = self.theme
        line = QRectF(rect.left(), rect.top(), rect.width(), px(HEAD) - 2)
        bold, code = ui_face(12, QFont.Weight.DemiBold), code_face(11)
        draw_text(painter, line, tile.title, bold, theme.text)
        room = line.width() - bold.width(tile.title) - 8
        if tile.shape and code.width(tile.shape) <= room and told(tile.coloured) is None:
            line.setLeft(line.left() + bold.width(tile.title) + 8)
            draw_text(painter, line, tile.shape, code, theme.text3)

    def _paint_missing(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        theme = self.theme
        box = rect.adjusted(0.5, (px(HEAD) if tile.title else 0) + 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(theme.strong), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box)
        text, target = tile.missing
        face = ui_face(11)
        link = (
            QCoreApplication.translate("TileCanvas", "Go there →")
            if target is not None and box.height() > px(40)
            else ""
        )
        line = QRectF(
            box.left() + 4, box.center().y() - px(18 if link else 9), box.width() - 8, px(18)
        )
        draw_text(painter, line, text, face, theme.text3, CENTRE)
        if link and target is not None:
            line.translate(0, px(20))
            draw_text(painter, line, link, face, theme.accent, CENTRE)
            self.links.append((line, target))

    def _paint_tile(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        assert tile.values is not None and tile.scale is not None
        cells, theme = self.cells[tile.id], self.theme
        rows, columns = tile.values.shape
        grid = Grid(rows, columns, capped=False)
        grid.resize(cells.width(), cells.height())
        heat_map = self._maps.setdefault((tile.id, "cells"), HeatMap())
        heat_map.paint(painter, cells, tile.values, tile.scale, theme)
        if tile.known is not None:
            self._covers.setdefault(tile.id, Cover()).paint(painter, cells, tile.known, theme)
        elif tile.image is None:
            truth = tile.values if tile.truth is None else tile.truth
            paint_numbers(painter, cells, tile.values, tile.scale, grid, theme, truth)
        else:
            paint_seams(painter, cells, grid, tile.image, theme)
        self._paint_headings(painter, tile, cells)
        painter.setPen(QColor(theme.strong))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(cells.adjusted(-0.5, -0.5, 0.5, 0.5))
        bottom = cells.bottom()
        if tile.strip is not None:
            strip = QRectF(cells.left(), bottom + 3, cells.width(), 10)
            values, scale = tile.strip
            below = self._maps.setdefault((tile.id, "strip"), HeatMap())
            below.paint(painter, strip, np.atleast_2d(values), scale, theme)
            painter.drawRect(strip.adjusted(-0.5, -0.5, 0.5, 0.5))
            bottom = strip.bottom()
        if tile.histogram and rect.right() - cells.right() > px(HISTOGRAM):
            side = QRectF(cells.right() + 8, cells.top(), px(HISTOGRAM), cells.height())
            array = tile.array if tile.array is not None else tile.values
            paint_histogram(painter, side, array, tile.scale, theme)
        if tile.legend:
            self._paint_legend(painter, tile, QRectF(cells.left(), bottom + 5, cells.width(), 8))
            bottom += px(LEGEND)
        line = QRectF(rect.left(), bottom + 1, rect.width(), px(FOOT) - 1)
        lines = lines_in(rect)
        if self._paint_note(painter, tile, rect, line):
            line.translate(0, px(FOOT))
            lines -= 1
        if lines:
            self._paint_words(painter, tile, line, lines)
        self._paint_marks(painter, tile, cells)

    def _paint_note(self, painter: QPainter, tile: Tile, rect: QRectF, foot: QRectF) -> bool:
        """Paint the note on the scale; returns whether it took the line beneath the cells."""
        one = told(tile.coloured)
        if one is None:
            return False
        title = ui_face(12, QFont.Weight.DemiBold).width(tile.title) + 12 if tile.title else 0.0
        head = QRectF(rect.left(), rect.top(), rect.width(), px(HEAD) - 2 if tile.title else 0)
        head.setLeft(min(head.left() + title, head.right()))
        if not (tile.words or tile.warning):
            foot = QRectF()
        made = paint_note(painter, one, head, foot, self.theme)
        if made is None:
            return False
        self.notes.append(made[0])
        return made[1]

    def _paint_legend(self, painter: QPainter, tile: Tile, bar: QRectF) -> None:
        assert tile.values is not None and tile.scale is not None
        paint_colour_bar(
            painter, bar, tile.scale, self.theme, count_clipped(tile.values, tile.scale)
        )
        line = QRectF(bar.left() - 8, bar.bottom() + 1, bar.width() + 16, px(15))
        draw_text(painter, line, scale_text(tile.scale), code_face(11), self.theme.text2, CENTRE)

    def _paint_headings(self, painter: QPainter, tile: Tile, cells: QRectF) -> None:
        face, colour = code_face(11), self.theme.text2
        rows, columns = tile.heads
        least = px(LEAST_LINE)
        for number, name in enumerate(rows):
            height = cells.height() / len(rows)
            if number % ceil(least / height):
                continue  # there is no room to name each row
            box = QRectF(
                cells.left() - px(HEADING), cells.top() + number * height, px(HEADING) - 3, height
            )
            box.adjust(
                0, min(height - px(LEAST_LINE), 0) / 2, 0, max(px(LEAST_LINE) - height, 0) / 2
            )
            draw_text(painter, box, name, face, colour, RIGHT)
        for number, name in enumerate(columns):
            width = cells.width() / len(columns)
            box = QRectF(
                cells.left() + number * width, cells.top() - px(HEADING), width, px(HEADING)
            )
            draw_text(painter, box, name, face, colour, CENTRE)

    def _paint_words(self, painter: QPainter, tile: Tile, line: QRectF, lines: int) -> None:
        if not (tile.words or tile.warning):
            return
        theme = self.theme
        grey, code = ui_face(11), code_face(11)
        health = health_of(tile.array if tile.array is not None else tile.values)
        x = line.left()
        if health is not None and health.bad:
            text = f"⊗ {bad_count_text(health)}"
            draw_text(painter, line, text, ui_face(11), theme.nan)
            x += grey.width(text) + 10
        x = self._paint_small_bar(painter, tile, line, x)
        if tile.warning:
            text = f"⚠ {tile.warning}"
            if x + grey.width(text) <= line.right() + 1:
                box = QRectF(x, line.top(), grey.width(text) + 2, line.height())
                draw_text(painter, box, text, grey, theme.warning)
                self.warnings.append((box, tile.why))
                x = box.right() + 10
        for name, value in tile.words:
            width = grey.width(name) + code.width(value) + 6
            if x + width > line.right() + 1:
                lines -= 1
                if lines < 1:
                    break
                line.translate(0, px(FOOT))
                x = line.left()
            draw_text(painter, QRectF(x, line.top(), width, line.height()), name, grey, theme.text3)
            x += grey.width(name) + 4
            draw_text(painter, QRectF(x, line.top(), width, line.height()), value, code, theme.text)
            x += code.width(value) + 12

    def _paint_small_bar(self, painter: QPainter, tile: Tile, line: QRectF, x: float) -> float:
        """The colour bar before the words, where there is room; returns where it ends."""
        if tile.scale is None or tile.values is None or not tile.bar or line.width() <= px(150):
            return x
        code, text = code_face(11), scale_text(tile.scale)
        if x + px(48) + code.width(text) > line.right() + 1:
            return x
        bar = QRectF(x, line.center().y() - px(3), px(36), px(6))
        clipped = count_clipped(tile.values, tile.scale)
        paint_colour_bar(painter, bar, tile.scale, self.theme, clipped)
        x += px(42)
        box = QRectF(x, line.top(), px(90), line.height())
        draw_text(painter, box, text, code, self.theme.text2)
        return x + code.width(text) + 12

    def _paint_marks(self, painter: QPainter, tile: Tile, cells: QRectF) -> None:
        """Outline the row, the box and the cell that are marked whatever is pointed at."""
        if tile.values is None:
            return
        rows = tile.values.shape[0]
        if tile.row is not None and 0 <= tile.row[0] < rows:
            row = tile.cell_rect(cells, tile.row[0], 0)
            row.setWidth(cells.width())
            paint_outline(painter, enlarged(row, LEAST_MARK), self.theme.accent)
        if tile.box is not None:
            top, left, bottom, right = tile.box
            first = tile.cell_rect(cells, top, left)
            last = tile.cell_rect(cells, bottom - 1, right - 1)
            paint_outline(painter, enlarged(first.united(last), LEAST_MARK))
        if tile.cell is not None:
            cell = tile.cell_rect(cells, *tile.cell)
            paint_outline(painter, enlarged(cell, LEAST_MARK), self.theme.accent)
