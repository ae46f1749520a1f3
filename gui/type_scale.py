"""The one scale of the window's type, and of all that holds type: boxes, rows, buttons, margins.

Every size is named by the pixels that it has at a factor of 1: 11 for labels, 12 for titles and
tables, 13 for text and code, 14, 15 and 28 for what is to be seen first. Fonts are asked of
`gui.theme` and `gui.parts.rows`, which multiply; lengths are asked of `px`.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QAbstractButton, QWidget

SIZES = (11, 12, 13, 14, 15, 28)
NO_LIMIT = 16_777_215  # Qt's QWIDGETSIZE_MAX


class TypeScale:
    """How much larger than at first all is written; one for the process, as its font is."""

    def __init__(self) -> None:
        self.factor = 1.0

    def pixels(self, size: float) -> int:
        """A size, or a length, as it is on the screen."""
        return round(size * self.factor)


SCALE = TypeScale()


def px(length: float) -> int:
    """A length that follows the type, in pixels of the screen."""
    return SCALE.pixels(length)


def scaled_lengths(sheet: str) -> str:
    """A style sheet whose lengths follow the type; lines of one or two pixels stay."""
    return re.sub(r"\b(\d+)px", lambda found: f"{_length(int(found[1]))}px", sheet)


def _length(pixels: int) -> int:
    return px(pixels) if pixels > 2 else pixels


def refit(root: QWidget, before: float, now: float) -> None:
    """Take the fonts and the fixed sizes of all widgets below `root` from one factor to another.

    A size on the screen tells which it was, since a factor is never below 1: rounding maps no two
    sizes to one.
    """
    fonts = {round(size * before): round(size * now) for size in SIZES}

    def length(pixels: int) -> int:
        return round(round(pixels / before) * now) if 2 < pixels < NO_LIMIT else pixels

    for widget in (root, *root.findChildren(QWidget)):
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont):
            font = widget.font()
            if font.pixelSize() in fonts:
                font.setPixelSize(fonts[font.pixelSize()])
                widget.setFont(font)
        if widget.minimumHeight() == widget.maximumHeight():
            widget.setFixedHeight(length(widget.minimumHeight()))
        if widget.minimumWidth() == widget.maximumWidth():
            widget.setFixedWidth(length(widget.minimumWidth()))
        if isinstance(widget, QAbstractButton):
            side = length(widget.iconSize().width())
            widget.setIconSize(QSize(side, side))
