"""A line of text with pieces in bold and pieces of source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QPainter

from gui.look.theme import Theme
from gui.paint.text import Face, code_face, draw_text, ui_face


class Piece(NamedTuple):
    """A piece of a sentence: in bold or not; what stands between backticks is source."""

    text: str
    bold: bool = False


def sentence_width(pieces: Sequence[Piece]) -> float:
    """Pixels that a sentence takes."""
    return sum(face.width(text) for text, face, _ in _runs(pieces))


def longest_that_fits(forms: Sequence[list[Piece]], width: float | None) -> list[Piece]:
    """The first of the forms, from long to short, that fits a width in pixels; else the last.

    None: the first.
    """
    if width is None:
        return forms[0]
    return next((form for form in forms if sentence_width(form) <= width), forms[-1])


def draw_sentence(painter: QPainter, rect: QRectF, pieces: Sequence[Piece], theme: Theme) -> None:
    """Draw a sentence in a line; what does not fit is cut, with an ellipsis."""
    x = rect.left()
    for text, face, bold in _runs(pieces):
        room = QRectF(x, rect.top(), rect.right() - x, rect.height())
        if room.width() < face.width("…"):
            return
        draw_text(painter, room, text, face, theme.text if bold else theme.text2)
        x += face.width(text)


def plain(pieces: Sequence[Piece]) -> str:
    """The sentence without its marks, for a screen reader."""
    return "".join(piece.text for piece in pieces).replace("`", "")


def _runs(pieces: Sequence[Piece]) -> list[tuple[str, Face, bool]]:
    runs = []
    for piece in pieces:
        weight = QFont.Weight.DemiBold if piece.bold else QFont.Weight.Normal
        for number, part in enumerate(piece.text.split("`")):
            if part:
                face = code_face(13, weight) if number % 2 else ui_face(14, weight)
                runs.append((part, face, piece.bold or number % 2 == 1))
    return runs
