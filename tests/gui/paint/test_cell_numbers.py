"""The numbers in cells: whole, or not there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

import gui.paint.cell_numbers as cell_numbers
from gui.look.theme import DARK
from gui.paint.grid import Grid
from gui.paint.heatmap import MapKind, Scale

floats = st.floats(-1e12, 1e12, allow_nan=False)


def written(values: np.ndarray, width: float) -> list[tuple[QRectF, str, float]]:
    """The text of each cell, with its rectangle and how wide it is."""
    found = []
    grid = Grid(*values.shape)
    grid.resize(width * values.shape[1], 24.0 * values.shape[0])
    image = QImage(10, 10, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            cell_numbers, "draw_text",
            lambda _, rect, text, face, *__: found.append((rect, text, face.width(text))),
        )  # fmt: skip
        area = QRectF(0, 0, *grid.size)
        cell_numbers.paint_numbers(painter, area, values, Scale(MapKind.SIGNED, -1, 1), grid, DARK)
    painter.end()
    return found


@settings(deadline=None)
@given(st.lists(floats, min_size=1, max_size=6), st.floats(34.0, 90.0))
def test_no_number_in_a_cell_is_cut(qapp, numbers, width):
    values = np.array([numbers])
    cells = written(values, width)
    assert len(cells) == len(numbers)
    for (rect, text, wide), value in zip(cells, values[0], strict=True):
        assert wide <= rect.width()
        if text:
            said = float(text.replace("−", "-"))
            assert said == pytest.approx(value, rel=0.5, abs=0.005)


def test_small_numbers_of_a_sum_keep_their_exponent(qapp):
    ((_, text, _),) = written(np.array([[-7.33e-4]]), 53.0)
    assert float(text.replace("−", "-")) == pytest.approx(-7.3e-4, rel=0.05)


def test_a_number_is_no_longer_than_it_has_digits(qapp):
    values = np.array([[0.2, 1.0, 0.0, -0.5]], np.float32)
    assert [text for _, text, _ in written(values, 60.0)] == ["0.2", "1", "0", "−0.5"]


def test_narrow_cells_have_numbers_if_all_have_the_room(qapp):
    short = np.array([[0.2, 1.0, 0.0, 0.8]], np.float32)
    wide = cell_numbers.number_width(short, 1)
    assert wide < 34
    assert [text for _, text, _ in written(short, wide)] == ["0.2", "1", "0", "0.8"]
    assert not written(np.array([[0.2, -0.345, 0.0, 0.8]]), wide)


@settings(deadline=None)
@given(st.lists(floats, min_size=1, max_size=6), st.sampled_from([1, 2, 3]))
def test_cells_of_that_width_hold_that_many_digits(qapp, numbers, digits):
    values = np.array([numbers])
    cells = written(values, cell_numbers.number_width(values, digits))
    for (_, text, _), value in zip(cells, numbers, strict=True):
        assert float(text.replace("−", "-")) == pytest.approx(value, rel=0.51 * 10 ** (1 - digits))


def test_of_many_cells_none_is_measured(qapp):
    assert cell_numbers.number_width(np.zeros((30, 30)), 2) is None
    assert cell_numbers.number_width(np.zeros((0, 3)), 2) is None
