from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace

import numpy as np
import pytest

from engine.data import load_mnist, mnist, tiny_digits
from engine.errors import DatasetDamaged

# MD5 of the canonical files, unpacked.
CANONICAL = {
    "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.mark.parametrize(("name", "digest"), CANONICAL.items())
def test_the_bundled_files_are_the_canonical_ones(name, digest):
    path = load_mnist().images_path.parent / name
    unpacked = gzip.decompress(path.read_bytes())
    assert hashlib.md5(unpacked, usedforsecurity=False).hexdigest() == digest


def test_mnist_is_all_there():
    dataset = load_mnist()
    assert (dataset.name, dataset.classes) == ("MNIST", 10)
    assert dataset.images.shape == (60_000, 28, 28)
    assert dataset.test.images.shape == (10_000, 28, 28)
    assert dataset.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert dataset.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert np.bincount(dataset.labels).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip


def test_it_is_loaded_once():
    assert load_mnist() is load_mnist()


@pytest.mark.parametrize("part", ["images", "labels"])
def test_other_content_of_the_right_size_is_found_out(part):
    test = load_mnist().test
    changed = getattr(test, part).copy()
    changed[-1] = 3
    damaged = replace(test, **{part: changed})
    with pytest.raises(DatasetDamaged) as caught:
        mnist._check(damaged, mnist.TEST_CHECKSUMS)
    assert f"t10k-{part}" in caught.value.path.name


def test_tiny_digits_are_block_means_of_the_first_three_digits():
    tiny, whole = tiny_digits(), load_mnist()
    assert (tiny.classes, tiny.features) == (3, 16)
    for small, large in ((tiny, whole), (tiny.test, whole.test)):
        kept = large.labels < 3
        np.testing.assert_array_equal(small.labels, large.labels[kept])
        for place in (0, len(small) - 1):
            image = large.images[kept][place].astype(float)
            for row in range(4):
                for column in range(4):
                    block = image[7 * row : 7 * row + 7, 7 * column : 7 * column + 7]
                    assert abs(block.mean() - small.images[place, row, column]) <= 0.5
