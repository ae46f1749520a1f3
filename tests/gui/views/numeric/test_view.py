"""Numerical differentiation against backpropagation, as a person starts, watches and reads it."""

from __future__ import annotations

import itertools
from multiprocessing import active_children

import numpy as np
import pytest
from pyqtgraph import TextItem
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QToolButton

from engine.debug.session import Session
from engine.nn.layers import Affine, Sigmoid
from engine.nn.losses import SoftmaxWithLoss
from engine.nn.models import two_layer_net
from engine.nn.network import Network
from engine.nn.optimizers import SGD
from engine.numeric import Contestant, Method, expected_evaluations, numerical_gradient
from engine.numeric.studies.sweep import SERIES, STEPS, SweepPoint
from gui.look.theme import DARK, LIGHT
from gui.look.type_scale import SCALE
from gui.paint.cell_pointer import ArrayCell
from gui.paint.text import code_face
from gui.views.numeric.durations import count_text, multiple_text, seconds_text
from gui.views.numeric.methods import ORDER
from gui.views.numeric.pages import CONTEST, DIRECTIONS, RESULTS, SCALING, SWEEP, VALUES
from gui.views.numeric.result import Result
from gui.views.numeric.table import EVALUATIONS, MULTIPLE, NAME, TIME
from gui.views.numeric.view import NumericView
from gui.widgets.empty import EmptyState
from gui.window.main_window import MainWindow
from tests.gui.session.test_process import SECONDS
from tests.gui.sessions import toy_dataset
from tests.gui.snapshots import make_snapshot

pytestmark = pytest.mark.slow


def click(button: QToolButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(box, data) -> None:
    """As a person does, who opens the list and takes an entry."""
    place = [box.itemData(n) for n in range(box.count())].index(data)
    box.setCurrentIndex(place)
    box.activated.emit(box.currentIndex())


def cell(view, method: Method, column: int) -> str:
    """What the table says."""
    model = view.contest.table.contest
    return model.data(model.index(ORDER.index(method), column))


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("≈", "").replace(",", "").split()[0])


def take_part(view, *methods: Method) -> None:
    """Click the boxes of the others away."""
    model = view.contest.table.contest
    for row, method in enumerate(ORDER):
        if (method in model.chosen) != (method in methods) and method is not Method.BACKPROP:
            model.setData(
                model.index(row, NAME),
                Qt.CheckState.Checked if method in methods else Qt.CheckState.Unchecked,
                Qt.ItemDataRole.CheckStateRole,
            )


def ended(view) -> bool:
    return not view.aside.busy


@pytest.fixture
def view(window, qtbot, settled):
    window.resize(1366, 768)
    window.layouts.choose("numeric")
    settled(window)
    view = window.numeric
    qtbot.waitUntil(view.isVisible)
    yield view
    view.shut_down()
    assert not active_children()


def run(view, qtbot, *methods: Method) -> None:
    take_part(view, *methods)
    click(view.controls.start)
    qtbot.waitUntil(lambda: view.aside.busy)
    qtbot.waitUntil(lambda: ended(view), timeout=60_000)
    view._draw()
    view.values.refresh()


def test_before_it_starts_it_says_what_it_would_do(view):
    assert "Press Start" in view.verdict.text()
    assert "784 × 50 × 2 + 50 × 10 × 2 = 79,400" in view.contest.formula.text()
    assert "79,520" in view.contest.formula.text()
    assert cell(view, Method.CENTRAL, EVALUATIONS) == ""


