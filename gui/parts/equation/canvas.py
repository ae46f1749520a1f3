"""The equation on the screen: painted once a step, and only the marks again while one points.

At rest a cell is marked, and what made it. The mouse over a cell of the result lights the cells
that made it, over a cell of an operand those that it reaches. A click holds the cell, Escape lets
it go. The wheel, `+` and `−` zoom the block under the mouse, which grows into the free room;
dragging pans, a double-click, `0` and Escape fit. The arrow keys move a cell, Tab goes on to the
next block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, Qt, Signal
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

from engine.debug.explain.operation import Form, Operation
from engine.debug.explain.terms import Index, Region, sources_of, targets_of
from gui.parts.backdrop import Backdrop
from gui.parts.cell_numbers import paint_numbers
from gui.parts.equation.arrange import Place, arrange
from gui.parts.equation.curve import Shape, paint_curve, sample, tag_of
from gui.parts.equation.grow import grow
from gui.parts.equation.notes import ScaleNotes
from gui.parts.equation.paint import (
    Ink,
    boxes_on_screen,
    measure,
    outline,
    paint_captions,
    paint_dot,
    paint_frame,
    paint_listing,
    paint_number,
    paint_numerals,
    paint_pick,
    paint_repeats,
    paint_sign,
)
from gui.parts.equation.picture import (
    RESULT,
    Block,
    Curve,
    Listing,
    Manner,
    Number,
    Part,
    Picture,
    Sign,
    make_picture,
)
from gui.parts.equation.tags import APART, paint_tags, place_tags
from gui.parts.grid import Grid
from gui.parts.heatmap import Clipped, HeatMap, choose_map
from gui.parts.rows import paint_dimmed
from gui.parts.scale_note import ScaleLine
from gui.parts.scale_words import use_text
from gui.parts.scales import Coloured, Scales, Shown
from gui.parts.values import cell_name, scalar_text
from gui.theme import Theme

Array = np.ndarray[Any, Any]
ZOOM_STEP = 1.25
NOTE = 20.0  # the height of a line that tells of a scale
VEIL = 0.45
FEW = 12  # cells that are outlined; more are dotted
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (-10, 0),
    Qt.Key.Key_PageDown: (10, 0),
}


@dataclass(slots=True)
class Spot:
    """A cell that is pointed at: which block, and where in it as drawn."""

    block: Block
    row: int
    column: int

    @property
    def index(self) -> Index | None:
        """The cell of the array."""
        return self.block.cells.index(self.row, self.column)


class EquationCanvas(QWidget):
    """Draws one operation.

    Signals:
        pointed: the index of the cell of the result that is pointed at or held, or None.
        event_chosen: the event at which an operand was made.
        held: a click, or the keys, hold this cell: its block and its index, or None: it is let go.
        scales_changed: the person has asked for other colour scales.
        zoom_changed: whether any array is zoomed now.
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
        self.places: list[Place] = []
        self.scales = Scales()
        self._features: int | None = None
        self._ink = Ink(theme, theme.forward)
        self._pin: int | None = None
        self._batch = 0
        self._grids: dict[str, Grid] = {}
        self._grid_of: dict[int, Grid] = {}
        self._scale_of: dict[int, Shown] = {}
        self._notes = ScaleNotes(self)
        self._notes.back_asked.connect(self.scale_back)
        self._notes.rescale_asked.connect(self.rescale)
        self._maps: dict[tuple[int, int], HeatMap] = {}
        self._shape: Shape | None = None
        self._base = Backdrop()
        self._spot: Spot | None = None
        self._rest: Spot | None = None  # what is marked while nobody points
        self._past = False
        self._held = False
        self._by_keyboard = False
        self._dragged: tuple[Block, QPointF] | None = None
        self._moved = False
        self._anchor: tuple[Part, QPointF, float, float] | None = None  # of a zoom that goes on
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 110)
        self.setAccessibleName(self.tr("Equation"))

    # What is drawn

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self._place_notes()
        self._base.forget()
        self.update()

    def show_operation(
        self, operation: Operation, manner: Manner, phase: str, pin: int | None, batch: int,
        scale: float = 1.0,
    ) -> None:  # fmt: skip
        """Draw an operation, in the colour of its pass (`phase`).

        `pin` is the row of the pinned sample in the minibatch, or None; `batch` how many samples
        that has: an axis as long is its axis; `scale` that of the type.
        """
        before = self.picture.operation if self.picture is not None else None
        self._ink = Ink(self.theme, phase, scale)
        self._pin, self._batch = pin, batch
        self._features = manner.image[0] * manner.image[1]
        self.picture = make_picture(operation, manner)
        if before is None or before.source != operation.source:
            self._grids = {}
        self._shape = None
        for part in self.picture.parts:
            if isinstance(part, Curve):
                value = operation.operands[0].value
                if isinstance(value, np.ndarray):
                    self._shape = sample(operation, value)
        self._measure_scales()
        self._lay_out()
        self._keep_spot(before is not None and before.source == operation.source)
        self._say()
        self._base.forget()
        self.update()

    def rescale(self, key: str = "") -> None:
        """Choose new colour scales for what is shown, or the one that is kept by this key."""
        for one in self.coloured():
            if key in ("", one.key):
                self.scales.forget(one.key)
        self._on_scales_changed()

    def scale_back(self, key: str) -> None:
        """Draw with the scale that this one was before it was widened."""
        self.scales.back(key)
        self._on_scales_changed()

    def _on_scales_changed(self) -> None:
        self._measure_scales()
        self._lay_out()
        self._base.forget()
        self.update()
        self.scales_changed.emit()

    def coloured(self) -> list[Coloured]:
        """The arrays that are drawn in colours, the result first."""
        found: dict[str, Coloured] = {}
        for block in sorted(self._blocks(), key=lambda block: block.operand):
            shown = self._scale_of.get(id(block))
            if shown is not None:
                key = self._key(block)
                found.setdefault(key, Coloured(key, block.name or self.tr("result"), shown))
        return list(found.values())

    def notes(self) -> list[ScaleLine]:
        """The lines that tell of the scales, where there is something to tell."""
        return self._notes.lines()

    def show_example(self, operand: int, index: Index | None) -> None:
        """Mark this cell of an operand, or of the `RESULT`, while nobody points at one."""
        block = self.picture.block_of(operand) if self.picture is not None else None
        boxes = block.cells.boxes(index) if block is not None and index is not None else []
        self._rest = Spot(block, boxes[0].top, boxes[0].left) if block and boxes else None
        self._base.forget()  # in which a curve is drawn unless a point is marked on it
        self.update()

    def show_past(self, past: bool) -> None:
        """Dim the picture, since it is of an earlier stop; nothing in it can be pointed at then."""
        if past != self._past:
            self._past = past
            self._dragged = None
            self._base.forget()
            if past:
                self._held = self._by_keyboard = False
                self._point(None)
            self.update()

    @property
    def past(self) -> bool:
        """Whether the picture is of an earlier stop."""
        return self._past

    @property
    def index(self) -> Index | None:
        """The cell of the result that is pointed at or held."""
        spot = self._spot
        return spot.index if spot is not None and spot.block.operand == RESULT else None

    def cell_text(self) -> str:
        """`(x @ self.W)[66, 18] 4.624` of the cell pointed at, else of the marked one; or ""."""
        spot = self._spot or self._rest
        index = spot.index if spot is not None else None
        if spot is None or index is None or not isinstance(spot.block.array, np.ndarray):
            return ""
        return f"{cell_name(spot.block.name, index)} {scalar_text(spot.block.array[index])}"

    def place_of(self, operand: int) -> Place | None:
        """Where the block of an operand, or of the result, is."""
        for place in self.places:
            if isinstance(place.part, Block) and place.part.operand == operand:
                return place
        return None

    def point_at(self, operand: int, row: int, column: int, hold: bool = False) -> None:
        """Point at a cell as drawn."""
        place = self.place_of(operand)
        if place is not None and isinstance(place.part, Block):
            self._held = hold
            self._point(Spot(place.part, row, column))

    def _key(self, block: Block) -> str:
        operation = self.picture.operation if self.picture is not None else None
        if operation is None:
            return block.name
        place = operation.layer if block.name.startswith("self.") else operation.function
        own = operation.name if operation.form is Form.IN_PLACE else block.name
        if not operation.layer and isinstance(block.array, np.ndarray):
            # Outside of the layers one name stands for the arrays of all of them, one by one.
            own += f" {choose_map(block.array, self._features)}"
        return f"{operation.layer} {place} {own} {np.shape(block.array)}"

    def _lay_out(self) -> None:
        picture = self.picture
        if picture is None:
            return
        told = any(use_text(one.shown) for one in self.coloured())
        width, height = self.width() - 16.0, self.height() - 8.0
        ink = self._ink
        height -= NOTE * ink.scale if told else 0.0

        def size(part: Any) -> tuple[float, float]:
            return measure(part, ink, width)

        self.places = arrange(picture, width, height, ink.scale, size)
        wanted = self._fit_grids()
        below = picture.below is not None
        grow(self.places, wanted, width, height, ink.scale, below)
        for place in self.places:
            for rect in (place.rect,) if place.rect is place.cells else (place.rect, place.cells):
                rect.translate(8, 4)
            if isinstance(place.part, Block):
                grid, cells = self._grid_of[id(place.part)], place.cells
                home = (grid.width, grid.height) if grid.zoom > 1 else None
                grid.resize(cells.width(), cells.height(), home)
                w, h = grid.size
                middle = cells.center().y()
                cells.setWidth(w)
                cells.setHeight(h)
                if place.part.tile is not None and grid.zoom > 1:
                    cells.moveTop(middle - h / 2)
        self.zoom_changed.emit(self.zoomed)
        self._place_notes()

    def _fit_grids(self) -> dict[int, tuple[float, float]]:
        """Fit each block into its place; returns how large those that are zoomed would be."""
        self._grid_of, wanted = {}, {}
        for place in self.places:
            part = place.part
            if isinstance(part, Block):
                key = f"{part.operand} {part.shape} {part.tile}"
                grid = self._grids.get(key)
                if grid is None:
                    grid = self._grids[key] = Grid(*part.shape, square=part.tile is not None)
                grid.resize(place.cells.width(), place.cells.height())
                self._grid_of[id(part)] = grid
                if grid.zoom > 1:
                    wanted[id(part)] = grid.wanted
        return wanted

    @property
    def zoomed(self) -> bool:
        """Whether any array is."""
        return any(grid.zoom > 1 for grid in self._grid_of.values())

    def fit(self) -> None:
        """Show all of every array."""
        for grid in self._grid_of.values():
            grid.fit()
        self._on_zoomed()

    def _on_zoomed(self) -> None:
        self._lay_out()
        self._base.forget()
        self.update()

    def _zoom_at(self, place: Place, factor: float, at: QPointF) -> None:
        """Zoom a block; what lies at a point of the canvas stays there, though the block moves.

        While all of an axis is in sight it cannot; so what it is is remembered for the next step.
        """
        grid = self._grid_of[id(place.part)]
        inside = at - place.cells.topLeft()
        if self._anchor is None or self._anchor[:2] != (place.part, at):
            self._anchor = place.part, at, *grid.place_at(inside.x(), inside.y())
        row, column = self._anchor[2:]
        grid.zoom_at(factor, inside.x(), inside.y())
        self._on_zoomed()
        moved = next(one for one in self.places if one.part is place.part)
        inside = at - moved.cells.topLeft()
        grid.put(row, column, inside.x(), inside.y())

    def _measure_scales(self) -> None:
        assert self.picture is not None
        self._scale_of = {}
        # The result first: what was in place before is drawn with the scale of what it became.
        for block in sorted(self.picture.blocks, key=lambda block: block.operand):
            if block.values is not None:
                self._scale_of[id(block)] = self.scales.show(
                    self._key(block), block.array, self._features
                )

    def _place_notes(self) -> None:
        """Put a line beneath each array of whose scale there is something to tell."""
        told = [one for one in self.coloured() if use_text(one.shown)]
        places = {self._key(place.part): place for place in reversed(self.places)
                  if isinstance(place.part, Block)}  # fmt: skip
        found = [(one, places[one.key]) for one in told]
        self._notes.show_beneath(found, self.places, self.theme)

    def _keep_spot(self, same: bool) -> None:
        """Go on pointing at the same place of the same expression; else at nothing."""
        spot, self._spot = self._spot, None
        if spot is None or self.picture is None:
            return
        block = self.picture.block_of(spot.block.operand)
        if same and block is not None and block.shape == spot.block.shape:
            self._spot = Spot(block, spot.row, spot.column)
        else:
            self._held = False

    # Pointing

    def _point(self, spot: Spot | None) -> None:
        now, was = spot, self._spot
        if now is not None and was is not None and (
            (now.block, now.row, now.column) == (was.block, was.row, was.column)
        ):  # fmt: skip
            return
        if now is None and was is None:
            return
        self._spot = spot
        self._say()
        self.update()

    def _say(self) -> None:
        text = self.cell_text()
        words = self.picture.operation.source if self.picture is not None else ""
        self.setAccessibleDescription(text or words)
        self.pointed.emit(self.index)

    def lit(self) -> dict[int, Region]:
        """By operand (or `RESULT`) the region that is lit for the cell pointed at."""
        return self._reach(self._spot)

    def marked(self) -> dict[int, Region]:
        """The same of the cell that is marked: the one pointed at, else that of the example."""
        return self._reach(self._spot or self._rest)

    def _reach(self, spot: Spot | None) -> dict[int, Region]:
        picture = self.picture
        index = spot.index if spot is not None else None
        if spot is None or picture is None or index is None:
            return {}
        operation = picture.operation
        found: dict[int, Region] = {spot.block.operand: index}
        if operation.result is None:
            return found
        if spot.block.operand == RESULT:
            for number, region in enumerate(sources_of(operation, index)):
                if region is not None and np.ndim(operation.operands[number].value):
                    found[number] = region
        else:
            region = targets_of(operation, spot.block.operand, index)
            if region is not None:
                found[RESULT] = region
        return found

    def _under(self, at: QPointF) -> Spot | None:
        if self._past:
            return None
        for place in self.places:
            part = place.part
            if isinstance(part, Block) and place.cells.contains(at):
                inside = at - place.cells.topLeft()
                cell = self._grid_of[id(part)].cell_at(inside.x(), inside.y())
                if cell is not None:
                    spot = Spot(part, *cell)
                    return spot if spot.index is not None else None
        return None

    # What a person does. Names are Qt's.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the parts out anew."""
        self._lay_out()
        self._base.forget()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pan, or light what belongs to the cell under the mouse."""
        at = event.position()
        self._anchor = None
        if self._dragged is not None:
            block, since = self._dragged
            grid = self._grid_of.get(id(block))
            if grid is not None and grid.zoom > 1:
                moved = at - since
                self._moved = self._moved or moved.manhattanLength() > 3
                grid.pan(moved.x(), moved.y())
                self._dragged = (block, at)
                self._base.forget()
                self.update()
                return
        if not self._held:
            self._by_keyboard = False
            self._point(self._under(at))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hold the cell under the mouse, or begin to pan."""
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        spot = self._under(event.position())
        self._moved = False
        self._dragged = (spot.block, event.position()) if spot is not None else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click that did not drag holds its cell; beside the blocks it lets go."""
        self._dragged = None
        if self._moved or event.button() is not Qt.MouseButton.LeftButton:
            return
        spot = self._under(event.position())
        self._held = spot is not None
        self._point(spot)
        if not self._past:
            self._say_held()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On an operand's name: go to where it was made. On its cells: fit them."""
        for place in self.places:
            part = place.part
            if not place.rect.contains(event.position()):
                continue
            if isinstance(part, Block) and place.cells.contains(event.position()):
                self._grid_of[id(part)].fit()
                self._on_zoomed()
            elif isinstance(part, (Block, Number, Listing)) and part.event is not None:
                self.event_chosen.emit(part.event)
            return

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing, unless the cell is held or the keyboard's."""
        if not (self._held or self._by_keyboard):
            self._point(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom the block under the mouse."""
        steps = event.angleDelta().y() / 120
        for place in self.places:
            if steps and isinstance(place.part, Block) and place.cells.contains(event.position()):
                self._zoom_at(place, ZOOM_STEP**steps, event.position())
                break
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cell, zoom, fit, let go."""
        key = Qt.Key(event.key())
        block = self._spot.block if self._spot is not None else self._first_block()
        if self._past:
            if key is Qt.Key.Key_Escape:
                self._say_held()
            super().keyPressEvent(event)
            return
        rests = self._rest is not None and not self.zoomed  # else it is the zoom that is left
        if key is Qt.Key.Key_Escape and (self._spot is not None or rests):
            self._held = self._by_keyboard = False
            self._point(None)
            self._say_held()
        elif key is Qt.Key.Key_Escape and self.zoomed:
            self.fit()
        elif key is Qt.Key.Key_Escape:  # what is let go may be a cell of an array elsewhere
            self._say_held()
            super().keyPressEvent(event)
        elif block is None or not block.is_drawn:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus, Qt.Key.Key_0):
            self._zoom_by_key(key, block)
        elif key in _MOVES:
            self._move(block, *_MOVES[key])
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes from block to block before it leaves, once the keyboard points at one."""
        blocks = [block for block in self._blocks() if block.is_drawn]
        if self._by_keyboard and self._spot is not None and self._spot.block in blocks:
            place = blocks.index(self._spot.block) + (1 if forward else -1)
            if 0 <= place < len(blocks):
                self._point(Spot(blocks[place], 0, 0))
                return True
        return super().focusNextPrevChild(forward)

    def _blocks(self) -> list[Block]:
        return self.picture.blocks if self.picture is not None else []

    def _first_block(self) -> Block | None:
        """The result, where it is an array; else the first block."""
        blocks = self._blocks()
        result = self.picture.block_of(RESULT) if self.picture is not None else None
        return result or (blocks[0] if blocks else None)

    def _move(self, block: Block, down: int, across: int) -> None:
        if self._spot is None:
            row = column = 0
        else:
            row, column = self._spot.row + down, self._spot.column + across
        rows, columns = block.shape
        row, column = min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
        spot = Spot(block, row, column)
        if spot.index is None:
            return
        self._by_keyboard = self._held = True
        grid = self._grid_of[id(block)]
        if grid.zoom > 1:
            grid.reveal(row, column)
            self._base.forget()
        self._point(spot)
        self._say_held()

    def _say_held(self) -> None:
        spot = self._spot if self._held else None
        self.held.emit(spot and spot.block, spot and spot.index)

    def _zoom_by_key(self, key: Qt.Key, block: Block) -> None:
        grid = self._grid_of[id(block)]
        if key is Qt.Key.Key_0:
            if grid.zoom == 1:
                self.fit()  # the one that is zoomed is another
                return
            grid.fit()
            self._on_zoomed()
            return
        place = next(one for one in self.places if one.part is block)
        at = place.cells.center()
        if self._spot is not None and self._spot.block is block:
            left, top, width, height = grid.rect_of(self._spot.row, self._spot.column)
            at = place.cells.topLeft() + QPointF(left + width / 2, top + height / 2)
        self._zoom_at(place, 1 / ZOOM_STEP if key is Qt.Key.Key_Minus else ZOOM_STEP, at)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the equation, from memory where it is the same, and the marks."""
        painter = QPainter(self)
        self._base.draw(painter, self.size(), self._paint_base)
        self._paint_marks(painter)
        if self.hasFocus():
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_base(self, painter: QPainter) -> None:
        painter.fillRect(self.rect(), QColor(self.theme.panel))
        for place in self.places:
            self._paint_part(painter, place)

    def _paint_part(self, painter: QPainter, place: Place) -> None:
        part = place.part
        if isinstance(part, Block):
            self._paint_block(painter, place, part)
        elif isinstance(part, Sign):
            paint_sign(painter, place, part, self._ink)
        elif isinstance(part, Number):
            paint_number(painter, place, part, self._ink)
        elif isinstance(part, Listing):
            paint_listing(painter, place, part, self._ink)
        elif self._shape is not None and (self._past or not (self._spot or self._rest)):
            self._paint_curve(painter, place, part)

    def _paint_block(self, painter: QPainter, place: Place, block: Block) -> None:
        grid = self._grid_of[id(block)]
        cells = place.cells
        if block.numbers is not None:
            paint_numerals(painter, place, block, grid, self._ink)
            return
        if block.values is None:
            painter.fillRect(cells, QColor(self.theme.raised))
            paint_frame(painter, place, block, grid, None, Clipped(0, 0, 0), self._ink)
            return
        shown = self._scale_of[id(block)]
        scale, clipped = shown.scale, shown.clipped
        # A picture for each place: the same array may stand in an equation twice.
        heat_map = self._maps.setdefault((block.operand, 0), HeatMap())
        heat_map.paint(painter, cells, block.values, scale, self.theme, grid.window())
        painter.save()
        painter.setClipRect(cells)
        if block.tile is None:
            paint_numbers(painter, cells, block.values, scale, grid, self.theme)
        else:
            self._paint_tiles(painter, cells, block, grid)
            paint_captions(painter, cells, block, grid, self._ink)
        painter.restore()
        paint_frame(painter, place, block, grid, scale, clipped, self._ink, self._below(block))
        if grid.zoom == 1:
            paint_repeats(painter, place, block, self._ink)
        painter.save()
        painter.setClipRect(cells.adjusted(-4, -4, 4, 4))
        for region in block.marked:
            boxes = block.cells.boxes(region)
            for rect in boxes_on_screen(boxes, grid, cells, least=3.0 if len(boxes) > 12 else 7.0):
                paint_pick(painter, rect)
        painter.restore()

    def _below(self, block: Block) -> bool:
        """Whether another part stands beneath this one, where its colour bar would be."""
        picture = self.picture
        return picture is not None and picture.below is not None and block is picture.parts[0]

    def _paint_tiles(self, painter: QPainter, cells: QRectF, block: Block, grid: Grid) -> None:
        assert block.tile is not None
        painter.setPen(QPen(QColor(self.theme.panel), 2))
        width, height = grid.cell
        for column in range(block.tile[1], grid.columns, block.tile[1]):
            x = cells.left() + (column - grid.left) * width
            painter.drawLine(QPointF(x, cells.top()), QPointF(x, cells.bottom()))
        for row in range(block.tile[0], grid.rows, block.tile[0]):
            y = cells.top() + (row - grid.top) * height
            painter.drawLine(QPointF(cells.left(), y), QPointF(cells.right(), y))

    def _paint_curve(self, painter: QPainter, place: Place, part: Curve) -> None:
        assert self._shape is not None
        at, tag = None, ""
        index = self._curve_index()
        operation = part.operation
        if index is not None:
            x = operation.operands[0].value[index]
            y = operation.result[index]
            at, tag = (float(x), float(y)), tag_of(index, x, y)
        paint_curve(
            painter, place.rect, self._shape, part.name, self._ink.phase, self.theme, at, tag
        )

    def _curve_index(self) -> Index | None:
        spot = self._spot or self._rest
        index = spot.index if spot is not None else None
        if index is None or self.picture is None or self.picture.operation.result is None:
            return None
        shapes = {np.shape(block.array) for block in self._blocks()}
        return index if len(shapes) == 1 else None

    def _paint_marks(self, painter: QPainter) -> None:
        self._paint_pin(painter)
        lit, spot = self.marked(), self._spot or self._rest
        if self._past:
            paint_dimmed(painter, self.rect(), self.theme)
            return
        if not lit or spot is None:
            return
        veil = QColor(self.theme.panel)
        veil.setAlphaF(VEIL)
        for place in self.places:
            if isinstance(place.part, Curve) and self._shape is not None:
                painter.fillRect(place.rect, QColor(self.theme.panel))
                self._paint_curve(painter, place, place.part)
        for place, block, _, boxes in self._boxes(lit):
            if block is not spot.block and self._spot is not None:
                self._paint_veil(painter, place.cells, boxes, veil)
            for box in boxes:
                outline(painter, box) if len(boxes) <= FEW else paint_dot(painter, box)
        paint_tags(painter, self.tags(), self._ink)

    def tags(self) -> list[tuple[QRectF, str]]:
        """The tags of what is marked: where each stands, and its words."""
        named = [
            (place, boxes[0], self._tag(block, region))
            for place, block, region, boxes in self._boxes(self.marked())
            if boxes
        ]
        within = QRectF(self.rect()).adjusted(APART, 0, -APART, 0)  # a card may be at the right
        return [] if self._past else place_tags(named, self.places, within, self._ink)

    def _boxes(self, lit: dict[int, Region]) -> Iterator[tuple[Place, Block, Region, list[QRectF]]]:
        """The blocks in which something is marked, what, and where that is on the screen."""
        for place in self.places:
            block = place.part
            region = lit.get(block.operand) if isinstance(block, Block) else None
            if isinstance(block, Block) and region is not None and block.is_drawn:
                reached = block.cells.boxes(region)
                least = 7.0 if len(reached) <= FEW else 2.0  # a pixel of each picture, say
                grid = self._grid_of[id(block)]
                yield place, block, region, boxes_on_screen(reached, grid, place.cells, least)

    def _paint_veil(
        self, painter: QPainter, cells: QRectF, boxes: list[QRectF], veil: QColor
    ) -> None:
        """Dim a block but for the cells that are lit."""
        painter.save()
        if len(boxes) <= 8:
            painter.fillRect(cells, veil)
            for box in boxes:
                self._base.draw_part(painter, box.intersected(cells), self._paint_base)
        painter.restore()

    def _tag(self, block: Block, region: Region) -> str:
        """`row 66`, `col 18`, `[66, 18] 4.624`."""
        translate = QCoreApplication.translate
        if any(isinstance(part, np.ndarray) for part in region):
            return translate("Equation", "{0} cells").format(np.size(region[0]))
        open_axes = [axis for axis, part in enumerate(region) if isinstance(part, slice)]
        if not open_axes:
            index = tuple(int(part) for part in region)
            return f"{list(index)} {scalar_text(block.array[index])}"
        if len(region) == 2 and open_axes == [1]:
            return translate("Equation", "row {0}").format(region[0])
        if len(region) == 2 and open_axes == [0]:
            return translate("Equation", "col {0}").format(region[1])
        return translate("Equation", "all")

    def _paint_pin(self, painter: QPainter) -> None:
        """Mark the pinned sample's row, or column, in every block that has the batch's axis."""
        if self._pin is None:
            return
        for place in self.places:
            part = place.part
            if not isinstance(part, Block) or not part.is_drawn:
                continue
            shape = np.shape(part.array)
            if len(shape) > 2 or self._batch not in shape:
                continue
            axis = shape.index(self._batch)
            region: Region = tuple(
                self._pin if number == axis else slice(None) for number in range(len(shape))
            )
            grid = self._grid_of[id(part)]
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.accent), 1.5))
            for box in boxes_on_screen(part.cells.boxes(region), grid, place.cells):
                painter.drawRect(box)
