"""The weights of the first layer as pictures: what each hidden unit looks for, then and now."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.debug.health.arrays import health_of
from engine.debug.snapshots.snapshot import LayerState, Snapshot
from gui.parts.chosen import ChosenCell
from gui.parts.empty import EmptyState
from gui.parts.heatmap import MapKind
from gui.parts.mosaic import Mosaic, best_across, make_mosaic, picture_axis
from gui.parts.scales import Coloured, Shown
from gui.parts.segments import make_segments
from gui.parts.slider import Slider
from gui.parts.tile import Tile
from gui.parts.tiles_view import TilesView
from gui.parts.values import bad_count_text, number_text
from gui.stored import For, StoredWanted
from gui.theme import Theme, code_font
from gui.type_scale import px
from gui.view import Table

Array = np.ndarray[Any, Any]
ALL, ONE, NEXT = "all", "one", "next"
WEIGHTS, CHANGE = range(2)
GAP = 14.0


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """All units at the left; at the right the chosen one, and what it says to the next layer."""
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


class HiddenUnitsView(TilesView):
    """Pictures of the weights, at the cursor or at an earlier batch whose state is stored.

    Signals:
        stored_wanted: a `StoredWanted`, answered by `show_stored`.
    """

    view_id = "hidden_units"
    stored_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, arrange, parent, several=False)
        self._snapshot: Snapshot | None = None
        self._unit = 0
        self._followed: ChosenCell | None = None  # whose unit was shown
        self._then: tuple[int, Mapping[str, Array]] | None = None
        self._start: Mapping[str, Array] | None = None  # of the way that is seen
        self._mosaic: Mosaic | None = None
        self.canvas.setAccessibleName(self.tr("Weight pictures of the hidden units"))
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.resized.connect(self._draw)
        self._empty = EmptyState(theme)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.canvas)
        self._pages.addWidget(self._empty)
        self._make_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._pages, 1)
        column.addWidget(self._bar)

    @property
    def unit(self) -> int:
        """The one that is shown large."""
        return self._unit

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Hidden units")

    def help_text(self) -> str:
        """What one sees, and what to look for."""
        return self.tr(
            "The weights of each unit of the first layer as a picture: ink on red adds to the "
            "unit's sum, ink on blue takes away; the slider goes back over the training. Look for "
            "strokes and loops that appear out of noise, and for units that never leave it."
        )

    def title_widgets(self) -> list[QWidget]:
        """The weights, or how they have changed since the beginning."""
        return [self._modes]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        for part in (self.canvas, self._empty, self.chip):
            part.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the weights at the slider, which travels with the cursor to another batch."""
        before, self._snapshot = self._snapshot, snapshot
        if before is not None and before.identity != snapshot.identity:
            self._then = self._start = None  # on another way it may have begun otherwise
            if before.identity.session != snapshot.identity.session:
                self._scales.clear()
                self._unit = 0
        elif before is not None and before.position.batch != snapshot.position.batch:
            self._then = None  # it travels with the cursor
        if self.chosen_cell != self._followed:
            self._followed = self.chosen_cell
            self._follow(snapshot)
        self._set_slider(snapshot)
        self._want_start()
        self._draw()

    def _follow(self, snapshot: Snapshot) -> None:
        """Show the unit of the chosen cell large: of its weights, its bias, or an onward one."""
        cell, found = self.chosen_cell, self._weights()
        if cell is None or found is None:
            return
        layer, name, _, axis = found
        parameter = cell.parameter(snapshot)
        if parameter == f"{layer.name}.{name}":
            self._unit = cell.index[1 - axis]
            return
        is_bias = parameter.rpartition(".")[0] == layer.name and len(cell.index) == 1
        if is_bias or (parameter and parameter == self._next_of(snapshot, layer)):
            self._unit = cell.index[0]

    def _next_of(self, snapshot: Snapshot, layer: LayerState) -> str:
        """The weights by which the next layer takes the units' output, or empty."""
        units = layer.out_shape[-1] if layer.out_shape else 0
        for later in snapshot.layers[snapshot.layers.index(layer) + 1 :]:
            for name, value in later.parameters.items():
                if value.ndim == 2 and value.shape[0] == units:
                    return f"{later.name}.{name}"
        return ""

    def _chosen_in(self, full: str) -> tuple[int, int] | None:
        """The chosen cell, if it is of this parameter or its gradient."""
        cell, snapshot = self.chosen_cell, self._snapshot
        if cell is None or snapshot is None or len(cell.index) != 2:
            return None
        return (cell.index[0], cell.index[1]) if cell.parameter(snapshot) == full else None

    def show_stored(
        self, wanted: StoredWanted, batch: int, parameters: Mapping[str, Array]
    ) -> None:
        """Draw the parameters of an earlier batch, which were asked for, if they still are."""
        if self._snapshot is None or wanted.identity != self._snapshot.identity:
            return
        if wanted.use is For.START and batch == 0:
            self._start = parameters
        if wanted.use is For.SHOWN and batch == self._wanted():
            self._then = batch, parameters
        self._draw()

    def _want_start(self) -> None:
        """Ask for what the weights were at first, where that is to be taken off."""
        if self._mode.checkedId() == CHANGE and self._start is None:
            self._want(0, For.START)

    def _want(self, batch: int, use: For) -> None:
        if self._snapshot is not None:
            self.stored_wanted.emit(StoredWanted(self._snapshot.identity, batch, use))

    def picture(self) -> QWidget:
        """The pictures."""
        return self.canvas

    def tables(self) -> Sequence[Table]:
        """The weights, a unit a row."""
        found = self._weights()
        if found is None:
            return ()
        layer, name, values, axis = found
        return [Table(f"{layer.name}.{name}", values.T if axis == 0 else values)]

    # Controls

    def _make_controls(self) -> None:
        self._modes, self._mode = make_segments(
            self, (self.tr("weights"), self.tr("change since batch 0"))
        )
        self._mode.button(WEIGHTS).setChecked(True)
        self._mode.idClicked.connect(self._on_mode)
        self._bar = QWidget()
        line = QHBoxLayout(self._bar)
        line.setContentsMargins(14, 0, 14, 0)
        self._where = QLabel()
        self._where.setFont(code_font(11))
        longest = self.tr("batch {0}, at the cursor").format(100_000)  # the groove stays in place
        self._where.setFixedWidth(self._where.fontMetrics().horizontalAdvance(longest) + 4)
        self.slider = Slider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Which batch of the training is shown"))
        self.slider.setToolTip(self.tr("Back over the training; at the right end: at the cursor"))
        self.slider.valueChanged.connect(self._on_slid)
        line.addWidget(self._where)
        line.addWidget(self.slider, 1)
        line.addWidget(self.chip)

    def _moments(self) -> list[int]:
        """The stored batches up to the cursor's; the cursor itself is one step further."""
        if self._snapshot is None:
            return []
        stored = self._snapshot.history.stored
        return list(stored[: bisect_right(stored, self._snapshot.position.batch)])

    def _wanted(self) -> int | None:
        """The batch that the slider stands at; None: at the cursor."""
        moments, place = self._moments(), self.slider.value()
        return moments[place] if place < len(moments) else None

    def _set_slider(self, snapshot: Snapshot) -> None:
        """Give the slider as many places as there are moments; it stays where it stood."""
        wanted = self._then[0] if self._then is not None else None
        moments = self._moments()
        self.slider.blockSignals(True)
        self.slider.setMaximum(len(moments))
        at = moments.index(wanted) if wanted in moments else len(moments)
        self.slider.setValue(at)
        self.slider.blockSignals(False)
        if at == len(moments):
            self._then = None

    def _on_slid(self, place: int) -> None:
        wanted = self._wanted()
        if wanted is None:
            self._then = None
            self._draw()
        else:
            self._want(wanted, For.SHOWN)

    def _on_mode(self, mode: int) -> None:
        self._want_start()
        self._draw()

    def _on_clicked(self, tile: str, row: int, column: int) -> None:
        """Show a unit large."""
        if tile == ALL and self._mosaic is not None:
            source = self._mosaic.source(row, column)
            if source is not None:
                self._unit = source[1 - self._mosaic.axis]
                self._draw()

    # Drawing

    def _weights(self) -> tuple[LayerState, str, Array, int] | None:
        """The first parameter with an axis as long as an image has pixels, as it was then."""
        snapshot = self._snapshot
        if snapshot is None:
            return None
        image = (int(snapshot.minibatch.images.shape[1]), int(snapshot.minibatch.images.shape[2]))
        for layer in snapshot.layers:
            for name, value in layer.parameters.items():
                axis = picture_axis(value.shape, image) if value.ndim == 2 else None
                if axis is None:
                    continue
                full = f"{layer.name}.{name}"
                then = self._then[1].get(full) if self._then is not None else value
                return (layer, name, value if then is None else then, axis)
        return None

    def _draw(self, *_: Any) -> None:
        snapshot, found = self._snapshot, self._weights()
        if snapshot is None:
            return
        if found is None:
            self._empty.say(
                self.tr("No pictures here"),
                self.tr("No layer has weights for each pixel of an image."),
            )
            self._pages.setCurrentWidget(self._empty)
            return
        self._say_where(snapshot)
        layer, name, weights, axis = found
        full = f"{layer.name}.{name}"
        change = self._mode.checkedId() == CHANGE
        if change and self._start is None:
            self._empty.say(self.tr("Looking up batch 0…"), "")
            self._pages.setCurrentWidget(self._empty)
            return
        self._pages.setCurrentWidget(self.canvas)
        if change and self._start is not None and full in self._start:
            weights = weights - self._start[full]
        self._scales.at((snapshot.identity, snapshot.position.batch, self._wanted()))
        key = f"{full} {'change' if change else 'weights'}"
        shown = self._scales.show(key, weights, kind=MapKind.SIGNED)
        tiles = [self._all(snapshot, full, weights, axis, shown)]
        tiles[0].coloured = (Coloured(key, full, shown),)
        units = weights.shape[1 - axis]
        self._unit = min(self._unit, units - 1)
        tiles.append(self._one(snapshot, layer, full, weights, axis, shown))
        onwards = self._onwards(snapshot, layer)
        if onwards is not None:
            tiles.append(onwards)
        self.canvas.show_tiles(tiles)
        self.chip.show_arrays(self.canvas.coloured())

    def _say_where(self, snapshot: Snapshot) -> None:
        if self._then is not None:
            text = self.tr("batch {0}").format(self._then[0])
        else:
            text = self.tr("batch {0}, at the cursor").format(snapshot.position.batch)
        if text != self._where.text():
            self._where.setText(text)

    def _all(self, snapshot: Snapshot, full: str, weights: Array, axis: int, shown: Shown) -> Tile:
        image = (int(snapshot.minibatch.images.shape[1]), int(snapshot.minibatch.images.shape[2]))
        units = weights.shape[1 - axis]
        room = self.canvas.width() * 0.7, max(self.canvas.height() - 40.0, 10.0)
        across = best_across(units, *room)
        mosaic = self._mosaic = make_mosaic(weights, axis, image, across)

        def label(row: int, column: int) -> str:
            source = mosaic.source(row, column)
            if source is None:
                return ""
            pixel, unit = source if axis == 0 else source[::-1]
            return self.tr("unit {0}, pixel [{1}, {2}]").format(
                unit, pixel // image[1], pixel % image[1]
            )

        chosen = self._chosen_in(full)
        top, left = self._unit // across * image[0], self._unit % across * image[1]
        words = []
        health = health_of(weights)
        if health is not None and health.rms is not None:
            words.append(("RMS", number_text(health.rms, 3)))
        if health is not None and health.bad:
            words.append((self.tr("not numbers"), bad_count_text(health)))
        return Tile(
            ALL, full, self.tr("{0} units").format(units), mosaic.matrix, shown.scale, weights,
            words,
            label_of=label, box=(top, left, top + image[0], left + image[1]), pixels=True,
            image=image, cell=None if chosen is None else mosaic.place(*chosen),
        )  # fmt: skip

    def _one(
        self, snapshot: Snapshot, layer: LayerState, full: str, weights: Array, axis: int,
        shown: Shown,
    ) -> Tile:  # fmt: skip
        image = snapshot.minibatch.images.shape[1:]
        own = weights[:, self._unit] if axis == 0 else weights[self._unit]
        words = []
        chosen, cell = self._chosen_in(full), None
        if chosen is not None and chosen[1 - axis] == self._unit:
            cell = divmod(chosen[axis], int(image[1]))
            words.append((str(list(chosen)), number_text(float(weights[chosen]), 3)))
        bias = next((v for v in layer.parameters.values() if v.ndim == 1), None)
        if bias is not None and self._unit < bias.size and self._then is None:
            words.append((self.tr("bias"), number_text(float(bias[self._unit]), 3)))
        health = health_of(own)
        if health is not None and health.minimum is not None and health.maximum is not None:
            low, high = number_text(health.minimum), number_text(health.maximum)
            words.append((self.tr("range"), f"{low}…{high}"))

        def label(row: int, column: int) -> str:
            return self.tr("pixel [{0}, {1}]").format(row, column)

        return Tile(
            ONE, self.tr("Unit {0}").format(self._unit), "", own.reshape(image), shown.scale, own,
            words, label_of=label, pixels=True, bar=False, cell=cell,
        )  # fmt: skip

    def _onwards(self, snapshot: Snapshot, layer: LayerState) -> Tile | None:
        """The weights by which the next layer takes the unit's output."""
        full = self._next_of(snapshot, layer)
        if not full:
            return None
        owner, _, name = full.rpartition(".")
        value = next(one for one in snapshot.layers if one.name == owner).parameters[name]
        then = self._then[1].get(full, value) if self._then is not None else value
        row = np.atleast_2d(then[self._unit])

        def label(_: int, column: int) -> str:
            return f"{full}[{self._unit}, {column}]"

        key = f"{full} onwards"
        shown = self._scales.show(key, then, kind=MapKind.SIGNED)
        names = [str(n) for n in range(row.shape[1])] if row.shape[1] <= 20 else []
        chosen = self._chosen_in(full)
        return Tile(
            NEXT, self.tr("To {0}").format(owner), "", row,
            shown.scale, row, label_of=label, bar=False, heads=((), names),
            cell=(0, chosen[1]) if chosen is not None and chosen[0] == self._unit else None,
            coloured=(Coloured(key, full, shown),),
        )  # fmt: skip
