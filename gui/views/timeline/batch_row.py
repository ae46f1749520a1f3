"""The timeline's upper row: the losses of the batches that have run, and room for more."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter

from engine.debug.snapshots.snapshot import RunHistory
from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import draw_text, ui_face
from gui.paint.track import BatchTrack
from gui.views.timeline.loss_area import loss_area


class BatchRow:
    """Draws the run; the picture of its losses is kept until the losses or the row change."""

    def __init__(self) -> None:
        self._picture = QImage()
        self._drawn: tuple[object, ...] = ()

    def paint(
        self,
        painter: QPainter,
        row: QRectF,
        track: BatchTrack,
        history: RunHistory | None,
        theme: Theme,
        ratio: float,
        words: str,
        names_end: float,
        unknown: bool = False,
    ) -> None:
        """Draw the row without the cursor; `ratio` is device pixels per pixel.

        `unknown`: NaN means that a loss is not known. The text `words` says that a batch has not
        run; it is right of `names_end`, if it fits.
        """
        reach = history.reach if history is not None else 0
        split = track.x(reach)
        ahead = QRectF(split, row.top(), row.right() - split, row.height())
        ground = mix(theme.text3, theme.panel, 0.06)
        painter.fillRect(ahead, ground)
        painter.fillRect(
            ahead, QBrush(mix(theme.text3, theme.panel, 0.3), Qt.BrushStyle.BDiagPattern)
        )
        if history is not None and reach:
            past = QRectF(row.left(), row.top(), split - row.left(), row.height())
            self._paint_losses(painter, past, history, theme, ratio, unknown)
        face = ui_face(11)
        start = max(ahead.left(), names_end) + 8
        if ahead.right() - start > face.width(words) + 16:
            place = QRectF(start, row.center().y() - px(8), face.width(words) + 6, px(16))
            painter.fillRect(place, ground)
            draw_text(painter, place.adjusted(3, 0, 0, 0), words, face, theme.text2)

    def _paint_losses(
        self,
        painter: QPainter,
        rect: QRectF,
        history: RunHistory,
        theme: Theme,
        ratio: float,
        unknown: bool,
    ) -> None:
        width, height = max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio))
        drawn = (history, width, height, theme.name, unknown)
        if drawn != self._drawn:
            self._drawn = drawn
            self._picture = loss_area(history.losses, width, height, theme, unknown)
            self._picture.setDevicePixelRatio(ratio)
        painter.drawImage(rect.topLeft(), self._picture)
