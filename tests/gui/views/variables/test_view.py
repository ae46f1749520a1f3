"""The variables view: its rows, what they say, and how one is chosen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QToolButton

from engine.debug.events import Kind, Phase, Position
from engine.debug.snapshots.snapshot import Group, Variable
from gui.look.theme import DARK, LIGHT, mix
from gui.look.type_scale import SCALE
from gui.paint.text import code_face
from gui.views.variables.view import VariablesView, columns
from gui.widgets.row_view import RowView
from tests.gui.snapshots import (
    arrays,
    frozen,
    make_event,
    make_frames,
    make_snapshot,
    make_variables,
)


@pytest.fixture
def view(qtbot):
    view = VariablesView(DARK)
    qtbot.addWidget(view)
    view.resize(312, 400)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    return view


def rows_of(view) -> RowView:
    return view.findChild(RowView)


def outline(view) -> list[tuple[str, list[str]]]:
    """The groups with the labels of their rows, as a person reads them."""
    model = rows_of(view).model()
    return [
        (group.data(), [model.index(row, 0, group).data() for row in range(model.rowCount(group))])
        for group in model.groups()
    ]


def row(view, *labels: str) -> QModelIndex:
    """The row that a path of labels leads to: group, variable, member."""
    model = rows_of(view).model()
    index = QModelIndex()
    for label in labels:
        children = [model.index(i, 0, index) for i in range(model.rowCount(index))]
        index = next(child for child in children if child.data() == label)
    return index


def click(view, qtbot, index: QModelIndex) -> None:
    rect = rows_of(view).visualRect(index)
    assert rect.isValid()
    qtbot.mouseClick(rows_of(view).viewport(), Qt.MouseButton.LeftButton, pos=rect.center())


def colours(view, index: QModelIndex) -> set[str]:
    """The colours of a row upon the panel's ground; the rows themselves are transparent."""
    return colours_in(view, rows_of(view).visualRect(index))


def colours_in(view, rect: QRect) -> set[str]:
    """The colours of a part of the rows."""
    picture = rows_of(view).viewport().grab(rect)
    image = QImage(picture.size(), QImage.Format.Format_RGB32)
    image.fill(QColor(view.theme.panel))
    painter = QPainter(image)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def spoken(index: QModelIndex) -> str:
    return index.data(Qt.ItemDataRole.AccessibleTextRole)


def with_variables(*more: Variable, **overrides):
    return make_snapshot(variables=(*make_variables(), *more), **overrides)


def test_the_groups_and_their_rows(view):
    view.show_snapshot(make_snapshot())
    assert outline(view) == [
        ("At the cursor", ["x @ self.W"]),
        ("Locals", ["x"]),
        ("self: Affine1", ["W", "b", "x", "dW", "db"]),
    ]


def test_a_row_says_everything_to_a_screen_reader(view):
    view.show_snapshot(make_snapshot())
    assert spoken(row(view, "self: Affine1", "x")) == "x, 100 × 784, float32, 0…1.0, set"
    assert spoken(row(view, "self: Affine1", "dW")).endswith("batch 411")


def test_the_tooltip_has_the_statistics(view):
    view.show_snapshot(make_snapshot())
    tip = row(view, "self: Affine1", "W").data(Qt.ItemDataRole.ToolTipRole)
    assert "784 × 50  float32  153 KiB" in tip
    assert "mean" in tip and "RMS 0.04" in tip
    tip = row(view, "self: Affine1", "db").data(Qt.ItemDataRole.ToolTipRole)
    assert tip.endswith("left by batch 411")


@pytest.mark.parametrize("phase", list(Phase))
def test_the_row_at_the_cursor_wears_the_phase(view, phase):
    view.show_snapshot(make_snapshot(event=make_event(phase=phase)))
    tint = mix(DARK.phase(phase), DARK.panel, 0.16).name()
    assert tint in colours(view, row(view, "At the cursor", "x @ self.W"))
    assert tint not in colours(view, row(view, "Locals", "x"))


