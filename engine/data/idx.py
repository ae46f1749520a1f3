"""Read IDX files, the format of MNIST and of the datasets made as its replacements.

A file has a header, then the numbers in C order. The header has two zero bytes, a byte for the type
of the numbers, a byte for the number of dimensions, then each dimension's size as a big-endian
32-bit integer. Source: "The IDX file format" at the end of http://yann.lecun.com/exdb/mnist/.

Files are untrusted. Every field is checked before it is used, and at most as many bytes as the
header promises are read or unpacked.
"""

from __future__ import annotations

import math
import os
import struct
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.data.gunzip import GZIP_MAGIC, Gunzip
from engine.errors import (
    BytesLeftOver,
    DatasetFileEmpty,
    DatasetTooLarge,
    DatasetTruncated,
    DatasetUnreadable,
    NoSamples,
    NotIdx,
    WrongDimensions,
    WrongElementType,
)
from engine.files import open_regular

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
AnyPath = str | os.PathLike[str]

UNSIGNED_BYTE = 0x08
ELEMENT_TYPES = {
    UNSIGNED_BYTE: "unsigned bytes",
    0x09: "signed bytes",
    0x0B: "16-bit integers",
    0x0C: "32-bit integers",
    0x0D: "32-bit floats",
    0x0E: "64-bit floats",
}

# EMNIST, the largest of the usual datasets, has 638 MB; a header that promises 2 GiB is wrong.
MAX_BYTES = 1 << 31
CHUNK = 1 << 20


def header_size(dimensions: int) -> int:
    """Return the size of a header in bytes, which is the offset of the first number."""
    return 4 + 4 * dimensions


def read_idx(path: AnyPath, dimensions: int) -> Bytes:
    """Read an IDX file of unsigned bytes; its content tells whether it is gzipped.

    Args:
        path: the file.
        dimensions: the required number: 3 for images, 1 for labels.

    Returns:
        A read-only uint8 array with the shape given in the header.

    Raises:
        DatasetError: a subclass names the problem of the file.
    """
    path = Path(path)
    try:
        with open_regular(path, sys.maxsize, _unreadable) as file:
            gzipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            file.seek(0)
            source = Gunzip(path, file) if gzipped else file
            shape = _read_header(path, source, dimensions)
            content = _read_content(path, source, header_size(dimensions), math.prod(shape))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    array = np.frombuffer(content, dtype=np.uint8).reshape(shape)
    array.flags.writeable = False
    return array


def _unreadable(path: Path, reason: str) -> DatasetUnreadable:
    found = reason.removeprefix("it is ")
    return DatasetUnreadable(path=path, offset=0, expected="a file", found=found)


def _read_header(path: Path, source: IO[bytes] | Gunzip, dimensions: int) -> tuple[int, ...]:
    size = header_size(dimensions)
    magic = source.read(4)
    if not magic:
        raise DatasetFileEmpty(path=path, offset=0, expected=size, found=0)
    if len(magic) < 4:
        raise DatasetTruncated(path=path, offset=0, expected=size, found=len(magic))
    if magic[:2] != b"\0\0":
        expected_magic = bytes([0, 0, UNSIGNED_BYTE, dimensions])
        raise NotIdx(path=path, offset=0, expected=expected_magic.hex(" "), found=magic.hex(" "))
    if magic[2] != UNSIGNED_BYTE:
        found = ELEMENT_TYPES.get(magic[2], f"numbers of the unknown type 0x{magic[2]:02x}")
        expected = ELEMENT_TYPES[UNSIGNED_BYTE]
        raise WrongElementType(path=path, offset=2, expected=expected, found=found)
    if magic[3] != dimensions:
        raise WrongDimensions(path=path, offset=3, expected=dimensions, found=magic[3])
    sizes = source.read(4 * dimensions)
    if len(sizes) < 4 * dimensions:
        raise DatasetTruncated(path=path, offset=0, expected=size, found=4 + len(sizes))
    shape: tuple[int, ...] = struct.unpack(f">{dimensions}I", sizes)
    if 0 in shape:
        raise NoSamples(path=path, offset=4, expected=(1,) * dimensions, found=shape)
    if math.prod(shape) > MAX_BYTES:
        raise DatasetTooLarge(path=path, offset=4, expected=MAX_BYTES, found=math.prod(shape))
    return shape


def _read_content(path: Path, source: IO[bytes] | Gunzip, offset: int, promised: int) -> bytearray:
    # The buffer grows with the bytes read: a large number in the header alone allocates nothing.
    content = bytearray()
    while len(content) < promised:
        chunk = source.read(min(CHUNK, promised - len(content)))
        if not chunk:
            raise DatasetTruncated(path=path, offset=offset, expected=promised, found=len(content))
        content += chunk
    if source.read(1):  # at the end of a gzip stream, this also checks its checksum
        end = offset + promised
        found = end + 1 if isinstance(source, Gunzip) else path.stat().st_size
        raise BytesLeftOver(path=path, offset=end, expected=end, found=found)
    return content
