"""The outline round a text of several lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from gui.views.source.outline import rounded_outline

LINES = st.lists(st.tuples(st.integers(0, 60), st.integers(10, 60)), min_size=1, max_size=6)


@given(LINES)
def test_the_inside_of_every_rectangle_is_inside(spans):
    rects = [QRectF(left, 20 * i, width, 20) for i, (left, width) in enumerate(spans)]
    paths = rounded_outline(rects, 4)
    for rect in rects:
        assert any(path.contains(rect.center()) for path in paths)
    for path in paths:
        bounds = path.boundingRect()
        assert bounds.left() >= min(r.left() for r in rects) - 0.01
        assert bounds.right() <= max(r.right() for r in rects) + 0.01


def test_corners_are_round_and_steps_are_kept():
    (path,) = rounded_outline([QRectF(50, 0, 50, 20), QRectF(0, 20, 70, 20)], 4)
    assert not path.contains(QPointF(50.5, 0.5))
    assert path.contains(QPointF(52, 10))
    assert not path.contains(QPointF(20, 10))
    assert path.contains(QPointF(20, 30))
    assert not path.contains(QPointF(90, 30))


def test_lines_that_do_not_touch_have_an_outline_each():
    assert len(rounded_outline([QRectF(50, 0, 50, 20), QRectF(0, 20, 30, 20)], 4)) == 2


def test_nothing_has_none():
    assert rounded_outline([], 4) == []
