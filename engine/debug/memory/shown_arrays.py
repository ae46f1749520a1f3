"""Remembers an array's old value while somebody still shows it, so that it is not made again."""

from __future__ import annotations

from weakref import ref

from engine.debug.reach.buffers import Array

_BYTES_OF_ENTRY = 400  # key, two references and a callback


class ShownArrays:
    """Old values by live array and number of undone writes, while somebody refers to them."""

    __slots__ = ("__weakref__", "_known")

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[ref[Array], ref[Array]]] = {}

    def __len__(self) -> int:
        return len(self._known)

    @property
    def nbytes(self) -> int:
        """Bytes of the entries. The arrays belong to those who show them."""
        return _BYTES_OF_ENTRY * len(self._known)

    def put(self, array: Array, later: int, shown: Array) -> None:
        """Add the value of an array with its last `later` writes undone."""
        key, cache = (id(array), later), ref(self)

        def forget(gone: ref[Array]) -> None:
            known = cache()
            if known is not None and known._known.get(key, (None, None))[1] is gone:
                del known._known[key]

        self._known[key] = ref(array), ref(shown, forget)

    def find(self, array: Array, later: int) -> Array | None:
        """The value that `put` added, if the array is the same one with an unchanged layout."""
        live, value = self._known.get((id(array), later), (None, None))
        if live is None or value is None or live() is not array:
            return None
        shown = value()
        if shown is None or (shown.shape, shown.strides, shown.dtype) != (
            array.shape,
            array.strides,
            array.dtype,
        ):
            return None
        return shown
