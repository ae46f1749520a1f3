"""The colour scale of each tensor, kept from stop to stop and widened when it clips too much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.debug.health.arrays import health_of
from gui.paint.heatmap import (
    MOST_CLIPPED,
    Clipped,
    MapKind,
    Scale,
    choose_map,
    choose_scale,
    count_clipped,
    finite_cells,
)

Array = np.ndarray[Any, Any]
ROOM = 1.25  # by which a scale gets wider at least


class Widened(NamedTuple):
    """A widening of a kept scale: the scale before, and the reason."""

    before: Scale
    share: float  # of the cells lay outside of it; the sign of few of them may be reason enough


class Shown(NamedTuple):
    """How an array is drawn: its scale, the cells clipped, and whether it was widened for them."""

    scale: Scale
    clipped: Clipped
    widened: Widened | None
    beyond: float  # the share of the finite cells that lie outside of the scale
    largest: float  # magnitude of the finite cells

    @property
    def much(self) -> bool:
        """Whether enough cells are clipped to widen the scale, were it not held."""
        return self.beyond > MOST_CLIPPED


@dataclass(slots=True)
class _Kept:
    scale: Scale
    held: bool = False  # the person went back to it: it is left alone until a new one is asked for
    widened: Widened | None = None
    moment: object = None  # at which it was widened


class Coloured(NamedTuple):
    """An array drawn in colours: the key of its scale, its name, and how it is drawn."""

    key: str
    name: str
    shown: Shown


class Scales:
    """The scales in use, by the tensor's name.

    A scale stays as it was first chosen. It is widened when more than `MOST_CLIPPED` of the cells
    lie outside of it, or when negative values appear in what had none; what was signed stays
    signed. It gets narrower only when asked (`forget`). The person can go `back` to what it was
    before it was widened: then it is held there. All zeros choose nothing.
    """

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._moment: object = None

    def at(self, moment: object) -> None:
        """Set the moment, a batch of a run, that is shown from now on.

        `Shown.widened` reports a widening until the tensor is shown at another moment.
        """
        self._moment = moment

    def scale(self, name: str, values: Array, features: int | None = None) -> Scale:
        """The scale to draw this tensor with."""
        return self.show(name, values, features).scale

    def show(
        self, name: str, values: Array, features: int | None = None, kind: MapKind | None = None
    ) -> Shown:
        """How to draw this tensor, with a map of this `kind` or one that suits its values."""
        extent = _extent(values)
        kept = self._kept.get(name)
        if kept is None:
            scale = choose_scale(values, kind or choose_map(values, features))
            if extent.largest:
                self._kept[name] = _Kept(scale)
            return _shown(values, scale, extent)
        if kept.moment != self._moment:
            kept.widened = None
        shown = _shown(values, kept.scale, extent, kept.widened)
        if kept.held or not extent.largest:
            return shown
        signed = kept.scale.kind is MapKind.SIGNED
        if not shown.much and (signed or kind is not None or extent.low >= 0):
            return shown
        if kind is None:
            kind = MapKind.SIGNED if signed else choose_map(values, features)
        before = kept.widened.before if kept.widened is not None else kept.scale
        kept.scale = _wider(kept.scale, values, kind, extent)
        kept.widened, kept.moment = Widened(before, shown.beyond), self._moment
        return _shown(values, kept.scale, extent, kept.widened)

    def back(self, name: str) -> None:
        """Undo that a scale was widened, and hold it there."""
        kept = self._kept.get(name)
        if kept is not None and kept.widened is not None:
            kept.scale, kept.widened, kept.held = kept.widened.before, None, True

    def forget(self, name: str) -> None:
        """Let the next values choose this tensor's scale, be it a narrower one."""
        self._kept.pop(name, None)

    def clear(self) -> None:
        """Forget all: another network is shown."""
        self._kept.clear()


class _Extent(NamedTuple):
    """Least and largest of the finite cells, how many those are, and how many are not finite."""

    low: float
    high: float
    finite: int
    bad: int

    @property
    def largest(self) -> float:
        return max(self.high, -self.low)


def _extent(values: Array) -> _Extent:
    # What is shown is read-only as a rule; its health was measured, or is going to be, anyway.
    health = None if values.flags.writeable else health_of(values)
    if health is not None:
        if health.minimum is None or health.maximum is None:
            return _Extent(0.0, 0.0, 0, health.bad)
        low, high = float(health.minimum), float(health.maximum)
        return _Extent(low, high, health.count - health.bad, health.bad)
    finite = finite_cells(values)
    bad = values.size - finite.size
    if not finite.size:
        return _Extent(0.0, 0.0, 0, bad)
    return _Extent(float(finite.min()), float(finite.max()), finite.size, bad)


def _shown(values: Array, scale: Scale, extent: _Extent, widened: Widened | None = None) -> Shown:
    if scale.low <= extent.low and extent.high <= scale.high:
        clipped = Clipped(0, 0, extent.bad)
    else:
        clipped = count_clipped(values, scale)
    beyond = (clipped.below + clipped.above) / max(extent.finite, 1)
    return Shown(scale, clipped, widened, beyond, extent.largest)


def _wider(kept: Scale, values: Array, kind: MapKind, extent: _Extent) -> Scale:
    """A scale that holds a kept one, and nearly all of the values with some room to spare.

    Without the room, values that grow slowly would have it widened at every batch.
    """
    wanted = choose_scale(values, kind)
    high = max(wanted.high, kept.high)
    if wanted.high > kept.high:
        high = max(high, ROOM * kept.high)
    low = -high if kind is MapKind.SIGNED else min(wanted.low, kept.low)
    wide = Scale(kind, low, high)
    if _shown(values, wide, extent).much:  # the sample missed them
        wide = Scale(kind, -extent.largest if kind is MapKind.SIGNED else low, extent.largest)
    return wide
