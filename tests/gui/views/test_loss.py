"""The curves of a run: what they show, and what the mouse does to them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyqtgraph import TextItem
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QToolButton

from engine.debug.events import Position
from gui.look.theme import DARK, LIGHT
from gui.paint.plots.curves import stretches
from gui.paint.plots.loss_plots import LossPlots
from gui.paint.text import code_face
from gui.views.loss import LossView
from gui.widgets.empty import EmptyState
from tests.gui.snapshots import make_history, make_layers, make_snapshot


@pytest.fixture
def view(qtbot):
    view = LossView(DARK)
    for widget in (view, *view.title_widgets()):
        qtbot.addWidget(widget)
    view.resize(842, 150)
    with qtbot.waitExposed(view):
        view.show()
    for widget in view.title_widgets():
        widget.show()
    return view


def untrained():
    empty = np.empty(0)
    return replace(make_history(0), test_batches=empty, test_accuracies=empty, test_losses=empty)


def plots(view) -> LossPlots:
    return view.findChild(LossPlots)


def place_of(view, batch: float):
    """Where a batch lies in the loss plot's viewport, half-way up."""
    box = plots(view).loss.getViewBox()
    y = sum(box.viewRange()[1]) / 2
    return plots(view).loss.mapFromScene(box.mapViewToScene(QPointF(batch, y)))


def words(view) -> str:
    return " ".join(label.text() for label in view.findChildren(QLabel))


def test_before_any_batch_the_panel_says_what_will_be_here(view):
    view.show_snapshot(make_snapshot(position=Position(0, 0), history=untrained()))
    empty = view.findChild(EmptyState)
    assert empty.isVisible()
    assert "press F5 to train" in empty.accessibleDescription()


def test_a_run_is_drawn_whole_with_its_peak(view):
    history = make_history(413)
    view.show_snapshot(make_snapshot(history=history))
    (left, right), (low, high) = plots(view).loss.getViewBox().viewRange()
    assert left <= 0 and right >= 412
    assert low <= history.losses.min() and high >= history.losses.max()


def test_a_click_on_the_curve_goes_to_that_batch(view, qtbot):
    view.show_snapshot(make_snapshot())
    with qtbot.waitSignal(view.batch_chosen) as chosen:
        qtbot.mouseClick(
            plots(view).loss.viewport(), Qt.MouseButton.LeftButton, pos=place_of(view, 200)
        )
    assert abs(chosen.args[0] - 200) <= 1


def test_the_line_of_the_cursor_can_be_dragged_through_time(view, qtbot):
    snapshot = make_snapshot()
    view.show_snapshot(snapshot)
    chosen = []
    view.batch_chosen.connect(chosen.append)
    where = plots(view).loss.viewport()
    start = place_of(view, snapshot.position.batch)
    before = plots(view).loss.getViewBox().viewRange()
    qtbot.mousePress(where, Qt.MouseButton.LeftButton, pos=start)
    for batch in (350, 250, 150):
        qtbot.mouseMove(where, place_of(view, batch))
        view.show_snapshot(snapshot)  # of where the drag has led to, which comes late
        assert abs(plots(view).loss.cursor_at - batch) <= 1
    qtbot.waitUntil(lambda: len(chosen) > 0)
    qtbot.mouseRelease(where, Qt.MouseButton.LeftButton, pos=place_of(view, 120))
    assert abs(chosen[-1] - 120) <= 1
    assert plots(view).loss.getViewBox().viewRange() == before  # it has not panned


def test_a_drag_beside_the_line_chooses_nothing(view, qtbot):
    view.show_snapshot(make_snapshot())
    chosen = []
    view.batch_chosen.connect(chosen.append)
    where = plots(view).loss.viewport()
    qtbot.mousePress(where, Qt.MouseButton.LeftButton, pos=place_of(view, 200))
    qtbot.mouseMove(where, place_of(view, 260))
    qtbot.mouseRelease(where, Qt.MouseButton.LeftButton, pos=place_of(view, 260))
    assert not chosen


def test_the_mouse_tells_the_loss_and_its_average(view, qtbot):
    view.show_snapshot(make_snapshot())
    qtbot.mouseMove(plots(view).loss.viewport(), place_of(view, 300))
    assert "batch 300: " in words(view) or "batch 299: " in words(view)
    assert "average" in words(view)


