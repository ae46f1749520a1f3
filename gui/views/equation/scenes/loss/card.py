"""A sample's card: its picture, its guess, its numbers as bars, and the sum of the label's."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFocusEvent,
    QFont,
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
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.views.equation.scenes.loss.bars import paint_bars
from gui.views.equation.scenes.loss.numbers import DIFFERENCES, Judged, Stop
from gui.views.equation.scenes.loss.words import (
    bars_of,
    guess_text,
    image_text,
    origin_text,
    sum_of,
    sum_text,
)
from gui.views.equation.scenes.words import label_text

Array = np.ndarray[Any, Any]
PAD = 8
FOOT = 38
SUM_SIZES = (20, 15)
LEAST_HEAD = 48
LOW, LOW_WIDTH, LOW_FOOT = 196, 190, 27  # pixels: below this height, the bars stand at the right
LEAST_BARS = 104  # pixels of the bars; the picture is smaller where they would have less
MOST_SIDE = 140
_RIGHT = Qt.AlignmentFlag.AlignRight
_PIXELS = Scale(MapKind.PIXELS, 0.0, 255.0)


class Panel(QWidget):
    """A rounded box that the keyboard can reach, in the look of the cards."""

    focused = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell the scene."""
        super().focusInEvent(event)
        self.focused.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        super().enterEvent(event)
        self.update()

    def inside(self) -> QRectF:
        """The room in the box."""
        pad = px(PAD)
        return QRectF(self.rect()).adjusted(pad, pad, -pad, -px(6))

    def paint_ground(self, painter: QPainter, colour: QColor | str, ground: QColor) -> QRectF:
        """Draw the box; return the room inside."""
        wide = 2 if self.hasFocus() else 1
        inset = wide / 2
        rect = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.accent if self.hasFocus() else colour), wide))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, px(6), px(6))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        return self.inside()


