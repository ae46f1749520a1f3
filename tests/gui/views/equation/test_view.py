"""The equation: which picture each event gets, what the mouse lights, and what the card tells."""

from __future__ import annotations

import ast
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, QTimer
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QWidget

from engine.data import BUNDLED
from engine.debug.events import Position
from engine.debug.explain.operation import Form, Mismatch, Operand, Operation
from engine.debug.session import Session
from engine.nn.optimizers import SGD, AdaGrad, Adam, Momentum
from engine.options import Options, build_session
from engine.presets import PRESETS
from gui.look.theme import DARK, LIGHT
from gui.paint.heatmap import STEPS, MapKind, table_for
from gui.paint.text import ui_face
from gui.paint.values import cell_name
from gui.views.equation import curve
from gui.views.equation.frame import repeats_box
from gui.views.equation.picture.make import make_picture
from gui.views.equation.picture.parts import RESULT, Block, Curve, Manner, Number, Sign
from gui.views.equation.view import EquationView
from gui.widgets.chosen_cell import ChosenCell
from gui.widgets.empty import EmptyState
from tests.gui.snapshots import arrays, make_snapshot

OPTIMIZERS = {kind.__name__: kind for kind in (SGD, Momentum, AdaGrad, Adam)}


@cache
def session_of(preset: str, optimizer: str = "SGD") -> Session:
    chosen = PRESETS[preset]
    session = Session(
        network=chosen.build(seed=0),
        dataset=BUNDLED[chosen.dataset](),
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
    view.choose_scene(False)  # the arithmetic also where a scene fits
    title = QWidget()  # in the window the controls stand in the panel's title row
    row = QHBoxLayout(title)
    for widget in (view, title):
        qtbot.addWidget(widget)
    for control in view.title_widgets():
        row.addWidget(control)
    view.choose_scene(False)  # the scenes have tests of their own
    view.resize(860, 300)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    title.deleteLater()


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


@pytest.mark.slow
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
    order = np.argsort(-np.abs(products), kind="stable")
    steps = view.card.steps(7)
    assert [step.at for step in steps[:5]] == [(int(k),) for k in order[:5]]
    others = products[order[5:]]
    assert [step.count for step in steps[5:]] == [(others > 0).sum(), (others < 0).sum()]
    assert sum(step.value for step in steps) == pytest.approx(value, rel=1e-4)
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


def wheel(view, operand: int, steps: int, x: float = 0.5, y: float = 0.5) -> None:
    """Turn the wheel over a place of a block, wherever that is by then."""
    for _ in range(abs(steps)):
        cells = view.canvas.place_of(operand).cells
        at = cells.topLeft() + QPointF(x * cells.width(), y * cells.height())
        turn = QPoint(0, 120 if steps > 0 else -120)
        event = QWheelEvent(
            at, QPointF(view.canvas.mapToGlobal(at)), QPoint(), turn,
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(view.canvas, event)


def pictures_button(view):
    frame = view.title_widgets()[0]
    return next(b for b in frame.findChildren(QToolButton) if "28" in b.text())


def cells_of(view) -> dict[int, QRectF]:
    return {n: QRectF(view.canvas.place_of(n).cells) for n in (0, 1, RESULT)}


@pytest.mark.parametrize("pictures", [False, True])
@pytest.mark.parametrize("operand", [0, 1, RESULT])
def test_what_is_zoomed_grows_and_its_neighbours_stay_in_sight(view, qtbot, operand, pictures):
    view.show_snapshot(snapshot_at("x @ self.W"))
    if pictures:
        pictures_button(view).click()
    before = cells_of(view)
    whole = view.canvas.grab().toImage()
    wheel(view, operand, 10)
    after = cells_of(view)
    area = {n: rect.width() * rect.height() for n, rect in after.items()}
    assert area[operand] > 1.2 * before[operand].width() * before[operand].height()
    for number, rect in after.items():
        assert view.canvas.rect().contains(rect.toRect())
        assert rect.width() >= 0.39 * before[number].width()
    # All of a neighbour is there, only smaller.
    for number in {0, 1, RESULT} - {operand}:
        place = view.canvas.place_of(number)
        rows, columns = place.part.shape
        at = place.cells.bottomRight() - QPointF(1, 1)
        qtbot.mouseMove(view.canvas, at.toPoint())
        spot = view.canvas.cell_at(at)
        if spot is not None:  # the last place of a mosaic may be empty
            assert spot.row > 0.9 * rows and spot.column > 0.9 * columns
    qtbot.mouseMove(view.canvas, QPoint(1, 1))
    wheel(view, operand, -10)
    assert cells_of(view) == before and view.canvas.grab().toImage() == whole


def test_a_matrix_above_its_sums_grows_and_the_sums_stay(view):
    view.resize(860, 400)
    view.show_snapshot(snapshot_at("dout.sum(axis=0)", "Affine2"))
    matrix, row = (QRectF(view.canvas.place_of(n).cells) for n in (0, RESULT))
    wheel(view, 0, 8)
    grown, now = (view.canvas.place_of(n).cells for n in (0, RESULT))
    assert view.canvas.zoomed and now == row
    assert grown.width() >= matrix.width() and grown.bottom() < now.top()
    assert view.canvas.rect().contains(grown.toRect())


def test_the_cell_under_the_wheel_stays_under_it(view):
    view.show_snapshot(snapshot_at("x @ self.W"))
    for operand in (0, 1, RESULT):
        cells = view.canvas.place_of(operand).cells
        at = cells.center()
        was = view.canvas.cell_at(at)
        for _ in range(9):
            event = QWheelEvent(
                at, QPointF(view.canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120),
                Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
                Qt.ScrollPhase.NoScrollPhase, False,
            )  # fmt: skip
            QApplication.sendEvent(view.canvas, event)
        now = view.canvas.cell_at(at)
        assert now.array.operand == operand
        assert abs(now.row - was.row) <= 1 and abs(now.column - was.column) <= 1
        view.canvas.fit()


@pytest.mark.parametrize("way", ["double-click", "0", "Escape", "button", "mode"])
def test_a_zoom_of_pictures_is_left_by_every_way_out(view, qtbot, way):
    view.show_snapshot(snapshot_at("x @ self.W"))
    button = view.title_widgets()[-1]
    assert button.isHidden()
    pictures_button(view).click()
    whole = cells_of(view)
    wheel(view, 1, 8)
    assert view.canvas.zoomed and not button.isHidden() and cells_of(view) != whole
    if way == "double-click":
        at = view.canvas.place_of(1).cells.center().toPoint()
        qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    elif way == "0":
        view.canvas.point_at(RESULT, 3, 3, hold=True)  # another block is the one pointed at
        qtbot.keyClick(view.canvas, Qt.Key.Key_0)
    elif way == "Escape":
        qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    elif way == "button":
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    else:
        next(b for b in view.title_widgets()[0].findChildren(QToolButton)
             if b.text() == "Matrix").click()  # fmt: skip
    assert not view.canvas.zoomed and button.isHidden()
    if way != "mode":
        assert cells_of(view) == whole


def test_the_help_tells_of_zoom_and_of_what_fits(view):
    text = view.help_text()
    assert "wheel zooms" in text and "double-click" in text and "fits" in text


def test_where_no_few_terms_explain_the_value_the_picture_does(view):
    snapshot = snapshot_at("x @ self.W")
    view.show_snapshot(snapshot)
    card = view.card
    assert not card.explains(4)
    steps = card.steps(2)
    assert [step.at for step in steps] == [(), ()]
    assert steps[-1].end == pytest.approx(float(card.value().replace("−", "-")), rel=1e-4)
    assert f"{steps[0].count} add" in " ".join(card.lines())
    picture = card.grab().toImage()
    ratio = picture.devicePixelRatio()
    # The products fill most of the card's height: their frame is the longest upright line.
    strong = QColor(DARK.strong).rgb()
    longest = max(
        sum(picture.pixel(x, y) == strong for y in range(picture.height()))
        for x in range(picture.width() // 2, picture.width())
    )
    assert longest > 0.35 * card.height() * ratio
    view.show_snapshot(snapshot_at("x @ self.W", preset="16-4-3"))
    assert card.explains(20), "of sixteen terms all are listed"


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


@pytest.mark.parametrize("source", ["np.exp(-x)", "1 + np.exp(-x)"])
def test_no_part_of_a_steep_curve_is_called_flat_that_has_a_slope(source):
    operation = snapshot_at(source, "Sigmoid1").operation
    shape = curve.sample(operation, operation.operands[0].value * 4)  # as after an epoch
    slope = np.abs(np.gradient(shape.y, shape.x))
    assert slope.max() > 10
    for low, high in shape.flat:
        inside = (shape.x > low) & (shape.x < high)
        assert slope[inside].max() < curve.FLAT


def test_the_links_of_the_card_say_where_they_lead(view):
    snapshot = snapshot_at("x @ self.W", "Affine2")
    view.show_snapshot(snapshot)
    view.canvas.point_at(RESULT, 3, 2)
    made = {operand.text: operand.event for operand in snapshot.operation.operands}
    links = view.card._link_texts()
    assert links
    for text, event in links:
        assert made[text.removeprefix("go to ")] == event


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


def assigned(value: np.ndarray) -> Operation:
    value.flags.writeable = False
    return Operation(Form.ASSIGNMENT, "←", (Operand("z", value),), value, "z = ...", "z")


def at_batch(operation: Operation, batch: int):
    return replace(make_snapshot(), operation=operation, position=Position(batch, 9))


def after_training(view) -> np.ndarray:
    """Values before a training, then those of the same expression 600 batches later."""
    rng = np.random.default_rng(0)
    view.show_snapshot(at_batch(assigned(rng.normal(size=(100, 50))), 0))
    values = 8 * rng.normal(size=(100, 50))
    view.show_snapshot(at_batch(assigned(values), 600))
    return values


def share_at_the_ends(view) -> float:
    """Of the cells on the screen those in the two outermost colours."""
    cells = view.canvas.place_of(RESULT).cells
    picture = view.canvas.grab().toImage()
    ratio = picture.devicePixelRatio()
    table = table_for(MapKind.SIGNED, DARK)
    ends = {QColor.fromRgb(int(table[0])).rgb(), QColor.fromRgb(int(table[STEPS - 1])).rgb()}
    found = []
    for row in range(100):
        for column in range(50):
            x = cells.left() + (column + 0.5) * cells.width() / 50
            y = cells.top() + (row + 0.5) * cells.height() / 100
            found.append(picture.pixel(round(x * ratio), round(y * ratio)) in ends)
    return float(np.mean(found))


def test_after_a_training_the_scale_is_widened_and_says_so_with_a_way_back(view, qtbot):
    values = after_training(view)
    assert share_at_the_ends(view) < 0.05, "nearly all cells have a colour of their own"
    (note,) = view.canvas.notes()
    assert note.isVisible() and view.canvas.rect().contains(note.geometry())
    clipped = float(np.mean(np.abs(values) > np.percentile(np.abs(values), 99) / 8))
    assert note.text().startswith("z: ") and note.text().endswith(" % lay outside)")
    assert float(note.text().partition("(")[2].split()[0]) == pytest.approx(100 * clipped, abs=8)
    assert view.chip.text().endswith(", rescaled")
    wide = view.chip.accessibleName()
    qtbot.mouseClick(note.link(), Qt.MouseButton.LeftButton)
    assert share_at_the_ends(view) > 0.6, "as it was"
    (note,) = view.canvas.notes()
    assert note.text().endswith(" % beyond the scale")
    assert view.chip.text().endswith(", clipped")
    view.show_snapshot(at_batch(assigned(values + 0.01), 601))
    assert share_at_the_ends(view) > 0.6, "held until another is asked for"
    (note,) = view.canvas.notes()
    qtbot.mouseClick(note.link(), Qt.MouseButton.LeftButton)
    assert share_at_the_ends(view) < 0.05 and view.canvas.notes() == []
    assert view.chip.accessibleName().split()[-1] == wide.split()[-2].strip(",")


def test_the_note_of_a_rescale_goes_with_its_batch(view):
    values = after_training(view)
    assert view.canvas.notes()
    view.show_snapshot(at_batch(assigned(values * 0.9), 601))
    assert view.canvas.notes() == []


def test_the_notes_of_several_arrays_lie_side_by_side_in_the_panel(view, qtbot):
    rng = np.random.default_rng(0)

    def product(factor: float) -> Operation:
        x, w = rng.normal(size=(100, 784)), factor * rng.normal(size=(784, 50))
        operands = (Operand("x", x), Operand("self.W", w))
        return Operation(Form.PRODUCT, "@", operands, x @ w, "x @ self.W", "x @ self.W")

    for size in ((860, 300), (420, 200), (1800, 700)):
        view.resize(*size)
        view.canvas.scales.clear()
        view.show_snapshot(at_batch(product(1), 0))
        view.show_snapshot(at_batch(product(9), 600))
        notes = view.canvas.notes()
        assert len(notes) == 2
        assert not notes[0].geometry().intersects(notes[1].geometry())
        for note in notes:
            assert view.canvas.rect().contains(note.geometry()), size
            if size[0] > 500:
                assert not any(place.cells.intersects(QRectF(note.geometry()))
                               for place in view.canvas.places)  # fmt: skip


def test_the_chip_tells_the_range_and_is_worked_by_keys(view, qtbot):
    small = np.random.default_rng(0).normal(size=(100, 50))
    view.show_snapshot(at_batch(assigned(10 * small), 0))
    view.show_snapshot(at_batch(assigned(small), 1))
    chip = view.chip
    with qtbot.waitExposed(chip.window()):
        chip.window().show()
    chip.window().activateWindow()
    limit = float(np.percentile(np.abs(10 * small), 99))
    assert chip.text() == f"colours ± {limit:.0f}", "never narrowed unasked"
    assert chip.focusPolicy() & Qt.FocusPolicy.TabFocus
    chip.setFocus()

    def choose() -> None:
        menu = QApplication.activePopupWidget()
        texts = [action.text() for action in menu.actions()]
        assert texts == [f"Fit z (now ± {limit:.0f})"]
        qtbot.keyClick(menu, Qt.Key.Key_Down)
        qtbot.keyClick(menu, Qt.Key.Key_Return)

    QTimer.singleShot(50, choose)
    qtbot.keyClick(chip, Qt.Key.Key_Return)
    assert chip.text() == f"colours ± {limit / 10:.1f}"


def test_the_way_back_is_the_next_stop_of_the_tab_key(view, qtbot):
    after_training(view)
    view.activateWindow()
    view.canvas.setFocus()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Tab)
    (note,) = view.canvas.notes()
    assert note.link().hasFocus()
    qtbot.keyClick(note.link(), Qt.Key.Key_Space)
    assert share_at_the_ends(view) > 0.6 and view.canvas.hasFocus()


def test_the_chip_offers_the_way_back_of_each_array(view, qtbot):
    after_training(view)
    view.chip.menu().aboutToShow.emit()
    back = view.chip.menu().actions()[0]
    assert back.text().startswith("z: back to ± ")
    back.trigger()
    assert share_at_the_ends(view) > 0.6


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


@pytest.mark.slow
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


# The first picture


def at_event(event: int, preset: str = "784-50-10"):
    session = session_of(preset)
    session.goto(batch=1, event=event)
    return session.snapshot()


def mode_button(view, text: str) -> QToolButton:
    frame = view.title_widgets()[0]
    frame.show()
    return next(b for b in frame.findChildren(QToolButton) if b.text() == text)


def test_the_first_picture_is_digits_with_their_labels_under_them(view):
    view.resize(1100, 350)
    snapshot = at_event(0)
    view.show_snapshot(snapshot)
    (images,) = view.canvas.picture.blocks
    assert images.tile is not None and images.values is not None
    assert images.captions == tuple(str(n) for n in snapshot.minibatch.labels)
    assert mode_button(view, "28 × 28").isChecked()
    # Under the image, not upon it: its pixels are those of the image, the row beneath has none.
    mosaic = images.cells.mosaic
    first = mosaic.matrix[:28, :28] * 255
    np.testing.assert_allclose(first, snapshot.minibatch.images[0], atol=0.5)
    assert not mosaic.matrix[28 : 28 + mosaic.foot, :28].any()
    assert images.cells.index(30, 3) is None
    # The numbers are written: beneath the first image there is ink of the text's colour.
    place = view.canvas.place_of(images.operand)
    side = place.cells.width() / mosaic.matrix.shape[1]
    beneath = place.cells.topLeft() + QPointF(0, 28 * side)
    area = view.canvas.grab(QRectF(beneath, QSizeF(28 * side, mosaic.foot * side)).toRect())
    shades = {area.toImage().pixelColor(x, y).lightness()
              for x in range(area.width()) for y in range(area.height())}  # fmt: skip
    assert max(shades) > 150 > 40 > min(shades)


def test_the_button_of_the_pictures_has_the_size_of_this_networks_images(view):
    view.choose_scene(True)
    for network, size in (("16-4-3", "4 × 4"), ("784-10", "28 × 28")):
        view.show_snapshot(build_session(Options(network=network)).snapshot())
        assert view.scenes.isVisibleTo(view)
        assert mode_button(view, size)


def test_a_choice_of_matrix_is_kept(view, qtbot):
    view.show_snapshot(at_event(0))
    with qtbot.waitSignal(view.mode_chosen) as chosen:
        qtbot.mouseClick(mode_button(view, "Matrix"), Qt.MouseButton.LeftButton)
    assert chosen.args == [False]
    assert view.canvas.place_of(2).part.tile is None
    view.show_snapshot(snapshot_at("x @ self.W"))
    assert all(block.tile is None for block in view.canvas.picture.blocks)
    # A click where there is nothing to choose is no choice.
    view.choose_mode(pictures=True)
    view.show_snapshot(snapshot_at("1 / (1 + np.exp(-x))", "Sigmoid1"))
    assert mode_button(view, "Matrix").isChecked() and not mode_button(view, "28 × 28").isEnabled()
    qtbot.mouseClick(mode_button(view, "Matrix"), Qt.MouseButton.LeftButton)
    view.show_snapshot(snapshot_at("x @ self.W"))
    assert view.canvas.place_of(0).part.tile == (28, 28)


@pytest.mark.parametrize("preset", PRESETS)
def test_labels_are_numbers_and_never_colours(view, preset):
    session = session_of(preset)
    session.goto(batch=1)
    met = 0
    for event in range(len(session.trace)):
        snapshot = at_event(event, preset)
        view.show_snapshot(snapshot)
        for block in view.canvas.picture.blocks:
            if np.ndim(block.array) == 1 and block.array.dtype.kind in "iu":
                assert block.values is None
                np.testing.assert_array_equal(block.numbers.ravel()[: block.array.size],
                                              block.array)  # fmt: skip
                met += 1
    assert met > 3


def test_a_number_among_the_labels_can_be_pointed_at(view, qtbot):
    snapshot = snapshot_at("t.min()", "SoftmaxWithLoss")
    view.show_snapshot(snapshot)
    labels = view.canvas.place_of(0)
    qtbot.mouseMove(view.canvas, spot(view, 0, 2, 3))
    (place,) = view.canvas.lit()[0]
    assert place == 2 * labels.part.shape[1] + 3
    assert f"t[{place}] {snapshot.minibatch.labels[place]}" == view.canvas.cell_text()


# Where there is no picture


@pytest.mark.parametrize("preset", PRESETS)
def test_no_panel_is_filled_by_a_number_or_a_name_alone(view, preset):
    session = session_of(preset)
    session.goto(batch=1)
    last, kept = None, 0
    for event in range(len(session.trace)):
        snapshot = at_event(event, preset)
        view.show_snapshot(snapshot)
        parts = view.canvas.picture.parts
        much = [part for part in parts if not isinstance(part, Sign | Number)]
        numbers = [part for part in parts if isinstance(part, Number)]
        assert much or len(numbers) > 1, snapshot.event.source
        if view.past.isVisible():
            kept += 1
            here, then = view.past.texts()
            assert here and f"stop {last}" in then and view.canvas.past
            assert view.canvas.geometry().contains(view.past.geometry())
        else:
            assert not view.canvas.past
            last = event
    assert kept > 10


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_the_last_picture_stays_dimmed_and_says_so(view, qtbot, theme):
    view.set_theme(theme)
    view.show_snapshot(snapshot_at("x @ self.W"))
    before = view.canvas.grab().toImage()
    picture = view.canvas.picture
    layer = Operation(Form.ASSIGNMENT, "←", (Operand("layer", object()),), object(), "...", "layer")
    at = snapshot_at("x @ self.W")
    view.show_snapshot(replace(at, operation=layer))
    assert view.past.texts()[0] == "layer: object"
    assert "x @ self.W" in view.past.texts()[1]
    after = view.canvas.grab().toImage()
    cells = view.canvas.place_of(0).cells

    def contrast(image) -> int:
        middle = round(cells.center().y())
        shades = [image.pixelColor(x, middle).lightness()
                  for x in range(round(cells.left()), round(cells.right()))]  # fmt: skip
        return max(shades) - min(shades)

    assert contrast(after) < 0.6 * contrast(before)
    # It is no picture of here, so nothing in it can be pointed at.
    qtbot.mouseMove(view.canvas, spot(view, 0, 3, 3))
    assert view.canvas.lit() == {} and view.canvas.tags() == []
    view.show_snapshot(at)
    assert not view.past.isVisible() and view.canvas.picture.operation is at.operation
    assert picture.operation.source == at.operation.source


def test_with_no_picture_yet_it_says_what_there_is(view):
    loss = Operation(Form.ASSIGNMENT, "←", (Operand("loss", 0.342159),), 0.342159, "...", "loss")
    view.show_snapshot(replace(make_snapshot(), operation=loss))
    (empty,) = [one for one in view.findChildren(EmptyState) if one.isVisible()]
    assert empty.accessibleName() == "loss = 0.342159"
    assert not view.past.isVisible()


def test_the_picture_of_another_session_does_not_stay(view):
    view.show_snapshot(snapshot_at("x @ self.W"))
    loss = Operation(Form.ASSIGNMENT, "←", (Operand("loss", 0.342159),), 0.342159, "...", "loss")
    here = snapshot_at("x @ self.W")
    other = here.identity._replace(session=here.identity.session + 1)
    view.show_snapshot(replace(here, identity=other, operation=loss))
    (empty,) = [one for one in view.findChildren(EmptyState) if one.isVisible()]
    assert empty.accessibleName() == "loss = 0.342159"
    assert not view.past.isVisible()
    assert not view.canvas.isVisible() and not view.card.isVisible()
    view.show_snapshot(replace(here, identity=other))
    assert view.canvas.isVisible() and not empty.isVisible()


def test_a_dimmed_picture_says_of_which_batch_and_branch_it_is(view):
    here = snapshot_at("x @ self.W")
    loss = Operation(Form.ASSIGNMENT, "←", (Operand("loss", 0.342159),), 0.342159, "...", "loss")
    batch, event = here.position
    view.show_snapshot(here)
    view.show_snapshot(replace(here, operation=loss))
    assert view.past.texts()[1].endswith(f"x @ self.W, stop {event}")
    view.show_snapshot(replace(here, operation=loss, position=Position(batch + 1, 0)))
    assert view.past.texts()[1].endswith(f"x @ self.W, batch {batch}, stop {event}")
    (main,) = here.branches
    now = (replace(main, current=False), replace(main, id=7, name="lr 1", current=True))
    other = here.identity._replace(future=here.identity.future + 1)
    view.show_snapshot(replace(here, operation=loss, identity=other, branches=now))
    assert view.past.texts()[1].endswith(f"{main.name}, batch {batch}, stop {event}")


def test_a_dimmed_picture_of_another_batch_leads_nowhere(view, qtbot):
    """The event of its operand is one of its own batch."""
    here = snapshot_at("x @ self.W + self.b")
    loss = Operation(Form.ASSIGNMENT, "←", (Operand("loss", 0.342159),), 0.342159, "...", "loss")
    view.show_snapshot(here)
    made = [place for place in view.canvas.places if getattr(place.part, "event", None) is not None]
    assert made
    where = made[0].rect.topLeft().toPoint() + QPoint(6, 6)
    asked = []
    view.event_chosen.connect(asked.append)
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=where)
    assert asked == [made[0].part.event]
    batch, _ = here.position
    view.show_snapshot(replace(here, operation=loss, position=Position(batch + 1, 0)))
    qtbot.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=where)
    assert len(asked) == 1


