"""Unpack a gzip stream piece by piece, and never further than requested."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import IO

from engine.errors import CorruptGzip

GZIP_MAGIC = b"\x1f\x8b"
GZIP_WBITS = 31  # for zlib: a gzip header and trailer

# Small, since zlib copies the bytes after each member, and a file may have many members.
CHUNK = 1 << 14


class Gunzip:
    """A gzip file that is read like a plain file.

    Unlike the standard library's reader, it does not unpack ahead into a buffer. A caller that
    knows the expected size therefore unpacks at most one byte more of a decompression bomb.

    Args:
        path: of the file, for errors.
        file: at the start of the stream.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file
        self._member = zlib.decompressobj(GZIP_WBITS)
        self._packed = b""
        self._unpacked = 0

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, or fewer at the end of the stream.

        Raises:
            CorruptGzip: the stream is damaged or truncated, or its checksum is wrong.
        """
        parts: list[bytes] = []
        while size and self._refill():
            try:
                part = self._member.decompress(self._packed, size)
            except zlib.error as error:
                raise self._corrupt("a sound gzip stream", str(error)) from error
            self._packed = self._member.unconsumed_tail or self._member.unused_data
            self._unpacked += len(part)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _refill(self) -> bool:
        """Read more packed bytes if there are none; False at the end of the stream."""
        if not self._packed:
            self._packed = self._file.read(CHUNK)
        if not self._member.eof:
            if not self._packed:
                raise self._corrupt("the rest of the gzip stream", "the end of the file")
            return True
        # Members may follow one another (RFC 1952), and zero bytes may pad the last one.
        while self._packed and not self._packed.strip(b"\0"):
            self._packed = self._file.read(CHUNK)
        self._packed = self._packed.lstrip(b"\0")
        self._member = zlib.decompressobj(GZIP_WBITS) if self._packed else self._member
        return bool(self._packed)

    def _corrupt(self, expected: str, found: str) -> CorruptGzip:
        return CorruptGzip(path=self._path, offset=self._unpacked, expected=expected, found=found)
