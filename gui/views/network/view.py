"""The network as a column of cards: layers that have run, run now, or will run in this pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from engine.debug.events import Phase
from engine.debug.health.arrays import health_of
from engine.debug.snapshots.layer_health import UPDATE_RATIO_RANGE, LayerHealth, layer_health
from engine.debug.snapshots.snapshot import LayerProgress, LayerState, Snapshot
from gui.dialogs.facet_words import is_certain
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.values import is_scalar, number_text, shape_text
from gui.views.network.just_computed import NOTHING, RETURNED, JustComputed, just_computed
from gui.views.network.layer_card import COMPACT, SIZES, Arrow, Card, CardText
from gui.widgets.empty import EmptyState
from gui.widgets.parameters import loss_layer, output_of
from gui.widgets.view import Table, View

INPUT = "X"
LEAST_NAMED = 220  # the width from which the subtitle fits
LONGEST_ARROW = 2.2  # times the least height


def rms_text(value: object) -> str:
    """The RMS of an array, `0.0217`; `NaN` if it contains NaN."""
    health = health_of(value)
    if health is None or health.rms is None:
        return "NaN" if health is not None and health.bad else ""
    return "NaN" if health.bad else number_text(health.rms, 3)


def sizes_text(layer: LayerState, whole: bool = False) -> str:
    """`784 → 50`, without the batch's axis; `50` if the size stays; empty if unknown.

    `whole`: with all axes, since a program may have its samples in any of them.
    """
    if not layer.in_shape:
        return ""
    first = 0 if whole else 1
    before = shape_text(layer.in_shape[first:]) or "1"
    after = shape_text(layer.out_shape[first:]) or "1"
    return before if before == after else f"{before} → {after}"


def _cards_before(snapshot: Snapshot) -> int:
    """The number of cards before the first layer's: that of the input, if samples are known."""
    return 0 if snapshot.facets and not len(snapshot.minibatch.labels) else 1


def _shows_functions(snapshot: Snapshot) -> bool:
    """Whether the functions of the passes stand in for layers, which were not found."""
    found = next((one.certain for one in snapshot.facets if one.facet == "layers"), True)
    return not found and any(layer.name for layer in snapshot.layers)


