"""Places a widget over the panels: below the toolbar, but on no panel's title."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

MARGIN = 8
Kept = Callable[[], Sequence[Sequence[QRect]]]  # the first that leaves a place is kept clear


def place_over_panels(widget: QWidget, above: QWidget, kept: Sequence[Sequence[QRect]]) -> None:
    """Centre a widget below `above`, at the first place that covers none of the `kept` rectangles.

    Several lists are tried in turn. Coordinates are the parent's. Without a free place the widget
    goes directly under `above`.
    """
    parent = widget.parentWidget()
    if parent is None:  # a top-level window has no panels below it
        return
    middle = above.mapTo(parent, QPoint(above.width() // 2, 0)).x()
    left = max(min(middle - widget.width() // 2, parent.width() - widget.width() - MARGIN), MARGIN)
    top = above.mapTo(parent, QPoint(0, above.height())).y() + MARGIN
    place = QRect(QPoint(left, top), widget.size())
    found = (_free(place, rects, parent.height()) for rects in kept)
    widget.move(left, next((one for one in found if one is not None), top))
    widget.raise_()


def _free(place: QRect, kept: Sequence[QRect], end: int) -> int | None:
    """The top of the first free place from `place` downwards; None if there is none."""
    place = QRect(place)
    while place.bottom() < end:
        met = [one.bottom() for one in kept if one.intersects(place)]
        if not met:
            return place.top()
        place.moveTop(max(met) + 1 + MARGIN // 2)
    return None
