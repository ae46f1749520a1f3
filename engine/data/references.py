"""References to datasets: a file names its dataset by name, files and checksum."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.data.dataset import Dataset
from engine.data.drawn_digits import drawn_digits
from engine.data.load import load_idx
from engine.data.mnist import load_mnist, tiny_digits
from engine.errors import BadValue

MOST_CLASSES = 256
BUNDLED: dict[str, Callable[[], Dataset]] = {
    "mnist": load_mnist,
    "drawn_digits": drawn_digits,
    "tiny_digits": tiny_digits,  # in session files: the dataset of the tiny network before
}


def reference_to(dataset: Dataset) -> dict[str, Any]:
    """The reference to a dataset, as a JSON object.

    The checksum covers all images and labels, so that another dataset of the same name is detected.
    """
    found: dict[str, Any] = {
        "name": dataset.name,
        "samples": len(dataset),
        "classes": dataset.classes,
        "checksum": dataset.checksum,
        "files": _files(dataset),
    }
    for id, load in BUNDLED.items():
        if load.cache_info().currsize and load() is dataset:  # type: ignore[attr-defined]
            found["bundled"] = id
    return found


def _files(dataset: Dataset) -> list[str]:
    test = dataset.test
    paths = [dataset.images_path, dataset.labels_path]
    paths += [test.images_path, test.labels_path] if test is not None else []
    return [] if None in paths else [str(Path(path).absolute()) for path in paths if path]


def find_dataset(reference: dict[str, Any], dataset: Dataset | None = None) -> Dataset:
    """The dataset of a reference, or `dataset` if it is that dataset.

    Raises:
        BadValue: the dataset cannot be found, or its data has changed.
        DatasetError: its files cannot be read.
        KeyError, TypeError, ValueError: this is no reference.
    """
    name, checksum = str(reference["name"]), str(reference["checksum"])
    files = [str(file) for file in reference["files"]]
    if dataset is None:
        if reference.get("bundled") in BUNDLED:
            dataset = BUNDLED[reference["bundled"]]()
        elif len(files) in (2, 4):
            images, labels, *test = files
            test_images, test_labels = test or (None, None)
            classes = reference["classes"]
            if type(classes) is not int or not 1 <= classes <= MOST_CLASSES:
                raise ValueError("its number of classes is none that labels of a byte can have")
            dataset = load_idx(images, labels, test_images, test_labels, classes, name)
        else:
            expected = "one that is bundled or read from files, or to be given the dataset"
            raise BadValue("dataset", name, expected)
    if dataset.checksum != checksum:
        expected = f"the data with the checksum {checksum[:12]}…"
        raise BadValue("checksum of the dataset", f"{dataset.checksum[:12]}…", expected)
    return dataset
