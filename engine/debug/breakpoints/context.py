"""What a breakpoint may ask about a batch, besides its trace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class BatchContext:
    """What is known of a batch besides its trace.

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