class Card(Panel):
    """One sample; a click pins it."""

    clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._judged: Judged | None = None
        self.row = 0
        self.sum_size = 0  # of the result at the foot; 0: it has a line of its own
        self._index = 0
        self._pinned = False
        self._scale = (0.0, 1.0)
        self._image: Array = np.zeros((1, 1), np.uint8)
        self._picture: tuple[tuple[object, ...], QImage] | None = None

    def show_sample(
        self,
        judged: Judged,
        row: int,
        index: int,
        image: Array,
        scale: tuple[float, float],
        pinned: bool,
    ) -> None:
        """Show a row of the minibatch, the image `index` of the training set."""
        self._judged, self.row, self._index, self._pinned = judged, row, index, pinned
        self._scale = scale
        if not np.array_equal(image, self._image):
            self._image, self._picture = image, None
        self.setAccessibleName(f"{label_text(int(judged.labels[row]))}, {image_text(row, index)}")
        self.setAccessibleDescription(self._description())
        click = self.tr("Pinned: a click releases it") if pinned else self.tr("Click to pin it")
        self.setToolTip(f"{origin_text(index)}\n{click}")
        self.update()

    def _description(self) -> str:
        judged = self._judged
        assert judged is not None
        bars = bars_of(judged, self.row, self._scale)
        numbers = ", ".join(f"{k}: {text}" for k, text in enumerate(bars.texts))
        line, value = sum_of(judged, self.row)
        guess, origin = guess_text(int(judged.guesses[self.row])), origin_text(self._index)
        return f"{guess}. {numbers}. {line} {value}. {origin}"

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme, self._picture = theme, None
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Pin the sample."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.clicked.emit()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and the space bar pin it, too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        judged, theme = self._judged, self.theme
        if judged is None:
            return
        painter = QPainter(self)
        edge = theme.accent if self._pinned else theme.strong if self.underMouse() else theme.border
        ground = QColor(theme.raised)
        self.paint_ground(painter, edge, ground)
        room, foot = self._above_foot(), self.foot
        side, head, bars = self._divide(room)
        self._paint_picture(painter, room, side)
        self._paint_head(painter, head, judged)
        paint_bars(painter, bars, bars_of(judged, self.row, self._scale), theme, ground)
        self._paint_foot(painter, foot, judged)

    @property
    def bars(self) -> QRectF:
        """The place of the bars."""
        return self._divide(self._above_foot())[2]

    @property
    def foot(self) -> QRectF:
        """The place of the label's own number."""
        room = self.inside()
        room.setTop(room.bottom() - px(LOW_FOOT if self.is_low else FOOT))
        return room

    def _above_foot(self) -> QRectF:
        room = self.inside()
        room.setBottom(self.foot.top() - px(4))
        return room

    @property
    def is_low(self) -> bool:
        """Whether the bars stand beside the picture, not below it."""
        return self.height() < px(LOW) and self.width() > px(LOW_WIDTH)

    def _divide(self, room: QRectF) -> tuple[int, QRectF, QRectF]:
        """The picture's side, and the room of the words beside or below it, and of the bars."""
        head, bars = QRectF(room), QRectF(room)
        if self.is_low:
            words = 3 * px(19)
            side = self._side(min(room.height() - words - px(4), 0.3 * room.width()))
            head.setTop(room.bottom() - words)
            head.setWidth(px(84))
            bars.setLeft(head.right() + px(6))
            return side, head, bars
        side = self._side(min(room.height() - px(4) - px(LEAST_BARS), 0.46 * self.width()))
        head.setLeft(room.left() + side + px(6))
        head.setHeight(max(side, px(LEAST_HEAD)))
        bars.setTop(head.bottom() + px(4))
        return side, head, bars

    def _side(self, most: float) -> int:
        """The picture's side: a whole multiple of its pixels, and at most so long."""
        pixels = int(max(self._image.shape))
        least = min(pixels, px(28)) if pixels >= 28 else px(28)
        return max(int(min(most, px(MOST_SIDE))) // pixels * pixels, least)

    def _paint_picture(self, painter: QPainter, room: QRectF, side: int) -> None:
        ratio = self.devicePixelRatioF()
        key = side, ratio, self.theme.name
        if self._picture is None or self._picture[0] != key:
            rows, columns = self._image.shape
            each = side * ratio / max(rows, columns)
            size = max(round(each * columns), 1), max(round(each * rows), 1)
            pixels = colours(self._image, _PIXELS, self.theme, *size)
            self._picture = key, to_image(pixels, ratio)
        picture = self._picture[1]
        painter.drawImage(room.topLeft(), picture)
        size_ = picture.deviceIndependentSize()
        box = QRectF(room.left(), room.top(), size_.width(), size_.height())
        painter.setPen(QPen(QColor(self.theme.accent if self._pinned else self.theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(-0.5, -0.5, 0.5, 0.5))
        if self._pinned:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self.theme.raised), 1.5))
            painter.setBrush(QColor(self.theme.accent))
            painter.drawEllipse(box.topRight(), px(4.5), px(4.5))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_head(self, painter: QPainter, room: QRectF, judged: Judged) -> None:
        theme = self.theme
        label, guess = int(judged.labels[self.row]), int(judged.guesses[self.row])
        right = label == guess
        lines = [
            (label_text(label), ui_face(15, QFont.Weight.Bold), theme.text),
            (
                f"{'✓' if right else '✗'} {guess_text(guess)}",
                ui_face(13, QFont.Weight.DemiBold),
                theme.ok if right else theme.error,
            ),
            (image_text(self.row, self._index), ui_face(11), theme.text2),
        ]
        if judged.stop in DIFFERENCES and judged.stop is not Stop.COPY:
            added = self.tr("row sum {0}").format(sum_text(judged, self.row))
            lines.append((added, ui_face(11), theme.text2))
        step = min(px(20), room.height() / len(lines))
        if step < px(17):
            step = min(px(20), room.height() / 3)
        for i, (text, face, colour) in enumerate(lines):
            if (i + 1) * step <= room.height() + 1:
                place = QRectF(room.left(), room.top() - 1 + i * step, room.width(), step)
                draw_text(painter, place, text, face, colour)

    def _paint_foot(self, painter: QPainter, room: QRectF, judged: Judged) -> None:
        theme = self.theme
        line, value = sum_of(judged, self.row)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QLineF(room.left(), room.top() + 0.5, room.right(), room.top() + 0.5))
        room = room.adjusted(0, px(3), 0, 0)
        if not self.sum_size:
            half = room.height() / 2
            draw_text(painter, room.adjusted(0, 0, 0, -half), line, code_face(11), theme.text2)
            room = room.adjusted(0, half - px(2), 0, 0)
            draw_text(painter, room, value, _value_face(15), theme.text, _RIGHT)
            return
        draw_text(painter, room, value, _value_face(self.sum_size), theme.text, _RIGHT)
        draw_text(painter, room, line, code_face(11), theme.text2)

    def fitting_size(self) -> int:
        """The largest size of the sum's result with room in the line; 0 if it needs another."""
        assert self._judged is not None
        line, value = sum_of(self._judged, self.row)
        room = self.width() - 2 * px(PAD) - code_face(11).width(line) - px(8)
        sizes = (size for size in SUM_SIZES if _value_face(size).width(value) <= room)
        return next(sizes, SUM_SIZES[-1] if self.is_low else 0)


def _value_face(size: int) -> Face:
    return code_face(size, QFont.Weight.Bold)
