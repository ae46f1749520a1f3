"""The geometry of an equation's row of parts; it computes numbers only, the caller measures fonts.

Equal dimensions have equal lengths along each axis. Lengths are not linear: in true proportion, 50
beside 784 would be a thread. Up to `LINEAR` cells the length is proportional, beyond it grows as a
power.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from gui.look.type_scale import px
from gui.paint.cell_numbers import NUMBER_HEIGHT
from gui.views.equation.picture.parts import NUMERAL, Block, Curve, Part, Picture

LINEAR, POWER = 16, 0.42
CELL = (60.0, 30.0)  # the largest width and height of a cell
LEAST = (16.0, 14.0)
SIDE = 22.0  # margin at the left of a block, for its number of rows
HEAD = 40.0  # margin above: its name and its number of columns
BAR = 30.0  # margin below: the colour bar
TAGS = 24.0  # margin below the colour bar: the tags of marked cells
FOOT = BAR + TAGS
BARE = 8.0  # margin below where numbers have room only without colour bar and tags
GAP = 10.0
PIXEL = 7.0  # the largest pixel of a picture
LARGEST_NUMERAL = 2.0  # times the least size
LARGE = 196.0  # the width to which small pictures are enlarged


@dataclass(slots=True)
class PartPlace:
    """The rectangle of a part, and of its cells if it is a block."""

    part: Part
    rect: QRectF
    cells: QRectF


def weight(cells: int) -> float:
    """The length of `cells` cells in units of one cell."""
    return float(cells) if cells <= LINEAR else LINEAR * (cells / LINEAR) ** POWER


Measure = Callable[[Part], tuple[float, float]]
Widths = Mapping[int, float]


def arrange(
    picture: Picture,
    width: float,
    height: float,
    scale: float,
    measure: Measure,
    needed: Widths | None = None,
) -> list[PartPlace]:
    """Give each part a place within `width` × `height` pixels.

    Margins grow with the font's `scale`. `measure` gives the width and height of a part; for a
    block, the width of its name. `needed` has, by the block's id, the width of a cell that has room
    for its number; not of blocks with too many cells to be read.
    """
    if picture.below is not None:
        return _arrange_below(picture, width, height, scale, measure)
    return _arrange_row(picture.parts, width, height, scale, measure, needed or {})


def holds_numbers(places: Sequence[PartPlace], needed: Widths) -> bool:
    """Whether each cell with a needed width has that width, and the height of a number."""
    for place in places:
        if isinstance(place.part, Block) and id(place.part) in needed:
            rows, columns = place.part.shape
            width, height = place.cells.width() / columns, place.cells.height() / rows
            if width < needed[id(place.part)] or height < px(NUMBER_HEIGHT):
                return False
    return True


def _foot(blocks: Sequence[Block], height: float, scale: float, needed: Widths) -> float:
    """The margin beneath cells: that of a colour bar and tags, unless it would cost the numbers."""
    if not all(id(block) in needed for block in blocks if _is_matrix(block)):
        return FOOT
    rows = max((block.shape[0] for block in blocks if _is_matrix(block)), default=0)
    free = height - HEAD * scale - rows * px(NUMBER_HEIGHT)
    return BARE if BARE * scale <= free < FOOT * scale else FOOT


def _is_matrix(block: Block) -> bool:
    """Whether it is drawn as cells, neither as pictures nor as whole numbers."""
    return block.tile is None and block.numbers is None


def _floors(blocks: Sequence[Block], needed: Widths) -> dict[int, float]:
    """The least widths of blocks with numbers: of as many columns, all as wide as the widest."""
    wide: dict[int, float] = {}
    for block in blocks:
        columns = block.shape[1]
        wide[columns] = max(wide.get(columns, 0.0), columns * needed.get(id(block), 0.0))
    return {id(block): wide[block.shape[1]] for block in blocks if id(block) in needed}


def _arrange_row(
    parts: Sequence[Part],
    width: float,
    height: float,
    scale: float,
    measure: Measure,
    needed: Widths,
) -> list[PartPlace]:
    blocks = [part for part in parts if isinstance(part, Block)]
    curves = sum(isinstance(part, Curve) for part in parts)
    sizes = {id(part): measure(part) for part in parts}
    rest = sum(
        sizes[id(part)][0] for part in parts if not isinstance(part, (Block, Curve))
    ) + GAP * scale * (len(parts) - 1)
    room = width - rest - SIDE * scale * len(blocks)
    curve = min(max(0.30 * width, 150.0), 420.0) if curves else 0.0
    room -= curve * curves
    foot, floors = _foot(blocks, height, scale, needed), _floors(blocks, needed)
    tall = height - (HEAD + foot) * scale
    lengths = _lengths(blocks, max(room, 20.0), max(tall, 20.0), floors)
    for _ in range(2):  # a name wider than its cells takes room from the other parts
        names = sum(_beyond(sizes[id(block)][0], lengths[id(block)][0], scale) for block in blocks)
        if names <= 0:
            break
        lengths = _lengths(blocks, max(room - names, 20.0), max(tall, 20.0), floors)
    places = []
    x = 0.0
    for part in parts:
        w, h = sizes[id(part)]
        if isinstance(part, Block):
            cell_w, cell_h = lengths[id(part)]
            full = cell_w + SIDE * scale + _beyond(w, cell_w, scale)
            rect = QRectF(x, 0, full, cell_h + (HEAD + foot) * scale)
            left = x + SIDE * scale + max(0.0, (full - SIDE * scale - cell_w) / 2)
            places.append(PartPlace(part, rect, QRectF(left, HEAD * scale, cell_w, cell_h)))
            x += full
        elif isinstance(part, Curve):
            rect = QRectF(x, 0, curve, min(height, 0.75 * curve + 40))
            places.append(PartPlace(part, rect, rect))
            x += curve
        else:
            rect = QRectF(x, 0, w, h)
            places.append(PartPlace(part, rect, rect))
            x += w
        x += GAP * scale
    used = x - GAP * scale
    _shrink(places, used, width)
    used = min(used, width)
    _centre(places, (width - used) / 2, height, scale, foot)
    return places


def _beyond(name: float, cells: float, scale: float) -> float:
    """The width of a name beyond its block; a very long name is cut."""
    return min(max(name - cells - SIDE * scale, 0.0), 60 * scale)


def _shrink(places: list[PartPlace], used: float, width: float) -> None:
    """Squeeze all parts if even their least sizes are too wide."""
    if used <= width:
        return
    share = max(width, 1.0) / used
    for place in places:
        for rect in (place.rect,) if place.cells is place.rect else (place.rect, place.cells):
            rect.setRect(rect.x() * share, rect.y(), rect.width() * share, rect.height())


def _centre(places: list[PartPlace], left: float, height: float, scale: float, foot: float) -> None:
    """Centre the row; signs and numbers align with the middle of the cells."""
    blocks = [place for place in places if isinstance(place.part, Block)]
    tallest = max((place.cells.height() for place in blocks), default=0.0)
    frame = (HEAD + foot) * scale
    top = max(0.0, (height - tallest - frame) / 2)
    middle = top + HEAD * scale + tallest / 2 if blocks else height / 2
    for place in places:
        if isinstance(place.part, Block):
            down = middle - place.cells.center().y()
            place.cells.translate(left, down)
            place.rect.translate(left, down)
        else:
            shift = middle - place.rect.height() / 2 - place.rect.y()
            room = height - place.rect.height()
            shift = min(max(shift, 0.0), max(room, 0.0))
            if place.cells is place.rect:
                place.rect.translate(left, shift)
            else:
                place.rect.translate(left, shift)
                place.cells.translate(left, shift)


def _lengths(
    blocks: Sequence[Block], room: float, tall: float, floors: Mapping[int, float]
) -> dict[int, tuple[float, float]]:
    """Width and height of the cells of each block; as wide as its floor if all have the room."""
    if not blocks:
        return {}

    def wide(block: Block, unit: float) -> float:
        return max(_width(block, unit, tall), floors.get(id(block), 0.0))

    if sum(wide(block, 0.0) for block in blocks) > room:
        floors = {}
    plain = [block for block in blocks if _is_matrix(block)]
    most = max((weight(block.shape[0]) for block in plain), default=1.0)
    down = tall / most
    low, high = 0.0, 2.2 * max(down, 4.0)
    for _ in range(24):
        middle = (low + high) / 2
        if sum(wide(block, middle) for block in blocks) <= room:
            low = middle
        else:
            high = middle
    found = {}
    for block in blocks:
        w = wide(block, low)
        if block.numbers is not None:
            h = block.shape[0] * NUMERAL[1] * _growth(block, tall)
        elif block.tile is not None:
            h = w * block.shape[0] / block.shape[1]
        else:
            h = max(min(weight(block.shape[0]) * down, block.shape[0] * px(CELL[1])), px(LEAST[1]))
        found[id(block)] = w, min(h, tall)
    return found


def _width(block: Block, unit: float, tall: float) -> float:
    rows, columns = block.shape
    if block.numbers is not None:
        digits = max(len(str(block.array.min())), len(str(block.array.max())))
        return columns * (digits * NUMERAL[0] + 6) * _growth(block, tall)
    if block.tile is not None:  # square pixels
        largest = min(max(px(PIXEL), px(LARGE) / block.tile[1]) * columns, tall * columns / rows)
        return max(min(unit * 45, largest), px(LEAST[0]))
    return max(min(weight(columns) * unit, columns * px(CELL[0])), px(LEAST[0]))


def _growth(block: Block, tall: float) -> float:
    """The factor by which numbers are enlarged to fill the room."""
    share = 0.5 * tall / (block.shape[0] * NUMERAL[1])
    return min(max(share, 1.0), LARGEST_NUMERAL)


def _arrange_below(
    picture: Picture, width: float, height: float, scale: float, measure: Measure
) -> list[PartPlace]:
    """Arrange a matrix that is reduced to a row: the row lies beneath, as wide as the matrix."""
    matrix, sign, row = picture.parts[0], picture.parts[1], picture.parts[2]
    if not isinstance(matrix, Block) or not isinstance(row, Block):
        return _arrange_row(picture.parts, width, height, scale, measure, {})
    arrows = 34.0 * scale
    tall = height - (HEAD + FOOT) * scale - arrows - 22 * scale
    row_height = min(max(0.12 * tall, px(LEAST[1])), px(CELL[1]))
    columns = max(matrix.shape[1], 1)
    aside = measure(row)[0] + 60 * scale
    w = min(width - 2 * SIDE * scale - aside, columns * px(CELL[0]), 5.2 * max(tall, 40.0))
    down = min(max(tall - row_height, 20.0), matrix.shape[0] * px(CELL[1]))
    left = max(SIDE * scale, (width - w) / 2)
    if left + w + aside > width:
        left = max(SIDE * scale, width - aside - w)
    cells = QRectF(left, HEAD * scale, w, down)
    total = HEAD * scale + down + arrows + row_height + FOOT * scale
    shift = max(0.0, (height - total) / 2)
    cells.translate(0, shift)
    under = QRectF(left, cells.bottom() + arrows, w, row_height)
    side = SIDE * scale
    places = [
        PartPlace(matrix, cells.adjusted(-side, -HEAD * scale, 0, 0), cells),
        PartPlace(sign, between := QRectF(left, cells.bottom(), w, arrows), between),
        PartPlace(row, under.adjusted(-side, 0, 0, FOOT * scale), under),
    ]
    return places
