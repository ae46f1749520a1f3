"""Reports the progress of opening a session, and whether the result equals the saved one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import perf_counter
from typing import Any, Generic, TypeVar

import numpy as np

from engine.debug.bookmarks import Bookmark
from engine.debug.breakpoints.breakpoints import Breakpoint
from engine.debug.travel.trainer import Trainer
from engine.errors import OpeningCancelled

Array = np.ndarray[Any, Any]
T = TypeVar("T", bound=Trainer)
REPORT_SECONDS = 0.05  # between two calls of `progress` and of `cancel`


class OpeningStage(StrEnum):
    """The current stage of opening a session."""

    READING = "reading"  # and checking the file, in bytes
    RUNNING = "running"  # batches again


@dataclass(frozen=True, slots=True)
class Opening:
    """The progress of opening a session: `done` of `total`, in the units of its stage."""

    stage: OpeningStage
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Likeness:
    """How an opened session compares with the saved session.

    Attributes:
        exact: whether the parameters at the cursor equal the saved parameters bit for bit.
        unlike: differences of the environment that may change the last digits, in words.
    """

    exact: bool
    unlike: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loaded(Generic[T]):
    """The content of a session file.

    Attributes:
        trainer: of the requested class, with its cursor where it was.
        breakpoints, bookmarks: as data; the trainer has none of them.
        extra: the `extra` that was given to `save`.
        likeness: how the trainer compares with the saved session.
    """

    trainer: T
    breakpoints: tuple[Breakpoint, ...]
    bookmarks: tuple[Bookmark, ...]
    extra: dict[str, Any]
    likeness: Likeness


class OpeningProgress:
    """Calls `progress` and asks `cancel`, at most every 50 ms."""

    def __init__(
        self,
        path: Path,
        progress: Callable[[Opening], None] | None,
        cancel: Callable[[], bool] | None,
    ) -> None:
        self._path, self._progress, self._cancel = path, progress, cancel
        self._due = 0.0
        self._stage: OpeningStage | None = None

    def tell(self, stage: OpeningStage, done: int, total: int) -> None:
        """Report the progress of a stage; raises OpeningCancelled."""
        now = perf_counter()
        if now < self._due and stage is self._stage:
            return
        self._due, self._stage = now + REPORT_SECONDS, stage
        if self._cancel is not None and self._cancel():
            raise OpeningCancelled(self._path)
        if self._progress is not None:
            self._progress(Opening(stage, done, total))
