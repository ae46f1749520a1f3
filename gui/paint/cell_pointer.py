"""The cell that a person points at on a canvas of arrays, with the mouse or with the keys.

A canvas hands in its geometry: where its cells are, and what they are called. The pointer moves
from cell to cell and from array to array, tells a screen reader, and frames the keyboard's focus.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme

ArrayT = TypeVar("ArrayT")
ZOOM_STEP = 1.25
_STEPS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
    Qt.Key.Key_PageUp: (-10, 0),
    Qt.Key.Key_PageDown: (10, 0),
}
_ENDS = (Qt.Key.Key_Home, Qt.Key.Key_End)
_ZOOMS = {
    Qt.Key.Key_Plus: ZOOM_STEP,
    Qt.Key.Key_Equal: ZOOM_STEP,
    Qt.Key.Key_Minus: 1 / ZOOM_STEP,
}


@dataclass(frozen=True, slots=True)
class ArrayCell(Generic[ArrayT]):
    """A cell as drawn: in which array of the canvas, its row and its column."""

    array: ArrayT
    row: int
    column: int


class CellGeometry(Protocol[ArrayT]):
    """Where the cells of a canvas are. The canvas chooses what it knows its arrays by."""

    def cell_at(self, position: QPointF) -> ArrayCell[ArrayT] | None:
        """The cell at a place of the canvas."""

    def shape_of(self, array: ArrayT) -> tuple[int, int]:
        """Rows and columns of an array, as drawn."""

    def has(self, cell: ArrayCell[ArrayT]) -> bool:
        """Whether an array has this cell; at the end of a mosaic a place may be empty."""

    def arrays(self) -> Sequence[ArrayT]:
        """The arrays whose cells the keys reach, in the order of the Tab key."""

    def first(self) -> ArrayT | None:
        """The array in which the keys begin."""

    def reveal(self, cell: ArrayCell[ArrayT]) -> None:
        """Bring a cell into sight."""

    def describe(self) -> str:
        """What a screen reader says: the cell pointed at, else what the canvas shows."""


class CellPointer(Generic[ArrayT]):
    """Points at one cell of a canvas, or at none.

    Attributes:
        at: the cell.
        by_keyboard: whether the keys went there; then the mouse may leave the canvas.
        held: whether the mouse does not take it elsewhere.
    """

    def __init__(
        self,
        canvas: QWidget,
        geometry: CellGeometry[ArrayT],
        on_moved: Callable[[], None],
        *,
        keys_hold: bool = False,
    ) -> None:
        """Make a canvas one that is pointed at.

        Args:
            canvas: the widget.
            geometry: where its cells are.
            on_moved: is called when another cell, or none, is pointed at.
            keys_hold: whether the keys hold the cell that they go to.
        """
        self.at: ArrayCell[ArrayT] | None = None
        self.by_keyboard = self.held = False
        self._canvas = canvas
        self._geometry = geometry
        self._on_moved = on_moved
        self._keys_hold = keys_hold
        canvas.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        canvas.setMouseTracking(True)
        canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def point(self, cell: ArrayCell[ArrayT] | None) -> None:
        """Point at a cell, or at none."""
        if cell != self.at:
            self.at = cell
            self.say()
            self._on_moved()
            self._canvas.update()

    def point_under(self, position: QPointF) -> None:
        """Follow the mouse, unless the cell is held."""
        if not self.held:
            self.by_keyboard = False
            self.point(self._geometry.cell_at(position))

    def hold_under(self, position: QPointF) -> None:
        """Hold the cell at a place of the canvas; beside the arrays, let go."""
        cell = self._geometry.cell_at(position)
        self.held = cell is not None
        self.point(cell)

    def leave(self) -> None:
        """Point at nothing once the mouse has left, unless the cell is held or the keyboard's."""
        if not (self.held or self.by_keyboard):
            self.point(None)

    def let_go(self) -> None:
        """Point at nothing."""
        self.held = self.by_keyboard = False
        self.point(None)

    def move(self, key: Qt.Key) -> bool:
        """Go to another cell of the array; returns whether the key is one that moves.

        The first such key goes to the first cell.
        """
        array = self.at.array if self.at is not None else self._geometry.first()
        if array is None or not (key in _STEPS or key in _ENDS):
            return False
        row, column = (self.at.row, self.at.column) if self.at is not None else (0, 0)
        rows, columns = self._geometry.shape_of(array)
        if key in _ENDS:
            column = 0 if key is Qt.Key.Key_Home else columns - 1
        elif self.at is not None:
            row, column = row + _STEPS[key][0], column + _STEPS[key][1]
        cell = ArrayCell(array, min(max(row, 0), rows - 1), min(max(column, 0), columns - 1))
        if self._geometry.has(cell):
            self.by_keyboard = True
            self.held = self._keys_hold
            self._geometry.reveal(cell)
            self.point(cell)
        return True

    def tab(self, forward: bool) -> bool:
        """Go to the next array, or back, once the keys point; returns whether there is one."""
        arrays = self._geometry.arrays()
        if not self.by_keyboard or self.at is None or self.at.array not in arrays:
            return False
        place = arrays.index(self.at.array) + (1 if forward else -1)
        if not 0 <= place < len(arrays):
            return False
        self.point(ArrayCell(arrays[place], 0, 0))
        return True

    def say(self) -> None:
        """Tell a screen reader where the pointer is."""
        words = self._geometry.describe()
        if words != self._canvas.accessibleDescription():
            self._canvas.setAccessibleDescription(words)

    def paint_focus(self, painter: QPainter, theme: Theme) -> None:
        """Frame the canvas while it has the keyboard's focus."""
        if self._canvas.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self._canvas.rect()).adjusted(1, 1, -1, -1))


def zoom_of_key(key: Qt.Key) -> float | None:
    """By how much `+`, `=` and `−` zoom; None: another key."""
    return _ZOOMS.get(key)


def zoom_of_wheel(event: QWheelEvent) -> float:
    """By how much a turn of the wheel zooms; 1: not at all."""
    return float(ZOOM_STEP ** (event.angleDelta().y() / 120))