def test_the_pill_has_the_signs_of_the_array(view):
    view.show_snapshot(make_snapshot())
    signed = colours(view, row(view, "self: Affine1", "W"))
    pixels = colours(view, row(view, "Locals", "x"))
    assert {QColor(DARK.negative).name(), QColor(DARK.positive).name()} <= signed
    assert {QColor(DARK.zero).name(), QColor(DARK.positive).name()} <= pixels
    assert QColor(DARK.negative).name() not in pixels


def test_what_the_batch_before_left_is_dim(view):
    view.show_snapshot(make_snapshot())
    dim = colours(view, row(view, "self: Affine1", "dW"))
    assert QColor(DARK.negative).name() not in dim
    assert QColor(DARK.negative).name() in colours(view, row(view, "self: Affine1", "W"))


def test_nan_is_said_and_seen(view):
    bad = np.ones((3, 4), "float32")
    bad[1, 2], bad[2, 0] = np.nan, np.inf
    view.show_snapshot(with_variables(Variable("bad", frozen(bad), Group.LOCAL)))
    index = row(view, "Locals", "bad")
    assert spoken(index) == "bad, 3 × 4, float32, 1 NaN, 1 inf, first at [1, 2]"
    assert QColor(DARK.nan).name() in colours(view, index)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.float32(1.305), "1.305, float32"),
        (7, "7, int"),
        (True, "True, bool"),
        (None, "None, NoneType"),
        ("relu", "'relu', str"),
        ((100, 784), "(100, 784), tuple"),
        (object(), "object"),
        (np.array([None, 1], dtype=object), "(2,), object"),
        (np.zeros((0, 3)), "0 × 3, float64"),
    ],
)
def test_values_that_are_no_numeric_arrays(view, value, words):
    view.show_snapshot(with_variables(Variable("it", value, Group.LOCAL)))
    index = row(view, "Locals", "it")
    assert spoken(index) == f"it, {words}"
    assert len(colours(view, index)) > 1


def test_a_click_and_enter_choose_the_full_name(view, qtbot):
    chosen = []
    view.variable_chosen.connect(chosen.append)
    view.show_snapshot(make_snapshot())
    click(view, qtbot, row(view, "self: Affine1", "W"))
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Down)
    assert chosen == ["self.W"]
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Return)
    assert chosen == ["self.W", "self.b"]
    click(view, qtbot, row(view, "At the cursor", "x @ self.W"))
    assert chosen[-1] == "", "the cursor's own value is what is followed"


def test_a_groups_title_is_passed_over_by_keys_and_no_choice(view, qtbot):
    chosen = []
    view.variable_chosen.connect(chosen.append)
    view.show_snapshot(make_snapshot())
    click(view, qtbot, row(view, "Locals"))
    assert chosen == []
    rows_of(view).setCurrentIndex(row(view, "Locals", "x"))
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Down)
    assert rows_of(view).currentIndex().data() == "W"


def test_the_selection_stays_on_its_name(view, qtbot):
    view.show_snapshot(make_snapshot())
    click(view, qtbot, row(view, "self: Affine1", "b"))
    view.show_snapshot(with_variables(Variable("y", np.ones(2), Group.LOCAL)))
    assert rows_of(view).currentIndex() == row(view, "self: Affine1", "b")
    elsewhere = (Variable("lr", 0.1, Group.LOCAL),)
    view.show_snapshot(make_snapshot(variables=elsewhere))
    view.show_snapshot(make_snapshot())
    assert rows_of(view).currentIndex() == row(view, "self: Affine1", "b")


def test_the_selection_follows_the_cursor(view, qtbot):
    view.show_snapshot(make_snapshot())
    click(view, qtbot, row(view, "At the cursor", "x @ self.W"))
    source = "x @ self.W + self.b"
    variables = (Variable(source, arrays().z1, Group.CURSOR), *make_variables()[1:])
    view.show_snapshot(make_snapshot(event=make_event(source=source), variables=variables))
    assert rows_of(view).currentIndex().data() == source


