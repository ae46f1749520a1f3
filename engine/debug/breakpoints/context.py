"""What a breakpoint can ask about a batch: recorded, or run at full speed."""

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
    """What is known of a recorded batch besides its trace.

    Attributes:
        batch: its number.
        per_epoch: how many there are in an epoch.
        network: whose parameters are looked at.
        losses: of the run, that of the batch included.
        unchanged: finds the parameters that no batch of the epoch has changed, up to and with this
            one. It may run the epoch again; then the session lets go of its trace.
    """

    batch: int
    per_epoch: int
    network: Any
    losses: Array
    unchanged: Callable[[], frozenset[str]]


@dataclass(slots=True, eq=False)
class LiveBatch:
    """A batch that runs unrecorded: the live objects, which hold what it has made.

    Attributes:
        network, layers, optimizer: the live objects; the layers by name.
        per_epoch: how many batches there are in an epoch.
        losses: gives the losses of the run, that of the batch included once it has run.
        unchanged: which parameters an epoch has left unchanged.
        batch: its number.
        loss: of the batch, once it has run.
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
        """Which pass."""

    @property
    def first(self) -> int:
        """Its first event."""


class EventIndex(Protocol):
    """Where in a batch lines, layers and passes are: looked up and not searched for."""

    @property
    def events_of_line(self) -> Mapping[tuple[str, int], Sequence[int]]:
        """By file and line, the events at which the line begins."""

    @property
    def passes(self) -> Mapping[tuple[str, Phase], tuple[int, int, Any]]:
        """By layer and pass, the first event of its method, the last, and the call's frame."""

    @property
    def bands(self) -> Sequence[Pass]:
        """The stretches of a batch, each of one pass, in order."""
