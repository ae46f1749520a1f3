"""An array that is zoomed grows into the free room, and no other part leaves the panel for it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF

from engine.debug.explain.operation import Form, Operand, Operation
from gui.views.equation.arrange import FOOT, HEAD, arrange
from gui.views.equation.grow import LEAST, SHARE, grow
from gui.views.equation.picture.make import make_picture
from gui.views.equation.picture.parts import Block, Manner


def measure(part):
    return (40.0, 0.0) if isinstance(part, Block) else (28.0, 60.0)


@given(
    st.integers(1, 300), st.integers(1, 800), st.integers(1, 300), st.floats(420, 2400),
    st.floats(220, 1200), st.integers(-1, 1), st.floats(1.01, 40),
)  # fmt: skip
def test_the_parts_stay_in_sight_and_apart(rows, inner, columns, width, height, which, zoom):
    x, w = np.ones((rows, inner)), np.ones((inner, columns))
    operation = Operation(Form.PRODUCT, "@", (Operand("x", x), Operand("W", w)), x @ w, "x @ W")
    picture = make_picture(operation, Manner())
    before = {id(place.part): QRectF(place.cells)
              for place in arrange(picture, width, height, 1.0, measure)}  # fmt: skip
    places = arrange(picture, width, height, 1.0, measure)
    chosen = next(p for p in places if isinstance(p.part, Block) and p.part.operand == which)
    size = chosen.cells.width() * zoom, chosen.cells.height() * zoom
    grow(places, {id(chosen.part): size}, width, height, 1.0, below=False)
    for left, right in pairwise(places):
        assert left.rect.right() <= right.rect.left() + 1e-6
    for place in places:
        own = before[id(place.part)]
        assert place.rect.left() >= -1e-6 and place.rect.right() <= width + 1e-6
        assert place.cells.top() >= -1e-6 and place.cells.bottom() <= height + 1e-6
        assert place.rect.left() - 1e-6 <= place.cells.left()
        assert place.cells.right() <= place.rect.right() + 1e-6
        if place is chosen:
            assert place.cells.width() >= own.width() - 1e-6
            assert place.cells.height() >= own.height() - 1e-6
        elif isinstance(place.part, Block):
            least = max(min(own.width(), LEAST), SHARE * own.width())
            assert place.cells.width() >= least - 1e-6
        else:
            assert place.rect.size() == own.size()


def test_what_is_zoomed_enough_takes_all_the_room_there_is():
    x, w = np.ones((100, 784)), np.ones((784, 50))
    operation = Operation(Form.PRODUCT, "@", (Operand("x", x), Operand("W", w)), x @ w, "x @ W")
    picture = make_picture(operation, Manner())
    places = arrange(picture, 900, 300, 1.0, measure)
    z = next(p for p in places if isinstance(p.part, Block) and p.part.operand == -1)
    grow(places, {id(z.part): (9000.0, 9000.0)}, 900, 300, 1.0, below=False)
    assert places[-1].rect.right() - places[0].rect.left() == pytest.approx(900, abs=1)
    assert z.cells.height() == pytest.approx(300 - HEAD - FOOT)
    x_place = places[0]
    assert z.cells.width() > x_place.cells.width()
