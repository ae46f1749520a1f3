"""A tag stands beside what it names, off what is to be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF, QSizeF

from gui.views.equation.tags import place_tag

WINDOW = QRectF(0, 0, 800, 300)
SIZE = QSizeF(120, 20)
places = st.builds(QRectF, st.integers(0, 780), st.integers(0, 280),
                   st.integers(4, 200), st.integers(4, 200))  # fmt: skip


@given(places, st.lists(places, max_size=4))
def test_it_is_whole_and_in_sight(box, taken):
    tag = place_tag(SIZE, box, WINDOW, taken)
    assert tag.size() == SIZE and WINDOW.contains(tag)


def test_it_stands_at_the_right_where_there_is_room():
    box = QRectF(300, 100, 20, 20)
    tag = place_tag(SIZE, box, WINDOW, [box])
    assert tag.left() > box.right() and tag.center().y() == box.center().y()


def test_it_gives_way_to_a_sign_and_to_another_tag():
    box = QRectF(300, 100, 20, 20)
    sign = QRectF(330, 90, 40, 40)
    first = place_tag(SIZE, box, WINDOW, [box, sign])
    assert not first.intersects(sign) and not first.intersects(box)
    second = place_tag(SIZE, box, WINDOW, [box, sign, first])
    assert not any(second.intersects(rect) for rect in (box, sign, first))


def test_a_tall_column_has_it_above_where_its_sides_are_taken():
    column = QRectF(400, 60, 6, 180)
    sides = [QRectF(0, 60, 395, 180), QRectF(411, 60, 389, 180)]
    tag = place_tag(SIZE, column, WINDOW, [column, *sides])
    assert not any(tag.intersects(rect) for rect in (column, *sides))
