"""The file of a session: arrays in the safetensors format, and a JSON document in its metadata.

Format: https://github.com/huggingface/safetensors#format. Its metadata has

    format      "retrograd session"
    version     "2", or "3" for a session of a step without a network; version "1" had no steps of
                the caller's own, and no infinite or NaN floats
    document    everything but the arrays, as JSON: see `save` and `engine.exact_json`
    checksum    CRC-32 of the document and of all arrays, in the order of their names

Nothing in a file is ever executed. It has no pickle, and conditions run in the restricted evaluator
of `conditions`.
"""

from __future__ import annotations

import json
import math
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.errors import SessionNotRead, SessionNotWritten, clipped
from engine.exact_json import dumps, loads
from engine.files import open_regular, write_whole

FORMAT, NETWORK_VERSION, VERSION = "retrograd session", 2, 3
SUFFIX = ".retrograd"
LARGEST = 4 * 2**30  # bytes of a file that is opened
LARGEST_HEADER = 100_000_000  # bytes, the limit of safetensors
_PIECE = 2**20  # bytes read at a time
_SHOWN = 20  # characters of a version that an error quotes
_DTYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I64": np.int64,
           "I32": np.int32, "I16": np.int16, "I8": np.int8, "U8": np.uint8, "U16": np.uint16,
           "U32": np.uint32, "U64": np.uint64, "BOOL": np.bool_}  # fmt: skip
Arrays = Mapping[str, np.ndarray[Any, Any]]


def to_bytes(document: dict[str, Any], arrays: Arrays) -> bytes:
    """The content of a file."""
    text = dumps(document)
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    metadata = {
        "format": FORMAT,
        "version": str(VERSION if "program" in document else NETWORK_VERSION),
        "document": text,
        "checksum": f"{_checksum(text, contiguous):08x}",
    }
    # Not needed for the first picture of the window, and slow to import.
    from safetensors.numpy import save as to_safetensors

    content: bytes = to_safetensors(contiguous, metadata)
    return content


