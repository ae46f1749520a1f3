"""The scene of the loss: cards of chosen samples, and all samples beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QWidget

from engine.debug.explain.terms import Index
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.views.equation.scenes.loss.card import LOW, LOW_WIDTH, Card, Panel
from gui.views.equation.scenes.loss.chart import SortedChart
from gui.views.equation.scenes.loss.ladder import Ladder
from gui.views.equation.scenes.loss.legend import legend_at
from gui.views.equation.scenes.loss.numbers import (
    DIFFERENCES,
    STEPS,
    Judged,
    Stop,
    choose,
    put_in,
    read,
)
from gui.views.equation.scenes.loss.words import scale_of
from gui.views.equation.scenes.scene import OF_RESULT, StopScene
from gui.widgets.view import Table
from gui.words.captions import LegendEntry

MARGIN, GAP = 12, 8
ASIDE = 200  # pixels of the width of what stands beside the cards
LEAST_CARD, AIRY_CARD = 152, 190  # pixels of a card's width: of the first four, and of more
FEW, MOST = 4, 8
_MOVES = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class LossScene(StopScene):
    """Cards of a few samples, from nearly sure to wrong, and what is true of all beside them."""

    least = (560, 176)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._snapshot: Snapshot | None = None
        self._judged: Judged | None = None
        self._pin: int | None = None
        self._picked: list[int] = []  # images of the training set, the newest last
        self._batch: object = None
        self._selected = 0
        self.cards: list[Card] = []
        self.rows: tuple[int, ...] = ()
        self.ladder = Ladder(theme, self)
        self.chart = SortedChart(theme, self)
        self.chart.row_chosen.connect(self.pick)
        self.ladder.setMouseTracking(True)
        self.ladder.hide()

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the stop is one on the way from the scores to their gradient."""
        return read(snapshot) is not None

    def name(self, snapshot: Snapshot) -> str:
        """Scores, until there are probabilities; then these; then how far they are off."""
        judged = read(snapshot)
        if judged is not None and judged.stop in DIFFERENCES:
            return "p − t"
        if judged is not None and judged.stop < Stop.PROBABILITIES:
            return self.tr("Scores")
        return self.tr("Probabilities")

    def legend(self, snapshot: Snapshot) -> tuple[LegendEntry, ...]:
        """What the triangle, the bars and the numbers are."""
        judged = read(snapshot)
        return () if judged is None else legend_at(judged.stop, judged.bars[list(self.rows)])

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw a stop."""
        judged = read(snapshot)
        if judged is None:
            return
        batch = snapshot.identity, snapshot.position.batch
        if batch != self._batch:
            self._batch, self._picked = batch, []
        self._snapshot, self._judged, self._pin = snapshot, judged, pin
        self._arrange()

    def cell(self, snapshot: Snapshot) -> Index | None:
        """The label's cell of the selected card, as far as the result has such an axis."""
        judged, operation = self._judged, snapshot.operation
        if judged is None or operation is None or self._selected >= len(self.rows):
            return None
        row = self.rows[self._selected]
        label = int(judged.labels[row])
        shape = np.shape(operation.result)
        if len(shape) == 2 and shape[0] == len(judged.bars):
            return row, (label if shape[1] > label else 0)
        return (row,) if shape == judged.labels.shape else None

    def places_of_arrays(self) -> Mapping[str, Sequence[QRectF]]:
        """The bars, the numbers below them, the steps beside the cards, or what is made of all."""
        judged = self._judged
        if judged is None:
            return {}
        cards = self.cards[: len(self.rows)]
        found: dict[str, Sequence[QRectF]] = {}
        if not self.ladder.isHidden():
            corner = QPointF(self.ladder.pos())
            lines = zip(STEPS.items(), self.ladder.lines(), strict=True)
            found = {
                name: [line.translated(corner)]
                for (step, name), line in lines
                if step in judged.steps
            }
        if judged.stop in (Stop.TOTAL, Stop.MEAN):
            found[OF_RESULT] = [QRectF(self.chart.geometry())]
        elif judged.shown:
            found[OF_RESULT] = [card.foot.translated(QPointF(card.pos())) for card in cards]
        found[judged.shown] = [card.bars.translated(QPointF(card.pos())) for card in cards]
        return found

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme, and for another type scale."""
        super().set_theme(theme)
        for card in self.cards:
            card.set_theme(theme)
        for panel in (self.ladder, self.chart):
            panel.theme = theme
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many cards as there is room for."""
        super().resizeEvent(event)
        self._arrange()

    def tables(self) -> Sequence[Table]:
        """The bars of all samples, and the surprises where they are computed."""
        judged, snapshot = self._judged, self._snapshot
        if judged is None or snapshot is None:
            return ()
        columns = [str(k) for k in range(judged.bars.shape[1])]
        rows = [str(row) for row in range(len(judged.bars))]
        found = [Table(self.name(snapshot), judged.bars, columns, rows)]
        if judged.surprises is not None:
            found.append(Table(self.tr("Surprises"), judged.surprises))
        return found

    # Choosing

    def pick(self, row: int) -> None:
        """Show a row of the minibatch in place of the card that is nearest to it in the order."""
        snapshot = self._snapshot
        if snapshot is None or row in self.rows:
            return
        self._picked.append(int(snapshot.minibatch.indices[row]))
        self._arrange()

    def _rows(self, count: int) -> tuple[int, ...]:
        """The rows of the cards: the chosen ones, and among them what the person has picked."""
        judged, snapshot = self._judged, self._snapshot
        assert judged is not None
        assert snapshot is not None
        found = [np.flatnonzero(snapshot.minibatch.indices == index) for index in self._picked]
        picked = [int(rows[0]) for rows in found if rows.size]
        return put_in(choose(judged.ranks, count, self._pin), picked, judged.ranks, self._pin)

    def _on_clicked(self, card: Card) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            return
        index = int(snapshot.minibatch.indices[card.row])
        releases = card.row == self._pin
        self.sample_pinned.emit(None if releases else index)
        if not releases and card.hasFocus():
            self.cards[0].setFocus()  # which shows it from now on

    # Layout

    def _arrange(self) -> None:
        judged, snapshot = self._judged, self._snapshot
        if judged is None or snapshot is None or self.width() < 2:
            return
        margin, gap, aside = px(MARGIN), px(GAP), px(ASIDE)
        room = self.width() - 2 * margin - aside
        low = self.height() - px(4) - margin < px(LOW)
        few = min(max(1, room // (px(LOW_WIDTH + 10 if low else LEAST_CARD) + gap)), FEW)
        count = min(max(few, room // (px(AIRY_CARD) + gap)), MOST, len(judged.bars))
        if room > count * px(2 * LEAST_CARD):  # few samples: the rest is for the chart
            aside += min(room - count * px(2 * LEAST_CARD), aside)
            room = self.width() - 2 * margin - aside
        self.rows = self._rows(count)
        while len(self.cards) < count:
            self._add_card()
        scale = scale_of(judged, self.rows)
        top, height = px(4), self.height() - px(4) - margin
        for place, card in enumerate(self.cards):
            if place >= count:
                card.hide()
                continue
            left = margin + place * room // count
            right = margin + (place + 1) * room // count - gap
            card.setGeometry(left, top, right - left, height)
            row = self.rows[place]
            index = int(snapshot.minibatch.indices[row])
            image = snapshot.minibatch.images[row]
            card.show_sample(judged, row, index, image, scale, row == self._pin)
            card.show()
        size = min(card.fitting_size() for card in self.cards[:count])
        for card in self.cards[:count]:
            card.sum_size = size
        self._selected = min(self._selected, count - 1)
        for panel in (self.ladder, self.chart):
            panel.setGeometry(self.width() - margin - aside, top, aside, height)
        self._show_aside(judged, snapshot)

    def _show_aside(self, judged: Judged, snapshot: Snapshot) -> None:
        phase = self.theme.phase(snapshot.event.phase)
        with_ladder = judged.stop < Stop.SURPRISES
        self.ladder.setVisible(with_ladder)
        self.chart.setVisible(not with_ladder)
        if with_ladder:
            self.ladder.show_sample(judged, self.rows[self._selected], phase)
        else:
            self.chart.show_samples(judged, self.rows, phase)

    def _add_card(self) -> None:
        card = Card(self.theme, self)
        card.setMouseTracking(True)  # for the scene
        place = len(self.cards)
        card.clicked.connect(lambda: self._on_clicked(card))
        card.focused.connect(lambda: self._select(place))
        self.cards.append(card)
        for first, second in zip(self.cards, self.cards[1:], strict=False):
            QWidget.setTabOrder(first, second)
        QWidget.setTabOrder(card, self.ladder)
        QWidget.setTabOrder(self.ladder, self.chart)

    def _select(self, place: int) -> None:
        self._selected = place
        if self._judged is not None and self._snapshot is not None and place < len(self.rows):
            self._show_aside(self._judged, self._snapshot)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from card to card."""
        move = _MOVES.get(Qt.Key(event.key()))
        shown: list[Panel] = [card for card in self.cards if not card.isHidden()]
        shown.append(self.chart if self.ladder.isHidden() else self.ladder)
        focus = QApplication.focusWidget()
        if move is not None and isinstance(focus, Panel) and focus in shown:
            shown[(shown.index(focus) + move) % len(shown)].setFocus(Qt.FocusReason.TabFocusReason)
            return
        super().keyPressEvent(event)
