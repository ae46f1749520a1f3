"""Fitting, zooming and panning a matrix."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gui.paint.grid import LARGEST_CELL, Grid

sides = st.integers(1, 900)
places = st.floats(20, 2000)


@st.composite
def moved_grids(draw) -> Grid:
    grid = Grid(draw(sides), draw(sides), draw(places), draw(places), draw(st.booleans()))
    for _ in range(draw(st.integers(0, 5))):
        if draw(st.booleans()):
            grid.zoom_at(draw(st.floats(0.1, 10)), draw(places), draw(places))
        else:
            grid.pan(draw(st.floats(-5000, 5000)), draw(st.floats(-5000, 5000)))
    return grid


@given(moved_grids())
def test_no_move_leaves_the_matrix(grid):
    seen, (w, h) = grid.window(), grid.size
    assert 0 <= seen.top < seen.bottom <= grid.rows + 1e-6
    assert 0 <= seen.left < seen.right <= grid.columns + 1e-6
    assert w <= grid.width + 1e-6 and h <= grid.height + 1e-6
    assert grid.zoom >= 1


@given(moved_grids(), st.data())
def test_a_cell_is_found_where_it_is_drawn(grid, data):
    row = data.draw(st.integers(0, grid.rows - 1))
    column = data.draw(st.integers(0, grid.columns - 1))
    grid.reveal(row, column)
    x, y, width, height = grid.rect_of(row, column)
    w, h = grid.size
    assert x >= -1e-3 and y >= -1e-3
    assert x + min(width, w) <= w + 1e-3 and y + min(height, h) <= h + 1e-3
    assert grid.cell_at(x + min(width, w) / 2, y + min(height, h) / 2) == (row, column)


@given(moved_grids(), st.floats(0, 1), st.floats(0, 1))
def test_what_lies_under_the_mouse_stays_there_when_zooming_in(grid, at_x, at_y):
    assume(grid.size == pytest.approx((grid.width, grid.height)))
    x, y = at_x * grid.size[0], at_y * grid.size[1]
    seen, (width, height) = grid.window(), grid.cell
    before = seen.left + x / width, seen.top + y / height
    grid.zoom_at(2.0, x, y)
    seen, (width, height) = grid.window(), grid.cell
    after = seen.left + x / width, seen.top + y / height
    assert after == pytest.approx(before, abs=1e-6 * max(grid.rows, grid.columns))


@given(moved_grids())
def test_fitting_shows_every_cell(grid):
    grid.fit()
    seen = grid.window()
    assert (seen.top, seen.left) == (0, 0)
    assert seen.bottom == pytest.approx(grid.rows)
    assert seen.right == pytest.approx(grid.columns)


def test_zooming_ends_where_a_cell_holds_its_number():
    grid = Grid(784, 50, 640, 90)
    grid.zoom_at(1e9, 0, 0)
    assert grid.cell == pytest.approx(LARGEST_CELL)


def test_nothing_lies_beside_the_matrix():
    grid = Grid(2, 2, 1000, 1000)
    assert grid.cell_at(grid.size[0] + 1, 1) is None
    assert grid.cell_at(-1, 1) is None
