"""The file of a session: arrays in the safetensors format, and a JSON document in its metadata.

Format: https://github.com/huggingface/safetensors#format. Its metadata has

    format      "retrograd session"
    version     "1"
    document    all but the arrays, as JSON: see `saving`
    checksum    CRC-32 of the document and of all arrays in the order of their names

Nothing in it is ever executed: no pickle, and expressions go through the evaluator that has what is
typed.
"""

from __future__ import annotations

import json
import os
import stat
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, deserialize
from safetensors.numpy import save as to_safetensors

from engine.errors import SessionNotRead, SessionNotWritten
from engine.files import write_whole

FORMAT, VERSION = "retrograd session", 1
SUFFIX = ".retrograd"
LARGEST = 4 * 2**30  # bytes of a file that is looked into
_DTYPES = {"F16": np.float16, "F32": np.float32, "F64": np.float64, "I64": np.int64,
           "I32": np.int32, "I16": np.int16, "I8": np.int8, "U8": np.uint8, "U16": np.uint16,
           "U32": np.uint32, "U64": np.uint64, "BOOL": np.bool_}  # fmt: skip
Arrays = Mapping[str, np.ndarray[Any, Any]]


def to_bytes(document: dict[str, Any], arrays: Arrays) -> bytes:
    """The content of a file."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
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
    return write_whole(path, content, SessionNotWritten)


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The document and the arrays of a file.

    Raises:
        SessionNotRead: it is missing, of another kind, newer than this program, or damaged.
    """
    where = Path(path)
    try:
        status = where.stat()
        if not stat.S_ISREG(status.st_mode):
            raise SessionNotRead(where, "it is no file")
        if status.st_size > LARGEST:
            raise SessionNotRead(where, f"it has {status.st_size:,} bytes, which no session has")
        content = where.read_bytes()
    except (OSError, ValueError) as error:  # a ValueError is a null character in the path
        raise SessionNotRead(where, getattr(error, "strerror", None) or str(error)) from error
    metadata, arrays = _parse(where, content)
    if metadata.get("format") != FORMAT:
        raise SessionNotRead(where, "it is no session of Retrograd's")
    version = str(metadata.get("version"))
    if version != str(VERSION):
        newer = version.isdecimal() and int(version) > VERSION
        words = "a newer Retrograd wrote it" if newer else "its version is not known"
        raise SessionNotRead(where, f"{words} (version {version}; this one reads {VERSION})")
    text = str(metadata.get("document"))
    if f"{_checksum(text, arrays):08x}" != metadata.get("checksum"):
        raise SessionNotRead(where, "it is damaged: its checksum is another one")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SessionNotRead(where, f"it is damaged: {error}") from error
    if not isinstance(document, dict):
        raise SessionNotRead(where, "it is damaged: its document is no object")
    return document, arrays


def _parse(where: Path, content: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        parts: Any = deserialize(content)  # type: ignore[no-untyped-call]
        length = int.from_bytes(content[:8], "little")
        metadata = json.loads(content[8 : 8 + length]).get("__metadata__", {})
        arrays = {
            name: np.frombuffer(part["data"], _DTYPES[part["dtype"]]).reshape(part["shape"])
            for name, part in parts
        }
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        reason = "it is no session, or it is damaged"
        raise SessionNotRead(where, f"{reason} ({type(error).__name__}: {error})") from error
    return metadata, arrays


def _checksum(text: str, arrays: Arrays) -> int:
    found = zlib.crc32(text.encode("utf-8", "surrogatepass"))
    for name in sorted(arrays):
        array = arrays[name]
        found = zlib.crc32(f"{name} {array.dtype} {array.shape}".encode(), found)
        found = zlib.crc32(array.tobytes(), found)
    return found
