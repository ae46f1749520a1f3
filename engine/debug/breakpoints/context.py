"""The facts about a batch that a breakpoint can use, for a recorded batch and a live one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.events import Phase

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class BatchContext:
    """The facts about a recorded batch that are not in its trace.

    Attributes:
        batch: its number.
        per_epoch: the number of batches in an epoch.
        network: the network with the parameters.
        losses: the losses of the run, up to and including this batch.
        unchanged: finds the parameters that no batch of the epoch has changed, up to and including
            this batch. It may run the epoch again; then the session drops its trace.
    """

    batch: int
    per_epoch: int
    network: Any
    losses: Array
    unchanged: Callable[[], frozenset[str]]


@dataclass(slots=True, eq=False)
class LiveBatch:
    """A batch that runs without recording, and the live objects that hold its results.

    Attributes:
        network, layers, optimizer: the live objects; the layers by name.
        per_epoch: the number of batches in an epoch.
        losses: returns the losses of the run; after the batch has run, its loss is included.
        unchanged: the parameters that an epoch has left unchanged.
        batch: the number of the batch.
        loss: the loss of the batch, once it has run.
    """

    network: Any
    layers: Mapping[str, Any]
    optimizer: Any
    per_epoch: int
    losses: Callable[[], Array]
    unchanged: FrozenParameters
    batch: int = 0
    loss: float = 0.0


class Pass(Protocol):
    """A stretch of events in one pass."""

    @property
    def phase(self) -> Phase:
        """The pass."""

    @property
    def first(self) -> int:
        """Its first event."""


class EventIndex(Protocol):
    """An index of the events of a batch by line, layer and pass, so that nothing is searched."""

    @property
    def events_of_line(self) -> Mapping[tuple[str, int], Sequence[int]]:
        """By file and line, the events at which the line begins."""

    @property
    def passes(self) -> Mapping[tuple[str, Phase], tuple[int, int, Any]]:
        """By layer and pass: the first and the last event of its method, and the call's frame."""

    @property
    def bands(self) -> Sequence[Pass]:
        """The stretches of a batch, each of one pass, in order."""
