"""The methods' times as bars on a logarithmic axis: measured full, extrapolated hatched."""

from __future__ import annotations

import math
from collections.abc import Mapping

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.numeric import Contestant, Method
from gui.look.theme import Theme
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.views.numeric.durations import seconds_text
from gui.views.numeric.methods import ORDER, colour_of, hatch, short_name_of

RIGHT, CENTRE = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignHCenter
NAMES = 78.0  # width of the methods' names at the left
NUMBER = 78.0  # width of the time at the right of a bar
AXIS, TITLE, LEGEND = 18.0, 20.0, 20.0
LOW = 110  # pixels of height; below this the title is hidden


class ContestBars(QWidget):
    """A bar chart of each method's seconds for the whole gradient."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.rows: Mapping[Method, Contestant] = {}
        self.setMinimumSize(180, 70)
        self.setAccessibleName(self.tr("Seconds for the whole gradient"))

    def set_theme(self, theme: Theme) -> None:
        """Redraw in another theme."""
        self.theme = theme
        self.update()

    def show_rows(self, rows: Mapping[Method, Contestant]) -> None:
        """Draw these rows."""
        self.rows = dict(rows)
        self.setAccessibleDescription(
            ", ".join(f"{short_name_of(m)} {self._label(row)}" for m, row in rows.items())
        )
        self.update()

    def bounds(self) -> tuple[int, int]:
        """The powers of ten at the ends of the axis, in seconds."""
        totals = [row.seconds_total for row in self.rows.values() if row.seconds_total > 0]
        parts = [row.seconds_measured for row in self.rows.values() if row.seconds_measured > 0]
        if not totals:
            return -4, 2
        low = math.floor(math.log10(min(*totals, *parts)) - 0.2)
        high = math.ceil(math.log10(max(totals)) + 0.05)
        return low, max(high, low + 2)

    def _label(self, row: Contestant) -> str:
        if row.refused:
            return self.tr("refused")
        about = "≈ " if row.extrapolated else ""
        return about + seconds_text(row.seconds_total) if row.seconds_total else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, axis, bars and the legend of their fillings."""
        painter, theme = QPainter(self), self.theme
        roomy = self.height() > px(150)
        high = self.height() >= px(LOW)
        top = px(TITLE) if high else 2.0
        if high:
            title = QRectF(px(NAMES), 0, self.width() - px(NAMES) - px(NUMBER), px(TITLE))
            bold = ui_face(12, QFont.Weight.DemiBold)
            words = self.tr("Seconds for the whole gradient")
            draw_text(painter, title, words, bold, theme.text2, CENTRE)
        area = QRectF(self.rect()).adjusted(
            px(NAMES), top, -px(NUMBER), -px(AXIS) - (px(LEGEND) if roomy else 0)
        )
        if area.width() < 60 or area.height() < 30:
            return
        least, most = self.bounds()
        self._paint_axis(painter, area, least, most)
        shown = [method for method in ORDER if method in self.rows]
        step = area.height() / max(len(shown), 1)
        for number, method in enumerate(shown):
            line = QRectF(0, area.top() + number * step, self.width(), step)
            self._paint_bar(painter, area, line, method, least, most)
        if roomy:
            self._paint_legend(painter)

    def _paint_axis(self, painter: QPainter, area: QRectF, low: int, high: int) -> None:
        theme, face = self.theme, code_face(11)
        step = (
            1
            if area.width() / (high - low) >= px(46)
            else 2
            if area.width() / (high - low) > px(24)
            else 3
        )
        for exponent in range(low, high + 1):
            x = area.left() + (exponent - low) / (high - low) * area.width()
            painter.setPen(QColor(theme.border))
            painter.drawLine(QLineF(x, area.top(), x, area.bottom()))
            if (exponent - low) % step == 0:
                label = QRectF(x - px(30), area.bottom() + 2, px(60), px(AXIS) - 3)
                draw_text(painter, label, _tick(exponent), face, theme.text2, CENTRE)
        painter.setPen(QColor(theme.strong))
        painter.drawLine(QLineF(area.bottomLeft(), area.bottomRight()))

    def _paint_bar(
        self, painter: QPainter, area: QRectF, line: QRectF, method: Method, low: int, high: int
    ) -> None:
        theme, row = self.theme, self.rows[method]
        name = QRectF(0, line.top(), px(NAMES) - 6, line.height())
        draw_text(painter, name, short_name_of(method), ui_face(12), theme.text, RIGHT)
        colour = colour_of(method, theme)

        def x_of(seconds: float) -> float:
            share = (math.log10(max(seconds, 10.0**low)) - low) / (high - low)
            return area.left() + min(share, 1.0) * area.width()

        end = x_of(row.seconds_total) if row.seconds_total > 0 else area.left()
        height = min(max(line.height() * 0.66, 6.0), px(30))
        bar = QRectF(area.left(), line.center().y() - height / 2, end - area.left(), height)
        if row.seconds_total > 0 and not row.extrapolated:
            painter.fillRect(bar, QColor(colour))
        elif row.seconds_total > 0:
            hatch(painter, bar, colour, theme)
            ran = QRectF(bar.left(), bar.bottom() - max(height * 0.3, 2), 0, max(height * 0.3, 2))
            ran.setRight(x_of(row.seconds_measured))
            painter.fillRect(ran, QColor(colour))
        text = QRectF(end + 6, line.top(), self.width() - end - 6, line.height())
        draw_text(painter, text, self._label(row), ui_face(12, QFont.Weight.DemiBold), theme.text)

    def _paint_legend(self, painter: QPainter) -> None:
        theme, face = self.theme, ui_face(11)
        y = self.height() - px(LEGEND) + 4
        painter.fillRect(QRectF(8, y + 2, px(22), px(9)), QColor(theme.text3))
        words = self.tr("measured")
        draw_text(painter, QRectF(px(35), y - 1, px(90), px(15)), words, face, theme.text2)
        left = px(48) + face.width(words)
        hatch(painter, QRectF(left, y + 2, px(22), px(9)), theme.text3, theme)
        words = self.tr("≈ extrapolated; the thin bar is the part that ran")
        room = QRectF(left + px(27), y - 1, self.width() - left - px(30), px(15))
        draw_text(painter, room, words, face, theme.text2)


def _tick(exponent: int) -> str:
    """`1 ms`, `0.1 s`, `10 s`."""
    if exponent < -3:
        return f"{10 ** (exponent + 6)} µs"
    if exponent < -1:
        return f"{10 ** (exponent + 3)} ms"
    return "0.1 s" if exponent == -1 else f"{10**exponent} s"
