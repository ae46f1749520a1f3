"""A canvas of heat maps side by side, painted once a snapshot: what the dashboards are made of.

Each tile has a title, a matrix, and a line of words beneath it; a tile whose array is not there yet
says so, and where it will be made. The mouse over a cell says what it holds; a click is passed on;
the arrow keys move the cell, Tab goes on to the next tile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from engine.debug.health.arrays import health_of
from gui.parts.backdrop import Backdrop
from gui.parts.cell_numbers import paint_numbers
from gui.parts.grid import Grid
from gui.parts.heatmap import Cover, HeatMap, Scale, count_clipped, paint_colour_bar
from gui.parts.histogram import paint_histogram
from gui.parts.rows import code_face, draw_text, ui_face
from gui.parts.scale_words import scale_text
from gui.parts.scales import Coloured
from gui.parts.tile_note import NoteLink, paint_note, told
from gui.parts.values import bad_count_text, scalar_text
from gui.theme import Theme
from gui.type_scale import px

Array = np.ndarray[Any, Any]
Cell = tuple[int, int]
HEAD, FOOT, HISTOGRAM, HEADING = 20.0, 17.0, 64.0, 17.0
LEGEND = 28.0  # the height of a colour bar with its ends beneath
LEAST_LINE = 12.0  # between two lines of type that can both be read
CENTRE, RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (-10, 0),
    Qt.Key.Key_PageDown: (10, 0),
}


@dataclass(slots=True, eq=False)
class Tile:
    """One heat map.

    Attributes:
        id: what it is known by from snapshot to snapshot.
        title, shape: above it, at the left and at the right.
        values: (rows, columns), or None: it is not there yet.
        scale: the ends of its colour map.
        array: what was measured for the words, the values themselves by default.
        words: beneath it, pairs of a grey name and a value.
        warning: a word that stands out, after them.
        missing: what stands in its place while it is not there, and the event at which it will be.
        label_of: what a cell is called.
        row: the row to be marked, with its tag, or None.
        box: cells to be marked: top, left, bottom, right; ends excluded.
        cell: one that is marked within, row and column.
        pixels: rows and columns of the picture that it is, which keeps its proportions, or None.
        strip: (columns,) values drawn as a strip beneath, such as the biases, with its scale.
        histogram: whether one stands at its right.
        bar: whether a colour bar stands before the words.
        legend: whether one as wide as the cells stands beneath them, with its ends.
        image: rows and columns of the pictures that it is a mosaic of, or None.
        truth: the numbers themselves, where the colours are those of something made of them.
        known: (rows, columns) which cells are known by now; None: all. Others are left empty.
        heads: what the rows and the columns are called, at the left and above.
        coloured: the scales that are kept for what it shows, that of the cells first.
    """

    id: str
    title: str
    shape: str = ""
    values: Array | None = None
    scale: Scale | None = None
    array: Array | None = None
    words: Sequence[tuple[str, str]] = ()
    warning: str = ""
    missing: tuple[str, int | None] = ("", None)
    label_of: Callable[[int, int], str] = field(default=lambda row, column: f"[{row}, {column}]")
    row: tuple[int, str] | None = None
    box: tuple[int, int, int, int] | None = None
    cell: Cell | None = None
    pixels: bool = False
    strip: tuple[Array, Scale] | None = None
    histogram: bool = False
    bar: bool = True
    legend: bool = False
    image: tuple[int, int] | None = None
    truth: Array | None = None
    known: Array | None = None
    heads: tuple[Sequence[str], Sequence[str]] = ((), ())
    coloured: tuple[Coloured, ...] = ()


Arrange = Callable[[Sequence[Tile], float, float], list[QRectF]]


class TileCanvas(QWidget):
    """Draws tiles.

    Signals:
        clicked: the tile's id, row and column.
        resized: mosaics may want to be laid out anew.
        pointed: the same, or an empty id when nothing is pointed at.
        event_chosen: where a tile that is missing will be made.
        rescale_asked, back_asked: the key of a scale, to be chosen anew, to be as it was.
    """

    clicked = Signal(str, int, int)
    resized = Signal()
    pointed = Signal(str, int, int)
    event_chosen = Signal(int)
    rescale_asked = Signal(str)
    back_asked = Signal(str)

    def __init__(self, theme: Theme, arrange: Arrange, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._arrange = arrange
        self.tiles: list[Tile] = []
        self._rects: list[QRectF] = []
        self._cells: dict[str, QRectF] = {}
        self._maps: dict[tuple[str, str], HeatMap] = {}
        self._covers: dict[str, Cover] = {}
        self._links: list[tuple[QRectF, int]] = []
        self._notes: list[NoteLink] = []
        self._base = Backdrop()
        self._at: tuple[str, int, int] | None = None
        self._by_keyboard = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(120, 80)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._base.forget()
        self.update()

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Draw these."""
        self.tiles = list(tiles)
        known = {tile.id for tile in tiles}
        for key in [key for key in self._maps if key[0] not in known]:
            del self._maps[key]
        self._lay_out()
        if self._at is not None and self._tile(self._at[0]) is None:
            self._at = None
        self._say()
        self._base.forget()
        self.update()

    def cells_of(self, id: str) -> QRectF:
        """Where the cells of a tile are drawn; empty where it has none."""
        return self._cells.get(id, QRectF())

    def link_of(self, event: int) -> QRectF:
        """Where the link to an event is drawn."""
        return next((rect for rect, target in self._links if target == event), QRectF())

    def note_of(self, key: str) -> QRectF:
        """Where the link is drawn that tells of a scale."""
        return next((note.rect for note in self._notes if note.key == key), QRectF())

    def coloured(self) -> list[Coloured]:
        """The scales that are kept for what is shown."""
        found: dict[str, Coloured] = {}
        for tile, rect in zip(self.tiles, self._rects, strict=True):
            if not rect.isEmpty():
                for one in tile.coloured:
                    found.setdefault(one.key, one)
        return list(found.values())

    def cell_text(self) -> str:
        """What is pointed at: `Affine1 [3, 7] 0.25`."""
        tile = self._tile(self._at[0]) if self._at is not None else None
        if tile is None or tile.values is None or self._at is None:
            return ""
        _, row, column = self._at
        if row >= tile.values.shape[0] or column >= tile.values.shape[1]:
            return ""
        label = tile.label_of(row, column)
        if tile.known is not None and not tile.known[row, column]:
            return self.tr("{0}  not yet").format(label)
        truth = tile.values if tile.truth is None else tile.truth
        return f"{label}  {scalar_text(truth[row, column])}" if label else ""

    def _tile(self, id: str) -> Tile | None:
        return next((tile for tile in self.tiles if tile.id == id), None)

    def _lay_out(self) -> None:
        self._rects = self._arrange(self.tiles, float(self.width()), float(self.height()))
        self._cells = {}
        for tile, rect in zip(self.tiles, self._rects, strict=True):
            if tile.values is not None:
                self._cells[tile.id] = self._place(tile, rect)

    def _place(self, tile: Tile, rect: QRectF) -> QRectF:
        """Where the cells go within a tile."""
        foot = px(FOOT) * _lines(rect) if tile.words or tile.warning else 0.0
        foot += px(LEGEND) if tile.legend else 0.0
        strip = px(14) if tile.strip is not None else 0.0
        wide = px(HISTOGRAM) + 8 if tile.histogram and rect.width() > 2.6 * px(HISTOGRAM) else 0.0
        head = px(HEAD) if tile.title else 0.0
        rows, columns = (px(HEADING) if names else 0.0 for names in tile.heads)
        cells = rect.adjusted(rows, head + columns, -wide, -foot - strip)
        if tile.pixels and tile.values is not None:
            rows, columns = tile.values.shape
            side = min(cells.width() / columns, cells.height() / rows)
            cells = QRectF(cells.left(), cells.top(), side * columns, side * rows)
            cells.moveLeft(rect.left() + (rect.width() - wide - cells.width()) / 2)
        return cells

    # What a person does. Names are Qt's.

    def _under(self, at: QPointF) -> tuple[str, int, int] | None:
        for tile in self.tiles:
            cells = self._cells.get(tile.id)
            if cells is not None and tile.values is not None and cells.contains(at):
                rows, columns = tile.values.shape
                row = int((at.y() - cells.top()) / cells.height() * rows)
                column = int((at.x() - cells.left()) / cells.width() * columns)
                return tile.id, min(row, rows - 1), min(column, columns - 1)
        return None

    def _point(self, at: tuple[str, int, int] | None) -> None:
        if at != self._at:
            self._at = at
            self._say()
            self.pointed.emit(*(at or ("", 0, 0)))
            self.update()

    def _say(self) -> None:
        words = self.cell_text() or ", ".join(
            f"{tile.title} {tile.shape}" if tile.values is not None else tile.missing[0]
            for tile in self.tiles
        )
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out anew."""
        self._lay_out()
        self._base.forget()
        self.resized.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what is under the mouse."""
        self._by_keyboard = False
        self._point(self._under(event.position()))
        over = any(rect.contains(event.position()) for rect, _ in self._links)
        note = self._note_under(event.position())
        over = over or note is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        tip = note.tip if note is not None else ""
        if tip != self.toolTip():
            self.setToolTip(tip)

    def _note_under(self, at: QPointF) -> NoteLink | None:
        return next((note for note in self._notes if note.rect.contains(at)), None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing, unless the keyboard does."""
        if not self._by_keyboard:
            self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pass a click on."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        for rect, target in self._links:
            if rect.contains(event.position()):
                self.event_chosen.emit(target)
                return
        note = self._note_under(event.position())
        if note is not None:
            (self.back_asked if note.back else self.rescale_asked).emit(note.key)
            return
        under = self._under(event.position())
        if under is not None:
            self.clicked.emit(*under)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cell; Return clicks it."""
        key = Qt.Key(event.key())
        there = [tile for tile in self.tiles if tile.values is not None]
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._at is not None:
                self.clicked.emit(*self._at)
            elif self._links:
                self.event_chosen.emit(self._links[0][1])
        elif key in _MOVES and there:
            tile = (self._tile(self._at[0]) if self._at is not None else None) or there[0]
            row, column = (0, 0) if self._at is None else self._at[1:]
            if self._at is not None:
                row, column = row + _MOVES[key][0], column + _MOVES[key][1]
            assert tile.values is not None
            rows, columns = tile.values.shape
            self._by_keyboard = True
            self._point((tile.id, min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)))
        elif key is Qt.Key.Key_Escape and self._at is not None:
            self._by_keyboard = False
            self._point(None)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from tile to tile before it leaves, once the keyboard points at one."""
        there = [tile.id for tile in self.tiles if tile.values is not None]
        if self._by_keyboard and self._at is not None and self._at[0] in there:
            place = there.index(self._at[0]) + (1 if forward else -1)
            if 0 <= place < len(there):
                self._point((there[place], 0, 0))
                return True
        return super().focusNextPrevChild(forward)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles, from memory where they are the same, and the mark."""
        painter = QPainter(self)
        self._base.draw(painter, self.size(), self._paint_base)
        self._paint_mark(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_base(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        self._links, self._notes = [], []
        for tile, rect in zip(self.tiles, self._rects, strict=True):
            if rect.width() < 8 or rect.height() < 8:
                continue
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
        link = self.tr("Go there →") if target is not None and box.height() > px(40) else ""
        line = QRectF(
            box.left() + 4, box.center().y() - px(18 if link else 9), box.width() - 8, px(18)
        )
        draw_text(painter, line, text, face, theme.text3, CENTRE)
        if link and target is not None:
            line.translate(0, px(20))
            draw_text(painter, line, link, face, theme.accent, CENTRE)
            self._links.append((line, target))

    def _paint_tile(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        assert tile.values is not None and tile.scale is not None
        cells, theme = self._cells[tile.id], self.theme
        heat_map = self._maps.setdefault((tile.id, "cells"), HeatMap())
        heat_map.paint(painter, cells, tile.values, tile.scale, theme)
        if tile.known is not None:
            self._covers.setdefault(tile.id, Cover()).paint(painter, cells, tile.known, theme)
        elif tile.image is None:
            grid = Grid(*tile.values.shape, capped=False)
            grid.resize(cells.width(), cells.height())
            truth = tile.values if tile.truth is None else tile.truth
            paint_numbers(painter, cells, tile.values, tile.scale, grid, theme, truth)
        else:
            self._paint_seams(painter, cells, tile.values.shape, tile.image)
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
        lines = _lines(rect)
        if self._paint_note(painter, tile, rect, line):
            line.translate(0, px(FOOT))
            lines -= 1
        if lines:
            self._paint_words(painter, tile, line, lines)
        self._paint_row(painter, tile, cells)

    def _paint_note(self, painter: QPainter, tile: Tile, rect: QRectF, foot: QRectF) -> bool:
        """Tell of the scale; returns whether that took the line beneath the cells."""
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
        self._notes.append(made[0])
        return made[1]

    def _paint_legend(self, painter: QPainter, tile: Tile, bar: QRectF) -> None:
        assert tile.values is not None and tile.scale is not None
        paint_colour_bar(
            painter, bar, tile.scale, self.theme, count_clipped(tile.values, tile.scale)
        )
        line = QRectF(bar.left() - 8, bar.bottom() + 1, bar.width() + 16, px(15))
        draw_text(painter, line, scale_text(tile.scale), code_face(11), self.theme.text2, CENTRE)

    def _paint_seams(
        self, painter: QPainter, cells: QRectF, shape: tuple[int, ...], image: tuple[int, int]
    ) -> None:
        """Part the pictures of a mosaic."""
        painter.setPen(QPen(QColor(self.theme.panel), 2))
        for column in range(image[1], shape[1], image[1]):
            x = cells.left() + column / shape[1] * cells.width()
            painter.drawLine(QPointF(x, cells.top()), QPointF(x, cells.bottom()))
        for row in range(image[0], shape[0], image[0]):
            y = cells.top() + row / shape[0] * cells.height()
            painter.drawLine(QPointF(cells.left(), y), QPointF(cells.right(), y))

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
        bar_room = px(48) + code.width(scale_text(tile.scale)) if tile.scale is not None else 0.0
        if tile.bar and line.width() > px(150) and x + bar_room <= line.right() + 1:
            bar = QRectF(x, line.center().y() - px(3), px(36), px(6))
            assert tile.values is not None
            paint_colour_bar(
                painter, bar, tile.scale, theme, count_clipped(tile.values, tile.scale)
            )
            x += px(42)
            text = scale_text(tile.scale)
            draw_text(
                painter, QRectF(x, line.top(), px(90), line.height()), text, code, theme.text2
            )
            x += code.width(text) + 12
        if tile.warning:
            text = f"⚠ {tile.warning}"
            if x + grey.width(text) <= line.right() + 1:
                box = QRectF(x, line.top(), grey.width(text) + 2, line.height())
                draw_text(painter, box, text, grey, theme.warning)
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

    def _paint_row(self, painter: QPainter, tile: Tile, cells: QRectF) -> None:
        if tile.values is None:
            return
        rows, columns = tile.values.shape
        if tile.row is not None and 0 <= tile.row[0] < rows:
            height = cells.height() / rows
            box = QRectF(cells.left(), cells.top() + tile.row[0] * height, cells.width(), height)
            _outline(painter, box, self.theme.accent)
        if tile.box is not None:
            top, left, bottom, right = tile.box
            w, h = cells.width() / columns, cells.height() / rows
            box = QRectF(
                cells.left() + left * w,
                cells.top() + top * h,
                (right - left) * w,
                (bottom - top) * h,
            )
            _outline(painter, box, "#ffffff")
        if tile.cell is not None:
            w, h = cells.width() / columns, cells.height() / rows
            row, column = tile.cell
            box = QRectF(cells.left() + column * w, cells.top() + row * h, w, h)
            _outline(painter, box, self.theme.accent)

    def _paint_mark(self, painter: QPainter) -> None:
        text = self.cell_text()
        if not text or self._at is None:
            return
        id, row, column = self._at
        tile, cells = self._tile(id), self._cells[id]
        assert tile is not None and tile.values is not None
        rows, columns = tile.values.shape
        w, h = cells.width() / columns, cells.height() / rows
        box = QRectF(cells.left() + column * w, cells.top() + row * h, w, h)
        _outline(painter, box, "#ffffff")
        face = code_face(12)
        tag = QRectF(box.right() + 8, box.center().y() - px(10), face.width(text) + px(12), px(20))
        if tag.right() > self.width():
            tag.moveRight(box.left() - 8)
        if tag.left() < 0:
            tag.moveLeft(min(max(box.left(), 0.0), max(self.width() - tag.width(), 0.0)))
            tag.moveTop(
                box.bottom() + 6 if box.bottom() + px(28) < self.height() else box.top() - px(26)
            )
        tag.moveTop(min(max(tag.top(), 0.0), self.height() - tag.height()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.text))
        painter.drawRoundedRect(tag, 4, 4)
        draw_text(painter, tag, text, face, self.theme.panel, CENTRE)


def _lines(rect: QRectF) -> int:
    """How many lines of words a tile has room for."""
    return 2 if rect.height() > px(150) else 1


def _outline(painter: QPainter, box: QRectF, colour: str) -> None:
    """A line with a dark halo round cells, which are enlarged to what an eye finds."""
    grow_x, grow_y = (max(0.0, (5 - side) / 2) for side in (box.width(), box.height()))
    box = box.adjusted(-grow_x, -grow_y, grow_x, grow_y)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ink, width in (("#000000", 3.5), (colour, 1.5)):
        painter.setPen(QPen(QColor(ink), width))
        painter.drawRect(box)
