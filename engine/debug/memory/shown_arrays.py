"""A cache of the old values that are on show, found by the live array: most are asked for again."""

from __future__ import annotations

from weakref import ref

from engine.debug.memory.buffers import Array

_BYTES_OF_ENTRY = 400  # key, two references and a callback


class ShownArrays:
    """Old values by live array and number of undone writes, each as long as anyone refers to it."""

    __slots__ = ("__weakref__", "_known")

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[ref[Array], ref[Array]]] = {}

    def __len__(self) -> int:
        return len(self._known)

    @property
    def nbytes(self) -> int:
        """Bytes of the entries; the arrays belong to whoever shows them."""
        return _BYTES_OF_ENTRY * len(self._known)

    def put(self, array: Array, later: int, shown: Array) -> None:
        """Remember what is shown of an array with its last `later` writes undone."""
        key, cache = (id(array), later), ref(self)

        def forget(gone: ref[Array]) -> None:
            known = cache()
            if known is not None and known._known.get(key, (None, None))[1] is gone:
                del known._known[key]

        self._known[key] = ref(array), ref(shown, forget)

    def find(self, array: Array, later: int) -> Array | None:
        """What `put` was given, if this is that array and it has the same layout still."""
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
