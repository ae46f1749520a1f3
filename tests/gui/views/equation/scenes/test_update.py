"""The scene of the update: its arithmetic follows the arrays, for any optimizer and shape."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.debug.events import Phase
from engine.options import Options, build_session
from gui.look.theme import DARK
from gui.views.equation.scenes.update import UpdateScene
from gui.views.equation.scenes.update_parts import step_of
from gui.views.equation.view import EquationView
from gui.widgets.chosen_cell import ChosenCell


@pytest.fixture(scope="module")
def session():
    session = build_session(Options())
    session.run(1)
    return session


def at(session, source, number=0):
    session.goto(1)
    found = []
    for event in session.snapshot().operation_stops:
        session.goto(1, event)
        snapshot = session.snapshot()
        if snapshot.operation is not None and snapshot.operation.source == source:
            found.append(snapshot)
    return found[number]


@pytest.fixture
def scene(qtbot):
    scene = UpdateScene(DARK)
    qtbot.addWidget(scene)
    scene.resize(1070, 300)
    with qtbot.waitExposed(scene):
        scene.show()
    return scene


def with_result(snapshot, **changes):
    return replace(snapshot, operation=replace(snapshot.operation, **changes))


def test_it_shows_the_unit_with_the_largest_step(scene, session):
    snapshot = at(session, "W -= self.lr * dW")
    scene.show_snapshot(snapshot, None)
    step = snapshot.operation.operands[1].value
    pixel, unit = np.unravel_index(np.abs(step).argmax(), step.shape)
    assert scene.box.currentIndex() == unit
    assert f"W[{pixel}, {unit}]" in scene.accessibleDescription()
    assert scene.tables()[0].values.shape == (28, 28)


@pytest.mark.parametrize("width, hints", [(1070, True), (720, False)])
def test_the_sentence_above_is_not_cut(scene, session, monkeypatch, width, hints):
    scene.resize(width, 300)
    scene.show_snapshot(at(session, "W -= self.lr * dW"), None)
    drawn = []

    def draw(painter, area, text, face, *rest):
        drawn.append((text, face.width(text) <= area.width() + 1))

    monkeypatch.setattr("gui.views.equation.scenes.framed.draw_text", draw)
    monkeypatch.setattr("gui.views.equation.scenes.framed.title", lambda *of: None)
    scene.grab()
    monkeypatch.undo()
    (largest,) = (whole for text, whole in drawn if "has the largest step of" in text)
    hint = [whole for text, whole in drawn if "Choose another" in text]
    assert largest and hint == [True] * hints


def test_the_smallest_images_are_units_with_a_number_in_each_cell(scene, monkeypatch):
    tiny = build_session(Options(network="16-4-3"))
    tiny.run(1)
    snapshot = at(tiny, "W -= self.lr * dW")
    scene.resize(1078, 250)
    scene.show_snapshot(snapshot, None)
    assert scene.box.count() == 4 and scene.tables()[0].values.shape == (4, 4)
    written = []
    painted = "gui.paint.cell_numbers.draw_text"
    monkeypatch.setattr(painted, lambda p, area, text, *rest: written.append(text))
    scene.grab()
    assert len(written) == 3 * 16 and all(written)


def test_the_arithmetic_follows_the_arrays(scene, session):
    snapshot = at(session, "W -= self.lr * dW")
    before = np.full((784, 50), 0.5, np.float32)
    step = np.zeros((784, 50), np.float32)
    step[300, 7] = 0.125
    left, right = snapshot.operation.operands
    operands = (replace(left, value=before), replace(right, value=step))
    scene.show_snapshot(with_result(snapshot, operands=operands, result=before - step), None)
    words = scene.accessibleDescription()
    assert "W[300, 7]" in words
    assert "before 0.500" in words
    assert "0.125" in words
    assert "after 0.375" in words
    assert "1 of 784 have changed" in words


@pytest.mark.parametrize("source", ["W -= self.lr * dW", "self.lr * dW"])
def test_the_chosen_cell_of_all_panels_comes_first(scene, session, source):
    snapshot = at(session, source)
    told = []
    scene.cell_chosen.connect(told.append)
    scene.chosen_cell = ChosenCell("Affine1.W", (300, 7))
    scene.show_snapshot(snapshot, None)
    assert scene.cell(snapshot) == (300, 7) and scene.box.currentIndex() == 7
    assert "[300, 7]" in scene.accessibleDescription()
    assert scene.tables()[0].values.shape == (28, 28) and told == []
    scene.chosen_cell = ChosenCell("Affine2.W", (3, 7))
    scene.show_snapshot(snapshot, None)
    step = np.abs(step_of(snapshot).moved)
    assert step[scene.cell(snapshot)] == step.max()  # a cell of another array is not in this one


def test_the_chosen_cell_of_a_bias_is_told_among_its_bars(scene, session):
    snapshot = at(session, "W -= self.lr * dW", 1)
    scene.chosen_cell = ChosenCell("Affine1.b", (4,))
    scene.show_snapshot(snapshot, None)
    assert scene.cell(snapshot) == (4,) and "W[4]" in scene.accessibleDescription()


def test_a_weight_that_is_picked_here_moves_the_chosen_cell(scene, session, qtbot):
    snapshot = at(session, "W -= self.lr * dW")
    told = []
    scene.cell_chosen.connect(told.append)
    scene.show_snapshot(snapshot, None)
    qtbot.keyClick(scene, Qt.Key.Key_Down)
    assert told == []  # no cell is chosen: this is about the scene alone
    scene.chosen_cell = ChosenCell("Affine1.W", (300, 7))
    scene.show_snapshot(snapshot, None)
    qtbot.keyClick(scene, Qt.Key.Key_Right)
    assert told == [ChosenCell("Affine1.W", (301, 7))]


def test_the_factors_are_said_where_their_product_is_the_step(scene, session):
    snapshot = at(session, "W -= self.lr * dW")
    scene.show_snapshot(snapshot, None)
    assert "0.5 × " in scene.accessibleDescription()
    left, right = snapshot.operation.operands
    other = replace(right, value=right.value * np.float32(3))
    scene.show_snapshot(with_result(snapshot, operands=(left, other)), None)
    assert "0.5 × " not in scene.accessibleDescription()


def test_red_lowers_where_the_step_is_taken_off(scene, session):
    scene.show_snapshot(at(session, "W -= self.lr * dW"), None)
    assert scene._card.red == "this number goes down"
    scene.show_snapshot(at(session, "self.lr * dW"), None)
    assert scene._card.red == "this number goes down"


def test_a_chosen_unit_stays_and_the_keys_move_the_weight(scene, session, qtbot):
    snapshot = at(session, "W -= self.lr * dW")
    scene.show_snapshot(snapshot, None)
    scene.box.setFocus()
    qtbot.keyClick(scene.box, Qt.Key.Key_Home)
    assert scene.box.currentIndex() == 0
    scene.box.activated.emit(0)
    scene.show_snapshot(snapshot, None)
    assert scene.box.currentIndex() == 0
    first = scene._cell
    scene.setFocus()
    qtbot.keyClick(scene, Qt.Key.Key_Down)
    qtbot.keyClick(scene, Qt.Key.Key_Up)
    qtbot.keyClick(scene, Qt.Key.Key_Right)
    assert scene._cell == (first[0] + 1, 0)


def test_a_click_on_a_bar_chooses_its_bias(scene, session, qtbot):
    scene.show_snapshot(at(session, "W -= self.lr * dW", 1), None)
    place = scene.places()[1]
    spot = place.topLeft().toPoint()
    spot.setX(round(place.left() + place.width() * 0.99))
    spot.setY(spot.y() + 20)
    qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=spot)
    assert scene._cell == (49,)


@pytest.mark.parametrize("optimizer", ["Momentum", "AdaGrad", "Adam"])
@pytest.mark.parametrize("network", ["16-4-3", "784-10"])
def test_every_step_of_every_optimizer_is_painted(scene, optimizer, network):
    session = build_session(Options(network=network, optimizer=optimizer))
    fitted = 0
    for event in session.snapshot().operation_stops:
        session.goto(0, event)
        snapshot = session.snapshot()
        if snapshot.event.phase is Phase.UPDATE and UpdateScene.fits(snapshot):
            scene.show_snapshot(snapshot, None)
            assert not scene.grab().isNull()
            for place in scene.places():
                assert place.left() >= 0
                assert place.right() <= scene.width()
            fitted += 1
    assert fitted >= 2


def test_unusual_arrays_do_not_raise(scene, session):
    snapshot = at(session, "W -= self.lr * dW")
    left, right = snapshot.operation.operands
    for fill in (np.nan, np.inf, 0.0):
        bad = np.full((784, 50), fill, np.float32)
        operands = (replace(left, value=bad), replace(right, value=bad))
        scene.show_snapshot(with_result(snapshot, operands=operands, result=bad), None)
        assert not scene.grab().isNull()
    kernel = np.ones((2, 3, 3, 3), np.float32)
    operands = (replace(left, value=kernel), replace(right, value=kernel))
    scene.show_snapshot(with_result(snapshot, operands=operands, result=kernel + 1), None)
    assert not scene.grab().isNull()


def test_it_fits_no_other_pass(session):
    assert step_of(at(session, "x @ self.W + self.b")) is None


def test_a_scene_comes_with_the_room_for_it(qtbot, session):
    view = EquationView(DARK)
    qtbot.addWidget(view)
    view.resize(1070, 120)
    with qtbot.waitExposed(view):
        view.show()
    view.show_snapshot(at(session, "W -= self.lr * dW"))
    assert not view.scenes.isVisible()
    view.resize(1070, 400)
    qtbot.waitUntil(view.scenes.isVisible)
    view.resize(1070, 120)
    qtbot.waitUntil(lambda: not view.scenes.isVisible())
