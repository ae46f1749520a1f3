"""Places a widget over the panels: below the toolbar, but on no panel's title."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QWidget

MARGIN = 8
Kept = Callable[[], Iterable[QRect]]


def place_over_panels(widget: QWidget, above: QWidget, kept: Iterable[QRect]) -> None:
    """Centre a widget below `above`, at the first place that covers none of the `kept` rectangles.

    Coordinates are the parent's. Without a free place the widget goes directly under `above`.
    """
    parent = widget.parentWidget()
    if parent is None:  # a top-level window has no panels below it
        return
    middle = above.mapTo(parent, QPoint(above.width() // 2, 0)).x()
    left = max(min(middle - widget.width() // 2, parent.width() - widget.width() - MARGIN), MARGIN)
    top = above.mapTo(parent, QPoint(0, above.height())).y() + MARGIN
    widget.move(left, _free(QRect(QPoint(left, top), widget.size()), kept, parent.height()))
    widget.raise_()


def _free(place: QRect, kept: Iterable[QRect], end: int) -> int:
    """The top of the first free place from `place` downwards, or else of `place` itself."""
    top, kept = place.top(), list(kept)
    while place.bottom() < end:
        met = [one.bottom() for one in kept if one.intersects(place)]
        if not met:
            return place.top()
        place.moveTop(max(met) + 1 + MARGIN // 2)
    return top
