"""Who wrote this, who reads it next, what changed it last: asked by keys and by the mouse."""

from __future__ import annotations

from itertools import pairwise
from time import sleep

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QPushButton

from engine.debug.events import Position
from gui.dialogs.dialog import ErrorDialog, MessageDialog
from gui.dialogs.form_dialog import FormDialog

pytestmark = pytest.mark.slow

SHIFT = Qt.KeyboardModifier.ShiftModifier


def visible(window, kind):
    return [one for one in window.findChildren(kind) if one.isVisible()]


def press(window, settled, key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(window, key, modifier)
    settled(window)


def go_to_source(window, settled, source: str, layer: str) -> None:
    """Step on to an expression of a layer."""
    for _ in range(200):
        event = window.snapshot.event
        if event.source == source and event.layer == layer:
            return
        press(window, settled, Qt.Key.Key_S)
    raise AssertionError(source)


def row_of(window, name: str):
    model, rows = window.variables._model, window.variables._rows
    node = next(n for n in model._nodes if n.name == name)
    index = model.index_of(node.key)
    rows.scrollTo(index)
    return rows, index


def click_variable(window, settled, name: str) -> None:
    rows, index = row_of(window, name)
    place = rows.visualRect(index).center()
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settled(window)
    window.setFocus()


def right_click(widget, place: QPoint) -> None:
    """As the platform does it: the mouse, and then the wish for a menu."""
    QTest.mouseMove(widget, place)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(widget, QContextMenuEvent(reason, place, widget.mapToGlobal(place)))


def menu_of(window) -> dict[str, object]:
    (menu,) = [m for m in visible(window, QMenu) if m.objectName() == "questions_menu"]
    return {action.text(): action for action in menu.actions() if action.text()}


@pytest.fixture
def trained(window, qtbot, settled):
    """Six batches have run, and the cursor is at the product of the second layer in the sixth."""
    window.resize(1366, 768)
    window.bridge.train(6)
    qtbot.waitUntil(lambda: not window.bridge.busy, timeout=20_000)
    window.bridge.goto(Position(5, 0))
    settled(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.setFocus()
    go_to_source(window, settled, "x @ self.W", "Affine2")
    return window


def test_w_leads_to_the_update_of_the_batch_before_and_on(trained, qtbot, settled):
    click_variable(trained, settled, "self.W")
    trained.docks["tensor"].raise_()
    qtbot.waitUntil(trained.tensor.isVisible)
    press(trained, settled, Qt.Key.Key_W)
    first = trained.snapshot.position
    assert first.batch == 4
    assert trained.snapshot.operation.operands[0].text == "W"
    assert trained.snapshot.operation.result.shape == (50, 10)
    qtbot.waitUntil(trained.equation.isVisible)
    # Here `self.W` is not in sight, but what was asked about is known.
    press(trained, settled, Qt.Key.Key_W)
    assert trained.snapshot.position == (3, first.event)
    assert not visible(trained, MessageDialog) and not visible(trained, ErrorDialog)


def test_r_leads_to_the_next_reader(trained, settled):
    click_variable(trained, settled, "self.x")
    read = []
    for _ in range(2):
        press(trained, settled, Qt.Key.Key_R)
        read.append((trained.snapshot.event.layer, trained.snapshot.event.source))
    # The output of the sigmoid is kept by both layers; the later one goes back first.
    assert read == [("Affine2", "self.x.T"), ("Affine2", "self.x.T @ dout")]


def test_a_cell_of_the_tensor_has_a_menu(trained, qtbot, settled):
    click_variable(trained, settled, "self.W")
    trained.docks["tensor"].raise_()
    qtbot.waitUntil(trained.tensor.isVisible)
    canvas = trained.tensor.canvas
    x, y, width, height = canvas.grid.rect_of(7, 3)
    place = (canvas.area().topLeft().toPoint()) + QPoint(int(x + width / 2), int(y + height / 2))
    right_click(canvas, place)
    found = menu_of(trained)
    assert list(found) == [
        "Affine2.W[7, 3]", "Who wrote this?", "Who reads it next?", "Last change by more than…",
        "Change this value…",
    ]  # fmt: skip
    found["Last change by more than…"].trigger()
    (form,) = visible(trained, FormDialog)
    assert [line.text() for line in form.lines] == ["Affine2.W", "7, 3", "0"]
    QTest.keyClicks(form.lines[2], "x")
    assert not form._ok.isEnabled() and "a number from 0" in form.said.text()
    QTest.keyClick(form.lines[2], Qt.Key.Key_Backspace)
    QTest.keyClick(form.lines[2], Qt.Key.Key_Backspace)
    QTest.keyClicks(form.lines[2], "1e9")
    QTest.keyClick(form.lines[2], Qt.Key.Key_Return)
    settled(trained)
    (said,) = visible(trained, MessageDialog)
    assert "Affine2.W[7, 3] by more than 1e+09" in said.text.text()
    assert trained.snapshot.position.batch == 5


def test_a_row_of_the_variables_has_a_menu(trained, settled):
    rows, index = row_of(trained, "self.x")
    right_click(rows.viewport(), rows.visualRect(index).center())
    found = menu_of(trained)
    assert list(found) == ["Affine2.x", "Who wrote this?", "Who reads it next?"]
    found["Who wrote this?"].trigger()
    settled(trained)
    assert trained.snapshot.position.batch == 5
    assert trained.snapshot.event.source.startswith("if self.b is None")  # behind `self.x = x`
    (stored,) = [v for v in trained.snapshot.variables if v.name == "self.x"]
    assert stored.changed


def test_the_menu_key_opens_that_of_the_row_that_the_keys_are_at(trained, settled):
    rows, index = row_of(trained, "self.b")
    rows.setFocus()
    rows.setCurrentIndex(index)
    reason = QContextMenuEvent.Reason.Keyboard
    middle = rows.rect().center()
    QApplication.sendEvent(rows, QContextMenuEvent(reason, middle, rows.mapToGlobal(middle)))
    assert "Affine2.b" in menu_of(trained)
    (menu,) = [m for m in visible(trained, QMenu) if m.objectName() == "questions_menu"]
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    settled(trained)
    assert trained.snapshot.position.batch == 4
    assert trained.snapshot.operation.result.shape == (10,)


def test_the_row_that_has_the_keyboard_is_what_is_asked_about(trained, settled):
    click_variable(trained, settled, "self.x")
    rows, index = row_of(trained, "self.b")
    rows.setFocus()
    rows.setCurrentIndex(index)
    press(trained, settled, Qt.Key.Key_W)
    assert trained.snapshot.position.batch == 4
    assert trained.snapshot.operation.result.shape == (10,)


def test_the_last_change_is_found_by_its_size(trained, qtbot, settled):
    arrays = []
    for batch in range(6):
        trained.bridge.goto(Position(batch, 0))
        settled(trained)
        layer = next(la for la in trained.snapshot.layers if la.name == "Affine1")
        arrays.append(np.array(layer.parameters["W"]))
    moved = [float(np.abs(b[300] - a[300]).max()) for a, b in pairwise(arrays)]
    largest = int(np.argmax(moved))
    press(trained, settled, Qt.Key.Key_W, SHIFT)
    (form,) = visible(trained, FormDialog)
    wanted = ("Affine1.W", "300", f"{0.999 * moved[largest]}")
    for line, text in zip(form.lines, wanted, strict=True):
        line.selectAll()
        QTest.keyClicks(line, text)
    QTest.keyClick(form.lines[0], Qt.Key.Key_Return)
    settled(trained)
    assert trained.snapshot.position.batch == largest
    assert trained.snapshot.operation.result.shape == (784, 50)


def ask_last_change(window, settled, *wanted: str) -> MessageDialog:
    """Fill the form of Shift+W, and return what is said."""
    press(window, settled, Qt.Key.Key_W, SHIFT)
    (form,) = visible(window, FormDialog)
    for line, text in zip(form.lines, wanted, strict=True):
        line.selectAll()
        QTest.keyClicks(line, text)
        if not text:
            line.clear()
    QTest.keyClick(form.lines[0], Qt.Key.Key_Return)
    settled(window)
    (said,) = visible(window, MessageDialog)
    return said


def test_where_no_change_was_so_large_the_largest_is_said_and_gone_to(trained, settled):
    weights = []
    for batch in range(6):
        trained.bridge.goto(Position(batch, 0))
        settled(trained)
        layer = next(la for la in trained.snapshot.layers if la.name == "Affine1")
        weights.append(np.array(layer.parameters["W"])[300].astype(float))
    moved = [float(np.abs(after - before).max()) for before, after in pairwise(weights)]
    largest = int(np.argmax(moved))
    said = ask_last_change(trained, settled, "Affine1.W", "300", "1000")
    first, second = said.text.text().split("\n")
    assert first.endswith("has changed Affine1.W[300] by more than 1000.")
    assert second == f"The largest change was {moved[largest]:.4g}, in batch {largest}."
    (go,) = [b for b in said.findChildren(QPushButton) if b.text() == "Go there"]
    QTest.mouseClick(go, Qt.MouseButton.LeftButton)
    settled(trained)
    assert trained.snapshot.position.batch == largest
    assert trained.snapshot.operation.result.shape == (784, 50)
    assert not visible(trained, MessageDialog)


def test_before_the_first_batch_there_is_no_largest_change(trained, settled):
    trained.bridge.goto(Position(0, 0))
    settled(trained)
    said = ask_last_change(trained, settled, "Affine1.W", "", "0")
    assert said.text.text().endswith("No batch has run before it.")
    assert [b.text() for b in said.findChildren(QPushButton)] == ["Close"]


def test_what_has_no_answer_is_said(trained, qtbot, settled):
    trained.bridge.goto(Position(0, 0))
    settled(trained)
    go_to_source(trained, settled, "x @ self.W", "Affine1")
    click_variable(trained, settled, "self.W")
    press(trained, settled, Qt.Key.Key_W)
    (said,) = visible(trained, MessageDialog)
    assert said.text.text().startswith("Affine1.W was not written")
    assert trained.snapshot.event.source == "x @ self.W"
    said.reject()


def test_where_nothing_is_pointed_at_that_is_said(trained, settled):
    trained.tensor.choose(None)
    press(trained, settled, Qt.Key.Key_W)
    (said,) = visible(trained, MessageDialog)
    assert "Select a variable" in said.text.text()


def test_a_long_search_is_told_and_called_off(trained, qtbot, settled):
    """The window stays alive: what it says changes, and Pause ends the search."""
    seen = []
    trained.bridge.searched.connect(seen.append)
    trained.bridge.searched.connect(lambda _: trained.bridge.pause())

    def search(session, progress, cancel):
        batch = 0
        while not cancel():
            progress(batch := batch + 1)
            sleep(0.001)

    here = trained.snapshot.position
    trained.bridge.find(search)
    settled(trained)
    assert seen and trained.snapshot.position == here
    assert not visible(trained, MessageDialog)


def test_what_has_written_it_is_said(trained, settled):
    click_variable(trained, settled, "self.W")
    press(trained, settled, Qt.Key.Key_W)
    assert trained.notice.isVisible()
    assert trained.notice.text() == "Affine2.W was written by W -= self.lr * dW"