@pytest.mark.parametrize("shown", ["dimmed", "without a marked cell"])
def test_escape_lets_the_chosen_cell_go_wherever_it_is(view, qtbot, shown):
    here = snapshot_at("x @ self.W")
    view.chosen_cell = ChosenCell("Affine2.b", (3,))
    view.show_snapshot(here)
    loss = Operation(Form.ASSIGNMENT, "←", (Operand("loss", 0.342159),), 0.342159, "...", "loss")
    if shown == "dimmed":
        view.show_snapshot(replace(here, operation=loss))
        assert view.canvas.past
    else:
        view.canvas.show_example(RESULT, None)
    let_go = []
    view.cell_chosen.connect(let_go.append)
    view.canvas.setFocus()
    qtbot.keyClick(view.canvas, Qt.Key.Key_Escape)
    assert let_go == [None]


def test_numbers_that_are_reckoned_with_are_drawn(view):
    view.show_snapshot(snapshot_at("-log_y[rows, self.t].sum() / len(z)", "SoftmaxWithLoss"))
    assert not view.canvas.past
    assert [type(part) for part in view.canvas.picture.parts].count(Number) == 3


# What is marked while nobody points


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1110, 350), (700, 300), (830, 250), (1800, 700)])
@pytest.mark.parametrize("preset", PRESETS)
def test_tags_stand_beside_the_arrays_and_never_upon_them(view, preset, size):
    view.resize(*size)
    session = session_of(preset, "Adam")
    session.goto(batch=1)
    tagged = 0
    for event in range(len(session.trace)):
        session.goto(batch=1, event=event)
        view.show_snapshot(session.snapshot())
        arrays = [p.cells for p in view.canvas.places if isinstance(p.part, Block)]
        for tag, text in view.canvas.tags():
            tagged += 1
            assert QRectF(view.canvas.rect()).adjusted(4, 0, -4, 0).contains(tag), text
            for cells in arrays:
                over = tag.intersected(cells)
                assert over.width() <= 1 or over.height() <= 1, (event, text)
    assert tagged > 50


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1110, 350), (700, 300), (1800, 700)])
@pytest.mark.parametrize("preset", PRESETS)
def test_how_often_an_array_is_repeated_stands_beside_all_arrays(view, preset, size):
    view.resize(*size)
    session = session_of(preset)
    session.goto(batch=1)
    repeated = 0
    for event in range(len(session.trace)):
        session.goto(batch=1, event=event)
        view.show_snapshot(session.snapshot())
        canvas = view.canvas
        for place in canvas.places:
            box = isinstance(place.part, Block) and repeats_box(place, place.part, canvas._ink)
            if not box:
                continue
            repeated += 1
            assert QRectF(canvas.rect()).contains(box)
            assert not any(
                box.intersects(p.cells) for p in canvas.places if isinstance(p.part, Block)
            )
            assert not any(box.intersects(tag) for tag, _ in canvas.tags())
    assert repeated > 1


