"""The file of a session: arrays in the safetensors format, and a JSON document in its metadata.

Format: https://github.com/huggingface/safetensors#format. Its metadata has

    format      "retrograd session"
    version     "2"; a "1" knew no steps of somebody's own, and no floats that are not finite
    document    all but the arrays, as JSON: see `saving` and `documents`
    checksum    CRC-32 of the document and of all arrays in the order of their names

Nothing in it is ever executed: no pickle, and expressions go through the evaluator that has what is
typed.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save as to_safetensors

from engine.debug.documents import dumps, loads
from engine.errors import SessionNotRead, SessionNotWritten
from engine.files import open_regular, read_regular, write_whole

FORMAT, VERSION = "retrograd session", 2
SUFFIX = ".retrograd"
LARGEST = 4 * 2**30  # bytes of a file that is looked into
LARGEST_HEADER = 100_000_000  # bytes, as safetensors has it
_SHOWN = 20  # characters of a version, or another word from a file, that are said
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
        "version": str(VERSION),
        "document": text,
        "checksum": f"{_checksum(text, contiguous):08x}",
    }
    content: bytes = to_safetensors(contiguous, metadata)
    return content


def write(path: str | os.PathLike[str], content: bytes) -> Path:
    """Write the content of a file, whole or not at all; raises SessionNotWritten."""
    if len(content) > LARGEST:
        reason = f"it would have {len(content):,} bytes, where at most {LARGEST:,} are read again"
        raise SessionNotWritten(Path(path), reason)
    return write_whole(path, content, SessionNotWritten)


def look(path: str | os.PathLike[str]) -> None:
    """See whether a file is a session that this program reads, at a glance.

    Raises:
        SessionNotRead: it is missing, of another kind, or newer than this program.
    """
    where = Path(path)
    with open_regular(where, LARGEST, SessionNotRead) as file:
        try:
            length = int.from_bytes(file.read(8), "little")
            header = file.read(min(length, LARGEST_HEADER))
        except OSError as error:
            raise SessionNotRead(where, error.strerror or str(error)) from error
    _version_of(where, _metadata(where, header))


def read(
    path: str | os.PathLike[str], progress: Callable[[int, int], None] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document of a file, with the `version` of its format, and the arrays.

    `progress` is told how many of its bytes are read, and of how many; what it raises ends it.

    Raises:
        SessionNotRead: it is missing, of another kind, newer than this program, or damaged.
    """
    where = Path(path)
    content = read_regular(where, LARGEST, SessionNotRead, progress)
    metadata, arrays = _parse(where, content)
    version = _version_of(where, metadata)
    text = str(metadata.get("document"))
    if f"{_checksum(text, arrays):08x}" != metadata.get("checksum"):
        raise SessionNotRead(where, "it is damaged: its checksum is another one")
    try:
        document = loads(text)
    except ValueError as error:
        raise SessionNotRead(where, f"it is damaged: {error}") from error
    if not isinstance(document, dict):
        raise SessionNotRead(where, "it is damaged: its document is no object")
    return {**document, "version": version}, arrays


def _version_of(where: Path, metadata: Mapping[str, Any]) -> int:
    if metadata.get("format") != FORMAT:
        raise SessionNotRead(where, "it is no session of Retrograd's")
    version = str(metadata.get("version"))
    if version in map(str, range(1, VERSION + 1)):
        return int(version)
    newer = version.isdecimal() and version.isascii() and version[0] != "0"
    words = "a newer Retrograd wrote it" if newer else "its version is not known"
    said = version if len(version) <= _SHOWN else f"{version[:_SHOWN]}…"
    raise SessionNotRead(where, f"{words} (version {said}; this one reads 1 to {VERSION})")


def _metadata(where: Path, header: bytes) -> dict[str, Any]:
    try:
        metadata = json.loads(header).get("__metadata__", {})
    except (ValueError, AttributeError, RecursionError) as error:
        reason = "it is no session, or it is damaged"
        raise SessionNotRead(where, f"{reason} ({type(error).__name__}: {error})") from error
    if not isinstance(metadata, dict):
        raise SessionNotRead(where, "it is damaged: its metadata is no object")
    return metadata


def _parse(where: Path, content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        parts: Any = deserialize(content)  # type: ignore[no-untyped-call]
        arrays = {
            name: np.frombuffer(part["data"], _DTYPES[part["dtype"]]).reshape(part["shape"])
            for name, part in parts
        }
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = "it is no session, or it is damaged"
        raise SessionNotRead(where, f"{reason} ({type(error).__name__}: {error})") from error
    length = int.from_bytes(content[:8], "little")
    return _metadata(where, content[8 : 8 + length]), arrays


def _checksum(text: str, arrays: Arrays) -> int:
    found = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    for name in sorted(arrays):
        array = arrays[name]
        found = zlib.crc32(f"{name} {array.dtype} {array.shape}".encode(), found)
        found = zlib.crc32(array.tobytes(), found)
    return found
