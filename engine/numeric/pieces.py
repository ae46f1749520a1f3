"""The pieces of a numerical gradient, yielded while it is being computed.

Each method is a generator of pieces. Between two pieces all parameters have their own values, so
that the consumer can show them, wait, or stop. Progress, pausing and cancelling need nothing else.
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
    """A method of computing a gradient."""

    CENTRAL = "central"
    FORWARD = "forward"
    COMPLEX = "complex"
    INCREMENTAL = "incremental"
    BACKPROP = "backprop"

    @property
    def evaluations(self) -> int:
        """Evaluations of the loss per element; 0 for backpropagation."""
        return {"central": 2, "incremental": 2, "forward": 1, "complex": 1}.get(self.value, 0)

    def step(self, eps: float) -> float:
        """The default step h.

        1e-4 for central differences, as in the book. The root of the dtype's `eps` for forward
        differences, where truncation and round-off are about equal. 1e-20 for the complex step,
        which subtracts nothing (Squire, Trapp, 1998), so that smaller is better.
        """
        if self is Method.FORWARD:
            return math.sqrt(eps)
        return 1e-20 if self is Method.COMPLEX else 1e-4


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a computation.

    Attributes:
        done, total: in units of the work, such as elements of the gradient.
        seconds: worked so far; waiting between two pieces does not count.

    """

    done: int
    total: int
    seconds: float

    @property
    def left(self) -> float | None:
        """Estimated seconds to the end; None while nothing is done."""
        return (self.total - self.done) * self.seconds / self.done if self.done else None


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A part of a numerical gradient.

    Attributes:
        name: the parameter.
        indices: (n,) the flat indices of its elements; empty in a piece that only reports progress.
        values: (n,) the derivative of the loss by each.
        evaluations: of the loss for this piece. The incremental method counts configurations of the
            parameters, although it never computes one from the start.
        progress: elements done so far, including this piece's.

    """

    name: str
    indices: Array
    values: Array
    evaluations: int
    progress: Progress


class Stopwatch:
    """Counts the elements done, and the seconds worked."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.seconds = 0.0
        self._since = perf_counter()

    def lap(self) -> float:
        """Seconds since the last start."""
        return perf_counter() - self._since

    def hand_out(
        self, name: str, indices: Array, values: Array, evaluations: int
    ) -> Iterator[Piece]:
        """Yield a piece; the stopwatch stops until the next piece is requested."""
        self.done += len(indices)
        self.seconds += self.lap()
        yield Piece(name, indices, values, evaluations, self.progress)
        self._since = perf_counter()

    def tick(self, name: str, slice_seconds: float) -> Iterator[Piece]:
        """Yield a piece without elements if the time is up, so that the consumer can stop."""
        if self.lap() >= slice_seconds:
            yield from self.hand_out(name, np.empty(0, np.intp), np.empty(0), 0)

    @property
    def progress(self) -> Progress:
        """The progress at the last piece."""
        return Progress(self.done, self.total, self.seconds)