def test_a_repeated_array_is_whole_and_its_badge_is_painted(view):
    view.show_snapshot(snapshot_at("x @ self.W + self.b"))
    place = view.canvas.place_of(1)
    box = repeats_box(place, place.part, view.canvas._ink)
    image = view.canvas.grab().toImage()
    inside = box.toAlignedRect().adjusted(3, 2, -3, -2)
    assert any(
        image.pixelColor(x, y).lightness() > 180
        for x in range(inside.left(), inside.right())
        for y in range(inside.top(), inside.bottom())
    )
    row = round(place.cells.center().y())
    shades = {
        image.pixelColor(x, row).name()
        for x in range(round(place.cells.left()) + 2, round(place.cells.right()) - 2)
    }
    assert DARK.strong not in shades and DARK.panel not in shades


def test_row_column_and_cell_are_marked_at_rest(view):
    snapshot = snapshot_at("x @ self.W")
    view.choose_mode(pictures=False)
    view.show_snapshot(snapshot)
    marked = view.canvas.marked()
    row, column = marked[RESULT]
    assert marked[0] == (row, slice(None)) and marked[1] == (slice(None), column)
    texts = [text for _, text in view.canvas.tags()]
    assert texts[:2] == [f"row {row}", f"col {column}"] and texts[2].startswith(
        f"[{row}, {column}]"
    )
    assert view.card.title() == f"(x @ self.W)[{row}, {column}]"
    largest = np.abs(snapshot.operation.result).max()
    assert abs(snapshot.operation.result[row, column]) == largest
    place = view.canvas.place_of(RESULT)
    picture = view.canvas.grab().toImage()
    x, y = spot(view, RESULT, row, column).toTuple()
    around = {picture.pixelColor(x + dx, y + dy).name()
              for dx in range(-6, 7) for dy in range(-6, 7)}  # fmt: skip
    assert "#ffffff" in around and place.part.values is not None