def test_wheel_zooms_until_fit_and_a_growing_run_leaves_the_zoom(view, qtbot):
    view.show_snapshot(make_snapshot())
    box = plots(view).loss.getViewBox()
    box.sigRangeChangedManually.emit([True, False])
    box.setXRange(100, 150, padding=0)
    view.show_history(make_history(500))
    assert box.viewRange()[0] == pytest.approx([100, 150])
    fit = view.title_widgets()[1]
    qtbot.mouseClick(fit, Qt.MouseButton.LeftButton)
    assert box.viewRange()[0][1] > 499


def test_logarithmic_and_back(view, qtbot):
    view.show_snapshot(make_snapshot())
    box = plots(view).loss.getViewBox()
    linear = box.viewRange()[1]
    buttons = view.title_widgets()[0].findChildren(QToolButton)
    qtbot.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    assert 10 ** box.viewRange()[1][1] == pytest.approx(linear[1], rel=0.1)
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert box.viewRange()[1] == pytest.approx(linear)


def test_logarithmic_ticks_are_named_at_1_2_and_5_or_all_between(view):
    view.show_snapshot(make_snapshot())
    axis = plots(view).loss.getPlotItem().getAxis("left")
    axis.setLogMode(y=True)
    values = [np.log10(v) for v in (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 2.0)]
    named = [text for text in axis.tickStrings(values, 1, 0.1) if text]
    assert named == ["0.2", "0.5", "2"]
    assert axis.tickStrings([np.log10(0.3), np.log10(0.4)], 1, 0.1) == ["0.3", "0.4"]


def test_losses_that_are_not_finite_or_zero_can_be_drawn(view, qtbot):
    history = make_history(200)
    losses = history.losses.copy()
    losses[50:60], losses[70], losses[90] = np.nan, np.inf, 0.0
    view.show_snapshot(make_snapshot(history=replace(history, losses=losses)))
    qtbot.mouseClick(
        view.title_widgets()[0].findChildren(QToolButton)[1], Qt.MouseButton.LeftButton
    )
    assert np.isfinite(plots(view).loss.getViewBox().viewRange()).all()
    assert not view.grab().isNull()


def test_a_run_without_measured_accuracy_says_so(view):
    empty = np.empty(0)
    history = make_history(50)
    history = replace(history, test_batches=empty, test_accuracies=empty, test_losses=empty)
    view.show_snapshot(make_snapshot(history=history))
    assert "not measured yet" in words(view)
    view.show_history(make_history(60))
    assert "not measured yet" not in words(view)


def test_a_million_batches_reach_the_screen_as_a_few_thousand_points(view):
    rng = np.random.default_rng(0)
    history = make_history(100)
    losses = rng.random(1_000_000)
    losses[654_321] = 9.0
    view.show_snapshot(make_snapshot(history=replace(history, losses=losses, reach=1_000_000)))
    x, y = plots(view).loss.listDataItems()[0].getData()
    assert len(x) < 5_000
    assert np.nanmax(y) == 9.0
    assert plots(view).loss.getViewBox().viewRange()[1][1] >= 9.0


def test_no_context_menu_and_the_theme_can_change(view):
    view.show_snapshot(make_snapshot())
    assert not plots(view).loss.getViewBox().menuEnabled()
    view.set_theme(LIGHT)
    background = plots(view).loss.backgroundBrush().color().name()
    assert background == LIGHT.panel


def test_what_came_while_hidden_is_drawn_when_shown(view):
    view.hide()
    view.show_history(make_history(30))
    assert not [plot for plot in view.findChildren(LossPlots) if plot.isVisibleTo(view)]
    view.show()
    assert plots(view).isVisible()


def test_the_axes_say_what_the_curves_show_while_a_run_grows(view):
    for reach in (16, 1000):
        view.show_history(replace(make_history(), losses=np.linspace(2, 1, reach), reach=reach))
    plots = view.findChild(LossPlots)
    for plot in (plots.loss, plots.accuracy):
        shown = plot.getViewBox().viewRange()[0]
        assert shown[1] > 1000
        assert plot.axes["bottom"].range == pytest.approx(shown)


def drawn_in(view, colour: str) -> int:
    """How many pixels of the loss plot have a colour."""
    picture = plots(view).loss.grab().toImage()
    wanted = QColor(colour).rgb()
    return sum(
        picture.pixel(x, y) == wanted
        for x in range(picture.width())
        for y in range(picture.height())
    )


