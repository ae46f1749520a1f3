"""What the colours of a picture mean at a stop, by the quantity that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from engine.debug.snapshots.snapshot import Snapshot


class Swatch(Enum):
    """The mark before an entry of a legend."""

    POSITIVE = auto()
    NEGATIVE = auto()
    INK = auto()
    LEVEL = auto()  # of activations
    TRIANGLE = auto()  # at the right label
    NONE = auto()


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A mark with its name and its meaning.

    Attributes:
        name: "Red"; colour is never alone.
        text: "more weight, more loss: the update lowers it".
    """

    swatch: Swatch
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Caption:
    """A sentence on the quantity of a picture, and the legend of its colours."""

    text: str = ""
    legend: tuple[LegendEntry, ...] = ()


NO_CAPTION = Caption()


def caption_of(snapshot: Snapshot) -> Caption:
    """The caption of the picture at the cursor."""
    return NO_CAPTION
