"""The tags that name the cells that are lit: `row 66`, `[66, 18] 4.624`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter

from gui.parts.equation.arrange import Place
from gui.parts.equation.paint import CENTRE, Ink
from gui.parts.equation.picture import Block, Sign
from gui.parts.rows import draw_text

APART = 7  # pixels between a tag and what it names
SIGN_SIDE = 30  # pixels of the square, at the middle of a sign's place, in which the sign is


def paint_tags(
    painter: QPainter,
    tags: Sequence[tuple[QRectF, str]],
    places: Sequence[Place],
    within: QRectF,
    ink: Ink,
) -> None:
    """Paint each beside its box, off the boxes, the signs, the names and sizes, and each other."""
    face = ink.code(12)
    taken = [box for box, _ in tags] + [rect for place in places for rect in _words(place, ink)]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for box, text in tags:
        size = QSizeF(face.width(text) + 12, 20 * ink.scale)
        tag = place_tag(size, box, within, taken)
        taken.append(tag)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(ink.theme.text))
        painter.drawRoundedRect(tag, 4, 4)
        draw_text(painter, tag, text, face, ink.theme.panel, CENTRE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def place_tag(size: QSizeF, beside: QRectF, within: QRectF, taken: Sequence[QRectF]) -> QRectF:
    """Where a tag of a size goes: beside a box, on as little as can be of what is taken."""
    return min(
        (_moved_into(QRectF(corner, size), within) for corner in _corners(size, beside)),
        key=lambda tag: sum(_area(tag.intersected(rect)) for rect in taken),
    )  # the first of those that are on as little


def _corners(size: QSizeF, beside: QRectF) -> Iterator[QPointF]:
    """The upper left corners to try, the best first: right, left, below, above; far, near ends."""
    right, left = beside.right() + APART, beside.left() - APART - size.width()
    below, above = beside.bottom() + APART, beside.top() - APART - size.height()
    middle_x, middle_y = (
        beside.center().x() - size.width() / 2,
        beside.center().y() - size.height() / 2,
    )
    for x in (right, left):
        yield QPointF(x, middle_y)
    for y in (below, above):
        for x in (middle_x, beside.right() - size.width(), beside.left()):
            yield QPointF(x, y)
    for x in (right, left):
        for share in (0.25, 0.75, 0.0, 1.0):
            yield QPointF(x, beside.top() + share * beside.height() - size.height() / 2)
    for y in (below, above):
        for share in (0.25, 0.75, 0.0, 1.0):
            yield QPointF(beside.left() + share * beside.width() - size.width() / 2, y)


def _moved_into(tag: QRectF, within: QRectF) -> QRectF:
    tag.moveLeft(min(max(tag.left(), within.left()), within.right() - tag.width()))
    tag.moveTop(min(max(tag.top(), within.top()), within.bottom() - tag.height()))
    return tag


def _area(rect: QRectF) -> float:
    return max(rect.width(), 0.0) * max(rect.height(), 0.0)


def _words(place: Place, ink: Ink) -> Iterator[QRectF]:
    """What is to be read in a place: a sign, or all round the cells of an array."""
    if isinstance(place.part, Sign):
        side = SIGN_SIDE * ink.scale
        sign = QRectF(0, 0, min(side, place.rect.width()), min(side, place.rect.height()))
        sign.moveCenter(place.rect.center())
        yield sign
    elif isinstance(place.part, Block):
        whole, cells = place.rect, place.cells
        yield QRectF(whole.topLeft(), QPointF(whole.right(), cells.top()))
        yield QRectF(QPointF(whole.left(), cells.bottom()), whole.bottomRight())
        yield QRectF(QPointF(whole.left(), cells.top()), cells.bottomLeft())
        yield QRectF(cells.topRight(), QPointF(whole.right(), cells.bottom()))
    else:
        yield place.rect