def test_the_contest_is_run_on_the_minibatch_at_the_cursor(view, window, qtbot, settled):
    window.bridge.train(3)
    settled(window)
    window.bridge.goto(window.snapshot.position._replace(batch=2))
    settled(window)
    QTest.keyClick(window, Qt.Key.Key_S)
    settled(window)
    choose(view.controls.elements, (None, 100))
    run(view, qtbot, *ORDER)
    other = Session(two_layer_net(seed=0), toy_dataset(), SGD(lr=0.1), 10, seed=0)
    other.run(2)
    network, x, t = other.copy_before_batch()
    state = view._state
    assert state.subject.batch == 2
    network64 = numerical_gradient(network, x, t, "central", dtype="float64",
                                   only={"Affine2.b": None})  # fmt: skip
    shown = state.numeric[Method.CENTRAL]["Affine2.b"]
    known = ~np.isnan(shown)
    np.testing.assert_array_equal(shown[known], network64["Affine2.b"][known])
    for method in ORDER:
        row = state.rows[method]
        assert number(cell(view, method, EVALUATIONS)) in (row.evaluations_done, 1,
                                                           row.evaluations_needed)  # fmt: skip
        about = "≈ " if row.extrapolated else ""
        assert cell(view, method, TIME) == about + seconds_text(row.seconds_total)
        assert cell(view, method, MULTIPLE) == about + multiple_text(row.times_backprop)
    assert state.rows[Method.CENTRAL].extrapolated
    assert not state.rows[Method.BACKPROP].extrapolated
    assert view.verdict.text().startswith("Backpropagation agrees")


def test_the_whole_gradient_stands_beside_backprop_s_cell_by_cell(view, qtbot):
    run(view, qtbot, Method.INCREMENTAL)
    state, canvas = view._state, view.values.canvas
    tiles = {tile.id: tile for tile in canvas.tiles}
    right = state.backprop["Affine1.W"]
    found = state.numeric[Method.INCREMENTAL]["Affine1.W"]
    assert not np.isnan(found).any()
    np.testing.assert_array_equal(tiles["numeric"].values, found)
    np.testing.assert_array_equal(tiles["backprop"].values, right)
    np.testing.assert_array_equal(tiles["difference"].values, found - right)
    assert tiles["numeric"].scale == tiles["backprop"].scale
    assert tiles["numeric"].known is None
    cells = canvas.cells_of("backprop")
    at = QPoint(round(cells.center().x()), round(cells.center().y()))
    QTest.mouseMove(canvas, at)
    row = int((at.y() - cells.top()) / cells.height() * 784)
    column = int((at.x() - cells.left()) / cells.width() * 50)
    qtbot.waitUntil(lambda: canvas.cell_text() != "")
    words = canvas.cell_text()
    assert words.startswith(f"Affine1.W[{row}, {column}]")
    assert abs(number(words.split("  ")[-1]) - right[row, column]) <= 1e-5 * abs(right).max()
    choose(view.values.parameter, "Affine2.b")
    tiles = {tile.id: tile for tile in canvas.tiles}
    bias = np.atleast_2d(state.backprop["Affine2.b"])
    np.testing.assert_array_equal(tiles["backprop"].values, bias)
    check = next(one for one in state.check.parameters if one.name == "Affine2.b")
    assert f"worst {list(check.worst)}" in view.values.words()
    assert "|a − n| / max(|a|, |n|, floor)" in view.values.words()
    assert "by two whole passes each: the same" in view.values.words()
    row = state.rows[Method.INCREMENTAL]
    assert not row.extrapolated
    assert cell(view, Method.INCREMENTAL, EVALUATIONS) == count_text(79_520)


def test_what_was_not_looked_at_is_left_empty_and_says_not_yet(view, qtbot):
    choose(view.controls.elements, (None, 100))
    run(view, qtbot, Method.CENTRAL)
    tile = next(t for t in view.values.canvas.tiles if t.id == "numeric")
    assert tile.known is not None and 0 < tile.known.sum() < tile.known.size
    row, column = np.argwhere(~tile.known)[0]
    canvas = view.values.canvas
    canvas.pointer.point(ArrayCell("numeric", int(row), int(column)))
    assert "not yet" in canvas.cell_text()


