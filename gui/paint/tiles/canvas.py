"""A canvas of heat maps side by side, which the dashboards use.

Each tile has a title, a matrix, and a line of words beneath it; a tile whose array is not there yet
says so, and where it will be made. The mouse over a cell says what it holds; a click is passed on;
the arrow keys move the cell, Tab goes on to the next tile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.backdrop import Backdrop
from gui.paint.cell_marks import enlarged, paint_outline, paint_tag
from gui.paint.cell_pointer import ArrayCell, CellPointer
from gui.paint.scales import Coloured
from gui.paint.text import code_face
from gui.paint.tiles.note import NoteLink
from gui.paint.tiles.painter import LEAST_MARK, TilePainter
from gui.paint.tiles.tile import Cell, Tile, place_cells
from gui.paint.values import scalar_text

Arrange = Callable[[Sequence[Tile], float, float], list[QRectF]]


class TileCanvas(QWidget):
    """Draws tiles.

    Signals:
        clicked: the tile's id, row and column.
        resized: mosaics may need another layout.
        pointed: the same, or an empty id when nothing is pointed at.
        event_chosen: where a tile that is missing will be made.
        rescale_asked, back_asked: the key of a scale to choose again, or to restore.
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
        self._painter = TilePainter(theme)
        self._base = Backdrop()
        self.pointer: CellPointer[str] = CellPointer(self, self, self._on_moved)
        self.setMinimumSize(120, 80)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = self._painter.theme = theme
        self._base.forget()
        self.update()

    def show_tiles(self, tiles: Sequence[Tile]) -> None:
        """Draw these."""
        self.tiles = list(tiles)
        self._painter.keep({tile.id for tile in tiles})
        self._lay_out()
        at = self.pointer.at
        if at is not None and self._tile(at.array) is None:
            self.pointer.at = None
        self.pointer.say()
        self._base.forget()
        self.update()

    def cells_of(self, id: str) -> QRectF:
        """Where the cells of a tile are drawn; empty where it has none."""
        return self._painter.cells.get(id, QRectF())

    def link_of(self, event: int) -> QRectF:
        """Where the link to an event is drawn."""
        return next((rect for rect, target in self._painter.links if target == event), QRectF())

    def note_of(self, key: str) -> QRectF:
        """Where the link is drawn that tells of a scale."""
        return next((note.rect for note in self._painter.notes if note.key == key), QRectF())

    def coloured(self) -> list[Coloured]:
        """The kept colour scales of the tiles shown."""
        found: dict[str, Coloured] = {}
        for tile, rect in zip(self.tiles, self._rects, strict=True):
            if not rect.isEmpty():
                for one in tile.coloured:
                    found.setdefault(one.key, one)
        return list(found.values())

    def cell_text(self) -> str:
        """The cell pointed at: `Affine1 [3, 7] 0.25`."""
        at = self.pointer.at
        tile = self._tile(at.array) if at is not None else None
        if tile is None or tile.values is None or at is None:
            return ""
        row, column = at.row, at.column
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
        self._painter.cells = {
            tile.id: place_cells(tile, rect)
            for tile, rect in zip(self.tiles, self._rects, strict=True)
            if tile.values is not None
        }

    # Where the cells are, for the pointer

    def cell_at(self, position: QPointF) -> ArrayCell[str] | None:
        """The cell at a place of the canvas, in the tile of an id."""
        for tile in self.tiles:
            cells = self._painter.cells.get(tile.id)
            if cells is not None and tile.values is not None and cells.contains(position):
                rows, columns = tile.values.shape
                row = int((position.y() - cells.top()) / cells.height() * rows)
                column = int((position.x() - cells.left()) / cells.width() * columns)
                return ArrayCell(tile.id, min(row, rows - 1), min(column, columns - 1))
        return None

    def shape_of(self, array: str) -> Cell:
        """Rows and columns of a tile."""
        tile = self._tile(array)
        if tile is None or tile.values is None:
            return 0, 0
        rows, columns = tile.values.shape
        return rows, columns

    def has(self, cell: ArrayCell[str]) -> bool:
        """All cells are there, in tiles that have any."""
        return min(self.shape_of(cell.array)) > 0

    def arrays(self) -> list[str]:
        """The ids of the tiles that have cells."""
        return [tile.id for tile in self.tiles if tile.values is not None]

    def first(self) -> str | None:
        """The first tile that has cells."""
        return next(iter(self.arrays()), None)

    def reveal(self, cell: ArrayCell[str]) -> None:
        """All cells are in sight."""

    def describe(self) -> str:
        """The cell pointed at, else the titles of the tiles with their warnings."""
        return self.cell_text() or ", ".join(map(_spoken, self.tiles))

    def _on_moved(self) -> None:
        at = self.pointer.at
        self.pointed.emit(*(("", 0, 0) if at is None else (at.array, at.row, at.column)))

    # What a person does. Names are Qt's.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the tiles out again."""
        self._lay_out()
        self._base.forget()
        self.resized.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the cell under the mouse; a hand over links."""
        self.pointer.point_under(event.position())
        over = any(rect.contains(event.position()) for rect, _ in self._painter.links)
        note = self._note_under(event.position())
        over = over or note is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)
        tip = note.tip if note is not None else self.why_at(event.position())
        if tip != self.toolTip():
            self.setToolTip(tip)

    def why_at(self, at: QPointF) -> str:
        """What the warning at a place of the canvas means; "" if there is none."""
        return next((why for rect, why in self._painter.warnings if rect.contains(at)), "")

    def warning_of(self, why: str) -> QRectF:
        """Where the warning is drawn that means this."""
        return next((rect for rect, text in self._painter.warnings if text == why), QRectF())

    def _note_under(self, at: QPointF) -> NoteLink | None:
        return next((note for note in self._painter.notes if note.rect.contains(at)), None)

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing, unless the keyboard does."""
        self.pointer.leave()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Pass a click on."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        for rect, target in self._painter.links:
            if rect.contains(event.position()):
                self.event_chosen.emit(target)
                return
        note = self._note_under(event.position())
        if note is not None:
            (self.back_asked if note.back else self.rescale_asked).emit(note.key)
            return
        cell = self.cell_at(event.position())
        if cell is not None:
            self.clicked.emit(cell.array, cell.row, cell.column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cell; Return clicks it."""
        key, at = Qt.Key(event.key()), self.pointer.at
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if at is not None:
                self.clicked.emit(at.array, at.row, at.column)
            elif self._painter.links:
                self.event_chosen.emit(self._painter.links[0][1])
        elif key is Qt.Key.Key_Escape and at is not None:
            self.pointer.let_go()
        elif not self.pointer.move(key):
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from tile to tile before it leaves, once the keyboard points at one."""
        return self.pointer.tab(forward) or super().focusNextPrevChild(forward)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles, from memory where they are the same, and the mark."""
        painter = QPainter(self)
        self._base.draw(painter, self.size(), self._paint_base)
        self._paint_mark(painter)
        self.pointer.paint_focus(painter, self.theme)

    def _paint_base(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        self._painter.begin()
        for tile, rect in zip(self.tiles, self._rects, strict=True):
            self._painter.paint(painter, tile, rect)

    def _paint_mark(self, painter: QPainter) -> None:
        text, at = self.cell_text(), self.pointer.at
        tile = self._tile(at.array) if at is not None else None
        if not text or at is None or tile is None:
            return
        box = tile.cell_rect(self._painter.cells[at.array], at.row, at.column)
        paint_outline(painter, enlarged(box, LEAST_MARK))
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
        paint_tag(painter, tag, text, face, self.theme)


def _spoken(tile: Tile) -> str:
    """A tile in words: its title, or what is missing, and what it warns of."""
    if tile.values is None:
        return tile.missing[0]
    parts = [f"{tile.title} {tile.shape}", f"⚠ {tile.warning}" if tile.warning else "", tile.why]
    return ". ".join(part for part in parts if part)
