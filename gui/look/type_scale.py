"""The one scale of the window's type, and of all that holds type: boxes, rows, buttons, margins.

Every size is named by the pixels that it has at a factor of 1: 11 for labels, 12 for titles and
tables, 13 for text and code, 14, 15 and 28 for what is to be seen first. Fonts are asked of
`gui.look.theme` and `gui.paint.text`, which multiply; lengths are asked of `px`.
"""

from __future__ import annotations

SIZES = (11, 12, 13, 14, 15, 28)


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
