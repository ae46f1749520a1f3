"""A sentence with code and links in it, as rich text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from gui.look.theme import code_font
from gui.look.type_scale import px

CODE_LESS = 1  # code in prose is so many pixels smaller: its letters are larger than the prose's
_SHAPE = re.compile(r"\(\d[\d, ]*\)")
_INDEX = re.compile(r"\[[^\[\]]*\]")
_SPACE = "\N{NO-BREAK SPACE}"


class Link(NamedTuple):
    """A part of a sentence that is a link; a `new` one has a dotted line under it."""

    start: int
    end: int
    name: str
    new: bool = False


def code_html(sentence: str, pixels: int, links: Sequence[Link] = (), colour: str = "") -> str:
    """A sentence with what stands between backticks in the code font; no shape or index is broken.

    Args:
        sentence: plain text.
        pixels: of the code, at a type scale of 1.
        links: in their order; none is within code.
        colour: of the links.
    """
    families = ", ".join(f"'{family}'" for family in code_font().families())
    style = f"font-family:{families}; font-size:{px(pixels)}px"
    unbroken = _SHAPE.sub(_joined, sentence)
    html, at = [], 0
    for number, piece in enumerate(unbroken.split("`")):
        if number % 2:
            html.append(f'<span style="{style}">{escape(_INDEX.sub(_joined, piece))}</span>')
        else:
            html.append(_linked(piece, at, links, colour))
        at += len(piece) + 1
    return "".join(html)


def _linked(piece: str, at: int, links: Sequence[Link], colour: str) -> str:
    """A piece of prose that begins at a place of its sentence, with the links in it."""
    html, done = "", 0
    for link in links:
        start, end = link.start - at, link.end - at
        if start < done or end > len(piece):
            continue
        href = f"{'new' if link.new else 'term'}:{escape(link.name)}"
        html += escape(piece[done:start])
        html += f'<a href="{href}" style="color:{colour}; text-decoration:none">'
        html += f"{escape(piece[start:end])}</a>"
        done = end
    return html + escape(piece[done:])


def _joined(found: re.Match[str]) -> str:
    return found[0].replace(" ", _SPACE)


def plain(sentence: str) -> str:
    """A sentence without the marks of the code."""
    return sentence.replace("`", "")