def test_a_single_batch_is_a_dot(view):
    alone = replace(untrained(), reach=1, losses=np.array([2.3]))
    view.show_snapshot(make_snapshot(position=Position(0, 5), history=alone))
    assert drawn_in(view, DARK.accent) > 8


@pytest.mark.parametrize("reach", [1, 2, 3, 7, 40, 413])
def test_batches_are_whole_numbers_on_the_axis(view, reach):
    losses = np.linspace(2, 1, reach)
    view.show_snapshot(make_snapshot(history=replace(untrained(), reach=reach, losses=losses)))
    plot = plots(view).loss
    (low, high), width = plot.getViewBox().viewRange()[0], plot.getViewBox().width()
    axis = plot.axes["bottom"]
    spacing, values = axis.tickValues(low, high, width)[0]
    labels = axis.tickStrings(values, 1, spacing)
    assert labels[0] == "0"
    assert all(label.isdecimal() for label in labels)
    assert len(set(labels)) == len(labels) > 1


@pytest.mark.parametrize("width", [400, 520, 700, 900])
def test_the_last_batch_is_written_at_both_curves(view, qtbot, width):
    view.resize(width, 240)
    reach = 600
    losses = np.linspace(2, 1, reach)
    view.show_snapshot(make_snapshot(history=replace(untrained(), reach=reach, losses=losses)))
    qtbot.wait(1)
    half = code_face(11).width("600") / 2
    for plot in (plots(view).loss, plots(view).accuracy):
        (low, high), room = plot.getViewBox().viewRange()[0], plot.getViewBox().width()
        assert (high - reach) / (high - low) * room > half


def test_the_tag_has_the_loss_once_it_is_known_at_the_cursor(view):
    def tag() -> str:
        items = plots(view).loss.getPlotItem().items
        return next(i.toPlainText() for i in items if isinstance(i, TextItem) and i.isVisible())

    layers = make_layers()
    done = (*layers[:-1], replace(layers[-1], output=np.float32(2.239)))
    view.show_snapshot(make_snapshot())
    assert tag() == "batch 412", "the last batch, before its loss"
    view.show_snapshot(make_snapshot(layers=done))
    assert tag().startswith("batch 412  1.")
    view.show_snapshot(make_snapshot(position=Position(411, 0)))
    assert tag().startswith("batch 411  1."), "an earlier batch has run"


def test_a_run_that_has_blown_up_is_drawn_as_far_as_it_is_finite(view):
    """Also where no loss is: nothing of it is a warning."""
    history = make_history(40)
    losses = history.losses.copy()
    losses[25:] = np.nan
    nowhere = np.full_like(history.test_losses, np.nan)
    view.show_snapshot(
        make_snapshot(
            position=Position(30, 0), history=replace(history, losses=losses, test_losses=nowhere)
        )
    )
    x, y = plots(view)._raw.getData()
    assert np.nanmax(y) == losses[:25].max() and x.max() >= 25
    view.grab()
    view.show_snapshot(
        make_snapshot(
            position=Position(30, 0),
            history=replace(history, losses=np.full(40, np.inf), test_losses=nowhere),
        )
    )
    view.grab()


# What is not finite, and what was measured


def text_items(plot) -> list[TextItem]:
    return [i for i in plot.getPlotItem().items if isinstance(i, TextItem) and i.isVisible()]


def texts(plot) -> list[str]:
    return [item.toPlainText() for item in text_items(plot)]


def blown_up(first: int, after: int, value: float | list[float] = np.nan):
    history = make_history(60)
    losses = history.losses.copy()
    losses[first:after] = value
    return replace(history, losses=losses)


def test_the_average_breaks_where_losses_are_not_numbers_and_it_says_so(view):
    history = blown_up(25, 60)
    view.show_snapshot(make_snapshot(position=Position(40, 0), history=history))
    _, average, *_ = plots(view).loss.listDataItems()
    x, y = average.getData()
    assert np.isnan(y[x >= 25]).all() and np.isfinite(y[x < 25]).all()
    assert "NaN from batch 25 on" in texts(plots(view).loss)
    assert "batch 40  NaN" in texts(plots(view).loss)
    assert drawn_in(view, DARK.nan) > 50, "hatched"
    view.set_theme(LIGHT)
    assert drawn_in(view, LIGHT.nan) > 50


