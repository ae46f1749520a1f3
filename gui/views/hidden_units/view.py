"""The weights of the first layer as pictures, one per hidden unit, at the cursor or earlier."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme, code_font
from gui.paint.heatmap import MapKind
from gui.paint.mosaic import Mosaic, best_across, make_mosaic
from gui.paint.tiles.tile import Tile
from gui.session.stored_parameters import For, StoredWanted
from gui.views.hidden_units.tiles import (
    ALL,
    UnitWeights,
    arrange,
    next_weights_of,
    tile_of_all,
    tile_of_next,
    tile_of_one,
    unit_weights,
)
from gui.widgets.chosen_cell import ChosenCell
from gui.widgets.empty import EmptyState
from gui.widgets.parameters import owner_of, parameters_of
from gui.widgets.segments import make_segments
from gui.widgets.slider import Slider
from gui.widgets.tiles_view import TilesView
from gui.widgets.view import Table

Array = np.ndarray[Any, Any]
WEIGHTS, CHANGE = range(2)


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
        self._followed: ChosenCell | None = None  # the chosen cell whose unit was shown last
        self._then: tuple[int, Mapping[str, Array]] | None = None
        self._start: Mapping[str, Array] | None = None  # of the branch on the screen
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
        """The unit that is shown large."""
        return self._unit

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Hidden units")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The weights of each unit of the first layer as a picture: ink on red adds to the "
            "unit's sum, ink on blue takes away; the slider goes back over the training. Look for "
            "strokes and loops that appear out of noise, and for units that never leave it."
        )

    def title_widgets(self) -> list[QWidget]:
        """The switch of weights and their change since the beginning."""
        return [self._modes]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        for part in (self.canvas, self._empty, self.chip):
            part.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the weights at the slider, which moves with the cursor to another batch."""
        before, self._snapshot = self._snapshot, snapshot
        if before is not None and before.identity != snapshot.identity:
            self._then = self._start = None  # another branch may have other initial weights
            if before.identity.session != snapshot.identity.session:
                self._scales.clear()
                self._unit = 0
        elif before is not None and before.position.batch != snapshot.position.batch:
            self._then = None  # the slider moves with the cursor
        if self.chosen_cell != self._followed:
            self._followed = self.chosen_cell
            self._follow(snapshot)
        self._set_slider(snapshot)
        self._want_start()
        self._draw()

    def _follow(self, snapshot: Snapshot) -> None:
        """Show the unit of the chosen cell large: a cell of its weights, bias, or next weights."""
        cell, found = self.chosen_cell, self._weights()
        if cell is None or found is None:
            return
        parameter = cell.parameter(snapshot)
        if parameter == found.name:
            self._unit = cell.index[1 - found.axis]
            return
        owner = owner_of(snapshot.layers, parameter)
        is_bias = owner is not None and owner[0] is found.layer and len(cell.index) == 1
        if is_bias or (parameter and parameter == next_weights_of(snapshot, found.layer)):
            self._unit = cell.index[0]

    def _chosen_in(self, full: str) -> tuple[int, int] | None:
        """The chosen cell's index if it belongs to this parameter or its gradient."""
        cell, snapshot = self.chosen_cell, self._snapshot
        if cell is None or snapshot is None or len(cell.index) != 2:
            return None
        return (cell.index[0], cell.index[1]) if cell.parameter(snapshot) == full else None

    def show_stored(
        self, wanted: StoredWanted, batch: int, parameters: Mapping[str, Array]
    ) -> None:
        """Draw the parameters of an earlier batch if they are still wanted."""
        if self._snapshot is None or wanted.identity != self._snapshot.identity:
            return
        if wanted.use is For.START and batch == 0:
            self._start = parameters
        if wanted.use is For.SHOWN and batch == self._wanted():
            self._then = batch, parameters
        self._draw()

    def _want_start(self) -> None:
        """Ask for the initial weights if the change since then is shown."""
        if self._mode.checkedId() == CHANGE and self._start is None:
            self._want(0, For.START)

    def _want(self, batch: int, use: For) -> None:
        if self._snapshot is not None:
            self.stored_wanted.emit(StoredWanted(self._snapshot.identity, batch, use))

    def picture(self) -> QWidget:
        """The pictures."""
        return self.canvas

    def tables(self) -> Sequence[Table]:
        """The weights, one row per unit."""
        found = self._weights()
        if found is None:
            return ()
        return [Table(found.name, found.values.T if found.axis == 0 else found.values)]

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
        # The widest text, so that the slider's groove stays in place.
        longest = self.tr("batch {0}, at the cursor").format(100_000)
        self._where.setFixedWidth(self._where.fontMetrics().horizontalAdvance(longest) + 4)
        self.slider = Slider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Which batch of the training is shown"))
        self.slider.setToolTip(self.tr("Goes back over the training; the right end is the cursor"))
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
        """The batch at the slider; None if the slider is at the cursor."""
        moments, place = self._moments(), self.slider.value()
        return moments[place] if place < len(moments) else None

    def _set_slider(self, snapshot: Snapshot) -> None:
        """Give the slider one step per moment; it keeps its moment."""
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

    def _weights(self) -> UnitWeights | None:
        """The weights at the batch on the screen."""
        then = self._then[1] if self._then is not None else None
        return unit_weights(self._snapshot, then) if self._snapshot is not None else None

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
        change = self._mode.checkedId() == CHANGE
        if change and self._start is None:
            self._empty.say(self.tr("Looking up batch 0…"), "")
            self._pages.setCurrentWidget(self._empty)
            return
        self._pages.setCurrentWidget(self.canvas)
        if change and self._start is not None and found.name in self._start:
            found = replace(found, values=found.values - self._start[found.name])
        self._scales.at((snapshot.identity, snapshot.position.batch, self._wanted()))
        self._unit = min(self._unit, found.units - 1)
        self.canvas.show_tiles(self._tiles(snapshot, found, "change" if change else "weights"))
        self.chip.show_arrays(self.canvas.coloured())

    def _tiles(self, snapshot: Snapshot, weights: UnitWeights, mode_name: str) -> list[Tile]:
        """All units, the selected one, and its weights to the next layer."""
        key = f"{weights.name} {mode_name}"
        shown = self._scales.show(key, weights.values, kind=MapKind.SIGNED)
        room = self.canvas.width() * 0.7, max(self.canvas.height() - 40.0, 10.0)
        across = best_across(weights.units, *room)
        mosaic = make_mosaic(weights.values, weights.axis, weights.image, across)
        self._mosaic, chosen = mosaic, self._chosen_in(weights.name)
        tiles = [
            tile_of_all(weights, mosaic, key, shown, self._unit, chosen),
            tile_of_one(weights, shown, self._unit, chosen, now=self._then is None),
        ]
        full = next_weights_of(snapshot, weights.layer)
        if full:
            value = parameters_of(snapshot.layers)[full]
            then = self._then[1].get(full, value) if self._then is not None else value
            key = f"{full} onwards"
            onwards = self._scales.show(key, then, kind=MapKind.SIGNED)
            chosen = self._chosen_in(full)
            tiles.append(tile_of_next(full, then, key, onwards, self._unit, chosen))
        return tiles

    def _say_where(self, snapshot: Snapshot) -> None:
        if self._then is not None:
            text = self.tr("batch {0}").format(self._then[0])
        else:
            text = self.tr("batch {0}, at the cursor").format(snapshot.position.batch)
        if text != self._where.text():
            self._where.setText(text)
