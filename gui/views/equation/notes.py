"""The notes on colour scales beneath the arrays of an equation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.paint.scales import Coloured
from gui.views.equation.arrange import Place
from gui.widgets.scale_note import BRIEFEST, ScaleLine, spread


class ScaleNotes(QObject):
    """Makes the lines on a canvas, and places them clear of its arrays.

    Signals:
        rescale_asked, back_asked: the key of a scale.
    """

    rescale_asked = Signal(str)
    back_asked = Signal(str)

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._lines: list[ScaleLine] = []

    def lines(self) -> list[ScaleLine]:
        """The visible lines."""
        return [line for line in self._lines if not line.isHidden()]

    def show_beneath(
        self,
        told: Sequence[tuple[Coloured, Place]],
        places: Sequence[Place],
        theme: Theme,
    ) -> None:
        """Show notes on these arrays only, each beneath its place among all `places`."""
        told = sorted(told, key=lambda one: one[1].cells.left())
        while len(self._lines) < len(told):
            self._make_line()
        lines = self._lines[: len(told)]
        room = self._canvas.width()
        for brevity in range(BRIEFEST + 1):
            for line, (one, _) in zip(lines, told, strict=True):
                line.say(one, theme, brevity)
            if sum(line.width() for line in lines) <= room:
                break
        wanted = [(own.cells.center().x(), float(line.width()))
                  for line, (_, own) in zip(lines, told, strict=True)]  # fmt: skip
        for line, (_, own), left in zip(lines, told, spread(wanted, room), strict=True):
            line.move(self._place(line, own, left, places).topLeft().toPoint())
        for line in self._lines:
            line.setVisible(line in lines)

    def _make_line(self) -> None:
        line = ScaleLine(self._canvas)
        line.back_asked.connect(self.back_asked)
        line.rescale_asked.connect(self.rescale_asked)
        # Made late, it would else come after everything else in the window.
        before = self._lines[-1].link() if self._lines else self._canvas
        QWidget.setTabOrder(before, line.link())
        self._lines.append(line)

    def _place(self, line: ScaleLine, own: Place, left: float, places: Sequence[Place]) -> QRectF:
        """Beneath its array; or beneath all, where it is not in line with it or lies on another."""
        box = QRectF(left, own.rect.bottom(), line.width(), line.height())
        aside = abs(box.center().x() - own.cells.center().x()) > 4
        if aside or any(box.intersects(place.rect) for place in places if place is not own):
            box.moveTop(max(place.rect.bottom() for place in places))
        box.moveTop(min(box.top(), self._canvas.height() - box.height()))
        return box