def test_it_is_paused_goes_on_and_is_cancelled(view, qtbot):
    choose(view.controls.limit, None)
    take_part(view, Method.CENTRAL)
    click(view.controls.start)
    qtbot.waitUntil(lambda: view._state is not None and view._state.running is Method.CENTRAL,
                    timeout=SECONDS)  # fmt: skip
    qtbot.waitUntil(lambda: view.controls.bar.isVisible() and "left" in view.controls.left.text(),
                    timeout=SECONDS)  # fmt: skip
    assert not view.controls.start.isVisible()
    click(view.controls.pause)
    assert view.controls.pause.text() == "Go on" and "paused" in view.controls.left.text()

    def is_quiet() -> bool:
        before = view._state.steps[Method.CENTRAL].done
        qtbot.wait(120)
        return view._state.steps[Method.CENTRAL].done == before

    qtbot.waitUntil(is_quiet, timeout=SECONDS)
    before = view._state.steps[Method.CENTRAL].done
    click(view.controls.pause)
    qtbot.waitUntil(lambda: view._state.steps[Method.CENTRAL].done > before, timeout=SECONDS)
    click(view.controls.cancel)
    assert ended(view)
    qtbot.waitUntil(lambda: not active_children(), timeout=SECONDS)
    row = view._state.rows[Method.CENTRAL]
    assert row.extrapolated and 0 < row.evaluations_done < 79_520
    assert view.controls.start.isVisible()
    assert "/" in cell(view, Method.CENTRAL, EVALUATIONS)
    assert cell(view, Method.CENTRAL, TIME).startswith("≈")
    assert view.results.results.results[0].verdict == "cancelled"


def test_closing_the_window_leaves_no_process_behind(view, window, qtbot):
    choose(view.controls.limit, None)
    click(view.controls.start)
    qtbot.waitUntil(lambda: bool(active_children()), timeout=SECONDS)
    window.close()
    assert not active_children()


def test_the_tutorial_s_network_is_a_click_away(view, qtbot):
    take_part(view, Method.INCREMENTAL, Method.CENTRAL)
    click(view.controls.tutorial)
    qtbot.waitUntil(lambda: view.aside.busy)
    qtbot.waitUntil(lambda: ended(view), timeout=60_000)
    view._draw()
    view.values.refresh()
    assert set(view._state.backprop) == {"Affine1.W"}
    words = view.contest.formula.text()
    assert "784 × 10 × 2 = 15,680" in words and "nearly a minute" in words
    row = view._state.rows[Method.CENTRAL]
    assert words.rstrip(".").endswith(seconds_text(row.seconds_total))
    assert view.results.results.results[0].network == "784-10"


def test_the_sweep_is_drawn_with_its_best_h(view, qtbot):
    run(view, qtbot, Method.INCREMENTAL)
    page = view._panes[SWEEP]
    qtbot.waitUntil(lambda: page.plot is not None and page.plot.chart is not None)
    chart = page.plot.chart
    assert len(chart.series) == 6
    names = [series.name for series in chart.series]
    assert "central, float64" in names and "complex, float32" in names
    central = chart.series[names.index("central, float64")]
    best = central.x[np.nanargmin(central.y)]
    (marked,) = chart.marked
    assert marked.x == best and marked.text.startswith("best h")
    assert (chart.left, chart.right) == ("← round-off", "truncation →")


def test_directions_and_scaling_have_a_page_of_their_own(view, qtbot):
    view.show_page(SCALING)
    assert view._panes[SCALING].isVisible() and view._panes[DIRECTIONS].isVisible()
    click(view.controls.start)
    qtbot.waitUntil(lambda: view.aside.busy)
    qtbot.waitUntil(lambda: len(view.studies.found.sizes) >= 8, timeout=60_000)
    qtbot.waitUntil(lambda: "Taylor test: the gradient is right" in view.verdict.text())

    def names() -> list[str]:
        plot = view._panes[SCALING].plot
        return [series.name for series in plot.chart.series] if plot.chart is not None else []

    qtbot.waitUntil(lambda: any(name.startswith("backprop, slope") for name in names()))
    assert any(name.startswith("≈ central, slope") for name in names())
    chart = view._panes[DIRECTIONS].plot.chart
    named = [series.name for series in chart.series if series.name]
    assert len(chart.series) == 8 and len(named) == 2, "one name for the lines of all directions"
    assert named[0].startswith("|L(p + εv) − L(p)|, 4 directions, slope")
    assert named[1].startswith("remainder, 4 directions, slope")
    click(view.controls.cancel)
    assert ended(view)


def test_results_are_kept_and_can_be_saved(view, qtbot):
    choose(view.controls.elements, (None, 100))
    run(view, qtbot, Method.CENTRAL)
    choose(view.controls.dtype, "float32")
    run(view, qtbot, Method.CENTRAL, Method.INCREMENTAL)
    results = view.results.results
    assert results.rowCount() == 2 and [r.dtype for r in results.results] == ["float32", "float64"]
    table = next(t for t in view.tables() if t.name == "results")
    assert table.values.shape == (2, len(table.columns))
    assert table.values[0, table.columns.index("dtype")] == "float32"
    view.show_page(RESULTS)
    assert view.results.isVisible()


