"""Typesets a formula: MathML to SVG, with the place of each element that has an id.

It takes about 10 ms, and the first one 0.2 s more: not for the window's thread (see `typesetter`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast
from xml.etree import ElementTree

from gui.paint.formula_space import elide, flatten, in_line, label_slots, space_out

Element = ElementTree.Element
MARGIN = 1.0  # pixels around the glyphs
ASCENT, DESCENT = 0.72, 0.22  # of letters, as shares of the size of type


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; y grows downwards."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    def grown(self, x: float, y: float) -> Box:
        """With a margin."""
        return Box(self.left - x, self.top - y, self.width + 2 * x, self.height + 2 * y)

    def moved(self, x: float, y: float, scale: float) -> Box:
        """Moved, then scaled about the origin."""
        return Box(
            (self.left + x) * scale, (self.top + y) * scale,
            self.width * scale, self.height * scale,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Label:
    """What stands under a symbol.

    Attributes:
        id: of the symbol.
        width: in pixels.
        needed: whether it is kept where others have no room.
    """

    id: str
    width: float
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A formula to typeset, and the room for it. All lengths in pixels.

    Attributes:
        mathml: a `<math>` element.
        size, readable, least: of the type: at most, at least with all labels, and at least.
        width, height: of the room.
        colour: of the type, `#rrggbb`.
        boxed: the id of the element that gets a frame.
        pad: from its glyphs to its frame, across and upright.
        labels: beneath the symbols.
        line: the height of a label.
    """

    mathml: str
    size: float
    readable: float
    least: float
    width: float
    height: float
    colour: str
    boxed: str = ""
    pad: tuple[float, float] = (0.0, 0.0)
    labels: tuple[Label, ...] = ()
    line: float = 0.0


@dataclass(frozen=True, slots=True)
class Typeset:
    """A typeset formula; its places are in pixels from its left upper corner.

    Attributes:
        svg: the glyphs, which fill `ink`.
        ink: the place of the glyphs.
        boxes: of the elements with an id.
        labels: the places of the labels that have room, by the symbol's id.
        frame: around the element that is boxed, or None.
        width, height: of all.
        elided: whether parts have given way to an ellipsis.
    """

    svg: bytes
    ink: Box
    boxes: Mapping[str, Box]
    labels: Mapping[str, Box]
    frame: Box | None
    width: float
    height: float
    elided: bool = False


class _BBox(Protocol):
    xmin: float
    xmax: float
    ymin: float
    ymax: float


class _Node(Protocol):
    """What is used of ziamath's nodes, which have no complete types."""

    element: Element
    nodes: list[_Node]
    nodexy: list[tuple[float, float]]
    bbox: _BBox


def typeset(sheet: Sheet) -> Typeset:
    """Typeset a formula as large as its room allows.

    It gets smaller first; then labels that are not needed go, and then parts that do not run. What
    is still too large is scaled down: nothing is cut. Whatever ziamath or the XML parser raises is
    passed on.
    """
    formula = _parsed(sheet)
    needed = tuple(label for label in sheet.labels if label.needed)
    found = _fitted(formula, sheet.labels, sheet, sheet.readable, give_up=True)
    if not _fits(found, sheet):
        found = _fitted(formula, needed, sheet, sheet.least)
    elided = False
    while found.width > sheet.width and elide(
        formula.root, formula.boxed(sheet), 1 - sheet.width / found.width
    ):
        elided = True
        found = _attempt(formula, needed, sheet.least, sheet)
    return _scaled(found, min(1.0, sheet.width / found.width, sheet.height / found.height), elided)


def _fits(found: Typeset, sheet: Sheet) -> bool:
    return found.width <= sheet.width and found.height <= sheet.height


