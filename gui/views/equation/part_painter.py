"""Paints signs, numbers and listings of an equation, and measures every part of it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text
from gui.views.equation.arrange import PartPlace
from gui.views.equation.picture.parts import Block, Listing, Number, Part, Sign

CENTRE, LEFT, RIGHT = (
    Qt.AlignmentFlag.AlignHCenter,
    Qt.AlignmentFlag.AlignLeft,
    Qt.AlignmentFlag.AlignRight,
)
OPERATOR = 28
ROW = 20.0  # height of a listing's row
BESIDE = 8.0  # between a name and the count of repeats


@dataclass(frozen=True, slots=True)
class Ink:
    """The theme, the colour of the pass and the font's scale, with which all parts are drawn."""

    theme: Theme
    phase: str
    scale: float = 1.0

    def code(self, pixels: int, bold: bool = False) -> Face:
        """The code font, scaled."""
        weight = QFont.Weight.Bold if bold else QFont.Weight.Normal
        return code_face(pixels, weight)


def measure(part: Part, ink: Ink, width: float) -> tuple[float, float]:
    """The width and height of a part; for a block, the width of its name."""
    if isinstance(part, Block):
        badge = repeats_text(part)
        beside = BESIDE + badge_width(badge, ink) if badge else 0.0
        return ink.code(13).width(part.name) + 4 + beside, 0.0
    if isinstance(part, Sign):
        text = ink.code(OPERATOR).width(part.text) if part.text else 0.0
        word = ink.code(12 if part.text else 14).width(part.caption)
        return max(text, word) + 4, 72 * ink.scale
    if isinstance(part, Number):
        size = _number_size(part)
        text = ink.code(size).width(part.text)
        name = ink.code(12).width(part.name)
        return min(max(text, name) + 8, 0.45 * width), 68 * ink.scale
    if isinstance(part, Listing):
        faces = ink.code(12)
        keys = max((faces.width(key) for key, _ in part.rows), default=40.0)
        values = max((faces.width(value) for _, value in part.rows), default=40.0)
        name = faces.width(part.name)
        rows = len(part.rows) + (1 if part.more else 0)
        wide = max(keys + values + 40 * ink.scale, min(name + 8, 260 * ink.scale))
        return min(wide, 0.6 * width), (26 + ROW * max(rows, 1)) * ink.scale
    return 0.0, 0.0


def _number_size(part: Number) -> int:
    text = part.text
    return 13 if part.small else 26 if len(text) <= 9 else 18 if len(text) <= 18 else 13


def paint_sign(painter: QPainter, place: PartPlace, part: Sign, ink: Ink) -> None:
    """Paint an operator or a function's name."""
    rect = place.rect
    theme = ink.theme
    if part.text and part.text != "↓":
        line = QRectF(rect.left() - 8, rect.center().y() - px(22), rect.width() + 16, px(44))
        draw_text(painter, line, part.text, ink.code(OPERATOR), theme.text2, CENTRE)
    if part.text == "↓":
        paint_arrows(painter, rect, part.caption, ink)
        return
    if part.caption:
        down = 18 * ink.scale if part.text else -10 * ink.scale
        line = QRectF(rect.left(), rect.center().y() + down, rect.width(), 20 * ink.scale)
        face = ink.code(12 if part.text else 14)
        draw_text(painter, line, part.caption, face, theme.text2, CENTRE)


def paint_arrows(painter: QPainter, rect: QRectF, caption: str, ink: Ink) -> None:
    """Paint arrows from a matrix down to the row that it is reduced to."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(ink.phase), 1.6))
    count = max(2, int(rect.width() // px(56)))
    word = ink.code(12).width(caption) + 16
    for number in range(count):
        x = rect.left() + (number + 0.5) * rect.width() / count
        if abs(x - rect.center().x()) < word / 2:
            continue
        top, tip = rect.top() + 6, rect.bottom() - 6
        painter.drawLine(QLineF(x, top, x, tip))
        painter.drawPolyline([QPointF(x - 4, tip - 5), QPointF(x, tip), QPointF(x + 4, tip - 5)])
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    draw_text(painter, rect, caption, ink.code(12), ink.theme.text, CENTRE)


def paint_number(painter: QPainter, place: PartPlace, part: Number, ink: Ink) -> None:
    """Paint a number or a word, its name above."""
    rect = place.rect
    face = ink.code(_number_size(part))
    line = QRectF(rect.left(), rect.center().y() - 20 * ink.scale, rect.width(), 40 * ink.scale)
    draw_text(painter, line, part.text, face, ink.theme.text, CENTRE)
    above = QRectF(rect.left(), line.top() - 14 * ink.scale, rect.width(), 18 * ink.scale)
    draw_text(painter, above, part.name, ink.code(12), ink.theme.text2, CENTRE)


def paint_listing(painter: QPainter, place: PartPlace, part: Listing, ink: Ink) -> None:
    """Paint a dictionary as rows, the row that is looked up lit."""
    theme, rect, row = ink.theme, place.rect, ROW * ink.scale
    name = QRectF(rect.left(), rect.top(), rect.width(), 22 * ink.scale)
    draw_text(painter, name, part.name, ink.code(12), theme.text)
    top = name.bottom() + 2
    face = ink.code(12)
    for number, (key, value) in enumerate(part.rows):
        line = QRectF(rect.left(), top + number * row, rect.width(), row)
        if number == part.marked:
            painter.setPen(QPen(QColor(ink.phase), 1.5))
            painter.setBrush(mix(ink.phase, theme.panel, 0.18))
            painter.drawRoundedRect(line.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        inner = line.adjusted(6, 0, -6, 0)
        draw_text(painter, inner, key, face, theme.text)
        room = max(inner.width() - face.width(key) - 12, 30.0)
        right = QRectF(inner.right() - room, inner.top(), room, inner.height())
        draw_text(painter, right, value, face, theme.text2, RIGHT)
    if part.more:
        line = QRectF(rect.left() + 6, top + len(part.rows) * row, rect.width(), row)
        draw_text(painter, line, f"… +{part.more}", face, theme.text2)


def repeats_text(block: Block) -> str:
    """The count of broadcasting's repeats of a block: `↓ × 100`; empty without repeats."""
    down, across = block.repeats
    return f"↓ × {down}" if down > 1 else f"→ × {across}" if across > 1 else ""


def badge_width(text: str, ink: Ink) -> float:
    """The width in pixels of the repeats beside a name."""
    return ink.code(12).width(text) + 12
