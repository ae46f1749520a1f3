from __future__ import annotations

import gzip
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import load_idx, load_idx_folder
from engine.errors import (
    CountsDisagree,
    DatasetFileMissing,
    DatasetUnreadable,
    ImageSizesDisagree,
    LabelBeyondOutputs,
)


def write(path, array, pack=bytes):
    sizes = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    path.write_bytes(pack(sizes + array.astype(np.uint8).tobytes()))
    return path


@pytest.fixture
def pair(tmp_path):
    def make(stem="train", count=5, rows=3, columns=4, labels=None, pack=bytes):
        rng = np.random.default_rng(count)
        images = rng.integers(0, 256, (count, rows, columns))
        labels = np.arange(count) % 3 if labels is None else np.asarray(labels)
        return (
            write(tmp_path / f"{stem}-images-idx3-ubyte", images, pack),
            write(tmp_path / f"{stem}-labels-idx1-ubyte", labels, pack),
        )

    return make


def test_a_pair_is_a_dataset(pair, tmp_path):
    dataset = load_idx(*pair())
    assert dataset.images.shape == (5, 3, 4)
    assert dataset.labels.tolist() == [0, 1, 2, 0, 1]
    assert (dataset.classes, dataset.features, len(dataset)) == (3, 12, 5)
    assert dataset.test is None
    assert dataset.name == tmp_path.name


def test_two_pairs_are_a_dataset_with_a_test_set(pair):
    dataset = load_idx(*pair(), *pair("t10k", count=2, labels=[0, 6]))
    assert len(dataset.test) == 2
    assert dataset.classes == dataset.test.classes == 7


def test_half_a_test_set_is_a_mistake_of_the_caller(pair):
    with pytest.raises(TypeError, match="test_labels"):
        load_idx(*pair(), "images")


def test_counts_have_to_agree(pair):
    images, labels = pair(count=5, labels=[1, 2, 0, 1])
    with pytest.raises(CountsDisagree) as caught:
        load_idx(images, labels)
    error = caught.value
    assert (error.path, error.images_path) == (labels, images)
    assert (error.expected, error.found) == (5, 4)


def test_image_sizes_have_to_agree(pair):
    with pytest.raises(ImageSizesDisagree, match=r"4×3.*3×4"):
        load_idx(*pair(), *pair("t10k", rows=4, columns=3))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    labels=st.lists(st.integers(0, 255), min_size=1, max_size=30),
    test_labels=st.lists(st.integers(0, 255), min_size=1, max_size=30),
    classes=st.integers(1, 256),
)
def test_labels_beyond_the_outputs_are_told_with_their_place(pair, labels, test_labels, classes):
    train = pair(count=len(labels), labels=labels)
    test = pair("t10k", count=len(test_labels), labels=test_labels)
    beyond = [
        (path, 8 + place, label)
        for (_, path), values in ((train, labels), (test, test_labels))
        for place, label in enumerate(values)
        if label >= classes
    ]
    if not beyond:
        assert load_idx(*train, *test, classes).classes == classes
        return
    with pytest.raises(LabelBeyondOutputs) as caught:
        load_idx(*train, *test, classes)
    error = caught.value
    assert (error.path, error.offset, error.found) == beyond[0]
    assert error.path.read_bytes()[error.offset] == error.found


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("test_stem", ["t10k", "test"])
@pytest.mark.parametrize("rename", ["{}", "{}.gz"])
def test_a_folder_is_read_by_its_usual_names(pair, tmp_path, pack, test_stem, rename):
    """Gzipped or not is told by the content, whatever the name says."""
    for path in (*pair(pack=pack), *pair(test_stem, count=2, pack=pack)):
        path.rename(path.with_name(rename.format(path.name)))
    dataset = load_idx_folder(tmp_path)
    assert (len(dataset), len(dataset.test)) == (5, 2)


def test_a_folder_may_spell_the_names_with_a_dot(pair, tmp_path):
    for path in pair():
        path.rename(path.with_name(path.name.replace("-idx", ".idx")))
    assert len(load_idx_folder(tmp_path)) == 5


def test_a_folder_need_not_have_a_test_set(pair, tmp_path):
    pair()
    assert load_idx_folder(tmp_path).test is None


@pytest.mark.parametrize(
    "missing",
    [
        "train-images-idx3-ubyte",
        "train-labels-idx1-ubyte",
        "t10k-images-idx3-ubyte",
        "t10k-labels-idx1-ubyte",
    ],
)
def test_a_missing_file_is_named(pair, tmp_path, missing):
    pair(), pair("t10k")
    (tmp_path / missing).unlink()
    with pytest.raises(DatasetFileMissing) as caught:
        load_idx_folder(tmp_path)
    assert caught.value.expected == missing
    assert "-idx" in caught.value.found


def test_what_is_found_in_a_crowded_folder_is_cut_short(tmp_path):
    for number in range(20):
        (tmp_path / f"note{number:02}.txt").touch()
    with pytest.raises(DatasetFileMissing, match=r"note07\.txt and 12 more"):
        load_idx_folder(tmp_path)


def test_an_empty_folder_says_so(tmp_path):
    with pytest.raises(DatasetFileMissing, match="found: nothing"):
        load_idx_folder(tmp_path)


@pytest.mark.parametrize("name", ["none", "file", "null\0"])
def test_no_folder_is_a_typed_error(tmp_path, name):
    (tmp_path / "file").touch()
    with pytest.raises(DatasetUnreadable, match="expected a folder"):
        load_idx_folder(tmp_path / name)
