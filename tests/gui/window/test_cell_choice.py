"""After a stop at a cell it is the chosen one in every panel, until a person lets it go."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from engine import AtData, Change
from engine.debug.events import Phase, Position
from gui.dialogs.form_dialog import FormDialog
from gui.paint.cell_pointer import ArrayCell
from gui.views.equation.picture.parts import RESULT
from gui.views.equation.scenes.update import UpdateScene
from gui.views.variables.model import NodeRole
from gui.window.main_window import MainWindow
from tests.gui.sessions import make_session

pytestmark = pytest.mark.slow

SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(window, settled, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window, key, modifier)
    settled(window)


def show(window, qtbot, *panels: str) -> None:
    """As a click on their tabs does."""
    for panel in panels:
        window.docks[panel].raise_()
        qtbot.waitUntil(window.docks[panel].view.isVisible)


def show_arithmetic(window) -> None:
    """Of whole arrays, also where a scene fits: its button beside the scene's."""
    window.equation.choose_scene(False)


def scene_of_step(window) -> UpdateScene:
    """The scene that a panel with room for it shows at an update."""
    scene = window.equation.scenes.scene
    assert isinstance(scene, UpdateScene) and scene.isVisible()
    return scene


def said_by_variables(window) -> list[str]:
    """The chosen cell as the rows write it."""
    model, delegate = window.variables._rows.model(), window.variables._delegate
    found = []
    for group in model.groups():
        for row in range(model.rowCount(group)):
            node = model.index(row, 0, group).data(NodeRole)
            found.append((node.label, delegate.cell_text(node)))
    return [f"{label} {text}" for label, text in found if text]


