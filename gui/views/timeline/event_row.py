"""The timeline's lower row: the events of a batch in bands, past bands stronger than later ones.

All bands except the cursor's look the same at every step. So they are drawn once as all past and
once as all later; a step cuts the two pictures at the cursor's band.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPixmap

from engine.debug.events import Kind, Phase
from engine.debug.snapshots.snapshot import Band, Snapshot
from gui.look.theme import Theme, mix
from gui.look.type_scale import SCALE, px
from gui.paint.text import draw_text, ui_face
from gui.paint.track import BADGE, EventTrack, short_names


def width_of(name: str, bold: bool = False) -> float:
    """The width of a band's name in pixels."""
    return ui_face(11, QFont.Weight.DemiBold if bold else QFont.Weight.Normal).width(name)


class EventRow:
    """Draws the bands of a batch; `letter_of` gives a pass's letter."""

    def __init__(self, letter_of: Callable[[Phase], str]) -> None:
        self._letter_of = letter_of
        self._drawn: tuple[object, ...] = ()
        self._past, self._future = QPixmap(), QPixmap()

    def paint(
        self,
        painter: QPainter,
        row: QRectF,
        track: EventTrack,
        snapshot: Snapshot,
        theme: Theme,
        ratio: float,
        at_rest: bool = False,
    ) -> QRectF:
        """Draw the row of a snapshot, without the cursor; `ratio` is device pixels per pixel.

        `at_rest` says that the cursor is in none of its events. Returns the rectangle of the label
        of the cursor's band, which the cursor's line may cross.
        """
        origin, shift = _whole_pixels(painter, row.topLeft())
        drawn = (
            snapshot.bands, snapshot.kinds, row, shift, theme.name, ratio, SCALE.factor, track.stops
        )  # fmt: skip
        full = _full_update_labels(track, snapshot)
        if drawn != self._drawn:
            self._drawn = drawn
            count = snapshot.event_count
            self._past = self._picture(row, track, snapshot, theme, ratio, shift, full, count)
            self._future = self._picture(row, track, snapshot, theme, ratio, shift, full, -1)
        at = snapshot.position.event
        now = next((band for band in snapshot.bands if band.last >= at), None)
        if at_rest:
            _paint_part(painter, self._future, origin, row, row.left(), row.right() + 1)
            return QRectF()
        # Each side of a band has an empty pixel, so cuts may be rounded.
        split = row.right() if now is None else round(track.x(now.first))
        rest, label = split, QRectF()
        if now is not None and now.first <= at:
            rest = round(track.end(now.last))
            label = _paint_band(painter, now, track, row, snapshot, theme, full, at)
        _paint_part(painter, self._past, origin, row, row.left(), split)
        _paint_part(painter, self._future, origin, row, rest, row.right() + 1)
        return label

    def _picture(
        self,
        row: QRectF,
        track: EventTrack,
        snapshot: Snapshot,
        theme: Theme,
        ratio: float,
        shift: tuple[float, float],
        full: bool,
        at: int,
    ) -> QPixmap:
        """The picture of all bands and badges with the cursor outside of all bands."""
        picture = QPixmap(ceil((row.width() + 2) * ratio), ceil((row.height() + 1) * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(QColor(theme.panel))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(shift[0] / ratio - row.left(), shift[1] / ratio - row.top())
        for band in snapshot.bands:
            _paint_band(painter, band, track, row, snapshot, theme, full, at)
        badge = ui_face(12, QFont.Weight.Bold)
        for phase, start in track.starts.items():
            box = QRectF(track.x(start) - px(BADGE) + 2, row.top(), px(BADGE) - 4, row.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.phase(phase)))
            painter.drawRoundedRect(box, 4, 4)
            middle = Qt.AlignmentFlag.AlignHCenter
            draw_text(painter, box, self._letter_of(phase), badge, theme.on_accent, middle)
        painter.end()
        return picture


def _whole_pixels(painter: QPainter, point: QPointF) -> tuple[QPointF, tuple[float, float]]:
    """The nearest whole device pixel left of and above a point, and the remainder.

    At a fractional scale, a picture that is drawn between device pixels would be blurred.
    """
    transform = painter.deviceTransform()
    device = transform.map(point)
    x, y = floor(device.x() + 1e-6), floor(device.y() + 1e-6)
    whole = transform.inverted()[0].map(QPointF(x, y))
    return whole, (round(device.x() - x, 3), round(device.y() - y, 3))


def _paint_part(
    painter: QPainter, picture: QPixmap, origin: QPointF, row: QRectF, left: float, end: float
) -> None:
    """Paint a picture of the row between two positions."""
    if end <= left:
        return
    painter.save()
    painter.setClipRect(QRectF(left, row.top() - 1, end - left, row.height() + 2))
    painter.drawPixmap(origin, picture)
    painter.restore()


def _full_update_labels(track: EventTrack, snapshot: Snapshot) -> bool:
    """Whether each parameter's full name fits; short and long names mixed read badly."""
    return all(
        width_of(band.label) + 14 <= track.end(band.last) - track.x(band.first)
        for band in snapshot.bands
        if "." in band.label
    )


def _paint_band(
    painter: QPainter,
    band: Band,
    track: EventTrack,
    row: QRectF,
    snapshot: Snapshot,
    theme: Theme,
    full: bool,
    at: int,
) -> QRectF:
    left, right = track.x(band.first), track.end(band.last)
    if right <= left:  # it has no stop
        return QRectF()
    box = QRectF(left + 1, row.top(), max(1.0, right - left - 2), row.height())
    colour = theme.phase(band.phase)
    past = mix(colour, theme.panel, 0.46 if theme.dark else 0.32)
    future = mix(colour, theme.panel, 0.16 if theme.dark else 0.12)
    now = band.first <= at <= band.last
    lit = now and _runs(snapshot)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(past if band.last < at else future)
    painter.drawRoundedRect(box, 3, 3)
    if now:
        painter.save()
        split = track.middle(at) - box.left()
        painter.setClipRect(QRectF(box.left(), box.top(), split, box.height()))
        painter.setBrush(past)
        painter.drawRoundedRect(box, 3, 3)
        painter.restore()
    _paint_ticks(painter, band, track, box, snapshot, mix(colour, theme.panel, 0.7))
    if lit:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colour), 1.5))
        painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), 3, 3)
    names = short_names(band.label, frozenset(other.label for other in snapshot.bands))
    if "." in band.label and not full:
        names = names[-1:]
    cursor = track.middle(at) - box.left() if now else box.width()
    ink = theme.text if now or band.last < at else theme.text2
    return _paint_label(painter, box, names, cursor, ink, lit)


