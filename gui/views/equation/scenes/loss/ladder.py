"""The way of one score to its probability, a line for each operation that has run."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme, mix
from gui.look.type_scale import px
from gui.paint.text import code_face, draw_text, ui_face
from gui.paint.values import MINUS
from gui.views.equation.scenes.loss.card import Panel
from gui.views.equation.scenes.loss.numbers import STEPS, Judged, Stop, three
from gui.views.equation.scenes.loss.words import four
from gui.views.equation.scenes.words import label_text

LINE, FOOT = 24, 26
_RIGHT = Qt.AlignmentFlag.AlignRight


class Ladder(Panel):
    """The steps of the label's score of the card that is selected."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._judged: Judged | None = None
        self._row = 0
        self._phase = theme.forward

    def show_sample(self, judged: Judged, row: int, phase: str) -> None:
        """Show the steps of a row of the minibatch."""
        self._judged, self._row, self._phase = judged, row, phase
        self.setAccessibleName(self.title())
        steps = ", ".join(f"{name} {value}" for name, value, _ in self.steps())
        self.setAccessibleDescription(f"{steps}, {self._count()}")
        self.update()

    def title(self) -> str:
        """`A score's way`, with the class."""
        assert self._judged is not None
        label = label_text(int(self._judged.labels[self._row]))
        return self.tr("{0}: score to p").format(label)

    def steps(self) -> list[tuple[str, str, bool]]:
        """Each step's name and number, and whether it is the stop's own. Later ones have "…"."""
        judged = self._judged
        assert judged is not None
        found = {
            stop: float(judged.of_label(values)[self._row]) for stop, values in judged.steps.items()
        }
        names = {
            Stop.SCORES: self.tr("z, the score"),
            Stop.SHIFTED: self.tr("z {0} max").format(MINUS),
            Stop.POWERS: self.tr("e = exp(z {0} max)").format(MINUS),
            Stop.SUMS: self.tr("Σ e of the row"),
            Stop.PROBABILITIES: self.tr("p = e ÷ Σ e"),
            Stop.LOG_SUMS: self.tr("log Σ e"),
            Stop.LOGS: self.tr("log p"),
        }
        return [
            (
                name,
                "…" if stop not in found else self._text(stop, found[stop]),
                stop is judged.stop,
            )
            for stop, name in names.items()
        ]

    def _head(self) -> QRectF:
        room = self.inside()
        return QRectF(room.left(), room.top() - px(2), room.width(), px(20))

    def lines(self) -> list[QRectF]:
        """The place of each step, in the order of `steps`."""
        room, top = self.inside(), self._head().bottom() + px(6)
        high = min(px(LINE) * 1.5, (room.bottom() - px(FOOT) - top) / len(STEPS))
        return [QRectF(room.left(), top + n * high, room.width(), high) for n in range(len(STEPS))]

    @staticmethod
    def _text(stop: Stop, value: float) -> str:
        return four(value) if stop in (Stop.POWERS, Stop.SUMS, Stop.PROBABILITIES) else three(value)

    def _count(self) -> str:
        judged = self._judged
        assert judged is not None
        words = self.tr("{0} of {1} guessed right")
        return words.format(judged.right, len(judged.bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the steps, the one of the stop in the pass's colour."""
        judged, theme = self._judged, self.theme
        if judged is None:
            return
        painter = QPainter(self)
        room = self.paint_ground(painter, theme.border, QColor(theme.raised))
        draw_text(painter, self._head(), self.title(), ui_face(13, QFont.Weight.Bold), theme.text)
        bottom, places = room.bottom() - px(FOOT), self.lines()
        size = 11 if places[0].height() < px(19) else 13
        for (name, value, now), place in zip(self.steps(), places, strict=True):
            if now:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(QPen(QColor(self._phase), 1))
                painter.setBrush(mix(self._phase, theme.panel, 0.16))
                painter.drawRoundedRect(place.adjusted(-px(5), 1, px(5), -1), px(4), px(4))
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            ink = theme.text if now else theme.text3 if value == "…" else theme.text2
            draw_text(painter, place, name, ui_face(size), ink)
            weight = QFont.Weight.Bold if now else QFont.Weight.Normal
            draw_text(painter, place, value, code_face(size, weight), ink, _RIGHT)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawLine(QLineF(room.left(), bottom + 0.5, room.right(), bottom + 0.5))
        foot = QRectF(room.left(), bottom + px(4), room.width(), px(20))
        draw_text(painter, foot, self._count(), ui_face(12), theme.text2)
