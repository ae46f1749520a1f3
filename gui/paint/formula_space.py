"""Spaces the symbols of a formula apart, and shortens it: changes of its MathML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

Element = ElementTree.Element
ROWS = ("math", "mrow", "mstyle", "mpadded")  # whose children stand beside each other
ELLIPSIS = "…"
FENCES = ("(", ")", "[", "]", "{", "}", "|", "‖")
SLOT = "slot-"  # the id of a slot that had none begins so


@dataclass(slots=True)
class LabelSlots:
    """Where labels go.

    Attributes:
        beneath: the ids of symbols with a label under them.
        beside: the ids of symbols in a fraction, with a label at its right.
        slot_ids: the id of the fraction, by the symbol's.
    """

    beneath: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    slot_ids: dict[str, str] = field(default_factory=dict)


def label_slots(root: Element, ids: Sequence[str]) -> LabelSlots:
    """Decide where the labels of symbols go; some have no place.

    A symbol's slot is the element that stands in the formula's line: the symbol itself, or the
    power or fraction that it is in. A fraction has room for a label beside each of its halves; any
    other slot for one beneath, its first.
    """
    found, taken = LabelSlots(), set[Element]()
    parents = parents_in(root)
    by_id = {element.get("id", ""): element for element in root.iter()}
    for id in ids:
        element = by_id.get(id)
        if element is None:
            continue
        slot, half = _slot(element, parents)
        if slot.tag == "mfrac":
            if half is None or half in taken:
                continue
            taken.add(half)
            if not slot.get("id"):
                slot.set("id", f"{SLOT}{id}")
            found.beside.append(id)
            found.slot_ids[id] = slot.get("id", "")
        elif slot not in taken:
            taken.add(slot)
            found.beneath.append(id)
    return found


def parents_in(root: Element) -> dict[Element, Element]:
    """The parent of each element."""
    return {child: parent for parent in root.iter() for child in parent}


def _slot(element: Element, parents: Mapping[Element, Element]) -> tuple[Element, Element | None]:
    """The element's slot, and the slot's child that has the element."""
    slot, below, inside = element, element, None
    while (parent := parents.get(below)) is not None:
        if parent.tag not in ROWS:
            slot, inside = parent, below
        below = parent
    return slot, inside


def in_line(root: Element, id: str) -> bool:
    """Whether an element stands in the formula's line, not in a fraction, an index or the like."""
    parents = parents_in(root)
    element = next((found for found in root.iter() if found.get("id") == id), root)
    return _slot(element, parents)[1] is None


def space_out(
    root: Element,
    before: Mapping[str, float],
    behind: Mapping[str, float],
    boxed: Sequence[str],
    pad: float,
) -> None:
    """Put spaces into a formula, in pixels.

    Args:
        root: is changed.
        before: the space before the slots of symbols with these ids.
        behind: the space behind them.
        boxed: the ids of the elements that get one box.
        pad: the room of the box at both sides.
    """
    parents = parents_in(root)
    by_id = {element.get("id", ""): element for element in root.iter() if element.get("id")}
    for id, width in before.items():
        slot, _ = _slot(by_id[id], parents)
        # Outside of a row that begins with it: else the box of that row would begin with a gap.
        while (row := parents.get(slot)) is not None and row[0] is slot and row in parents:
            slot = row
        _insert(parents.get(slot), slot, width, 0)
    spaced = dict[Element, float]()
    for id, width in behind.items():
        slot, _ = _slot(by_id[id], parents)
        spaced[slot] = max(spaced.get(slot, 0.0), width)
    for slot, width in spaced.items():
        _insert(parents.get(slot), slot, width, 1)
    found = [by_id[id] for id in boxed if id in by_id]
    if found and (row := parents.get(found[0])) is not None and row.tag in ROWS:
        _insert(row, found[0], pad, 0)
        _insert(row, found[-1], pad, 1)


def _insert(row: Element | None, beside: Element, width: float, offset: int) -> None:
    if row is not None:
        space = ElementTree.Element("mspace", {"width": f"{width:.2f}px"})
        row.insert(list(row).index(beside) + offset, space)


def elide(root: Element, kept: Collection[str], share: float) -> bool:
    """Replace parts by an ellipsis, but not those with the ids `kept`, while there are others.

    Args:
        root: is changed.
        kept: ids of elements.
        share: about how much of the width is to go.

    Returns whether anything was left to go.
    """
    row = root
    while True:
        parts = [part for part in row if part.text != ELLIPSIS or part.tag != "mtext"]
        if len(parts) > 1:
            break
        if not parts or parts[0].tag not in ROWS:
            return False
        row = parts[0]
    guarded = [n for n, part in enumerate(parts) if _has(part, kept)]
    first, last = (guarded[0], guarded[-1]) if guarded else (0, 0)
    if last - first + 1 == len(parts):  # all of it runs
        first = last = 0
    gone = max(1, int(len(parts) * share * 0.7))
    at_end = last < len(parts) - 1
    rest = parts[max(last + 1, len(parts) - gone) :] if at_end else parts[: min(gone, first)]
    marked = row[-1 if at_end else 0]
    for part in rest:
        row.remove(part)
    if marked in rest or marked.text != ELLIPSIS:
        mark = ElementTree.Element("mtext")
        mark.text = ELLIPSIS
        row.insert(len(row) if at_end else 0, mark)
    return True


def _has(element: Element, ids: Collection[str]) -> bool:
    return any(part.get("id") in ids for part in element.iter())


def flatten(root: Element) -> dict[str, list[str]]:
    """Put the parts of rows into the rows around them, and return the groups that this dissolves.

    ziamath lays out the parts of each row twice, so that its time doubles with each row in a row.
    A row with a fence that grows stays: it grows as high as its row.

    Returns the ids of the parts of each row that had an id, by that id.
    """
    groups = dict[str, list[str]]()
    for child in root:
        groups |= flatten(child)
    if root.tag not in ("math", "mrow"):
        return groups
    parts = list[Element]()
    for child in root:
        if child.tag != "mrow" or not len(child) or any(map(_grows, child)):
            parts.append(child)
            continue
        _keep_forms(child)
        if child.get("id"):
            groups[child.get("id", "")] = ids = []
            for number, part in enumerate(child):
                part.set("id", part.get("id") or f"{child.get('id')}-{number}")
                ids.append(part.get("id", ""))
        parts += child
    root[:] = parts
    return groups


def _grows(element: Element) -> bool:
    return (
        element.tag == "mo"
        and (element.text or "").strip() in FENCES
        and element.get("stretchy") != "false"
    )


def _keep_forms(row: Element) -> None:
    """Name the forms of operators, which follow from their places in the row."""
    for number, part in enumerate(row):
        if part.tag == "mo" and len(row) > 1:
            form = "prefix" if number == 0 else "postfix" if number == len(row) - 1 else "infix"
            part.set("form", part.get("form", form))