def test_float32_agrees_only_as_far_as_it_can_and_says_why(view, qtbot):
    choose(view.controls.elements, (None, 100))
    choose(view.controls.dtype, "float32")
    run(view, qtbot, Method.INCREMENTAL)
    assert "as well as can be" in view.verdict.text()
    assert "round-off" in view.verdict.text()


class ForgotDerivative(Sigmoid):
    """Defined where another process can find it."""

    def backward(self, dout):
        return dout


def wrong_session(kind) -> Session:
    rng = np.random.default_rng(0)
    network = Network(
        [
            Affine(rng.normal(0, 0.05, (784, 12)), np.zeros(12)),
            kind(),
            Affine(rng.normal(0, 0.3, (12, 10)), np.zeros(10)),
        ],
        SoftmaxWithLoss(),
    )
    return Session(network, toy_dataset(), SGD(lr=0.1), 10, seed=0)


@pytest.mark.parametrize("here", [False, True])
def test_a_wrong_layer_is_named_wherever_it_is_defined(qtbot, settled, here):
    class Hidden(Sigmoid):
        """No other process can find it, so that it is worked on here."""

        def backward(self, dout):
            return dout

    kind = Hidden if here else ForgotDerivative
    window = MainWindow(wrong_session(kind))
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    settled(window)
    window.layouts.choose("numeric")
    view = window.numeric
    choose(view.controls.elements, (None, 100))
    run(view, qtbot, Method.CENTRAL)
    assert view.verdict.text().startswith(f"Backpropagation disagrees, first in {kind.__name__}1")
    window.close()


def test_a_low_panel_shows_one_page_and_a_large_one_three(view, window, qtbot, settled):
    assert [pane.isVisible() for pane in view._panes[:3]] == [True, True, True]
    window.layouts.choose("debug")
    window.docks["numeric"].raise_()
    settled(window)
    qtbot.waitUntil(view.isVisible)
    for page in (CONTEST, VALUES, SWEEP, SCALING, DIRECTIONS, RESULTS):
        choose(view.pages.box, page)
        assert [pane.isVisible() for pane in view._panes].count(True) == 1
        assert view._panes[page].isVisible()


def test_while_it_trains_nothing_is_compared_and_it_says_why(view, window, qtbot, settled):
    window.bridge.train(None)
    qtbot.waitUntil(lambda: not view.controls.start.isEnabled())
    assert view.controls.start.toolTip() == "Pause the training first"
    window.bridge.pause()
    settled(window)
    assert view.controls.start.isEnabled()


def test_the_evaluations_in_the_table_are_those_of_the_network(view, qtbot):
    choose(view.controls.elements, (None, 100))
    run(view, qtbot, Method.FORWARD, Method.CENTRAL)
    for method in (Method.FORWARD, Method.CENTRAL):
        needed = expected_evaluations(view._state.subject.network, method).total
        assert cell(view, method, EVALUATIONS).endswith(f"/ {count_text(needed)}")


# What is said while it runs


def all_words(view) -> str:
    """What stands in the panel's labels, empty places and tiles."""
    labels = [label.text() for label in view.findChildren(QLabel) if label.isVisible()]
    empty = [one for one in view.findChildren(EmptyState) if one.isVisible()]
    tiles = [tile.missing[0] for tile in view.values.canvas.tiles if tile.missing]
    said = [f"{one.accessibleName()} {one.accessibleDescription()}" for one in empty]
    return " | ".join([*labels, *said, *tiles, view.verdict.text()])


