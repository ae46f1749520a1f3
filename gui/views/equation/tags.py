"""The tags that name lit cells: `row 66`, `[66, 18] 4.624`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter

from gui.paint.cell_marks import paint_tag
from gui.views.equation.arrange import BAR, FOOT, TAGS, PartPlace
from gui.views.equation.part_painter import Ink
from gui.views.equation.picture.parts import Block, Sign

APART = 7  # pixels between a tag and the box that it names
ARRAY = 4  # hiding an array's area costs this much more than hiding text
SIGN_SIDE = 30  # side of the square in the middle of a sign's place that the sign fills


def paint_tags(painter: QPainter, tags: Sequence[tuple[QRectF, str]], ink: Ink) -> None:
    """Paint the tags, each in its rectangle."""
    for tag, text in tags:
        paint_tag(painter, tag, text, ink.code(12), ink.theme)


def place_tags(
    named: Sequence[tuple[PartPlace, QRectF, str]],
    places: Sequence[PartPlace],
    within: QRectF,
    ink: Ink,
) -> list[tuple[QRectF, str]]:
    """Place each tag clear of arrays, signs, names, sizes and other tags.

    Of an array without a margin beneath, a tag that would not be clear is left out.

    `named`: the place of the array, the marked rectangle in it, and the text of the tag.
    """
    face = ink.code(12)
    taken = [place.cells for place in places if isinstance(place.part, Block)] * ARRAY
    taken += [rect for place in places for rect in _words(place, ink)]
    found: list[tuple[QRectF, str]] = []
    for place, box, text in named:
        size = QSizeF(face.width(text) + 12, 20 * ink.scale)
        tag = place_tag(size, box, within, taken, [*_around(place, size, box, ink)])
        bare = place.rect.bottom() - place.cells.bottom() < (BAR - 1) * ink.scale
        if bare and any(_area(tag.intersected(rect)) for rect in taken):
            continue  # there is no free place, and the cell is large enough for its own number
        taken.append(tag)
        found.append((tag, text))
    return found


def place_tag(
    size: QSizeF,
    beside: QRectF,
    within: QRectF,
    taken: Sequence[QRectF],
    first: Sequence[QPointF] = (),
) -> QRectF:
    """Place a tag beside a box so that it overlaps the taken rectangles least.

    `first` are upper left corners to try before the corners next to the box.
    """
    # Plain numbers: this runs at each paint, with 20 corners and as many rectangles.
    edges = [(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in taken]
    best, least = QRectF(), float("inf")
    for corner in (*first, *_corners(size, beside)):
        tag = _moved_into(QRectF(corner, size), within)
        hidden = _overlap((tag.left(), tag.top(), tag.right(), tag.bottom()), edges)
        if hidden < least:  # the first of equally good corners
            best, least = tag, hidden
        if not hidden:
            break
    return best


_Edges = tuple[float, float, float, float]  # left, top, right, bottom


def _overlap(tag: _Edges, taken: Sequence[_Edges]) -> float:
    """The area of a tag that is in rectangles; where several overlap, it counts as often."""
    own_left, own_top, own_right, own_bottom = tag
    total = 0.0
    for left, top, right, bottom in taken:
        if left < own_right and right > own_left and top < own_bottom and bottom > own_top:
            across = min(right, own_right) - max(left, own_left)
            total += across * (min(bottom, own_bottom) - max(top, own_top))
    return total


def _around(place: PartPlace, size: QSizeF, box: QRectF, ink: Ink) -> Iterator[QPointF]:
    """The corners around an array, aligned with a box in it: beneath its colour bar first."""
    whole = place.rect
    across = [box.center().x() - size.width() / 2, box.right() - size.width(), box.left(),
              whole.left(), whole.right() - size.width()]  # fmt: skip
    if whole.bottom() - place.cells.bottom() >= (FOOT - 1) * ink.scale:
        for x in across:
            yield QPointF(x, whole.bottom() - (TAGS - 2) * ink.scale)
    for x in (whole.right() + APART, whole.left() - APART - size.width()):
        yield QPointF(x, box.center().y() - size.height() / 2)
    for y in (whole.bottom() + APART, whole.top() - APART - size.height()):
        for x in across:
            yield QPointF(x, y)


def _corners(size: QSizeF, beside: QRectF) -> Iterator[QPointF]:
    """The upper left corners to try, best first: right, left, below, above; middles, then ends."""
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


def _words(place: PartPlace, ink: Ink) -> Iterator[QRectF]:
    """The rectangles with text in a place: a sign, or the surroundings of an array's cells."""
    if isinstance(place.part, Sign):
        side = SIGN_SIDE * ink.scale
        sign = QRectF(0, 0, min(side, place.rect.width()), min(side, place.rect.height()))
        sign.moveCenter(place.rect.center())
        yield sign
    elif isinstance(place.part, Block):
        whole, cells = place.rect, place.cells
        yield QRectF(whole.topLeft(), QPointF(whole.right(), cells.top()))
        foot = QPointF(whole.right(), whole.bottom() - TAGS * ink.scale)
        if foot.y() > cells.bottom():
            yield QRectF(QPointF(whole.left(), cells.bottom()), foot)
        yield QRectF(QPointF(whole.left(), cells.top()), cells.bottomLeft())
        yield QRectF(cells.topRight(), QPointF(whole.right(), cells.bottom()))
    else:
        yield place.rect
