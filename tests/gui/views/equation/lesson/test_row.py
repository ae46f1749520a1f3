"""The row above the picture: it is there in every panel that a small screen leaves."""

from __future__ import annotations

from itertools import combinations

import pytest

from gui.look.theme import DARK
from gui.look.type_scale import SCALE, px
from gui.views.equation.lesson.row import HEIGHT, LessonRow
from gui.views.equation.view import EquationView
from gui.words.lesson import lesson_of
from tests.gui.views.equation.scenes.digits.moments import DW, stop

MEAN = "-log_y[rows, self.t].sum() / len(z)"


@pytest.mark.parametrize(("height", "there"), [(288, True), (275, True), (245, False)])
def test_a_panel_that_a_walk_left_a_little_lower_keeps_the_row(qtbot, height, there):
    row = LessonRow(DARK)
    qtbot.addWidget(row)
    assert row.height_in(px(height)) == 0, "nothing to show"
    row.show_lesson(lesson_of(stop()), stop(), DARK.backward)
    assert row.height_in(px(height)) == (px(HEIGHT) if there else 0)


@pytest.mark.parametrize("source", [MEAN, DW])
def test_in_huge_type_formula_button_and_legend_are_apart(qtbot, source):
    """The formula stands whole; where that leaves too little room, the legend gives way."""
    SCALE.factor = 1.42  # Present in a window of 1366 × 768
    view = EquationView(DARK)
    qtbot.addWidget(view)
    view.set_spare(True)
    view.resize(1040, 400)
    with qtbot.waitExposed(view):
        view.show()
    snapshot = stop(source, "SoftmaxWithLoss" if source == MEAN else "Affine1")
    view.show_snapshot(snapshot)
    view.show_lesson(lesson_of(snapshot), snapshot)
    row = view.top
    qtbot.waitUntil(lambda: row.formula.typeset is not None and not row.formula.waits)
    qtbot.waitUntil(lambda: row.formula.width() >= row.formula.sizeHint().width())
    shown = [part for part in (row.formula, row.why, row.legend) if part.isVisible()]
    places = [part.geometry() for part in shown]
    assert not any(a.intersects(b) for a, b in combinations(places, 2)), places
    assert all(row.rect().contains(place) for place in places)
    assert row.legend.isVisible() == (source == DW)