def test_rows_stay_in_place_at_a_line_without_a_value(view, qtbot):
    chosen = []
    view.variable_chosen.connect(chosen.append)
    view.show_snapshot(make_snapshot())
    place = rows_of(view).visualRect(row(view, "Locals", "x"))
    event = make_event(kind=Kind.LINE, value=None)
    view.show_snapshot(make_snapshot(event=event, variables=make_variables()[1:]))
    assert rows_of(view).visualRect(row(view, "Locals", "x")) == place
    cursor = row(view, "At the cursor", "x @ self.W")
    assert spoken(cursor) == "x @ self.W, about to run"
    click(view, qtbot, cursor)
    assert chosen == []


def test_the_members_of_a_dict_open_and_stay_open(view, qtbot):
    chosen = []
    view.variable_chosen.connect(chosen.append)
    a = arrays()
    velocity = Variable("self.velocity", {"Affine1.W": a.W1, "Affine1.b": a.b1}, Group.ATTRIBUTE)
    view.show_snapshot(with_variables(velocity))
    parent = row(view, "self: Affine1", "velocity")
    assert spoken(parent) == "velocity, dict of 2, dict"
    click(view, qtbot, parent)
    member = row(view, "self: Affine1", "velocity", "['Affine1.b']")
    click(view, qtbot, member)
    assert chosen == ["self.velocity", "self.velocity['Affine1.b']"]
    more = Variable("y", np.ones(2), Group.LOCAL)
    view.show_snapshot(with_variables(velocity, more))
    assert rows_of(view).isExpanded(row(view, "self: Affine1", "velocity"))
    click(view, qtbot, row(view, "self: Affine1", "velocity"))
    assert not rows_of(view).isExpanded(row(view, "self: Affine1", "velocity"))


def test_locals_keep_the_order_in_which_they_were_bound(view):
    frame = make_frames()
    values = {"self": frame.owner, "x": arrays().x, "name": "W", "dW": arrays().dW1}
    frame.bindings += [(3, name, value) for name, value in values.items()]
    local = [Variable(name, value, Group.LOCAL) for name, value in values.items()]
    for variables in (local, local[::-1]):
        event = make_event(frame=frame)
        view.show_snapshot(make_snapshot(event=event, variables=tuple(variables)))
        assert outline(view)[1] == ("Locals", ["x", "name", "dW"])


def test_settings_come_after_the_arrays_of_a_layer(view):
    a = arrays()
    values = {
        "name": "Adam", "_t": a.b1, "flag": True, "lr": 0.1, "m": {"W": a.W1}, "W": a.W1, "b": a.b1
    }  # fmt: skip
    variables = [Variable(f"self.{n}", v, Group.ATTRIBUTE) for n, v in values.items()]
    view.show_snapshot(make_snapshot(variables=tuple(variables)))
    assert outline(view)[-1][1] == ["W", "b", "m", "lr", "name", "flag", "_t"]


def test_a_container_that_holds_itself_ends(view):
    endless: list = [np.ones(2)]
    endless.append(endless)
    many = {i: np.ones(1) for i in range(1000)}
    view.show_snapshot(
        with_variables(
            Variable("endless", endless, Group.LOCAL), Variable("many", many, Group.LOCAL)
        )
    )
    model = rows_of(view).model()
    assert model.rowCount(row(view, "Locals", "many")) == 101
    assert spoken(row(view, "Locals", "many", "…")) == "…, + 900"


def test_a_theme_is_changed_while_shown(view):
    view.show_snapshot(make_snapshot())
    index = row(view, "self: Affine1", "W")
    view.set_theme(LIGHT)
    assert QColor(LIGHT.negative).name() in colours(view, index)


