"""Large arrays that a program only reads, such as a training set, held without a copy in memory.

One copy lies in a temporary file, in pieces with checksums. Each state looks at some of the pieces,
in turn, for as long as that costs at most 5 % of the run; going back looks at all of them. Where a
piece differs, the states since it was last seen as it was are wrong, and from then on the array is
looked at as a whole before each state, which holds the pieces that have changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any
from weakref import ReferenceType, ref

import numpy as np

from engine.debug.memory.piece_file import PIECE, NoRoomOnDisk, Piece, PieceFile, checksum
from engine.debug.memory.selections import RowIndex
from engine.debug.reach.array_refs import Checksums, Content
from engine.debug.reach.buffers import root_of

Array = np.ndarray[Any, Any]
LARGE = 8 * 2**20  # bytes
_SHARE = 0.05  # of the time of a run, for checksums
_FIRST = 2  # batches, after which no more arrays are taken in


class HeldArrays:
    """The large arrays of a program.

    A `State` asks it for the content of each array. Call `begin` before each state.

    Args:
        clock: gives the time in seconds.

    Attributes:
        no_room: why an array is copied into each state after all; None while the disk has room.
        found_wrong: whether states have turned out to be wrong since this was last set to False.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self.no_room: NoRoomOnDisk | None = None
        self.found_wrong = False
        self._clock = clock
        self._file = PieceFile()
        self._arrays: dict[int, _HeldArray] = {}
        self._moment = 0  # counts states and restores
        self._seconds, self._since = 0.0, clock()
        self._taking_in = self._thorough = self._trusted = False

    def begin(self, batch: int, thorough: bool = True) -> None:
        """Prepare for a state.

        Args:
            batch: its batch; large arrays are taken in during the first ones alone.
            thorough: look at all pieces; else at so many as the share of the time allows.
        """
        self._moment += 1
        now = self._clock()
        self._seconds = min(self._seconds, 1.0) + _SHARE * (now - self._since)
        self._since = now
        self._taking_in, self._thorough = batch <= _FIRST, thorough

    def find(self, array: Array) -> Content | None:
        """The content of an array, or of rows of a large array; None if it is to be copied."""
        if array.nbytes < LARGE:
            return self._rows_like(array)
        root = root_of(array)
        held = self._arrays.get(id(root))
        if held is None or held.itself() is not root:
            held = self._take_in(root) if self._taking_in else None
        if held is None or held.is_copied:
            return None
        if not held.pieces:
            return None if root.flags.writeable else _Fixed(root)
        self._look_at(held, self._thorough or held.was_written)
        return None if held.is_copied else held.content(self._moment)

    def note_written(self, array: Array) -> None:
        """Note that a recording has seen a write to an array."""
        held = self._arrays.get(id(root_of(array)))
        if held is not None:
            held.was_written = True

    def holds(self, array: Array) -> bool:
        """Whether an array is held, and was never seen to change."""
        held = self._arrays.get(id(array))
        known = held is not None and held.itself() is array
        return known and not (held is None or held.is_copied or held.was_written)

    def verify(self) -> None:
        """Look at all pieces, so that each wrong state is known."""
        for held in self._arrays.values():
            if held.itself() is not None and not held.is_copied:
                self._look_at(held, True)

    @contextmanager
    def verified(self) -> Iterator[None]:
        """A context in which states are restored: all pieces are looked at when it begins."""
        self._moment += 1
        self.verify()
        self._trusted = True
        try:
            yield
        finally:
            self._trusted = False

    def close(self) -> None:
        """Remove the file."""
        self._file.close()
        self._arrays.clear()

    # Of `_HeldArray` and `_Pieces` ---------------------------------------------------------------

    def put_back(self, content: _Pieces, array: Array | None) -> Array:
        """Put a content into its array; pieces that are in place are not read."""
        held = content.held
        if array is None or array.shape != content.shape or array.dtype != content.dtype:
            array = content()
            held.itself = ref(array)
            self._arrays[id(array)] = held
        else:
            if not (self._trusted or held.is_copied):
                self._moment += 1
                self._look_at(held, True)
            memory = bytes_of(array)
            for number, piece in enumerate(content.pieces):
                if held.is_copied or held.pieces[number] is not piece:
                    place = slice(number * PIECE, number * PIECE + piece.size)
                    self._file.read(content.pieces, place.start, memory[place])
                    held.rows = None
        held.pieces = list(content.pieces)
        held.seen = [self._moment] * len(held.pieces)
        return array

    def read(self, pieces: list[Piece], start: int, memory: Array) -> None:
        """Read from the file; see `PieceFile.read`."""
        self._file.read(pieces, start, memory)

    def _take_in(self, root: Array) -> _HeldArray | None:
        if root.dtype.hasobject or not root.flags.forc or self.no_room is not None:
            return None
        held = _HeldArray(self, root)
        if root.flags.writeable:
            try:
                self._file.make_room(root.nbytes)
                held.pieces = [self._file.put(part) for part in _parts(bytes_of(root))]
            except NoRoomOnDisk as error:
                self.no_room = error
                return None
            held.seen = [self._moment] * len(held.pieces)
        self._arrays[id(root)] = held
        return held

    def _look_at(self, held: _HeldArray, thorough: bool) -> None:
        """Compare pieces with their checksums: all of them, or as many as there is time for."""
        root = held.itself()
        if root is None or not held.pieces:
            return
        parts = list(_parts(bytes_of(root)))
        begin = self._clock()
        if not thorough:
            for _ in parts:
                if self._seconds <= 0:
                    return
                number = held.turn = (held.turn + 1) % len(parts)
                same = checksum(parts[number]) == held.pieces[number].check
                now = self._clock()
                self._seconds, begin = self._seconds - (now - begin), now
                if not same:
                    break
                held.seen[number] = self._moment
            else:
                return
        changed = [n for n, part in enumerate(parts) if checksum(part) != held.pieces[n].check]
        if changed:
            self._replace(held, parts, changed)
        held.in_a_row = held.in_a_row + 1 if 2 * len(changed) > len(parts) else 0
        held.is_copied = held.is_copied or held.in_a_row > 1
        held.seen = [self._moment] * len(parts)
        self._since = self._clock()

    def _replace(self, held: _HeldArray, parts: list[Array], changed: list[int]) -> None:
        for number in changed:
            for content in held.contents():
                if (
                    content.pieces[number] is held.pieces[number]
                    and content.moment > held.seen[number]
                ):
                    content.is_wrong = self.found_wrong = True
        held.rows = None
        held.was_written = True
        try:
            for number in changed:
                held.pieces[number] = self._file.put(parts[number])
        except NoRoomOnDisk as error:
            self.no_room = error
            held.is_copied = True

    def _rows_like(self, array: Array) -> Content | None:
        for held in self._arrays.values():
            root = held.itself()
            if root is None or held.is_copied or not held.pieces:
                continue
            if held.rows is None and RowIndex.may_have(root, array):
                held.rows = RowIndex(root)
            places = None if held.rows is None else held.rows.find(root, array)
            if places is not None:
                return _Rows(held.content(self._moment), places, array)
        return None


