"""A sentence with code in it, as rich text."""

from __future__ import annotations

import re
from html import escape

from gui.look.theme import code_font
from gui.look.type_scale import px

_SHAPE = re.compile(r"\(\d[\d, ]*\)")
_INDEX = re.compile(r"\[[^\[\]]*\]")
_SPACE = "\N{NO-BREAK SPACE}"


def code_html(sentence: str, pixels: int) -> str:
    """A sentence with what stands between backticks in the code font; no shape or index is broken.

    `pixels`: of the code, one of the scale's sizes.
    """
    families = ", ".join(f"'{family}'" for family in code_font().families())
    style = f"font-family:{families}; font-size:{px(pixels)}px"
    unbroken = _SHAPE.sub(_joined, sentence)
    return "".join(
        f'<span style="{style}">{escape(_INDEX.sub(_joined, piece))}</span>'
        if i % 2
        else escape(piece)
        for i, piece in enumerate(unbroken.split("`"))
    )


def _joined(found: re.Match[str]) -> str:
    return found[0].replace(" ", _SPACE)


def plain(sentence: str) -> str:
    """A sentence without the marks of the code."""
    return sentence.replace("`", "")