def _fitted(
    formula: _Formula, labels: tuple[Label, ...], sheet: Sheet, least: float, give_up: bool = False
) -> Typeset:
    """The formula in the largest size of type in which it fits, or in the least.

    With `give_up`, one that is much too large is returned as it is: each size takes its time.
    """
    size = sheet.size
    while True:
        found = _attempt(formula, labels, size, sheet)
        if _fits(found, sheet) or size <= least:
            return found
        # Pads and labels stay as large as they are.
        across, upright = 2 * sheet.pad[0], 2 * sheet.pad[1] + 2 + (sheet.line + 1) * bool(labels)
        share = min(
            (sheet.width - across) / max(found.width - across, 1),
            (sheet.height - upright) / max(found.height - upright, 1),
        )
        if give_up and size * share < 0.9 * least:
            return found
        size = max(least, min(size - 1, size * share))


@dataclass(frozen=True, slots=True)
class _Formula:
    """MathML whose rows are dissolved, and the ids of the parts of each row, by its id."""

    root: Element
    groups: Mapping[str, list[str]]

    def boxed(self, sheet: Sheet) -> list[str]:
        """The ids of the parts that get the box."""
        return self.groups.get(sheet.boxed, [sheet.boxed])


def _parsed(sheet: Sheet) -> _Formula:
    root = ElementTree.fromstring(sheet.mathml)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    root.set("mathcolor", sheet.colour)
    return _Formula(root, flatten(root))


