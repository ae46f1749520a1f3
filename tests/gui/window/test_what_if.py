"""The questions "what if" as a person asks them, and what the window then shows."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton

from engine.debug.events import Position
from engine.debug.travel.edits import How
from gui.dialogs.form_dialog import FormDialog
from gui.views.branches.tree import NAME
from gui.window.commands.what_if import rate, value
from tests.gui.sessions import make_session

pytestmark = pytest.mark.slow


def form(window) -> FormDialog:
    return next(d for d in window.findChildren(FormDialog) if d.isVisible())


def active(window, qtbot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()


def fill(line, text: str) -> None:
    line.selectAll()
    QTest.keyClicks(line, text)


def accept(window, qtbot, settled) -> None:
    QTest.keyClick(form(window).lines[-1], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not [d for d in window.findChildren(FormDialog) if d.isVisible()])
    settled(window)
    active(window, qtbot)


def parameters(window) -> dict[str, np.ndarray]:
    return {
        f"{layer.name}.{name}": array
        for layer in window.snapshot.layers
        for name, array in layer.before.items()
    }


@pytest.fixture
def trained(window, qtbot, settled):
    """Six batches have run; the cursor is in batch 3, at event 9."""
    window.bridge.train(6)
    settled(window)
    window.bridge.goto(Position(3, 9))
    settled(window)
    active(window, qtbot)
    return window


@pytest.fixture
def branched(trained, qtbot, settled):
    """A branch on which a weight is 0.5 from batch 3 on, as far as main; its panel in front."""
    QTest.keyClick(trained, Qt.Key.Key_E)
    fill(form(trained).lines[1], "300, 7")
    fill(form(trained).lines[2], "0.5")
    accept(trained, qtbot, settled)
    trained.bridge.train(3)
    settled(trained)
    trained.docks["branches"].raise_()
    qtbot.waitUntil(lambda: len(trained.branches.tree._items()) == 2)
    return trained


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("0.5", (How.SET, 0.5)), (" = -1e-3 ", (How.SET, -0.001)), ("+= 0.1", (How.ADD, 0.1)),
        ("-= 0.1", (How.ADD, -0.1)), ("*=2", (How.MULTIPLY, 2.0)),
        ("/= 4", (How.MULTIPLY, 0.25)), ("−2", (How.SET, -2.0)),
    ],
)  # fmt: skip
def test_a_value_is_written_as_in_python(text, made):
    assert value(text) == made


@pytest.mark.parametrize("text", ["", "+=", "x", "** 2", "/= 0", "1 2"])
def test_what_is_no_value_is_refused(text):
    with pytest.raises(ValueError):
        value(text)


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "much"])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(ValueError):
        rate(text)


def layer_of(snapshot, name: str):
    return next(layer for layer in snapshot.layers if layer.name == name)


def test_e_changes_a_value_and_the_cursor_is_at_the_same_event(trained, qtbot, settled):
    before = trained.snapshot
    QTest.keyClick(trained, Qt.Key.Key_E)
    dialog = form(trained)
    assert "before batch 3" in dialog.text.text() and "main" in dialog.text.text()
    # Before there are gradients, the largest weight: on that one much hangs.
    weights = np.abs(layer_of(before, "Affine1").before["W"])
    cell = ", ".join(map(str, np.unravel_index(weights.argmax(), weights.shape)))
    assert [line.text() for line in dialog.lines] == ["Affine1.W", cell, "0"]
    fill(dialog.lines[1], "300, 7")
    old = parameters(trained)["Affine1.W"][300, 7]
    assert f"{abs(old):.4f}"[:4] in dialog.said.text() and "→ 0" in dialog.said.text()
    fill(dialog.lines[2], "+= 0.25")
    accept(trained, qtbot, settled)
    after = trained.snapshot
    assert after.position == before.position == Position(3, 9)
    assert [one.name for one in after.branches] == ["main", "Affine1.W[300, 7] += 0.25"]
    assert parameters(trained)["Affine1.W"][300, 7] == old + np.float32(0.25)
    assert after.branches[0].reach == 6, "main stays as it is"


def test_the_form_says_what_cannot_be_done_as_it_is_typed(trained):
    QTest.keyClick(trained, Qt.Key.Key_E)
    dialog = form(trained)
    go_on = next(b for b in dialog.findChildren(QPushButton) if b.text() == "Continue from here")
    for line, bad, said in (
        (1, "900, 7", "which is 784 × 50"),
        (1, "a, b", "such as 300, 7"),
        (2, "much", "0.5, or += 0.1"),
        (0, "Affine9.W", "one of Affine1.W"),
    ):
        good = dialog.lines[line].text()
        fill(dialog.lines[line], bad)
        assert said in dialog.said.text() and not go_on.isEnabled()
        fill(dialog.lines[line], good)
        assert go_on.isEnabled()
    fill(dialog.lines[1], ":, 3")
    assert dialog.said.text() == "784 cells of Affine1.W"


def test_the_parameter_and_cell_of_the_tensor_panel_are_offered(trained, qtbot, settled):
    trained.docks["tensor"].raise_()
    trained.tensor.choose("self.b")
    qtbot.waitUntil(trained.tensor.canvas.isVisible)
    trained.tensor.canvas.setFocus()
    for _ in range(3):
        QTest.keyClick(trained.tensor.canvas, Qt.Key.Key_Right)
    QTest.keyClick(trained, Qt.Key.Key_E)
    layer = trained.snapshot.event.layer
    assert [line.text() for line in form(trained).lines][:2] == [f"{layer}.b", "2"]


def entries_at_the_middle(window) -> dict[str, QAction]:
    """The menu of the cell in the middle of the map, as a click with the right button opens it."""
    canvas = window.tensor.canvas
    place = canvas.rect().center()
    QTest.mouseMove(canvas, place)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas, QContextMenuEvent(reason, place, canvas.mapToGlobal(place)))
    menus = window.findChildren(QMenu, "questions_menu")
    found = {}
    for menu in [menu for menu in menus if menu.isVisible()]:
        menu.close()
        found.update({action.text(): action for action in menu.actions()})
    return found


def test_a_right_click_on_a_cell_of_a_parameter_offers_to_change_it(trained, qtbot):
    trained.docks["tensor"].raise_()
    trained.tensor.choose("self.W")
    qtbot.waitUntil(trained.tensor.canvas.isVisible)
    entries = entries_at_the_middle(trained)
    entries["Change this value…"].trigger()
    parameter, cell = (line.text() for line in form(trained).lines[:2])
    assert f"{parameter}[{cell}]" == next(iter(entries)) and parameter.endswith(".W")


@pytest.mark.parametrize("name", ["x", "x @ self.W"])
def test_an_array_that_is_no_parameter_has_no_such_entry(trained, qtbot, name):
    trained.docks["tensor"].raise_()
    trained.tensor.choose(name if name == "x" else None)
    qtbot.waitUntil(trained.tensor.canvas.isVisible)
    assert "Change this value…" not in entries_at_the_middle(trained)


def test_a_unit_is_silenced(trained, qtbot, settled):
    trained.actions_by_id["silence_unit"].trigger()
    assert [line.text() for line in form(trained).lines] == ["Sigmoid1", "0"]
    fill(form(trained).lines[1], "50")
    assert "0 to 49" in form(trained).said.text()
    fill(form(trained).lines[1], "49")
    accept(trained, qtbot, settled)
    assert [layer.kind for layer in trained.snapshot.layers][:3] == ["Affine", "Sigmoid", "Silence"]
    assert trained.snapshot.branches[1].edits == ("Sigmoid1 unit 49 silenced",)


def test_rate_optimizer_and_order_each_make_a_branch(trained, qtbot, settled):
    for id, text, line in (
        ("what_if_rate", "0.25", 0), ("what_if_optimizer", "0.01", 1), ("what_if_seed", "7", 0),
    ):  # fmt: skip
        trained.actions_by_id[id].trigger()
        fill(form(trained).lines[line], text)
        accept(trained, qtbot, settled)
    names = [one.name for one in trained.snapshot.branches]
    assert names == ["main", "learning rate 0.25", "Momentum 0.01", "seed 7"]
    setup = trained.snapshot.setup
    assert (setup.optimizer, setup.learning_rate) == ("Momentum", 0.01)


def test_a_branch_is_made_with_a_name_and_a_note_and_undone(trained, qtbot, settled):
    trained.docks["branches"].raise_()
    qtbot.waitUntil(trained.branches.begin.isVisible)
    qtbot.mouseClick(trained.branches.begin, Qt.MouseButton.LeftButton)
    fill(form(trained).lines[0], "main")
    assert "no other branch has" in form(trained).said.text()
    fill(form(trained).lines[0], "a try")
    fill(form(trained).lines[1], "just so")
    accept(trained, qtbot, settled)
    made = trained.snapshot.branches[1]
    assert (made.name, made.note, made.current, made.batch) == ("a try", "just so", True, 3)
    QTest.keyClick(trained, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(trained)
    assert len(trained.snapshot.branches) == 1
    qtbot.waitUntil(trained.branches.begin.isVisible)


def test_the_window_says_on_which_branch_it_is_while_there_are_several(branched, settled):
    name = "Affine1.W[300, 7] = 0.5"
    assert branched.windowTitle() == f"{name} — Retrograd"
    assert name in branched.top.chip.toolTip()
    branched.bridge.switch(0)
    settled(branched)
    assert branched.windowTitle() == "main — Retrograd"
    branched.bridge.undo()
    settled(branched)
    assert branched.windowTitle() == "Retrograd"
    assert "branch" not in branched.top.chip.toolTip()


def test_names_and_notes_are_edited_branches_switched_and_removed(branched, qtbot, settled):
    tree = branched.branches.tree
    active(branched, qtbot)
    tree.setFocus()
    tree.setCurrentItem(tree._items()[1])
    QTest.keyClick(tree, Qt.Key.Key_F2)
    line = next(line for line in tree.findChildren(QLineEdit) if line.isVisible())
    fill(line, "half")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: branched.snapshot.branches[1].name == "half")
    settled(branched)
    assert branched.snapshot.branches[1].current  # Enter has ended the editing, and no more
    tree.setCurrentItem(tree._items()[0])
    QTest.keyClick(tree, Qt.Key.Key_Return)
    settled(branched)
    assert branched.snapshot.branches[0].current
    qtbot.waitUntil(lambda: tree._items()[0].font(NAME).bold())
    tree.setFocus()
    tree.setCurrentItem(tree._items()[1])
    QTest.keyClick(tree, Qt.Key.Key_Delete)
    settled(branched)
    assert [one.name for one in branched.snapshot.branches] == ["main"]
    QTest.keyClick(branched, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(branched)
    assert [one.name for one in branched.snapshot.branches] == ["main", "half"]


def test_two_branches_are_compared_and_the_first_difference_gone_to(branched, qtbot, settled):
    view = branched.branches
    view.tree.setCurrentItem(view.tree._items()[0])
    home = branched.snapshot.position
    qtbot.mouseClick(view.buttons.compare, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.pane.comparison is not None and not branched.bridge.busy)
    assert branched.snapshot.position == home and branched.snapshot.branches[1].current
    comparison = view.pane.comparison
    said = view.pane._sentence_label.text()
    assert comparison.first is not None and comparison.batch == 6
    assert f"They differ first at batch 3, stop {comparison.first.position.event}" in said
    assert "Affine1.forward (layers.py:" in said
    assert "Forward" in branched.top.chip.text(), "the chip says where the cursor is again"
    qtbot.waitUntil(view.pane._go.isVisible)
    qtbot.mouseClick(view.pane._go, Qt.MouseButton.LeftButton)
    settled(branched)
    assert branched.snapshot.position == comparison.first.position
    assert branched.snapshot.branches[1].current


def test_a_curve_grows_while_its_branch_trains(branched, qtbot, settled):
    branched.bridge.train(40)
    settled(branched)
    curve = branched.branches._plots._curves[1]
    qtbot.waitUntil(lambda: curve.line.getData()[0][-1] == branched.snapshot.history.reach - 1)


def test_a_click_in_the_curves_travels_on_the_present_branch(branched, qtbot, settled):
    branched.branches.batch_chosen.emit(4)
    settled(branched)
    assert branched.snapshot.position == Position(4, 0) and branched.snapshot.branches[1].current


def test_what_cannot_be_done_on_the_session_is_said(branched, qtbot, settled, monkeypatch):
    said = []
    monkeypatch.setattr(branched.messages, "show_error", said.append)
    branched.bridge.failed.disconnect()
    branched.bridge.failed.connect(said.append)
    branched.branches.remove_asked.emit(0)
    settled(branched)
    assert "another one than the first" in str(said[0])


def test_another_run_has_no_comparison(branched, settled):
    branched.branches.compare_asked.emit(0, 1)
    settled(branched)
    assert branched.branches.pane.comparison is not None
    branched.bridge.open(make_session)
    settled(branched)
    assert branched.branches.pane.comparison is None
    assert branched.windowTitle() == "Retrograd"


def test_the_menu_of_the_network_has_the_questions(window):
    menu = window.top.findChild(QMenu, "what_if_menu") or window.findChild(QMenu, "what_if_menu")
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == [
        "Change a value…", "Silence a unit…", "Another learning rate from here…",
        "Another optimizer from here…", "Another order of the samples from here…",
        "New branch here…",
    ]  # fmt: skip
