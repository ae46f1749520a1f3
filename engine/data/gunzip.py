"""Unpacking a gzip stream bit by bit, and no further than asked."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import IO

from engine.errors import CorruptGzip

GZIP_MAGIC = b"\x1f\x8b"
GZIP_WBITS = 31  # zlib's way to say: with a gzip header and trailer

# Small, since what follows the end of a member is copied, and a file may have many members.
CHUNK = 1 << 14


class Gunzip:
    """A gzip file that is read like a plain one.

    The standard library's unpacks ahead into a buffer. This one does not, so that a reader who
    knows how much there should be never meets more than one byte of a bomb.

    Args:
        path: the file's, for the errors.
        file: at the start of the stream.
    """

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path = path
        self._file = file
        self._member = zlib.decompressobj(GZIP_WBITS)
        self._packed = b""
        self._unpacked = 0

    def read(self, size: int) -> bytes:
        """Return the next `size` bytes, or fewer where the stream ends.

        Raises:
            CorruptGzip: if the stream is damaged, breaks off, or has another checksum than it says.
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
        """See to it that there is something to unpack; False at the end of the stream."""
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
