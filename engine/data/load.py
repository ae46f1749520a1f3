"""Load datasets from IDX files: a pair, two pairs, or a folder of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.data.dataset import Dataset
from engine.data.idx import AnyPath, header_size, read_idx
from engine.errors import CountsDisagree, DatasetFileMissing, DatasetUnreadable, ImageSizesDisagree

IMAGE_DIMENSIONS = 3
LABEL_DIMENSIONS = 1

IMAGES = "images-idx3-ubyte"
LABELS = "labels-idx1-ubyte"
TRAIN = ("train",)
TEST = ("t10k", "test")


def load_idx(
    images: AnyPath,
    labels: AnyPath,
    test_images: AnyPath | None = None,
    test_labels: AnyPath | None = None,
    classes: int | None = None,
    name: str | None = None,
) -> Dataset:
    """Load a dataset in the format of MNIST: IDX files of unsigned bytes, gzipped or not.

    Args:
        images: of the training set, (N, rows, columns).
        labels: of the training set, (N,).
        test_images: of the test set; given together with its labels, or not at all.
        test_labels: of the test set.
        classes: the number of classes; None for the largest label plus 1.
        name: of the dataset; None for the name of the images' folder.

    Raises:
        DatasetError: a subclass names the file and its problem.
    """
    if (test_images is None) != (test_labels is None):
        raise TypeError("a test set takes both test_images and test_labels")
    name = name or Path(images).absolute().parent.name
    train = _load_pair(images, labels, name)
    test = None
    if test_images is not None and test_labels is not None:
        test = _load_pair(test_images, test_labels, f"{name}, test")
        if test.images.shape[1:] != train.images.shape[1:]:
            raise ImageSizesDisagree(
                path=Path(test_images),
                offset=8,
                expected=train.images.shape[1:],
                found=test.images.shape[1:],
            )
    if classes is None:
        classes = max(train.classes, test.classes if test else 0)
    whole = replace(train, classes=classes, test=test and replace(test, classes=classes))
    whole.check_labels(classes)
    return whole


def _load_pair(images_path: AnyPath, labels_path: AnyPath, name: str) -> Dataset:
    images = read_idx(images_path, IMAGE_DIMENSIONS)
    labels = read_idx(labels_path, LABEL_DIMENSIONS)
    if len(labels) != len(images):
        raise CountsDisagree(
            path=Path(labels_path),
            offset=4,
            expected=len(images),
            found=len(labels),
            images_path=Path(images_path),
        )
    return Dataset(
        name=name,
        images=images,
        labels=labels,
        classes=int(np.max(labels)) + 1,
        images_path=Path(images_path),
        labels_path=Path(labels_path),
        labels_offset=header_size(LABEL_DIMENSIONS),
    )


def load_idx_folder(path: AnyPath, classes: int | None = None) -> Dataset:
    """Load a dataset from a folder with the four files of MNIST, gzipped or not.

    Their names are `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`. The test set may be
    absent; its files begin with `t10k-` or `test-`. `.idx3` for `-idx3` and a suffix `.gz` are
    accepted, too.

    Raises:
        DatasetError: a subclass names the missing file, or the file and its problem.
    """
    folder = Path(path)
    try:
        present = {entry.name for entry in folder.iterdir()}
    except (OSError, ValueError) as error:  # a ValueError is a null character in the path
        found = getattr(error, "strerror", None) or str(error)
        raise DatasetUnreadable(path=folder, offset=0, expected="a folder", found=found) from error
    images, labels = (_require(folder, present, TRAIN, part) for part in (IMAGES, LABELS))
    if not any(_find(present, TEST, part) for part in (IMAGES, LABELS)):
        return load_idx(images, labels, classes=classes)
    test_images, test_labels = (_require(folder, present, TEST, part) for part in (IMAGES, LABELS))
    return load_idx(images, labels, test_images, test_labels, classes)


def _require(folder: Path, present: set[str], sets: tuple[str, ...], part: str) -> Path:
    if (name := _find(present, sets, part)) is not None:
        return folder / name
    listed = sorted(present)
    found = ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "")
    expected = f"{sets[0]}-{part}"
    raise DatasetFileMissing(path=folder, offset=0, expected=expected, found=found or "nothing")


def _find(present: set[str], sets: tuple[str, ...], part: str) -> str | None:
    for stem in (
        f"{prefix}-{spelt}" for prefix in sets for spelt in (part, part.replace("-idx", ".idx"))
    ):
        for name in (stem, f"{stem}.gz"):
            if name in present:
                return name
    return None