@settings(deadline=None)
@given(
    st.sampled_from(["x", "self.W", "x @ self.W", "-x", "a if b else c", "f(x)", "a[0]", "x.T",
                     "lambda: 0", "a, b", "W, before", "", "1 / (1 + np.exp(-x))"]),
    st.lists(st.integers(0, 99), min_size=1, max_size=3),
)  # fmt: skip
def test_the_name_of_a_cell_indexes_the_whole_expression(text, index):
    name = cell_name(text, index)
    assert name.endswith(str(index))
    if text in ("W, before", "a, b", ""):
        return
    node = ast.parse(name, mode="eval").body
    assert isinstance(node, ast.Subscript)
    assert ast.unparse(node.value) == ast.unparse(ast.parse(text, mode="eval"))


def test_nothing_is_computed_while_it_is_hidden(qtbot):
    view = EquationView(DARK)
    qtbot.addWidget(view)
    view.show_snapshot(snapshot_at("x @ self.W"))
    assert view.canvas.picture is None
    with qtbot.waitExposed(view):
        view.show()
    assert view.canvas.picture is not None


def test_the_tag_on_a_curve_hides_neither_the_curve_nor_its_words(view, monkeypatch):
    view.resize(1070, 350)
    snapshot = snapshot_at("1 / (1 + np.exp(-x))", layer="Sigmoid1")
    operation = snapshot.operation
    (operand,) = operation.operands
    x = operand.value * 6  # as far as both ends, as after an epoch
    operation = replace(
        operation, operands=(replace(operand, value=x),), result=1 / (1 + np.exp(-x))
    )
    view.show_snapshot(replace(snapshot, operation=operation))
    place = next(p for p in view.canvas.places if isinstance(p.part, Curve))
    painted: list[tuple[QRectF, str]] = []
    monkeypatch.setattr(
        curve, "draw_text", lambda _, rect, text, *__: painted.append((QRectF(rect), text))
    )
    for column in range(x.shape[1]):
        view.canvas.point_at(RESULT, 3, column)
        painted.clear()
        view.canvas.grab()
        tags = [rect for rect, text in painted if "→" in text]
        flats = [rect for rect, text in painted if text == "flat"]
        assert place.rect.contains(tags[-1]) and flats
        size = QSizeF(ui_face(11).width("flat"), 12)
        assert not any(tags[-1].intersects(QRectF(f.topLeft(), size)) for f in flats)
