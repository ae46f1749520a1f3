"""How the panel's room is divided: a row above the picture, a card beside or beneath it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QRect

from engine.debug.explain.operation import Operation
from gui.look.type_scale import px
from gui.views.equation.picture.forms import row_of

LEAST_CANVAS = 330  # pixels of the canvas's width; below this a card beside it is hidden
CARD_SHARE = 0.26
LEAST_WHY = 420  # the width of a derivation beside the card
LEAST_ABOVE_CARD = 320  # its height above a card of one line
LEAST_BESIDE_WHY = 440  # the width of the canvas between the two
LINE = 28  # the height of a card of one line


class CardPlace(Enum):
    """Where the card of a cell belongs."""

    NOWHERE = auto()
    ASIDE = auto()
    BENEATH = auto()  # in one line


def card_place(operation: Operation | None) -> CardPlace:
    """Where the card of an operation's cell belongs; None: there is nothing to explain."""
    if operation is None:
        return CardPlace.NOWHERE
    return CardPlace.ASIDE if row_of(operation).lists else CardPlace.BENEATH


def readable(
    card: CardPlace, digits_with: Callable[[CardPlace, bool], int]
) -> tuple[CardPlace, bool]:
    """Where the card belongs, and whether there is a caption, for small arrays to have numbers.

    `digits_with`: the digits that their numbers have room for with this place and caption.
    """
    nowhere = CardPlace.NOWHERE
    most = digits_with(nowhere, False)
    if digits_with(card, True) >= most:
        return card, True
    line = nowhere if card is nowhere else CardPlace.BENEATH
    ways = ((line, True), (line, False), (nowhere, True))
    return next((way for way in ways if digits_with(*way) == most), (nowhere, False))


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


def why_room(room: Room, widest: int) -> tuple[QRect, QRect]:
    """The places of a derivation and of the picture, which it covers unless both have room.

    It stands beside the card, if enough is left there, or else over all. `widest`: in pixels.
    """
    beside = QRect(room.body)
    if room.card is not None and room.card.height() > px(LINE):
        beside.setRight(room.card.left() - 1)
    elif room.card is not None and room.canvas.height() >= px(LEAST_ABOVE_CARD):
        beside.setBottom(room.canvas.bottom())
    if beside.width() < px(LEAST_WHY):
        beside = QRect(room.body)
    free = room.canvas.width() - widest
    if free < px(LEAST_BESIDE_WHY):
        return beside, room.canvas
    canvas = QRect(room.canvas)
    canvas.setLeft(canvas.right() - free)
    beside.setWidth(widest)
    return beside, canvas