class NetworkView(View):
    """Cards from the input to the loss, with arrows in the direction of the pass."""

    view_id = "network"

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._cards: list[Card] = []
        self._arrows: list[Arrow] = []
        self._before = 1  # cards before the first layer's: the input's
        self._revealed = ""
        self._whole = False  # whether sizes have all axes
        self._parameters = ""  # the title of those without a layer
        self._column = QWidget()
        self._rows = QVBoxLayout(self._column)
        self._rows.setContentsMargins(12, 4, 12, 4)
        self._rows.setSpacing(0)
        self._rows.addStretch()
        self._scroll = QScrollArea()
        self._scroll.setWidget(self._column)
        self._scroll.setWidgetResizable(True)
        self._column.setAutoFillBackground(False)  # setWidget turns it on
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        # Qt lays out new cards and a new height only later.
        self._scroll.verticalScrollBar().rangeChanged.connect(self._reveal)
        self._empty = EmptyState(theme)
        self._empty.say(
            self.tr("No layers"),
            self.tr(
                "No layers, functions or parameters were found in the passes of this program. "
                "Network, What is what… says what is known of it."
            ),
        )
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self._scroll)
        self._pages.addWidget(self._empty)

    def title(self) -> str:
        """The panel's name."""
        return self.tr("Network")

    def help_text(self) -> str:
        """The text of the panel's help."""
        return self.tr(
            "The layers in order: dashed ones are still to come in this pass, the bordered one "
            "runs now, ticked ones are done; numbers are RMS, so layers can be compared. Follow "
            "the arrows down in forward and up in backward; click a card to go to its first stop."
        )

    def cards(self) -> list[Card]:
        """The cards, from the input to the loss."""
        return list(self._cards)

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        super().set_theme(theme)
        self._empty.set_theme(theme)
        self._draw()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draw the state of each layer."""
        self._snapshot = snapshot
        self._draw()

    def tables(self) -> Sequence[Table]:
        """The health of each layer in numbers; empty before any is known."""
        if self._snapshot is None:
            return ()
        rows = []
        for layer in self._snapshot.layers:
            health = layer_health(layer)
            weights = next(iter(health.parameters.values()), None)
            rows.append(
                [
                    layer.name, health.output_rms, health.dout_rms,
                    weights and weights.rms, weights and weights.gradient_rms,
                    weights and weights.update_ratio, health.saturated_share, health.dead_share,
                ]
            )  # fmt: skip
        names = [
            self.tr("layer"), self.tr("RMS of output"), self.tr("RMS of dout"),
            self.tr("RMS of weights"), self.tr("RMS of their gradient"),
            self.tr("update / weights"), self.tr("saturated"), self.tr("dead"),
        ]  # fmt: skip
        cells = [["" if cell is None else cell for cell in row] for row in rows]
        return [Table(self.title(), np.array(cells, dtype=object), names)] if cells else ()

    def follow_type(self) -> None:
        """Make cards that hold the new font size."""
        super().follow_type()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the cards the largest size at which all of them fit."""
        super().resizeEvent(event)
        self._fit()

    # Drawing

    def _draw(self) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        before = self._before = _cards_before(snapshot)
        self._whole = bool(snapshot.facets)
        sure = is_certain(snapshot, "parameters")
        self._parameters = self.tr("Parameters") if sure else self.tr("Parameters, uncertain")
        self._make_cards(len(snapshot.layers) + before)
        self._pages.setCurrentWidget(self._scroll if self._cards else self._empty)
        self.subtitle_changed.emit(self._subtitle(snapshot))
        phase, running = snapshot.event.phase, self._running(snapshot)
        x_progress, now = self._input_progress(snapshot), just_computed(snapshot)
        for card in self._cards[:before]:
            card.show_layer(self._input_text(snapshot), x_progress, phase, self.theme)
        loss = loss_layer(snapshot)
        for card, layer in zip(self._cards[before:], snapshot.layers, strict=True):
            progress = LayerProgress.NOW if running and layer.name == running else layer.progress
            last = layer is loss
            fresh = now if now.layer == layer.name else NOTHING
            text = self._layer_text(layer, phase, last, fresh)
            card.show_layer(text, progress, phase, self.theme)
        for index, arrow in enumerate(self._arrows):
            self._draw_arrow(arrow, index + 1 - before, snapshot)
        if running != self._revealed:
            self._revealed = running
            self._reveal()

    def _subtitle(self, snapshot: Snapshot) -> str:
        wide = self.width() >= px(LEAST_NAMED)
        return self.tr("functions") if wide and _shows_functions(snapshot) else ""

    def _reveal(self) -> None:
        """Scroll to the running card once; the person may scroll away."""
        for card in self._cards[self._before :]:
            if card.accessibleName() == self._revealed:
                self._scroll.ensureWidgetVisible(card, 0, px(COMPACT[1]))

    def _make_cards(self, count: int) -> None:
        if len(self._cards) == count:
            return
        for widget in (*self._cards, *self._arrows):
            self._rows.removeWidget(widget)
            widget.deleteLater()
        self._cards = [Card(self.theme) for _ in range(count)]
        self._arrows = [Arrow(self.theme) for _ in range(max(count - 1, 0))]
        for index, card in enumerate(self._cards):
            self._rows.insertWidget(2 * index, card)
            card.clicked.connect(lambda _=False, i=index: self._on_clicked(i))
            if index < count - 1:
                self._rows.insertWidget(2 * index + 1, self._arrows[index])
        for widget in (*self._cards, *self._arrows):
            widget.show()
        self._fit()

    def _fit(self) -> None:
        count = len(self._cards)
        margins = self._rows.contentsMargins()
        room = self.height() - margins.top() - margins.bottom()
        fitting = [s for s in SIZES if count * px(s[0]) + (count - 1) * px(s[1]) <= room]
        size = fitting[0] if fitting else COMPACT
        gap = px(size[1])
        if fitting and count > 1:  # the rest goes between the cards
            gap = min((room - count * px(size[0])) // (count - 1), px(LONGEST_ARROW * size[1]))
        for card in self._cards:
            card.set_size(size)
        for arrow in self._arrows:
            arrow.setFixedHeight(gap)

    def _running(self, snapshot: Snapshot) -> str:
        """The running layer: the cursor's; in the update, the layer whose parameter is set."""
        if snapshot.event.phase is Phase.UPDATE:
            at = snapshot.position.event
            inside = [b.layer for b in snapshot.bands if b.first <= at <= b.last]
            return inside[0] if inside else ""
        now = [layer.name for layer in snapshot.layers if layer.progress is LayerProgress.NOW]
        return now[0] if now else ""

    def _input_progress(self, snapshot: Snapshot) -> LayerProgress:
        if snapshot.event.phase is Phase.BACKWARD and snapshot.minibatch.input_gradient is None:
            return LayerProgress.NOT_YET
        return LayerProgress.DONE

    def _draw_arrow(self, arrow: Arrow, index: int, snapshot: Snapshot) -> None:
        """Draw the arrow that leads to layer `index`."""
        phase, layer = snapshot.event.phase, snapshot.layers[index]
        shape = shape_text(layer.in_shape)
        colour = self.theme.phase(phase)
        if phase is Phase.FORWARD:
            lit = layer.progress is not LayerProgress.NOT_YET
        elif phase is Phase.BACKWARD:
            above = snapshot.layers[index - 1].progress if index else self._input_progress(snapshot)
            lit = above is not LayerProgress.NOT_YET
            shape = f"d {shape}" if shape else ""
            if index == 0 and not snapshot.setup.input_gradient:
                shape = self.tr("not computed")
        else:
            lit = False
        arrow.show_flow(shape, phase is Phase.BACKWARD, colour if lit else "", self.theme)

    # Texts

    def _input_text(self, snapshot: Snapshot) -> CardText:
        batch = snapshot.minibatch
        shape = shape_text((len(batch.labels), int(np.prod(batch.images.shape[1:]))))
        source = self.tr("minibatch")
        values = ((self.tr("pixels"), "0 … 1"),)
        spoken = self.tr("X: the minibatch, {0}. Click to go to its first stop").format(shape)
        return CardText(INPUT, shape, source, values, spoken)

    def _layer_text(
        self, layer: LayerState, phase: Phase, last: bool, fresh: JustComputed
    ) -> CardText:
        values = list(self._values(layer, phase, last, fresh))
        equation = layer.equation.rpartition("=")[2].strip()
        title = layer.name or self._parameters  # those that no layer uses have no layer
        lines = [
            f"{title} ({layer.kind})" if layer.kind not in ("", layer.name) else title,
            layer.equation,
            sizes_text(layer, self._whole),
            *self._rms_lines(layer.parameters, ""),
            *self._rms_lines(layer.gradients, "d"),
        ]
        health = layer_health(layer)
        for name, parameter in health.parameters.items():
            if parameter.update_ratio is not None:
                ratio = self.tr("update of {0}: {1} of its size")
                lines.append(ratio.format(name, number_text(parameter.update_ratio, 3)))
            if parameter.update_warning:
                low, high = (number_text(end) for end in UPDATE_RATIO_RANGE)
                usual = self.tr("⚠ Δ{0}/{0} is usually between {1} and {2}")
                lines.append(usual.format(name, low, high))
        if health.dout_rms is not None:
            lines.append(self.tr("dout: RMS {0}").format(number_text(health.dout_rms, 3)))
        lines += [f"{word} {number}" for word, number in values if word not in layer.parameters]
        spoken = "\n".join(dict.fromkeys(line for line in lines if line))
        return CardText(title, sizes_text(layer, self._whole), equation, tuple(values), spoken)

    def _rms_lines(self, arrays: Mapping[str, Any], prefix: str) -> list[str]:
        words = self.tr("{0}{1}: {2}, RMS {3}")
        return [
            words.format(prefix, name, shape_text(array.shape), rms_text(array))
            for name, array in arrays.items()
        ]

    def _values(
        self, layer: LayerState, phase: Phase, last: bool, fresh: JustComputed
    ) -> list[tuple[str, str]]:
        """The third line: the weights' RMS and their gradient's, the output's, or the loss.

        `fresh`: what the layer's line has computed and not stored yet.
        """
        none, output = self.tr("not yet"), output_of(layer)
        if output is None and phase is Phase.FORWARD and fresh.target == RETURNED:
            output = fresh.value
        if last:
            known = output is not None and is_scalar(output)
            return [(self.tr("loss"), number_text(float(output), 3) if known else none)]
        health = layer_health(layer)
        quiet = list(self._blocked_shares(health))
        if quiet:
            return quiet
        result = [(name, rms_text(value)) for name, value in list(layer.parameters.items())[:1]]
        if not layer.name:  # nothing computes an output with them
            return [(name, rms_text(value)) for name, value in list(layer.parameters.items())[:3]]
        out = (self.tr("out"), none if output is None else rms_text(output))
        if phase in (Phase.FORWARD, Phase.OTHER) or not result:
            return [*result, out]
        name = result[0][0]
        ratio = health.parameters[name].update_ratio
        if phase is Phase.UPDATE and ratio is not None:
            mark = "⚠ " if health.parameters[name].update_warning else ""
            return [*result, (f"Δ{name}/{name}", mark + number_text(ratio)), out]
        gradient = layer.gradients.get(name)
        if gradient is None and fresh.target == f"self.d{name}":
            gradient = fresh.value
        label = self.tr("gradient") if layer.names else f"d{name}"
        return [*result, (label, none if gradient is None else rms_text(gradient)), out]

    def _blocked_shares(self, health: LayerHealth) -> Iterator[tuple[str, str]]:
        """The shares of an activation that pass no gradient back."""
        if health.saturated_share is not None:
            mark = "⚠ " if health.saturated_warning else ""
            yield self.tr("saturated"), f"{mark}{100 * health.saturated_share:.0f} %"
        if health.dead_share is not None:
            mark = "⚠ " if health.dead_warning else ""
            yield self.tr("dead"), f"{mark}{100 * health.dead_share:.0f} %"
        if health.output_rms is not None and (
            health.saturated_share is not None or health.dead_share is not None
        ):
            yield self.tr("out"), number_text(health.output_rms, 3)

    def _on_clicked(self, index: int) -> None:
        """Go to the first event of a card in this pass."""
        snapshot = self._snapshot
        if snapshot is None:
            return
        if index < self._before:
            self.event_chosen.emit(0)
            return
        layer, phase = snapshot.layers[index - self._before], snapshot.event.phase
        bands = [b for b in snapshot.bands if b.phase is phase and b.layer == layer.name]
        passes = {Phase.FORWARD: layer.forward, Phase.BACKWARD: layer.backward}.get(phase)
        if passes is not None:
            self.event_chosen.emit(passes[0])
        elif bands:
            self.event_chosen.emit(bands[0].first)
        elif layer.forward is not None:  # a layer without parameters has no update
            self.event_chosen.emit(layer.forward[0])