class _HeldArray:
    """A large array.

    Attributes:
        pieces: its content when it was last looked at.
        seen: for each piece the moment at which it was last seen to be that.
        was_written: whether it has changed, so that each state looks at all of it.
        is_copied: whether it changes so often that each state copies it.
        rows: finds its rows.
    """

    def __init__(self, owner: HeldArrays, root: Array) -> None:
        self.owner = owner
        self.itself: ReferenceType[Array] = ref(root)
        self.nbytes = root.nbytes
        self.layout = root.shape, root.dtype, root.flags.c_contiguous
        self.pieces: list[Piece] = []
        self.seen: list[int] = []
        self.was_written = self.is_copied = False
        self.in_a_row = 0  # so often in a row most of it had changed
        self.turn = -1
        self.rows: RowIndex | None = None
        self._contents: list[ReferenceType[_Pieces]] = []

    def content(self, moment: int) -> _Pieces:
        """The present content, for a state of this moment."""
        content = _Pieces(self, moment)
        self._contents = [each for each in self._contents if each() is not None]
        self._contents.append(ref(content))
        return content

    def contents(self) -> Iterable[_Pieces]:
        """The contents that states hold."""
        return [content for each in self._contents if (content := each()) is not None]


class _Pieces(Content):
    """The content of a large array, in the file."""

    def __init__(self, held: _HeldArray, moment: int) -> None:
        self.held = held
        self.moment = moment
        self.shape, self.dtype, self._c_contiguous = held.layout
        self.pieces = list(held.pieces)
        self.is_wrong = False

    @property
    def is_right(self) -> bool:
        """False once the array has turned out to have had another content."""
        return not self.is_wrong

    def __call__(self) -> Array:
        """The array as it was, read from the file."""
        array: Array = np.empty(self.shape, self.dtype, "C" if self._c_contiguous else "F")
        self.read(0, bytes_of(array))
        return array

    def checksums(self) -> Checksums:
        """Those of its pieces."""
        order = "C" if self._c_contiguous else "F"
        return self.dtype.str, self.shape, order, _in_words(piece.check for piece in self.pieces)

    def read(self, start: int, memory: Array) -> None:
        """Read (n,) bytes from byte `start` on."""
        self.held.owner.read(self.pieces, start, memory)

    def put_into(self, array: Array | None) -> Array:
        """Put the content back into the array."""
        return self.held.owner.put_back(self, array)


