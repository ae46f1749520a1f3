"""The cell pointer: where keys and mouse take it, and what it says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gui.look.theme import DARK
from gui.paint.cell_pointer import ZOOM_STEP, ArrayCell, CellPointer, zoom_of_key

K = Qt.Key
SHAPES = {"x": (3, 20), "W": (2, 2)}


class Canvas(QWidget):
    """Two arrays in which ten pixels are a cell; the last cell of `W` is empty."""

    def __init__(self) -> None:
        super().__init__()
        self.moves: list[ArrayCell[str] | None] = []
        self.revealed: list[ArrayCell[str]] = []
        self.pointer: CellPointer[str] = CellPointer(
            self, self, lambda: self.moves.append(self.pointer.at), keys_hold=True
        )

    def cell_at(self, position: QPointF) -> ArrayCell[str] | None:
        row, column = int(position.y() // 10), int(position.x() // 10)
        return ArrayCell("x", row, column) if row < 3 and column < 20 else None

    def shape_of(self, array: str) -> tuple[int, int]:
        return SHAPES[array]

    def has(self, cell: ArrayCell[str]) -> bool:
        return cell != ArrayCell("W", 1, 1)

    def arrays(self) -> list[str]:
        return list(SHAPES)

    def first(self) -> str:
        return "x"

    def reveal(self, cell: ArrayCell[str]) -> None:
        self.revealed.append(cell)

    def describe(self) -> str:
        at = self.pointer.at
        return f"{at.array}[{at.row}, {at.column}]" if at is not None else "two arrays"


@pytest.fixture
def canvas(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    return canvas


@pytest.mark.parametrize("keys, cell", [
    ([K.Key_Down], (0, 0)),
    ([K.Key_Down, K.Key_Down, K.Key_Right], (1, 1)),
    ([K.Key_Down, K.Key_Left, K.Key_Up], (0, 0)),
    ([K.Key_Down, K.Key_PageDown, K.Key_Right], (2, 1)),
    ([K.Key_Down, K.Key_End], (0, 19)),
    ([K.Key_End, K.Key_Right, K.Key_Down, K.Key_Home], (1, 0)),
    ([K.Key_End, K.Key_PageUp], (0, 19)),
])  # fmt: skip
def test_the_keys_go_from_cell_to_cell_and_stop_at_the_edge(canvas, keys, cell):
    assert all(canvas.pointer.move(key) for key in keys)
    assert canvas.pointer.at == ArrayCell("x", *cell) == canvas.revealed[-1]
    assert canvas.accessibleDescription() == f"x{list(cell)}"
    assert canvas.pointer.held and canvas.pointer.by_keyboard


def test_other_keys_do_not_move_and_an_empty_place_is_not_gone_to(canvas):
    assert not canvas.pointer.move(K.Key_A) and canvas.pointer.at is None
    canvas.pointer.point(ArrayCell("W", 1, 0))
    assert canvas.pointer.move(K.Key_Right) and canvas.pointer.at == ArrayCell("W", 1, 0)


def test_the_mouse_points_until_a_cell_is_held(canvas):
    pointer = canvas.pointer
    pointer.point_under(QPointF(15, 5))
    pointer.point_under(QPointF(16, 6))
    assert canvas.moves == [ArrayCell("x", 0, 1)], "it is the same cell"
    pointer.leave()
    assert pointer.at is None
    pointer.hold_under(QPointF(15, 5))
    pointer.point_under(QPointF(100, 5))
    pointer.leave()
    assert pointer.at == ArrayCell("x", 0, 1)
    pointer.hold_under(QPointF(15, 500))
    assert pointer.at is None and not pointer.held


def test_tab_goes_from_array_to_array_once_the_keys_point(canvas):
    pointer = canvas.pointer
    pointer.point_under(QPointF(15, 5))
    assert not pointer.tab(True), "the mouse points"
    pointer.move(K.Key_Right)
    assert pointer.tab(True) and pointer.at == ArrayCell("W", 0, 0)
    assert not pointer.tab(True) and pointer.tab(False)
    pointer.let_go()
    assert pointer.at is None and not pointer.held and not pointer.tab(False)
    assert canvas.accessibleDescription() == "two arrays"


def test_the_frame_is_painted_with_the_focus_alone(canvas, qtbot):
    def painted() -> bool:
        picture = QPixmap(canvas.size())
        picture.fill(Qt.GlobalColor.black)
        before = picture.toImage()
        painter = QPainter(picture)
        canvas.pointer.paint_focus(painter, DARK)
        painter.end()
        return picture.toImage() != before

    canvas.show()
    assert not painted() or canvas.hasFocus()
    canvas.activateWindow()
    canvas.setFocus()
    qtbot.waitUntil(canvas.hasFocus)
    assert painted()


def test_plus_and_minus_zoom_as_much(canvas):
    assert zoom_of_key(K.Key_Plus) == zoom_of_key(K.Key_Equal) == ZOOM_STEP
    minus = zoom_of_key(K.Key_Minus)
    assert minus is not None and minus * ZOOM_STEP == 1
    assert zoom_of_key(K.Key_0) is None
