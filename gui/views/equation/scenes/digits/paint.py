"""Paints the sum of digits: a column for each image, and the large picture of their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import Clipped, HeatMap, MapKind, Scale, paint_colour_bar
from gui.paint.scale_words import scale_text
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.views.equation.scenes.digits.layout import AFTER, BAR, CAPTION, NUMBER, DigitsLayout
from gui.views.equation.scenes.digits.words import (
    arrow_text,
    asks_text,
    image_text,
    signed_text,
)
from gui.views.equation.scenes.words import label_text

Array = np.ndarray[Any, Any]
PIXELS = Scale(MapKind.PIXELS, 0.0, 255.0)
CENTRE, RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
BOLD = QFont.Weight.DemiBold
NOT_YET = 0.62  # of the ground over what is not added
translate = QCoreApplication.translate


@dataclass(slots=True, eq=False)
class Column:
    """An image with what it adds.

    Attributes:
        row: of the minibatch.
        label: its class.
        picture: (rows, columns) its bytes.
        weight: what it is multiplied by.
        rank: its place in the order.
        total: (rows, columns) the sum with it, or None.
        lines: texts below the digit.
    """

    row: int
    label: int
    picture: Array
    weight: float
    rank: int
    total: Array | None = None
    lines: tuple[str, ...] = ()
    digit_map: HeatMap = field(default_factory=HeatMap)
    total_map: HeatMap = field(default_factory=HeatMap)


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """What is drawn besides the columns.

    Attributes:
        count: of the images of the minibatch.
        added: how many of them are added.
        pointed: the place in the order of the image under the mouse, or −1.
        pin: the pinned row of the minibatch, or None.
        scale: of the sums.
        large_scale, large_clipped: of the large picture.
        large: (rows, columns) the large picture.
        caption, note: above the large picture, at its left and right.
        largest: the magnitude of the strongest push.
        push: the name of the images' strengths.
        digits: whether the images are digits.
        phase: the colour of the pass.
        lines: the names of the lines below the digits.
    """

    count: int
    added: int
    pointed: int
    pin: int | None
    scale: Scale
    large_scale: Scale
    large_clipped: Clipped
    large: Array
    caption: str
    note: str
    largest: float
    push: str
    digits: bool
    phase: str
    lines: tuple[str, ...] = ()


class DigitsPainter:
    """Paints into a layout; keeps the large picture while it lasts."""

    def __init__(self) -> None:
        self._large = HeatMap()

    def paint(
        self,
        painter: QPainter,
        room: DigitsLayout,
        columns: Sequence[Column],
        aside: Column | None,
        state: State,
        theme: Theme,
    ) -> None:
        """Draw everything but the sentence and the scrubber."""
        self._paint_names(painter, room, state, theme)
        for number, (left, column) in enumerate(zip(room.columns, columns, strict=True)):
            _paint_column(painter, room, left, column, state, theme)
            if number + 1 < len(columns):
                _paint_signs(painter, room, left, theme)
        if room.aside is not None:
            if aside is not None:
                _paint_column(painter, room, room.aside, aside, state, theme)
            _paint_more(painter, room, len(columns), aside, state, theme)
        self._paint_large(painter, room, state, theme)

    @staticmethod
    def _paint_names(painter: QPainter, room: DigitsLayout, state: State, theme: Theme) -> None:
        names = room.names
        if names.width() <= 0:
            return
        face, small = ui_face(13), ui_face(12)
        high = px(18)

        def line(middle: float, text: str, with_face: Face, colour: str) -> None:
            rect = QRectF(names.left(), middle - high / 2, names.width(), high)
            draw_text(painter, rect, text, with_face, colour)

        if room.short:
            words = translate("digits", "label, image")
            line(room.label + px(CAPTION) / 2, words, small, theme.text2)
        noun = translate("digits", "digit") if state.digits else translate("digits", "image")
        line(room.digit + room.side[1] / 2, noun, face, theme.text)
        for top, text in zip((*room.lines, room.number), (*state.lines, state.push), strict=True):
            line(top + px(NUMBER) / 2, text, face, theme.text)
        if room.asks is not None:
            line(room.asks + px(NUMBER) / 2, translate("digits", "asks to"), face, theme.text)
        if room.sum is not None:
            middle = room.sum + room.side[1] / 2
            line(middle - high / 2, translate("digits", "sum so far"), face, theme.text)
            line(middle + high / 2, translate("digits", "all on one scale"), small, theme.text2)
        middle = min(room.scrubber.center().y(), room.scrubber.bottom() + 4 - high)
        every = translate("digits", "all {0}").format(state.count)
        if room.sum is None and middle - high < (room.asks or room.number) + px(NUMBER):
            line(middle, every, ui_face(13, BOLD), theme.text)  # no room for two lines
            return
        line(middle - high / 2, every, ui_face(13, BOLD), theme.text)
        line(middle + high / 2, translate("digits", "drag to add"), small, theme.text2)

    def _paint_large(
        self, painter: QPainter, room: DigitsLayout, state: State, theme: Theme
    ) -> None:
        whole = state.added == state.count and state.pointed < 0
        paint_caption(painter, room.caption, state, theme)
        self._large.paint(painter, room.final, state.large, state.large_scale, theme)
        paint_frame(painter, room.final, state.phase if whole else theme.text2, 2.0)
        paint_colour_bar(painter, room.colour_bar, state.large_scale, theme, state.large_clipped)
        below = room.colour_bar.translated(0, room.colour_bar.height() + 2)
        below.setHeight(px(16))
        text, face = scale_text(state.large_scale), ui_face(12)
        draw_text(painter, below, text, code_face(12), theme.text2, CENTRE)
        ends = asks_text(-1.0), asks_text(1.0)
        taken = code_face(12).width(text) + 2 * (px(8) + max(face.width(end) for end in ends))
        asked = room.asks is not None or room.arrows
        if asked and taken <= below.width():
            draw_text(painter, below, ends[0], face, theme.text2)
            draw_text(painter, below, ends[1], face, theme.text2, RIGHT)


def paint_caption(painter: QPainter, rect: QRectF, state: State, theme: Theme) -> None:
    """The caption and the note above the large picture; what has no room is left out."""
    added = state.added < state.count and state.pointed < 0
    whole = not added and state.pointed < 0
    bold, plain = code_face(13, BOLD) if whole else ui_face(13, BOLD), ui_face(12)
    short = state.caption.removeprefix("self.")
    last = ("", state.note) if added else (short, "")
    forms = ((state.caption, state.note), (short, state.note), last)
    air = px(8)
    caption, note = next(
        (form for form in forms if bold.width(form[0]) + air + plain.width(form[1]) < rect.width()),
        last,
    )
    draw_text(painter, rect, caption, bold, theme.text)
    draw_text(painter, rect, note, plain, theme.text2, RIGHT)


def _paint_column(
    painter: QPainter, room: DigitsLayout, left: float, column: Column, state: State, theme: Theme
) -> None:
    digit = room.digit_rect(left)
    _paint_label(painter, room.line(left, room.label, CAPTION), column, room.short, theme)
    column.digit_map.paint(painter, digit, column.picture, PIXELS, theme)
    pinned, pointed = column.row == state.pin, column.rank == state.pointed
    paint_frame(painter, digit, theme.accent if pinned else theme.strong, 2.0 if pinned else 1.0)
    if pinned:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(digit.topRight(), px(4.5), px(4.5))
    if pointed:
        paint_frame(painter, digit.adjusted(-2, -2, 2, 2), theme.text, 2.0)
    for top, text in zip(room.lines, column.lines, strict=True):
        line = room.line(left, top, NUMBER)
        draw_text(painter, line, text, code_face(13), theme.text, CENTRE)
    _paint_weight(painter, room, left, column, state, theme)
    place = room.sum_rect(left)
    if place is not None and column.total is not None:
        column.total_map.paint(painter, place, column.total, state.scale, theme)
        chosen = column.rank + 1 == state.added and state.pointed < 0
        paint_frame(painter, place, theme.text if chosen else theme.strong, 2.0 if chosen else 1.0)
        if room.after is not None:
            after = translate("digits", "after {0}").format(column.rank + 1)
            face = ui_face(12, BOLD) if chosen else ui_face(12)
            colour = theme.text if chosen else theme.text2
            draw_text(painter, room.line(left, room.after, AFTER), after, face, colour, CENTRE)
    if column.rank >= state.added and not pointed:
        veil = QColor(theme.panel)
        veil.setAlphaF(NOT_YET)
        words = 0 if room.after is None else px(AFTER)
        end = room.scrubber.top() - 2 if place is None else place.bottom() + words + 1
        painter.fillRect(QRectF(left, room.label, room.pitch, end - room.label), veil)


def _paint_label(
    painter: QPainter, rect: QRectF, column: Column, short: bool, theme: Theme
) -> None:
    """`a 9  image 88`, or `a 9 · 88`, in two faces, centred together."""
    bold, plain = ui_face(13, BOLD), ui_face(12)
    label, image = label_text(column.label), image_text(column.row, short)
    wide = bold.width(label) + px(5) + plain.width(image)
    start = max(rect.center().x() - wide / 2, rect.left())
    first = QRectF(start, rect.top(), rect.right() - start, rect.height())
    draw_text(painter, first, label, bold, theme.text)
    second = first.adjusted(bold.width(label) + px(5), 0, px(4), 0)
    draw_text(painter, second, image, plain, theme.text2)


def _paint_weight(
    painter: QPainter, room: DigitsLayout, left: float, column: Column, state: State, theme: Theme
) -> None:
    bar = room.line(left, room.bar, BAR)
    half, middle = (room.pitch - px(14)) / 2, bar.center()
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.drawLine(QLineF(middle.x() - half, middle.y(), middle.x() + half, middle.y()))
    weight = column.weight
    if np.isfinite(weight) and weight:
        long = max(abs(weight) / state.largest * half, 1.0)
        start = middle.x() if weight > 0 else middle.x() - long
        colour = theme.positive if weight > 0 else theme.negative
        painter.fillRect(QRectF(start, middle.y() - px(4), long, px(8)), QColor(colour))
    painter.setPen(QPen(QColor(theme.text2), 1))
    painter.drawLine(QLineF(middle.x(), bar.top() + 1, middle.x(), bar.bottom() - 1))
    number = room.line(left, room.number, NUMBER)
    text, face = signed_text(weight), code_face(13)
    if room.arrows and face.width(with_arrow := arrow_text(weight)) <= number.width():
        text = with_arrow
    draw_text(painter, number, text, face, theme.text, CENTRE)
    if room.asks is not None:
        asks = room.line(left, room.asks, NUMBER)
        draw_text(painter, asks, asks_text(weight), ui_face(13), theme.text, CENTRE)


def _paint_signs(painter: QPainter, room: DigitsLayout, left: float, theme: Theme) -> None:
    """A plus between two digits, an arrow between two sums."""
    face = ui_face(15)
    digit, place = room.digit_rect(left), room.sum_rect(left)
    gap = room.pitch - digit.width()
    between = QRectF(digit.right(), digit.top(), gap, digit.height())
    draw_text(painter, between, "+", face, theme.text2, CENTRE)
    if place is not None:
        _chevron(painter, QPointF(place.right() + gap / 2, place.center().y()), theme)


def _chevron(painter: QPainter, middle: QPointF, theme: Theme) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.text2), 1.5))
    x, y, half = middle.x(), middle.y(), px(4)
    corners = [QPointF(x - half / 2, y - half), QPointF(x + half / 2, y)]
    painter.drawPolyline([*corners, QPointF(x - half / 2, y + half)])
    painter.restore()


def more_hidden(shown: int, added: int, aside: int | None) -> int:
    """How many of the `added` summands are not drawn: `shown` are, and perhaps that of a rank."""
    return added - shown - (aside is not None and shown <= aside < added)


def _paint_more(
    painter: QPainter, room: DigitsLayout, shown: int, aside: Column | None, state: State,
    theme: Theme,
) -> None:  # fmt: skip
    """An arrow to the large picture, with how many more are added that are not drawn."""
    assert room.aside is not None
    more = state.added - shown
    if more <= 0 or (aside is not None and room.sum is None) or state.pointed >= 0:
        return
    hidden = more_hidden(shown, state.added, None if aside is None else aside.rank)
    top = room.digit if room.sum is None else room.sum
    y = top + room.side[1] / 2
    left, right = room.aside + px(4), room.final.left() - px(8)
    text = translate("digits", "+ {0} more").format(hidden) if hidden else ""
    line = QRectF(left, y - px(22), right - left, px(18))
    draw_text(painter, line, text, ui_face(13, BOLD), theme.text, CENTRE)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.text2), 2))
    painter.drawLine(QLineF(left, y, right - px(8), y))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.text2))
    head = px(9)
    corners = [QPointF(right - head, y - head / 2), QPointF(right - head, y + head / 2)]
    painter.drawPolygon(QPolygonF([*corners, QPointF(right, y)]))
    painter.restore()


def paint_frame(painter: QPainter, rect: QRectF, colour: str, width: float) -> None:
    """A line around a picture, outside of its pixels."""
    painter.setPen(QPen(QColor(colour), width, j=Qt.PenJoinStyle.MiterJoin))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    out = width / 2
    painter.drawRect(rect.adjusted(-out, -out, out, out))
