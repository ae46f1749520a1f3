"""How the panel's room is divided: a row above the picture, a card beside or beneath it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QRect

from gui.look.type_scale import px

LEAST_CANVAS = 330  # pixels of the canvas's width; below this a card beside it is hidden
CARD_SHARE = 0.26
LINE = 28  # the height of a card of one line


class CardPlace(Enum):
    """Where the card of a cell belongs."""

    NOWHERE = auto()
    ASIDE = auto()
    BENEATH = auto()  # in one line


@dataclass(frozen=True, slots=True)
class Room:
    """The places of the panel's parts, in pixels.

    Attributes:
        top: of the row above the picture.
        body: all beneath the row.
        picture: of the picture with its card, without the message.
        canvas: of the picture.
        card: None if there is no room for it.
        message: of the message beneath the picture; None without one.
    """

    top: QRect
    body: QRect
    picture: QRect
    canvas: QRect
    card: QRect | None
    message: QRect | None


def divide(width: int, height: int, top: int, message: int, card: CardPlace) -> Room:
    """Divide a panel. `top`, `message`: heights of the row and of the message; 0 for none."""
    body = QRect(0, top, width, height - top)
    picture, at = QRect(body), None
    if message:
        at = QRect(12, height - message - 10, width - 24, message)
        picture.setHeight(body.height() - message - 10)
    canvas, place = QRect(picture), None
    if card is CardPlace.ASIDE:
        wide = min(max(px(288), round(CARD_SHARE * width)), px(460))
        if width - wide >= LEAST_CANVAS:
            canvas.setWidth(width - wide - 12)
            place = QRect(width - wide - 12, top + 4, wide, picture.height() - 12)
    elif card is CardPlace.BENEATH:
        line = px(LINE)
        canvas.setHeight(picture.height() - line - 8)
        place = QRect(12, canvas.bottom() + 1, width - 24, line)
    return Room(QRect(0, 0, width, top), body, picture, canvas, place, at)