def write(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write the content of a file, completely or not at all; raises SessionNotWritten."""
    if len(content) > LARGEST:
        reason = f"it would have {len(content):,} bytes, where at most {LARGEST:,} are read again"
        raise SessionNotWritten(Path(path), reason)
    return write_whole(path, content, SessionNotWritten)


def check_version(path: str | os.PathLike[str]) -> None:
    """Check, from its header alone, that a file is a session that this program reads.

    Raises:
        SessionNotRead: the file is missing, of another kind, or newer than this program.
    """
    where = Path(path)
    with _opened(where) as file:
        _version_of(where, _metadata_of(where, _header(where, file)))


def extra_of(path: str | os.PathLike[str]) -> dict[str, Any]:
    """The `extra` that was given to `save`, read without the arrays.

    Raises:
        SessionNotRead: the file is missing, of another kind, newer than this program, or damaged.
    """
    where = Path(path)
    with _opened(where) as file:
        metadata = _metadata_of(where, _header(where, file))
        _version_of(where, metadata)
    try:
        document = loads(str(metadata.get("document")))
    except ValueError as error:
        raise _damaged(where, error) from error
    extra = document.get("extra") if isinstance(document, dict) else None
    if not isinstance(extra, dict):
        raise _damaged(where, "nothing was saved beside it")
    return extra


def read(
    path: str | os.PathLike[str], progress: Callable[[int, int], None] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document of a file, with the `version` of its format, and its read-only arrays.

    The file is read in pieces, so that another thread can draw meanwhile. The reader of safetensors
    holds the interpreter's lock while it copies the whole file.

    `progress` receives the bytes read and checked so far, and their total. An exception that it
    raises ends the reading.

    Raises:
        SessionNotRead: the file is missing, of another kind, newer than this program, or damaged.
    """
    where = Path(path)
    with _opened(where) as file:
        header = _header(where, file)
        metadata = _metadata_of(where, header)
        version = _version_of(where, metadata)
        entries = _entries(where, header, _size(file) - file.tell())
        size = sum(stop - start for *_, start, stop in entries)
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done += count
            if progress is not None:
                progress(done // 2, size)  # each byte counts twice: when read, and when checked

        arrays = {
            name: _array(where, file, dtype, shape, tell) for name, dtype, shape, *_ in entries
        }
    text = str(metadata.get("document"))
    if f"{_checksum(text, arrays, tell):08x}" != metadata.get("checksum"):
        raise SessionNotRead(where, "it is damaged: its checksum is another one")
    try:
        document = loads(text)
    except ValueError as error:
        raise SessionNotRead(where, f"it is damaged: {clipped(error)}") from error
    if not isinstance(document, dict):
        raise SessionNotRead(where, "it is damaged: its document is no object")
    return {**document, "version": version}, arrays


@contextmanager
def _opened(where: Path) -> Iterator[IO[bytes]]:
    with open_regular(where, LARGEST, SessionNotRead) as file:
        try:
            yield file
        except OSError as error:
            raise SessionNotRead(where, error.strerror or str(error)) from error


def _size(file: IO[bytes]) -> int:
    position = file.tell()
    size = file.seek(0, os.SEEK_END)
    file.seek(position)
    return size


def _damaged(where: Path, reason: object) -> SessionNotRead:
    return SessionNotRead(where, f"it is no session, or it is damaged ({clipped(reason)})")


def _header(where: Path, file: IO[bytes]) -> dict[str, Any]:
    length = int.from_bytes(file.read(8), "little")
    if length > min(_size(file), LARGEST_HEADER):
        raise _damaged(where, f"a header of {length:,} bytes")
    try:
        header = json.loads(file.read(length))
    except (ValueError, RecursionError) as error:
        raise _damaged(where, f"{type(error).__name__}: {error}") from error
    if not isinstance(header, dict):
        raise _damaged(where, "its header is no object")
    return header


def _metadata_of(where: Path, header: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = header.get("__metadata__", {})
    if not isinstance(metadata, dict):
        raise _damaged(where, "its metadata is no object")
    return metadata


def _version_of(where: Path, metadata: Mapping[str, Any]) -> int:
    if metadata.get("format") != FORMAT:
        raise SessionNotRead(where, "it is no session of Retrograd's")
    version = str(metadata.get("version"))
    if version in map(str, range(1, VERSION + 1)):
        return int(version)
    newer = version.isdecimal() and version.isascii() and version[0] != "0"
    words = "a newer Retrograd wrote it" if newer else "its version is not known"
    raise SessionNotRead(
        where, f"{words} (version {clipped(version, _SHOWN)}; this one reads 1 to {VERSION})"
    )


_Entry = tuple[str, Any, tuple[int, ...], int, int]


def _entries(where: Path, header: Mapping[str, Any], size: int) -> list[_Entry]:
    """Name, dtype, shape, first byte and end of each array, in the order of the file.

    Raises:
        SessionNotRead: the arrays do not fill `size` bytes without gaps.
    """
    found: list[_Entry] = []
    try:
        for name, entry in header.items():
            if name != "__metadata__":
                shape, (start, stop) = tuple(entry["shape"]), entry["data_offsets"]
                if any(type(n) is not int or n < 0 for n in (*shape, start, stop)):
                    raise ValueError(f"{name} is not placed")
                found.append((name, np.dtype(_DTYPES[entry["dtype"]]), shape, start, stop))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(where, f"{type(error).__name__}: {error}") from error
    found.sort(key=lambda entry: entry[3:])
    end = 0
    for name, dtype, shape, start, stop in found:
        if start != end or stop - start != math.prod(shape) * dtype.itemsize:
            raise _damaged(where, f"{name} does not fit")
        end = stop
    if end != size:
        raise _damaged(where, f"it has {size:,} bytes of arrays, and {end:,} by its header")
    return found


def _array(
    where: Path, file: IO[bytes], dtype: Any, shape: tuple[int, ...], tell: Callable[[int], None]
) -> np.ndarray[Any, Any]:
    try:
        array = np.empty(shape, dtype)
    except (ValueError, MemoryError) as error:  # more dimensions than numpy allows, or no memory
        raise _damaged(where, error) from error
    content = _content(array)
    done = 0
    while done < len(content):
        piece = file.read(min(_PIECE, len(content) - done))
        if not piece:
            raise _damaged(where, "it ends too early")
        content[done : done + len(piece)] = piece
        done += len(piece)
        tell(len(piece))
    array.flags.writeable = False
    return array


def _content(array: np.ndarray[Any, Any]) -> memoryview:
    """The bytes of a contiguous array."""
    return array.reshape(-1).view(np.uint8).data


def _checksum(text: str, arrays: Arrays, tell: Callable[[int], None] = lambda count: None) -> int:
    found = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    for name in sorted(arrays):
        array = arrays[name]
        head = f"{name} {array.dtype} {array.shape}"
        found = zlib.crc32(head.encode("utf-8", "surrogatepass"), found)
        content = _content(array)
        for first in range(0, len(content), _PIECE):
            piece = content[first : first + _PIECE]
            found = zlib.crc32(piece, found)
            tell(len(piece))
    return found
