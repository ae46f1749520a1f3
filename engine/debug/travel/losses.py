"""The losses of a run: one more per batch, and read after each step."""

from __future__ import annotations

from typing import Any

import numpy as np


class Losses:
    """Losses by batch; writing one and reading all take constant time."""

    def __init__(self) -> None:
        self._room = np.empty(1024)
        self._count = 0
        self._shared: np.ndarray[Any, Any] | None = None

    def __len__(self) -> int:
        return self._count

    def put(self, batch: int, loss: float) -> None:
        """Set the loss of a batch that has run, or add that of the next batch."""
        self._shared = None
        if batch == len(self._room):
            self._room = np.concatenate([self._room, np.empty_like(self._room)])
        self._room[batch] = loss
        self._count = max(self._count, batch + 1)

    def until(self, batch: int) -> Losses:
        """A copy with the losses before `batch`."""
        found = Losses()
        found._room, found._count = self._room.copy(), min(self._count, batch)
        return found

    def shared(self) -> np.ndarray[Any, Any]:
        """(count,) all losses, read-only; the same array until a loss is written."""
        if self._shared is None:
            self._shared = self.array()
            self._shared.flags.writeable = False
        return self._shared

    def array(self) -> np.ndarray[Any, Any]:
        """(count,) a copy of all losses."""
        return self._room[: self._count].copy()
