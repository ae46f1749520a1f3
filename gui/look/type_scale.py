"""The type scale: the factor of all fonts and of the lengths around text, such as rows and margins.

Sizes are given in pixels at a factor of 1: 11 for labels, 12 for titles and tables, 13 for text and
code, and 14, 15 and 28 for what should be noticed first. The fonts of `gui.look.theme` and
`gui.paint.text` are scaled; `px` scales lengths.
"""

from __future__ import annotations

SIZES = (11, 12, 13, 14, 15, 28)


class TypeScale:
    """The factor of all type; there is one for the process, like its font."""

    def __init__(self) -> None:
        self.factor = 1.0

    def pixels(self, size: float) -> int:
        """A size or a length in pixels of the screen."""
        return round(size * self.factor)


SCALE = TypeScale()


def px(length: float) -> int:
    """A length that follows the type scale, in pixels of the screen."""
    return SCALE.pixels(length)
