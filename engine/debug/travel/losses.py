"""The losses of a run, which grow by one a batch and are looked at after each step."""

from __future__ import annotations

from typing import Any

import numpy as np


class Losses:
    """Numbers that are written one by one and read all at once, in no time at any length."""

    def __init__(self) -> None:
        self._room = np.empty(1024)
        self._count = 0
        self._shared: np.ndarray[Any, Any] | None = None

    def __len__(self) -> int:
        return self._count

    def put(self, batch: int, loss: float) -> None:
        """Write the loss of a batch that has run before, or of the next one."""
        self._shared = None
        if batch == len(self._room):
            self._room = np.concatenate([self._room, np.empty_like(self._room)])
        self._room[batch] = loss
        self._count = max(self._count, batch + 1)

    def until(self, batch: int) -> Losses:
        """Those of the batches before one."""
        found = Losses()
        found._room, found._count = self._room.copy(), min(self._count, batch)
        return found

    def shared(self) -> np.ndarray[Any, Any]:
        """(count,) all of them, read-only; the same array while nothing is written."""
        if self._shared is None:
            self._shared = self.array()
            self._shared.flags.writeable = False
        return self._shared

    def array(self) -> np.ndarray[Any, Any]:
        """(count,) all of them, in an array of the caller's own."""
        return self._room[: self._count].copy()