def test_parts_of_a_row_never_overlap(qapp):
    for width in range(240, 900):
        c = columns(width)
        parts = [c.name, c.shape, c.dtype, c.pill, c.range] if c.dtype[1] else [
            c.name, c.shape, c.pill, c.range
        ]  # fmt: skip
        assert parts[0][1] >= 40
        assert parts[-1][0] + parts[-1][1] <= width
        for (left, size), (following, _) in pairwise(parts):
            assert left + size <= following


@pytest.mark.parametrize("factor", [1.0, 1.05, 1.1, 1.15, 1.2, 1.25, 1.3, 1.45, 1.6])
def test_the_shape_of_a_minibatch_fits_at_every_scale(qapp, monkeypatch, factor):
    """Letters are of whole pixels, so a shape may grow by more than the scale."""
    monkeypatch.setattr(SCALE, "factor", factor)
    for width in (290, 360, 410, 500, 900):
        places = columns(width * factor)
        assert code_face(11).width("100 × 784") <= places.shape[1]
        if width > 400:
            assert code_face(12).width("parameter_names") <= places.name[1]


def test_nothing_is_said_to_be_left_by_a_batch_before_the_first(view):
    view.show_snapshot(make_snapshot(position=Position(0, 6)))
    dW = row(view, "self: Affine1", "dW")
    assert "batch" not in dW.data(Qt.ItemDataRole.AccessibleTextRole)
    view.show_snapshot(make_snapshot(position=Position(1, 6)))
    dW = row(view, "self: Affine1", "dW")
    assert "batch 0" in dW.data(Qt.ItemDataRole.AccessibleTextRole)


def test_a_row_is_drawn_whole_or_not_at_all(view, qtbot):
    view.resize(312, 130)
    view.show_snapshot(make_snapshot())
    rows = rows_of(view)
    bar = rows.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    indices = [row(view, "self: Affine1", name) for name in ("W", "b", "x", "dW", "db")]
    for value in range(bar.maximum() + 1):
        bar.setValue(value)
        height = rows.viewport().height()
        for index in indices:
            rect = rows.visualRect(index)
            whole = rect.top() >= 0 and rect.bottom() < height
            part = rect.intersected(rows.viewport().rect())
            if not part.isEmpty():
                assert (rows.indexAt(part.center()) == index) == whole
                assert (len(colours_in(view, part)) > 1) == whole
    assert rows.visualRect(indices[-1]).bottom() < rows.viewport().height()


def test_only_what_is_pinned_or_reached_by_the_keyboard_is_outlined(view, qtbot):
    view.show_snapshot(make_snapshot())
    w, b = (row(view, "self: Affine1", name) for name in ("W", "b"))
    plain = QColor(DARK.panel).name()
    click(view, qtbot, w)
    qtbot.mouseMove(rows_of(view).viewport(), rows_of(view).viewport().rect().bottomRight())
    ring, pinned = QColor(DARK.accent).name(), QColor(DARK.raised).name()
    assert ring not in colours(view, w)
    view.show_pinned("self.W")
    assert pinned in colours(view, w) and pinned not in colours(view, b)
    view.show_pinned(None)
    assert plain in colours(view, w) and ring not in colours(view, w)
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Down)
    assert ring in colours(view, b)
    view.setFocusProxy(None)
    rows_of(view).clearFocus()
    assert ring not in colours(view, b)


def test_the_window_outlines_what_the_tensor_is_pinned_to(window, qtbot):
    view = window.variables
    window.docks["tensor"].raise_()
    x = row(view, "Locals", "x")
    raised = QColor(view.theme.raised).name()
    click(view, qtbot, x)
    qtbot.mouseMove(rows_of(view).viewport(), rows_of(view).viewport().rect().bottomRight())
    assert raised in colours(view, x)
    link = next(b for b in window.tensor.findChildren(QToolButton) if "follow" in b.text())
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert raised not in colours(view, row(view, "Locals", "x"))
