"""The cards of the network column, and the arrows between them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from engine.debug.events import Phase
from engine.debug.snapshots.snapshot import LayerProgress
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.widgets.row_view import BY_KEY

# Heights of a card and of the arrow below it: three lines spaced, three lines close, two lines.
AIRY, ROOMY, FULL, SNUG, COMPACT = (98, 36), (74, 26), (60, 21), (55, 18), (41, 14)
SIZES = (AIRY, ROOMY, FULL, SNUG, COMPACT)


@dataclass(frozen=True, slots=True)
class CardText:
    """The text of a card.

    Attributes:
        shapes, equation: the second line, left and right.
        values: the third line, as pairs of a grey label and a number.
        spoken: the whole text, for a screen reader and the tooltip.
    """

    name: str
    shapes: str
    equation: str
    values: tuple[tuple[str, str], ...]
    spoken: str


class Card(QAbstractButton):
    """A layer's card: dashed before the pass reaches it, bordered while it runs, ticked after."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._text = CardText("", "", "", (), "")
        self._progress = LayerProgress.NOT_YET
        self._phase = Phase.FORWARD
        self._keyed = False  # whether the keyboard gave the focus; a click draws no ring
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_size(FULL)

    def set_size(self, size: tuple[int, int]) -> None:
        """Take one of `SIZES`: two lines instead of three if many cards share the column."""
        self._size = size
        self.setFixedHeight(px(size[0]))

    def sizeHint(self) -> QSize:
        """As high as its lines, and never wider than the column."""
        return QSize(120, self.height())

    def minimumSizeHint(self) -> QSize:
        """A small width, because texts are elided."""
        return QSize(60, self.height())

    def show_layer(
        self, text: CardText, progress: LayerProgress, phase: Phase, theme: Theme
    ) -> None:
        """Draw a layer's state in a pass."""
        drawn = (self._text, self._progress, self._phase, self.theme)
        if drawn == (text, progress, phase, theme):
            return
        self._text, self._progress, self._phase, self.theme = text, progress, phase, theme
        self.setAccessibleName(text.name)
        self.setAccessibleDescription(text.spoken)
        self.setToolTip(text.spoken)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Draw a focus ring if the keyboard gave the focus."""
        self._keyed = event.reason() in BY_KEY
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is a click, like Space; the arrows go from card to card."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif key == Qt.Key.Key_Down:
            self.focusNextChild()
        elif key == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, now = self.theme, self._progress is LayerProgress.NOW
        waits = self._progress is LayerProgress.NOT_YET
        colour = theme.phase(self._phase)
        ground, pen = QColor(theme.raised), QPen(QColor(theme.strong), 1)
        if now:
            ground, pen = mix(colour, theme.panel, 0.16), QPen(QColor(colour), 2)
        elif waits:
            ground = mix(theme.raised, theme.panel, 0.5)
            pen.setStyle(Qt.PenStyle.DashLine)
        if self.underMouse() and not now:
            ground = QColor(theme.hover)
        if self.hasFocus() and self._keyed:
            pen = QPen(QColor(theme.accent), 2)
        painter.setBrush(ground)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 8, 8)
        # text3 has too little contrast on hover
        grey = theme.text2 if now or self.underMouse() else theme.text3
        self._paint_texts(painter, grey, waits)

    def _paint_texts(self, painter: QPainter, grey: str, waits: bool) -> None:
        theme, text = self.theme, self._text
        left, width, compact = px(12), self.width() - px(24), self._size == COMPACT
        air = {AIRY: 13.0, ROOMY: 5.0, SNUG: -1.5}.get(self._size, 0.0)
        bold = ui_face(13, QFont.Weight.DemiBold)
        ink = theme.text2 if waits else theme.text
        draw_text(
            painter, QRectF(left, px(4 + air * 0.6), width - px(18), px(18)), text.name, bold, ink
        )
        self._paint_glyph(painter, QPointF(self.width() - px(18), px(14 + air * 0.6)))
        code = code_face(11)
        line = QRectF(left, px(22 if compact else 23 + air * 1.4), width, px(16))
        shapes = min(code.width(text.shapes), width)
        draw_text(painter, line, text.shapes, code, grey)
        if compact:
            self._paint_values(painter, line.adjusted(shapes + px(12), 0, 0, 0), grey)
            return
        right = Qt.AlignmentFlag.AlignRight
        space = line.adjusted(shapes + px(10), 0, 0, 0)
        draw_text(painter, space, text.equation, code, grey, right)
        self._paint_values(painter, QRectF(left, px(40 + air * 2), width, px(16)), grey)

    def _paint_values(self, painter: QPainter, line: QRectF, grey: str) -> None:
        """Paint as many whole pairs as fit."""
        word_face, code = ui_face(11), code_face(11)
        x = line.left()
        values = self._text.values
        if self._size == COMPACT and self._phase is not Phase.FORWARD:
            values = tuple(sorted(values, key=lambda pair: not pair[0].startswith("d")))
        for word, number in values:
            wide = word_face.width(word) + px(5)
            numeric = number[:1].isdigit() or number[:1] in "−N∞"
            face = code if numeric else word_face
            if x + wide + face.width(number) > line.right() + 1:
                continue
            draw_text(painter, QRectF(x, line.top(), wide, line.height()), word, word_face, grey)
            x += wide
            space = QRectF(x, line.top(), face.width(number) + 1, line.height())
            draw_text(painter, space, number, face, self.theme.text if numeric else grey)
            x += face.width(number) + px(12)

    def _paint_glyph(self, painter: QPainter, middle: QPointF) -> None:
        """Paint a triangle in the direction of the pass, else a square; or a tick."""
        x, y = middle.x(), middle.y()
        if self._progress is LayerProgress.NOW:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self.theme.phase(self._phase)))
            if self._phase in (Phase.UPDATE, Phase.OTHER):
                painter.drawRect(QRectF(x - 4, y - 4, 8, 8))
                return
            tip = 5 if self._phase is Phase.FORWARD else -5
            corners = [QPointF(x + tip, y), QPointF(x - tip, y - 5), QPointF(x - tip, y + 5)]
            painter.drawPolygon(QPolygonF(corners))
        elif self._progress is LayerProgress.DONE:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(self.theme.text2), 1.5))
            tick = [QPointF(x - 5, y), QPointF(x - 1.5, y + 3.5), QPointF(x + 5, y - 4)]
            painter.drawPolyline(QPolygonF(tick))


class Arrow(QWidget):
    """The arrow of the array that flows between two cards; lit once it has flowed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._text, self._up, self._colour = "", False, ""
        self.setFixedHeight(px(FULL[1]))

    def show_flow(self, text: str, up: bool, colour: str, theme: Theme) -> None:
        """Draw an arrow with its shape, in `colour`; grey and dotted if `colour` is empty."""
        if (self._text, self._up, self._colour, self.theme) != (text, up, colour, theme):
            self._text, self._up, self._colour, self.theme = text, up, colour, theme
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow and the shape beside it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, height, x = self.theme, float(self.height()), float(px(22))
        colour = QColor(self._colour or theme.strong)
        lit = bool(self._colour)
        style = Qt.PenStyle.SolidLine if lit else Qt.PenStyle.DotLine
        painter.setPen(QPen(colour, 3 if lit else 1.5, style, Qt.PenCapStyle.FlatCap))
        head, tail = (2.0, height - 1) if self._up else (height - 2, 1.0)
        back = 6.0 if self._up else -6.0
        painter.drawLine(QPointF(x, tail), QPointF(x, head + back))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        corners = [QPointF(x, head), QPointF(x - 6, head + back), QPointF(x + 6, head + back)]
        painter.drawPolygon(QPolygonF(corners))
        place = QRectF(x + px(14), 0, self.width() - x - px(14), height)
        draw_text(painter, place, self._text, code_face(11), self._colour or theme.text3)
