"""A drawing becomes an image as MNIST's digits did."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import Dataset, load_mnist, tiny_digits
from engine.data.prepare import BOX, FIELD, Preparation, preparation_of, prepared
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


def dataset_of(rows: int, columns: int, classes: int = 10, shade: int = 1) -> Dataset:
    images = np.arange(2 * rows * columns).reshape(2, rows, columns) % (255 // shade + 1) * shade
    return Dataset("Some", images.astype(np.uint8), np.zeros(2, int), classes)


def test_mnist_and_its_means_are_prepared_as_they_were():
    ink = np.kron(load_mnist().images[1] / 255, np.ones((10, 10)))
    for dataset in (load_mnist(), tiny_digits()):
        side = dataset.images.shape[1]
        made = preparation_of(dataset)
        assert made == Preparation(side, as_mnist=True)
        assert np.array_equal(made.image(ink), prepared(ink, side))
    assert np.array_equal(preparation_of(tiny_digits()).image(ink), tiny_digits().images[0])


def test_other_small_images_are_means_of_the_sheet_in_their_shades():
    ink = np.zeros((280, 280))
    ink[:70, 70:140], ink[210:, :35] = 1, 0.5
    even = preparation_of(dataset_of(4, 4, shade=1))
    assert even == Preparation(4, as_mnist=False, step=1)
    assert even.image(ink).tolist() == [[0, 255, 0, 0], [0] * 4, [0] * 4, [64, 0, 0, 0]]
    shaded = preparation_of(dataset_of(4, 4, shade=51))
    assert shaded.step == 51 and shaded.image(ink)[3, 0] == 51
    assert preparation_of(dataset_of(8, 8, shade=85)).step == 85
    assert (
        preparation_of(Dataset("0", np.zeros((1, 4, 4), np.uint8), np.zeros(1, int), 1)).step == 1
    )
    uneven = preparation_of(dataset_of(9, 9)).image(np.ones((280, 280)))
    assert uneven.shape == (9, 9) and (uneven == 255).all()


@pytest.mark.parametrize(("rows", "columns", "classes"), [(28, 14, 10), (32, 32, 10), (28, 28, 47)])
def test_only_digits_in_small_squares_can_be_drawn(rows, columns, classes):
    with pytest.raises(CannotBeDrawn, match=f"Some has images of {rows} × {columns}"):
        preparation_of(dataset_of(rows, columns, classes))