def test_from_the_click_on_it_says_what_it_does_and_never_press_start(view, qtbot):
    assert all_words(view).count("ress Start") == 3
    heard, ticks = [], []
    view.aside.heard.connect(lambda messages: heard.append(all_words(view)))
    click(view.controls.start)
    qtbot.waitUntil(lambda: view.aside.busy)
    assert view.verdict.text().startswith("Starting")
    assert view.controls.left.text() == "starting" and not view.controls.bar.isVisible()
    assert "ress Start" not in all_words(view)
    assert "Comes after the methods" in all_words(view) and "under way" in all_words(view)
    view._tick.timeout.connect(
        lambda: ticks.append((view.controls.bar.isVisible(), view.controls.bar.value()))
    )
    qtbot.waitUntil(lambda: ended(view), timeout=60_000)
    assert heard and not any("ress Start" in words for words in heard)
    shares = [value for visible, value in ticks if visible]
    assert shares == sorted(shares) and shares[-1] > 0, "the bar never goes back"
    view._draw()
    assert "ress Start" not in all_words(view), "all of it is there"


def test_the_first_cells_are_drawn_while_most_are_to_come(view, qtbot):
    choose(view.controls.limit, None)
    take_part(view, Method.CENTRAL)
    click(view.controls.start)
    qtbot.waitUntil(lambda: view.aside.busy)
    qtbot.waitUntil(lambda: view._state.running is Method.CENTRAL, timeout=SECONDS)
    qtbot.waitUntil(
        lambda: any(
            t.id == "numeric" and t.known is not None and 0 < t.known.sum() < t.known.size
            for t in view.values.canvas.tiles
        ),
        timeout=SECONDS,
    )
    assert view.verdict.text().startswith("central is running")
    assert "central" in view.controls.left.text() and "left" in view.controls.left.text()
    click(view.controls.cancel)


def empty_text(view, page):
    """The text on the page of a study that has no plot yet."""
    return view._panes[page].findChild(EmptyState).accessibleDescription()


def test_a_study_that_runs_says_so_and_the_other_that_it_does_not(view, qtbot):
    view.show_page(SCALING)
    click(view.controls.start)
    qtbot.waitUntil(lambda: view.aside.busy)
    pages = {page: empty_text(view, page) for page in (SWEEP, SCALING, DIRECTIONS)}
    assert pages[SCALING].startswith("Under way") and pages[DIRECTIONS].startswith("Under way")
    assert pages[SWEEP].startswith("Not part of the running comparison")
    click(view.controls.cancel)
    assert view.verdict.text() == "Cancelled Results so far are kept."
    assert all(empty_text(view, page).startswith("Press Start") for page in pages)


# Nothing is cut


@pytest.fixture(params=[(1.0, 844, 137), (1.5, 1266, 206), (1.5, 1266, 306)])
def low_view(qtbot, request):
    """The panel as large as it is among the others at 1366 × 768, or as much larger as its type."""
    SCALE.factor, *size = request.param
    view = NumericView(DARK)
    for widget in (view, *view.title_widgets()):
        qtbot.addWidget(widget)
    view.resize(*size)
    with qtbot.waitExposed(view):
        view.show()
    view.show_snapshot(make_snapshot())
    yield view
    view.shut_down()


def swept_points():
    """What a sweep might find: pairs of curves that begin and end together."""
    points = []
    for method, dtype in SERIES:
        floor = 1e-7 if dtype == "float32" else 1e-15
        for h in STEPS:
            error = h if method is Method.FORWARD else h * h
            if method is not Method.COMPLEX:
                error += floor / h
            points.append(SweepPoint(method, dtype, h, min(error + floor, 1.0), 1.0, 40, 0, 0))
    return points


def label_boxes(plot):
    """Where the names of the curves are, in the scene, by their text."""
    plot.plot.grab()
    items = [i for i in plot.plot.getPlotItem().items if isinstance(i, TextItem) and i.isVisible()]
    return {
        item.toPlainText(): item.mapRectToScene(item.boundingRect()).adjusted(4, 4, -4, -4)
        for item in items if item.opacity() > 0
    }  # fmt: skip


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_every_curve_has_its_name_at_it_in_a_low_panel_too(low_view, qtbot, theme):
    view = low_view
    view.set_theme(theme)
    choose(view.pages.box, SWEEP)
    view.studies.found.steps = swept_points()
    view._draw()
    plot = view._panes[SWEEP].plot
    names = {f"{method}, {dtype}" for method, dtype in SERIES}
    qtbot.waitUntil(lambda: names <= set(label_boxes(plot)))
    box = plot.plot.getViewBox()
    frame = box.mapRectToScene(box.rect()).adjusted(-1, -1, 1, 1)

    def settled_boxes():
        found = label_boxes(plot)
        return found if all(frame.contains(one) for one in found.values()) else None

    qtbot.waitUntil(lambda: settled_boxes() is not None)
    boxes = [rect for name, rect in settled_boxes().items() if name in names]
    centres = sorted(rect.center().y() for rect in boxes)
    apart = min(b - a for a, b in itertools.pairwise(centres))
    assert apart >= 9, "each name can be read"
    for curve in (c for c in plot.plot.listDataItems() if c.isVisible()):
        x, y = curve.getData()
        for px, py in zip(x, y, strict=True):
            at = box.mapViewToScene(QPointF(px, py))
            assert not any(rect.contains(at) for rect in boxes)


