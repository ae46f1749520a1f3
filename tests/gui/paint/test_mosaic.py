"""Pictures made of a matrix's rows or columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gui.paint.mosaic import best_across, make_mosaic, picture_axis


@given(st.integers(1, 12), st.integers(1, 4), st.integers(1, 4), st.sampled_from([0, 1]), st.data())
def test_every_element_is_drawn_once_and_known_by_its_index(count, rows, columns, axis, data):
    across = data.draw(st.integers(1, count))
    pixels = rows * columns
    shape = (pixels, count) if axis == 0 else (count, pixels)
    matrix = np.arange(1.0, pixels * count + 1).reshape(shape)
    mosaic = make_mosaic(matrix, axis, (rows, columns), across)
    seen = []
    for (row, column), value in np.ndenumerate(mosaic.matrix):
        source = mosaic.source(row, column)
        if source is None:
            assert value == 0
        else:
            assert matrix[source] == value
            seen.append(source)
    assert sorted(seen) == list(np.ndindex(*shape))


def test_a_digit_stands_upright():
    x = np.zeros((2, 784))
    x[1, 28 * 3 + 5] = 1.0
    mosaic = make_mosaic(x, 1, (28, 28), 2)
    assert np.argwhere(mosaic.matrix).tolist() == [[3, 28 + 5]]


def test_the_axis_is_that_of_the_pixels():
    assert picture_axis((100, 784), (28, 28)) == 1
    assert picture_axis((784, 50), (28, 28)) == 0
    assert picture_axis((784,), (28, 28)) == 0
    assert picture_axis((100, 50), (28, 28)) is None


def test_pictures_are_as_large_as_they_can_be():
    assert best_across(10, 1000, 100) == 10
    assert best_across(10, 100, 1000) == 1
    assert best_across(4, 100, 100) == 2
