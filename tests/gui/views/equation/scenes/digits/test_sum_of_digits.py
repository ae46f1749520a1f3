"""The scene "Sum of digits": what it says, its scrubber, its keys, and the mouse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.look.theme import DARK, LIGHT
from gui.look.type_scale import SCALE
from gui.views.equation.scenes.digits import paint
from gui.views.equation.scenes.digits.layout import Wanted, lay_out
from gui.views.equation.scenes.digits.paint import more_hidden
from gui.views.equation.scenes.digits.sum_of_digits import SumOfDigits
from gui.views.equation.scenes.digits.words import signed_text
from gui.views.equation.scenes.table import scene_of
from gui.views.equation.view import EquationView
from gui.widgets.chosen_cell import ChosenCell
from tests.gui.views.equation.scenes.digits.moments import stop, with_values


@pytest.fixture
def scene(qtbot):
    scene = SumOfDigits(DARK)
    qtbot.addWidget(scene)
    scene.resize(1078, 345)
    scene.show_snapshot(stop(), None)
    with qtbot.waitExposed(scene):
        scene.show()
    return scene


def column(scene, number: int) -> QPoint:
    """A place within a drawn image."""
    room = scene.room
    return room.digit_rect(room.columns[number]).center().toPoint()


def bar(scene, rank: int) -> QPoint:
    """A place on a bar of the scrubber, in the scrubber."""
    x = (scene.scrubber.x_after(rank) + scene.scrubber.x_after(rank + 1)) / 2
    return QPoint(round(x), scene.scrubber.height() // 2)


def test_it_is_offered_where_images_are_added_up(scene):
    assert scene_of(stop()) is SumOfDigits
    assert scene.name(stop()) == "Sum of digits"
    setup = replace(stop().setup, dataset="Clothes")
    assert scene.name(replace(stop(), setup=setup)) == "Sum of images"
    assert scene_of(stop(layer="Affine2")) is not SumOfDigits


def test_it_begins_with_the_unit_of_the_largest_number_and_with_all_images(scene):
    result = stop().operation.result
    unit = int(np.argmax(np.abs(result).max(axis=0)))
    assert scene.unit_sum.unit == unit == scene.units.currentIndex()
    assert scene.units.count() == result.shape[1]
    np.testing.assert_array_equal(scene.large, result[:, unit].reshape(28, 28))
    assert "has the largest number in dW" in scene.accessibleDescription()
    assert f"self.dW[:, {unit}], after 100" in scene.accessibleDescription()


def test_the_scrubber_adds_by_mouse_keys_and_wheel(scene, qtbot):
    total, scrubber = scene.unit_sum, scene.scrubber
    qtbot.mouseClick(scrubber, Qt.MouseButton.LeftButton, pos=bar(scene, 16))
    assert scrubber.value() == 17
    np.testing.assert_array_equal(scene.large.ravel(), total.after(17))
    assert "after 17" in scene.accessibleDescription()
    qtbot.keyClick(scrubber, Qt.Key.Key_Right)
    assert scrubber.value() == 18
    qtbot.keyClick(scrubber, Qt.Key.Key_Home)
    np.testing.assert_allclose(scene.large.ravel(), total.alone(0), rtol=1e-6)
    qtbot.keyClick(scrubber, Qt.Key.Key_End)
    np.testing.assert_array_equal(scene.large.ravel(), total.result)


def test_another_snapshot_of_the_same_stop_keeps_what_is_added(scene):
    scene.scrubber.setValue(17)
    result = stop().operation.result
    again = with_values(stop(), None, None, result=result.copy())
    scene.show_snapshot(again, None)
    assert scene.scrubber.value() == 17
    np.testing.assert_array_equal(scene.large.ravel(), scene.unit_sum.after(17))
    position = again.position._replace(batch=7)
    scene.show_snapshot(
        replace(with_values(again, None, None, result=result.copy()), position=position), None
    )
    assert scene.scrubber.value() == 100


def test_a_drag_follows_the_mouse(scene, qtbot):
    qtbot.mousePress(scene.scrubber, Qt.MouseButton.LeftButton, pos=bar(scene, 80))
    qtbot.mouseMove(scene.scrubber, bar(scene, 30))
    assert scene.scrubber.value() == 31
    qtbot.mouseRelease(scene.scrubber, Qt.MouseButton.LeftButton, pos=bar(scene, 30))
    # The sum stays while the mouse rests where the drag ended.
    qtbot.mouseMove(scene.scrubber, bar(scene, 30))
    np.testing.assert_array_equal(scene.large.ravel(), scene.unit_sum.after(31))
    qtbot.mouseMove(scene.scrubber, bar(scene, 50))
    np.testing.assert_array_equal(scene.large.ravel(), scene.unit_sum.alone(50))


@pytest.mark.parametrize("rank", [0, 4])
def test_a_digit_under_the_mouse_is_shown_alone(scene, qtbot, rank):
    total = scene.unit_sum
    qtbot.mouseMove(scene, column(scene, rank))
    np.testing.assert_array_equal(scene.large.ravel(), total.alone(rank))
    word = "lowers" if total.weight(rank) > 0 else "raises"
    told = f"Image {total.order[rank]} alone {word} the weights under its ink"
    assert told in scene.accessibleDescription()
    qtbot.mouseMove(scene, QPoint(2, 2))
    np.testing.assert_array_equal(scene.large.ravel(), total.result)


def test_a_click_pins_the_sample_and_a_second_one_releases_it(scene, qtbot):
    row = int(scene.unit_sum.order[2])
    sample = int(stop().minibatch.indices[row])
    with qtbot.waitSignal(scene.sample_pinned) as pinned:
        qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=column(scene, 2))
    assert pinned.args == [sample]
    scene.show_snapshot(stop(), row)
    with qtbot.waitSignal(scene.sample_pinned) as released:
        qtbot.mouseClick(scene, Qt.MouseButton.LeftButton, pos=column(scene, 2))
    assert released.args == [None]


def test_return_pins_the_image_that_was_added_last(scene, qtbot):
    scene.scrubber.setValue(60)
    row = int(scene.unit_sum.order[59])
    with qtbot.waitSignal(scene.sample_pinned) as pinned:
        qtbot.keyClick(scene.scrubber, Qt.Key.Key_Return)
    assert pinned.args == [int(stop().minibatch.indices[row])]


def test_a_unit_that_is_chosen_is_told_and_one_that_is_chosen_elsewhere_followed(scene, qtbot):
    with qtbot.waitSignal(scene.cell_chosen) as chosen:
        qtbot.keyClick(scene.units, Qt.Key.Key_Down)
    cell = chosen.args[0]
    unit = scene.unit_sum.unit
    assert cell.name == "Affine1.dW" and cell.index[1] == unit
    column_of = stop().operation.result[:, unit]
    assert abs(column_of[cell.index[0]]) == np.abs(column_of).max()
    assert "has numbers up to" in scene.accessibleDescription()
    scene.chosen_cell = ChosenCell("Affine1.W", (300, 7))
    scene.show_snapshot(stop(), None)
    assert scene.unit_sum.unit == 7 == scene.units.currentIndex()
    scene.chosen_cell = None
    with qtbot.waitSignal(scene.cell_chosen) as released:
        qtbot.keyClick(scene, Qt.Key.Key_Escape)
    assert released.args == [None]
    assert "has the largest number" in scene.accessibleDescription()


def test_a_unit_without_a_gradient_says_so(scene):
    right = np.zeros_like(stop().operation.operands[1].value)
    result = np.zeros_like(stop().operation.result)
    scene.show_snapshot(with_values(stop(), None, right, result=result), None)
    assert scene.accessibleDescription().startswith("dout is 0 for every image.")
    assert not scene.grab().isNull()


def test_numbers_that_are_not_finite_are_drawn(scene):
    right = stop().operation.operands[1].value.copy()
    right[5] = np.nan
    result = np.full_like(stop().operation.result, np.nan)
    scene.show_snapshot(with_values(stop(), None, right, result=result), None)
    scene.scrubber.setValue(1)
    assert np.isnan(scene.large).all()
    assert "NaN" in scene.accessibleDescription()
    assert not scene.grab().isNull()


@pytest.mark.parametrize(
    ("preset", "size"), [("16-4-3", None), ("784-50-10", 1), ("784-50-10", 10_000)]
)
def test_any_number_of_images_of_any_size(qtbot, preset, size):
    scene = SumOfDigits(LIGHT)
    qtbot.addWidget(scene)
    scene.resize(700, 200)
    snapshot = stop(preset=preset, batch_size=size)
    scene.show_snapshot(snapshot, 0)
    count = len(snapshot.minibatch.labels)
    assert scene.scrubber.maximum() == count
    for added in (1, count // 2 + 1, count):
        scene.scrubber.setValue(added)
        assert not scene.grab().isNull()
    push, whole = scene.tables()
    assert push.values.shape == (count, 4)
    np.testing.assert_array_equal(
        whole.values.ravel(), snapshot.operation.result[:, scene.unit_sum.unit]
    )


def test_the_result_has_the_colour_of_its_pass(scene):
    frame = scene.room.final.topLeft().toPoint() - QPoint(1, 1)

    def colour() -> str:
        return (
            scene.grab()
            .toImage()
            .convertToFormat(QImage.Format.Format_RGB32)
            .pixelColor(frame)
            .name()
        )

    assert colour() == DARK.backward
    scene.scrubber.setValue(50)
    assert colour() != DARK.backward
    scene.set_theme(LIGHT)
    scene.scrubber.setValue(100)
    assert colour() == LIGHT.backward


def test_the_ends_of_the_scale_say_what_they_ask_of_a_weight(scene, monkeypatch):
    painted: list[tuple[float, str]] = []
    monkeypatch.setattr(
        paint, "draw_text", lambda _, rect, text, *__: painted.append((rect.top(), text))
    )
    scene.grab()
    below = [text for top, text in painted if top > scene.room.colour_bar.top()]
    assert "↑ raise" in below and "↓ lower" in below
    painted.clear()
    monkeypatch.setattr(scene, "_layout", replace(scene.room, asks=None))
    scene.grab()
    assert "↓ lower" not in [text for _, text in painted]


@pytest.mark.parametrize("factor", [1.0, 1.15, 1.5, 1.92])
@pytest.mark.parametrize("count", [1, 6, 100])
@pytest.mark.parametrize("image", [(28, 28), (4, 4), (8, 40)])
@pytest.mark.parametrize("size", [SumOfDigits.least, (848, 229), (1078, 276), (2106, 727)])
def test_nothing_covers_anything_else(factor, count, image, size):
    width, height = (max(a, b * factor) for a, b in zip(size, SumOfDigits.least, strict=True))
    wanted = Wanted(count, image, 110 * factor, 70 * factor, 90 * factor, True)
    room = lay_out(width, height, wanted, factor)
    lefts = (*room.columns, *(() if room.aside is None else (room.aside,)))
    assert 1 <= len(room.columns) <= count
    assert lefts[0] >= room.names.right()
    assert lefts[-1] + room.pitch <= room.final.left()
    below = room.number if room.asks is None else room.asks
    below = below if room.after is None else room.after
    assert below + 17 * factor <= room.scrubber.top() + 1
    assert room.scrubber.bottom() <= height
    assert room.final.right() <= width and room.colour_bar.bottom() + 18 * factor <= height
    assert room.digit_rect(lefts[0]).right() <= lefts[0] + room.pitch
    if room.side[0] >= image[1]:
        assert room.side[0] % image[1] == 0 == room.side[1] % image[0]


@pytest.fixture
def panel(qtbot):
    view = EquationView(DARK)
    qtbot.addWidget(view)
    title = QWidget()  # in the window the controls stand in the panel's title row
    qtbot.addWidget(title)
    row = QHBoxLayout(title)
    for control in view.title_widgets():
        row.addWidget(control)
    view.resize(900, 330)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    title.deleteLater()


def test_the_panel_shows_it_and_hands_the_chosen_cell_on(panel):
    assert SCALE.factor == 1.0
    panel.chosen_cell = ChosenCell("Affine1.dW", (300, 9))
    panel.show_snapshot(stop())
    assert isinstance(panel.scenes.scene, SumOfDigits) and panel.scenes.isVisible()
    assert panel.scenes.scene.unit_sum.unit == 9
    assert panel.tables()[1].name == "self.dW[:, 9]"


def test_the_way_to_the_pictures_is_open_from_a_scene(panel):
    panel.choose_scene(False)
    panel.show_snapshot(stop(layer="Affine2"))
    pictures = panel._mode.button(1)
    assert not pictures.isEnabled() and not panel.chip.isHidden()
    panel.choose_scene(True)
    panel.show_snapshot(stop())
    assert pictures.isEnabled() and panel.chip.isHidden()
    pictures.click()
    assert panel.canvas.isVisible() and not panel.scenes.isVisible()
    assert panel.canvas.picture.mode_possible and not panel.chip.isHidden()


@pytest.mark.parametrize(
    ("shown", "added", "aside", "hidden"), [(7, 23, 22, 15), (7, 100, None, 93), (7, 8, 7, 0)]
)
def test_those_that_are_drawn_and_those_that_are_not_add_up(shown, added, aside, hidden):
    assert more_hidden(shown, added, aside) == hidden


def test_a_pixel_of_the_large_picture_tells_its_number(scene):
    final = scene.room.final
    side = final.width() / 28
    place = QPointF(final.left() + 17.5 * side, final.top() + 13.5 * side)
    number = scene.large[13, 17]
    assert scene.pixel_text(place) == f"pixel {13 * 28 + 17}: {signed_text(float(number))}"
    assert scene.pixel_text(final.topLeft() - QPointF(5, 0)) == ""
    assert scene.pixel_text(final.bottomRight() - QPointF(0.1, 0.1)).startswith("pixel 783:")
