"""The request for the parameters of an earlier batch, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.debug.snapshots.snapshot import Identity


class For(StrEnum):
    """What they are wanted for; of two questions for the same the later one is answered."""

    START = "start"  # what all is compared with
    SHOWN = "shown"  # the one that is shown


@dataclass(frozen=True, slots=True)
class StoredWanted:
    """Asks for the parameters before a batch whose state is stored.

    Attributes:
        identity: of the session and the way that were seen when it was asked; no other answers.
        batch: which one.
        use: what for.
    """

    identity: Identity
    batch: int
    use: For
