from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import Dataset
from engine.errors import ImagesDoNotFit, LabelBeyondOutputs


def every_value() -> Dataset:
    """256 images of 2×1 pixels: image i has the pixels i and 255 − i."""
    values = np.arange(256, dtype=np.uint8)
    images = np.stack([values, 255 - values], axis=1)[:, :, None]
    return Dataset("values", images, values.astype(np.int64) % 10, classes=10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_pixel_is_the_nearest_number_to_a_255th_of_it(dtype):
    x, _ = every_value().batch(np.arange(256), dtype)
    assert x.dtype == dtype
    for pixel, scaled in enumerate(x[:, 0]):
        exact = Fraction(pixel, 255)
        error = abs(Fraction(float(scaled)) - exact)
        for neighbour in (
            np.nextafter(scaled, -1, dtype=dtype),
            np.nextafter(scaled, 2, dtype=dtype),
        ):
            assert error <= abs(Fraction(float(neighbour)) - exact)


@given(
    indices=st.lists(st.integers(0, 255), max_size=40),
    dtype=st.sampled_from(["float32", "float64"]),
    as_array=st.booleans(),
)
def test_a_batch_has_the_samples_asked_for_in_their_order(indices, dtype, as_array):
    dataset = every_value()
    x, t = dataset.batch(np.array(indices, dtype=np.int64) if as_array else indices, dtype)
    assert x.shape == (len(indices), 2)
    assert np.rint(x * 255).astype(int).tolist() == [[i, 255 - i] for i in indices]
    assert t.tolist() == [i % 10 for i in indices]
    assert t.dtype == np.int64


def test_each_batch_is_the_caller_s_own():
    dataset = every_value()
    x, t = dataset.batch([1, 2])
    x[:] = 7
    t[:] = 7
    again, labels = dataset.batch([1, 2])
    assert again.max() < 1.01
    assert labels.tolist() == [1, 2]


def test_the_data_is_read_only_and_the_caller_s_array_is_not_locked():
    images, labels = np.zeros((2, 3, 3), np.uint8), np.zeros(2, np.int64)
    dataset = Dataset("zeros", images, labels, classes=1)
    for array in (dataset.images, dataset.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    images[0] = 1
    labels[0] = 0


def test_a_sample_that_there_is_not_is_refused():
    with pytest.raises(IndexError):
        every_value().batch([256])


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (np.zeros((2, 3, 3), np.float32), np.zeros(2, int)),
        (np.zeros((2, 9), np.uint8), np.zeros(2, int)),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(3, int)),
        (np.zeros((2, 3, 3), np.uint8), np.zeros((2, 10), int)),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(2, float)),
        (np.zeros((2, 3, 3), np.uint8), np.array([0, -1])),
    ],
)
def test_what_is_no_dataset_is_refused(images, labels):
    with pytest.raises(ValueError, match=r"images|labels"):
        Dataset("wrong", images, labels, classes=10)


def test_a_network_has_to_fit():
    dataset = every_value()
    dataset.check_fits(inputs=2, outputs=10)
    with pytest.raises(ImagesDoNotFit) as misfit:
        dataset.check_fits(inputs=784, outputs=10)
    assert (misfit.value.expected, misfit.value.found) == (784, 2)
    with pytest.raises(LabelBeyondOutputs) as beyond:
        dataset.check_fits(inputs=2, outputs=4)
    assert (beyond.value.path, beyond.value.found) == (Path("values"), 4)