def _runs(snapshot: Snapshot) -> bool:
    """Whether the cursor is in a layer or in the update of a parameter.

    Lines between two layers, such as those of `train_step`, belong to the band before them.
    """
    event = snapshot.event
    return bool(event.layer) or event.phase is Phase.UPDATE


def _paint_label(
    painter: QPainter, box: QRectF, names: list[str], cursor: float, ink: str, bold: bool
) -> QRectF:
    """Paint the longest name that fits the band, beside the cursor's line if there is room.

    The name does not depend on the cursor, so that it does not change as the line passes.
    Returns the rectangle of the text, or an empty one if not even the shortest name fits.
    """
    name = next((name for name in names if width_of(name, True) + 11 <= box.width()), "")
    if not name:
        return QRectF()
    face = ui_face(11, QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    width = width_of(name, bold)
    places = ((6.0, cursor - 4), (cursor + 6, box.width() - cursor - 4))
    left = next((left for left, room in places if width + 7 <= room), 6.0)
    height = face.metrics.height()
    place = QRectF(box.left() + left, box.top(), width + 1, box.height())
    draw_text(painter, place, name, face, ink)
    return QRectF(box.left() + left, box.center().y() - height / 2, width, height)


def _paint_ticks(
    painter: QPainter,
    band: Band,
    track: EventTrack,
    box: QRectF,
    snapshot: Snapshot,
    colour: QColor,
) -> None:
    """Paint a stroke at the foot of the band where a line of code begins, or at each stop."""
    if track.stops is not None:
        ticks = [at for at in track.stops if band.first <= at <= band.last]
        drawn = len(ticks)
    else:
        kinds = enumerate(snapshot.kinds[band.first : band.last + 1], start=band.first)
        ticks = [at for at, kind in kinds if kind is Kind.LINE]
        drawn = band.last - band.first + 1
    if track.end(band.last) - track.x(band.first) < 3 * drawn:
        return
    painter.setPen(QPen(colour, 1))
    places = [round(track.middle(at)) + 0.5 for at in ticks]
    painter.drawLines([QLineF(x, box.bottom() - 4, x, box.bottom() - 1) for x in places])
