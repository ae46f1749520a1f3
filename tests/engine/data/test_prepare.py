"""A drawing becomes an image as MNIST's digits did."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import Dataset, load_mnist, tiny_digits
from engine.data.prepare import BOX, FIELD, check_drawable, prepared
from engine.errors import CannotBeDrawn


def test_digits_of_mnist_drawn_large_and_anywhere_come_back_bit_for_bit():
    digits = load_mnist().test.images[:1000]
    paper = np.zeros((400, 500))
    for number, digit in enumerate(digits):
        paper[:] = 0
        down, across = number % 100, number % 200
        paper[down : down + 280, across : across + 280] = np.kron(digit / 255, np.ones((10, 10)))
        assert np.array_equal(prepared(paper), digit)


def test_a_digit_of_the_tiny_dataset_is_the_mean_of_blocks():
    mnist, tiny = load_mnist(), tiny_digits()
    digits = mnist.images[mnist.labels < tiny.classes][:50]
    for digit, small in zip(digits, tiny.images, strict=False):
        ink = np.kron(digit / 255, np.ones((3, 3)))
        assert np.array_equal(prepared(ink, 4), small)


@pytest.mark.parametrize("where", [
    np.s_[5:205, 30:50], np.s_[90:110, 5:275], np.s_[100:101, 7:8], np.s_[:, :], np.s_[250:, 250:],
])  # fmt: skip
def test_what_is_drawn_fits_the_box_with_its_proportions(where):
    ink = np.zeros((280, 280))
    ink[where] = 1
    rows, columns = np.nonzero(prepared(ink))
    high, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
    drawn = ink[where].shape
    assert max(high, wide) == BOX
    for found, size in zip((high, wide), drawn, strict=True):
        assert abs(found - size * BOX / max(drawn)) <= 0.5


def test_ink_far_from_its_centre_of_mass_stays_in_the_field():
    ink = np.zeros((280, 280))
    ink[20:60, 20:60] = 1
    ink[58:260, 58:60] = 0.1  # a long faint tail
    image = prepared(ink)
    assert (image[-1] > 0).any() and np.ptp(np.flatnonzero(image.any(axis=1))) + 1 == BOX
    assert np.ptp(np.flatnonzero(image.any(axis=1))) < FIELD


def test_nothing_drawn_is_an_empty_image():
    image = prepared(np.zeros((280, 280)))
    assert image.shape == (28, 28) and image.dtype == np.uint8 and not image.any()
    assert prepared(np.zeros((9, 9)), 4).shape == (4, 4)


@pytest.mark.parametrize(("rows", "columns", "classes", "fits"), [
    (28, 28, 10, True), (4, 4, 3, True), (14, 14, 10, True),
    (28, 14, 10, False), (8, 8, 10, False), (32, 32, 10, False), (28, 28, 47, False),
])  # fmt: skip
def test_only_digits_of_these_sizes_can_be_drawn(rows, columns, classes, fits):
    images = np.zeros((2, rows, columns), np.uint8)
    dataset = Dataset("Some", images, np.zeros(2, int), classes)
    if fits:
        check_drawable(dataset)
    else:
        with pytest.raises(CannotBeDrawn, match=f"Some has images of {rows} × {columns}"):
            check_drawable(dataset)
