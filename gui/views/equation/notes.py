"""The notes on colour scales beneath the arrays of an equation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtWidgets import QWidget

from gui.look.theme import Theme
from gui.paint.scale_words import use_text
from gui.paint.scales import Coloured
from gui.views.equation.arrange import PartPlace
from gui.views.equation.block_scales import BlockScales
from gui.views.equation.picture.parts import Block
from gui.widgets.scale_note import BRIEFEST, ScaleLine, spread


class ScaleNotes(QObject):
    """Makes the notes on a canvas, and places them clear of its arrays.

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
        """The visible notes."""
        return [line for line in self._lines if not line.isHidden()]

    def show_beneath(
        self,
        arrays: Sequence[Coloured],
        scales: BlockScales,
        places: Sequence[PartPlace],
        theme: Theme,
    ) -> None:
        """Show a note beneath each array whose scale was widened or hides values.

        `places` are the places of all parts, and `scales` has the keys of their blocks.
        """
        place_by_key = {scales.key(place.part): place for place in reversed(places)
               if isinstance(place.part, Block)}  # fmt: skip
        noted = [(array, place_by_key[array.key]) for array in arrays if use_text(array.shown)]
        noted.sort(key=lambda pair: pair[1].cells.left())
        while len(self._lines) < len(noted):
            self._make_line()
        lines = self._lines[: len(noted)]
        room = self._canvas.width()
        for brevity in range(BRIEFEST + 1):
            for line, (array, _) in zip(lines, noted, strict=True):
                line.say(array, theme, brevity)
            if sum(line.width() for line in lines) <= room:
                break
        wanted = [(place.cells.center().x(), float(line.width()))
                  for line, (_, place) in zip(lines, noted, strict=True)]  # fmt: skip
        for line, (_, place), left in zip(lines, noted, spread(wanted, room), strict=True):
            line.move(self._place(line, place, left, places).topLeft().toPoint())
        for line in self._lines:
            line.setVisible(line in lines)

    def _make_line(self) -> None:
        line = ScaleLine(self._canvas)
        line.back_asked.connect(self.back_asked)
        line.rescale_asked.connect(self.rescale_asked)
        # A note is made late; without this, Tab would reach it last in the window.
        before = self._lines[-1].link() if self._lines else self._canvas
        QWidget.setTabOrder(before, line.link())
        self._lines.append(line)

    def _place(
        self, line: ScaleLine, array_place: PartPlace, left: float, places: Sequence[PartPlace]
    ) -> QRectF:
        """Place a note beneath its array, or beneath all arrays where it would lie on another."""
        box = QRectF(left, array_place.rect.bottom(), line.width(), line.height())
        aside = abs(box.center().x() - array_place.cells.center().x()) > 4
        if aside or any(box.intersects(place.rect) for place in places if place is not array_place):
            box.moveTop(max(place.rect.bottom() for place in places))
        box.moveTop(min(box.top(), self._canvas.height() - box.height()))
        return box
