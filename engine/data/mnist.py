"""The bundled MNIST dataset, and a tiny dataset made from it.

MNIST: 60,000 and 10,000 handwritten digits of 28×28 pixels, by Y. LeCun, C. Cortes and C. J. C.
Burges, http://yann.lecun.com/exdb/mnist/, CC BY-SA 3.0; see resources/datasets/mnist/LICENSE.txt.
"""

from __future__ import annotations

import zlib
from functools import cache
from importlib.resources import as_file, files

import numpy as np

from engine.data.dataset import Array, Dataset
from engine.data.load import load_idx
from engine.errors import DatasetDamaged

DIGITS = 10

# CRC-32 of the images and of the labels, without their headers.
TRAIN_CHECKSUMS = (0xF3639B56, 0xBA07E8EF)
TEST_CHECKSUMS = (0xE4CA5F57, 0xEE8604D9)

TINY_CLASSES = 3
TINY_BLOCK = 7


@cache
def load_mnist() -> Dataset:
    """Load the bundled MNIST; later calls in a process return the same dataset.

    Raises:
        DatasetError: the installed files are missing or damaged.
    """
    with as_file(files("resources") / "datasets" / "mnist") as folder:
        dataset = load_idx(
            folder / "train-images-idx3-ubyte.gz",
            folder / "train-labels-idx1-ubyte.gz",
            folder / "t10k-images-idx3-ubyte.gz",
            folder / "t10k-labels-idx1-ubyte.gz",
            classes=DIGITS,
            name="MNIST",
        )
    _check(dataset, TRAIN_CHECKSUMS)
    assert dataset.test is not None
    _check(dataset.test, TEST_CHECKSUMS)
    return dataset


def _check(dataset: Dataset, checksums: tuple[int, int]) -> None:
    # This takes 16 ms for all files; unpacking takes 200 ms. A right checksum implies a right size.
    contents = (dataset.images, dataset.labels.astype(np.uint8))
    paths = (dataset.images_path, dataset.labels_path)
    for path, content, expected in zip(paths, contents, checksums, strict=True):
        found = zlib.crc32(content.data)
        if found != expected and path is not None:
            raise DatasetDamaged(
                path=path, offset=0, expected=f"{expected:08x}", found=f"{found:08x}"
            )


@cache
def tiny_digits() -> Dataset:
    """Make a dataset of the digits 0, 1 and 2 of MNIST in 4×4 pixels, hard to tell by eye.

    Each pixel is the mean of a block of 7×7 pixels, rounded to an integer.
    """
    mnist = load_mnist()
    assert mnist.test is not None
    return _shrink(mnist, "MNIST 4×4, 0 to 2", _shrink(mnist.test, "MNIST 4×4, 0 to 2, test"))


def _shrink(dataset: Dataset, name: str, test: Dataset | None = None) -> Dataset:
    wanted = dataset.labels < TINY_CLASSES
    return Dataset(
        name=name,
        images=_pool(dataset.images[wanted]),
        labels=dataset.labels[wanted],
        classes=TINY_CLASSES,
        test=test,
    )


def _pool(images: Array) -> Array:
    count, rows, columns = images.shape
    blocks = images.reshape(
        count, rows // TINY_BLOCK, TINY_BLOCK, columns // TINY_BLOCK, TINY_BLOCK
    )
    area = TINY_BLOCK * TINY_BLOCK
    sums = blocks.sum(axis=(2, 4), dtype=np.uint32)
    pooled: Array = ((sums + area // 2) // area).astype(np.uint8)
    return pooled
