"""The network as a scene: the layers from left to right, the one at the cursor lit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from engine.debug.events import Kind, Phase
from engine.debug.explain.operation import Form
from engine.debug.snapshots.snapshot import LayerProgress, Snapshot
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, choose_scale
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import is_drawable, shape_text
from gui.views.equation.scenes.framed import (
    CENTRE,
    Frames,
    arrow,
    matrix_of,
    scale_of,
)
from gui.views.equation.scenes.network_cards import (
    Card,
    cards_of,
    equation_lines,
    lit_card,
    name_in,
    places_of,
)
from gui.views.equation.scenes.scene import PaintedScene
from gui.widgets.view import Table

MARGIN = 12


class NetworkScene(PaintedScene):
    """The whole network, with what each layer has made of this minibatch so far.

    It fits the code between the layers: the loop over them, their calls, the call of a pass. A
    click on a layer, or Enter on the one chosen by the arrows, goes to the begin of its pass.
    """

    least = (560, 200)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._cards: list[Card] = []
        self._lit = -1
        self._chosen = -1
        self._phase = Phase.FORWARD
        self._frames = Frames()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Network"))

    @classmethod
    def fits(cls, snapshot: Snapshot) -> bool:
        """Whether the cursor is in the code around the layers, at no array of its own."""
        event, operation = snapshot.event, snapshot.operation
        if not snapshot.layers or event.phase is Phase.UPDATE or event.kind is Kind.EXCEPTION:
            return False
        if snapshot.facets:  # a program's layers need not be a chain from images to a loss
            return False
        if event.layer:
            layers = {layer.name: layer for layer in snapshot.layers}
            layer = layers.get(event.layer)
            starts = (layer.forward, layer.backward) if layer is not None else ()
            return event.kind is Kind.CALL and event.index in [run[0] for run in starts if run]
        if operation is None or operation.error is not None:
            return operation is None
        if event.kind is Kind.CALL or _is_about_layers(event.source, event.kind):
            return True
        arrays = [operation.result, *(operand.value for operand in operation.operands)]
        computes = operation.form is Form.SCALAR and event.index in snapshot.operation_stops
        return not computes and not any(is_drawable(value) for value in arrays)

    def name(self, snapshot: Snapshot) -> str:
        """The text of its button."""
        return self.tr("Network")

    def show_snapshot(self, snapshot: Snapshot, pin: int | None) -> None:
        """Draw the layers at the cursor."""
        self._cards = cards_of(snapshot)
        self._lit = lit_card(snapshot)
        self._chosen = -1
        self._phase = snapshot.event.phase
        self.setAccessibleDescription(self._spoken())
        self.update()

    def tables(self) -> Sequence[Table]:
        """The arrays of the cards."""
        return [
            Table(f"{card.name} {card.caption}".strip(), matrix_of(np.asarray(card.array)))
            for card in self._cards
            if is_drawable(card.array)
        ]

    # Mouse and keys

    def places(self) -> list[tuple[QRectF, bool]]:
        """Where each card is, and whether it is whole."""
        margin = px(MARGIN)
        room = QRectF(self.rect()).adjusted(margin, px(6), -margin, -px(8))
        lit = self._lit if self._lit >= 0 else (0 if self._phase is Phase.BACKWARD else 10**6)
        found = places_of(len(self._cards), lit, room.width(), room.height())
        return [(place.translated(room.topLeft()), whole) for place, whole in found]

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Go to the layer's pass."""
        for number, (place, _) in enumerate(self.places()):
            if place.contains(event.position()):
                self._go(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows choose a layer, Enter goes there."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is not None and self._cards:
            start = self._chosen if self._chosen >= 0 else max(self._lit, 0)
            self._chosen = min(max(start + step, 0), len(self._cards) - 1)
            card = self._cards[self._chosen]
            self.setAccessibleDescription(_card_text(card))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen >= 0:
            self._go(self._chosen)
        else:
            super().keyPressEvent(event)

    def _go(self, number: int) -> None:
        event = self._cards[number].event
        if event is not None:
            self.event_chosen.emit(event)

    def _spoken(self) -> str:
        return "; ".join(_card_text(card) for card in self._cards)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cards and the arrows between them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = self.places()
        for number in range(1, len(places)):
            self._paint_arrow(painter, number, places[number - 1], places[number])
        for number, (place, whole) in enumerate(places):
            self._paint_card(painter, number, place, whole)
        self._dim_past(painter)

    def _paint_arrow(
        self, painter: QPainter, number: int, left: tuple[QRectF, bool], right: tuple[QRectF, bool]
    ) -> None:
        card, theme = self._cards[number], self.theme
        y = left[0].center().y()
        start, end = QPointF(left[0].right() + 3, y), QPointF(right[0].left() - 3, y)
        if self._phase is Phase.BACKWARD:
            start, end = end, start
        colour = theme.phase(self._phase) if card.flowed else theme.strong
        arrow(painter, start, end, colour, dashed=not card.flowed)
        face = code_face(12)
        ink = colour if card.flowed else theme.text3
        room = right[0].left() - left[0].right()
        if not (left[1] and right[1]):
            return
        lines = [card.flow] if face.width(card.flow) <= room - px(10) else card.flow.split(" × ")
        for place, text in enumerate(lines):
            if place:
                text = f"×{text}"
            line = QRectF(left[0].right(), y - px(8 + 16 * (len(lines) - place)), room, px(16))
            if face.width(text) <= room:
                draw_text(painter, line, text, face, ink, CENTRE)

    def _paint_card(self, painter: QPainter, number: int, place: QRectF, whole: bool) -> None:
        card, theme = self._cards[number], self.theme
        lit, waits = number == self._lit, card.progress is LayerProgress.NOT_YET
        colour = theme.phase(self._phase)
        ground, pen = QColor(theme.raised), QPen(QColor(theme.strong), 1)
        if lit:
            ground, pen = mix(colour, theme.panel, 0.16), QPen(QColor(colour), 2)
        elif waits:
            ground = mix(theme.raised, theme.panel, 0.5)
            pen.setStyle(Qt.PenStyle.DashLine)
        if number == self._chosen and self.hasFocus():
            pen = QPen(QColor(theme.accent), 2)
        painter.setBrush(ground)
        painter.setPen(pen)
        painter.drawRoundedRect(place.adjusted(1, 1, -1, -1), 8, 8)
        if not whole:
            self._paint_sliver(painter, card, place)
            return
        inner = place.adjusted(px(10), px(8), -px(10), -px(8))
        grey = theme.text2 if lit else theme.text3
        glyph = 0 if waits and not lit else px(16)
        line = QRectF(inner.left(), inner.top(), inner.width() - glyph, px(18))
        ink = theme.text2 if waits and not lit else theme.text
        name, face = name_in(card.name, line.width())
        draw_text(painter, line, name, face, ink)
        self._paint_glyph(painter, QPointF(inner.right() - px(5), line.center().y()), number)
        line = QRectF(inner.left(), line.bottom() + px(2), inner.width(), px(17))
        draw_text(painter, line, card.shapes, code_face(12), grey)
        face = code_face(12) if number else ui_face(12)
        for text in equation_lines(card.equation, face, line.width()):
            line = line.translated(0, px(17))
            draw_text(painter, line, text, face, grey)
        self._paint_array(
            painter, number, inner.adjusted(0, line.bottom() + px(6) - inner.top(), 0, 0)
        )

    def _paint_array(self, painter: QPainter, number: int, room: QRectF) -> None:
        """The array that a layer has made, with its name and range under it."""
        card, theme = self._cards[number], self.theme
        foot = px(34)
        area = room.adjusted(0, 0, 0, -foot)
        if area.height() < px(24):
            return
        caption = QRectF(room.left(), area.bottom() + px(2), room.width(), px(16))
        value = caption.translated(0, px(16))
        if number == 0:
            # Each at least as large as its pixels, and no more than 100.
            side = px(30)
            most = min(max(int(area.width() // side) * int(area.height() // side), 1), 100)
            most = most if self._lit == 0 else min(most, 12)
            found = self._frames.digits(painter, "X", area, card.array, theme, most)
            caption.moveTop(found.bottom() + px(2))
            words = card.value
            if most < len(card.array):
                words = self.tr("{0} of {1}").format(most, card.value)
            draw_text(painter, caption, words, ui_face(12), theme.text2, CENTRE)
            return
        if is_drawable(card.array):
            matrix = matrix_of(card.array)
            signed = self._phase is not Phase.FORWARD
            scale = choose_scale(matrix, MapKind.SIGNED) if signed else scale_of(matrix)
            self._frames.paint(painter, str(number), area, matrix, scale, theme)
            wide = ui_face(12).width(card.caption) > caption.width()
            words = self.tr("gradient") if wide and signed else card.caption
            draw_text(painter, caption, words, ui_face(12), theme.text2, CENTRE)
        elif card.array is not None and card.value:
            big = code_face(28)
            face = big if big.width(card.value) <= room.width() else code_face(14)
            draw_text(painter, area, card.value, face, theme.text, CENTRE)
            draw_text(painter, caption, self.tr("loss"), ui_face(12), theme.text2, CENTRE)
            return
        else:
            pen = QPen(QColor(theme.strong), 1, Qt.PenStyle.DotLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area)
            words = self.tr("runs now") if card.progress is LayerProgress.NOW else ""
            if number == self._lit and not words:
                words = self.tr("is next")
            ink = theme.text if number == self._lit else theme.text3
            draw_text(painter, area, words or self.tr("not yet"), ui_face(12), ink, CENTRE)
            draw_text(painter, caption, card.caption, ui_face(12), theme.text3, CENTRE)
            return
        if code_face(12).width(card.value) <= value.width():  # a number that is cut is another
            draw_text(painter, value, card.value, code_face(12), theme.text2, CENTRE)

    def _paint_sliver(self, painter: QPainter, card: Card, place: QRectF) -> None:
        """A card with room for its name alone, written upwards."""
        if place.width() < px(16):
            return
        painter.save()
        painter.translate(place.center())
        painter.rotate(-90)
        line = QRectF(-place.height() / 2 + px(8), -px(9), place.height() - px(16), px(18))
        ink = self.theme.text3 if card.progress is LayerProgress.NOT_YET else self.theme.text
        tick = " ✓" if card.progress is LayerProgress.DONE else ""
        draw_text(painter, line, f"{card.name}  {card.shapes}{tick}", ui_face(12), ink)
        painter.restore()

    def _paint_glyph(self, painter: QPainter, middle: QPointF, number: int) -> None:
        """A triangle in the pass's direction at the lit layer, a tick at one that is done."""
        x, y = middle.x(), middle.y()
        if number == self._lit and number:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.phase(self._phase)))
            tip = 5 if self._phase is Phase.FORWARD else -5
            corners = [QPointF(x + tip, y), QPointF(x - tip, y - 5), QPointF(x - tip, y + 5)]
            painter.drawPolygon(QPolygonF(corners))
        elif self._cards[number].progress is LayerProgress.DONE:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.text2), 1.5))
            tick = [QPointF(x - 5, y), QPointF(x - 1.5, y + 3.5), QPointF(x + 5, y - 4)]
            painter.drawPolyline(QPolygonF(tick))


def _is_about_layers(source: str, kind: Kind) -> bool:
    """Whether a line runs layers or loops over them."""
    if kind is not Kind.LINE:
        return False
    return source.startswith("for ") or any(
        call in source for call in (".forward(", ".backward(", "layer(")
    )


def _card_text(card: Card) -> str:
    shape = shape_text(card.array.shape) if is_drawable(card.array) else ""
    made = f"{card.caption} {shape} {card.value}" if card.array is not None else ""
    return f"{card.name} {card.shapes} ({card.progress.value}) {made}".strip()