class _Rows(Content):
    """An array that equals rows of a large one."""

    def __init__(self, content: _Pieces, places: Array, array: Array) -> None:
        self._content = content
        self._places = places
        self._shape, self._dtype = array.shape, array.dtype

    @property
    def is_right(self) -> bool:
        """Whether the content of the large array is right."""
        return self._content.is_right

    def __call__(self) -> Array:
        """The rows as they were."""
        array: Array = np.empty(self._shape, self._dtype)
        memory = bytes_of(array).reshape(len(self._places), -1)
        for number, place in enumerate(self._places.tolist()):
            self._content.read(place * memory.shape[1], memory[number])
        return array

    def put_into(self, array: Array | None) -> Array:
        """Put the rows into the array."""
        then = self()
        if array is None or array.shape != then.shape or array.dtype != then.dtype:
            return then
        if array.flags.writeable:
            np.copyto(array, then)
        return array


class _Fixed(Content):
    """A large array that cannot be written to."""

    def __init__(self, array: Array) -> None:
        self._array = array

    @property
    def is_right(self) -> bool:
        """It stays as it is."""
        return True

    def __call__(self) -> Array:
        """The array itself."""
        return self._array

    def checksums(self) -> Checksums:
        """Those of its pieces."""
        return checksums_of(self._array)

    def put_into(self, array: Array | None) -> Array:
        """The array itself."""
        return self._array


def bytes_of(array: Array) -> Array:
    """The memory of a contiguous array, as (n,) bytes."""
    flat = array.view(np.ndarray)
    flat = flat if flat.flags.c_contiguous else flat.T
    return flat.reshape(-1).view(np.uint8)


def checksums_of(array: Array) -> Checksums:
    """The checksums of a contiguous array, piece by piece."""
    order = "C" if array.flags.c_contiguous else "F"
    checks = _in_words(map(checksum, _parts(bytes_of(array))))
    return array.dtype.str, array.shape, order, checks


def _in_words(checks: Iterable[int]) -> str:
    return " ".join(f"{check:08x}" for check in checks)


def _parts(memory: Array) -> Iterator[Array]:
    for start in range(0, memory.size, PIECE):
        yield memory[start : start + PIECE]
