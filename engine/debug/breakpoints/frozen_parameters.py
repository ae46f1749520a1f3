"""Finds the parameters that an epoch has left unchanged, bit for bit.

A parameter that no batch of an epoch changes is frozen, or cut off from the loss, or its updates
are smaller than the precision of its floats. The check is cheap: a parameter is compared after each
batch only until the first change, usually in the first batch. The batch of that change is noted, so
the answer is known for every batch of the epoch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

Parameters = Mapping[str, np.ndarray[Any, Any]]


class Replays(Protocol):
    """A run that can replay batches."""

    def arrive(self, batch: int) -> None:
        """Bring the live objects to the start of a batch."""

    def run_again(self, batch: int) -> float:
        """Run the batch that the live objects are before."""

    def come_to(self, batch: int) -> None:
        """Apply the edits before a batch, which is next."""


@dataclass(slots=True, eq=False)
class _Epoch:
    """The findings about one epoch.

    Attributes:
        known: the first batch that was not compared yet.
        still: the parameters that are unchanged so far.
        changed: by parameter, the first batch that changed it.
    """

    known: int
    still: set[str]
    changed: dict[str, int] = field(default_factory=dict)


class FrozenParameters:
    """The first batch that changed each parameter in each epoch, as far as batches were compared.

    Batches are compared in order from the first batch of an epoch; others are skipped. The findings
    do not depend on the cursor. They hold until later batches are discarded.
    """

    def __init__(self, per_epoch: int) -> None:
        self._per_epoch = per_epoch
        self._epochs: dict[int, _Epoch] = {}
        self._held: dict[str, bytes] = {}  # parameters to compare, copied before a batch
        self._held_before: int | None = None

    def through(self, batch: int) -> frozenset[str] | None:
        """The parameters unchanged from the start of the epoch to the end of this batch.

        None: not known yet.
        """
        epoch = self._epochs.get(batch // self._per_epoch)
        if epoch is None or epoch.known <= batch:
            return None
        return frozenset(
            epoch.still | {name for name, first in epoch.changed.items() if first > batch}
        )

    def is_last(self, batch: int) -> bool:
        """Whether this batch is the last of its epoch."""
        return (batch + 1) % self._per_epoch == 0

    def begin(self, batch: int, parameters: Parameters) -> None:
        """Copy the parameters before a batch runs."""
        number = batch // self._per_epoch
        epoch = self._epochs.get(number)
        if epoch is None and batch % self._per_epoch == 0:
            epoch = self._epochs[number] = _Epoch(batch, set(parameters))
        if epoch is not None and epoch.known == batch:
            self._held = {name: parameters[name].tobytes() for name in epoch.still}
            self._held_before = batch

    def end(self, batch: int, parameters: Parameters) -> None:
        """Compare with the parameters after the batch that `begin` was called for."""
        epoch = self._epochs.get(batch // self._per_epoch)
        if epoch is None or epoch.known != batch or self._held_before != batch:
            return
        for name in list(self._held):
            array = parameters.get(name)
            if array is None or array.tobytes() != self._held[name]:
                epoch.still.discard(name)
                epoch.changed[name] = batch
                del self._held[name]
        epoch.known = batch + 1
        if not epoch.still:  # nothing is left to compare
            epoch.known = (batch // self._per_epoch + 1) * self._per_epoch
        self._held_before = None

    def look(self, batch: int, run: Replays, parameters: Callable[[], Parameters]) -> None:
        """Make `through` known for a batch: replay its epoch as far as needed.

        The live objects of the run are at another batch afterwards.
        """
        epoch = self._epochs.get(batch // self._per_epoch)
        first = batch - batch % self._per_epoch if epoch is None else epoch.known
        run.arrive(first)
        for replayed in range(first, batch + 1):
            self.begin(replayed, parameters())
            run.run_again(replayed)
            self.end(replayed, parameters())
            run.come_to(replayed + 1)
            if self.through(batch) is not None:
                return

    def until(self, batch: int) -> FrozenParameters:
        """A copy with only the batches before `batch`, for a branch that starts at `batch`."""
        found = FrozenParameters(self._per_epoch)
        for number, epoch in self._epochs.items():
            if epoch.known <= batch:
                found._epochs[number] = replace(
                    epoch, still=set(epoch.still), changed=dict(epoch.changed)
                )
        return found
