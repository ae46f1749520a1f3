"""Pieces of MathML: an expression's element, how tightly it binds, and how much room it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from html import escape

from gui.words.formula.formula import RUNNING


class Rank(IntEnum):
    """How tightly the parts of a piece hold together; a looser one stands between parentheses."""

    LIST = 0
    CHOICE = 2  # a if c else b
    OR = 4
    AND = 6
    NOT = 8
    COMPARISON = 10
    BITS = 12
    SUM = 20
    NEGATIVE = 22
    PREFIX = 24  # Σ x, log x
    PRODUCT = 26
    POWER = 28
    FRACTION = 29
    ATOM = 30


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a formula.

    Attributes:
        xml: one MathML element.
        rank: how tightly it binds.
        lines: its height: 2 for a fraction, or for a sign with an index beneath.
        width: about that many letters.
        symbol: the number of its symbol, if it is one; else -1.
    """

    xml: str
    rank: Rank = Rank.ATOM
    lines: int = 1
    width: int = 1
    symbol: int = -1


_SPACED = 'lspace="0.28em" rspace="0.28em"'
_TIGHT = 'lspace="0em" rspace="0em"'
THIN = '<mspace width="0.17em"/>'
BESIDE = '<mspace width="0.32em"/>'  # between the factors of a matrix product


def _id(id: str) -> str:
    return f' id="{escape(id)}"' if id else ""


def identifier(text: str, id: str = "") -> Piece:
    """A name, in italics as one word."""
    return Piece(f'<mi mathvariant="italic"{_id(id)}>{escape(text)}</mi>', width=len(text))


def upright(text: str) -> Piece:
    """The name of a function, or another name that stands upright."""
    return Piece(f'<mi mathvariant="normal">{escape(text)}</mi>', width=len(text))


def words(text: str, id: str = "") -> Piece:
    """Text: a place in words, or a piece of source that has no other form."""
    return Piece(f"<mtext{_id(id)}>{escape(text)}</mtext>", Rank.ATOM, width=len(text))


def numeral(text: str) -> Piece:
    """A number as it is written: `0.5`, `−80`."""
    if "e" in text:  # `1e−8`, whose e a font of mathematics would slant
        return words(text)
    return Piece(f"<mn>{escape(text)}</mn>", width=len(text))


def sign(text: str) -> str:
    """A sign between two parts, with room on both sides."""
    return f'<mo form="infix" {_SPACED}>{escape(text)}</mo>'


def tight(text: str) -> str:
    """A sign without room around it."""
    return f'<mo form="prefix" stretchy="false" {_TIGHT}>{escape(text)}</mo>'


def spoken(text: str) -> str:
    """A word between two parts: `and`, `if`."""
    return f"{BESIDE}<mtext>{escape(text)}</mtext>{BESIDE}"


COMMA = '<mo separator="true" lspace="0em" rspace="0.22em">,</mo>'


def row(parts: Sequence[str | Piece], rank: Rank) -> Piece:
    """Pieces and signs beside each other."""
    pieces = [part for part in parts if isinstance(part, Piece)]
    if len(parts) == len(pieces) == 1:
        return replace(pieces[0], rank=rank)
    xml = "".join(part.xml if isinstance(part, Piece) else part for part in parts)
    return Piece(
        f"<mrow>{xml}</mrow>",
        rank,
        max((piece.lines for piece in pieces), default=1),
        sum(piece.width for piece in pieces) + len(parts) - len(pieces),
    )


def fenced(piece: Piece, left: str = "(", right: str = ")") -> Piece:
    """A piece between parentheses, as high as it is."""
    stretchy = "true" if piece.lines > 1 else "false"
    ends = [
        f'<mo fence="true" form="{form}" stretchy="{stretchy}" {_TIGHT}>{escape(end)}</mo>'
        for form, end in (("prefix", left), ("postfix", right))
    ]
    whole = row([ends[0], piece, ends[1]], Rank.ATOM)
    return replace(whole, symbol=-1)


def call_of(head: Piece, arguments: Piece, id: str = "") -> Piece:
    """A function's name with its arguments between parentheses."""
    whole = row([head, fenced(arguments)], Rank.ATOM)
    return replace(whole, xml=f"<mrow{_id(id)}>{whole.xml}</mrow>") if id else whole


def at_least(piece: Piece, rank: Rank) -> Piece:
    """A piece between parentheses if it binds less tightly than is needed here."""
    return piece if piece.rank >= rank else fenced(piece)


def fraction(above: Piece, below: Piece) -> Piece:
    """A fraction."""
    return Piece(
        f"<mfrac>{above.xml}{below.xml}</mfrac>",
        Rank.FRACTION,
        above.lines + below.lines,
        max(above.width, below.width),
    )


def raised(base: Piece, exponent: Piece, id: str = "") -> Piece:
    """A base with an exponent."""
    xml = f"<msup{_id(id)}>{base.xml}{exponent.xml}</msup>"
    width = base.width + (exponent.width + 1) // 2
    return Piece(xml, Rank.POWER, max(base.lines, exponent.lines), width)


def indexed(base: Piece, index: Piece, id: str = "") -> Piece:
    """A base with an index."""
    xml = f"<msub{_id(id)}>{base.xml}{index.xml}</msub>"
    return Piece(xml, Rank.ATOM, base.lines, base.width + (index.width + 1) // 2)


def root(piece: Piece) -> Piece:
    """A square root."""
    xml = f"<msqrt><mrow>{piece.xml}</mrow></msqrt>"
    return Piece(xml, Rank.ATOM, piece.lines, piece.width + 1)


def over(big: str, index: Piece | None, body: Piece) -> Piece:
    """A sign or name such as Σ or max, the index that it runs over beneath it, and its body."""
    head = Piece(big) if index is None else Piece(f"<munder>{big}{index.xml}</munder>", lines=2)
    return row([head, body] if big.startswith("<mo") else [head, THIN, body], Rank.PREFIX)


def running(piece: Piece) -> Piece:
    """A piece as the part that runs now."""
    inner = piece.xml
    if inner.startswith("<mrow>"):
        return replace(piece, xml=f'<mrow id="{RUNNING}">{inner[len("<mrow>") :]}')
    return replace(piece, xml=f'<mrow id="{RUNNING}">{inner}</mrow>')
