"""A note in a tile: its colour scale was widened, or clips many cells; with a link to undo it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QCoreApplication, QLineF, QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.scale_words import use_forms, use_text
from gui.paint.scales import Coloured
from gui.paint.text import draw_text, ui_face

APART = 8.0


class NoteLink(NamedTuple):
    """A link that was painted: where, the key of the scale, whether it goes back, and a tip."""

    rect: QRectF
    key: str
    back: bool
    tip: str


def told(arrays: Sequence[Coloured]) -> Coloured | None:
    """The first array whose scale was widened or clips many cells."""
    for one in arrays:
        if one.shown.widened is not None or one.shown.much:
            return one
    return None


def paint_note(
    painter: QPainter, one: Coloured, head: QRectF, foot: QRectF, theme: Theme
) -> tuple[NoteLink, bool] | None:
    """Paint the note at the right of the `head` or in the `foot`, in as many words as fit.

    Returns the link, and whether the foot was taken; None: it fits in neither.
    """
    face = ui_face(11)
    back = one.shown.widened is not None
    translate = QCoreApplication.translate
    link = translate("TileNote", "Back") if back else translate("TileNote", "Rescale")
    for words in (*use_forms(one.shown), ""):
        wide = face.width(words) + face.width(link) + (6 if words else 0)
        for room in (head, foot):
            if wide > room.width() or room.height() < 1:
                continue
            left = room.right() - wide if room is head else room.left()
            line = QRectF(left, room.top(), face.width(words) + 1, room.height())
            draw_text(painter, line, words, face, theme.warning)
            box = QRectF(room.left(), room.top(), face.width(link) + 1, room.height())
            box.moveLeft(left + wide - face.width(link))
            draw_text(painter, box, link, face, theme.accent)
            painter.setPen(QPen(QColor(theme.accent), 1))
            y = box.center().y() + px(7)
            painter.drawLine(QLineF(box.left(), y, box.right(), y))
            tip = f"{one.name}: {use_text(one.shown)}"
            return NoteLink(box, one.key, back, tip), room is foot
    return None