@pytest.mark.parametrize(
    ("first", "after", "value", "words"),
    [
        (7, 8, np.inf, "∞ in batch 7"),
        (7, 9, np.nan, "NaN in 2 batches, the first 7"),
        (59, 60, np.nan, "NaN from batch 59 on"),
        (20, 22, [np.nan, np.inf], "NaN and ∞ in 2 batches, the first 20"),
    ],
)
def test_what_is_not_finite_is_named_with_its_batches(view, first, after, value, words):
    view.show_snapshot(
        make_snapshot(position=Position(3, 0), history=blown_up(first, after, value))
    )
    assert words in texts(plots(view).loss)
    view.show_snapshot(make_snapshot(position=Position(3, 0), history=make_history(60)))
    assert words not in texts(plots(view).loss)
    assert drawn_in(view, DARK.nan) == 0


@settings(max_examples=60, deadline=None)
@given(mask=st.lists(st.booleans(), max_size=40))
def test_stretches_cover_what_is_marked_and_nothing_else(mask):
    found = stretches(np.array(mask, dtype=bool))
    covered = [n for first, after in found for n in range(first, after)]
    assert covered == [n for n, one in enumerate(mask) if one]
    assert all(after < later for (_, after), (later, _) in itertools.pairwise(found))


def climbing(parts: tuple[tuple[int, int], ...] = ((10, 2000), (50, 2000))):
    """A run with a first epoch that was measured early, in parts."""
    history = make_history(600)
    batches = np.array([0, 10, 50, 200, 400, 600])
    shares = np.array([0.11, 0.6, 0.78, 0.9, 0.915, 0.923])
    losses = np.linspace(2.3, 0.3, 6)
    return replace(
        history, test_batches=batches, test_accuracies=shares, test_losses=losses, test_parts=parts
    )


@pytest.mark.parametrize("size", [(842, 110), (842, 150), (500, 240), (1300, 600)])
def test_the_accuracy_s_axis_reaches_from_0_to_100_and_both_are_written(view, size):
    view.resize(*size)
    view.show_snapshot(make_snapshot(position=Position(300, 0), history=climbing()))
    plot = plots(view).accuracy
    plot.grab()
    axis = plot.axes["left"]
    (low, high), height = axis.range, axis.size().height()
    labels = axis.tickStrings(axis.tickValues(low, high, height)[0][1], 1, 1)
    assert labels[0] == "0" and labels[-1] == "100"
    half = 6.0  # of a label's height
    for value in (0, 100):
        y = (high - value) / (high - low) * height
        assert half <= y <= height - half, "the label is not cut"


def test_the_accuracy_s_label_is_the_cursor_s(view):
    def label(batch: int) -> str:
        view.show_snapshot(make_snapshot(position=Position(batch, 0), history=climbing()))
        (found,) = texts(plots(view).accuracy)
        return found

    assert label(600) == "92.3 %"
    assert label(400) == "91.5 %"
    assert label(450) == "91.5 % at batch 400"
    assert label(10) == "60.0 %, 2000 images"
    assert label(60).startswith("78.0 % at batch 50")
    assert label(0) == "11.0 %"


@pytest.mark.parametrize("size", [(842, 150), (420, 120), (1300, 600)])
def test_no_label_at_the_cursor_is_ever_cut(view, size):
    view.resize(*size)
    for batch in range(0, 601, 30):
        view.show_snapshot(make_snapshot(position=Position(batch, 0), history=climbing()))
        for plot in (plots(view).loss, plots(view).accuracy):
            plot.grab()  # a text is laid out where it is drawn
            box = plot.getViewBox()
            frame = box.mapRectToScene(box.rect()).adjusted(-1, -1, 1, 1)
            for item in text_items(plot):
                drawn = item.mapRectToScene(item.boundingRect())
                assert frame.contains(drawn), (batch, item.toPlainText())


def test_a_part_of_the_test_set_is_drawn_smaller_and_said(view, qtbot):
    view.show_snapshot(make_snapshot(position=Position(600, 0), history=climbing()))
    (curve,) = plots(view).accuracy.listDataItems()
    assert curve.opts["symbolSize"].tolist() == [7, 4, 4, 7, 7, 7]
    assert "of 2000 images" in words(view)
    qtbot.mouseMove(plots(view).loss.viewport(), place_of(view, 52))
    assert "78.0 % at batch 50, 2000 images" in words(view)
    view.show_snapshot(make_snapshot(position=Position(600, 0), history=climbing(())))
    assert "of 2000 images" not in words(view)
