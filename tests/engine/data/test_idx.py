"""Whatever is wrong with an IDX file gets a typed error: no other error, and no wrong data."""

from __future__ import annotations

import gzip
import math
import os
import struct
import tracemalloc
import zlib
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.data.gunzip import zlib as zlib_module
from engine.data.idx import MAX_BYTES, read_idx
from engine.errors import (
    BytesLeftOver,
    CorruptGzip,
    DatasetError,
    DatasetFileEmpty,
    DatasetTooLarge,
    DatasetTruncated,
    DatasetUnreadable,
    NoSamples,
    NotIdx,
    WrongDimensions,
    WrongElementType,
)

# The file is written anew for each example, so one folder will do for all of them.
in_one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)

arrays = st.sampled_from([1, 3]).flatmap(
    lambda dimensions: hnp.arrays(
        np.uint8, hnp.array_shapes(min_dims=dimensions, max_dims=dimensions, max_side=9)
    )
)


def header(*sizes: int, kind: int = 8) -> bytes:
    return struct.pack(f">BBBB{len(sizes)}I", 0, 0, kind, len(sizes), *sizes)


def idx(array: np.ndarray) -> bytes:
    return header(*array.shape) + array.tobytes()


def written(folder: Path, content: bytes) -> Path:
    path = folder / "train-images-idx3-ubyte"
    path.write_bytes(content)
    return path


@in_one_folder
@given(array=arrays, pack=st.sampled_from([bytes, gzip.compress]))
def test_reads_what_was_written(tmp_path, array, pack):
    read = read_idx(written(tmp_path, pack(idx(array))), array.ndim)
    assert read.dtype == np.uint8
    np.testing.assert_array_equal(read, array)
    assert not read.flags.writeable


