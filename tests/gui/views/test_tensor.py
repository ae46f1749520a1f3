"""The tensor view: what it follows, what it says of a cell, and how it is moved about in."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QComboBox, QLabel, QSpinBox, QToolButton

from engine.debug.events import Kind, Phase, Position
from engine.debug.snapshots.snapshot import Group, Setup, Variable
from gui.look.theme import DARK, LIGHT
from gui.paint.matrix import MatrixCanvas
from gui.views.tensor.array_table import ArrayTable
from gui.views.tensor.view import TensorView
from gui.widgets.colour_bar import ColourBar
from gui.widgets.empty import EmptyState
from tests.gui.snapshots import arrays, make_event, make_snapshot


@pytest.fixture
def view(qtbot):
    view = TensorView(DARK)
    controls = view.title_widgets()
    for widget in (view, *controls):
        qtbot.addWidget(widget)
    view.resize(842, 160)
    with qtbot.waitExposed(view):
        view.show()
    for widget in controls:
        widget.show()
    view.activateWindow()
    view.said = []
    view.subtitle_changed.connect(view.said.append)
    return view


def canvas(view) -> MatrixCanvas:
    return view.findChild(MatrixCanvas)


def mode(view, text: str) -> QToolButton:
    segments = view.title_widgets()[0]
    return next(b for b in segments.findChildren(QToolButton) if b.text() == text)


def with_variable(value, name="a", **overrides):
    """A snapshot before a line, with one variable in sight."""
    variables = (Variable(name, value, Group.LOCAL),)
    event = make_event(kind=Kind.LINE, value=None)
    return make_snapshot(event=event, variables=variables, **overrides)


def place_of(view, row: int, column: int) -> QPoint:
    where = canvas(view)
    x, y, width, height = where.grid.rect_of(row, column)
    return (where.area().topLeft() + QPointF(x + width / 2, y + height / 2)).toPoint()


# What is shown


def test_the_value_of_the_expression_is_shown_with_its_numbers(view):
    view.show_snapshot(make_snapshot())
    a = arrays().matmul
    assert view.said[-1].startswith("x @ self.W   100 × 50   float32   mean ")
    assert f"RMS {np.sqrt((a.astype(float) ** 2).mean()):.2f}" in view.said[-1]


def test_a_chosen_variable_stays_until_the_cursor_is_followed_again(view, qtbot):
    view.show_snapshot(make_snapshot())
    view.choose("self.W")
    assert "784 × 50" in view.said[-1]
    view.show_snapshot(make_snapshot())
    assert view.said[-1].startswith("self.W ")
    box = view.findChild(QComboBox)
    assert box.currentText() == "self.W"
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Home)
    box.activated.emit(box.currentIndex())
    assert view.said[-1].startswith("x @ self.W ")


def test_a_pinned_variable_is_let_go_by_the_link_beside_it(view, qtbot):
    told = []
    view.chosen_changed.connect(told.append)
    view.show_snapshot(make_snapshot())
    link = next(b for b in view.findChildren(QToolButton) if "follow the cursor" in b.text())
    assert not link.isVisible()
    view.choose("self.W")
    assert link.isVisible()
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert not link.isVisible()
    assert told == ["self.W", ""]
    assert view.said[-1].startswith("x @ self.W ")


def test_the_list_opens_at_the_way_back_and_offers_arrays(view, qtbot):
    many = [Variable(f"a{i}", np.ones(2), Group.LOCAL) for i in range(40)]
    words = Variable("word", "text", Group.LOCAL)
    view.choose("a39")
    view.show_snapshot(make_snapshot(variables=(words, *many)))
    box = view.findChild(QComboBox)
    names = [box.itemText(i) for i in range(box.count())]
    assert names == ["follows the cursor", *(f"a{i}" for i in range(40))]
    qtbot.mouseClick(box, Qt.MouseButton.LeftButton)
    first = box.view().visualRect(box.model().index(0, 0))
    assert box.view().isVisible() and box.view().viewport().rect().contains(first)
    box.hidePopup()


def test_a_variable_that_is_out_of_sight_says_so(view):
    view.choose("self.W")
    view.show_snapshot(make_snapshot(variables=()))
    empty = view.findChild(EmptyState)
    assert empty.isVisible()
    assert empty.accessibleName() == "self.W: not in scope here"


@pytest.mark.parametrize(
    ("value", "title", "text"),
    [
        (None, "self.b is None here", "It is drawn again where it is an array"),
        (0.25, "self.b is 0.25", "One number (float), no array."),
        (np.float32(0.5), "self.b is 0.5", "One number (float32), no array."),
        ("relu", "self.b is no array here: 'relu'", "It is drawn again"),
        ({"W": np.zeros(3)}, "self.b is no array here: dict of 1", "chosen in Variables"),
        (np.zeros((0, 3)), "self.b is an array of 0 × 3", "no numbers to draw (float64)"),
        (np.array(["a"]), "self.b is an array of 1", "no numbers to draw"),
    ],
)
def test_what_is_pinned_and_is_no_array_says_what_it_is(view, value, title, text):
    view.choose("self.b")
    view.show_snapshot(with_variable(value, "self.b"))
    empty = view.findChild(EmptyState)
    assert empty.isVisible()
    assert empty.accessibleName() == title
    assert text in empty.accessibleDescription()
    view.show_snapshot(with_variable(np.ones((2, 3)), "self.b"))
    assert view.canvas.isVisible() and not empty.isVisible()


def test_a_member_of_a_dictionary_or_a_list_is_shown_by_its_name(view, qtbot):
    said = []
    view.subtitle_changed.connect(said.append)
    v = {"Affine1.W": np.full((2, 3), 5.0), "more": [np.full((4, 1), 7.0)]}
    view.choose("self.v['Affine1.W']")
    view.show_snapshot(with_variable(v, "self.v"))
    assert "2 × 3" in said[-1]
    view.choose("self.v['more'][0]")
    assert "4 × 1" in said[-1]
    view.choose("self.v['gone']")
    assert view.findChild(EmptyState).accessibleName() == "self.v['gone']: not in scope here"


def test_before_a_line_what_the_last_one_has_set_is_shown(view):
    variables = (
        Variable("x", arrays().x, Group.LOCAL),
        Variable("self.b", arrays().b1, Group.ATTRIBUTE, changed=True),
    )
    event = make_event(kind=Kind.LINE, value=None)
    view.show_snapshot(make_snapshot(event=event, variables=variables))
    assert view.said[-1].startswith("self.b   50   ")


def test_where_no_array_is_in_sight_the_panel_says_why(view):
    view.show_snapshot(with_variable("text"))
    assert view.findChild(EmptyState).isVisible()


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        (Phase.FORWARD, "a layer's forward"),
        (Phase.BACKWARD, "a layer's backward"),
        (Phase.UPDATE, "the optimizer's loop"),
    ],
)
def test_the_way_to_an_array_is_that_of_the_pass(view, phase, words):
    event = make_event(kind=Kind.LINE, value=None, phase=phase)
    view.show_snapshot(make_snapshot(event=event, variables=()))
    assert words in view.findChild(EmptyState).accessibleDescription()


def test_a_number_at_the_cursor_leaves_the_last_array_dimmed(view):
    first = make_snapshot()
    loss = make_snapshot(variables=(Variable("loss", 1.30512, Group.CURSOR),))
    view.show_snapshot(loss)
    (empty,) = [one for one in view.findChildren(EmptyState) if one.isVisible()]
    assert empty.accessibleName() == "loss: 1.30512" and not view.past.isVisible()
    view.show_snapshot(first)
    before = canvas(view).grab().toImage()
    assert not view.past.isVisible()
    view.show_snapshot(loss)
    assert view.past.isVisible() and view.past.texts()[0] == "loss: 1.30512"
    assert f"x @ self.W, stop {first.position.event}" in view.past.texts()[1]
    assert canvas(view).isVisible() and canvas(view).grab().toImage() != before
    assert view.pointed() == ("", "")
    view.show_snapshot(first)
    assert not view.past.isVisible() and canvas(view).grab().toImage() == before


def test_a_dimmed_array_says_of_which_batch_it_is_and_goes_with_its_session(view):
    first = make_snapshot()
    view.show_snapshot(first)
    batch, event = first.position
    loss = (Variable("loss", 1.30512, Group.CURSOR),)
    later = make_snapshot(variables=loss, position=Position(batch + 1, 0))
    view.show_snapshot(later)
    assert view.past.texts()[1].endswith(f"x @ self.W, batch {batch}, stop {event}")
    other = first.identity._replace(session=first.identity.session + 1)
    view.show_snapshot(make_snapshot(variables=loss, identity=other))
    assert not view.past.isVisible() and not canvas(view).isVisible()


def test_what_tells_of_a_dimmed_array_goes_where_a_chosen_name_is_out_of_sight(view):
    view.show_snapshot(make_snapshot())
    view.show_snapshot(make_snapshot(variables=(Variable("loss", 1.30512, Group.CURSOR),)))
    assert view.past.isVisible()
    view.choose("gone")
    assert not view.past.isVisible()


def test_images_are_pictures_until_a_person_chooses_otherwise(view, qtbot):
    x = make_snapshot(variables=(Variable("x", arrays().x, Group.LOCAL),))
    view.choose("x")
    view.show_snapshot(x)
    assert mode(view, "28 × 28").isChecked()
    qtbot.mouseClick(mode(view, "Map"), Qt.MouseButton.LeftButton)
    view.show_snapshot(x)
    assert mode(view, "Map").isChecked()


def test_labels_are_numbers(view):
    view.choose("t")
    view.show_snapshot(make_snapshot(variables=(Variable("t", arrays().labels, Group.LOCAL),)))
    assert mode(view, "Numbers").isChecked() and not canvas(view).isVisible()
    assert not mode(view, "Map").isEnabled() and mode(view, "Map").toolTip()
    view.choose("x")
    view.show_snapshot(make_snapshot(variables=(Variable("x", arrays().W2, Group.LOCAL),)))
    assert mode(view, "Map").isEnabled() and canvas(view).isVisible()


def test_a_stale_array_says_of_which_batch_it_is(view):
    view.choose("self.dW")
    view.show_snapshot(make_snapshot())
    assert view.said[-1].endswith("from batch 411")


# Cells


def test_the_mouse_tells_index_and_value_of_a_cell(view, qtbot):
    view.show_snapshot(make_snapshot())
    qtbot.mouseMove(canvas(view), place_of(view, 66, 18))
    text = canvas(view).cell_text()
    index, _, number = text.rpartition("] ")
    row, column = (int(i) for i in index[1:].split(", "))
    assert abs(row - 66) <= 1 and column == 18
    assert float(number.replace("−", "-")) == pytest.approx(
        float(arrays().matmul[row, column]), rel=1e-4
    )


def test_the_keyboard_walks_from_cell_to_cell(view, qtbot):
    view.show_snapshot(with_variable(np.arange(12.0).reshape(3, 4)))
    where = canvas(view)
    where.setFocus()
    qtbot.keyClick(where, Qt.Key.Key_Right)
    assert where.accessibleDescription() == "[0, 0] 0"
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Right):
        qtbot.keyClick(where, key)
    assert where.accessibleDescription() == "[1, 2] 6"
    qtbot.keyClick(where, Qt.Key.Key_End)
    qtbot.keyClick(where, Qt.Key.Key_PageDown)
    qtbot.keyClick(where, Qt.Key.Key_Right)
    assert where.accessibleDescription() == "[2, 3] 11"


def test_a_vector_is_a_row_with_one_index(view, qtbot):
    view.show_snapshot(with_variable(np.array([-1.0, 2.5])))
    qtbot.mouseMove(canvas(view), place_of(view, 0, 1))
    assert canvas(view).cell_text() == "[1] 2.5"


def test_axes_beyond_the_last_two_have_a_spin_box_each(view, qtbot):
    view.show_snapshot(with_variable(np.arange(24.0).reshape(2, 3, 4)))
    boxes = view.findChildren(QSpinBox)
    assert [box.maximum() for box in boxes] == [1]
    boxes[0].setFocus()
    qtbot.keyClick(boxes[0], Qt.Key.Key_Up)
    qtbot.mouseMove(canvas(view), place_of(view, 2, 3))
    assert canvas(view).cell_text() == "[1, 2, 3] 23"


# Zoom


def test_the_wheel_and_the_keys_zoom_and_fit_shows_all_again(view, qtbot):
    view.show_snapshot(make_snapshot())
    where = canvas(view)
    where.setFocus()
    for _ in range(8):
        qtbot.keyClick(where, Qt.Key.Key_Plus)
    assert where.grid.zoom > 4
    qtbot.keyClick(where, Qt.Key.Key_Minus)
    zoomed = where.grid.zoom
    zoom_in, zoom_out, fit = view.title_widgets()[1:]
    qtbot.mouseClick(zoom_in, Qt.MouseButton.LeftButton)
    assert where.grid.zoom > zoomed
    qtbot.mouseClick(zoom_out, Qt.MouseButton.LeftButton)
    assert where.grid.zoom == pytest.approx(zoomed)
    qtbot.mouseClick(fit, Qt.MouseButton.LeftButton)
    assert where.grid.zoom == 1


def test_a_zoomed_map_is_dragged_and_the_next_step_leaves_it_there(view, qtbot):
    view.show_snapshot(make_snapshot())
    where = canvas(view)
    where.zoom(8.0)
    top = where.grid.top
    qtbot.mousePress(where, Qt.MouseButton.LeftButton, pos=QPoint(200, 80))
    qtbot.mouseMove(where, QPoint(200, 50))
    qtbot.mouseRelease(where, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))
    assert where.grid.top > top
    kept = where.grid.top
    view.show_snapshot(make_snapshot())
    assert where.grid.top == kept


def test_cells_that_are_large_enough_carry_their_numbers(view):
    view.show_snapshot(with_variable(np.array([[0.5, 0.25], [1.0, 0.75]])))
    image = canvas(view).grab().toImage()
    x, y, width, height = canvas(view).grid.rect_of(0, 0)
    corner = canvas(view).area().topLeft()
    inside = {
        image.pixel(round(corner.x() + x) + i, round(corner.y() + y) + j)
        for i in range(3, round(width) - 3)
        for j in range(3, round(height) - 3)
    }
    assert len(inside) > 5, "one flat colour: no number"


@pytest.mark.parametrize("shape", [(6, 16), (16, 4), (6, 4), (4, 3), (6, 3)])
def test_all_numbers_of_the_tiny_network_are_on_the_screen(view, shape):
    """In a panel as high and wide as the window of 1366 × 768 has for it."""
    view.resize(842, 242)
    view.show_snapshot(with_variable(np.full(shape, 0.37)))
    corner, flat = canvas(view).area().topLeft(), []
    image = canvas(view).grab().toImage()
    for row, column in np.ndindex(*shape):
        x, y, width, height = canvas(view).grid.rect_of(row, column)
        colours = {
            image.pixel(round(corner.x() + x + i), round(corner.y() + y + j))
            for i in range(3, int(width) - 3)
            for j in range(3, int(height) - 3)
        }
        if len(colours) < 4:
            flat.append((row, column))
    assert not flat


# Scale


def test_the_scale_is_kept_until_rescaled(view, qtbot):
    view.show_snapshot(with_variable(np.array([[-4.0, 4.0]])))
    bar = view.findChild(ColourBar)
    assert bar.accessibleName() == "Scale ± 4.0"
    view.show_snapshot(with_variable(np.array([[-0.01, 0.01]])))
    assert bar.accessibleName() == "Scale ± 4.0"
    note = next(x for x in view.findChildren(QLabel) if "scale" in x.text())
    assert note.text() == "all within 0.2 % of the scale" or "%" in note.text()
    rescale = next(b for b in view.findChildren(QToolButton) if b.text() == "Rescale")
    qtbot.mouseClick(rescale, Qt.MouseButton.LeftButton)
    assert bar.accessibleName() == "Scale ± 0.010"


def link(view, text: str) -> QToolButton:
    return next(b for b in view.findChildren(QToolButton) if b.text() == text)


def words(view) -> list[str]:
    return [x.text() for x in view.findChildren(QLabel) if x.isVisible()]


def test_a_scale_is_widened_where_much_is_clipped_and_says_so_with_a_way_back(view, qtbot):
    bar = view.findChild(ColourBar)
    view.show_snapshot(with_variable(np.array([[-1.0, 1.0]])))
    assert not link(view, "Back").isVisible()
    view.show_snapshot(with_variable(np.array([[-9.0, 0.5]])))
    assert bar.accessibleName() == "Scale ± 9.0"
    assert "colours now reach ± 9.0 (50 % lay outside)" in words(view)
    qtbot.mouseClick(link(view, "Back"), Qt.MouseButton.LeftButton)
    assert bar.accessibleName() == "Scale ± 1.0"
    assert not link(view, "Back").isVisible()
    assert "50 % beyond the scale" in words(view)


def test_values_beyond_the_scale_are_told(view, qtbot):
    view.show_snapshot(with_variable(np.array([[-1.0, 1.0]])))
    view.show_snapshot(with_variable(np.array([[-9.0, 0.5]])))
    qtbot.mouseClick(link(view, "Back"), Qt.MouseButton.LeftButton)
    assert "1 values lie below the scale, 0 above" in view.findChild(ColourBar).toolTip()


def test_rescale_stands_out_once_most_cells_are_clipped(view, qtbot):
    rescale = link(view, "Rescale")

    def warns() -> bool:
        image = rescale.grab().toImage()
        found = {image.pixelColor(x, 0).name() for x in range(8, image.width() - 8)}
        return QColor(DARK.warning).name() in found and not rescale.icon().isNull()

    view.show_snapshot(with_variable(np.array([[-1.0, 1.0]])))
    view.show_snapshot(with_variable(np.array([[-9.0, 0.5]])))
    qtbot.mouseClick(link(view, "Back"), Qt.MouseButton.LeftButton)
    assert not warns(), "half of them"
    view.show_snapshot(with_variable(np.array([[-9.0, 9.0]])))
    assert warns() and "Rescale" in rescale.text()
    qtbot.mouseClick(rescale, Qt.MouseButton.LeftButton)
    assert not warns()


def test_another_network_has_scales_of_its_own_another_learning_rate_has_not(view):
    view.show_snapshot(with_variable(np.array([[-4.0, 4.0]])))
    faster = Setup("784-50-10", "MNIST", "SGD", "float32", 100, 0.5, 0, False)
    view.show_snapshot(with_variable(np.array([[-1.0, 1.0]]), setup=faster))
    assert view.findChild(ColourBar).accessibleName() == "Scale ± 4.0"
    other = Setup("784-10", "MNIST", "SGD", "float32", 100, 0.1, 0, False)
    view.show_snapshot(with_variable(np.array([[-1.0, 1.0]]), setup=other))
    assert view.findChild(ColourBar).accessibleName() == "Scale ± 1.0"


def test_nan_is_counted_and_hatched(view):
    value = np.zeros((4, 4))
    value[1, 2] = np.nan
    view.show_snapshot(with_variable(value))
    assert any(x.text() == "⊗ 1 NaN, first at [1, 2]" for x in view.findChildren(QLabel))
    image = canvas(view).grab().toImage()
    found = {image.pixelColor(x, y).name() for x in range(300) for y in range(image.height())}
    assert DARK.nan in found


# Other ways to look


def test_pictures_name_the_element_of_the_array(view, qtbot):
    view.choose("x")
    view.show_snapshot(make_snapshot())
    qtbot.mouseClick(mode(view, "28 × 28"), Qt.MouseButton.LeftButton)
    where = canvas(view)
    qtbot.mouseMove(where, place_of(view, 14, 28 + 14))
    index = where.cell_text().partition("] ")[0]
    row, pixel = (int(i) for i in index[1:].split(", "))
    assert row == 1
    assert abs(pixel // 28 - 14) <= 1 and abs(pixel % 28 - 14) <= 1


def test_pictures_are_not_offered_where_no_axis_is_an_image(view):
    view.choose("self.b")
    view.show_snapshot(make_snapshot())
    button = mode(view, "28 × 28")
    assert not button.isEnabled()
    assert "No axis" in button.toolTip()


def test_the_mode_that_is_drawn_is_lit_and_the_choice_comes_back(view, qtbot):
    view.show_snapshot(make_snapshot())
    view.choose("x")
    qtbot.mouseClick(mode(view, "28 × 28"), Qt.MouseButton.LeftButton)
    view.choose("self.b")
    assert mode(view, "Map").isChecked() and not mode(view, "28 × 28").isChecked()
    view.choose("x")
    assert mode(view, "28 × 28").isChecked() and not mode(view, "Map").isChecked()


def test_the_table_copies_what_is_selected(view, qtbot):
    value = np.array([[0.1, -2.0, 3.0], [4.0, 5.5, 6.0]])
    view.show_snapshot(with_variable(value))
    qtbot.mouseClick(mode(view, "Numbers"), Qt.MouseButton.LeftButton)
    table = view.findChild(ArrayTable)
    assert table.isVisible()
    model = table.model()
    assert model.index(0, 1).data() == "−2"
    table.setFocus()
    for column in (0, 1):
        place = table.visualRect(model.index(0, column)).center()
        keys = Qt.KeyboardModifier.ControlModifier if column else Qt.KeyboardModifier.NoModifier
        qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, keys, place)
    place = table.visualRect(model.index(1, 1)).center()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, control, place)
    qtbot.keyClick(table, Qt.Key.Key_C, control)
    assert QGuiApplication.clipboard().text() == "0.1\t-2.0\n\t5.5"


def test_another_theme_redraws_it(view):
    view.show_snapshot(make_snapshot())
    view.set_theme(LIGHT)
    image = canvas(view).grab().toImage()
    assert image.pixelColor(image.width() - 2, image.height() - 2) == QColor(LIGHT.panel)


def test_what_came_while_hidden_is_drawn_when_shown(view):
    view.hide()
    view.show_snapshot(make_snapshot())
    assert view.said == [] or not view.said[-1].startswith("x @")
    view.show()
    assert view.said[-1].startswith("x @ self.W")


@pytest.mark.parametrize(
    "value",
    [
        np.zeros((0, 3)),
        np.array(["a", "b"]),
        np.array([1 + 2j, 3j]),
        np.array([[True, False]]),
        np.array([2**62, -5]),
        np.full((3, 3), np.inf),
        {"W": 1},
        None,
    ],
)
def test_any_value_can_be_shown(view, value):
    view.show_snapshot(make_snapshot(variables=(Variable("v", value, Group.CURSOR),)))
    view.choose("v")
    assert not view.grab().isNull()
