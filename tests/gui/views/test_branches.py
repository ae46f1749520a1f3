"""The branches of a run: the tree, the curves, and two of them side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QToolButton

from engine.debug.events import Kind, Position
from engine.debug.queries.compare import Comparison, FirstDifference, ParameterDifference, Side
from engine.debug.snapshots.snapshot import BranchState
from gui.look.theme import DARK, LIGHT
from gui.run_kind import RunKind
from gui.views.branches.look import DASHES, look_of
from gui.views.branches.plots import BranchPlots
from gui.views.branches.tree import FROM, LOSS, NAME, NOTE
from gui.views.branches.view import BranchesView
from gui.widgets.empty import EmptyState
from tests.gui.snapshots import make_snapshot

NONE = np.empty(0)


def branch(id: int, name: str, losses, parent=None, batch: int = 0, **more) -> BranchState:
    fields = {"note": "", "edits": (), "current": False, "batches": NONE, "accuracies": NONE}
    fields |= more
    return BranchState(
        id, name, fields["note"], parent, batch, fields["edits"], np.asarray(losses, dtype=float),
        fields["batches"], fields["accuracies"], fields["current"],
    )  # fmt: skip


def three() -> tuple[BranchState, ...]:
    """Main; from batch 40 on a quicker one; from its batch 60 on one where a unit is silent."""
    main = np.linspace(2.4, 1.0, 100)
    quick = np.concatenate([main[:40], np.linspace(1.8, 0.5, 70)])
    silent = np.concatenate([quick[:60], np.linspace(1.4, 1.2, 20)])
    return (
        branch(0, "main", main, batches=np.array([0, 50]), accuracies=np.array([0.1, 0.8125])),
        branch(1, "quick", quick, 0, 40, edits=("learning rate 2",), current=True),
        branch(2, "silent", silent, 1, 60, note="does one matter?"),
    )


def one_differs(**changes) -> Comparison:
    difference = np.zeros((4, 3), dtype=np.float32)
    difference[2, 1] = -0.5
    small = np.full(3, 0.001, dtype=np.float32)
    fields = {
        "batch": 80,
        "sides": (Side(0, "main", 1.25, 0.75, 1.5), Side(2, "silent", 1.0, 0.5, 1.125)),
        "parted": 40,
        "parameters": (
            ParameterDifference("Affine1.b", small, 0.001, 0.001),
            ParameterDifference("Affine1.W", difference, 0.144, 0.5),
        ),
        "first": FirstDifference(
            Position(40, 57), Kind.EXPRESSION, "", "SGD.update", "self.lr * dW",
            "/there/optimizers.py", 40, False,
        ),
        "whole": True,
    }  # fmt: skip
    return Comparison(**(fields | changes))


@pytest.fixture
def view(qtbot):
    view = BranchesView(DARK)
    for widget in (view, *view.title_widgets()):
        qtbot.addWidget(widget)
    view.resize(842, 150)
    with qtbot.waitExposed(view):
        view.show()
    view.show_snapshot(make_snapshot(position=Position(70, 5), branches=three()))
    return view


def plots(view) -> BranchPlots:
    return view.findChild(BranchPlots)


def item(view, id: int):
    return view.tree._items()[id]


def choose(view, *ids: int) -> None:
    view.tree.clearSelection()
    for id in ids:
        item(view, id).setSelected(True)


def editor(view) -> QLineEdit:
    return next(line for line in view.tree.findChildren(QLineEdit) if line.isVisible())


def curve(view, id: int):
    return plots(view)._curves[id]


def xs(line) -> list[float]:
    x, _ = line.getData()
    return [] if x is None else list(x)


def focus(view, qtbot) -> None:
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    view.tree.setFocus()


def words(view) -> str:
    return " ".join(label.text() for label in view.findChildren(QLabel) if label.isVisible())


# The tree


def test_one_branch_alone_is_explained_with_a_button_that_makes_another(view, qtbot):
    view.show_snapshot(make_snapshot(branches=three()[:1]))
    empty = view.findChild(EmptyState)
    assert empty.isVisible() and "the run continues on a branch" in empty.accessibleDescription()
    with qtbot.waitSignal(view.new_asked):
        qtbot.mouseClick(view.begin, Qt.MouseButton.LeftButton)


def test_the_tree_says_where_each_left_and_how_it_does(view):
    main, quick, silent = (item(view, id) for id in range(3))
    assert quick.parent() is main and silent.parent() is quick
    assert [item.text(FROM) for item in (main, quick, silent)] == [
        "", "batch 40", "batch 60",
    ]  # fmt: skip
    assert [item.text(2) for item in (main, quick, silent)] == ["100", "110", "80"]
    assert main.text(LOSS) == "1.00" and main.text(4) == "81.2 %" and quick.text(4) == ""
    assert silent.text(NOTE) == "does one matter?"
    assert "learning rate 2" in quick.toolTip(NAME)


def test_the_present_one_is_marked_by_more_than_colour(view):
    assert [item(view, id).font(NAME).bold() for id in range(3)] == [False, True, False]
    assert item(view, 1).data(NAME, Qt.ItemDataRole.AccessibleTextRole) == (
        "quick, the present branch"
    )
    dots = [
        item(view, id).icon(NAME).pixmap(38, 14).toImage().pixelColor(5, 7).alpha()
        for id in range(3)
    ]
    assert dots[1] > 200 and dots[0] == dots[2] == 0


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_goes_over_to_a_branch(view, qtbot, key):
    view.tree.setCurrentItem(item(view, 2))
    with qtbot.waitSignal(view.switch_asked) as asked:
        QTest.keyClick(view.tree, key)
    assert asked.args == [2]


def test_a_double_click_goes_over_but_not_to_where_one_is(view, qtbot):
    asked = []
    view.switch_asked.connect(asked.append)
    for id in (1, 0):
        spot = view.tree.visualItemRect(item(view, id)).center()
        spot.setX(120)
        qtbot.mouseClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        qtbot.mouseDClick(view.tree.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert asked == [0]


def test_f2_renames_and_a_bad_name_is_refused_with_the_reason(view, qtbot):
    view.tree.setCurrentItem(item(view, 2))
    focus(view, qtbot)
    asked = []
    view.renamed.connect(lambda *what: asked.append(what))
    QTest.keyClick(view.tree, Qt.Key.Key_F2)
    line = editor(view)
    for bad, said in (("main", "Another branch has this name."), (" ", "1 to 80 characters")):
        line.selectAll()
        QTest.keyClicks(line, bad)
        assert said in line.toolTip() and DARK.error in line.styleSheet()
        QTest.keyClick(line, Qt.Key.Key_Return)
        assert line.isVisible() and not asked
    line.selectAll()
    QTest.keyClicks(line, "unit 3")
    assert not line.toolTip()
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: asked == [(2, "unit 3")])


def test_a_note_is_written_in_its_place(view, qtbot):
    view.tree.setCurrentItem(item(view, 1))
    focus(view, qtbot)
    QTest.keyClick(view.tree, Qt.Key.Key_F2, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(view.annotated) as asked:
        QTest.keyClicks(editor(view), "twice as fast")
        QTest.keyClick(editor(view), Qt.Key.Key_Return)
    assert asked.args == [1, "twice as fast"]


def test_what_is_refused_by_the_run_is_written_again_as_it_was(view):
    item(view, 2).setText(NAME, "typed")
    view.show_snapshot(make_snapshot(branches=three()))
    assert item(view, 2).text(NAME) == "silent"


@pytest.mark.parametrize(
    ("ids", "reason"), [((0,), "first branch stays"), ((1,), "switch to another"), ((), "Select")]
)
def test_what_cannot_be_removed_says_why(view, ids, reason):
    choose(view, *ids)
    assert not view.buttons.remove.isEnabled() and reason in view.buttons.remove.toolTip()


def test_delete_removes_the_selected_one(view, qtbot):
    view.tree.setCurrentItem(item(view, 2))
    focus(view, qtbot)
    with qtbot.waitSignal(view.remove_asked) as asked:
        QTest.keyClick(view.tree, Qt.Key.Key_Delete)
    assert asked.args == [2]


def test_selection_stays_while_a_branch_comes_and_another_grows(view):
    choose(view, 2)
    more = branch(3, "more", [1.0], 0, 0)
    main, quick, silent = three()
    grown = replace(silent, losses=np.linspace(2.4, 1.0, 300))
    view.show_snapshot(make_snapshot(branches=(main, quick, grown, more)))
    assert [one.id for one in view.tree.chosen()] == [2]
    assert item(view, 2).text(2) == "300"


# The curves


def test_what_branches_share_is_drawn_once(view):
    starts = {id: curve(view, id).line.getData()[0][0] for id in range(3)}
    assert starts == {0: 0, 1: 39, 2: 59}
    assert curve(view, 1).line.getData()[1][0] == curve(view, 0).line.getData()[1][39]


def test_where_a_branch_leaves_there_is_a_circle(view):
    marked = {id: xs(curve(view, id).leaves) for id in range(3)}
    assert marked == {0: [], 1: [39], 2: [59]}


def test_each_has_its_colour_its_dashes_and_its_name(view):
    looks = [look_of(id, DARK) for id in range(7 * len(DASHES))]
    assert len(set(looks)) == len(looks)
    labels = {label.name: label for label in plots(view).labels()}
    assert set(labels) == {"main", "quick", "silent"}
    assert len({label.look.dashes for label in labels.values()}) == 3
    shown = plots(view).names
    assert [one.name for one in shown._labels] == ["silent", "main", "quick"], "as their ends lie"
    assert np.diff(shown.places()).min() >= 16
    assert drawn_in(shown, look_of(2, DARK).colour)


def drawn_in(widget, colour: str) -> bool:
    picture, wanted = widget.grab().toImage(), QColor(colour).rgb()
    return any(
        picture.pixel(x, y) == wanted
        for x in range(picture.width())
        for y in range(picture.height())
    )


def test_names_beyond_the_room_are_counted(view):
    many = [branch(id, f"way {id}", np.linspace(2, 1, 50), 0, 10) for id in range(1, 30)]
    view.show_snapshot(make_snapshot(branches=(replace(three()[0], current=True), *many)))
    names = plots(view).names
    names.grab()
    assert len(names._labels) == 30 and names.height() < 30 * 16
    assert names.toolTip().count("way") == 29


def test_the_present_one_stands_out_until_others_are_selected(view):
    assert [curve(view, id).line.opts["pen"].widthF() for id in range(3)] == [1.0, 2.0, 1.0]
    choose(view, 0)
    assert [curve(view, id).line.opts["pen"].widthF() for id in range(3)] == [2.0, 1.0, 1.0]
    assert xs(curve(view, 0).single) and not xs(curve(view, 1).single)


def test_a_click_in_the_plot_travels_to_that_batch(view, qtbot):
    box = plots(view).plot.getViewBox()
    spot = plots(view).plot.mapFromScene(
        box.mapViewToScene(QPointF(30, sum(box.viewRange()[1]) / 2))
    )
    with qtbot.waitSignal(view.batch_chosen) as chosen:
        qtbot.mouseClick(plots(view).plot.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert abs(chosen.args[0] - 30) <= 1


def test_the_mouse_tells_the_losses_of_all_that_have_run_so_far(view, qtbot):
    plots(view)._on_hovered(105.2)
    assert plots(view)._head.text().startswith("batch 105: quick 0.")
    plots(view)._on_hovered(70.0)
    assert all(name in plots(view)._head.text() for name in ("main", "quick", "silent"))
    plots(view)._on_hovered(None)
    assert plots(view)._head.text() == "Loss by batch, averaged; ○ leaves"


def test_nothing_is_drawn_anew_for_a_step(view, monkeypatch):
    branches = three()
    view.show_snapshot(make_snapshot(branches=branches))
    drawn = []
    monkeypatch.setattr(BranchPlots, "_draw", lambda self: drawn.append(1))
    view.show_snapshot(make_snapshot(position=Position(71, 0), branches=branches))
    assert not drawn and plots(view).plot.cursor_at == 71


def test_losses_that_are_not_finite_or_zero_can_be_drawn(view, qtbot):
    main, quick, silent = three()
    losses = quick.losses.copy()
    losses[50], losses[70:] = 0.0, np.nan
    nothing = replace(silent, losses=np.full(80, np.inf))
    view.show_snapshot(make_snapshot(branches=(main, replace(quick, losses=losses), nothing)))
    log = next(b for b in view.findChildren(QToolButton) if b.text() == "log")
    qtbot.mouseClick(log, Qt.MouseButton.LeftButton)
    assert np.isfinite(plots(view).plot.getViewBox().viewRange()).all()
    assert not view.grab().isNull()


def test_a_million_batches_reach_the_screen_as_a_few_thousand_points(view):
    long = branch(0, "main", np.random.default_rng(0).random(1_000_000), current=True)
    view.show_snapshot(make_snapshot(branches=(long, three()[1])))
    assert len(curve(view, 0).line.xData) < 5000
    assert curve(view, 0).line.opts["pen"].widthF() == 1.0


# Two side by side


def page(view, text: str) -> QToolButton:
    return next(b for b in view.title_widgets()[0].findChildren(QToolButton) if b.text() == text)


def test_one_selected_is_compared_with_the_present_one_and_two_with_each_other(view, qtbot):
    assert (
        not view.buttons.compare.isEnabled()
        and "Select two branches" in view.buttons.compare.toolTip()
    )
    for ids, pair in (((2,), [1, 2]), ((0, 2), [0, 2])):
        choose(view, *ids)
        with qtbot.waitSignal(view.compare_asked) as asked:
            qtbot.mouseClick(view.buttons.compare, Qt.MouseButton.LeftButton)
        assert asked.args == pair
        qtbot.mouseClick(page(view, "Losses"), Qt.MouseButton.LeftButton)


def test_a_search_says_how_far_it_is_and_can_be_stopped(view, qtbot):
    choose(view, 2)
    view.compare_chosen()
    view.set_running(RunKind.COMPARISON)
    view.show_search(47)
    assert "batch 47" in words(view)
    with qtbot.waitSignal(view.stop_asked):
        qtbot.mouseClick(view.pane._stop, Qt.MouseButton.LeftButton)
    view.set_running(None)
    assert page(view, "Losses").isChecked()


def test_a_comparison_takes_the_place_of_the_curves(view, qtbot):
    view.show_comparison(one_differs())
    assert page(view, "Comparison").isChecked() and not plots(view).isVisible()
    sides, parameters = view.pane.sides, view.pane.parameters
    assert [sides.item(1, n).text() for n in range(4)] == ["silent", "1.000", "50.00 %", "1.125"]
    assert sides.horizontalHeaderItem(0).text() == "Before batch 80"
    assert [parameters.item(1, n).text() for n in range(3)] == ["Affine1.W", "0.144", "0.500"]
    assert "They differ first at batch 40, stop 57: `self.lr * dW` in SGD.update" in words(view)
    assert "(optimizers.py:40)" in words(view)
    with qtbot.waitSignal(view.visit_asked) as asked:
        qtbot.mouseClick(view.pane._go, Qt.MouseButton.LeftButton)
    assert asked.args == [Position(40, 57), 2]
    qtbot.mouseClick(page(view, "Losses"), Qt.MouseButton.LeftButton)
    assert plots(view).isVisible() and view.tree.isVisible()


def test_the_map_is_that_of_the_chosen_parameter_and_centred_on_zero(view, qtbot):
    view.resize(1200, 400)
    view.show_comparison(one_differs())
    canvas = view.pane.canvas
    assert canvas._values.shape == (4, 3), "the one that differs most"
    assert canvas._scale.low == -canvas._scale.high < 0
    canvas.setFocus()
    for _ in range(2):
        QTest.keyClick(canvas, Qt.Key.Key_Down)
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert "Affine1.W[1, 1]" in canvas.cell_text() or "Affine1.W[2, 1]" in canvas.cell_text()
    spot = view.pane.parameters.visualItemRect(view.pane.parameters.item(0, 0)).center()
    qtbot.mouseClick(view.pane.parameters.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert canvas._values.shape == (1, 3)
    assert canvas._label_of(0, 2) == "Affine1.b[2]"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first": None}, "No stop differs, to the last bit, up to batch 80"),
        ({"first": None, "whole": False}, "The search was stopped before a difference was found"),
        ({"first": None, "parted": None}, "The two branches are the same"),
    ],
)
def test_where_nothing_differs_it_says_what_is_known(view, changes, said):
    view.show_comparison(one_differs(**changes))
    assert said in words(view) and not view.pane._go.isVisible()


def test_code_that_is_not_the_same_is_told_from_a_number_that_is_not(view):
    first = replace(one_differs().first, stray=True, layer="Silence1", function="Silence.forward")
    view.show_comparison(one_differs(first=first))
    assert (
        "Other code runs from batch" in words(view)
        and "stop 57 on" in words(view)
        and "Silence1.forward" in words(view)
    )


def test_a_comparison_goes_with_its_branches(view):
    view.show_comparison(one_differs())
    view.show_snapshot(make_snapshot(branches=three()[:2]))
    assert view.pane.comparison is None and page(view, "Losses").isChecked()


def test_differences_that_are_not_numbers_and_arrays_of_four_axes_are_drawn(view):
    broken = np.full((2, 3), np.nan, dtype=np.float32)
    deep = np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2)
    parameters = (
        ParameterDifference("Affine1.W", broken, float("nan"), float("nan")),
        ParameterDifference("Conv1.W", deep, 1.0, 23.0),
    )
    view.show_comparison(one_differs(parameters=parameters))
    assert view.pane.parameters.item(0, 1).text() == "NaN"
    view.pane.parameters.selectRow(1)
    assert view.pane.canvas._values.shape == (2, 12)
    assert view.pane.canvas._label_of(1, 5) == "Conv1.W[1, 1, 0, 1]"
    assert not view.grab().isNull()


def test_all_of_it_can_be_copied(view):
    view.show_comparison(one_differs())
    tables = {table.name: table for table in view.tables()}
    assert list(tables["branches"].values[1, :3]) == ["quick", 40, 110]
    losses = tables["losses"]
    assert losses.columns == ["main", "quick", "silent"] and losses.values.shape == (110, 3)
    assert np.isnan(losses.values[100, 0]) and losses.values[99, 0] == 1.0
    assert list(tables["differences"].values[1]) == ["Affine1.W", 0.144, 0.5]
    assert tables["difference of Affine1.W"].values[2, 1] == -0.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_both_themes(view, theme):
    view.show_comparison(one_differs())
    view.set_theme(theme)
    assert not view.grab().isNull()
    assert plots(view).plot.backgroundBrush().color().name() == theme.panel


def test_what_came_while_hidden_is_drawn_when_shown(view):
    view.hide()
    view.show_snapshot(make_snapshot(branches=three()[:2]))
    assert len(view.tree.branches) == 3
    view.show()
    assert len(view.tree.branches) == 2 and set(plots(view)._curves) == {0, 1}


def test_where_it_says_press_compare_there_is_a_button_that_does(view, qtbot):
    qtbot.mouseClick(page(view, "Comparison"), Qt.MouseButton.LeftButton)
    (said,) = [label for label in view.pane.findChildren(QLabel) if "Compare" in label.text()]
    assert said.isVisible()
    compare = view.pane.compare
    assert compare.isVisible() and compare.text() == "Compare"
    # Which two is to be said first; the tree to select them in is there.
    assert view.tree.isVisible() and not compare.isEnabled()
    assert "Select two branches" in compare.toolTip()
    choose(view, 0, 2)
    with qtbot.waitSignal(view.compare_asked) as asked:
        QTest.mouseClick(compare, Qt.MouseButton.LeftButton)
    assert asked.args == [0, 2]
    assert not compare.isVisible()


def test_of_two_branches_none_has_to_be_selected(view, qtbot):
    view.show_snapshot(make_snapshot(position=Position(70, 5), branches=three()[:2]))
    view.tree.clearSelection()
    qtbot.mouseClick(page(view, "Comparison"), Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(view.compare_asked) as asked:
        QTest.mouseClick(view.pane.compare, Qt.MouseButton.LeftButton)
    assert asked.args == [0, 1]


def test_a_search_that_was_ended_has_a_button_to_go_on(view, qtbot):
    choose(view, 0, 2)
    view.show_comparison(one_differs(first=None, whole=False))
    assert "press Compare" in view.pane.sentence()
    with qtbot.waitSignal(view.compare_asked) as asked:
        QTest.mouseClick(view.pane.compare, Qt.MouseButton.LeftButton)
    assert asked.args == [0, 2]
    view.show_comparison(one_differs())
    assert not view.pane.compare.isVisible()