@in_one_folder
@given(array=arrays, parts=st.integers(1, 5), padding=st.integers(0, 40_000))
def test_reads_gzip_members_that_follow_one_another(tmp_path, array, parts, padding):
    content = idx(array)
    cuts = [len(content) * part // parts for part in range(parts + 1)]
    members = [gzip.compress(content[a:b]) for a, b in pairwise(cuts)]
    path = written(tmp_path, b"".join(members) + bytes(padding))
    np.testing.assert_array_equal(read_idx(path, array.ndim), array)


@in_one_folder
@given(array=arrays, pack=st.sampled_from([bytes, gzip.compress]), data=st.data())
def test_any_truncation_is_a_typed_error(tmp_path, array, pack, data):
    whole = pack(idx(array))
    path = written(tmp_path, whole[: data.draw(st.integers(0, len(whole) - 1), "cut at")])
    with pytest.raises((DatasetFileEmpty, DatasetTruncated, CorruptGzip)) as caught:
        read_idx(path, array.ndim)
    assert str(path) in str(caught.value)


@in_one_folder
@given(array=arrays, extra=st.binary(min_size=1, max_size=50), gzipped=st.booleans())
def test_any_bytes_left_over_are_a_typed_error(tmp_path, array, extra, gzipped):
    content = idx(array) + extra
    path = written(tmp_path, gzip.compress(content) if gzipped else content)
    with pytest.raises(BytesLeftOver) as caught:
        read_idx(path, array.ndim)
    assert caught.value.expected == len(content) - len(extra)
    assert caught.value.found == (caught.value.expected + 1 if gzipped else len(content))


@in_one_folder
@given(array=arrays, extra=st.binary(min_size=1, max_size=50).filter(lambda b: b.strip(b"\0")))
def test_bytes_behind_a_gzip_stream_are_a_typed_error(tmp_path, array, extra):
    with pytest.raises((CorruptGzip, BytesLeftOver)):
        read_idx(written(tmp_path, gzip.compress(idx(array)) + extra), array.ndim)


@in_one_folder
@given(array=arrays, data=st.data())
def test_any_other_header_is_a_typed_error(tmp_path, array, data):
    content = bytearray(idx(array))
    place = data.draw(st.integers(0, 3 + 4 * array.ndim), "place")
    content[place] ^= data.draw(st.integers(1, 255), "flipped bits")
    path = written(tmp_path, bytes(content))
    with pytest.raises(DatasetError) as caught:
        read_idx(path, array.ndim)
    assert caught.value.path == path


@in_one_folder
@given(array=arrays, data=st.data())
def test_damage_inside_a_gzip_stream_is_never_wrong_data(tmp_path, array, data):
    packed = bytearray(gzip.compress(idx(array)))
    place = data.draw(st.integers(0, len(packed) - 1), "place")
    packed[place] ^= data.draw(st.integers(1, 255), "flipped bits")
    path = written(tmp_path, bytes(packed))
    try:
        read = read_idx(path, array.ndim)
    except DatasetError:
        return
    # The header of gzip has bytes without a meaning for the content, such as the time.
    np.testing.assert_array_equal(read, array)


@in_one_folder
@given(content=st.binary(max_size=200), dimensions=st.sampled_from([1, 3]))
@example(b"\x1f\x8b", 3)
@example(gzip.compress(b""), 1)
@example(gzip.compress(b"\0"), 1)
def test_any_bytes_at_all_are_a_typed_error_or_what_they_say(tmp_path, content, dimensions):
    path = written(tmp_path, content)
    try:
        read = read_idx(path, dimensions)
    except DatasetError as error:
        assert str(path) in str(error)
    else:
        assert idx(read) == content


@pytest.mark.parametrize(
    ("content", "error", "offset", "expected", "found"),
    [
        (b"", DatasetFileEmpty, 0, 16, 0),
        (b"\0\0\x08", DatasetTruncated, 0, 16, 3),
        (header(2, 2, 2)[:9], DatasetTruncated, 0, 16, 9),
        (header(2, 2, 2) + b"1234567", DatasetTruncated, 16, 8, 7),
        (header(2, 2, 2) + b"123456789", BytesLeftOver, 24, 24, 25),
        (b"\x89PNG\r\n", NotIdx, 0, "00 00 08 03", "89 50 4e 47"),
        (header(1, 1, 1, kind=0x0D), WrongElementType, 2, "unsigned bytes", "32-bit floats"),
        (
            header(1, 1, 1, kind=7),
            WrongElementType,
            2,
            "unsigned bytes",
            "numbers of the unknown type 0x07",
        ),
        (header(5) + b"12345", WrongDimensions, 3, 3, 1),
        (header(0, 28, 28), NoSamples, 4, (1, 1, 1), (0, 28, 28)),
        (header(5, 0, 28), NoSamples, 4, (1, 1, 1), (5, 0, 28)),
        (header(2**32 - 1, 2**32 - 1, 7), DatasetTooLarge, 4, MAX_BYTES, 7 * (2**32 - 1) ** 2),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_the_error_says_what_where_expected_and_found(
    tmp_path, pack, content, error, offset, expected, found
):
    path = written(tmp_path, pack(content))
    with pytest.raises(error) as caught:
        read_idx(path, 3)
    raised = caught.value
    if content:
        assert (raised.offset, raised.expected, raised.found) == (offset, expected, found)
    sentence = str(raised)
    assert str(path) in sentence
    assert sentence.endswith(raised.advice)
    assert "{" not in sentence


def test_a_gzip_bomb_is_unpacked_no_further_than_its_header_promises(tmp_path, monkeypatch):
    unpacked = 0

    class Counting:
        def __init__(self, wbits):
            self._real = real(wbits)

        def decompress(self, data, limit):
            nonlocal unpacked
            part = self._real.decompress(data, limit)
            unpacked += len(part)
            return part

        def __getattr__(self, name):
            return getattr(self._real, name)

    real = zlib.decompressobj
    monkeypatch.setattr(zlib_module, "decompressobj", Counting)
    path = written(tmp_path, gzip.compress(header(10, 10, 10) + bytes(50_000_000)))
    with pytest.raises(BytesLeftOver):
        read_idx(path, 3)
    assert unpacked == len(header(10, 10, 10)) + 1000 + 1


def test_a_promise_alone_allocates_nothing(tmp_path):
    path = written(tmp_path, gzip.compress(header(2**21, 32, 31) + b"12345"))
    assert math.prod((2**21, 32, 31)) <= MAX_BYTES
    tracemalloc.start()
    try:
        with pytest.raises(DatasetTruncated):
            read_idx(path, 3)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_wrong_gzip_checksum_is_told(tmp_path):
    packed = bytearray(gzip.compress(idx(np.arange(200, dtype=np.uint8))))
    packed[-8] ^= 1
    with pytest.raises(CorruptGzip, match="incorrect data check"):
        read_idx(written(tmp_path, bytes(packed)), 1)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda path: None, "No such file"),
        (lambda path: path.mkdir(), "a folder"),
        (lambda path: os.mkfifo(path), "a device or a pipe"),
        (lambda path: path.symlink_to(path), "symbolic links"),
    ],
)
def test_what_is_no_file_is_a_typed_error(tmp_path, make, found):
    path = tmp_path / "images"
    make(path)
    with pytest.raises(DatasetUnreadable, match=found):
        read_idx(path, 3)


def test_a_path_that_cannot_be_is_a_typed_error():
    with pytest.raises(DatasetUnreadable, match="null"):
        read_idx("images\0", 3)


def test_a_failing_disk_is_a_typed_error(tmp_path, monkeypatch):
    path = written(tmp_path, idx(np.ones((2, 2, 2), np.uint8)))

    def failing(*args, **kwargs):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", failing)
    with pytest.raises(DatasetUnreadable, match="Input/output error"):
        read_idx(path, 3)
