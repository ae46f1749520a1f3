"""A request from the window to the worker's thread for the parameters of an earlier batch."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.debug.snapshots.snapshot import Identity


class For(StrEnum):
    """The use of the parameters; of two requests for the same use, only the later is answered."""

    START = "start"  # the reference of comparisons
    SHOWN = "shown"  # the batch on the screen


@dataclass(frozen=True, slots=True)
class StoredWanted:
    """A request for the parameters before a batch whose state is stored.

    Attributes:
        identity: the session and branch on the screen; others do not answer.
        batch: its number.
        use: the use of the parameters.
    """

    identity: Identity
    batch: int
    use: For