def _attempt(formula: _Formula, labels: tuple[Label, ...], size: float, sheet: Sheet) -> Typeset:
    """The formula in one size of type, spaced out as its labels need."""
    slots = label_slots(formula.root, [label.id for label in labels])
    widths = {label.id: label.width for label in labels}

    def drawn_with(before: Mapping[str, float], behind: Mapping[str, float]) -> _Drawn:
        spaced = deepcopy(formula.root)
        space_out(spaced, before, behind, formula.boxed(sheet), sheet.pad[0] + 2)
        return _draw(_Formula(spaced, formula.groups), size, sheet)

    drawn = drawn_with({}, {})
    more = _shifts(_beneath(drawn, slots.beneath, widths, sheet), sheet.line * 0.8)
    room = sheet.line * 0.5 + sheet.pad[0]
    beside = {id: widths[id] + room for id in slots.beside}
    if more or beside:
        drawn = drawn_with(more, beside)
    places = _beneath(drawn, slots.beneath, widths, sheet)
    for id in slots.beside:
        own, slot = drawn.boxes.get(id), drawn.boxes.get(slots.slot_ids[id])
        if own is not None and slot is not None:
            left = slot.right + room - sheet.line * 0.2
            top = own.top + (own.height - sheet.line) / 2
            places[id] = Box(left, top, widths[id], sheet.line)
    return _whole(drawn, places)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Glyphs, and their places as in the SVG."""

    svg: bytes
    ink: Box
    boxes: Mapping[str, Box]
    glyphs: tuple[Box, ...]
    frame: Box | None


def _beneath(
    drawn: _Drawn, ids: list[str], widths: Mapping[str, float], sheet: Sheet
) -> dict[str, Box]:
    """A line of labels, each under the middle of its symbol.

    The line is beneath all that is above any of the labels, but not beneath taller parts elsewhere.
    """
    solid = list(drawn.glyphs)
    if drawn.frame is not None:
        solid.append(drawn.frame)
    lefts = {
        id: box.left + (box.width - widths[id]) / 2
        for id in ids
        if (box := drawn.boxes.get(id)) is not None
    }
    bottoms = [
        part.bottom
        for id, left in lefts.items()
        for part in solid
        if part.left < left + widths[id] and part.right > left
    ]
    top = max(bottoms, default=drawn.ink.bottom) + 1
    return {id: Box(left, top, widths[id], sheet.line) for id, left in lefts.items()}


def _shifts(places: Mapping[str, Box], gap: float) -> dict[str, float]:
    """How far symbols must move to the right, with all that follows, so that labels are apart."""
    found, end, total = {}, float("-inf"), 0.0
    # In the order of the symbols: a wide label may begin before one of an earlier symbol.
    for id, place in sorted(places.items(), key=lambda item: item[1].left + item[1].width / 2):
        shift = end + gap - place.left - total
        if shift > 0:
            found[id] = shift
            total += shift
        end = max(end, place.right + total)
    return found


def _whole(drawn: _Drawn, labels: Mapping[str, Box]) -> Typeset:
    """All parts, counted from the left upper corner of them all."""
    parts = [drawn.ink, *labels.values()]
    if drawn.frame is not None:
        parts.append(drawn.frame.grown(1, 1))
    left, top = min(part.left for part in parts), min(part.top for part in parts)

    def moved(boxes: Mapping[str, Box]) -> dict[str, Box]:
        return {id: box.moved(-left, -top, 1.0) for id, box in boxes.items()}

    return Typeset(
        drawn.svg,
        drawn.ink.moved(-left, -top, 1.0),
        moved(drawn.boxes),
        moved(labels),
        None if drawn.frame is None else drawn.frame.moved(-left, -top, 1.0),
        max(part.right for part in parts) - left,
        max(part.bottom for part in parts) - top,
    )


def _scaled(found: Typeset, scale: float, elided: bool) -> Typeset:
    def scaled(boxes: Mapping[str, Box]) -> dict[str, Box]:
        return {id: box.moved(0, 0, scale) for id, box in boxes.items()}

    return Typeset(
        found.svg,
        found.ink.moved(0, 0, scale),
        scaled(found.boxes),
        scaled(found.labels),
        None if found.frame is None else found.frame.moved(0, 0, scale),
        found.width * scale,
        found.height * scale,
        elided,
    )


def _draw(formula: _Formula, size: float, sheet: Sheet) -> _Drawn:
    node, svg = _ziamath(ElementTree.tostring(formula.root, encoding="unicode"), size)
    outer = ElementTree.fromstring(svg)
    left, top, width, height = (float(part) for part in outer.get("viewBox", "").split())
    boxes = dict[str, Box]()
    glyphs = []
    for id, box, is_glyph in _boxes(node, 0.0, 0.0):
        if id:
            boxes[id] = box
        if is_glyph:
            glyphs.append(box)
    for id, parts in formula.groups.items():
        if found := [boxes[part] for part in parts if part in boxes]:
            boxes[id] = _around(found)
    ink = Box(left, top, width, height)
    frame = _frame(formula, boxes, size, sheet)
    return _Drawn(svg.encode(), ink, boxes, tuple(glyphs), frame)


def _frame(formula: _Formula, boxes: Mapping[str, Box], size: float, sheet: Sheet) -> Box | None:
    """The frame of the boxed element: at least as high as a letter, unless it is an index or so."""
    box = boxes.get(sheet.boxed)
    if box is None:
        return None
    if not in_line(formula.root, formula.boxed(sheet)[0]):
        return box.grown(2, 1)  # its neighbours are close
    top, bottom = min(box.top, -ASCENT * size), max(box.bottom, DESCENT * size)
    return Box(box.left, top, box.width, bottom - top).grown(*sheet.pad)


def _around(boxes: list[Box]) -> Box:
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)


def _boxes(node: _Node, x: float, y: float) -> Iterator[tuple[str, Box, bool]]:
    """The id, the place, and whether it is a glyph, of a node and of those in it."""
    element, box = getattr(node, "element", None), node.bbox  # its y grows upwards
    children, places = getattr(node, "nodes", []), getattr(node, "nodexy", [])
    place = Box(x + box.xmin, y - box.ymax, box.xmax - box.xmin, box.ymax - box.ymin)
    yield "" if element is None else element.get("id", ""), place, not children
    for child, (right, down) in zip(children, places, strict=False):
        yield from _boxes(child, x + right, y + down)


def _ziamath(mathml: str, size: float) -> tuple[_Node, str]:
    math = _library()(mathml, size=size, margin=MARGIN)
    svg = math.svg()  # the nodes have their places only once they are drawn
    return math.node, svg


class _Math(Protocol):
    node: _Node

    def svg(self) -> str: ...


class _MakeMath(Protocol):
    def __call__(self, mathml: str, size: float, margin: float) -> _Math: ...


@cache
def _library() -> _MakeMath:
    # Imported late: it takes 0.2 s, and only the thread aside needs it.
    from ziamath.config import config
    from ziamath.zmath import Math

    config.svg2 = False  # Qt's SVG does not know the symbols of SVG 2
    return cast(_MakeMath, Math)
