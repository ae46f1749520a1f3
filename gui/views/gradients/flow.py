"""The plot of the gradient's size at each layer, which shows vanishing and exploding gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.paint.track import short_names
from gui.paint.values import number_text

# By experience: below the first, rounding loses a weight's mean step; above the second it leaps.
VANISHING, EXPLODING = 1e-7, 1e1
CENTRE, RIGHT = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True)
class FlowStage:
    """A layer, and the RMS of the gradient by its output; None if backward has not reached it."""

    name: str
    rms: float | None


class FlowPlot(QWidget):
    """A stem for each layer from the loss back to the input, on a logarithmic scale."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._stages: Sequence[FlowStage] = ()
        self.setMinimumSize(120, 80)
        self.setAccessibleName(self.tr("RMS of the gradient at each layer"))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_stages(self, stages: Sequence[FlowStage]) -> None:
        """Draw the layers, from the loss to the input."""
        if list(stages) == list(self._stages):
            return
        self._stages = list(stages)
        self.setAccessibleDescription(
            ", ".join(f"{s.name} {number_text(s.rms)}" for s in stages if s.rms is not None)
        )
        self.update()

    def stages(self) -> Sequence[FlowStage]:
        """The layers that are drawn."""
        return self._stages

    def bounds(self) -> tuple[int, int]:
        """The powers of ten at the ends of the axis."""
        found = [
            math.log10(stage.rms) for stage in self._stages
            if stage.rms and math.isfinite(stage.rms)
        ]  # fmt: skip
        low = math.floor(min(found, default=-6.0) - 0.3)
        high = math.ceil(max(found, default=-1.0) + 0.3)
        return min(low, high - 3), max(high, low + 3)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw axis, zones and stems."""
        painter = QPainter(self)
        theme = self.theme
        title = QRectF(8, 2, self.width() - 16, px(18))
        bold = ui_face(12, QFont.Weight.DemiBold)
        draw_text(painter, title, self.tr("RMS of dout, loss → input"), bold, theme.text2, CENTRE)
        area = QRectF(self.rect()).adjusted(px(44), px(26), -10, -px(22))
        if area.height() < 30 or area.width() < 40:
            return
        low, high = self.bounds()

        def level(exponent: float) -> float:
            return area.bottom() - (exponent - low) / (high - low) * area.height()

        for limit, text, up in (
            (VANISHING, self.tr("vanishing"), False),
            (EXPLODING, self.tr("exploding"), True),
        ):
            y = min(max(level(math.log10(limit)), area.top()), area.bottom())
            zone = QRectF(area.left(), area.top() if up else y, area.width(), 0)
            zone.setBottom(y if up else area.bottom())
            if zone.height() > 2:
                painter.fillRect(zone, mix(theme.warning, theme.panel, 0.18))
                if zone.height() > px(16):  # at the end where the stems leave room
                    word = QRectF(zone.left() + 6, zone.top() + 1, zone.width() - 12, px(16))
                    side = Qt.AlignmentFlag.AlignLeft if up else RIGHT
                    draw_text(painter, word, text, ui_face(11), theme.warning, side)
        step = 1 if area.height() / (high - low) >= px(20) else 2 if high - low <= 12 else 4
        for exponent in range(low, high + 1, step):
            y = level(exponent)
            painter.setPen(QColor(theme.border))
            painter.drawLine(QLineF(area.left(), y, area.right(), y))
            label = QRectF(0, y - px(8), px(39), px(16))
            draw_text(painter, label, f"1e{exponent}".replace("-", "−"), code_face(11),
                      theme.text2, RIGHT)  # fmt: skip
        self._paint_stems(painter, area, level)

    def _paint_stems(self, painter: QPainter, area: QRectF, level: object) -> None:
        theme = self.theme
        count = max(len(self._stages), 1)
        width = area.width() / count
        points = []
        face = ui_face(11)
        for number, stage in enumerate(self._stages):
            x = area.left() + (number + 0.5) * width
            name = QRectF(x - width / 2, area.bottom() + 4, width, px(16))
            known = stage.rms is not None
            text = next(
                (t for t in short_names(stage.name) if face.width(t) <= width - 4), stage.name
            )
            draw_text(painter, name, text, face, theme.text2 if known else theme.text3, CENTRE)
            if stage.rms is None:
                box = QRectF(x - 4, area.bottom() - 12, 8, 8)
                painter.setPen(QPen(QColor(theme.strong), 1, Qt.PenStyle.DashLine))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(box)
                continue
            finite = stage.rms > 0 and math.isfinite(stage.rms)
            y = level(math.log10(stage.rms)) if finite else area.bottom()  # type: ignore[operator]
            painter.fillRect(
                QRectF(x - 3, y, 6, area.bottom() - y), mix(theme.backward, theme.panel, 0.5)
            )
            points.append(QPointF(x, y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.backward), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.backward))
        for point in points:
            painter.drawEllipse(point, 4.5, 4.5)
        for box, text in self._numbers(points, area, width):
            painter.fillRect(box.adjusted(0, 1, 0, -1), QColor(theme.panel))  # the line is behind
            draw_text(painter, box, text, _number_face(), theme.text, CENTRE)

    def _numbers(
        self, points: Sequence[QPointF], area: QRectF, width: float
    ) -> Iterator[tuple[QRectF, str]]:
        """The sizes, and where they are written: whole, or not at all.

        None covers a point or another number; the first and the last have their places first.
        """
        known = [stage.rms for stage in self._stages if stage.rms is not None]
        taken = [QRectF(point.x() - 5, point.y() - 5, 10, 10) for point in points]
        order = list(range(len(points)))
        for number in [*order[:1], *order[:0:-1][:1], *order[1:-1]]:
            point, face = points[number], _number_face()
            text = number_text(known[number])
            if face.width(text) > width - 4:
                text = number_text(known[number], 1)
            box = QRectF(0, 0, face.width(text) + 6, px(16))
            half, above, below = box.width() / 2, point.y() - px(22), point.y() + 6
            places = (
                (point.x() - half, above), (point.x() - 6, above), (point.x() - half, below),
            )  # fmt: skip
            for x, y in places:
                box.moveTo(min(max(x, area.left()), self.width() - box.width()), y)
                inside = area.top() - 4 <= box.top() and box.bottom() <= area.bottom() + 2
                if inside and not any(box.intersects(other) for other in taken):
                    taken.append(QRectF(box))
                    yield QRectF(box), text
                    break


def _number_face() -> Face:
    return code_face(11, QFont.Weight.Bold)
