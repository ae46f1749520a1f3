"""Makes room for a zoomed array: it grows into free space, and its neighbours shrink a little.

It computes numbers only: `arrange.py` gives the places, a grid the size that its array wants.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from PySide6.QtCore import QRectF

from gui.views.equation.arrange import FOOT, HEAD, SIDE, PartPlace
from gui.views.equation.picture.parts import Block, Curve

LEAST = 56.0  # pixels of width that a neighbour keeps, if it has as many
SHARE = 0.4  # the share of its width that a neighbour always keeps

Sizes = Mapping[int, tuple[float, float]]


def grow(
    places: Sequence[PartPlace],
    wanted: Sizes,
    width: float,
    height: float,
    scale: float,
    below: bool,
) -> None:
    """Enlarge the cells of zoomed blocks, within `width` × `height`.

    `wanted` has the size that the cells of each zoomed block want, by the block's id; with `below`
    the parts are stacked. All parts stay visible.
    """
    if not wanted:
        return
    if below:
        _grow_above(places[0], wanted, width, scale)
        return
    _grow_across(places, wanted, width)
    tall = height - (HEAD + FOOT) * scale
    for place in places:
        if id(place.part) in wanted:
            _grow_tall(place, min(wanted[id(place.part)][1], tall), scale)


def _grow_across(places: Sequence[PartPlace], wanted: Sizes, width: float) -> None:
    gaps = [right.rect.left() - left.rect.right() for left, right in pairwise(places)]
    free = max(width - sum(place.rect.width() for place in places) - sum(gaps), 0.0)
    missing = [_missing_width(place, wanted) for place in places]
    spare = [0.0 if id(place.part) in wanted else _spare_width(place) for place in places]
    granted = min(sum(missing), free + sum(spare))
    if granted <= 0:
        return
    taken = max(granted - free, 0.0)
    x = (min(place.rect.left() for place in places)) - min(granted, free) / 2
    for number, place in enumerate(places):
        more = granted * missing[number] / sum(missing)
        if spare[number]:
            more -= taken * spare[number] / sum(spare)
        _move(place, x)
        if more:
            _widen(place, more)
        x += place.rect.width() + (gaps[number] if number < len(gaps) else 0.0)


def _missing_width(place: PartPlace, wanted: Sizes) -> float:
    size = wanted.get(id(place.part))
    return max(size[0] - place.cells.width(), 0.0) if size is not None else 0.0


def _spare_width(place: PartPlace) -> float:
    """The pixels by which a part may become narrower."""
    if not isinstance(place.part, Block | Curve):
        return 0.0
    cells = place.cells.width()
    return cells - max(min(cells, LEAST), SHARE * cells)


def _move(place: PartPlace, x: float) -> None:
    shift = x - place.rect.left()
    place.rect.translate(shift, 0)
    if place.cells is not place.rect:
        place.cells.translate(shift, 0)


def _widen(place: PartPlace, more: float) -> None:
    """Make the cells wider or narrower; a picture that gets narrower gets lower, too."""
    cells, before = place.cells, place.cells.width()
    if cells is not place.rect:
        place.rect.setWidth(place.rect.width() + more)
    cells.setWidth(before + more)
    if isinstance(place.part, Block) and place.part.tile is not None and more < 0:
        middle = cells.center().y()
        cells.setHeight(cells.height() * cells.width() / before)
        cells.moveTop(middle - cells.height() / 2)


def _grow_tall(place: PartPlace, tall: float, scale: float) -> None:
    cells = place.cells
    if tall <= cells.height():
        return
    middle = cells.center().y()
    cells.setHeight(tall)
    cells.moveTop(middle - tall / 2)
    place.rect.setTop(cells.top() - HEAD * scale)
    place.rect.setBottom(cells.bottom() + FOOT * scale)


def _grow_above(place: PartPlace, wanted: Sizes, width: float, scale: float) -> None:
    """Grow the matrix above its reduced row to both sides."""
    size = wanted.get(id(place.part))
    if size is None or size[0] <= place.cells.width():
        return
    side = SIDE * scale
    more = min(size[0], width - side) - place.cells.width()
    if more <= 0:
        return
    left = min(max(place.cells.left() - more / 2, side), width - place.cells.width() - more)
    place.cells.setRect(left, place.cells.top(), place.cells.width() + more, place.cells.height())
    place.rect = QRectF(left - side, place.rect.top(), place.cells.width() + side,
                        place.rect.height())  # fmt: skip
