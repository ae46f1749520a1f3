"""The plot of the gradient's size at each layer, which shows vanishing and exploding gradients."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import Face, code_face, draw_text, ui_face
from gui.paint.track import short_names
from gui.paint.values import MINUS, number_text, short_exponent

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
                if zone.height() > px(16):
                    row = QRectF(zone.left(), zone.top() + 1, zone.width() - 6, px(16))
                    draw_text(painter, row, text, ui_face(11), theme.warning, RIGHT)
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
        values = [stage.rms for stage in self._stages if stage.rms is not None]
        face = code_face(11, QFont.Weight.Bold)
        for point in points:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.backward))
            painter.drawEllipse(point, 4.5, 4.5)
        for text, box in value_boxes(values, points, width, area, face):
            painter.fillRect(box, QColor(theme.panel))  # keep the line off the digits
            draw_text(painter, box, text, face, theme.text, CENTRE)


def value_boxes(
    values: Sequence[float], points: Sequence[QPointF], width: float, area: QRectF, face: Face
) -> list[tuple[str, QRectF]]:
    """The values above the heads of their stems, each whole and on none of the others.

    Args:
        values: of the stems from the left.
        points: the heads of the stems.
        width: of a stem's column.
        area: of the stems.
        face: of the values.
    """
    boxes: list[tuple[str, QRectF]] = []
    height = px(14)
    for value, point in zip(values, points, strict=True):
        text = next(
            (one for one in _texts(value) if face.width(one) <= width - 4), _texts(value)[-1]
        )
        written = face.width(text) + 4
        left = min(max(point.x() - written / 2, 0), max(area.right() + 10 - written, 0))
        box = QRectF(left, point.y() - px(22) + 1, written, height)
        if box.top() < area.top() - 4:
            box.moveTop(point.y() + 6)
        for _, other in reversed(boxes):  # one that would lie on it makes it give way upwards
            if box.intersects(other):
                box.moveBottom(other.top() - 1)
        boxes.append((text, box))
    return boxes


def _texts(value: float) -> list[str]:
    """A value as text, from the most digits to the fewest signs."""
    texts = [number_text(value), number_text(value, 1)]
    if value and math.isfinite(value):
        texts.append(short_exponent(f"{value:.0e}").replace("-", MINUS))
    return sorted(texts, key=len, reverse=True)
