"""The pieces in which a numerical gradient is handed out while it is being computed.

Each method is a generator of them. Between two of its pieces nothing has moved, so that whoever
draws them can show them, wait, or walk away: progress, pause and cancelling need nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Method(StrEnum):
    """A way to a gradient."""

    CENTRAL = "central"
    FORWARD = "forward"
    COMPLEX = "complex"
    INCREMENTAL = "incremental"
    BACKPROP = "backprop"

    @property
    def evaluations(self) -> int:
        """Evaluations of the loss for each element; 0 for backpropagation, which needs none."""
        return {"central": 2, "incremental": 2, "forward": 1, "complex": 1}.get(self.value, 0)

    def step(self, eps: float) -> float:
        """The h that it takes by default.

        1e-4 for central differences, as in the book; the root of the dtype's `eps` for forward
        ones, where truncation and round-off are about the same; 1e-20 for the complex step, which
        subtracts nothing (Squire, Trapp, 1998), so that smaller is better.
        """
        if self is Method.FORWARD:
            return math.sqrt(eps)
        return 1e-20 if self is Method.COMPLEX else 1e-4


@dataclass(frozen=True, slots=True)
class Progress:
    """How far some work has come.

    Attributes:
        done, total: in whatever the work counts, such as elements of the gradient.
        seconds: worked so far; waiting between two pieces does not count.

    """

    done: int
    total: int
    seconds: float

    @property
    def left(self) -> float | None:
        """Seconds that it will still take, by the pace so far; None before there is one."""
        return (self.total - self.done) * self.seconds / self.done if self.done else None


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a numerical gradient.

    Attributes:
        name: the parameter.
        indices: (n,) the flat indices of its elements; none in a piece that only says that the work
            goes on.
        values: (n,) the derivative of the loss by each.
        evaluations: of the loss, made for this piece; in the incremental method, configurations of
            the parameters for which it was worked out, though never from the start.
        progress: elements done so far, this piece's included.

    """

    name: str
    indices: Array
    values: Array
    evaluations: int
    progress: Progress


class Stopwatch:
    """Counts elements, and the seconds in which it is not stopped."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.seconds = 0.0
        self._since = perf_counter()

    def lap(self) -> float:
        """Seconds since it was last started."""
        return perf_counter() - self._since

    def hand_out(
        self, name: str, indices: Array, values: Array, evaluations: int
    ) -> Iterator[Piece]:
        """Yield a piece, and stop while its reader has it."""
        self.done += len(indices)
        self.seconds += self.lap()
        yield Piece(name, indices, values, evaluations, self.progress)
        self._since = perf_counter()

    def tick(self, name: str, slice_seconds: float) -> Iterator[Piece]:
        """Yield a piece without an element where the time is up, so that its reader can stop us."""
        if self.lap() >= slice_seconds:
            yield from self.hand_out(name, np.empty(0, np.intp), np.empty(0), 0)

    @property
    def progress(self) -> Progress:
        """As of the last piece."""
        return Progress(self.done, self.total, self.seconds)
