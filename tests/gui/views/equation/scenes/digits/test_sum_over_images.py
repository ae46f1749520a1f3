"""The scene "Sum over images": one weight of a hidden layer, or one bias."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt

from engine.debug.explain.operation_stops import operation_stops
from engine.debug.reach.placeholders import faded
from gui.look.theme import DARK, LIGHT
from gui.views.equation.scenes.digits import curve
from gui.views.equation.scenes.digits.cell_numbers import CellSum, cell_sums
from gui.views.equation.scenes.digits.sum_over_images import SumOverImages
from gui.views.equation.scenes.table import scene_of
from gui.widgets.chosen_cell import ChosenCell
from tests.gui.views.equation.scenes.digits.moments import DB, session_of, stop, with_values


@pytest.fixture
def scene(qtbot):
    scene = SumOverImages(DARK)
    qtbot.addWidget(scene)
    scene.resize(1078, 345)
    scene.show_snapshot(stop(layer="Affine2"), None)
    with qtbot.waitExposed(scene):
        scene.show()
    return scene


@pytest.mark.parametrize("preset", ["784-50-10", "784-10", "784-100-50-10", "16-4-3"])
def test_it_fits_the_other_gradients_of_weights_and_all_of_biases(preset):
    session = session_of(preset)
    session.goto(batch=1)
    found, expected = [], []
    for event in operation_stops(session.trace):
        session.goto(batch=1, event=event)
        snapshot = session.snapshot()
        if scene_of(snapshot) is SumOverImages:
            found.append(f"{snapshot.event.layer}.{snapshot.operation.name}")
    for layer in reversed(session.snapshot().layers):
        for name in layer.parameters:
            if (layer.name, name) != ("Affine1", "W"):
                expected.append(f"{layer.name}.self.d{name}")
    assert found == expected


@pytest.mark.parametrize("batch_size", [None, 1])
@pytest.mark.parametrize("source", ["self.x.T @ dout", DB])
def test_every_number_is_the_sum_of_what_the_images_add(source, batch_size):
    sums = cell_sums(stop(source, "Affine2", "16-4-3", batch_size))
    assert sums is not None
    near = 1e-6 * float(np.abs(sums.result).max())
    for index in np.ndindex(sums.result.shape):
        total = CellSum(sums, index)
        expected = 0.0
        assert (np.diff(np.abs(total.weights[total.order])) <= 0).all()
        for count, row in enumerate(total.order, start=1):
            given = 1.0 if sums.inputs is None else float(sums.inputs[row, index[0]])
            expected += given * float(sums.factors[row, index[-1]])
            assert total.after(count) == pytest.approx(expected, abs=near)
        assert total.after(len(total)) == float(sums.result[index])


def test_the_numbers_on_the_screen_follow_the_arrays(scene):
    snapshot = stop(layer="Affine2")
    left, right = (operand.value.copy() for operand in snapshot.operation.operands)
    left[7, 31], right[31, 4] = 2.5, -0.5
    result = left @ right
    result[7, 4] = -9.0
    scene.show_snapshot(with_values(snapshot, left, right, result=result), None)
    assert scene.cell_sum.index == (7, 4)
    assert scene.cell_sum.order[0] == 31
    told = scene.accessibleDescription()
    assert "has the largest number in dW" in told and "image 31, −1.25." in told
    assert told.endswith("self.dW[7, 4], after 100: −9.00, raise.")


@pytest.mark.parametrize(
    ("number", "asked"), [(9.0, {"↓ lower"}), (-9.0, {"↑ raise"}), (0.0, set())]
)
def test_below_the_curve_stands_what_the_whole_sum_asks(scene, monkeypatch, number, asked):
    snapshot = stop(layer="Affine2")
    result = np.zeros_like(snapshot.operation.result)
    result[7, 4] = number
    painted: set[str] = set()
    monkeypatch.setattr(curve, "draw_text", lambda _, rect, text, *__: painted.add(text))
    scene.show_snapshot(with_values(snapshot, None, None, result=result), None)
    scene.grab()
    assert painted & {"↓ lower", "↑ raise"} == asked


def test_the_scrubber_and_the_mouse_tell_the_sum_and_what_an_image_adds(scene, qtbot):
    total = scene.cell_sum
    scene.scrubber.setValue(3)
    assert "sum so far, after 3" in scene.accessibleDescription()
    assert scene._telling().number() == pytest.approx(total.weights[total.order[:3]].sum())
    place = scene.room.digit_rect(scene.room.columns[0]).center().toPoint()
    qtbot.mouseMove(scene, place)
    verb = "lowers" if total.weight(0) > 0 else "raises"
    told = f"Image {total.order[0]} alone {verb} this weight"
    assert scene.accessibleDescription().startswith(told)
    with qtbot.waitSignal(scene.sample_pinned) as pinned:
        qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=place)
    assert pinned.args == [int(stop(layer="Affine2").minibatch.indices[total.order[0]])]


def test_input_and_unit_are_chosen_and_told(scene, qtbot):
    before = scene.cell_sum.index
    with qtbot.waitSignal(scene.cell_chosen) as chosen:
        qtbot.keyClick(scene.inputs, Qt.Key.Key_Up)
    assert chosen.args[0].name == "Affine2.dW"
    assert chosen.args[0].index == (before[0] - 1, before[1]) == scene.cell_sum.index
    scene.chosen_cell = ChosenCell("Affine2.W", (3, 5))
    scene.show_snapshot(stop(layer="Affine2"), None)
    assert (scene.inputs.currentIndex(), scene.units.currentIndex()) == (3, 5)
    scene.chosen_cell = None
    scene.show_snapshot(stop(DB, "Affine2"), None)
    assert scene.inputs.isHidden()
    assert len(scene.cell_sum.index) == 1
    with qtbot.waitSignal(scene.cell_chosen) as chosen:
        qtbot.keyClick(scene.units, Qt.Key.Key_Home)
    assert chosen.args[0].name == "Affine2.db" and chosen.args[0].index == (0,)


def test_the_tab_key_goes_from_the_choosers_to_the_scrubber(scene, qtbot):
    scene.inputs.setFocus()
    for widget in (scene.units, scene.scrubber):
        qtbot.keyClick(scene.focusWidget(), Qt.Key.Key_Tab)
        assert scene.focusWidget() is widget


def test_a_sum_of_zeros_says_why(scene):
    snapshot = stop(layer="Affine2")
    left, right = (operand.value for operand in snapshot.operation.operands)
    zeros = np.zeros_like(snapshot.operation.result)
    scene.show_snapshot(with_values(snapshot, None, np.zeros_like(right), result=zeros), None)
    assert scene.accessibleDescription().startswith("dout is 0 for every image.")
    assert not scene.grab().isNull()
    scene.show_snapshot(with_values(snapshot, np.zeros_like(left), None, result=zeros.copy()), None)
    assert "so every product is 0" in scene.accessibleDescription()


def test_nothing_is_claimed_where_rows_may_not_be_images():
    snapshot = stop(layer="Affine2")
    event = replace(snapshot.event, file="/other/net.py")
    assert cell_sums(replace(snapshot, event=event)) is None
    layers = tuple(replace(layer, in_shape=(50, 50)) for layer in snapshot.layers)
    assert cell_sums(replace(snapshot, layers=layers)) is None
    left, right = (operand.value for operand in snapshot.operation.operands)
    assert cell_sums(with_values(snapshot, faded(left), right)) is None
    assert cell_sums(stop()) is None


@pytest.mark.parametrize("source", ["self.x.T @ dout", DB])
@pytest.mark.parametrize(
    ("preset", "size"), [("16-4-3", None), ("784-50-10", 1), ("784-50-10", 10_000)]
)
def test_any_number_of_images_is_drawn(qtbot, source, preset, size):
    scene = SumOverImages(LIGHT)
    qtbot.addWidget(scene)
    scene.resize(600, 190)
    scene.show_snapshot(stop(source, "Affine2", preset, size), 0)
    for added in (1, len(scene.cell_sum) // 2 + 1, len(scene.cell_sum)):
        scene.scrubber.setValue(added)
        assert not scene.grab().isNull()
    table = scene.tables()[0]
    assert table.values[-1, -1] == pytest.approx(scene.cell_sum.result, rel=1e-3, abs=1e-8)


def test_nan_is_drawn_and_told(scene):
    snapshot = stop(layer="Affine2")
    right = snapshot.operation.operands[1].value.copy()
    right[:] = np.nan
    result = np.full_like(snapshot.operation.result, np.nan)
    scene.show_snapshot(with_values(snapshot, None, right, result=result), None)
    assert "after 100: NaN" in scene.accessibleDescription()
    assert not scene.grab().isNull()
