"""A temporary file for pieces of large arrays. The system removes it when the process ends."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from shutil import disk_usage
from typing import IO, Any
from weakref import finalize
from zlib import crc32

import numpy as np

Array = np.ndarray[Any, Any]
PIECE = 2**20  # bytes
_SPARE = 64 * 2**20  # bytes that are left free on the disk


class NoRoomOnDisk(Exception):
    """There is no room for a copy.

    Attributes:
        needed, free: bytes.
    """

    def __init__(self, needed: int, free: int) -> None:
        super().__init__(f"{needed} bytes are needed, and {free} are free")
        self.needed = needed
        self.free = free


class Piece:
    """A piece in the file; its room is used again once nothing refers to it.

    Attributes:
        offset, size: its place in the file, and its bytes.
        check: its checksum.
    """

    __slots__ = ("_free", "check", "offset", "size")

    def __init__(self, offset: int, size: int, check: int, free: list[int]) -> None:
        self.offset = offset
        self.size = size
        self.check = check
        self._free = free

    def __del__(self) -> None:
        self._free.append(self.offset)


class PieceFile:
    """Pieces of at most `PIECE` bytes in a temporary file."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._close: Callable[[], object] = lambda: None
        self._free: list[int] = []
        self._end = 0

    def make_room(self, size: int) -> None:
        """See that so many bytes can be put; raises NoRoomOnDisk."""
        free = disk_usage(tempfile.gettempdir()).free + PIECE * len(self._free)
        if size + _SPARE > free:
            raise NoRoomOnDisk(size, free)

    def put(self, memory: Array) -> Piece:
        """Write a piece of memory, (n,) bytes; raises NoRoomOnDisk."""
        if self._file is None:
            # The finalizer closes it, at the latest when the process ends.
            made = tempfile.TemporaryFile(prefix="retrograd-", buffering=0)  # noqa: SIM115
            self._file, self._close = made, finalize(self, made.close)
        offset = self._free.pop() if self._free else self._end
        self._end = max(self._end, offset + PIECE)
        piece = Piece(offset, memory.size, checksum(memory), self._free)
        self._file.seek(offset)
        try:
            written = self._file.write(memory.data)
        except OSError:
            written = 0
        if written != memory.size:
            raise NoRoomOnDisk(memory.size, disk_usage(tempfile.gettempdir()).free)
        return piece

    def read(self, pieces: Sequence[Piece], start: int, memory: Array) -> None:
        """Read into memory, (n,) bytes, what lies from byte `start` on in an array's pieces."""
        assert self._file is not None
        done = 0
        while done < memory.size:
            number, skipped = divmod(start + done, PIECE)
            size = min(pieces[number].size - skipped, memory.size - done)
            self._file.seek(pieces[number].offset + skipped, os.SEEK_SET)
            got = self._file.readinto(memory[done : done + size])  # type: ignore[attr-defined]
            if not got:
                raise EOFError(f"the copy ends after {done} of {memory.size} bytes")
            done += got

    def close(self) -> None:
        """Remove the file."""
        self._close()
        self._file = None


def checksum(memory: Array) -> int:
    """The checksum of (n,) bytes."""
    return crc32(memory.data)
