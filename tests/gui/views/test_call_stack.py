"""The call stack view."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from engine.debug.events import Kind, Phase
from gui.look.theme import DARK, LIGHT, mix
from gui.views.call_stack import CallStackView
from gui.widgets.row_view import RowView
from tests.gui.snapshots import MATMUL, make_event, make_snapshot, make_stack, span_of


@pytest.fixture
def view(qtbot):
    view = CallStackView(DARK)
    qtbot.addWidget(view)
    view.resize(312, 120)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    return view


def rows_of(view) -> RowView:
    return view.findChild(RowView)


def texts(view) -> list[str]:
    model = rows_of(view).model()
    role = Qt.ItemDataRole.AccessibleTextRole
    return [model.index(i, 0).data(role) for i in range(model.rowCount())]


def colours(view, number: int) -> set[str]:
    rows = rows_of(view)
    image = rows.viewport().grab(rows.visualRect(rows.model().index(number, 0))).toImage()
    return {
        image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())
    }


def test_the_expression_and_below_it_the_frames(view):
    view.show_snapshot(make_snapshot())
    _, network, step = (frame.line for frame in make_stack())
    assert texts(view) == [
        "x @ self.W, expression",
        f"Affine1.forward, sample_layers.py:{span_of(MATMUL).line}",
        f"Network.forward, network.py:{network}",
        f"train_step, training.py:{step}",
    ]


@pytest.mark.parametrize("kind", list(Kind))
def test_the_kind_of_event_is_said(view, kind):
    view.show_snapshot(make_snapshot(event=make_event(kind=kind, value=ValueError())))
    assert texts(view)[0] == f"x @ self.W, {kind.value}"


def test_a_source_of_several_lines_is_one_line(view):
    span = make_event().span
    event = make_event(source="np.exp(\n    x\n)", span=span)
    view.show_snapshot(make_snapshot(event=event))
    assert texts(view)[0] == "np.exp( x ), expression"


def test_a_click_and_enter_go_to_the_frames_last_event(view, qtbot):
    chosen = []
    view.event_chosen.connect(chosen.append)
    view.show_snapshot(make_snapshot())
    rows = rows_of(view)
    place = rows.visualRect(rows.model().index(2, 0)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [2]
    qtbot.keyClick(rows, Qt.Key.Key_Down)
    qtbot.keyClick(rows, Qt.Key.Key_Enter)
    assert chosen == [2, 0]


def test_the_selection_stays_while_stepping(view, qtbot):
    view.show_snapshot(make_snapshot())
    rows = rows_of(view)
    rows.setCurrentIndex(rows.model().index(1, 0))
    view.show_snapshot(make_snapshot(event=make_event(source="x @ self.W + self.b")))
    assert rows.currentIndex().row() == 1


def test_frames_come_and_go(view):
    view.show_snapshot(make_snapshot())
    view.show_snapshot(make_snapshot(stack=make_stack()[1:]))
    assert len(texts(view)) == 3
    view.show_snapshot(make_snapshot())
    assert len(texts(view)) == 4


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_first_row_wears_the_phase(view, theme):
    view.set_theme(theme)
    view.show_snapshot(make_snapshot(event=make_event(phase=Phase.BACKWARD)))
    tint = mix(theme.backward, theme.panel, 0.16).name()
    assert tint in colours(view, 0)
    assert tint not in colours(view, 1)
