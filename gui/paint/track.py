"""Converts batches and events to places on the timeline, and back. It uses no Qt."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from engine.debug.events import Phase
from engine.debug.snapshots.snapshot import Band
from engine.debug.snapshots.trace_index import PARAMETERS, RETURN

BADGE = 22.0  # pixels of the letter before a pass, and of the gap round it
# Pixels that a name needs: a layer's, a short one with air and without; and the greatest share of
# the track that is taken for bands of that width.
LAYER_BAND = (56.0, 0.75)
LEAST_BANDS = ((44.0, 0.5), (34.0, 0.5), (26.0, 0.5))


class BatchTrack(NamedTuple):
    """Batches from left to right, to the end of the last epoch begun, or one more than have run.

    Attributes:
        total: batches that the track has room for.
    """

    left: float
    width: float
    total: int

    @classmethod
    def of(
        cls, left: float, width: float, reach: int, batch: int, batches_per_epoch: int
    ) -> BatchTrack:
        """The track of a run that has reached so far, with the cursor in `batch`."""
        if not batches_per_epoch:  # a program without epochs: as far as it has come, and one more
            return cls(left, width, max(reach, batch) + 1)
        epochs = max(1, -(-max(reach, batch + 1) // batches_per_epoch))
        return cls(left, width, epochs * batches_per_epoch)

    def x(self, batch: int) -> float:
        """Where a batch begins."""
        return self.left + batch * self.width / self.total

    def batch(self, x: float) -> int:
        """The batch at a place, in 0..total − 1."""
        at = int((x - self.left) * self.total / self.width)
        return min(max(at, 0), self.total - 1)


class EventTrack:
    """Events from left to right; a badge stands before each pass.

    Events are equally wide, but for those of a band that would be too narrow for its name: the
    others make room, as long as that takes no more than half of the track. `scale` is the type's.
    If `stops` are given, only these events have a width: the others stand where the next begins.
    `named`: the names of layers come before equal widths of the events.
    """

    def __init__(
        self,
        left: float,
        width: float,
        count: int,
        bands: Sequence[Band],
        scale: float = 1.0,
        stops: Sequence[int] | None = None,
        named: bool = False,
    ) -> None:
        self.count = max(1, count)
        self.stops = stops
        starts: dict[Phase, int] = {}
        for band in bands:
            starts.setdefault(band.phase, band.first if starts else 0)
        self.starts = starts
        room = max(0.0, width - BADGE * scale * len(starts))
        before = np.zeros(self.count)
        before[list(starts.values())] = BADGE * scale
        shares = np.ones(self.count)
        if stops:
            shares[:] = 0
            shares[list(stops)] = 1
        widths = _event_widths(room, shares, bands, scale, named)
        self._x = left + np.cumsum(before + widths) - widths
        self._widths = widths

    def x(self, event: int) -> float:
        """Where an event begins."""
        return float(self._x[event])

    def end(self, event: int) -> float:
        """Where an event ends."""
        return float(self._x[event] + self._widths[event])

    def middle(self, event: int) -> float:
        """Where the cursor stands when it is at an event."""
        return float(self._x[event] + self._widths[event] / 2)

    def event(self, x: float) -> int:
        """The event at a place; on a badge, the pass's first."""
        ends = self._x + self._widths
        return min(int(np.searchsorted(ends, x, side="right")), self.count - 1)


def _event_widths(
    room: float, shares: np.ndarray[Any, Any], bands: Sequence[Band], scale: float, named: bool
) -> np.ndarray[Any, Any]:
    """The width of each event: in proportion to the shares, but for narrow bands."""
    total = float(shares.sum())
    parts = [(slice(b.first, b.last + 1), float(shares[b.first : b.last + 1].sum())) for b in bands]
    for width, most in ((LAYER_BAND,) if named else ()) + LEAST_BANDS:
        least, rate = scale * width, room / total
        while True:
            narrow = [(at, part) for at, part in parts if 0 < part * rate < least]
            shared, taken = sum(part for _, part in narrow), least * len(narrow)
            if not narrow or taken > most * room or shared >= total:
                break
            rate, before = (room - taken) / (total - shared), rate
            if any(least <= part * before and part * rate < least for _, part in parts):
                continue  # what the others lost has made one of them too narrow
            widths: np.ndarray[Any, Any] = shares * rate
            for at, part in narrow:
                widths[at] = shares[at] * (least / part)
            return widths
    even: np.ndarray[Any, Any] = shares * (room / total)
    return even


@lru_cache(maxsize=1024)
def short_names(label: str, others: frozenset[str] = frozenset()) -> list[str]:
    """What a band may be called, the longest first: `Sigmoid1`, `Sig1`, `S1`; `Affine1.W`, `W1`.

    No name that one of the `others` may have, too: beside `Softmax1` it is `Si1` in the end. A word
    that is no name has a shorter one of its own: cut, nobody would know it again.
    """
    names, others = _names(label), others - {label}
    if not others or label in (PARAMETERS, RETURN):
        return names
    taken = {name for other in others for name in (other, *_names(other))}
    free = [names[0], *(name for name in names[1:] if name not in taken)]
    if len(free) < len(names):
        free.append(_own_start(label, others))
    return list(dict.fromkeys(free))


def _names(label: str) -> list[str]:
    if label == PARAMETERS:
        return [label, "params"]
    if label == RETURN:
        return [label, "end"]
    layer, dot, parameter = label.rpartition(".")
    stem, digits = _parts(layer or label)
    if dot:
        return [label, f"{parameter}{digits}"]
    first_word = re.match(r"[A-Z]?[^A-Z]*", stem)
    word = first_word.group() if first_word and len(first_word.group()) > 2 else stem
    stems = [stem, word, word[:3], word[:1]] if len(stem) > 4 else [stem, stem[:1]]
    return list(dict.fromkeys(f"{part}{digits}" for part in stems))


def _own_start(label: str, others: frozenset[str]) -> str:
    """The shortest beginning that no other of this number has: `Si1`; of a parameter `A1.W`."""
    layer, dot, parameter = label.rpartition(".")
    stem, digits = _parts(layer or label)
    rivals = {other.rpartition(".")[0] or other for other in others} - {layer or label}
    starts = {_parts(rival) for rival in rivals}
    for length in range(1, len(stem)):
        start = stem[:length]
        if not any(other.startswith(start) and digits == number for other, number in starts):
            return f"{start}{digits}{dot}{parameter if dot else ''}"
    return label


def _parts(name: str) -> tuple[str, str]:
    """`Sigmoid1` as ("Sigmoid", "1")."""
    number = re.search(r"\d*$", name)
    digits = number.group() if number else ""
    return name[: len(name) - len(digits)], digits