def test_the_contest_is_whole_in_a_low_panel(low_view, qtbot):
    table = low_view.contest.table
    last = table.visualRect(table.contest.index(len(ORDER) - 1, NAME))
    assert table.viewport().rect().contains(last)
    assert low_view.contest.rect().contains(table.geometry())


def test_no_number_of_the_contest_is_cut_from_the_first_on(low_view):
    table = low_view.contest.table
    metrics = QFontMetrics(code_face(12).font)
    for seconds in (0.01, 12.3, 7261.0):
        rows = {
            method: Contestant(method, 79_520, 28, seconds, True, seconds, 1e4 * seconds)
            for method in ORDER
        }  # fmt: skip
        low_view.contest.show_rows(rows, None)
        for row in range(len(ORDER)):
            for column in (EVALUATIONS, TIME, MULTIPLE):
                text = table.contest.data(table.contest.index(row, column))
                assert metrics.horizontalAdvance(text) + 4 <= table.columnWidth(column), text


def some_result(elements: str = "all", words: str = "Backpropagation agrees") -> Result:
    rows = {
        method: Contestant(method, 79_520, 100, 1.5, True, 2345.6, 132_000.0) for method in ORDER
    }
    return Result("17:06:18", "784-100-50-10", 412, 100, elements, "1e-4", "float64", rows, words,
                  2.7e-7)  # fmt: skip


@pytest.mark.parametrize("scale", [1.0, 1.9])
@pytest.mark.parametrize("width", [240, 430, 490, 830, 1340])
def test_nothing_of_a_result_is_cut_at_any_width(view, width, scale):
    SCALE.factor, width = scale, round(width * scale)
    result = some_result("Affine1.W, Affine1.b", "Backpropagation agrees as well as can be")
    pieces, height = view.results.drawn_by.pieces(result, width)
    face = code_face(12)
    words = " ".join(text for _, text, _ in pieces)
    for part in (
        *result.how().split(" · "),
        *result.outcome().split(" "),
        "backprop",
        "132,000",
    ):
        assert part in words
    for box, text, _ in pieces:
        assert box.left() >= 0 and box.right() <= width
        assert box.bottom() <= height
        assert box.width() >= face.width(text), "no text is shortened"
        assert box.height() >= face.metrics.capHeight() + face.metrics.descent()


@pytest.mark.parametrize("layout", ["numeric", "debug"])
def test_the_results_are_whole_where_they_are_shown(window, qtbot, settled, layout):
    window.resize(1366, 768)
    window.layouts.choose(layout)
    window.docks["numeric"].raise_()
    settled(window)
    view = window.numeric
    qtbot.waitUntil(view.isVisible)
    view.results.results.add(some_result())
    view.show_page(RESULTS)
    qtbot.waitUntil(view.results.isVisible)
    listed = view.results
    shown = listed.visualRect(listed.results.index(0))
    assert shown.width() <= listed.viewport().width()
    assert not listed.horizontalScrollBar().isVisible()
    assert shown.height() >= 3 * 18, "in as many lines as it asks for"
    view.shut_down()


def test_the_values_and_their_ranges_are_whole_in_a_low_panel(low_view, qtbot):
    choose(low_view.pages.box, VALUES)
    values = low_view.values
    parts = (values.parameter, values.method, values.canvas)

    def is_whole() -> bool:
        return all(values.rect().contains(part.geometry()) for part in parts)

    qtbot.waitUntil(is_whole)
    assert values.canvas.height() >= 80, "a title, a map, its bar and the numbers below it"
