"""The weights of hidden units, and their tiles: all units, one unit, the next layer's weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QRectF

from engine.debug.health.arrays import health_of
from engine.debug.snapshots.snapshot import LayerState, Snapshot
from gui.look.type_scale import px
from gui.paint.mosaic import Mosaic, picture_axis
from gui.paint.scales import Coloured, Shown
from gui.paint.tiles.tile import Tile
from gui.paint.values import bad_count_text, number_text

Array = np.ndarray[Any, Any]
ALL, ONE, NEXT = "all", "one", "next"
GAP = 14.0


def _tr(text: str) -> str:
    return QCoreApplication.translate("HiddenUnitsView", text)


@dataclass(frozen=True, slots=True, eq=False)
class UnitWeights:
    """The first parameter with an axis whose length is an image's number of pixels.

    Attributes:
        name: the full name, `Affine1.W`.
        values: the matrix of weights.
        axis: the axis of the pixels; the other axis is the units'.
        image: an image's rows and columns.
    """

    layer: LayerState
    name: str
    values: Array
    axis: int
    image: tuple[int, int]

    @property
    def units(self) -> int:
        """The number of units."""
        return int(self.values.shape[1 - self.axis])

    def of_unit(self, unit: int) -> Array:
        """The weights of a unit, (pixels,)."""
        unit_values: Array = self.values[:, unit] if self.axis == 0 else self.values[unit]
        return unit_values


def unit_weights(snapshot: Snapshot, then: Mapping[str, Array] | None) -> UnitWeights | None:
    """The weights at the cursor, or in the parameters of an earlier batch (`then`)."""
    images = snapshot.minibatch.images
    image = (int(images.shape[1]), int(images.shape[2]))
    for layer in snapshot.layers:
        for name, value in layer.parameters.items():
            axis = picture_axis(value.shape, image) if value.ndim == 2 else None
            if axis is not None:
                full = layer.full(name)
                values = value if then is None else then.get(full, value)
                return UnitWeights(layer, full, values, axis, image)
    return None


def next_weights_of(snapshot: Snapshot, layer: LayerState) -> str:
    """The full name of the next layer's weights for the units' output, or ""."""
    units = layer.out_shape[-1] if layer.out_shape else 0
    for later in snapshot.layers[snapshot.layers.index(layer) + 1 :]:
        for name, value in later.parameters.items():
            if value.ndim == 2 and value.shape[0] == units:
                return later.full(name)
    return ""


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """Place all units at the left, the selected unit and its next layer's weights at the right."""
    if len(tiles) < 2:
        return [QRectF(GAP, 2, width - 2 * GAP, height - 6)] if tiles else []
    side = min(max(0.26 * width, px(120)), 0.9 * height, px(420))
    left = QRectF(GAP, 2, width - side - 3 * GAP, height - 6)
    column = width - side - GAP
    if len(tiles) == 2 or height < px(190):
        return [left, QRectF(column, 2, side, height - 6), *[QRectF() for _ in tiles[2:]]]
    below = min(px(84), 0.3 * height)
    return [
        left,
        QRectF(column, 2, side, height - below - 12),
        QRectF(column, height - below - 4, side, below),
    ]


def tile_of_all(
    weights: UnitWeights, mosaic: Mosaic, key: str, shown: Shown, unit: int,
    chosen: tuple[int, int] | None,
) -> Tile:  # fmt: skip
    """The tile of all units as a mosaic, with the shown `unit` and the `chosen` cell marked."""
    image = weights.image

    def label(row: int, column: int) -> str:
        source = mosaic.source(row, column)
        if source is None:
            return ""
        pixel, of_unit = source if weights.axis == 0 else source[::-1]
        return _tr("unit {0}, pixel [{1}, {2}]").format(
            of_unit, pixel // image[1], pixel % image[1]
        )

    top, left = unit // mosaic.across * image[0], unit % mosaic.across * image[1]
    words = []
    health = health_of(weights.values)
    if health is not None and health.rms is not None:
        words.append(("RMS", number_text(health.rms, 3)))
    if health is not None and health.bad:
        words.append((_tr("not numbers"), bad_count_text(health)))
    return Tile(
        ALL, weights.name, _tr("{0} units").format(weights.units), mosaic.matrix, shown.scale,
        weights.values, words,
        label_of=label, box=(top, left, top + image[0], left + image[1]), pixels=True,
        image=image, cell=None if chosen is None else mosaic.place(*chosen),
        coloured=(Coloured(key, weights.name, shown),),
    )  # fmt: skip


def tile_of_one(
    weights: UnitWeights, shown: Shown, unit: int, chosen: tuple[int, int] | None, now: bool
) -> Tile:
    """The tile of one unit; `now`: its weights are from the cursor, as its bias always is."""
    values = weights.of_unit(unit)
    words = []
    cell = None
    if chosen is not None and chosen[1 - weights.axis] == unit:
        cell = divmod(chosen[weights.axis], weights.image[1])
        words.append((str(list(chosen)), number_text(float(weights.values[chosen]), 3)))
    bias = next((v for v in weights.layer.parameters.values() if v.ndim == 1), None)
    if bias is not None and unit < bias.size and now:
        words.append((_tr("bias"), number_text(float(bias[unit]), 3)))
    health = health_of(values)
    if health is not None and health.minimum is not None and health.maximum is not None:
        low, high = number_text(health.minimum), number_text(health.maximum)
        words.append((_tr("range"), f"{low}…{high}"))

    def label(row: int, column: int) -> str:
        return _tr("pixel [{0}, {1}]").format(row, column)

    return Tile(
        ONE, _tr("Unit {0}").format(unit), "", values.reshape(weights.image), shown.scale, values,
        words, label_of=label, pixels=True, bar=False, cell=cell,
    )  # fmt: skip


def tile_of_next(
    full: str, values: Array, key: str, shown: Shown, unit: int, chosen: tuple[int, int] | None
) -> Tile:
    """The tile of the unit's weights in the next layer; `full` has those of all units."""
    row = np.atleast_2d(values[unit])

    def label(_: int, column: int) -> str:
        return f"{full}[{unit}, {column}]"

    names = [str(n) for n in range(row.shape[1])] if row.shape[1] <= 20 else []
    return Tile(
        NEXT, _tr("To {0}").format(full.rpartition(".")[0]), "", row,
        shown.scale, row, label_of=label, bar=False, heads=((), names),
        cell=(0, chosen[1]) if chosen is not None and chosen[0] == unit else None,
        coloured=(Coloured(key, full, shown),),
    )  # fmt: skip
