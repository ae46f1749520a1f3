"""The output of each layer: samples down, units across, filled in as the cursor passes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QStackedLayout, QWidget

from engine.debug.health.arrays import health_of
from engine.debug.snapshots.layer_health import layer_health
from engine.debug.snapshots.snapshot import LayerState, Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import as_matrix
from gui.paint.scales import Coloured
from gui.paint.tiles.tile import Tile
from gui.paint.values import number_text, range_text, shape_text
from gui.widgets.empty import EmptyState
from gui.widgets.parameters import loss_layer, output_of
from gui.widgets.tiles_view import TilesView
from gui.widgets.view import Table, network_of

Array = np.ndarray[Any, Any]
INPUT = "X"
LEAST_WIDTH, GAP = 104.0, 12.0


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """Place maps side by side in forward order; use several rows if a single row is too narrow."""
    count = max(len(tiles), 1)
    across = max(1, min(count, int((width - GAP) // (px(LEAST_WIDTH) + GAP))))
    down = -(-count // across)
    while down > 1 and height / down < px(96):
        down -= 1
    if down == 1 and height > px(420) and count > 3:
        down = 2
    across = -(-count // down)
    w = (width - GAP * (across + 1)) / across
    h = (height - 8 - 6 * (down - 1)) / down
    return [
        QRectF(GAP + (n % across) * (w + GAP), 2 + (n // across) * (h + 6), w, h)
        for n in range(len(tiles))
    ]


class ActivationsView(TilesView):
    """A heat map and a histogram for each layer; a click on a row pins its sample."""

    view_id = "activations"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, arrange, parent)
        self._snapshot: Snapshot | None = None
        self._input: tuple[Array | None, Array] = (None, np.zeros((1, 1)))
        self.canvas.setAccessibleName(self.tr("Activations of each layer"))
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.event_chosen.connect(self.event_chosen)
        self._empty = EmptyState(theme)
        self._empty.say(
            self.tr("No activations"),
            self.tr("No layer or function of a forward pass was found, so no output is known."),
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.canvas)
        self._pages.addWidget(self._empty)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Activations")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The output of each layer for the minibatch, a row per sample and a column per "
            "unit, with the spread of the values; click a row to pin its sample in all panels. "
            "Look for units that are the same for all samples, a sigmoid stuck at 0 or 1, or a "
            "dead ReLU."
        )

    def title_widgets(self) -> list[QWidget]:
        """The colour scales."""
        return [self.chip]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self.canvas.set_theme(theme)
        self._empty.set_theme(theme)
        self.chip.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the outputs made up to the cursor."""
        if self._snapshot is not None and network_of(self._snapshot) != network_of(snapshot):
            self._scales.clear()
        self._scales.at((snapshot.identity, snapshot.position.batch))
        self._snapshot = snapshot
        self._draw()

    def _draw(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        pin = self.pinned_row(snapshot)
        row = None if pin is None else (pin, "")
        tiles = [self._input_tile(snapshot, row)] if len(snapshot.minibatch.images) else []
        last = loss_layer(snapshot)
        for layer in snapshot.layers:
            if layer.forward is not None or layer is last:
                tiles.append(self._tile(snapshot, layer, layer is last, row))
        self._pages.setCurrentWidget(self.canvas if tiles else self._empty)
        self.canvas.show_tiles(tiles)
        self.chip.show_arrays(self.canvas.coloured())

    def picture(self) -> QWidget:
        """The heat maps."""
        return self.canvas

    def tables(self) -> Sequence[Table]:
        """The array of each layer that has run."""
        found = []
        for tile in self.canvas.tiles:
            if tile.values is not None:
                units = [str(n) for n in range(tile.values.shape[1])]
                found.append(Table(tile.title, tile.values, units))
        if self._snapshot is None or not len(self._snapshot.minibatch.images):
            return found
        return found[1:] + found[:1]  # the input last: it is the largest, and tells the least

    def _input_tile(self, snapshot: Snapshot, row: tuple[int, str] | None) -> Tile:
        images = snapshot.minibatch.images
        if self._input[0] is not images:
            pixels = images.reshape(len(images), -1).astype(np.float32) / np.float32(255)
            pixels.flags.writeable = False
            self._input = images, pixels
        return self._layer_tile(INPUT, self._input[1], [], "", row, snapshot)

    def _tile(
        self, snapshot: Snapshot, layer: LayerState, last: bool, row: tuple[int, str] | None
    ) -> Tile:
        output = snapshot.minibatch.probabilities if last else output_of(layer)
        if (
            not isinstance(output, np.ndarray)
            or output.size == 0
            or output.dtype.kind not in "biuf"
        ):
            made = layer.forward[1] if layer.forward is not None else None
            missing = self.tr("{0}: not yet").format(layer.name)
            return Tile(layer.name, layer.name, missing=(missing, made))
        health = layer_health(layer)
        words, warning = [], ""
        if health.saturated_share is not None:
            share = f"{100 * health.saturated_share:.0f} %"
            if health.saturated_warning:
                warning = self.tr("saturated {0}").format(share)
            else:
                words.append((self.tr("saturated"), share))
        if health.dead_share is not None:
            share = f"{100 * health.dead_share:.0f} %"
            if health.dead_warning:
                warning = self.tr("dead {0}").format(share)
            else:
                words.append((self.tr("dead"), share))
        name = self.tr("probabilities") if last else ""
        return self._layer_tile(layer.name, output, words, warning, row, snapshot, name)

    def _layer_tile(
        self,
        name: str,
        array: Array,
        words: list[tuple[str, str]],
        warning: str,
        row: tuple[int, str] | None,
        snapshot: Snapshot,
        title: str = "",
    ) -> Tile:
        matrix = as_matrix(array.reshape(len(array), -1) if array.ndim > 2 else array)
        features = int(np.prod(snapshot.minibatch.images.shape[1:]))
        key = f"{name} {title}"
        drawn = self._scales.show(key, array, features)
        health = health_of(array)
        rms = number_text(health.rms, 3) if health is not None and health.rms is not None else ""
        facts = [*words, ("RMS", rms)]
        if health is not None:
            facts.append((self.tr("range"), range_text(health)))

        def label(sample: int, unit: int) -> str:
            return self.tr("{0}  sample {1}, unit {2}").format(name, sample, unit)

        return Tile(
            name, name, title or shape_text(array.shape), matrix, drawn.scale, array, facts,
            warning, label_of=label, row=row, histogram=True,
            coloured=(Coloured(key, name, drawn),),
        )  # fmt: skip

    def _on_clicked(self, tile: str, row: int, column: int) -> None:
        """Pin the row's sample, or unpin it."""
        if self._snapshot is None:
            return
        indices = self._snapshot.minibatch.indices
        if row < len(indices):
            sample = int(indices[row])
            self.sample_pinned.emit(None if sample == self.pinned else sample)
