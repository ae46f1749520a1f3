"""The facts about a batch that a breakpoint can use, for a recorded batch and a live one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.debug.breakpoints.frozen_parameters import FrozenParameters
from engine.debug.events import Phase
from engine.debug.record.trace import Trace

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class BatchContext:
    """The facts about a recorded batch that are not in its trace.

    Attributes:
        batch: its number.
        per_epoch: the number of batches in an epoch.
        parameters: their names.
        losses: the losses of the run, up to and including this batch.
        gradients: of a trace, by parameter: the moment at which it was made, and the gradient; None
            where each layer keeps its own as attributes.
        unchanged: finds the parameters that no batch of the epoch has changed, up to and including
            this batch. It may run the epoch again; then the session drops its trace.
    """

    batch: int
    per_epoch: int
    parameters: Collection[str]
    losses: Array
    unchanged: Callable[[], frozenset[str]]
    gradients: Callable[[Trace], Mapping[str, tuple[int, Any]] | None] = lambda _: None


class LiveArrays(Protocol):
    """The live arrays of a program."""

    def parameters(self) -> Mapping[str, Array]:
        """The parameters by name."""

    def gradients(self) -> Mapping[str, Array] | None:
        """The gradients, by the names of the parameters; None: only a trace can tell."""

    @property
    def kept(self) -> Iterable[Any]:
        """The objects whose arrays show whether a batch went wrong."""


@dataclass(slots=True, eq=False)
class LiveBatch:
    """A batch that runs without recording, and the live objects that hold its results.

    Attributes:
        program: the live parameters and gradients.
        layers: the live layers, by name.
        per_epoch: the number of batches in an epoch.
        losses: returns the losses of the run; after the batch has run, its loss is included.
        unchanged: the parameters that an epoch has left unchanged.
        batch: the number of the batch.
        loss: the loss of the batch, once it has run.
    """

    program: LiveArrays
    layers: Mapping[str, Any]
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
