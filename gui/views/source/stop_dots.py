"""The operation stops of a pass as dots, a group for each layer."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from engine.debug.snapshots.snapshot import Snapshot
from gui.look.theme import Theme
from gui.look.type_scale import px

_RADIUS, _STEP, _BETWEEN = 2.5, 8, 5  # of a dot; from dot to dot; more between two groups


@dataclass(frozen=True, slots=True)
class StopDots:
    """The dots at a stop.

    Attributes:
        groups: the number of stops in each layer of the pass that has any.
        passed: stops before the cursor.
        here: whether the cursor is at a stop: the one after those.
    """

    groups: tuple[int, ...] = ()
    passed: int = 0
    here: bool = False

    def width(self) -> int:
        """Pixels of all dots."""
        gaps = max(len(self.groups) - 1, 0)
        return px(_STEP) * sum(self.groups) + px(_BETWEEN) * gaps

    def paint(
        self, painter: QPainter, right: float, middle: float, theme: Theme, colour: str
    ) -> None:
        """Draw them: a disc is behind the cursor, the large one at it, a ring still to come."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x, number = right - self.width() + px(_STEP) / 2, 0
        for group in self.groups:
            for _ in range(group):
                now = self.here and number == self.passed
                lit = now or number < self.passed
                radius = px(10 * _RADIUS) / 10 * (1.5 if now else 1)
                painter.setPen(QPen(QColor(colour if lit else theme.text3), 1))
                painter.setBrush(QColor(colour) if lit else Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(x, middle), radius, radius)
                x, number = x + px(_STEP), number + 1
            x += px(_BETWEEN)


def dots_of(snapshot: Snapshot) -> StopDots:
    """The dots of the pass in which the cursor stands."""
    stops, event = snapshot.operation_stops, snapshot.position.event
    phase = snapshot.event.phase
    bands = [
        [stop for stop in stops if band.first <= stop <= band.last]
        for band in snapshot.bands
        if band.phase is phase
    ]
    groups = [band for band in bands if band]
    of_pass = [stop for group in groups for stop in group]
    passed = bisect_left(of_pass, event)
    here = passed < len(of_pass) and of_pass[passed] == event
    return StopDots(tuple(len(group) for group in groups), passed, here)
