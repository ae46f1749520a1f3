"""The cache view: what forward keeps, and how much of it is held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor

from engine.debug.events import Position
from engine.debug.snapshots.snapshot import CacheEntry, CacheState
from gui.look.theme import DARK, LIGHT
from gui.paint.text import code_face
from gui.views.cache.plot import HeldPlot
from gui.views.cache.view import READ, WRITTEN, CacheView, HeldLine
from gui.widgets.empty import EmptyState
from gui.widgets.row_view import RowView
from tests.gui.snapshots import EVENT_COUNT, make_cache, make_snapshot


@pytest.fixture
def view(qtbot):
    view = CacheView(DARK)
    qtbot.addWidget(view)
    view.resize(312, 202)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    return view


def rows_of(view) -> RowView:
    return view.findChild(RowView)


def spoken(view, row: int, column: int) -> str:
    return rows_of(view).model().index(row, column).data(Qt.ItemDataRole.AccessibleTextRole)


def click(view, qtbot, row: int, column: int) -> None:
    rows = rows_of(view)
    place = rows.visualRect(rows.model().index(row, column)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)


def with_states(*states: CacheState):
    entries = zip(make_cache(), states, strict=True)
    return make_snapshot(cache=tuple(replace(entry, state=state) for entry, state in entries))


def test_each_entry_says_its_state_size_and_reader(view):
    view.show_snapshot(make_snapshot())
    assert spoken(view, 0, WRITTEN) == (
        "Affine1.x  100 × 784  float32, held, 306 KiB, written at stop 5"
    )
    assert spoken(view, 0, READ) == "Affine1.x is read in Affine1.backward, stop 116"
    assert "not yet" in spoken(view, 1, WRITTEN)
    assert "the same memory as Sigmoid1.out" in spoken(view, 2, WRITTEN)


def test_names_and_readers_go_to_their_events(view, qtbot):
    chosen = []
    view.event_chosen.connect(chosen.append)
    view.show_snapshot(make_snapshot())
    click(view, qtbot, 1, WRITTEN)
    click(view, qtbot, 1, READ)
    assert chosen == [16, 104]
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Down)
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Return)
    assert chosen[-1] == 92
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Left)
    qtbot.keyClick(rows_of(view), Qt.Key.Key_Return)
    assert chosen[-1] == 21


def test_what_is_never_read_leads_nowhere_and_says_so(view, qtbot):
    chosen = []
    view.event_chosen.connect(chosen.append)
    unread = replace(make_cache()[0], reads=(), read_by=())
    view.show_snapshot(make_snapshot(cache=(unread,)))
    assert rows_of(view).model().index(0, READ).data() == "never read"
    click(view, qtbot, 0, READ)
    assert chosen == []


def test_the_sum_of_what_is_held(view):
    line = view.findChild(HeldLine)
    view.show_snapshot(make_snapshot())
    assert line.amount == "306 of 330 KiB"
    view.show_snapshot(with_states(*[CacheState.HELD] * 5))
    assert line.amount == "330 of 330 KiB"
    view.show_snapshot(with_states(*[CacheState.NOT_YET] * 5))
    assert line.amount == "0 of 330 KiB"
    view.show_snapshot(with_states(*[CacheState.RELEASED] * 4, CacheState.HELD))
    assert line.amount == "0.8 of 330 KiB"
    assert "0.8 of 330 KiB" in line.accessibleName()


def test_states_differ_in_shape_and_not_in_colour_alone(view):
    view.show_snapshot(with_states(CacheState.HELD, CacheState.NOT_YET, *[CacheState.RELEASED] * 3))
    rows = rows_of(view)
    shapes = []
    for row in range(3):
        rect = rows.visualRect(rows.model().index(row, WRITTEN))
        rect.setWidth(20)
        image = rows.viewport().grab(rect).toImage()
        ground = QColor(image.pixelColor(1, 1)).name()
        shapes.append(
            tuple(
                image.pixelColor(x, y).name() != ground
                for y in range(image.height())
                for x in range(4, 18)
            )
        )
    assert len(set(shapes)) == 3
    assert all(any(shape) for shape in shapes)


def test_before_anything_is_kept_it_says_what_will_come(view):
    view.show_snapshot(make_snapshot(cache=()))
    empty = view.findChild(EmptyState)
    assert empty.isVisible() and not rows_of(view).isVisible()
    assert "forward" in empty.accessibleDescription()
    view.show_snapshot(make_snapshot())
    assert rows_of(view).isVisible() and not empty.isVisible()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_curve_is_bright_up_to_the_cursor(view, theme):
    view.set_theme(theme)
    view.show_snapshot(make_snapshot(position=Position(412, 64)))
    plot = view.findChild(HeldPlot)
    image = plot.grab().toImage()
    y = image.height() - 6
    past = image.pixelColor(image.width() // 4, y)
    future = image.pixelColor(int(image.width() * 0.65), y)
    middle = [image.pixelColor(x, y).name() for x in range(image.width())]
    assert past != future
    assert QColor(theme.text).name() in middle[image.width() // 2 - 4 : image.width() // 2 + 5]


def entry(written: int, reads: tuple[int, ...], nbytes: int) -> CacheEntry:
    return CacheEntry("a", "L", (1,), "f", nbytes, "", written, (), reads, CacheState.HELD)


EVENTS = st.integers(0, 60)


def test_the_curve_tells_the_bytes_of_an_event_and_goes_there(view, qtbot):
    held = np.repeat([0, 1024, 3072, 0], [20, 30, 50, EVENT_COUNT - 100])
    view.show_snapshot(make_snapshot(held_bytes=held))
    plot = view.findChild(HeldPlot)
    assert plot.most == 3072
    at = QPoint(round((70.5 / EVENT_COUNT) * (plot.width() - 2)) + 1, plot.height() // 2)
    qtbot.mouseMove(plot, at)
    assert plot.toolTip() == "stop 70: 3.0 KiB held"
    with qtbot.waitSignal(view.event_chosen) as chosen:
        qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert chosen.args == [70]


@pytest.mark.parametrize(("width", "with_reader"), [(320, True), (250, False), (190, False)])
def test_names_are_whole_in_a_narrow_panel(view, qtbot, width, with_reader):
    view.resize(width, 202)
    view.show_snapshot(make_snapshot())
    rows = rows_of(view)
    longest = max(code_face(12).width(entry.name) for entry in make_cache())
    name = rows.visualRect(rows.model().index(0, WRITTEN))
    assert name.width() >= 21 + longest + 2
    assert rows.isColumnHidden(READ) is not with_reader
    ends = [rows.visualRect(rows.model().index(0, c)).right() + 1 for c in (WRITTEN, READ)]
    assert ends[with_reader] == rows.viewport().width()
