"""The row above the picture: it is there in every panel that a small screen leaves."""

from __future__ import annotations

import pytest

from gui.look.theme import DARK
from gui.look.type_scale import px
from gui.views.equation.lesson.row import HEIGHT, LessonRow
from gui.words.lesson import lesson_of
from tests.gui.views.equation.scenes.digits.moments import stop


@pytest.mark.parametrize(("height", "there"), [(288, True), (275, True), (245, False)])
def test_a_panel_that_a_walk_left_a_little_lower_keeps_the_row(qtbot, height, there):
    row = LessonRow(DARK)
    qtbot.addWidget(row)
    assert row.height_in(px(height)) == 0, "nothing to show"
    row.show_lesson(lesson_of(stop()), stop(), DARK.backward)
    assert row.height_in(px(height)) == (px(HEIGHT) if there else 0)
