"""The gradient of each parameter beside the parameter and its update, as backward sets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from engine.debug.events import Phase
from engine.debug.health.arrays import health_of
from engine.debug.snapshots.layer_health import (
    UPDATE_RATIO_RANGE,
    USUAL_UPDATE_RATIO,
    ParameterHealth,
    layer_health,
)
from engine.debug.snapshots.snapshot import LayerState, Snapshot
from gui.dialogs.facet_words import is_certain, where_to_name
from gui.look.theme import Theme, ui_font
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, Scale
from gui.paint.scales import Coloured
from gui.paint.tiles.tile import Tile
from gui.paint.values import number_text, shape_text
from gui.views.gradients.flow import FlowPlot, FlowStage
from gui.widgets.chosen_cell import ChosenCell
from gui.widgets.empty import EmptyState
from gui.widgets.parameters import own_layers, parameters_of
from gui.widgets.segments import make_segments
from gui.widgets.tiles_view import TilesView
from gui.widgets.view import Table

Array = np.ndarray[Any, Any]
LINEAR, SYMLOG = range(2)
DECADES = 3.0  # decades on either side of a symmetric logarithmic scale's linear middle
LEAST_ROW = 88.0
GAP = 14.0
HINT = 16  # height of the line that names hidden maps
GRADIENT, PARAMETER, UPDATE = "gradient", "parameter", "update"


def arrange(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """A row for each layer: gradient, parameter, update; or all gradients in one row."""
    across = 3
    down = max(len(tiles) // across, 1)
    if height / down < px(LEAST_ROW):
        return _one_row(tiles, width, height)
    w = (width - GAP * (across + 1)) / across
    h = (height - 6) / down
    return [
        QRectF(GAP + (n % across) * (w + GAP), 2 + (n // across) * h, w, h - 8)
        for n in range(len(tiles))
    ]


def _one_row(tiles: Sequence[Tile], width: float, height: float) -> list[QRectF]:
    """Arrange as many kinds of maps as fit: gradients first, then parameters, then updates."""
    layers = max(len(tiles) // 3, 1)
    kinds = max(1, min(3, int(width / layers // 150)))
    w = (width - GAP * (layers * kinds + 1)) / (layers * kinds)
    found = []
    for number in range(len(tiles)):
        layer, kind = divmod(number, 3)
        place = layer * kinds + kind
        if kind < kinds:
            found.append(QRectF(GAP + place * (w + GAP), 2, w, height - 8))
        else:
            found.append(QRectF())
    return found


class GradientsView(TilesView):
    """Heat maps of each parameter with an overview of how the gradient flows back."""

    view_id = "gradients"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, arrange, parent)
        self._snapshot: Snapshot | None = None
        self._unit: tuple[str, int] | None = None
        self._followed: ChosenCell | None = None  # the chosen cell whose unit was marked last
        self.flow = FlowPlot(theme)
        self.flow.setObjectName("gradient_flow")
        self.canvas.setAccessibleName(self.tr("Gradients, parameters and updates"))
        self.canvas.event_chosen.connect(self.event_chosen)
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.resized.connect(self._name_hidden_maps)
        self._make_modes()
        self.hint = QLabel()
        self.hint.setProperty("role", "hint")
        self.hint.setFont(ui_font(11))
        self.hint.setFixedHeight(px(HINT))
        self.hint.setIndent(round(GAP))
        # The line is cut in a narrow panel, and never widens it.
        self.hint.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hint.hide()
        maps = QVBoxLayout()
        maps.setSpacing(0)
        maps.addWidget(self.canvas, 1)
        maps.addWidget(self.hint)
        self._full, self._empty = QWidget(), EmptyState(theme)
        words = self.tr("Nothing was found that an update changes by a gradient.")
        self._empty.say(self.tr("No parameters"), f"{words} {where_to_name('parameters')}")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._full)
        self._pages.addWidget(self._empty)
        row = QHBoxLayout(self._full)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.flow, 26)
        row.addLayout(maps, 74)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Gradients")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "At the left is the size of the gradient at each layer, from the loss back to the "
            "input; then come each parameter's gradient, the parameter, and its update. Look "
            "for stems that shrink by powers of ten (vanishing) or grow (exploding), for "
            "gradients that are exactly zero, and for updates far above a thousandth of a "
            "weight: a ⚠ marks those, and the mouse over it tells more."
        )

    def title_widgets(self) -> list[QWidget]:
        """The switch of linear and symmetric logarithmic colours, and their scales."""
        return [self._modes, self.chip]

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        for part in (self.flow, self.canvas, self.chip, self._empty):
            part.set_theme(theme)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the arrays that backward and the update have set before the cursor."""
        before = self._snapshot
        if before is not None and _run_of(before) != _run_of(snapshot):
            self._scales.clear()  # other weights from the beginning on
            self._unit = None
        self._scales.at((snapshot.identity, snapshot.position.batch))
        self._snapshot = snapshot
        if self.chosen_cell != self._followed:
            self._followed = self.chosen_cell
            self._follow(snapshot)
        self._draw()

    def _follow(self, snapshot: Snapshot) -> None:
        """Mark the unit of the chosen cell."""
        cell = self.chosen_cell
        parameter = "" if cell is None else cell.parameter(snapshot)
        if cell is None or not parameter or len(cell.index) > 2:
            return
        layer = next(one for one in snapshot.layers if parameter in map(one.full, one.parameters))
        # A unit is an index of the weights' last axis; the strip of the biases is beneath them.
        weights = [name for name, value in layer.parameters.items() if value.ndim == 2]
        owner = parameter if len(cell.index) == 2 or not weights else layer.full(weights[0])
        self._unit = owner, cell.index[-1]

    def _chosen_in(self, full: str) -> tuple[int, ...] | None:
        """The chosen cell's index if it belongs to this parameter, its gradient or its update."""
        cell, snapshot = self.chosen_cell, self._snapshot
        if cell is None or snapshot is None or len(cell.index) != 2:
            return None
        return cell.index if cell.parameter(snapshot) == full else None

    def picture(self) -> QWidget:
        """The panel's picture."""
        return self

    def tables(self) -> Sequence[Table]:
        """Gradients, parameters and updates by name; and the flow."""
        found = []
        flow = [stage for stage in self.flow.stages() if stage.rms is not None]
        if flow:
            rms = np.array([[stage.rms for stage in flow]])
            found.append(Table(self.tr("RMS of dout"), rms, [stage.name for stage in flow]))
        if self._snapshot is not None:
            for layer in self._snapshot.layers:
                for name in layer.parameters:
                    for kind, array in self._arrays(layer, name):
                        if array is not None and array.ndim <= 2:
                            found.append(Table(f"{layer.full(name)} {kind}", array))
        return found

    def _make_modes(self) -> None:
        self._modes, self._mode = make_segments(self, (self.tr("linear"), self.tr("symlog")))
        self._mode.button(LINEAR).setChecked(True)
        self._mode.button(SYMLOG).setToolTip(
            self.tr("Colours by the logarithm of the size: small values show beside large ones")
        )
        self._mode.idClicked.connect(self._draw)

    # Drawing

    def _draw(self, *_: Any) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        stages = self._stages(snapshot)
        self.flow.show_stages(stages)
        self.flow.setVisible(bool(stages))
        tiles = []
        for layer in reversed(snapshot.layers):
            weights = [name for name, value in layer.parameters.items() if value.ndim >= 2]
            others = [name for name in layer.parameters if name not in weights]
            for name in weights or others[:1]:
                bias = others[0] if weights and others else None
                tiles += self._tiles(snapshot, layer, name, bias)
        self._pages.setCurrentWidget(self._full if tiles or stages else self._empty)
        self.canvas.show_tiles(tiles)
        self._name_hidden_maps()

    def _name_hidden_maps(self) -> None:
        """Name the kinds of maps that do not fit, and how to see them.

        It uses the height without the line itself; otherwise the line would flicker.
        """
        self.chip.show_arrays(self.canvas.coloured())
        tiles = self.canvas.tiles
        rects = arrange(tiles, float(self.canvas.width()), float(self.height()))
        hidden = {tile.id.rpartition(" ")[2] for tile, r in zip(tiles, rects, strict=True)
                  if r.isEmpty()}  # fmt: skip
        if PARAMETER in hidden:
            text = self.tr("Parameters and updates are shown when the panel is larger")
        else:
            text = self.tr("Updates are shown when the panel is larger")
        self.hint.setText(text)
        self.hint.setToolTip(text)
        self.hint.setVisible(bool(hidden))

    def _stages(self, snapshot: Snapshot) -> list[FlowStage]:
        found = []
        for layer in reversed(own_layers(snapshot)):  # the loss itself has no gradient
            if snapshot.facets and layer.backward is None:  # a function of the forward pass
                continue
            health = health_of(layer.dout)
            found.append(FlowStage(layer.name, health.rms if health is not None else None))
        return found

    def _arrays(self, layer: LayerState, name: str) -> list[tuple[str, Array | None]]:
        now, before = layer.parameters[name], layer.before.get(name)
        changed = before is not None and before is not now
        update = now - before if changed and before is not None else None
        return [(GRADIENT, layer.gradients.get(name)), (PARAMETER, now), (UPDATE, update)]

    def _tiles(
        self, snapshot: Snapshot, layer: LayerState, name: str, bias: str | None
    ) -> list[Tile]:
        full = layer.full(name)
        health = layer_health(layer).parameters.get(name)
        strips = dict(self._arrays(layer, bias)) if bias is not None else {}
        ratios: dict[str, list[tuple[str, str]]] = {GRADIENT: [], PARAMETER: [], UPDATE: []}
        if health is not None and health.gradient_rms is not None and health.rms:
            ratios[GRADIENT].append(
                (f"d{name}/{name}", number_text(health.gradient_rms / health.rms))
            )
        warning = ""
        if health is not None and health.update_ratio is not None:
            ratio = number_text(health.update_ratio)
            if health.update_warning:
                warning = self.tr("Δ{0}/{0} {1}").format(name, ratio)
            else:
                ratios[UPDATE].append((f"Δ{name}/{name}", ratio))
        found = []
        for kind, array in self._arrays(layer, name):
            title = self._title(layer, full, kind)
            if array is None:
                found.append(Tile(f"{full} {kind}", title, missing=self._missing(
                    snapshot, layer, full, kind)))  # fmt: skip
                continue
            tile = self._tile(full, kind, title, array, ratios[kind], strips.get(kind))
            if kind == UPDATE and health is not None and warning:
                tile.warning, tile.why = warning, self._why(name, health)
            found.append(tile)
        return found

    def _title(self, layer: LayerState, full: str, kind: str) -> str:
        if kind == GRADIENT and layer.names:  # the source has another name for it
            sure = self._snapshot is None or is_certain(self._snapshot, "gradients")
            words = self.tr("gradient of {0}") if sure else self.tr("gradient of {0}, uncertain")
            return words.format(full)
        return {GRADIENT: f"d{full}", PARAMETER: full, UPDATE: f"Δ{full}"}[kind]

    def _why(self, name: str, health: ParameterHealth) -> str:
        """What the ratio of an unusual update is, what is usual, and what to look at."""
        low, high = UPDATE_RATIO_RANGE
        words = self.tr(
            "Δ{0}/{0} is the RMS of this update divided by the RMS of {0} before it:\n"
            "how far one step moves the weights, relative to their size.\n"
            "About {1} is usual; the ⚠ stands outside of {2} to {3}."
        ).format(name, *(number_text(one, 1) for one in (USUAL_UPDATE_RATIO, low, high)))
        if health.update_ratio is not None and health.update_ratio > high:
            look = self.tr(
                "This step is large: look at the loss for jumps. A smaller learning rate makes "
                "smaller steps."
            )
        else:
            look = self.tr(
                "These weights hardly move: look at d{0}, and at the stems at the left, for a "
                "gradient that vanishes. A larger learning rate makes larger steps."
            ).format(name)
        return f"{words}\n{look}"

    def _missing(
        self, snapshot: Snapshot, layer: LayerState, full: str, kind: str
    ) -> tuple[str, int | None]:
        if kind == GRADIENT:
            last = layer.backward[1] if layer.backward is not None else None
            return self.tr("not yet: set in backward"), last
        bands = [b for b in snapshot.bands if b.phase is Phase.UPDATE and b.label == full]
        return self.tr("not yet: set in the update"), bands[-1].last if bands else None

    def _tile(
        self, full: str, kind: str, title: str, array: Array,
        ratios: list[tuple[str, str]], strip: Array | None,
    ) -> Tile:  # fmt: skip
        matrix = np.atleast_2d(array.reshape(array.shape[0], -1) if array.ndim > 2 else array)
        turned = matrix.shape[0] > matrix.shape[1]
        shown = matrix.T if turned else matrix
        key = f"{full} {kind}"
        drawn = self._scales.show(key, array, kind=MapKind.SIGNED)
        scales = [Coloured(key, title, drawn)]
        colours, colour_scale = self._coloured(shown, drawn.scale)
        health = health_of(array)
        words: list[tuple[str, str]] = []
        if health is not None and health.rms is not None:
            words.append(("RMS", number_text(health.rms)))
            words += ratios
            if kind == GRADIENT:
                share = 100 * health.zero / max(health.count, 1)
                words.append((self.tr("exact zeros"), f"{share:.0f} %"))
        units = shown.shape[0] if turned else shown.shape[1]
        cell = None
        if (at := self._chosen_in(full)) is not None and array.ndim == 2:
            cell = (at[1], at[0]) if turned else (at[0], at[1])
            words.insert(0, (str(list(at)), number_text(array[at], 3)))

        def label(row: int, column: int) -> str:
            at = (column, row) if turned else (row, column)
            return f"{title}{list(at)}" if array.ndim == 2 else f"{title}[{column}]"

        box = None
        if self._unit is not None and self._unit[0] == full and self._unit[1] < units:
            unit = self._unit[1]
            box = (unit, 0, unit + 1, shown.shape[1]) if turned else (0, unit, shown.shape[0],
                                                                     unit + 1)  # fmt: skip
        below = None
        if strip is not None:
            key = f"{full} bias {kind}"
            drawn = self._scales.show(key, strip, kind=MapKind.SIGNED)
            scales.append(Coloured(key, self.tr("biases under {0}").format(title), drawn))
            below = self._coloured(strip, drawn.scale)
        shape = self.tr("{0} units × {1}").format(shown.shape[0], shown.shape[1]) if turned else (
            shape_text(array.shape))  # fmt: skip
        return Tile(
            f"{full} {kind}", title, shape, colours, colour_scale, array, words,
            label_of=label, box=box, cell=cell, strip=below, histogram=True, truth=shown,
            coloured=tuple(scales),
        )  # fmt: skip

    def _coloured(self, values: Array, scale: Scale) -> tuple[Array, Scale]:
        """The values to colour: themselves, or their symmetric logarithm."""
        if self._mode.checkedId() == LINEAR:
            return values, scale
        edge = scale.high * 10**-DECADES
        with np.errstate(all="ignore"):
            log = np.sign(values) * np.log1p(np.abs(values) / edge) / np.log1p(10**DECADES)
        return (log * scale.high).astype(np.float32), scale

    def _on_clicked(self, tile: str, row: int, column: int) -> None:
        """Mark a unit in all maps of its parameter, or remove the mark."""
        full = tile.rpartition(" ")[0]
        drawn = next((t for t in self.canvas.tiles if t.id == tile), None)
        if drawn is None or drawn.values is None or self._snapshot is None:
            return
        shape = parameters_of(self._snapshot.layers)[full].shape
        turned = len(shape) == 2 and shape[0] > shape[1]
        unit = (full, row if turned else column)
        self._unit = None if unit == self._unit else unit
        self._draw()


def _run_of(snapshot: Snapshot) -> tuple[int, str]:
    return snapshot.identity.session, snapshot.setup.network
