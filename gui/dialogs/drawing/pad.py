"""A sheet to draw on with the mouse, or with the arrow keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.heatmap import MapKind, Scale, colours, to_image
from gui.paint.text import draw_text, ui_face

Array = np.ndarray[Any, Any]
SIDE = 280  # pixels of the sheet's own, ten for each pixel of the image
# Widths and ink: the edge is soft, as that of a pencil.
PEN = ((28, 40), (26, 80), (24, 120), (22, 165), (20, 210), (18, 255))
ERASER = 34
THICK = 0.9  # of a pixel of the image, where these are larger than the pen
MOST_LINES = 14  # pixels of a side up to which they are drawn on the sheet
KEY_STEP = 10.0
_INK = Scale(MapKind.PIXELS, 0.0, 255.0)
_ARROWS = {
    Qt.Key.Key_Left: QPointF(-KEY_STEP, 0), Qt.Key.Key_Right: QPointF(KEY_STEP, 0),
    Qt.Key.Key_Up: QPointF(0, -KEY_STEP), Qt.Key.Key_Down: QPointF(0, KEY_STEP),
}  # fmt: skip


@dataclass
class Stroke:
    """What was drawn or erased between press and release.

    Attributes:
        before: the sheet as it was.
        erases: whether it erases.
        end: its last point on the sheet of 280 × 280.
    """

    before: QImage
    erases: bool
    end: QPointF


class DrawingPad(QWidget):
    """The sheet: the left button draws, the right one erases.

    Args:
        theme: the colours.
        pixels: of a side of the image. The pen is as wide as one if they are large.
        parent: of the widget.

    Signals:
        changed: the ink has changed.
    """

    changed = Signal()

    def __init__(self, theme: Theme, pixels: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self._pixels = theme, pixels
        self._thick = max(1.0, THICK * SIDE / pixels / PEN[3][0])
        self.strokes: list[Stroke] = []
        self._current: Stroke | None = None  # while a button is held
        self._pen = QPointF(SIDE / 2, SIDE / 4)  # that the keys move
        self._with_keys = False  # then the pen is shown
        self._sheet = QImage(SIDE, SIDE, QImage.Format.Format_RGB32)
        self._sheet.fill(0)
        self._picture: QImage | None = None
        self.setFixedSize(px(SIDE), px(SIDE))
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Sheet to draw on"))
        self.setAccessibleDescription(
            self.tr(
                "Draw with the left button, erase with the right one. The arrow keys move a pen; "
                "with Shift it draws, with Ctrl it erases."
            )
        )

    def sizeHint(self) -> QSize:
        """The sheet's size."""
        return QSize(px(SIDE), px(SIDE))

    @property
    def ink(self) -> Array:
        """(280, 280) uint8: 0 is the paper, 255 full ink."""
        bits = np.frombuffer(self._sheet.constBits(), np.uint8)
        return bits.reshape(SIDE, SIDE, 4)[:, :, 0].copy()

    def undo(self) -> None:
        """Take back the last stroke."""
        if self.strokes and self._current is None:
            self._sheet = self.strokes.pop().before
            self._tell()

    def clear(self) -> None:
        """Begin with an empty sheet."""
        if self.strokes and self._current is None:
            self._sheet = self.strokes[0].before
            self.strokes.clear()
            self._tell()

    # Drawing

    def _begin(self, at: QPointF, erases: bool) -> Stroke:
        stroke = Stroke(self._sheet.copy(), erases, at)
        self.strokes.append(stroke)
        self._put(stroke, at)
        self._tell()
        return stroke

    def _continue(self, stroke: Stroke, to: QPointF) -> None:
        self._put(stroke, to)
        stroke.end = to
        self._tell()

    def _put(self, stroke: Stroke, to: QPointF) -> None:
        """Draw a piece of a stroke on the sheet, from its end to a point."""
        painter = QPainter(self._sheet)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        passes = ((ERASER, 0),) if stroke.erases else PEN
        if not stroke.erases:  # where strokes cross, their ink does not add up
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Lighten)
        for width, ink in passes:
            pen = QPen(QColor(ink, ink, ink), width * self._thick, Qt.PenStyle.SolidLine)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            if to == stroke.end:
                painter.drawPoint(to)
            else:
                painter.drawLine(stroke.end, to)
        painter.end()

    def _tell(self) -> None:
        self._picture = None
        self.update()
        self.changed.emit()

    # Qt's events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stroke."""
        buttons = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if self._current is None and event.button() in buttons:
            erases = event.button() is Qt.MouseButton.RightButton
            self._with_keys = False
            self._current = self._begin(self._on_sheet(event), erases)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Continue the stroke."""
        if self._current is not None:
            self._continue(self._current, self._on_sheet(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the stroke with the button that began it."""
        if self._current is not None:
            held = Qt.MouseButton.RightButton if self._current.erases else Qt.MouseButton.LeftButton
            if event.button() is held:
                self._current = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the pen by an arrow key; with Shift it draws, with Ctrl it erases."""
        move = _ARROWS.get(Qt.Key(event.key()))
        if move is None or self._current is not None:
            super().keyPressEvent(event)
            return
        self._with_keys = True
        start, end = self._pen, self._pen + move
        self._pen = end = QPointF(min(max(end.x(), 0), SIDE), min(max(end.y(), 0), SIDE))
        held = event.modifiers()
        erases = bool(held & Qt.KeyboardModifier.ControlModifier)
        if erases or held & Qt.KeyboardModifier.ShiftModifier:
            last = self.strokes[-1] if self.strokes else None
            if last is None or last.erases is not erases or last.end != start:
                last = self._begin(start, erases)
            self._continue(last, end)
        self.update()

    def _on_sheet(self, event: QMouseEvent) -> QPointF:
        return event.position() * (SIDE / self.width())

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme, self._picture = theme, None
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet and its border, and the keys' pen."""
        painter, theme = QPainter(self), self.theme
        room = QRectF(self.rect())
        if self._picture is None:
            self._picture = to_image(colours(self.ink, _INK, theme, SIDE, SIDE))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(room, self._picture)
        if self._pixels <= MOST_LINES:
            painter.setPen(QColor(theme.border))
            for line in range(1, self._pixels):
                at = self.width() * line / self._pixels
                painter.drawLine(QPointF(at, 0), QPointF(at, self.height()))
                painter.drawLine(QPointF(0, at), QPointF(self.width(), at))
        if not self.strokes:
            words = self.tr("Draw a digit here")
            draw_text(painter, room, words, ui_face(13), theme.text3, Qt.AlignmentFlag.AlignHCenter)
        focused = self.hasFocus()
        painter.setPen(QPen(QColor(theme.accent if focused else theme.strong), 2 if focused else 1))
        inset = 1 if focused else 0.5
        painter.drawRect(room.adjusted(inset, inset, -inset, -inset))
        if focused and self._with_keys:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            radius = self.width() * PEN[0][0] * self._thick / SIDE / 2
            painter.drawEllipse(self._pen * (self.width() / SIDE), radius, radius)
