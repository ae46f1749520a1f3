"""The equation: which picture each event gets, what the mouse lights, and what the card tells."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton

from engine.data import load_mnist, tiny_digits
from engine.debug.operation import Form, Mismatch, Operand, Operation
from engine.debug.session import Session
from engine.nn.optimizers import SGD, AdaGrad, Adam, Momentum
from engine.nn.presets import PRESETS
from gui.parts.equation.picture import RESULT, Block, Curve, Manner, Sign, make_picture
from gui.theme import DARK, LIGHT
from gui.views.equation import EquationView
from tests.gui.snapshots import arrays, make_snapshot

OPTIMIZERS = {kind.__name__: kind for kind in (SGD, Momentum, AdaGrad, Adam)}


@cache
def session_of(preset: str, optimizer: str = "SGD") -> Session:
    chosen = PRESETS[preset]
    session = Session(
        network=chosen.build(seed=0),
        dataset=load_mnist() if chosen.dataset == "mnist" else tiny_digits(),
        optimizer=OPTIMIZERS[optimizer](lr=0.1),
        batch_size=chosen.batch_size,
        seed=0,
    )
    session.run(batches=2)
    return session


def snapshot_at(source: str, layer: str = "Affine1", preset: str = "784-50-10"):
    session = session_of(preset)
    session.goto(batch=1)
    events = [e.index for e in session.trace if e.source == source and e.layer == layer]
    session.goto(batch=1, event=events[0])
    return session.snapshot()


@pytest.fixture
def view(qtbot):
    view = EquationView(DARK)
    qtbot.addWidget(view)
    view.resize(860, 300)
    with qtbot.waitExposed(view):
        view.show()
    return view


def spot(view, operand: int, row: int, column: int) -> QPoint:
    """Where a cell of a block is on the screen."""
    place = view.canvas.place_of(operand)
    rows, columns = place.part.shape
    x = place.cells.left() + (column + 0.5) * place.cells.width() / columns
    y = place.cells.top() + (row + 0.5) * place.cells.height() / rows
    return QPoint(round(x), round(y))


def cell_at(view, at: QPoint) -> tuple[int, ...]:
    """The cell of the result that lies under a point, by the geometry of the block."""
    place = view.canvas.place_of(RESULT)
    rows, columns = place.part.shape
    return (
        int((at.y() - place.cells.top()) / place.cells.height() * rows),
        int((at.x() - place.cells.left()) / place.cells.width() * columns),
    )


@pytest.mark.parametrize("size", [(700, 300), (420, 200), (1800, 700)])
@pytest.mark.parametrize("preset", PRESETS)
def test_every_event_has_a_picture_that_lies_within_the_panel(view, preset, size):
    view.resize(*size)
    session = session_of(preset, "Adam")
    session.goto(batch=1)
    canvas = view.canvas
    for event in range(len(session.trace)):
        session.goto(batch=1, event=event)
        snapshot = session.snapshot()
        view.show_snapshot(snapshot)
        assert canvas.places, snapshot.event.source
        assert snapshot.operation.form is not Form.FALLBACK
        for place in canvas.places:
            assert place.rect.left() >= -1, snapshot.event.source
            assert place.rect.right() <= canvas.width() + 1, snapshot.event.source
            assert place.cells.width() > 0 and place.cells.height() > 0
        for left, right in zip(canvas.places, canvas.places[1:], strict=False):
            if canvas.picture.below is None:
                assert left.rect.right() <= right.rect.left() + 1, snapshot.event.source
    view.grab()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_kinds_of_pictures_are_those_of_the_forms(optimizer):
    session = session_of("784-50-10", optimizer)
    session.goto(batch=1)
    for event in range(len(session.trace)):
        session.goto(batch=1, event=event)
        operation = session.snapshot().operation
        parts = make_picture(operation, Manner()).parts
        signs = [part.text for part in parts if isinstance(part, Sign)]
        blocks = [part for part in parts if isinstance(part, Block)]
        if operation.form is Form.PRODUCT:
            assert signs == ["@", "="] and len(blocks) == 3
            assert blocks[0].match == (False, True) and blocks[1].match == (True, False)
        if operation.form is Form.FUNCTION:
            assert sum(isinstance(part, Curve) for part in parts) == 1
        if operation.form is Form.REDUCTION and blocks:
            assert any(blocks[0].gone)
        if operation.form is Form.IN_PLACE:
            assert len(signs) == 2 and len(parts) == 5


def test_equal_dimensions_are_equally_long(view):
    view.choose_mode(pictures=False)
    view.show_snapshot(snapshot_at("x @ self.W"))
    x, w, z = (view.canvas.place_of(n).cells for n in (0, 1, RESULT))
    assert w.width() == pytest.approx(z.width())
    assert x.height() == pytest.approx(z.height())
    assert x.width() > z.width()


def test_a_cell_of_a_product_lights_its_row_and_its_column(view, qtbot):
    snapshot = snapshot_at("x @ self.W")
    view.show_snapshot(snapshot)
    at = spot(view, RESULT, 66, 18)
    row, column = cell_at(view, at)
    qtbot.mouseMove(view.canvas, at)
    assert view.canvas.lit() == {
        RESULT: (row, column), 0: (row, slice(None)), 1: (slice(None), column)
    }  # fmt: skip
    x, w = (operand.value for operand in snapshot.operation.operands)
    value = float(snapshot.operation.result[row, column])
    assert view.card.title() == f"(x @ self.W)[{row}, {column}]"
    assert float(view.card.value().replace("−", "-")) == pytest.approx(value, rel=1e-5)
    products = x[row] * w[:, column]
    largest = int(np.argmax(np.abs(products)))
    assert view.card.lines()[1] == f"{np.count_nonzero(products)} of 784 are not 0"
    assert view.card.lines()[2].startswith(f"{largest} ")
    smaller = np.sort(np.abs(products))[::-1][5:]
    others, rest = view.card.rest(5)
    assert others == np.count_nonzero(smaller)
    assert abs(rest - (products.sum() - products[np.argsort(-np.abs(products))[:5]].sum())) < 1e-5
    qtbot.mouseMove(view.canvas, QPoint(1, 1))
    assert view.canvas.lit() == {}


def test_a_cell_of_an_operand_lights_what_it_reaches(view, qtbot):
    view.show_snapshot(snapshot_at("x @ self.W + self.b"))
    place = view.canvas.place_of(1)
    assert place.part.repeats == (100, 1)
    qtbot.mouseMove(view.canvas, spot(view, 1, 40, 7))
    ((column,),) = [view.canvas.lit()[1]]
    assert view.canvas.lit()[RESULT] == (slice(None), column)


def test_a_sum_falls_into_a_row_and_its_cell_lights_the_whole_column(view, qtbot):
    snapshot = snapshot_at("dout.sum(axis=0)")
    view.show_snapshot(snapshot)
    matrix, row = (view.canvas.place_of(n).cells for n in (0, RESULT))
    assert row.top() > matrix.bottom()
    assert (row.left(), row.width()) == (matrix.left(), matrix.width())
    qtbot.mouseMove(view.canvas, spot(view, RESULT, 0, 9))
    (column,) = view.canvas.lit()[RESULT]
    assert view.canvas.lit()[0] == (slice(None), column)
    expected = snapshot.operation.operands[0].value[:, column].sum()
    assert float(view.card.value().replace("−", "-")) == pytest.approx(expected, rel=1e-4)


def test_a_click_holds_the_cell_and_escape_lets_it_go(view, qtbot):
    view.show_snapshot(snapshot_at("x @ self.W"))
    at = spot(view, RESULT, 30, 20)
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    held = view.canvas.index
    assert held is not None
    qtbot.mouseMove(view.canvas, QPoint(2, 2))
    assert view.canvas.index == held
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert view.canvas.index is None


def test_the_keyboard_moves_the_cell_and_tab_goes_to_the_next_block(view, qtbot):
    view.show_snapshot(snapshot_at("x @ self.W"))
    view.canvas.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(view.canvas, key)
    assert view.canvas.index == (1, 1)
    assert "[1, 1]" in view.canvas.accessibleDescription()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert view.canvas.lit()[1] == (0, 0)


def test_the_wheel_zooms_down_to_numbered_cells_and_zero_fits(view, qtbot):
    snapshot = snapshot_at("x @ self.W")
    view.show_snapshot(snapshot)
    at = spot(view, RESULT, 50, 25)
    view.canvas.clearFocus()
    before = view.canvas.grab().toImage()
    for _ in range(14):
        event = QWheelEvent(
            QPointF(at), QPointF(view.canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view.canvas, event)
    assert view.canvas.grab().toImage() != before
    qtbot.mouseMove(view.canvas, at)
    assert view.canvas.lit()[RESULT][0] == pytest.approx(50, abs=2)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    view.canvas.setFocus()
    view.canvas.point_at(RESULT, 50, 25)
    qtbot.keyClick(view.canvas, Qt.Key.Key_0)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    view.canvas.clearFocus()
    assert view.canvas.grab().toImage() == before


def test_rows_and_columns_become_pictures(view, qtbot):
    view.show_snapshot(snapshot_at("x @ self.W"))
    pictures = next(
        b for b in view.title_widgets()[0].findChildren(QToolButton) if "28" in b.text()
    )
    view.title_widgets()[0].show()
    qtbot.mouseClick(pictures, Qt.MouseButton.LeftButton)
    x, w, z = (view.canvas.place_of(n).part for n in (0, 1, RESULT))
    assert x.tile == w.tile == (28, 28) and z.tile is None
    assert x.cells.index(3, 5) == (0, 3 * 28 + 5)
    view.canvas.point_at(RESULT, 4, 2)
    boxes = w.cells.boxes(view.canvas.lit()[1])
    assert [(box.bottom - box.top, box.right - box.left) for box in boxes] == [(28, 28)]


def test_the_curve_shows_the_point_of_the_cell(view, qtbot):
    snapshot = snapshot_at("1 / (1 + np.exp(-x))", "Sigmoid1")
    view.show_snapshot(snapshot)
    qtbot.mouseMove(view.canvas, spot(view, RESULT, 10, 10))
    index = view.canvas.index
    lines = view.card.lines()
    x = float(snapshot.operation.operands[0].value[index])
    assert float(lines[1].rpartition("= ")[2].replace("−", "-")) == pytest.approx(x, rel=1e-5)
    y = float(lines[2].rpartition("= ")[2])
    assert y == pytest.approx(1 / (1 + np.exp(-x)), rel=1e-5)


def test_a_scale_is_kept_from_step_to_step(view):
    a = arrays()
    product = Operation(Form.ASSIGNMENT, "←", (Operand("z", a.matmul),), a.matmul, "z = ...", "z")
    view.show_snapshot(replace(make_snapshot(), operation=product))
    first = view.canvas.grab().toImage()
    small = replace(product, result=a.matmul / 100)
    view.show_snapshot(replace(make_snapshot(), operation=small))
    assert view.canvas.grab().toImage() != first  # faded, not rescaled
    view.canvas.rescale()
    cells = view.canvas.place_of(RESULT).cells.toRect()
    assert view.canvas.grab(cells).toImage() == first.copy(cells)


def test_numbers_that_are_none_are_counted_and_hatched(view):
    values = np.zeros((4, 6), dtype=np.float32)
    values[1, 2], values[3, 3] = np.nan, np.inf
    values.flags.writeable = False
    made = Operation(Form.ASSIGNMENT, "←", (Operand("z", values),), values, "z = ...", "z")
    view.show_snapshot(replace(make_snapshot(), operation=made))
    cells = view.canvas.place_of(RESULT).cells
    picture = view.canvas.grab().toImage()
    x = cells.left() + 2.5 * cells.width() / 6
    y = cells.top() + 1.5 * cells.height() / 4
    around = {picture.pixelColor(round(x) + dx, round(y) + dy).name()
              for dx in range(-14, 15) for dy in range(-8, 9)}  # fmt: skip
    assert DARK.nan in around


def test_shapes_that_disagree_are_said_in_words_and_marked(view):
    x, w = np.ones((100, 784), np.float32), np.ones((50, 784), np.float32)
    mismatch = Mismatch((0, 1), (1, 0), (784, 50), "x has 784 columns, W has 50 rows.",
                        "They must be equal. Did you mean W.T (784 × 50)?")  # fmt: skip
    failed = Operation(
        Form.PRODUCT, "@", (Operand("x", x), Operand("W", w)), None, "x @ W",
        error=ValueError("matmul: mismatch"), mismatch=mismatch,
    )  # fmt: skip
    view.show_snapshot(replace(make_snapshot(), operation=failed))
    assert view.mismatch.isVisible() and not view.card.isVisible()
    assert view.mismatch.texts()[0] == mismatch.sentence
    assert "matmul: mismatch" in view.mismatch.texts()[2]
    left, right = view.canvas.place_of(0).part, view.canvas.place_of(1).part
    assert left.wrong == (False, True) and right.wrong == (True, False)
    assert DARK.error in {
        view.canvas.grab().toImage().pixelColor(x, y).name()
        for x in range(0, view.canvas.width(), 2) for y in range(0, view.canvas.height())
    }  # fmt: skip
    view.show_snapshot(snapshot_at("x @ self.W"))
    assert not view.mismatch.isVisible() and view.card.isVisible()


def test_the_pinned_sample_is_the_one_that_is_explained(view):
    snapshot = snapshot_at("x @ self.W")
    view.show_snapshot(snapshot)
    view.show_pin(int(snapshot.minibatch.indices[37]))
    assert view.card.title().startswith("(x @ self.W)[37, ")


def test_a_double_click_on_a_name_goes_where_it_was_made(view, qtbot):
    snapshot = snapshot_at("x @ self.W + self.b")
    view.show_snapshot(snapshot)
    place = view.canvas.place_of(0)
    name = QPoint(round(place.cells.center().x()), round(place.rect.top()) + 8)
    with qtbot.waitSignal(view.event_chosen) as chosen:
        qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=name)
    assert chosen.args == [snapshot.operation.operands[0].event]


def test_the_tables_are_the_arrays_themselves(view):
    snapshot = snapshot_at("x @ self.W")
    view.show_snapshot(snapshot)
    result, x, w = view.tables()
    np.testing.assert_array_equal(result.values, x.values @ w.values)
    assert (x.name, w.name) == ("x", "self.W")


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_another_theme_redraws_it(view, theme):
    view.show_snapshot(snapshot_at("x @ self.W"))
    view.set_theme(theme)
    picture = view.canvas.grab().toImage()
    assert picture.pixelColor(2, 2).name() == theme.panel


def test_nothing_is_computed_while_it_is_hidden(qtbot):
    view = EquationView(DARK)
    qtbot.addWidget(view)
    view.show_snapshot(snapshot_at("x @ self.W"))
    assert view.canvas.picture is None
    with qtbot.waitExposed(view):
        view.show()
    assert view.canvas.picture is not None