@pytest.fixture
def stopped(qtbot, session, settled, request):
    """The window after a run to a breakpoint on cells; the cells are the parameter."""
    session.breakpoints.add(AtData(*request.param))
    window = MainWindow(session)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    window.resize(1366, 768)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    press(window, settled, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    yield window
    window.bridge.close()


@pytest.mark.parametrize("stopped", [("Affine1.W", "300, 7")], indirect=True)
def test_a_data_breakpoint_s_cell_is_the_chosen_one_everywhere(stopped, qtbot, settled):
    window = stopped
    assert window.snapshot.event.phase is Phase.UPDATE
    value = window.snapshot.layers[0].parameters["W"][300, 7]
    scene = scene_of_step(window)
    assert scene.box.currentText() == "unit 7" and scene.cell(window.snapshot) == (300, 7)
    assert "W[300, 7]" in scene.accessibleDescription()
    show_arithmetic(window)
    assert not scene.isVisible()
    assert window.equation.canvas.marked()[RESULT] == (300, 7)
    assert window.equation.card.title() == "W[300, 7]"
    assert float(window.equation.card.value().replace("−", "-")) == pytest.approx(value, rel=1e-5)
    rows = said_by_variables(window)
    assert any(row.startswith("W [300, 7] ") for row in rows)
    assert any(row.startswith("dW [300, 7] ") for row in rows)
    show(window, qtbot, "tensor", "hidden_units")
    assert window.tensor.canvas.cell_label() == "[300, 7]"
    assert window.hidden_units.unit == 7
    large = next(tile for tile in window.hidden_units.canvas.tiles if tile.id == "one")
    assert large.cell == divmod(300, 28) and large.words[0][0] == "[300, 7]"
    show(window, qtbot, "gradients")
    tile = next(t for t in window.gradients.canvas.tiles if t.id == "Affine1.W gradient")
    assert tile.cell == (7, 300) and tile.box == (7, 0, 8, 784)  # units are the rows there
    show(window, qtbot, "equation")
    # It goes on being it, as its gradient in the next batch, and as a factor of the product.
    sources = {}
    for _ in range(220):
        press(window, settled, Qt.Key.Key_S)
        event = window.snapshot.event
        sources[event.source, event.layer] = window.equation.canvas.marked()
        if (event.source, event.layer) == ("self.x.T @ dout", "Affine1"):
            break
    assert sources["x @ self.W", "Affine1"][1] == (300, 7)
    assert sources["x @ self.W", "Affine1"][RESULT] == (slice(None), 7)
    assert sources["self.x.T @ dout", "Affine1"][RESULT] == (300, 7)


@pytest.mark.parametrize("stopped", [("Affine2.W", ":, 3", Change.SIGN)], indirect=True)
def test_of_several_cells_the_one_that_did_it_is_chosen(stopped):
    window = stopped
    layer = window.snapshot.layers[2]
    now, before = layer.parameters["W"], layer.before["W"]
    in_scene = scene_of_step(window).cell(window.snapshot)
    show_arithmetic(window)
    row, column = window.equation.canvas.marked()[RESULT]
    assert in_scene == (row, column)
    assert column == 3 and (now[row, column] < 0) != (before[row, column] < 0)


@pytest.mark.parametrize("stopped", [("Affine1.W", "300, 7")], indirect=True)
def test_the_equation_names_it_whole_and_escape_lets_it_go_from_anywhere(stopped, qtbot, settled):
    window = stopped
    window.layouts.choose("learn")
    press(window, settled, Qt.Key.Key_BracketRight)
    assert window.snapshot.position.event == 0
    label = window.docks["equation"].row.subtitle
    assert "Affine1.W[300, 7] is chosen, Esc releases it" in label.text()
    qtbot.waitUntil(lambda: label.fontMetrics().horizontalAdvance(label.text()) <= label.width())
    window.docks["source"].view._area.setFocus()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    assert window.choice.cell is None and "Esc" not in label.text()
    assert window.snapshot.operation.source in label.text()


@pytest.mark.parametrize("stopped", [("Affine1.W", "300, 7")], indirect=True)
def test_escape_lets_it_go_and_a_click_takes_another(stopped, qtbot, settled):
    window = stopped
    show(window, qtbot, "equation")
    show_arithmetic(window)
    canvas = window.equation.canvas
    place = canvas.place_of(RESULT)
    box = place.part.cells.boxes((320, 9))[0]
    at = canvas._layout.middle_of(ArrayCell(place.part, box.top, box.left)).toPoint()
    QTest.mouseMove(canvas, at)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    index = canvas.index
    assert index is not None and index != (300, 7)
    assert window.choice.cell.index == index and window.choice.cell.name == "Affine1.W"
    assert any(row.startswith(f"W {list(index)} ") for row in said_by_variables(window))
    assert window.hidden_units.chosen_cell.index == index
    canvas.setFocus()
    press(canvas, lambda _: None, Qt.Key.Key_Escape)
    assert window.choice.cell is None and not said_by_variables(window)
    assert canvas.marked()[RESULT] == index  # kept as the example


@pytest.mark.parametrize("stopped", [("Affine1.W", "300, 7")], indirect=True)
def test_a_click_in_the_scene_takes_another_and_escape_lets_it_go(stopped, qtbot):
    window, snapshot = stopped, stopped.snapshot
    show(window, qtbot, "equation")
    scene = scene_of_step(window)
    after = scene.places()[-1]
    one = after.width() / 28, after.height() / 28
    at = QPoint(round(after.left() + 20.5 * one[0]), round(after.top() + 11.5 * one[1]))
    QTest.mouseClick(scene, Qt.MouseButton.LeftButton, pos=at)
    index = (11 * 28 + 20, 7)
    assert scene.cell(snapshot) == index == window.choice.cell.index
    assert any(row.startswith(f"W {list(index)} ") for row in said_by_variables(window))
    scene.box.setFocus()
    press(scene.box, lambda _: None, Qt.Key.Key_Down)  # another unit, by its largest step
    assert scene.box.currentText() == "unit 8"
    step = np.abs(snapshot.layers[0].parameters["W"] - snapshot.layers[0].before["W"])[:, 8]
    index = window.choice.cell.index
    assert index[1] == 8 and step[index[0]] == pytest.approx(step.max(), rel=1e-3)
    scene.setFocus()
    press(scene, lambda _: None, Qt.Key.Key_Escape)
    assert window.choice.cell is None and not said_by_variables(window)


def go_to(window, settled, source: str, layer: str) -> None:
    for _ in range(220):
        if (window.snapshot.event.source, window.snapshot.event.layer) == (source, layer):
            return
        press(window, settled, Qt.Key.Key_S)
    raise AssertionError(source)


@pytest.fixture
def trained(window, qtbot, settled):
    """Four batches have run, and the cursor is at the first product of the last."""
    window.resize(1366, 768)
    window.bridge.train(4)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    window.bridge.goto(Position(3, 0))
    settled(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    go_to(window, settled, "x @ self.W", "Affine1")
    return window


def point_in_tensor(window, qtbot, settled, name: str, row: int, column: int) -> None:
    window.tensor.choose(name)
    show(window, qtbot, "tensor")
    canvas = window.tensor.canvas
    canvas.setFocus()
    cell = window.tensor._mosaic.place(row, column) if window.tensor._mosaic else (row, column)
    x, y, width, height = canvas.grid.rect_of(*cell)
    at = canvas.area().topLeft().toPoint() + QPoint(round(x + width / 2), round(y + height / 2))
    QTest.mouseMove(canvas, QPoint(1, 1))  # the pointer may be there already, from the test before
    QTest.mouseMove(canvas, at)
    qtbot.waitUntil(lambda: bool(canvas.cell_label()))


def test_the_cell_of_who_wrote_this_is_the_chosen_one(trained, qtbot, settled):
    point_in_tensor(trained, qtbot, settled, "self.W", 300, 7)
    _, cell = trained.tensor.pointed()
    index = tuple(int(part) for part in cell.split(","))
    press(trained, settled, Qt.Key.Key_W)
    assert trained.snapshot.position.batch == 2 and trained.choice.cell.name == "Affine1.W"
    assert trained.choice.cell.index == index
    trained.docks["equation"].raise_()
    qtbot.waitUntil(trained.equation.isVisible)
    assert scene_of_step(trained).cell(trained.snapshot) == index
    show_arithmetic(trained)
    assert trained.equation.canvas.marked()[RESULT] == index
    assert trained.hidden_units.chosen_cell.index == index
    # The reader of it, in the batch after, has it as a factor.
    press(trained, settled, Qt.Key.Key_R)
    assert trained.choice.cell.index == index


def test_the_cell_that_changed_most_is_chosen_after_a_search_for_changes(trained, settled):
    QTest.keyClick(trained, Qt.Key.Key_W, SHIFT)
    (form,) = [one for one in trained.findChildren(FormDialog) if one.isVisible()]
    form.lines[0].setText("Affine2.W")
    form.lines[1].setText(":, 3")
    QTest.keyClick(form.lines[2], Qt.Key.Key_Return)
    settled(trained)
    layer = trained.snapshot.layers[2]
    changes = np.abs(layer.parameters["W"] - layer.before["W"])
    index = trained.choice.cell.index
    assert index[1] == 3 and changes[index] == changes[:, 3].max() > 0
    assert scene_of_step(trained).cell(trained.snapshot) == index
    show_arithmetic(trained)
    assert trained.equation.canvas.marked()[RESULT] == index


def test_another_session_has_no_chosen_cell(trained, qtbot, settled):
    point_in_tensor(trained, qtbot, settled, "self.W", 300, 7)
    press(trained, settled, Qt.Key.Key_W)
    assert trained.choice.cell is not None
    trained.actions_by_id["restart"].trigger()
    settled(trained)
    assert trained.choice.cell is not None  # the same run: it goes back with one
    trained.bridge.open(make_session, None)
    settled(trained)
    assert trained.choice.cell is None and trained.equation.chosen_cell is None


def test_the_example_is_kept_from_stop_to_stop(window, settled):
    """One sample and one unit are followed down the layers and up again."""
    window.resize(1366, 768)
    show_arithmetic(window)
    go_to(window, settled, "x @ self.W", "Affine1")
    row, unit = window.equation.canvas.marked()[RESULT]
    result = np.abs(window.snapshot.operation.result)
    assert result[row, unit] == result.max()
    go_to(window, settled, "1 / (1 + np.exp(-x))", "Sigmoid1")
    assert window.equation.canvas.marked()[RESULT] == (row, unit)
    go_to(window, settled, "x @ self.W", "Affine2")
    assert window.equation.canvas.marked()[0] == (row, slice(None))
    go_to(window, settled, "self.x.T @ dout", "Affine1")
    pixel, column = window.equation.canvas.marked()[RESULT]
    gradient = np.abs(window.snapshot.operation.result)
    assert column == unit and gradient[pixel, unit] == gradient[:, unit].max() > 0
    for _ in range(window.snapshot.event_count):
        press(window, settled, Qt.Key.Key_S)
        operation = window.snapshot.operation
        if operation.source.startswith("W -= ") and operation.result.ndim == 2:
            break
    assert window.equation.canvas.marked()[RESULT] == (pixel, unit)
