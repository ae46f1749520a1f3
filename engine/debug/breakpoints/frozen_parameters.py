"""Which parameters an epoch has left as they were, bit for bit.

A parameter that no batch of a whole epoch changes is frozen, cut off from the loss, or its updates
are too small for its floats. To know it costs next to nothing: a parameter is compared after each
batch only until one has changed it, which is mostly the first of the epoch. What is noted is which
batch that was, so that it can be asked of any batch of the epoch later.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

Parameters = Mapping[str, np.ndarray[Any, Any]]


class Replays(Protocol):
    """Who can run batches again."""

    def arrive(self, batch: int) -> None:
        """Bring the live objects to where they are before a batch."""

    def run_again(self, batch: int) -> float:
        """Run the batch that they are before."""

    def come_to(self, batch: int) -> None:
        """Make the edits before the next one."""


@dataclass(slots=True, eq=False)
class _Epoch:
    """What is known of one epoch.

    Attributes:
        known: of the batches before this one it is known whether they changed something.
        still: the parameters that none of them has changed.
        changed: the first batch to change it, by parameter.
    """

    known: int
    still: set[str]
    changed: dict[str, int] = field(default_factory=dict)


class FrozenParameters:
    """The first batch of each epoch to change each parameter, as far as somebody has looked.

    Batches are looked at in order, from the first of an epoch on; others are passed over. What is
    known stays true whichever way the cursor goes, until the future is cut off.
    """

    def __init__(self, per_epoch: int) -> None:
        self._per_epoch = per_epoch
        self._epochs: dict[int, _Epoch] = {}
        self._held: dict[str, bytes] = {}  # what is compared, as it is before a batch
        self._held_before: int | None = None

    def through(self, batch: int) -> frozenset[str] | None:
        """The parameters that no batch of its epoch up to and with this one has changed.

        None: it is not known yet.
        """
        epoch = self._epochs.get(batch // self._per_epoch)
        if epoch is None or epoch.known <= batch:
            return None
        return frozenset(
            epoch.still | {name for name, first in epoch.changed.items() if first > batch}
        )

    def is_last(self, batch: int) -> bool:
        """Whether an epoch ends with this batch."""
        return (batch + 1) % self._per_epoch == 0

    def begin(self, batch: int, parameters: Parameters) -> None:
        """These are the parameters before a batch runs."""
        number = batch // self._per_epoch
        epoch = self._epochs.get(number)
        if epoch is None and batch % self._per_epoch == 0:
            epoch = self._epochs[number] = _Epoch(batch, set(parameters))
        if epoch is not None and epoch.known == batch:
            self._held = {name: parameters[name].tobytes() for name in epoch.still}
            self._held_before = batch

    def end(self, batch: int, parameters: Parameters) -> None:
        """These are the parameters after the batch that was begun last."""
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
        """Find out what `through` says of a batch: run its epoch again, as far as it needs to.

        The live objects of the run are elsewhere then.
        """
        epoch = self._epochs.get(batch // self._per_epoch)
        first = batch - batch % self._per_epoch if epoch is None else epoch.known
        run.arrive(first)
        for there in range(first, batch + 1):
            self.begin(there, parameters())
            run.run_again(there)
            self.end(there, parameters())
            run.come_to(there + 1)
            if self.through(batch) is not None:
                return

    def until(self, batch: int) -> FrozenParameters:
        """What is known of the batches before one, for another way to go on from there."""
        found = FrozenParameters(self._per_epoch)
        for number, epoch in self._epochs.items():
            if epoch.known <= batch:
                found._epochs[number] = replace(
                    epoch, still=set(epoch.still), changed=dict(epoch.changed)
                )
        return found
