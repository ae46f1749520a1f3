"""The losses of a run: a growing array that is read after every step."""

from __future__ import annotations

from typing import Any

import numpy as np


class Losses:
    """Losses by batch, in a buffer whose size doubles, so that appending and reading are cheap."""

    def __init__(self) -> None:
        self._buffer = np.empty(1024)
        self._count = 0
        self._shared: np.ndarray[Any, Any] | None = None

    def __len__(self) -> int:
        return self._count

    def put(self, batch: int, loss: float) -> None:
        """Set the loss of a batch that has run before, or of the next batch."""
        self._shared = None
        if batch == len(self._buffer):
            self._buffer = np.concatenate([self._buffer, np.empty_like(self._buffer)])
        self._buffer[batch] = loss
        self._count = max(self._count, batch + 1)

    def until(self, batch: int) -> Losses:
        """A copy of the losses before a batch."""
        found = Losses()
        found._buffer, found._count = self._buffer.copy(), min(self._count, batch)
        return found

    def shared(self) -> np.ndarray[Any, Any]:
        """(count,) all losses, read-only; the same array until the next `put`."""
        if self._shared is None:
            self._shared = self.array()
            self._shared.flags.writeable = False
        return self._shared

    def array(self) -> np.ndarray[Any, Any]:
        """(count,) a copy of all losses."""
        return self._buffer[: self._count].copy()
