"""The marks on the timeline: the cursor, bookmarks as flags, breakpoints as dots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.debug.bookmarks import Bookmark
from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.paint.track import BatchTrack, EventTrack

FLAG = (8.0, 7.0)  # pixels to the right of its pole
DOT = 3.0  # radius in pixels
LEAST_NAME, MOST_NAME = 22.0, 160.0  # width of a bookmark's name at a scale of 1


def flag_at(x: float, top: float) -> QRectF:
    """The rectangle of the flag of a bookmark at `x`, which can be clicked."""
    return QRectF(x, top, px(FLAG[0]), px(FLAG[1]))


def flag_upon(x: float, top: float) -> QRectF:
    """The same between the two rows, whose distance does not grow with the type.

    `top`: of the lower row, on whose names it does not lie.
    """
    return QRectF(x, top - FLAG[1], px(FLAG[0]), FLAG[1])


def flags_of(
    snapshot: Snapshot,
    reach: int,
    batches: BatchTrack,
    events: EventTrack,
    tops: tuple[float, float],
) -> list[tuple[QRectF, Bookmark]]:
    """The flags of reachable bookmarks: all in the upper row, this batch's also below.

    `reach`: the number of batches that have run. `tops`: of the two rows, in pixels.
    """
    here, (upper, lower) = snapshot.position.batch, tops
    reached = [
        bookmark
        for bookmark in snapshot.bookmarks
        if bookmark.id not in snapshot.elsewhere and bookmark.position.batch <= reach
    ]
    found = [(flag_at(batches.x(bookmark.position.batch), upper), bookmark) for bookmark in reached]
    return found + [
        (flag_upon(events.middle(bookmark.position.event), lower), bookmark)
        for bookmark in reached
        if bookmark.position.batch == here and bookmark.position.event < snapshot.event_count
    ]


def paint_flag(painter: QPainter, flag: QRectF, foot: float, theme: Theme) -> None:
    """Paint a flag on a pole that ends at `foot`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.warning), 1.2))
    painter.drawLine(flag.topLeft(), QPointF(flag.left(), foot))
    painter.setPen(QPen(QColor(theme.panel), 0.8))
    painter.setBrush(QColor(theme.warning))
    tip = QPointF(flag.right(), flag.center().y())
    painter.drawPolygon(QPolygonF([flag.topLeft(), tip, flag.bottomLeft()]))
    painter.restore()


def name_beside(flag: QRectF, name: str, left: float, right: float) -> QRectF:
    """The rectangle of a bookmark's name between `left` and `right`: right or left of its flag.

    It is empty if neither side has room for a readable part of the name.
    """
    face = ui_face(11)
    wanted = min(face.width(name) + 7, px(MOST_NAME))
    least = min(wanted, px(LEAST_NAME))
    height = face.metrics.height()
    after, before = right - flag.right() - 1, flag.left() - 2 - left
    if after >= wanted or after >= max(before, least):
        return QRectF(flag.right() + 1, flag.top() - 1, min(wanted, after), height)
    if before >= least:
        width = min(wanted, before)
        return QRectF(flag.left() - 2 - width, flag.top() - 1, width, height)
    return QRectF()


def names_of(
    flags: Sequence[tuple[QRectF, Bookmark]], left: float, right: float
) -> list[tuple[QRectF, str, Bookmark]]:
    """The names beside the flags of a row between `left` and `right`, one text per batch.

    A text leads to the latest of its bookmarks.
    """
    poles: dict[float, list[tuple[QRectF, Bookmark]]] = {}
    for flag, bookmark in flags:
        poles.setdefault(flag.left(), []).append((flag, bookmark))
    found = []
    starts = sorted(poles)
    for pole, end in zip(starts, [*starts[1:], right], strict=False):
        flag, last = poles[pole][-1]
        name = ", ".join(bookmark.name for _, bookmark in poles[pole])
        place = name_beside(flag, name, left, end - 2)
        if not place.isEmpty():
            found.append((place, name, last))
        left = max(flag.right(), place.right()) + 2
    return found


def paint_name(painter: QPainter, place: QRectF, name: str, theme: Theme) -> None:
    """Paint a bookmark's name on a background of its own."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(mix(theme.warning, theme.panel, 0.16))
    painter.drawRoundedRect(place, 3, 3)
    painter.restore()
    draw_text(painter, place.adjusted(3, 0, -3, 0), name, ui_face(11), theme.text)


def paint_dots(painter: QPainter, places: Iterable[float], y: float, theme: Theme) -> None:
    """Paint a dot at each place, as beside the line in the source."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.panel), 1))
    painter.setBrush(QColor(theme.error))
    for x in places:
        painter.drawEllipse(QPointF(x, y), px(DOT), px(DOT))
    painter.restore()


def paint_cursor(
    painter: QPainter,
    x: float,
    row: QRectF,
    theme: Theme,
    below: bool = False,
    label: QRectF | None = None,
) -> None:
    """Paint the cursor's line with its upper end, and with its lower end if `below`.

    A label in its way stays readable in a gap of the line.
    """
    colour = QColor(theme.text)
    x = round(x) + 0.0
    painter.setPen(QPen(colour, 2))
    top, bottom = row.top() - 2, row.bottom() + (2 if below else 0)
    if label is not None and label.left() - 2 < x < label.right() + 2:
        painter.drawLine(QPointF(x, top), QPointF(x, label.top()))
        top = label.bottom()
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    ends = [(row.top() - 3, 5.0)] + ([(row.bottom() + 3, -5.0)] if below else [])
    for y, tip in ends:
        corners = [QPointF(x - 4.5, y), QPointF(x + 4.5, y), QPointF(x, y + tip)]
        painter.drawPolygon(QPolygonF(corners))


def paint_row_texts(
    painter: QPainter,
    place: QRectF,
    head: str,
    face: Face,
    colour: str,
    unit: str,
    number: str,
    theme: Theme,
) -> None:
    """Paint a row's title, its unit if there is room, and the number at the right."""
    numbers = code_face(12)
    room = place.width() - numbers.width(number)
    draw_text(painter, place, number, numbers, theme.text, Qt.AlignmentFlag.AlignRight)
    first = QRectF(place.left(), place.top(), room - 4, place.height())
    draw_text(painter, first, head, face, colour)
    left = place.left() + max(face.width(head) + 8, px(58))
    space = QRectF(left, place.top(), place.left() + room - 8 - left, place.height())
    if ui_face(12).width(unit) <= space.width():
        draw_text(painter, space, unit, ui_face(12), theme.text2)
