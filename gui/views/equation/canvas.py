"""The canvas of an equation: it paints the picture once a step, and the marks as the mouse moves.

At rest an example cell and its sources are marked. The mouse over a cell of the result lights its
sources; over a cell of an operand it lights the cells that the cell reaches. A click holds the
cell, Escape releases it. The wheel, `+` and `−` zoom the block under the mouse, which grows into
the free room; dragging pans; a double-click, `0` and Escape fit. The arrow keys move the cell, Tab
goes to the next block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from engine.debug.explain.operation import Operation
from engine.debug.explain.terms import Index, Region
from gui.look.theme import Theme
from gui.paint.cell_pointer import ArrayCell, CellPointer, zoom_of_key, zoom_of_wheel
from gui.paint.scale_words import use_text
from gui.paint.scales import Coloured, Scales
from gui.paint.text import paint_dimmed
from gui.views.equation.arrange import PartPlace
from gui.views.equation.block_scales import BlockScales
from gui.views.equation.layout import EquationLayout
from gui.views.equation.notes import ScaleNotes
from gui.views.equation.painter import EquationPainter
from gui.views.equation.part_painter import Ink
from gui.views.equation.picture.linked import cell_text, index_of, linked_regions
from gui.views.equation.picture.make import make_picture
from gui.views.equation.picture.parts import (
    RESULT,
    Block,
    Listing,
    Manner,
    Number,
    Picture,
)
from gui.widgets.scale_note import ScaleLine

NOTE = 20.0  # height of a note on a colour scale


class EquationCanvas(QWidget):
    """Draws one operation.

    Signals:
        pointed: the index of the result's cell that is pointed at or held, or None.
        event_chosen: the event at which an operand was made.
        held: the block and index of the cell that a click or the keys hold; None when released.
        scales_changed: the person asked for other colour scales.
        zoom_changed: whether an array is zoomed.
    """

    pointed = Signal(object)
    event_chosen = Signal(int)
    held = Signal(object, object)
    scales_changed = Signal()
    zoom_changed = Signal(bool)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.picture: Picture | None = None
        self.pointer: CellPointer[Block] = CellPointer(self, self, self._on_moved, keys_hold=True)
        self._layout = EquationLayout()
        self._scales = BlockScales()
        self._ink = Ink(theme, theme.forward)
        self._painter = EquationPainter(self._layout, self._scales, self._ink)
        self._room: tuple[float, float] | None = None  # that the picture was made for
        self._features: int | None = None
        self._notes = ScaleNotes(self)
        self._notes.back_asked.connect(self.scale_back)
        self._notes.rescale_asked.connect(self.rescale)
        self._dragged: tuple[Block, QPointF] | None = None
        self._moved = False
        self._lit: int | None = None
        self.setMinimumSize(160, 110)
        self.setAccessibleName(self.tr("Equation"))

    # Contents

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._ink = self._painter.ink = replace(self._ink, theme=theme)
        self._place_notes()
        self._painter.forget()
        self.update()

    def show_operation(
        self, operation: Operation, manner: Manner, phase: str, pin: int | None, batch: int,
        scale: float = 1.0,
    ) -> None:  # fmt: skip
        """Draw an operation, in the colour of its pass (`phase`).

        `pin` is the row of the pinned sample in the minibatch, or None. `batch` is the number of
        samples: an axis of that length is the batch's axis. `scale` is the font's.
        """
        before = self.picture.operation if self.picture is not None else None
        self._ink = Ink(self.theme, phase, scale)
        self._features = manner.image[0] * manner.image[1]
        self._room = manner.room
        self.picture = make_picture(operation, manner)
        same = before is not None and before.source == operation.source
        self._layout.show(self.picture, self._ink, same)
        self._painter.show(self.picture, self._ink, pin, batch)
        self._scales.measure(self.picture, self._features)
        self._lay_out()
        self._keep_cell(same)
        self.pointer.say()
        self._on_moved()

    def is_for_another(self, manner: Manner) -> bool:
        """Whether pictures or numbers would be in other rows in the room of `manner`."""
        picture = self.picture
        if picture is None or manner.room == self._room or not picture.folds:
            return False
        self._room = manner.room
        shapes = [block.shape for block in make_picture(picture.operation, manner).blocks]
        return shapes != [block.shape for block in picture.blocks]

    def rescale(self, key: str = "") -> None:
        """Choose new colour scales for all arrays shown, or for the one with this key."""
        for array in self.coloured():
            if key in ("", array.key):
                self.scales.forget(array.key)
        self._on_scales_changed()

    def scale_back(self, key: str) -> None:
        """Restore the scale that this key had before it was widened."""
        self.scales.back(key)
        self._on_scales_changed()

    def _on_scales_changed(self) -> None:
        if self.picture is not None:
            self._scales.measure(self.picture, self._features)
        self._lay_out()
        self.scales_changed.emit()

    def coloured(self) -> list[Coloured]:
        """The arrays drawn in colours, the result first."""
        return self._scales.coloured(self._blocks())

    def notes(self) -> list[ScaleLine]:
        """The visible notes on colour scales."""
        return self._notes.lines()

    def show_example(self, operand: int, index: Index | None) -> None:
        """Mark this cell of an operand or of `RESULT` while the person points at none."""
        block = self.picture.block_of(operand) if self.picture is not None else None
        boxes = block.cells.boxes(index) if block is not None and index is not None else []
        self._painter.example = (
            ArrayCell(block, boxes[0].top, boxes[0].left) if block and boxes else None
        )
        self._painter.forget()  # the kept picture has the curve only without a marked point
        self.update()

    def show_past(self, past: bool) -> None:
        """Dim a picture of an earlier stop; its cells cannot be pointed at."""
        if past != self._painter.past:
            self._painter.past = past
            self._dragged = None
            self._painter.forget()
            if past:
                self.pointer.let_go()
            self.update()

    def light(self, operand: int | None) -> None:
        """Frame the block of an operand or of the result, or none."""
        if operand != self._lit:
            self._lit = operand
            self.update()

    @property
    def lit_place(self) -> QRectF | None:
        """The cells that are framed."""
        place = self.place_of(self._lit) if self._lit is not None and not self.past else None
        return place.cells if place is not None else None

    @property
    def past(self) -> bool:
        """Whether the picture is of an earlier stop."""
        return self._painter.past

    @property
    def index(self) -> Index | None:
        """The cell of the result that is pointed at or held."""
        at = self.pointer.at
        return index_of(at) if at is not None and at.array.operand == RESULT else None

    def cell_text(self) -> str:
        """`(x @ self.W)[66, 18] 4.624` of the cell pointed at, else of the marked one; or ""."""
        return cell_text(self.pointer.at or self._painter.example)

    @property
    def scales(self) -> Scales:
        """The kept colour scales."""
        return self._scales.scales

    @property
    def places(self) -> list[PartPlace]:
        """The places of the parts, from left to right."""
        return self._layout.places

    def place_of(self, operand: int) -> PartPlace | None:
        """The place of the block of an operand or of the result, or None."""
        return self._layout.place_of(operand)

    def point_at(self, operand: int, row: int, column: int, hold: bool = False) -> None:
        """Point at a drawn cell."""
        place = self.place_of(operand)
        if place is not None and isinstance(place.part, Block):
            self.pointer.held = hold
            self.pointer.point(ArrayCell(place.part, row, column))

    def digits_in(self, size: QSize) -> int:
        """How many digits the numbers in arrays of few cells would have at this size; or 0."""
        return self._layout.digits_in(*self._room_in(size))

    def _room_in(self, size: QSize) -> tuple[float, float]:
        """Width and height for the parts, above a line for notes on the scales."""
        told = any(use_text(array.shown) for array in self.coloured())
        note = NOTE * self._ink.scale if told else 0.0
        return size.width() - 16.0, size.height() - 8.0 - note

    def _lay_out(self) -> None:
        """Give the parts their places."""
        if self.picture is None:
            return
        self._layout.lay_out(*self._room_in(self.size()))
        self._on_laid_out()

    def _on_laid_out(self) -> None:
        self.zoom_changed.emit(self.zoomed)
        self._place_notes()
        self._painter.forget()
        self.update()

    @property
    def zoomed(self) -> bool:
        """Whether an array is zoomed."""
        return self._layout.zoomed

    def fit(self) -> None:
        """Show all of every array."""
        self._layout.fit()
        self._on_laid_out()

    def _place_notes(self) -> None:
        """Put a note beneath each array whose scale was widened or hides values."""
        self._notes.show_beneath(self.coloured(), self._scales, self.places, self.theme)

    def _keep_cell(self, same: bool) -> None:
        """Keep pointing at the same place of the same expression; else at nothing."""
        at, self.pointer.at = self.pointer.at, None
        if at is None or self.picture is None:
            return
        block = self.picture.block_of(at.array.operand)
        if same and block is not None and block.shape == at.array.shape:
            self.pointer.at = ArrayCell(block, at.row, at.column)
        else:
            self.pointer.held = False

    def _on_moved(self) -> None:
        self.pointed.emit(self.index)

    # Where the cells are, for the pointer

    def cell_at(self, position: QPointF) -> ArrayCell[Block] | None:
        """The cell at a point of the canvas; None in a picture of an earlier stop."""
        return None if self._painter.past else self._layout.cell_at(position)

    def shape_of(self, array: Block) -> tuple[int, int]:
        """Rows and columns of a block as drawn."""
        return array.shape

    def has(self, cell: ArrayCell[Block]) -> bool:
        """Whether the drawn cell is a cell of its array."""
        return index_of(cell) is not None

    def arrays(self) -> Sequence[Block]:
        """The blocks whose cells are drawn."""
        return [block for block in self._blocks() if block.is_drawn]

    def first(self) -> Block | None:
        """The result if it is an array, else the first block."""
        blocks = self._blocks()
        result = self.picture.block_of(RESULT) if self.picture is not None else None
        return result or (blocks[0] if blocks else None)

    def reveal(self, cell: ArrayCell[Block]) -> None:
        """Pan a zoomed block to a cell."""
        grid = self._layout.grid_of(cell.array)
        if grid.zoom > 1:
            grid.reveal(cell.row, cell.column)
            self._painter.forget()
            self.update()

    def describe(self) -> str:
        """The text of the marked cell, else the source of the operation."""
        words = self.picture.operation.source if self.picture is not None else ""
        return self.cell_text() or words

    def _blocks(self) -> list[Block]:
        return self.picture.blocks if self.picture is not None else []

    def lit(self) -> dict[int, Region]:
        """The region lit for the cell pointed at, by operand or `RESULT`."""
        return self._linked_to(self.pointer.at)

    def marked(self) -> dict[int, Region]:
        """The region lit for the cell pointed at, or else for the example."""
        return self._linked_to(self.pointer.at or self._painter.example)

    def _linked_to(self, cell: ArrayCell[Block] | None) -> dict[int, Region]:
        return {} if self.picture is None else linked_regions(self.picture.operation, cell)

    # Input; the names are Qt's

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the parts out again."""
        self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or point at the cell under the mouse."""
        at = event.position()
        self._layout.end_zoom()
        if self._dragged is not None:
            block, since = self._dragged
            grid = self._layout.grid_of(block) if block in self._blocks() else None
            if grid is not None and grid.zoom > 1:
                moved = at - since
                self._moved = self._moved or moved.manhattanLength() > 3
                grid.pan(moved.x(), moved.y())
                self._dragged = (block, at)
                self._painter.forget()
                self.update()
                return
        self.pointer.point_under(at)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold the cell under the mouse, or begin to pan."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        cell = self.cell_at(event.position())
        self._moved = False
        self._dragged = (cell.array, event.position()) if cell is not None else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hold the cell of a click that did not drag; a click beside the blocks releases it."""
        self._dragged = None
        if self._moved or event.button() is not Qt.MouseButton.LeftButton:
            return
        self.pointer.hold_under(event.position())
        if not self._painter.past:
            self._say_held()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an operand's name, go to the event that made it; on its cells, fit them."""
        for place in self.places:
            part = place.part
            if not place.rect.contains(event.position()):
                continue
            if isinstance(part, Block) and place.cells.contains(event.position()):
                self._layout.fit_block(part)
                self._on_laid_out()
            elif isinstance(part, (Block, Number, Listing)) and part.event is not None:
                self.event_chosen.emit(part.event)
            return

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing, unless a click or the keyboard holds the cell."""
        self.pointer.leave()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom the block under the mouse."""
        factor, block = zoom_of_wheel(event), self._layout.block_at(event.position())
        if factor != 1 and block is not None:
            self._layout.zoom_at(block, factor, event.position())
            self._on_laid_out()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cell, zoom, fit, or release the cell."""
        key = Qt.Key(event.key())
        at = self.pointer.at
        block = at.array if at is not None else self.first()
        if self._painter.past:
            if key is Qt.Key.Key_Escape:
                self._say_held()
            super().keyPressEvent(event)
            return
        # While something is zoomed, Escape leaves the zoom first.
        rests = self._painter.example is not None and not self.zoomed
        if key is Qt.Key.Key_Escape and (at is not None or rests):
            self.pointer.let_go()
            self._say_held()
        elif key is Qt.Key.Key_Escape and self.zoomed:
            self.fit()
        elif key is Qt.Key.Key_Escape:  # the cell to release may be of an array in another panel
            self._say_held()
            super().keyPressEvent(event)
        elif block is None or not block.is_drawn:
            super().keyPressEvent(event)
        elif zoom_of_key(key) is not None or key is Qt.Key.Key_0:
            self._layout.zoom_by_key(zoom_of_key(key), block, at)
            self._on_laid_out()
        elif self.pointer.move(key):
            self._say_held()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from block to block before it leaves, once the keyboard points at a block."""
        return self.pointer.tab(forward) or super().focusNextPrevChild(forward)

    def _say_held(self) -> None:
        cell = self.pointer.at if self.pointer.held else None
        self.held.emit(cell and cell.array, index_of(cell))

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the equation, dimmed if it is of an earlier stop, and the marks."""
        painter = QPainter(self)
        self._painter.paint(painter, QRectF(self.rect()), self.pointer.at, self.marked())
        if self._painter.past:
            paint_dimmed(painter, self.rect(), self.theme)
        if (lit := self.lit_place) is not None:
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(lit.adjusted(-3, -3, 3, 3))
        self.pointer.paint_focus(painter, self.theme)

    def tags(self) -> list[tuple[QRectF, str]]:
        """The place and the text of each tag of a marked cell."""
        return self._painter.tags(QRectF(self.rect()), self.marked())
